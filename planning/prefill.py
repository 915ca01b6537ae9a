"""What a new plan starts from: the partner's plan in force; else what partners like it committed to, and the benchmarks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from partners.models import Partner
from pipeline.models import ProductLine
from planning import document, reading
from planning.document import Invalid, Plan
from planning.medians import FEWEST, converted, merged, of_plans
from planning.models import BusinessPlan, PlanBenchmark
from prm.common.fiscal import Month
from prm.common.money import NoRate, Rates
from prm.common.vendor import rates, today

Size = PlanBenchmark.Size
MEDIUM_FROM, LARGE_FROM = 50, 250  # employees
NEWEST = 200  # plans that medians are taken of, at most
LAST_PLAN, OWN, BENCHMARK, NOTHING = "last_plan", "own", "benchmark", "nothing"
WORDS = {
    LAST_PLAN: _("Filled in from the plan in force"),
    OWN: _("Filled in from what partners like this one committed to"),
    BENCHMARK: _("Filled in from benchmarks"),
    NOTHING: _("Begun empty"),
}


@dataclass(frozen=True)
class Begun:
    """What a plan begins with. `source`: LAST_PLAN, OWN (medians of partners like this one), BENCHMARK or NOTHING."""

    plan: Plan
    first_month: dt.date
    currency: str
    scenario: str
    source: str


def size_of(employees: int | None) -> str:
    """The size of a partner by its employees; "" where they aren't known."""
    if employees is None:
        return ""
    if employees < MEDIUM_FROM:
        return Size.SMALL.value
    return Size.MEDIUM.value if employees < LARGE_FROM else Size.LARGE.value


def for_partner(partner: Partner, last: BusinessPlan | None) -> Begun:
    """What this partner's next plan begins with; `last` is its plan in force.

    The next version of a plan goes on from its own first month, where a plan may still begin there; a first plan, and one
    whose time has passed, begins next month.
    """
    now = today()
    following = Month(now.year, now.month).next
    if last is not None:
        kept = last.first_month >= following.shift(-13).start
        first = last.first_month if kept else following.start
        return Begun(reading.read(last), first, last.currency, last.scenario, LAST_PLAN)
    table = rates()
    plan, source = proposed(partner.partner_type_id, size_of(partner.employees), table, now, without=partner.pk)
    return Begun(plan, following.start, table.reporting, BusinessPlan.Scenario.BASE.value, source)


def proposed(type_id: int, size: str, table: Rates, day: dt.date, *, without: int | None = None) -> tuple[Plan, str]:
    """What a partner of this type and size begins with, in the reporting currency, and where it is from.

    Medians of what such partners committed to go before the benchmarks, a more specific benchmark before a less specific one;
    product lines that only a later one has are added. What is in a currency without a rate is left out.
    """
    products = dict(ProductLine.objects.values_list("pk", "name"))
    own = of_plans(_committed(type_id, size, table, day, without), reading.places(table.reporting), products)
    benchmarks = list(_benchmarks(type_id, size, table, day))
    source = OWN if own else BENCHMARK if benchmarks else NOTHING
    content = _without_gone_products(merged([*([own] if own else []), *benchmarks]))
    try:
        return document.read(content, reading.places(table.reporting)), source
    except Invalid:  # converted it may have become too large to be kept
        return Plan(), NOTHING


def line_of(partner: Partner, product: int, currency: str) -> dict[str, Any] | None:
    """What a vendor's product line begins with in a plan of this partner in `currency`; None where nothing is known of it.

    Amounts are converted at today's rate, and nothing (0) where there is none.
    """
    table, day = rates(), today()
    plan, _source = proposed(partner.partner_type_id, size_of(partner.employees), table, day, without=partner.pk)
    content = document.write(plan)
    if currency != table.reporting:
        try:
            rate = 1 / table.rate(currency, day)
        except NoRate:
            rate = Decimal(0)
        content = converted(content, rate, reading.places(currency))
    return next((row for row in content["lines"] if row["product"] == product), None)


def benchmark_layers(type_id: int | None, size: str) -> list[PlanBenchmark]:
    """The benchmarks that hold for a type and size, the most specific first."""
    steps = [(type_id, size), (type_id, ""), (None, size), (None, "")]
    rows = PlanBenchmark.objects.filter(Q(partner_type=type_id) | Q(partner_type=None), size__in={size, ""})
    found = {(row.partner_type_id, row.size): row for row in rows}
    return [found[step] for step in dict.fromkeys(steps) if step in found]


def _benchmarks(type_id: int, size: str, table: Rates, day: dt.date) -> Iterator[dict[str, Any]]:
    for row in benchmark_layers(type_id, size):
        content = _in_reporting(row.content, row.currency, table, day)
        if content is not None:
            yield content


def _committed(type_id: int, size: str, table: Rates, day: dt.date, without: int | None) -> Sequence[Mapping[str, Any]]:
    """The documents of the plans in force of other partners like it, in the reporting currency; none where they are too few."""
    rows = BusinessPlan.objects.unscoped("only medians of five and more partners are shown").filter(
        status=BusinessPlan.Status.COMMITTED, partner__partner_type=type_id
    )
    if size:
        rows = rows.filter(_of_size(size))
    rows = rows.exclude(partner=without).order_by("-committed_at", "-pk").values_list("content", "currency")
    found = [_in_reporting(content, currency, table, day) for content, currency in rows[:NEWEST]]
    known = [content for content in found if content is not None]
    return known if len(known) >= FEWEST else []


def _of_size(size: str) -> Q:
    if size == Size.SMALL:
        return Q(partner__employees__lt=MEDIUM_FROM)
    if size == Size.MEDIUM:
        return Q(partner__employees__gte=MEDIUM_FROM, partner__employees__lt=LARGE_FROM)
    return Q(partner__employees__gte=LARGE_FROM)


def _in_reporting(content: Mapping[str, Any], currency: str, table: Rates, day: dt.date) -> dict[str, Any] | None:
    try:
        rate = table.rate(currency, day)
    except NoRate:
        return None
    return converted(content, rate, reading.places(table.reporting) if rate != 1 else None)


def _without_gone_products(content: dict[str, Any]) -> dict[str, Any]:
    wanted = {row.get("product") for row in content.get("lines", [])} - {None}
    there = set(ProductLine.objects.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else set()
    for row in content.get("lines", []):
        if row.get("product") not in there:
            row["product"] = None
    return content
