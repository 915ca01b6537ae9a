"""What is computed of plans and activities, as their rows hold them: the waterfall's input, its outcome, the document submitted."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from marketing import waterfall
from marketing.models import RATES, Activity, ActivityResult, MarketingPlan
from marketing.waterfall import Figure, Outcome
from prm.common.fiscal import Month


def rate(activity: Activity, name: str) -> Fraction | None:
    """A rate of the activity, exactly: one accepted from history is Σ out ÷ Σ in, which no decimal may tell."""
    stored: Decimal | None = getattr(activity, name)
    source = activity.sources.get(name, {})
    if stored is not None and source.get("from") == "history" and int(source["in"]):
        return Fraction(int(source["out"]), int(source["in"]))
    return None if stored is None else Fraction(stored)


def cost(activity: Activity) -> Decimal:
    """All budget lines, whoever pays."""
    return sum((line.amount for line in activity.budget.all()), Decimal(0))


def mdf(activity: Activity) -> Decimal:
    """What the vendor's funds pay of it: what was approved, and until then what is asked."""
    approved = activity.mdf_approved
    return Decimal(activity.mdf_asked if approved is None else approved)


def planned(activity: Activity) -> waterfall.Plan:
    """What the waterfall is computed from. `budget` should be prefetched."""
    return waterfall.Plan(
        reach=activity.reach,
        **{name: rate(activity, name) for name in RATES},
        deal_size=activity.deal_size,
        margin=activity.margin,
        cost=cost(activity),
        mdf=mdf(activity),
        starts_on=activity.starts_on,
        ends_on=activity.ends_on,
        cycle_days=activity.cycle_days,
    )


def outcome(activity: Activity) -> Outcome:
    """What the activity is expected to come to."""
    return waterfall.of(planned(activity), first=first_month(activity.plan))


def counted(activities: Iterable[Activity]) -> list[Activity]:
    """Those that a plan's totals are of: all but the denied ones."""
    return [activity for activity in activities if activity.decision != Activity.Decision.DENIED]


def totals(plan: MarketingPlan, activities: Iterable[Activity] | None = None) -> Outcome:
    """What the plan is expected to come to: its activities together, without those denied."""
    every = plan.activities.all() if activities is None else activities
    return waterfall.together([planned(activity) for activity in counted(every)], first=first_month(plan))


def first_month(plan: MarketingPlan) -> Month:
    return Month(plan.starts_on.year, plan.starts_on.month)


def actual(
    activity: Activity, result: ActivityResult, *, mdf_paid: Decimal | None = None, no_rate: bool = False
) -> Outcome:
    """What came of an activity, in the shape of what was expected. `mdf_paid`: what its claims were paid; None: what was approved.
    `no_rate`: what was paid isn't known in the plan's currency, and no return on it either."""
    stages = {stage: Figure(Fraction(getattr(result, stage))) for stage in waterfall.STAGES}
    revenue = Fraction(result.revenue)
    margin = activity.margin
    lacking = Figure(lack=waterfall.Lack.MARGIN)
    return Outcome(
        stages=stages,
        revenue=Figure(revenue),
        gross_margin=lacking if margin is None else Figure(revenue * Fraction(margin)),
        vendor_revenue=Figure(lack=waterfall.Lack.NO_RATE)
        if no_rate
        else lacking
        if margin is None
        else Figure(revenue * (1 - Fraction(margin))),
        cost=Fraction(result.cost),
        mdf=Fraction(mdf(activity) if mdf_paid is None else mdf_paid),
    )


# ── What is submitted ────────────────────────────────────────────────────────────────────────────────────────────────


def document(plan: MarketingPlan) -> dict[str, Any]:
    """All that is submitted: the plan's goals and its activities with budgets and what they were computed from, decimals as text."""
    return {
        "partner": plan.partner_id,
        "title": plan.title,
        "first_quarter": plan.first_quarter,
        "quarters": plan.quarters,
        "currency": plan.currency,
        "pipeline_goal": _text(plan.pipeline_goal),
        "revenue_goal": _text(plan.revenue_goal),
        "message": plan.message,
        "audience": plan.audience,
        "product_lines": sorted(line.key for line in plan.product_lines.all()),
        "activities": [_activity(activity) for activity in plan.activities.all()],
    }


def _activity(activity: Activity) -> dict[str, Any]:
    return {
        "id": activity.pk,
        "tactic": activity.tactic.key,
        "title": activity.title,
        "starts_on": activity.starts_on.isoformat(),
        "ends_on": activity.ends_on.isoformat(),
        "owner": activity.owner_id,
        "product_lines": sorted(line.key for line in activity.product_lines.all()),
        "reach": activity.reach,
        **{name: _text(getattr(activity, name)) for name in (*RATES, "deal_size", "margin")},
        "cycle_days": activity.cycle_days,
        "mdf_asked": _text(activity.mdf_asked),
        "budget": [
            {"what": line.what, "amount": _text(line.amount), "payer": line.payer} for line in activity.budget.all()
        ],
        "sources": activity.sources,
        "assets": activity.assets,
    }


def hash_of(content: dict[str, Any]) -> str:
    """SHA-256 of the canonical JSON (keys sorted, no white space, UTF-8), in hex."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"
