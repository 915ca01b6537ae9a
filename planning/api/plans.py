"""Business plans: list, start, change, share, discard."""

from typing import Annotated, Any, Literal

from django.db.models import F
from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router, Status
from pydantic import Field

from accounts.models import User
from accounts.permissions import Permission
from partners.api.common import PartnerQuery, check_filter, date
from partners.api.common import find as find_partner
from partners.filters import PartnerFilter
from partners.models import Partner
from pipeline.api.common import Currency
from planning import actions, queries, reading
from planning import signing as rules
from planning.api.common import (
    READS,
    WRITES,
    WRITES_VENDOR,
    Document,
    MonthKey,
    find,
    first_of,
    refusing,
)
from planning.models import BusinessPlan
from prm.api.auth import Request
from prm.api.paging import Paging, everything, page
from prm.api.schemas import Id, In, Out, Page, Patch, given, instant

router = Router(tags=["Business plans"])
State = Literal["draft", "committed", "superseded"]
SideName = Literal["vendor", "partner"]
ScenarioName = Literal["bleak", "base", "stretch"]
SORTS = {"first_month": F("first_month"), "updated_at": F("updated_at"), "partner": F("partner__name")}


class SignerOut(Out):
    """Who is asked to sign for a side, and the signature once it is there. `name` is as it was typed."""

    side: SideName
    user: int
    user_name: str
    asked_on: str
    name: str | None
    signed_at: str | None


class PlanOut(Out):
    """One version of a partner's plan. `first_month` is the calendar month of its month 1; `scenario` the one it is committed in.

    A draft counts its changes in `revision`. `follows` is the version before. `shared`: with the partner;
    `shared_with_distributor` is told to the vendor's side only.
    """

    id: int
    partner: int
    partner_name: str
    version: int
    status: State
    first_month: str
    currency: str
    scenario: ScenarioName
    revision: int
    shared: bool
    shared_with_distributor: bool | None = None
    follows: int | None
    created_at: str
    updated_at: str
    committed_on: str | None
    committed_at: str | None
    superseded_at: str | None
    signers: list[SignerOut]


class ObjectiveOut(Out):
    side: SideName
    fiscal_year: int
    title: str
    yardstick: str
    unit: str
    start: str | None = Field(alias="from")
    goal: str | None = Field(alias="to")


class PlanDetails(PlanOut):
    """`document` as it can be sent again. `content_hash` is the SHA-256 of all that is signed: partner, version, first month,
    currency, scenario, document and `objectives` (of a committed plan those of that day), as JSON with sorted keys and no white
    space. `may_edit`: whether the token's user may change it."""

    document: Document
    objectives: list[ObjectiveOut]
    content_hash: str
    may_edit: bool


class PlanPatch(Patch):
    """`revision` is that of the plan one started from: 409 where it has changed since. Of the `document` the parts sent are
    changed, each as a whole. Any change makes signatures void."""

    revision: int = Field(ge=0, le=2**31 - 1)
    first_month: MonthKey = ""
    currency: Currency = ""
    scenario: ScenarioName = "base"
    document: Document = {}


class ShareIn(In):
    """What isn't sent stays as it is. The distributor sees plans in force only."""

    with_partner: bool | None = None
    with_distributor: bool | None = None


class PlanQuery(PartnerQuery):
    partner: Id | None = None
    status: list[State] = []


def plan_out(plan: BusinessPlan, user: User) -> dict[str, Any]:
    """Of one out of `queries.with_signing`."""
    data = {
        "id": plan.pk,
        "partner": plan.partner_id,
        "partner_name": plan.partner.name,
        "version": plan.number,
        "status": plan.status,
        **reading.field_values(plan),
        "revision": plan.revision,
        "shared": plan.shared,
        "follows": plan.follows_id,
        "created_at": instant(plan.created_at),
        "updated_at": instant(plan.updated_at),
        "committed_on": date(plan.committed_on),
        "committed_at": instant(plan.committed_at),
        "superseded_at": instant(plan.superseded_at),
        "signers": _signers(plan),
    }
    if user.can(Permission.SEE_PLANS):
        data["shared_with_distributor"] = plan.shared_with_distributor
    return data


def _signers(plan: Any) -> list[dict[str, Any]]:
    signed = {row.side: row for row in plan.live_signatures}
    newest = {row.side: row for row in plan.asked_signers}  # the last one of a side stays
    return [
        {
            "side": side,
            "user": row.user_id,
            "user_name": row.user.display_name,
            "asked_on": row.asked_on.isoformat(),
            "name": signed[side].name if side in signed else None,
            "signed_at": instant(signed[side].signed_at) if side in signed else None,
        }
        for side, row in sorted(newest.items())
    ]


def details_out(plan: BusinessPlan, user: User) -> dict[str, Any]:
    signed = rules.signed(plan)
    return {
        **plan_out(plan, user),
        "document": signed["document"],
        "objectives": signed["objectives"],
        "content_hash": plan.content_hash or rules.content_hash(plan),
        "may_edit": queries.may_edit(user, plan),
    }


@router.get("/plans", response=Page[PlanOut], auth=READS, exclude_unset=True)
def list_business_plans(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[PlanQuery, Query()],
    sort: Literal[
        "id", "-id", "first_month", "-first_month", "updated_at", "-updated_at", "partner", "-partner"
    ] = "-id",
) -> Any:
    """The plans open to one, by `partner`, `status` and the partner filter."""
    user = request.user
    chosen = PartnerFilter(request.GET, user=user)
    check_filter(request, chosen, "cursor", "limit", "sort", "partner", "status")
    rows = queries.with_signing(queries.plans(user), user)
    if chosen.active:
        rows = rows.filter(partner__in=chosen.narrow(Partner.objects.visible_to(user)))
    if query.partner is not None:
        rows = rows.filter(partner=query.partner)
    if query.status:
        rows = rows.filter(status__in=query.status)
    return page(
        request, response, rows, lambda row: plan_out(row, user), paging=paging, sort=sort, by=SORTS, known=None
    )


@router.get("/partners/{int:partner_id}/plans", response=Page[PlanOut], auth=READS, exclude_unset=True)
def list_partner_plans(request: Request, partner_id: int) -> Any:
    """Every version of a partner's plan, the newest first."""
    partner = find_partner(request, partner_id)
    rows = queries.with_signing(queries.history(request.user, partner), request.user)
    return everything(rows, lambda row: plan_out(row, request.user))


@router.post(
    "/partners/{int:partner_id}/plans",
    response={200: PlanDetails, 201: PlanDetails},
    auth=WRITES,
    exclude_unset=True,
    by_alias=True,
)
def start_business_plan(request: Request, response: HttpResponse, partner_id: int) -> Any:
    """Starts a draft, prefilled from the plan in force or from benchmarks; or gives the draft there is (200)."""
    partner = find_partner(request, partner_id)
    before = timezone.now()
    with refusing():
        plan = actions.start(partner=partner, by=request.user)
    response["Location"] = request.build_absolute_uri(f"/api/v1/plans/{plan.pk}")
    was_there = plan.created_at < before
    return Status(200 if was_there else 201, details_out(find(request, plan.pk), request.user))


@router.get("/plans/{int:plan_id}", response=PlanDetails, auth=READS, exclude_unset=True, by_alias=True)
def get_business_plan(request: Request, plan_id: int) -> Any:
    """One version with its document."""
    return details_out(find(request, plan_id), request.user)


@router.patch("/plans/{int:plan_id}", response=PlanDetails, auth=WRITES, exclude_unset=True, by_alias=True)
def save_business_plan(request: Request, plan_id: int, body: PlanPatch) -> Any:
    """Changes a draft; 409 where somebody else did since `revision` (`changed-meanwhile`) or it is signed (`closed`)."""
    sent = given(body)
    if "first_month" in sent:
        sent["first_month"] = first_of(sent["first_month"])
    with refusing("document"):
        plan = actions.save(plan=find(request, plan_id), by=request.user, parts=sent.pop("document", {}), **sent)
    return details_out(find(request, plan.pk), request.user)


@router.delete("/plans/{int:plan_id}", response={204: None}, auth=WRITES)
def discard_business_plan(request: Request, plan_id: int) -> Any:
    """Throws a draft away; 409 for what both sides signed."""
    with refusing():
        actions.discard(plan=find(request, plan_id), by=request.user)
    return Status(204, None)


@router.post("/plans/{int:plan_id}/share", response=PlanOut, auth=WRITES_VENDOR, exclude_unset=True)
def share_business_plan(request: Request, plan_id: int, body: ShareIn) -> Any:
    """Shows the plan to the partner, or to its distributor once it is in force; or no longer."""
    with refusing():
        actions.share(plan=find(request, plan_id), by=request.user, **given(body))
    return plan_out(find(request, plan_id), request.user)
