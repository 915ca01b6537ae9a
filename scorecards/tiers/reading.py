"""What partners have of what a program asks for, read for many at once: as many statements for ten thousand as for one.

A partner counts with its branches: their amounts, values and people are its own as well.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from partners.models import Certification
from pipeline.models import Metric, MetricValue
from prm.common.explain import Figure
from prm.common.fiscal import FiscalCalendar
from prm.common.money import Money, NoRate, Rates
from prm.common.vendor import rates, vendor_settings
from scorecards.tiers import stored, windows
from scorecards.tiers.computed import COMPUTED
from scorecards.tiers.document import level_key
from scorecards.tiers.people import Person
from scorecards.tiers.program import Aggregate, Program, Source
from scorecards.tiers.qualifying import Facts
from scorecards.tiers.values import computed

Families = Mapping[int, Sequence[int]]


@dataclass(frozen=True)
class Circumstances:
    """What all reads of a day share."""

    day: dt.date
    calendar: FiscalCalendar
    rates: Rates
    explain: bool


def facts(
    partners: Collection[int], programs: Iterable[Program], day: dt.date, *, explain: bool = False
) -> dict[int, Facts]:
    """What each of these partners (ids) has on `day` of what the programs look at. With `explain` every figure can say how
    it came about; without, for many partners, it is a number."""
    settings = vendor_settings()
    about = Circumstances(day, FiscalCalendar(settings.fiscal_start_month), rates(settings), explain)
    families = families_of(partners)
    programs = list(programs)
    sources = frozenset().union(*(program.sources() for program in programs)) if programs else frozenset()
    certificates = frozenset().union(*(program.certificate_keys() for program in programs)) if programs else frozenset()
    metrics: dict[int, dict[Source, Figure]] = defaultdict(dict)
    kept = [source for source in sources if source.metric not in COMPUTED]
    own = [source for source in sources if source.metric in COMPUTED]
    for source, by_partner in (*_stored(kept, families, about), *computed(own, families, about)):
        for partner, figure in by_partner.items():
            metrics[partner][source] = figure
    people, held = _holders(certificates, families, day)
    return {pk: Facts(metrics[pk], tuple(people.get(pk, ())), tuple(held.get(pk, ()))) for pk in partners}


def families_of(partners: Collection[int]) -> dict[int, list[int]]:
    """Of each partner itself, first, and its branches, theirs and so on."""
    found: dict[int, list[int]] = {pk: [] for pk in partners}
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH RECURSIVE family AS (
                 SELECT id AS top, id, 0 AS depth FROM partners_partner WHERE id = ANY(%s)
                 UNION SELECT f.top, p.id, f.depth + 1 FROM family f JOIN partners_partner p ON p.parent_id = f.id)
               SELECT top, id FROM family ORDER BY top, depth, id""",
            [list(partners)],
        )
        for top, member in cursor.fetchall():
            found[top].append(member)
    return found


def tops_of(families: Families) -> dict[int, list[int]]:
    """Of each member the partners it counts for."""
    tops: dict[int, list[int]] = defaultdict(list)
    for top, members in families.items():
        for member in members:
            tops[member].append(top)
    return tops


# ── Metrics kept elsewhere ───────────────────────────────────────────────────────────────────────────────────────────


def _stored(
    sources: Iterable[Source], families: Families, about: Circumstances
) -> list[tuple[Source, dict[int, Figure]]]:
    by_rows: dict[tuple[str, str, bool], list[Source]] = defaultdict(list)
    for source in sorted(sources, key=lambda each: (each.metric, each.window, each.aggregate)):
        by_rows[source.metric, source.window, source.aggregate is Aggregate.LATEST].append(source)
    known = (
        {metric.key: metric for metric in Metric.objects.filter(key__in={source.metric for source in sources})}
        if by_rows
        else {}
    )
    found: list[tuple[Source, dict[int, Figure]]] = []
    for (key, window, only_latest), alike in by_rows.items():
        metric = known.get(key)
        if metric is None:
            gone = Figure(reason=_("There is no metric “%(key)s” any more.") % {"key": key})
            found += [(source, dict.fromkeys(families, gone)) for source in alike]
            continue
        first, last = windows.days(window, about.day, about.calendar)
        rows = _values(metric, families, first, last, about.rates, only_latest=only_latest)
        for source in alike:
            asked = stored.Asked(
                metric.name, source.aggregate, first, last, _unit(metric, about.rates), metric.unit == Metric.Unit.MONEY
            )
            found.append((source, _figures(asked, families, rows, about.explain)))
    return found


def _figures(
    asked: stored.Asked, families: Families, rows: Mapping[int, list[stored.Value]], explain: bool
) -> dict[int, Figure]:
    empty: Figure | None = None
    found = {}
    for top in families:
        values = rows.get(top)
        if not values and not explain:  # the same for thousands
            empty = empty or stored.figure(asked, top, [], explain=False)
            found[top] = empty
        else:
            found[top] = stored.figure(asked, top, values or [], explain=explain)
    return found


def _values(
    metric: Metric, families: Families, first: dt.date | None, last: dt.date, table: Rates, *, only_latest: bool
) -> dict[int, list[stored.Value]]:
    """The metric's values of the days by family, in the order of days; of a member only the last where that is enough."""
    tops = tops_of(families)
    values = MetricValue.objects.unscoped("of partners the caller has scoped, and their branches")
    values = values.filter(metric=metric, on__lte=last, partner__in=list(tops))
    if first is not None:
        values = values.filter(on__gte=first)
    if only_latest:
        values = values.order_by("partner_id", "-on", "-id").distinct("partner_id")
    else:
        values = values.order_by("on", "id")
    found: dict[int, list[stored.Value]] = defaultdict(list)
    is_money = metric.unit == Metric.Unit.MONEY
    for partner, on, amount, currency in values.values_list("partner_id", "on", "value", "currency"):
        value = _converted(partner, on, amount, currency, table) if is_money else stored.Value(partner, on, amount)
        for top in tops[partner]:
            found[top].append(value)
    return found


def _converted(partner: int, on: dt.date, amount: Decimal, currency: str, table: Rates) -> stored.Value:
    try:
        return stored.Value(partner, on, table.convert(Money(amount, currency or table.reporting), on).amount)
    except NoRate:
        return stored.Value(partner, on, amount, lack=no_rate(currency, on))


def no_rate(currency: str, on: dt.date) -> str:
    words = {"currency": currency, "date": date_format(on, "DATE_FORMAT")}
    return _("No exchange rate: %(currency)s on %(date)s") % words


def _unit(metric: Metric, table: Rates) -> str:
    return {"money": table.reporting, "percent": "%"}.get(metric.unit, "")


# ── People ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _holders(
    keys: Collection[str], families: Families, day: dt.date
) -> tuple[dict[int, list[Person]], dict[int, list[Person]]]:
    """By partner the people with a certificate valid on the day (and what they hold), and the certificates of its own."""
    people: dict[int, list[Person]] = {}
    own: dict[int, list[Person]] = {}
    if not keys:
        return people, own
    tops = tops_of(families)
    by_person: dict[int, dict[Any, set[str]]] = defaultdict(lambda: defaultdict(set))
    by_certificate: dict[int, dict[Any, set[str]]] = defaultdict(lambda: defaultdict(set))
    for partner, contact, key, level in valid_certifications(day, keys, list(tops)):
        held = {key, f"{key}:{level_key(level)}"} if level else {key}
        for top in tops[partner]:
            (by_certificate[top][key] if contact is None else by_person[top][contact]).update(held)
    for found, grouped in ((people, by_person), (own, by_certificate)):
        for top, holders in grouped.items():
            found[top] = [Person(each, frozenset(certificates)) for each, certificates in holders.items()]
    return people, own


def valid_certifications(
    day: dt.date, keys: Collection[str], partners: Collection[int]
) -> Iterable[tuple[int, int | None, str, str]]:
    """(partner, contact or None for the partner itself, certificate's key, level) of those earned on or before the day that
    expire after it or never."""
    rows = Certification.objects.unscoped("of partners the caller has scoped, and their branches")
    rows = rows.filter(certificate__key__in=keys, partner__in=partners, earned_on__lte=day)
    rows = rows.exclude(expires_on__lte=day).order_by("partner_id", "contact_id", "id")
    return rows.values_list("partner_id", "contact_id", "certificate__key", "level")
