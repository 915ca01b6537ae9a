"""A plan that was taken back at its own page takes its request with it."""

from __future__ import annotations

from django.db import transaction

from marketing.events import MarketingChanged
from marketing.models import MarketingPlan
from mdf.actions.common import Kind, locked_request, put_down
from mdf.actions.stepping import end_round
from mdf.models import Line, Request
from mdf.telling import tell
from prm.common.events import on


@on(MarketingChanged)
def follow(event: MarketingChanged) -> None:
    rows = Request.objects.unscoped("of plans that changed").filter(
        plan__in=event.plan_ids, state__in=Request.REVIEWED, plan__state=MarketingPlan.State.DRAFT
    )
    for request in rows.order_by("pk"):
        _take_back(request)


@transaction.atomic
def _take_back(request: Request) -> None:
    fresh = locked_request(request, None)
    if fresh.state not in Request.REVIEWED or fresh.plan.state != MarketingPlan.State.DRAFT:
        return
    fresh.state = Request.State.DRAFT
    fresh.save()
    Line.objects.unscoped("of a request in reach").filter(request=fresh).update(
        decision=Line.Decision.UNDECIDED, decided_in_plan=None, note=""
    )
    end_round(fresh)
    happening = put_down(fresh, Kind.RECALLED, by=fresh.plan.updated_by)
    tell("request.recalled", fresh, happening=happening)
