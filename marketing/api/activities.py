"""Activities of marketing plans, and what came of them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.db.models import F
from django.http import HttpResponse
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from accounts.models import User
from marketing import actions, delivered, queries, reading
from marketing.api.common import (
    READS,
    VERIFIES,
    WRITES,
    BudgetLineIn,
    BudgetLineOut,
    CountIn,
    LinkDoc,
    MoneyIn,
    OutcomeOut,
    RateIn,
    day,
    find_activity,
    find_plan,
    outcome_out,
    refusing,
    text,
)
from marketing.models import RATES, Activity, ActivityResult, Tactic
from marketing.waterfall import STAGES
from partners.api.common import one_of
from prm.api.auth import Request
from prm.api.paging import Paging, page
from prm.api.schemas import Id, In, Key, Out, Page, Patch, given, instant

router = Router(tags=["Marketing plans"])
DecisionName = Literal["undecided", "as_asked", "changed", "denied", "returned"]
StateName = Literal["planned", "closed", "verified"]
RateName = Literal["response", "mql", "sal", "sql", "win"]
SORTS = {"starts_on": F("starts_on"), "ends_on": F("ends_on"), "updated_at": F("updated_at")}
Sort = Literal["id", "-id", "starts_on", "-starts_on", "ends_on", "-ends_on", "updated_at", "-updated_at"]


class OfferedOut(Out):
    """A rate as the vendor's own verified activities of the tactic had it: Σ out ÷ Σ in of `count` of them, each from `low` to `high`."""

    rate: str
    count: int
    low: str
    high: str
    sum_in: int
    sum_out: int


class ResultOut(Out):
    """What came of an activity, in the plan's currency. `revenue_roi` and the like are computed of it as of the forecast (`actual`)."""

    status: Literal["draft", "closed", "verified", "reopened"]
    reach: int
    inquiries: int
    mqls: int
    sals: int
    mgos: int
    wins: int
    revenue: str
    cost: str
    remark: str
    closed_at: str | None
    verified_at: str | None
    verified_note: str
    actual: OutcomeOut


class ActivityOut(Out):
    """One activity with its forecast. Rates and margin are fractions (0.02 is 2 %); `sources` says where each came from; `budget` is who
    pays what, `cost` all of it. `code` is that of its tracking link. Figures of the forecast are never rounded before they are shown."""

    id: int
    plan: int
    position: int
    tactic: str
    title: str
    starts_on: str
    ends_on: str
    owner: int | None
    product_lines: list[str]
    reach: int | None
    response: str | None
    mql: str | None
    sal: str | None
    sql: str | None
    win: str | None
    deal_size: str | None
    margin: str | None
    cycle_days: int
    sources: dict[str, dict[str, Any]]
    budget: list[BudgetLineOut]
    cost: str
    mdf_asked: str
    mdf_approved: str | None
    assets: list[dict[str, str]]
    code: str
    decision: DecisionName
    decision_reason: str
    decided_at: str | None
    status: StateName
    revision: int
    forecast: OutcomeOut
    result: ResultOut | None


class ActivityPatch(Patch):
    """What isn't sent stays as it is. With `revision` only while nobody else has changed this activity (else 412). `budget` takes the
    place of all lines before. While `mdf_asked` is what the lines say that MDF pays, it follows them."""

    title: str = Field("", max_length=200)
    tactic: Key = ""
    starts_on: dt.date = dt.date.min
    ends_on: dt.date = dt.date.min
    owner: int | None = None
    product_lines: list[Key] = Field([], max_length=100)
    reach: CountIn = None
    response: RateIn = None
    mql: RateIn = None
    sal: RateIn = None
    sql: RateIn = None
    win: RateIn = None
    deal_size: MoneyIn = None
    margin: RateIn = None
    cycle_days: int = 90
    mdf_asked: MoneyIn = None
    budget: list[BudgetLineIn] = Field([], max_length=50)
    assets: list[LinkDoc] = Field([], max_length=20)
    revision: int | None = Field(None, ge=0)


class ActivityIn(ActivityPatch):
    """A new one at the end of the plan, filled in from its `tactic` (key) and the partner's medians where nothing is sent."""

    tactic: Key


class AcceptIn(In):
    """The rates to take; null: all that are offered."""

    rates: list[RateName] | None = None
    revision: int | None = Field(None, ge=0)


class ResultsIn(Patch):
    """Whole numbers by stage, none more than the stage before; `cost` is that with receipts. What isn't sent stays as it is."""

    reach: CountIn = None
    inquiries: CountIn = None
    mqls: CountIn = None
    sals: CountIn = None
    mgos: CountIn = None
    wins: CountIn = None
    revenue: MoneyIn = None
    cost: MoneyIn = None
    remark: str = Field("", max_length=2000)


class VerifyIn(In):
    note: str = Field("", max_length=500)


class ReopenIn(In):
    reason: str = Field(min_length=1, max_length=500)


class ActivityQuery(BaseModel):
    """What repeats means any of them."""

    partner: Id | None = None
    plan: Id | None = None
    tactic: list[Key] = []
    decision: list[DecisionName] = []
    status: list[StateName] = []
    ended_before: dt.date | None = None


def result_out(activity: Activity, row: ActivityResult) -> dict[str, Any]:
    return {
        "status": str(row.state),
        **{stage: getattr(row, stage) for stage in STAGES},
        "revenue": text(row.revenue),
        "cost": text(row.cost),
        "remark": row.remark,
        "closed_at": instant(row.closed_at),
        "verified_at": instant(row.verified_at),
        "verified_note": row.verified_note,
        "actual": outcome_out(delivered.actual(activity, row), activity.plan.currency),
    }


def activity_out(activity: Any, user: User) -> dict[str, Any]:
    """Of one out of `queries.activities`."""
    result = next(iter(activity.current_results), None)
    return {
        "id": activity.pk,
        "plan": activity.plan_id,
        "position": activity.position,
        "tactic": activity.tactic.key,
        "title": activity.title,
        "starts_on": day(activity.starts_on),
        "ends_on": day(activity.ends_on),
        "owner": activity.owner_id,
        "product_lines": [line.key for line in activity.product_lines.all()],
        "reach": activity.reach,
        **{name: text(getattr(activity, name)) for name in (*RATES, "deal_size", "margin")},
        "cycle_days": activity.cycle_days,
        "sources": activity.sources,
        "budget": [
            {"what": line.what, "amount": text(line.amount), "payer": str(line.payer)} for line in activity.budget.all()
        ],
        "cost": text(reading.cost(activity)),
        "mdf_asked": text(activity.mdf_asked),
        "mdf_approved": text(activity.mdf_approved),
        "assets": activity.assets,
        "code": activity.code,
        "decision": str(activity.decision),
        "decision_reason": activity.decision_reason,
        "decided_at": instant(activity.decided_at),
        "status": str(activity.state),
        "revision": activity.revision,
        "forecast": outcome_out(reading.outcome(activity), activity.plan.currency),
        "result": None if result is None else result_out(activity, result),
    }


def _shown(request: Request, activity_id: int) -> dict[str, Any]:
    return activity_out(find_activity(request, activity_id), request.user)


@router.get("/marketing/activities", response=Page[ActivityOut], auth=READS)
def list_marketing_activities(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[ActivityQuery, Query()],
    sort: Sort = "id",
) -> Any:
    """The activities of all plans open to one."""
    rows = queries.activities(request.user)
    if query.partner is not None:
        rows = rows.filter(plan__partner=query.partner)
    if query.plan is not None:
        rows = rows.filter(plan=query.plan)
    if query.tactic:
        rows = rows.filter(tactic__key__in=query.tactic)
    if query.decision:
        rows = rows.filter(decision__in=query.decision)
    if query.status:
        rows = rows.filter(state__in=query.status)
    if query.ended_before is not None:
        rows = rows.filter(ends_on__lt=query.ended_before)
    return page(
        request, response, rows, lambda row: activity_out(row, request.user), prepare=delivered.with_paid, paging=paging, sort=sort, by=SORTS,
        known=("sort", *ActivityQuery.model_fields),
    )  # fmt: skip


@router.post("/marketing/plans/{int:plan_id}/activities", response={201: ActivityOut}, auth=WRITES)
def add_marketing_activity(request: Request, response: HttpResponse, plan_id: int, body: ActivityIn) -> Any:
    """Adds an activity to a draft."""
    plan = find_plan(request, plan_id)
    tactic = one_of(Tactic.objects.filter(active=True), "tactic", key=body.tactic)
    sent = _sent(body)
    sent.pop("revision", None)
    sent.pop("tactic")
    with refusing():
        made = actions.add_activity(plan=plan, by=request.user, tactic=tactic, fields=sent)
    response["Location"] = request.build_absolute_uri(f"/api/v1/marketing/activities/{made.pk}")
    return Status(201, _shown(request, made.pk))


@router.get("/marketing/activities/{int:activity_id}", response=ActivityOut, auth=READS)
def get_marketing_activity(request: Request, activity_id: int) -> Any:
    """One activity with its forecast and what came of it."""
    return _shown(request, activity_id)


@router.patch("/marketing/activities/{int:activity_id}", response=ActivityOut, auth=WRITES)
def update_marketing_activity(request: Request, activity_id: int, body: ActivityPatch) -> Any:
    """Changes the fields sent of an activity of a draft; `owner` and `assets` also later. 409 `closed` in other states."""
    sent = _sent(body)
    revision = sent.pop("revision", None)
    with refusing():
        actions.change_activity(
            activity=find_activity(request, activity_id), by=request.user, fields=sent, revision=revision
        )
    return _shown(request, activity_id)


@router.delete("/marketing/activities/{int:activity_id}", response={204: None}, auth=WRITES)
def remove_marketing_activity(request: Request, activity_id: int) -> Any:
    """Takes an activity out of a draft."""
    with refusing():
        actions.remove_activity(activity=find_activity(request, activity_id), by=request.user)
    return Status(204, None)


@router.get("/marketing/activities/{int:activity_id}/history-rates", response=dict[str, OfferedOut], auth=READS)
def offer_history_rates(request: Request, activity_id: int) -> Any:
    """The rates of the vendor's own verified activities of the tactic, by name; none while they are fewer than five."""
    activity = find_activity(request, activity_id)
    offered = queries.history([activity.tactic_id]).get(activity.tactic_id, {})
    return {
        name: {
            "rate": text(actions.decimal_rate(found.rate)),
            "count": found.count,
            "low": text(actions.decimal_rate(found.low)),
            "high": text(actions.decimal_rate(found.high)),
            "sum_in": int(found.into),
            "sum_out": int(found.out),
        }
        for name, found in offered.items()
    }


@router.post("/marketing/activities/{int:activity_id}/history-rates", response=ActivityOut, auth=WRITES)
def accept_history_rates(request: Request, activity_id: int, body: AcceptIn) -> Any:
    """Takes these rates over, exactly as Σ out ÷ Σ in; 422 where none is offered."""
    with refusing():
        actions.accept_history(
            activity=find_activity(request, activity_id), by=request.user, rates=body.rates, revision=body.revision
        )
    return _shown(request, activity_id)


@router.patch("/marketing/activities/{int:activity_id}/results", response=ActivityOut, auth=WRITES)
def save_activity_results(request: Request, activity_id: int, body: ResultsIn) -> Any:
    """Enters results of an approved activity that isn't closed."""
    with refusing():
        actions.save_results(activity=find_activity(request, activity_id), by=request.user, fields=given(body))
    return _shown(request, activity_id)


@router.post("/marketing/activities/{int:activity_id}/close", response=ActivityOut, auth=WRITES)
def close_marketing_activity(request: Request, activity_id: int, body: ResultsIn) -> Any:
    """Says that these (or those saved before, where nothing is sent) are the results: they wait to be verified."""
    sent = given(body) or None
    with refusing():
        actions.close_activity(activity=find_activity(request, activity_id), by=request.user, fields=sent)
    return _shown(request, activity_id)


@router.post("/marketing/activities/{int:activity_id}/verify", response=ActivityOut, auth=VERIFIES)
def verify_marketing_activity(request: Request, activity_id: int, body: VerifyIn) -> Any:
    """Says that results and costs are right; 403 for who entered or closed them."""
    with refusing():
        actions.verify(activity=find_activity(request, activity_id), by=request.user, note=body.note)
    return _shown(request, activity_id)


@router.post("/marketing/activities/{int:activity_id}/reopen", response=ActivityOut, auth=VERIFIES)
def reopen_marketing_activity(request: Request, activity_id: int, body: ReopenIn) -> Any:
    """Opens closed or verified results again; they stay with the reason."""
    with refusing():
        actions.reopen(activity=find_activity(request, activity_id), by=request.user, reason=body.reason)
    return _shown(request, activity_id)


def _sent(body: ActivityPatch) -> dict[str, Any]:
    """The fields sent, as the actions take them."""
    sent = given(body)
    for name in ("budget", "assets"):
        if name in sent:
            sent[name] = [row.model_dump() for row in sent[name]]
    return sent
