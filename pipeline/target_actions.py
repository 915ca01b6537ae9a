"""Setting targets: by hand, and for many partners from what they sold the year before."""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from partners.models import Partner
from pipeline import queries, targets
from pipeline.events import TargetsChanged
from pipeline.models import TargetMonth, TargetVersion
from pipeline.policies import actuals_on, weights_for
from prm.common import audit, events
from prm.common.currencies import MINOR_UNITS
from prm.common.fiscal import FiscalYear, Month, Period
from prm.common.money import NoRate
from prm.common.vendor import fiscal_calendar, rates, today

MOST = Decimal(10) ** 14  # what the table holds
CHUNK = 500
YEARS = (1990, 2100)

audit.VERBS.update({"targets.set": gettext_lazy("Targets set"), "targets.generated": gettext_lazy("Targets generated")})


class OtherTargets(ValidationError):
    """Somebody set targets of this partner and metric since the person began."""


@transaction.atomic
def set_targets(
    *,
    by: User,
    partner: Partner,
    metric: str,
    periods: Mapping[Period, Decimal],
    currency: str = "",
    note: str = "",
    source: str = targets.OPERATIONS,
    seen: int | None = None,
) -> TargetVersion:
    """A new version of a partner's targets for a metric: years and quarters are spread over their months by the seasons.

    `seen`: the newest version's id when the person began, 0 for none; OtherTargets where there is a newer one. Raises
    ValidationError by field: "metric", "currency", "periods".
    """
    _lock([partner.pk])
    if seen is not None and (newest := newest_version(partner, metric)) and newest.pk != seen:
        raise OtherTargets(
            _(
                "%(who)s set targets while you were typing, on %(day)s. Look at them first; saved again, yours replace them."
            )
            % {
                "who": newest.created_by or _("Somebody"),
                "day": date_format(newest.created_at, "SHORT_DATETIME_FORMAT"),
            }
        )
    _check(metric, currency, periods)
    months = _by_month(periods, currency)
    version = _new(
        by, partner.pk, metric, source, _last_numbers([partner.pk], metric, source).get(partner.pk, 0) + 1, months
    )
    version.note = note
    version.full_clean(exclude={"created_by"})
    version.save()
    TargetMonth.objects.bulk_create(_rows(version, months, currency))
    changes = {period.label: [None, f"{value:f} {currency}".strip()] for period, value in periods.items()}
    audit.record(by=by, verb="targets.set", target=version, changes=changes, note=note)
    events.send(TargetsChanged((partner.pk,)))
    return version


def newest_version(partner: Partner, metric: str) -> TargetVersion | None:
    """The latest version of this partner's targets, whatever its source."""
    rows = TargetVersion.objects.unscoped("of one partner").filter(partner=partner, metric=metric)
    return rows.select_related("created_by").order_by("-pk").first()


def _check(metric: str, currency: str, periods: Mapping[Period, Decimal]) -> None:
    measure = queries.measures().get(metric)
    if measure is None:
        raise ValidationError({"metric": _("There is no such metric.")})
    if measure.money and currency not in MINOR_UNITS:
        raise ValidationError({"currency": _("Say which currency this is in.")})
    if not measure.money and currency:
        raise ValidationError({"currency": _("This metric is not money: leave the currency empty.")})
    if not periods:
        raise ValidationError({"periods": _("Enter a target for one period at least.")})
    places = queries.places(currency)
    for period, value in periods.items():
        if not YEARS[0] <= period.start.year <= YEARS[1]:
            raise ValidationError({"periods": _("%(period)s is out of reach.") % {"period": period.label}})
        if not value.is_finite() or value < 0:
            raise ValidationError({"periods": _("A target is never negative.")})
        if value >= MOST:
            raise ValidationError({"periods": _("This is more than can be kept.")})
        if value != round(value, places):
            raise ValidationError({"periods": _("At most %(n)s decimals.") % {"n": places}})


def _by_month(periods: Mapping[Period, Decimal], currency: str) -> dict[Month, Decimal]:
    calendar, day = fiscal_calendar(), today()
    months: dict[Month, Decimal] = {}
    for period, value in periods.items():
        weights = weights_for(calendar.year_of(period.start), day)
        spread = targets.spread_period(value, period, weights, queries.places(currency), calendar.start_month)
        if twice := months.keys() & spread.keys():
            raise ValidationError({"periods": _("%(month)s is in two of the periods.") % {"month": min(twice).label}})
        months |= spread
    return dict(sorted(months.items()))


def _lock(partner_ids: Sequence[int]) -> None:
    """Two setting targets of one partner: one after the other, so that each version has its number."""
    rows = Partner.objects.unscoped("the caller may see them").filter(pk__in=partner_ids).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def _last_numbers(partner_ids: Sequence[int], metric: str, source: str) -> dict[int, int]:
    rows = TargetVersion.objects.unscoped("of partners the caller may see").filter(
        partner__in=partner_ids, metric=metric, source=source
    )
    return dict(rows.order_by().values_list("partner_id").annotate(last=Max("number")))


def _new(
    by: User, partner_id: int, metric: str, source: str, number: int, months: Mapping[Month, Decimal]
) -> TargetVersion:
    return TargetVersion(
        partner_id=partner_id, metric=metric, source=source, number=number, first_month=min(months).start, created_by=by
    )


def _rows(version: TargetVersion, months: Mapping[Month, Decimal], currency: str) -> Iterator[TargetMonth]:
    for month, value in months.items():
        yield TargetMonth(version=version, month=month.start, value=value, currency=currency)


# ── For many, from the year before ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Proposal:
    """What would become a partner's revenue targets of a year, in the reporting currency; `why_not` where nothing would."""

    partner_id: int
    before: Decimal
    months: Mapping[Month, Decimal]
    why_not: str = ""
    lack: NoRate | None = None

    @property
    def total(self) -> Decimal:
        return sum(self.months.values(), Decimal(0))


NOTHING_SOLD, HAS_TARGETS, NO_RATE = "nothing_sold", "has_targets", "no_rate"


def propose(
    partner_ids: Sequence[int], year: FiscalYear, factor: Decimal, *, keep: bool, day: dt.date
) -> Iterator[Proposal]:
    """For each of these partners the targets of `year`: each quarter of the year before × `factor`, spread by the seasons.

    `keep`: partners that have revenue targets in that year already get none.
    """
    table = rates()
    weights, actuals = weights_for(year, day), actuals_on(day)
    places = queries.places(table.reporting)
    before = year.previous
    for ids in _in_pieces(partner_ids):
        sold = queries.sold(ids, before.start, before.end, actuals=actuals, rates=table)
        has = _with_targets(ids, year) if keep else set()
        for pk in ids:
            found = sold.get(pk, queries.Sold())
            total = sum(found.months.values(), Decimal(0))
            months = targets.generated_from_prior_year(
                found.months, year, factor=factor, weights=weights, places=places
            )
            if pk in has:
                yield Proposal(pk, total, {}, HAS_TARGETS)
            elif found.lacking:
                yield Proposal(pk, total, {}, NO_RATE, found.lacking[0])
            else:
                yield Proposal(pk, total, months, "" if months else NOTHING_SOLD)


def _in_pieces(partner_ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(partner_ids), CHUNK):
        yield partner_ids[start : start + CHUNK]


def _with_targets(partner_ids: Sequence[int], year: FiscalYear) -> set[int]:
    rows = TargetMonth.objects.unscoped("of partners the caller has scoped").filter(
        version__partner__in=partner_ids, version__metric=targets.REVENUE, month__range=(year.start, year.end)
    )
    return set(rows.order_by().values_list("version__partner_id", flat=True).distinct())


def _unwatched(done: int, total: int) -> None:
    """Nobody is told how far the work is that is done at once."""


@transaction.atomic
def generate_targets(
    *,
    by: User,
    partner_ids: Sequence[int],
    year: FiscalYear,
    factor: Decimal,
    keep: bool,
    progress: Callable[[int, int], None] = _unwatched,
) -> int:
    """Sets what `propose` says, marked as generated; returns how many partners got targets."""
    currency, day = rates().reporting, today()
    note = _("%(year)s × %(factor)s") % {"year": year.previous.label, "factor": f"{factor.normalize():f}"}
    done = set_for = 0
    for ids in _in_pieces(partner_ids):
        progress(done, len(partner_ids))
        _lock(ids)
        numbers = _last_numbers(ids, targets.REVENUE, targets.OPERATIONS)
        proposals = [found for found in propose(ids, year, factor, keep=keep, day=day) if found.months]
        versions = []
        for found in proposals:
            number = numbers.get(found.partner_id, 0) + 1
            version = _new(by, found.partner_id, targets.REVENUE, targets.OPERATIONS, number, found.months)
            version.generated, version.note = True, note
            versions.append(version)
        TargetVersion.objects.bulk_create(versions)
        months = [
            row
            for version, found in zip(versions, proposals, strict=True)
            for row in _rows(version, found.months, currency)
        ]
        TargetMonth.objects.bulk_create(months, batch_size=2000)
        changes = [
            (version, {year.label: [None, f"{found.total:f} {currency}"]})
            for version, found in zip(versions, proposals, strict=True)
        ]
        audit.record_many(by=by, verb="targets.generated", changes=changes, note=note)
        if versions:
            events.send(TargetsChanged(tuple(version.partner_id for version in versions)))
        done += len(ids)
        set_for += len(versions)
    return set_for
