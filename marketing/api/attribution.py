"""Where leads and deals came from, and what came of activities."""

from __future__ import annotations

from typing import Any, Literal

from django.shortcuts import get_object_or_404
from ninja import Router
from pydantic import Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from leads.models import Lead
from marketing import attribution, sourcing
from marketing.actions import attributing
from marketing.api.common import READS, find_activity, refusing
from marketing.models import Activity
from partners.api.common import one_of
from pipeline.api.common import text
from pipeline.deals.queries import may_write
from pipeline.models import Deal
from prm.api.auth import Allowed, Request
from prm.api.problems import Problem
from prm.api.schemas import Id, In, Out, instant

router = Router(tags=["Marketing attribution"])
READS_LEADS = Allowed(Scope.MARKETING_READ, vendor=P.SEE_LEADS)
WRITES_LEADS = Allowed(Scope.MARKETING_WRITE, vendor=P.EDIT_LEADS)
READS_DEALS = Allowed(Scope.MARKETING_READ, vendor=P.SEE_DEALS)
WRITES_DEALS = Allowed(Scope.MARKETING_WRITE, vendor=P.EDIT_DEALS)
Known = Literal["link", "code", "utm", "import", "choice", "lead"]


class TouchOut(Out):
    """`activity` null: one of a plan that the caller doesn't see."""

    activity: int | None
    how: Known
    at: str | None


class SourceOut(Out):
    """`source`: the one activity it came from, the first that touched it; null where none is known. `influences`: those that touched it later,
    which are never added to what was sourced."""

    source: TouchOut | None
    influences: list[TouchOut]


class SourceIn(In):
    """`activity` null: it came from none. In place of another source a `reason` is needed."""

    activity: Id | None
    reason: str = Field("", max_length=300)


class InfluencedOut(Out):
    """What it touched without being the source; `won`: of the deals."""

    leads: int
    deals: int
    won: int


class ActualsOut(Out):
    """What came of an activity so far, by the leads and deals that came from it. `revenue` of won deals, in the plan's currency; null where
    `lack` names a currency that has no rate. `clicks` on its tracking link."""

    inquiries: int
    mqls: int
    sals: int
    mgos: int
    wins: int
    revenue: str | None
    lack: str
    currency: str
    clicks: int
    influenced: InfluencedOut


@router.get("/marketing/activities/{int:activity_id}/actuals", response=ActualsOut, auth=READS)
def get_marketing_activity_actuals(request: Request, activity_id: int) -> Any:
    """What came of an activity so far, by its leads and deals."""
    activity = find_activity(request, activity_id)
    found, touched = attribution.actual(activity), attribution.influenced([activity.pk])[activity.pk]
    return {
        **{name: getattr(found, name) for name in ("inquiries", "mqls", "sals", "mgos", "wins", "lack", "clicks")},
        "revenue": None if found.revenue is None else text(found.revenue),
        "currency": activity.plan.currency,
        "influenced": {"leads": touched.leads, "deals": touched.deals, "won": touched.won},
    }


def _lead(request: Request, pk: int) -> Lead:
    found: Lead = get_object_or_404(Lead.objects.visible_to(request.user), pk=pk)
    return found


def _deal(request: Request, pk: int) -> Deal:
    found: Deal = get_object_or_404(Deal.objects.visible_to(request.user), pk=pk)
    return found


@router.get("/leads/{int:lead_id}/source", response=SourceOut, auth=READS_LEADS)
def get_lead_source(request: Request, lead_id: int) -> Any:
    """The activity a lead came from, and those that touched it later."""
    return _source(request, lead=_lead(request, lead_id))


@router.put("/leads/{int:lead_id}/source", response=SourceOut, auth=WRITES_LEADS)
def set_lead_source(request: Request, lead_id: int, body: SourceIn) -> Any:
    """Says which activity a lead came from; what was said before stays in the audit log."""
    lead = _lead(request, lead_id)
    with refusing():
        attributing.choose(by=request.user, lead=lead, activity=_activity(request, body), reason=body.reason)
    return _source(request, lead=lead)


@router.get("/deals/{int:deal_id}/source", response=SourceOut, auth=READS_DEALS)
def get_deal_source(request: Request, deal_id: int) -> Any:
    """The activity a deal came from, and those that touched it later."""
    return _source(request, deal=_deal(request, deal_id))


@router.put("/deals/{int:deal_id}/source", response=SourceOut, auth=WRITES_DEALS)
def set_deal_source(request: Request, deal_id: int, body: SourceIn) -> Any:
    """Says which activity a deal came from; what was said before stays in the audit log."""
    deal = _deal(request, deal_id)
    if not may_write(deal, request.user):
        raise Problem(403)
    with refusing():
        attributing.choose(by=request.user, deal=deal, activity=_activity(request, body), reason=body.reason)
    return _source(request, deal=deal)


def _activity(request: Request, body: SourceIn) -> Activity | None:
    if body.activity is None:
        return None
    return one_of(Activity.objects.visible_to(request.user), "activity", pk=body.activity)


def _source(request: Request, **thing: Any) -> dict[str, Any]:
    origin = sourcing.origin(request.user, **thing)
    return {
        "source": _touch(origin.source) if origin.source else None,
        "influences": [_touch(each) for each in origin.influences],
    }


def _touch(touched: sourcing.Touched) -> dict[str, Any]:
    activity = touched.activity
    return {"activity": activity.pk if activity else None, "how": touched.how, "at": instant(touched.at)}
