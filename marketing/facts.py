"""Facts of marketing, by partner and month, for roll-ups; see `partners.facts`.

marketing.mgo.planned    MGOs of approved activities, spread equally over the calendar months their days touch
marketing.mgo.delivered  MGOs that came from a partner's activities, in the month they were qualified (deals without a lead: created)
marketing.budget         cost of approved activities, whoever pays, spread like their MGOs
marketing.cost, .revenue of verified activities, in the month they ended; .left those of approved ones that ended without being verified

Amounts are in the reporting currency at the rate of the plan's first day, so that what was planned and what came of it are
measured alike; what has no rate keeps its own currency.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.db.models.functions import TruncMonth

from marketing import reading, waterfall
from marketing.attribution import mgo_of_lead, without_lead
from marketing.events import ActivityVerified, AttributionChanged, MarketingChanged
from marketing.models import Activity, ActivityResult, Attribution, MarketingPlan
from partners.facts import FactRow, source
from planning.forecast.rows import rounded
from prm.common.events import Event
from prm.common.money import Money, NoRate, Rates
from prm.common.vendor import rates, today, vendor_settings

PLANNED, DELIVERED, BUDGET = "marketing.mgo.planned", "marketing.mgo.delivered", "marketing.budget"
COST, REVENUE, LEFT = "marketing.cost", "marketing.revenue", "marketing.left"
PLACES = 6
WHY = "facts of these partners"

Sums = dict[tuple[int, dt.date, str], Fraction]
Spans = dict[
    tuple[int, str, tuple[dt.date, ...]], Fraction
]  # by partner, currency and the months something is spread over


def _partners(event: MarketingChanged | AttributionChanged) -> tuple[int, ...]:
    return event.partner_ids


def _partner(event: ActivityVerified) -> tuple[int, ...]:
    return (event.partner_id,)


CHANGED: dict[type[Event], Any] = {MarketingChanged: _partners, ActivityVerified: _partner}


def approved(partner_ids: Iterable[int]) -> Any:
    """The approved activities of these partners, of plans that are approved, whatever became of them."""
    return Activity.objects.unscoped(WHY).filter(
        plan__partner__in=list(partner_ids), plan__state__in=MarketingPlan.GOOD, decision__in=Activity.APPROVED
    )


def _rows(sums: Sums, since: dt.date | None) -> Iterator[FactRow]:
    for (pk, month, currency), value in sums.items():
        amount = rounded(value, PLACES)
        if amount and (since is None or month >= since):
            yield pk, month, amount, currency


@source(PLANNED, on=CHANGED)
def planned(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
    spans: Spans = defaultdict(Fraction)
    rows = approved(partner_ids).select_related("plan").prefetch_related("budget").order_by("pk")
    for activity in rows:
        mgos = waterfall.of(reading.planned(activity)).stages["mgos"].value
        spans[_span(activity, "")] += mgos or Fraction()
    return _rows(_spread(spans), since)


@source(BUDGET, on=CHANGED)
def budget(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
    spans: Spans = defaultdict(Fraction)
    table, settings = rates(), vendor_settings()
    rows = approved(partner_ids).select_related("plan").prefetch_related("budget").order_by("pk")
    for activity in rows:
        amount, currency = in_reporting(reading.cost(activity), activity.plan, table, settings.reporting_currency)
        spans[_span(activity, currency)] += amount
    return _rows(_spread(spans), since)


def _span(activity: Activity, currency: str) -> tuple[int, str, tuple[dt.date, ...]]:
    months = waterfall.months_between(activity.starts_on, activity.ends_on)
    return activity.plan.partner_id, currency, tuple(month.start for month in months)


def _spread(spans: Spans) -> Sums:
    """Equally over the months. What is spread up to a month is rounded, not each month's part, so that the months come to the whole."""
    sums: Sums = defaultdict(Fraction)
    for (pk, currency, months), value in spans.items():
        before = Fraction()
        for number, month in enumerate(months, 1):
            upto = Fraction(rounded(value * number / len(months), PLACES))
            sums[pk, month, currency] += upto - before
            before = upto
    return sums


def in_reporting(amount: Decimal, plan: MarketingPlan, table: Rates, reporting: str) -> tuple[Fraction, str]:
    """An amount of a plan at the rate of its first day, in the reporting currency; as it is where there is none."""
    try:
        return Fraction(table.convert(Money(amount, plan.currency), plan.starts_on).amount), reporting
    except NoRate:
        return Fraction(amount), plan.currency


@source(DELIVERED, on={AttributionChanged: _partners})
def delivered(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
    zone = ZoneInfo(vendor_settings().time_zone)
    rows = Attribution.objects.unscoped(WHY).filter(activity__plan__partner__in=partner_ids).order_by()
    of_leads = rows.filter(mgo_of_lead(), lead__qualified_at__isnull=False)
    by_lead = of_leads.annotate(month=TruncMonth("lead__qualified_at", tzinfo=zone))
    by_deal = without_lead(rows).annotate(month=TruncMonth("deal__created_on"))
    sums: Sums = defaultdict(Fraction)
    for found in (by_lead, by_deal):
        for pk, month, number in found.values_list("activity__plan__partner", "month").annotate(n=Count("pk")):
            sums[pk, month.date() if isinstance(month, dt.datetime) else month, ""] += number
    return _rows(sums, since)


def _verified(partner_ids: list[int], since: dt.date | None, name: str) -> Iterator[FactRow]:
    sums: Sums = defaultdict(Fraction)
    table, settings = rates(), vendor_settings()
    rows = ActivityResult.objects.unscoped(WHY).filter(
        activity__plan__partner__in=partner_ids, state=ActivityResult.State.VERIFIED
    )
    for row in rows.select_related("activity__plan").order_by("pk"):
        plan = row.activity.plan
        amount, currency = in_reporting(getattr(row, name), plan, table, settings.reporting_currency)
        sums[plan.partner_id, row.activity.ends_on.replace(day=1), currency] += amount
    return _rows(sums, since)


@source(COST, on=CHANGED)
def cost(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
    return _verified(partner_ids, since, "cost")


@source(REVENUE, on=CHANGED)
def revenue(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
    return _verified(partner_ids, since, "revenue")


@source(LEFT, on=CHANGED)
def left(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
    """How many approved activities ended in a month and aren't verified; a day passes at night, with the rebuild."""
    rows = approved(partner_ids).exclude(state=Activity.State.VERIFIED).filter(ends_on__lt=today()).order_by()
    sums: Sums = defaultdict(Fraction)
    for pk, on in rows.values_list("plan__partner", "ends_on"):
        sums[pk, on.replace(day=1), ""] += 1
    return _rows(sums, since)
