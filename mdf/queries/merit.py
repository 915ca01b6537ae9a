"""What speaks for a request, whatever was given before: forecast, verified return, a signed plan, marketing capability.

Who approves is shown these facts also where they don't see the rest: they are what the task needs.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Count, Q, Sum

from marketing import reading
from marketing.models import Activity, ActivityResult, MarketingPlan
from marketing.waterfall import Figure
from mdf import claiming
from partners.models import Partner
from planning.models import BusinessPlan
from prm.common.money import NoRate
from prm.common.vendor import rates, today, vendor_settings
from scorecards.models import Assessment, AssessmentScore, Questionnaire
from scorecards.queries import counted

USUAL_TOPIC = "investment"  # of the default questionnaire: it asks for the marketing plan and its own budget


@dataclass(frozen=True)
class Verified:
    """The revenue ROI of the partner's verified activities, (revenue − cost) ÷ cost, and how many they are. `lack`: why there is none:
    "not_verified", "no_cost" or "no_rate", then of which currency on which day in `no_rate`."""

    roi: Fraction | None
    activities: int
    lack: str = ""
    no_rate: tuple[str, dt.date] | None = None


@dataclass(frozen=True)
class Capability:
    """The score of the topic on marketing in the latest assessment, 0 to 100."""

    score: Decimal
    topic: str
    finished_on: dt.date | None


@dataclass(frozen=True)
class Merit:
    """`forecast_roi` and `mdf_roi` (the vendor's, on its MDF) are of the activities that ask for money; `signed_on`: since when a business
    plan is in force, None: there is none; `capability` None: not assessed."""

    forecast_roi: Figure
    mdf_roi: Figure
    verified: Verified
    signed_on: dt.date | None
    capability: Capability | None


def of_plan(plan: MarketingPlan) -> Merit:
    """The facts for a plan the caller may see, or has to decide about."""
    rows = Activity.objects.unscoped("of a plan in reach").filter(plan=plan, mdf_asked__gt=0)
    asking = list(rows.select_related("plan", "tactic").prefetch_related("budget").order_by("position", "pk"))
    forecast = reading.totals(plan, asking)
    return Merit(
        forecast_roi=forecast.revenue_roi,
        mdf_roi=forecast.mdf_roi,
        verified=verified(plan.partner),
        signed_on=signed_on(plan.partner),
        capability=capability(plan.partner),
    )


def verified(partner: Partner) -> Verified:
    """Each result is converted at the rates of its plan's first day."""
    rows = ActivityResult.objects.unscoped("one partner's return, for who decides").filter(
        activity__plan__partner=partner, state=ActivityResult.State.VERIFIED
    )
    sums: dict[tuple[str, dt.date], list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0), Decimal(0)])
    grouped = rows.order_by().values("activity__plan__currency", "activity__plan__starts_on")
    for row in grouped.annotate(earned=Sum("revenue"), spent=Sum("cost"), n=Count("pk")):
        found = sums[(row["activity__plan__currency"], row["activity__plan__starts_on"])]
        for number, name in enumerate(("earned", "spent", "n")):
            found[number] += row[name]
    table, reporting = rates(), vendor_settings().reporting_currency
    revenue = cost = Fraction(0)
    count, missing = 0, None
    for (currency, day), (earned, spent, n) in sums.items():
        count += int(n)
        try:
            revenue += claiming.convert(earned, currency, reporting, table, day)
            cost += claiming.convert(spent, currency, reporting, table, day)
        except NoRate as error:
            missing = (error.currency, day)
    if missing or not cost:
        lack = "no_rate" if missing else "no_cost" if count else "not_verified"
        return Verified(None, count, lack, missing)
    return Verified((revenue - cost) / cost, count)


def signed_on(partner: Partner) -> dt.date | None:
    """The day the partner's business plan in force was signed by both sides."""
    rows = BusinessPlan.objects.unscoped("whether one is signed, nothing of it").filter(
        partner=partner, status=BusinessPlan.Status.COMMITTED
    )
    found: dt.date | None = rows.values_list("committed_on", flat=True).first()
    return found


def capability(partner: Partner, on: dt.date | None = None) -> Capability | None:
    """Of the topic that is called after marketing, else `USUAL_TOPIC`, in the latest assessment of the capability questionnaire that is
    offered first. Only what both sides see counts: neither learns here what the other answered alone. Internal topics don't."""
    questionnaire = Questionnaire.objects.filter(kind=Questionnaire.Kind.CAPABILITY).order_by("pk").first()
    if questionnaire is None:
        return None
    every = Assessment.objects.unscoped("one score, for who decides")
    rows = every.filter(
        Q(revealed=True) | Q(mode=Assessment.Mode.JOINT),
        partner=partner, questionnaire=questionnaire, finished_on__lte=on or today(),
    )  # fmt: skip
    latest = counted(rows.defer("result", "result_shared", "applicable")).first()
    if latest is None:
        return None
    scores = AssessmentScore.objects.unscoped("of that assessment").filter(
        assessment=latest, level=AssessmentScore.Level.TOPIC, internal=False
    )
    named = Q(key__icontains="marketing") | Q(name__icontains="marketing")
    score = scores.filter(named).order_by("pk").first() or scores.filter(key=USUAL_TOPIC).first()
    return None if score is None else Capability(score.score, score.name, latest.finished_on)
