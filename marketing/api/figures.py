"""How the figures of plans and activities came about."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from ninja import Router

from marketing import reading
from marketing.api.common import READS, find_activity, find_plan
from marketing.figures import Explainer, Named
from marketing.models import Activity
from prm.api.auth import Request
from prm.common.vendor import today
from scorecards.api.performance import ExplanationOut

router = Router(tags=["Marketing plans"])


@router.get("/marketing/plans/{int:plan_id}/figures/{key}", response=ExplanationOut, auth=READS)
def explain_marketing_plan_figure(request: Request, plan_id: int, key: str) -> Any:
    """A figure of the totals, by its name in them (`revenue_roi`): its formula with the plan's own numbers, and the figures in it."""
    plan = find_plan(request, plan_id)
    named = [_named(row) for row in reading.counted(plan.activities.all())]
    return _explained(Explainer(named, plan.currency, today(), alone=False), key)


@router.get("/marketing/activities/{int:activity_id}/figures/{key}", response=ExplanationOut, auth=READS)
def explain_marketing_activity_figure(request: Request, activity_id: int, key: str) -> Any:
    """A figure of an activity's forecast, by its name in it."""
    activity = find_activity(request, activity_id)
    return _explained(Explainer([_named(activity)], activity.plan.currency, today(), alone=True), key)


def _named(activity: Activity) -> Named:
    budget = [(line.what, line.amount) for line in activity.budget.all()]
    return Named(activity.title, reading.planned(activity), budget)


def _explained(explainer: Explainer, key: str) -> Any:
    try:
        return explainer.explain(key).to_dict()
    except KeyError:
        raise Http404 from None
