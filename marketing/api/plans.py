"""Marketing plans: list, start, change, share, discard, take back."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.db.models import F
from django.http import HttpResponse
from ninja import Query, Router, Status
from pydantic import Field

from accounts.models import User
from marketing import actions, delivered, queries, reading
from marketing.api.activities import ActivityOut, activity_out
from marketing.api.common import (
    READS,
    SHARES,
    WRITES,
    MoneyIn,
    OutcomeOut,
    day,
    find_plan,
    outcome_out,
    refusing,
    text,
)
from marketing.models import MarketingPlan, Play, Snapshot
from partners.api.common import PartnerQuery, check_filter, one_of
from partners.api.common import find as find_partner
from partners.filters import PartnerFilter
from partners.models import Partner
from pipeline.api.common import Currency
from prm.api.auth import Request
from prm.api.paging import Paging, everything, page
from prm.api.schemas import Id, In, Key, Out, Page, Patch, given, instant

router = Router(tags=["Marketing plans"])
State = Literal[
    "draft", "submitted", "in_review", "changes_requested", "approved", "rejected", "running", "closed", "verified"
]
Quarter = Annotated[str, Field(pattern=r"^[12]\d{3}Q[1-4]$", examples=["2027Q1"])]
SORTS = {"starts_on": F("starts_on"), "updated_at": F("updated_at"), "partner": F("partner__name")}
Sort = Literal["id", "-id", "starts_on", "-starts_on", "updated_at", "-updated_at", "partner", "-partner"]


class MarketingPlanOut(Out):
    """A partner's plan for a fiscal quarter (`first_quarter`), or two in a row. All amounts in it are in its `currency`. `approved`: of an
    approved plan, whatever became of it since, whether all or some of its activities were. `shared`: with the partner; the internal
    note (`vendor_note`) is told to the vendor's side only. `revision` counts changes of the plan's own fields."""

    id: int
    partner: int
    partner_name: str
    title: str
    first_quarter: str
    quarters: int
    starts_on: str
    ends_on: str
    currency: str
    status: State
    approved: Literal["all", "some"] | None
    pipeline_goal: str | None
    revenue_goal: str | None
    message: str
    audience: str
    product_lines: list[str]
    vendor_note: str | None = None
    shared: bool
    revision: int
    submitted_on: str | None
    submitted_at: str | None
    decided_at: str | None
    closed_at: str | None
    verified_at: str | None
    created_at: str
    updated_at: str


class MarketingPlanDetails(MarketingPlanOut):
    """`totals` are of all activities but the denied ones; `missing` is what keeps it from being submitted; `may_edit`: whether the
    token's user may change it now."""

    activities: list[ActivityOut]
    totals: OutcomeOut
    missing: list[str]
    may_edit: bool


class MarketingPlanIn(In):
    """A draft for `quarters` fiscal quarters from `first_quarter` on (null: the next one), with the activities of a `play` (key), of an
    earlier plan (`copy_of`), or none."""

    first_quarter: Quarter | None = None
    quarters: int = Field(1, ge=1, le=2)
    play: Key | None = None
    copy_of: Id | None = None
    title: str = Field("", max_length=200)
    currency: Currency | None = None


class MarketingPlanPatch(Patch):
    """What isn't sent stays as it is. With `revision` only while nobody else has changed the plan's own fields (else 412)."""

    title: str = Field("", max_length=200)
    message: str = Field("", max_length=2000)
    audience: str = Field("", max_length=2000)
    pipeline_goal: MoneyIn = None
    revenue_goal: MoneyIn = None
    product_lines: list[Key] = Field([], max_length=100)
    vendor_note: str = Field("", max_length=2000)
    revision: int | None = Field(None, ge=0)


class OrderIn(In):
    activities: list[Id] = Field(max_length=100)


class SnapshotOut(Out):
    """The plan as it was submitted. `content_hash` is the SHA-256 of `content` as JSON with sorted keys and no white space."""

    number: int
    at: str
    content: dict[str, Any]
    content_hash: str


class MarketingPlanQuery(PartnerQuery):
    partner: Id | None = None
    status: list[State] = []
    quarter: Quarter | None = Field(None, description="Plans that begin in it.")
    running_on: dt.date | None = None


def plan_out(plan: MarketingPlan, user: User) -> dict[str, Any]:
    """Of one out of `queries.with_activities`."""
    data = {
        "id": plan.pk,
        "partner": plan.partner_id,
        "partner_name": plan.partner.name,
        "title": plan.title,
        "first_quarter": plan.first_quarter,
        "quarters": plan.quarters,
        "starts_on": day(plan.starts_on),
        "ends_on": day(plan.ends_on),
        "currency": plan.currency,
        "status": str(plan.state),
        "approved": actions.scope_of(plan),
        "pipeline_goal": text(plan.pipeline_goal),
        "revenue_goal": text(plan.revenue_goal),
        "message": plan.message,
        "audience": plan.audience,
        "product_lines": [line.key for line in plan.product_lines.all()],
        "shared": plan.shared,
        "revision": plan.revision,
        "submitted_on": day(plan.submitted_on),
        "submitted_at": instant(plan.submitted_at),
        "decided_at": instant(plan.decided_at),
        "closed_at": instant(plan.closed_at),
        "verified_at": instant(plan.verified_at),
        "created_at": instant(plan.created_at),
        "updated_at": instant(plan.updated_at),
    }
    if not user.is_partner_side:
        data["vendor_note"] = plan.vendor_note
    return data


def details_out(plan: MarketingPlan, user: User) -> dict[str, Any]:
    delivered.with_paid(plan.activities.all())
    return {
        **plan_out(plan, user),
        "activities": [activity_out(activity, user) for activity in plan.activities.all()],
        "totals": outcome_out(reading.totals(plan), plan.currency),
        "missing": actions.not_ready(plan) if plan.is_editable else [],
        "may_edit": queries.may_edit(user, plan),
    }


@router.get("/marketing/plans", response=Page[MarketingPlanOut], auth=READS, exclude_unset=True)
def list_marketing_plans(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[MarketingPlanQuery, Query()],
    sort: Sort = "-id",
) -> Any:
    """The plans open to one, by `partner`, `status`, `quarter`, the day they run on, and the partner filter."""
    user = request.user
    chosen = PartnerFilter(request.GET, user=user)
    check_filter(request, chosen, "cursor", "limit", "sort", "partner", "status", "quarter", "running_on")
    seen = chosen.narrow(Partner.objects.visible_to(user))
    rows = queries.with_activities(queries.plans(user).filter(partner__in=seen.order_by().values("pk")), user)
    if query.partner is not None:
        rows = rows.filter(partner=query.partner)
    if query.status:
        rows = rows.filter(state__in=query.status)
    if query.quarter is not None:
        rows = rows.filter(first_quarter=query.quarter)
    if query.running_on is not None:
        rows = rows.filter(starts_on__lte=query.running_on, ends_on__gte=query.running_on)
    return page(
        request, response, rows, lambda row: plan_out(row, user), paging=paging, sort=sort, by=SORTS, known=None
    )


@router.post(
    "/partners/{int:partner_id}/marketing/plans",
    response={201: MarketingPlanDetails},
    auth=WRITES,
    exclude_unset=True,
)
def start_marketing_plan(request: Request, response: HttpResponse, partner_id: int, body: MarketingPlanIn) -> Any:
    """Starts a draft. What the vendor's side starts the partner sees once it is shared or submitted."""
    partner = find_partner(request, partner_id)
    play = None if body.play is None else one_of(Play.objects.filter(active=True), "play", key=body.play)
    copied = None
    if body.copy_of is not None:
        mine = MarketingPlan.objects.visible_to(request.user).filter(partner=partner)
        copied = one_of(mine, "copy_of", pk=body.copy_of)
    with refusing():
        plan = actions.start(
            partner=partner, by=request.user, quarter=body.first_quarter, quarters=body.quarters, play=play, copy_of=copied,
            title=body.title, currency=body.currency,
        )  # fmt: skip
    response["Location"] = request.build_absolute_uri(f"/api/v1/marketing/plans/{plan.pk}")
    return Status(201, details_out(find_plan(request, plan.pk), request.user))


@router.get("/marketing/plans/{int:plan_id}", response=MarketingPlanDetails, auth=READS, exclude_unset=True)
def get_marketing_plan(request: Request, plan_id: int) -> Any:
    """One plan with its activities, their waterfalls and the totals."""
    return details_out(find_plan(request, plan_id), request.user)


@router.patch("/marketing/plans/{int:plan_id}", response=MarketingPlanDetails, auth=WRITES, exclude_unset=True)
def update_marketing_plan(request: Request, plan_id: int, body: MarketingPlanPatch) -> Any:
    """Changes fields of a draft, or of a plan that changes were asked of; 409 `closed` in other states."""
    sent = given(body)
    revision = sent.pop("revision", None)
    with refusing():
        actions.save(plan=find_plan(request, plan_id), by=request.user, fields=sent, revision=revision)
    return details_out(find_plan(request, plan_id), request.user)


@router.delete("/marketing/plans/{int:plan_id}", response={204: None}, auth=WRITES)
def discard_marketing_plan(request: Request, plan_id: int) -> Any:
    """Throws away a draft that was never submitted."""
    with refusing():
        actions.discard(plan=find_plan(request, plan_id), by=request.user)
    return Status(204, None)


@router.post("/marketing/plans/{int:plan_id}/share", response=MarketingPlanDetails, auth=SHARES, exclude_unset=True)
def share_marketing_plan(request: Request, plan_id: int) -> Any:
    """Shows a plan that the vendor began to the partner, for good."""
    with refusing():
        actions.share(plan=find_plan(request, plan_id), by=request.user)
    return details_out(find_plan(request, plan_id), request.user)


@router.post("/marketing/plans/{int:plan_id}/order", response=MarketingPlanDetails, auth=WRITES, exclude_unset=True)
def order_marketing_activities(request: Request, plan_id: int, body: OrderIn) -> Any:
    """Puts the activities in the order of their ids as sent."""
    with refusing():
        actions.reorder(plan=find_plan(request, plan_id), by=request.user, order=body.activities)
    return details_out(find_plan(request, plan_id), request.user)


@router.get("/marketing/plans/{int:plan_id}/snapshots", response=Page[SnapshotOut], auth=READS)
def list_marketing_snapshots(request: Request, plan_id: int) -> Any:
    """The plan as it was each time it was submitted, the newest first."""
    plan = find_plan(request, plan_id)
    rows = Snapshot.objects.visible_to(request.user).filter(plan=plan).order_by("-number")
    return everything(rows, _snapshot_out)


def _snapshot_out(row: Any) -> dict[str, Any]:
    return {"number": row.number, "at": instant(row.at), "content": row.content, "content_hash": row.content_hash}
