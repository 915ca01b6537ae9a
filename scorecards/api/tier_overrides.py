"""Overrides of tiers, the partner's appeal, and its answer."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from partners.api.common import find, one_of
from partners.models import Tier
from prm.api.auth import Allowed, Request
from prm.api.paging import Paging, page
from prm.api.problems import Problem, from_validation
from prm.api.schemas import In, Key, Out, Page, instant
from scorecards.models import TierAppeal, TierOverride
from scorecards.tiers import overrides

router = Router(tags=["Program"])
READS_BOTH = Allowed(Scope.SALES_READ, vendor=P.SEE_PERFORMANCE, portal=P.PORTAL)
OVERRIDES = Allowed(Scope.PROGRAM_WRITE, vendor=P.OVERRIDE_TIERS)
DECIDES = Allowed(Scope.PROGRAM_WRITE, vendor=P.DECIDE_APPEALS)
APPEALS = Allowed(Scope.PROGRAM_WRITE, portal=P.PORTAL)


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except overrides.Refused as error:
        raise Problem(409, str(error), code="closed") from error
    except ValidationError as error:
        raise from_validation(error) from error


class AppealOut(Out):
    id: int
    text: str
    at: str
    decision: Literal["open", "upheld", "rejected"]
    answer: str
    decided_at: str | None


class OverrideOut(Out):
    id: int
    partner: int
    tier: str
    reason: str
    starts_on: str
    ends_on: str
    ended_at: str | None
    appeal: AppealOut | None


class OverrideIn(In):
    tier: Key
    reason: str = Field(min_length=1, max_length=overrides.LONGEST, description="The partner reads it.")
    ends_on: dt.date


class EndIn(In):
    tier: Key | None = Field(None, description="Assigned then; the tier stays where left out.")


class AppealIn(In):
    text: str = Field(min_length=1, max_length=overrides.LONGEST)


class DecisionIn(In):
    decision: Literal["upheld", "rejected"]
    answer: str = Field(min_length=1, max_length=overrides.LONGEST, description="The partner reads it.")
    tier: Key | None = Field(None, description="Assigned where the appeal is upheld; the tier stays where left out.")


def override_out(row: TierOverride) -> dict[str, Any]:
    appeal = getattr(row, "appeal", None)
    return {
        "id": row.pk,
        "partner": row.partner_id,
        "tier": row.tier.key,
        "reason": row.reason,
        "starts_on": row.starts_on.isoformat(),
        "ends_on": row.ends_on.isoformat(),
        "ended_at": instant(row.ended_at) if row.ended_at else None,
        "appeal": _appeal_out(appeal) if appeal else None,
    }


def _appeal_out(appeal: TierAppeal) -> dict[str, Any]:
    return {
        "id": appeal.pk,
        "text": appeal.text,
        "at": instant(appeal.at),
        "decision": appeal.decision,
        "answer": appeal.answer,
        "decided_at": instant(appeal.decided_at) if appeal.decided_at else None,
    }


def _tier(key: str | None) -> Tier | None:
    return one_of(Tier.objects.all(), "tier", key=key) if key else None


@router.get("/partners/{int:partner_id}/tier-overrides", response=Page[OverrideOut], auth=READS_BOTH)
def list_tier_overrides(
    request: Request, response: HttpResponse, partner_id: int, paging: Annotated[Paging, Query()]
) -> Any:
    """The partner's overrides with their appeals, the latest first."""
    rows = overrides.of_partner(request.user, find(request, partner_id))
    return page(request, response, rows, override_out, paging=paging, sort="-id")


@router.post("/partners/{int:partner_id}/tier-overrides", response={201: OverrideOut}, auth=OVERRIDES)
def create_tier_override(request: Request, partner_id: int, body: OverrideIn) -> Any:
    """Holds the partner at a tier until the end of a day; one there was ends. The partner is told and may appeal once."""
    partner, tier = find(request, partner_id), _tier(body.tier)
    assert tier is not None
    with _refusing():
        made = overrides.set_override(
            by=request.user, partner=partner, tier=tier, reason=body.reason, ends_on=body.ends_on
        )
    return Status(201, override_out(made))


@router.post("/tier-overrides/{int:override_id}/end", response=OverrideOut, auth=OVERRIDES)
def end_tier_override(request: Request, override_id: int, body: EndIn) -> Any:
    """Ends an override before its time; 409 `closed` where it is over."""
    found = get_object_or_404(TierOverride.objects.visible_to(request.user), pk=override_id)
    with _refusing():
        return override_out(overrides.end_override(by=request.user, override=found, tier=_tier(body.tier)))


@router.post("/tier-overrides/{int:override_id}/appeal", response={201: AppealOut}, auth=APPEALS)
def appeal_tier_override(request: Request, override_id: int, body: AppealIn) -> Any:
    """The partner's one objection; 409 `closed` for a second one, or where the override is over."""
    found = get_object_or_404(TierOverride.objects.visible_to(request.user), pk=override_id)
    with _refusing():
        return Status(201, _appeal_out(overrides.appeal(by=request.user, override=found, text=body.text)))


@router.post("/tier-appeals/{int:appeal_id}/decision", response=AppealOut, auth=DECIDES)
def decide_tier_appeal(request: Request, appeal_id: int, body: DecisionIn) -> Any:
    """The vendor's answer; upheld, the override ends. 409 `closed` where it is answered already."""
    found = get_object_or_404(TierAppeal.objects.visible_to(request.user), pk=appeal_id)
    uphold = body.decision == TierAppeal.Decision.UPHELD
    with _refusing():
        done = overrides.decide(
            by=request.user, appeal=found, uphold=uphold, answer=body.answer, tier=_tier(body.tier) if uphold else None
        )
    return _appeal_out(done)
