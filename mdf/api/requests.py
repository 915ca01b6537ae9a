"""Requests: submitted with their plan, decided line by line, ended."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from marketing import queries as marketing
from marketing.models import MarketingPlan
from marketing.waterfall import Figure
from mdf import actions
from mdf.actions import Verdict
from mdf.api.common import READS, narrowed
from mdf.api.shapes import (
    DECIDES,
    SEES_WAITING,
    WRITES,
    DecisionName,
    HappeningOut,
    LevelName,
    RequestOut,
    State,
    StepOut,
    find_request,
    happening_out,
    refusing,
    request_out,
    step_out,
)
from mdf.models import Account, ApprovalStep
from mdf.queries import merit, waiting
from mdf.queries import requests as queries
from mdf.queries.funds import funds
from mdf.queries.merit import Merit
from mdf.steps import Decider, Decision
from partners.api.common import date, one_of
from pipeline.api.common import text
from prm.api.auth import Request
from prm.api.paging import Paging, everything, page
from prm.api.problems import field_error, invalid
from prm.api.schemas import Id, In, Out, Page, instant
from prm.common.numbers import round_half_away

router = Router(tags=["MDF requests"])

SORTS = {"submitted_at": F("submitted_at"), "updated_at": F("updated_at"), "asked": F("asked")}
Sort = Literal["id", "-id", "submitted_at", "-submitted_at", "updated_at", "-updated_at", "asked", "-asked"]
Grant = Annotated[Decimal, Field(max_digits=18, decimal_places=4)]


class RequestIn(In):
    """Submits a marketing plan, and asks `fund` for what its activities ask; without any that does `fund` is left out. `account`: of which
    of the fund's accounts, for the vendor's side; else the one nearest to the partner that has money."""

    plan: Id
    fund: Id | None = None
    account: Id | None = None
    note: str = Field("", max_length=2000)


class VerdictIn(In):
    """`amount`: what is granted, in the plan's currency, where it is `changed`."""

    line: Id
    decision: DecisionName
    amount: Grant | None = None
    note: str = Field("", max_length=500)


class DecisionIn(In):
    """The decision of the step that waits. `decision` is for all lines, `lines` for single ones; a line without either stays as the step
    before left it, at first as asked. `step`: refuse (409) where another step waits by now. The reason is the partner's to read."""

    decision: Literal["approved", "returned", "rejected"] = "approved"
    lines: list[VerdictIn] = Field([], max_length=100)
    reason: str = Field("", max_length=500)
    step: Id | None = None


class ReasonIn(In):
    reason: str = Field(min_length=1, max_length=500)


class RequestQuery(BaseModel):
    """What repeats means any of them."""

    partner: Id | None = None
    fund: Id | None = None
    plan: Id | None = None
    state: list[State] = []
    updated_since: dt.datetime | None = None


class MeritOut(Out):
    """What speaks for a request. Returns as numbers (23: 23 times the cost), `capability` 0 to 100; null with the reason by its name."""

    forecast_roi: str | None
    mdf_roi: str | None
    verified_roi: str | None
    verified_activities: int
    plan_signed_on: str | None
    capability: str | None
    capability_topic: str | None
    capability_on: str | None
    reasons: dict[str, str]


class WaitingOut(Out):
    """A step that this user may decide: at which level, and in whose place (null: their own)."""

    step: int
    request: int | None
    claim: int | None
    partner: int
    level: LevelName
    in_place_of: int | None
    decide_by: str
    escalated: bool


def merit_out(found: Merit) -> dict[str, Any]:
    reasons = {}

    def roi(name: str, figure: Figure) -> str | None:
        if figure.value is None:
            reasons[name] = str(figure.lack)
            return None
        return ratio(figure.value)

    shown = {
        "forecast_roi": roi("forecast_roi", found.forecast_roi),
        "mdf_roi": roi("mdf_roi", found.mdf_roi),
        "verified_roi": None if found.verified.roi is None else ratio(found.verified.roi),
    }
    if found.verified.lack:
        reasons["verified_roi"] = found.verified.lack
    if found.capability is None:
        reasons["capability"] = "not_assessed"
    if found.signed_on is None:
        reasons["plan_signed_on"] = "not_signed"
    capability = found.capability
    return {
        **shown,
        "verified_activities": found.verified.activities,
        "plan_signed_on": date(found.signed_on),
        "capability": f"{round_half_away(capability.score):f}" if capability else None,
        "capability_topic": capability.topic if capability else None,
        "capability_on": date(capability.finished_on) if capability else None,
        "reasons": reasons,
    }


def ratio(value: Fraction) -> str:
    """A return to four decimals, half away from zero, without padding."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    return text(round_half_away(exact, 4)) if value else "0"


@router.get("/mdf/requests", response=Page[RequestOut], auth=READS)
def list_mdf_requests(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[RequestQuery, Query()],
    sort: Sort = "id",
) -> Any:
    """The requests one may see."""
    rows = queries.with_lines(queries.requests(request.user), request.user)
    rows = narrowed(rows, query, "partner", "fund", "plan")
    return page(
        request, response, rows, lambda row: request_out(row, request.user), paging=paging, sort=sort, by=SORTS,
        known=("sort", *RequestQuery.model_fields),
    )  # fmt: skip


@router.post("/mdf/requests", response={201: RequestOut}, auth=WRITES)
def submit_mdf_request(request: Request, response: HttpResponse, body: RequestIn) -> Any:
    """Submits a plan with all it asks for. Submitted again after it was returned or taken back it is the same request. 422 `not-ready`
    says what the plan lacks."""
    user = request.user
    plan = one_of(MarketingPlan.objects.visible_to(user), "plan", pk=body.plan)
    fund = None if body.fund is None else one_of(funds(user), "fund", pk=body.fund)
    account = None if body.account is None else one_of(Account.objects.visible_to(user), "account", pk=body.account)
    with refusing():
        made = actions.submit_plan(by=user, plan=plan, fund=fund, account=account, note=body.note)
    response["Location"] = request.build_absolute_uri(f"/api/v1/mdf/requests/{made.pk}")
    return Status(201, request_out(find_request(request, made.pk), user))


@router.get("/mdf/requests/{int:request_id}", response=RequestOut, auth=READS)
def get_mdf_request(request: Request, request_id: int) -> Any:
    """One request."""
    return request_out(find_request(request, request_id), request.user)


@router.post("/mdf/requests/{int:request_id}/decision", response=RequestOut, auth=DECIDES)
def decide_mdf_request(request: Request, request_id: int, body: DecisionIn) -> Any:
    """Decides the step that waits. 403 where it is one's own, or somebody else's to decide; 409 `not-enough` with what is left of the
    fund; 409 `closed` where it is decided."""
    found = find_request(request, request_id)
    with refusing():
        done = actions.decide(
            by=request.user, request=found, verdicts=_verdicts(body, [line.pk for line in found.lines.all()]),
            reason=body.reason, step_id=body.step,
        )  # fmt: skip
    return _answer(request, done.pk, request_out(found, request.user))


def _verdicts(body: DecisionIn, lines: list[int]) -> dict[int, Verdict]:
    every = {"returned": Decision.RETURNED, "rejected": Decision.DENIED}.get(body.decision)
    verdicts = {} if every is None else {pk: Verdict(every) for pk in lines}
    for number, each in enumerate(body.lines):
        if each.line not in lines:
            raise invalid([field_error(f"lines.{number}.line", _("A line isn’t of this request."))])
        verdicts[each.line] = Verdict(Decision(each.decision), each.amount, each.note)
    return verdicts


def _answer(request: Request, request_id: int, before: dict[str, Any]) -> dict[str, Any]:
    """As it is now; to who decided in somebody's place, and doesn't see it any more, its new state alone."""
    rows = queries.with_lines(queries.requests(request.user), request.user)
    found = rows.filter(pk=request_id).first()
    if found is not None:
        return request_out(found, request.user)
    decided = queries.Request.objects.unscoped("of one just decided").filter(pk=request_id)
    return before | {"state": decided.values_list("state", flat=True)[0]}


@router.post("/mdf/requests/{int:request_id}/recall", response=RequestOut, auth=WRITES)
def recall_mdf_request(request: Request, request_id: int) -> Any:
    """Takes it back while nobody has decided a step: the plan is a draft again."""
    with refusing():
        actions.recall(by=request.user, request=find_request(request, request_id))
    return request_out(find_request(request, request_id), request.user)


@router.post("/mdf/requests/{int:request_id}/withdraw", response=RequestOut, auth=WRITES)
def withdraw_mdf_request(request: Request, request_id: int, body: ReasonIn) -> Any:
    """Gives up one that was taken back or returned: its plan is rejected. 409 `closed` for others."""
    with refusing():
        actions.withdraw(by=request.user, request=find_request(request, request_id), reason=body.reason)
    return request_out(find_request(request, request_id), request.user)


@router.post("/mdf/requests/{int:request_id}/close", response=RequestOut, auth=DECIDES)
def close_mdf_request(request: Request, request_id: int, body: ReasonIn) -> Any:
    """Ends an approved request: what it still holds goes back to its account."""
    with refusing():
        actions.close(by=request.user, request=find_request(request, request_id), reason=body.reason)
    return request_out(find_request(request, request_id), request.user)


@router.get("/mdf/requests/{int:request_id}/steps", response=Page[StepOut], auth=READS)
def list_mdf_request_steps(request: Request, request_id: int) -> Any:
    """Its steps of all rounds, the first first."""
    found = find_request(request, request_id)
    told = not request.user.is_partner_side
    return everything(queries.steps(found, request.user), lambda step: step_out(step, found.currency, told=told))


@router.get("/mdf/requests/{int:request_id}/history", response=Page[HappeningOut], auth=READS)
def list_mdf_request_history(request: Request, request_id: int) -> Any:
    """What happened to it, the first first."""
    found = find_request(request, request_id)
    told = not request.user.is_partner_side
    return everything(queries.history(found, request.user), lambda row: happening_out(row, told=told))


@router.get("/mdf/requests/{int:request_id}/merit", response=MeritOut, auth=READS)
def get_mdf_request_merit(request: Request, request_id: int) -> Any:
    """What speaks for it."""
    return merit_out(merit.of_plan(find_request(request, request_id).plan))


@router.get("/mdf/plans/{int:plan_id}/merit", response=MeritOut, auth=READS)
def get_marketing_plan_merit(request: Request, plan_id: int) -> Any:
    """What would speak for the request of a plan."""
    plan = get_object_or_404(marketing.plans(request.user), pk=plan_id)
    return merit_out(merit.of_plan(plan))


@router.get("/mdf/waiting", response=Page[WaitingOut], auth=SEES_WAITING)
def list_mdf_waiting(request: Request) -> Any:
    """The steps that wait for this user, those first that are due first."""
    return everything(waiting.waiting_for(request.user).items(), _waiting_out)


def _waiting_out(each: tuple[ApprovalStep, Decider]) -> dict[str, Any]:
    step, decider = each
    return {
        "step": step.pk,
        "request": step.request_id,
        "claim": step.claim_id,
        "partner": step.partner_id,
        "level": decider.level.value,
        "in_place_of": decider.in_place_of,
        "decide_by": instant(step.decide_by),
        "escalated": step.escalated_at is not None,
    }
