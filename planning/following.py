"""Reads what became of a committed plan: its months, and the partner's actuals as the performance scorecard reads them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncMonth

from accounts.models import User
from pipeline import queries as sales
from pipeline.models import DealShare
from pipeline.policies import actuals_on
from planning.models import BusinessPlan, PlanMonth, Reforecast
from planning.tracking import Amounts, Track, track
from prm.common.fiscal import Month
from prm.common.vendor import rates, today


def fixed(user: User) -> QuerySet[BusinessPlan]:
    """The plans that are or were in force, of those the user may see: what can be followed."""
    rows: QuerySet[BusinessPlan] = BusinessPlan.objects.visible_to(user).filter(status__in=BusinessPlan.FIXED)
    return rows.select_related("partner", "partner__cam")


def follow(plan: BusinessPlan, day: dt.date | None = None) -> Track:
    """A committed plan the caller may see against its partner's actuals, in the reporting currency, up to `day` (None: today)."""
    day = day or today()
    rows = PlanMonth.objects.unscoped("of a plan the caller may see").filter(plan=plan).order_by("month")
    months = [
        (Month(month.year, month.month), Amounts(revenue, deals))
        for month, revenue, deals in rows.values_list("month", "revenue_reporting", "deals")
    ]
    return track(months, _actuals(plan.partner_id, months[0][0].start, day) if months else {}, day)


def _actuals(partner: int, first: dt.date, day: dt.date) -> dict[Month, Amounts]:
    """By month from `first` to `day`: what was sold, and how many deals with a share of the partner's were won."""
    found: dict[Month, Amounts] = defaultdict(Amounts)
    if day < first:
        return found
    sold = sales.sold([partner], first, day, actuals=actuals_on(day), rates=rates()).get(partner, sales.Sold())
    for month, revenue in sold.months.items():
        found[month] += Amounts(revenue)
    for lack in sold.lacking:
        found[Month(lack.on.year, lack.on.month)] += Amounts(None, lack=lack.currency)
    for on, count in _won(partner, first, day):
        found[Month(on.year, on.month)] += Amounts(deals=Decimal(count))
    return found


def _won(partner: int, first: dt.date, day: dt.date) -> list[tuple[dt.date, int]]:
    shares = DealShare.objects.unscoped("of a partner the caller may see").filter(
        partner=partner, deal__stage__outcome="won", deal__closed_on__range=(first, day)
    )
    by_month = shares.annotate(month=TruncMonth("deal__closed_on")).order_by("month").values("month")
    return list(by_month.annotate(n=Count("deal", distinct=True)).values_list("month", "n"))


def reforecasts(user: User, plan: BusinessPlan) -> QuerySet[Reforecast]:
    """The confirmed re-forecasts of a plan, the newest first."""
    rows: QuerySet[Reforecast] = Reforecast.objects.visible_to(user).filter(plan=plan)
    return rows.select_related("by").order_by("-at", "-pk")
