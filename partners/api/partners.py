"""Partners."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import AfterValidator, Field

from accounts.api import UserOut, user_out
from accounts.models import User
from accounts.permissions import Permission
from partners import actions, queries
from partners.api.common import READS, READS_BOTH, WRITES, PartnerQuery, check_filter, date, find, one_of, refusing
from partners.filters import PartnerFilter
from partners.models import LifeStage, Membership, Partner, PartnerType, Region, Tier
from prm.api.auth import Request
from prm.api.paging import Paging, page
from prm.api.problems import Problem
from prm.api.schemas import Id, Key, Money, Out, Page, Patch, given, instant
from prm.common.countries import COUNTRIES

router = Router(tags=["Partners"])

NAMES = {"partner_type": "type", "annual_revenue_currency": "annual_revenue"}  # as the API calls fields of the model
PLAIN = (
    "name",
    "external_id",
    "domain",
    "city",
    "address",
    "phone",
    "country",
    "employees",
    "sales_reps",
    "year_opened",
    "signed_on",
    "internal_note",
)
BY_KEY: dict[str, tuple[str, Any]] = {
    "type": ("partner_type", PartnerType),
    "stage": ("stage", LifeStage),
    "tier": ("tier", Tier),
    "region": ("region", Region),
}
SORTS = {"name": Lower("name"), "created_at": F("created_at"), "updated_at": F("updated_at")}


def _country(code: str) -> str:
    if code and code not in COUNTRIES:
        raise ValueError("is not the code of a country (ISO 3166-1, two letters)")
    return code


class PartnerOut(Out):
    """Type, stage, tier and region by key, people and other partners by id. The partner's side gets a few of these only."""

    id: int
    name: str
    type: str
    tier: str | None
    cam: int | None
    cam_name: str | None
    domain: str
    country: str
    city: str
    external_id: str | None = None
    stage: str = ""
    region: str | None = None
    cover: int | None = None
    parent: int | None = None
    distributor: int | None = None
    address: str = ""
    phone: str = ""
    employees: int | None = None
    sales_reps: int | None = None
    annual_revenue: Money | None = None
    year_opened: int | None = None
    signed_on: str | None = None
    internal_note: str = ""
    created_at: str = ""
    updated_at: str = ""


class PartnerPatch(Patch):
    """Fields not sent stay as they are. `reason` is kept with a change of stage, tier, region or CAM."""

    name: str = Field("", min_length=1, max_length=200)
    external_id: str | None = Field(None, max_length=80)
    domain: str = Field("", max_length=253)
    type: Key = ""
    stage: Key = ""
    tier: Key | None = None
    region: Key | None = None
    cam: Id | None = None
    cover: Id | None = None
    parent: Id | None = None
    distributor: Id | None = None
    signed_on: dt.date | None = None
    country: Annotated[str, AfterValidator(_country)] = ""
    city: str = Field("", max_length=100)
    address: str = Field("", max_length=300)
    phone: str = Field("", max_length=40)
    employees: int | None = Field(None, ge=0, le=2**31 - 1)
    sales_reps: int | None = Field(None, ge=0, le=2**31 - 1)
    annual_revenue: Money | None = None
    year_opened: int | None = Field(None, ge=0, le=32767)
    internal_note: str = Field("", max_length=20_000)
    reason: str = Field("", max_length=300)


class PartnerIn(PartnerPatch):
    """A new partner. Without a `stage` it starts at the first one; who may not assign partners becomes its CAM."""

    name: str = Field(min_length=1, max_length=200)
    type: Key
    reason: Literal[""] = ""


def partner_out(partner: Partner, user: User) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": partner.pk,
        "name": partner.name,
        "type": partner.partner_type.key,
        "tier": partner.tier.key if partner.tier else None,
        "cam": partner.cam_id,
        "cam_name": partner.cam.display_name if partner.cam else None,
        "domain": partner.domain,
        "country": partner.country,
        "city": partner.city,
    }
    if user.is_partner_side:
        return data
    revenue = partner.annual_revenue
    data |= {
        "external_id": partner.external_id,
        "stage": partner.stage.key,
        "region": partner.region.key if partner.region else None,
        "cover": partner.cover_id,
        "parent": partner.parent_id,
        "distributor": partner.distributor_id,
        "address": partner.address,
        "phone": partner.phone,
        "employees": partner.employees,
        "sales_reps": partner.sales_reps,
        "annual_revenue": None if revenue is None else {"amount": revenue, "currency": partner.annual_revenue_currency},
        "year_opened": partner.year_opened,
        "signed_on": date(partner.signed_on),
        "created_at": instant(partner.created_at),
        "updated_at": instant(partner.updated_at),
    }
    if user.can(Permission.SEE_WORK):
        data["internal_note"] = partner.internal_note
    return data


def etag(partner: Partner) -> str:
    """Changes with every change of the partner."""
    return f'"{partner.pk}-{partner.updated_at.timestamp():.6f}"'


@router.get("/partners", response=Page[PartnerOut], auth=READS_BOTH, exclude_unset=True)
def list_partners(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[PartnerQuery, Query()],
    updated_since: Annotated[dt.datetime | None, Query(description="Changed at this moment or after.")] = None,
    sort: Literal["name", "-name", "id", "-id", "created_at", "-created_at", "updated_at", "-updated_at"] = "name",
) -> Any:
    """The partners one may see: the filter of the pages, whose parameters can be repeated to mean any of them."""
    user = request.user
    rows = queries.partner_list(user)
    if not user.is_partner_side:  # a partner has nobody to choose among
        chosen = PartnerFilter(request.GET, user=user)
        check_filter(request, chosen, "cursor", "limit", "sort", "updated_since")
        rows = chosen.narrow(rows)
    if updated_since is not None:
        if updated_since.tzinfo is None:
            updated_since = updated_since.replace(tzinfo=dt.UTC)
        rows = rows.filter(updated_at__gte=updated_since)
    known = ("sort", "updated_since") if user.is_partner_side else None
    return page(
        request, response, rows, lambda row: partner_out(row, user), paging=paging, sort=sort, by=SORTS, known=known
    )


@router.post("/partners", response={201: PartnerOut}, auth=WRITES, exclude_unset=True)
def create_partner(request: Request, response: HttpResponse, body: PartnerIn) -> Any:
    """Adds a partner."""
    user = request.user
    values = _values(body, user)
    values.setdefault("stage", LifeStage.objects.first())
    with refusing(NAMES):
        partner = actions.create_partner(by=user, **values)
    response["Location"] = request.build_absolute_uri(f"/api/v1/partners/{partner.pk}")
    response["ETag"] = etag(partner)
    return Status(201, partner_out(partner, user))


@router.get("/partners/{int:partner_id}", response=PartnerOut, auth=READS_BOTH, exclude_unset=True)
def get_partner(request: Request, response: HttpResponse, partner_id: int) -> Any:
    """One partner. Its ETag goes into If-Match of a change."""
    partner = find(request, partner_id)
    if not request.user.is_partner_side:
        response["ETag"] = etag(partner)
    return partner_out(partner, request.user)


@router.patch("/partners/{int:partner_id}", response=PartnerOut, auth=WRITES, exclude_unset=True)
@transaction.atomic
def update_partner(request: Request, response: HttpResponse, partner_id: int, body: PartnerPatch) -> Any:
    """Changes the fields sent. With If-Match only while nobody else has changed the partner meanwhile (else 412)."""
    partner = find(request, partner_id)
    if expected := request.headers.get("If-Match"):
        locked = Partner.objects.unscoped("found above").select_for_update().get(pk=partner.pk)
        if expected.strip() not in ("*", etag(locked)):
            raise Problem(412, _("Somebody changed this partner meanwhile. Read it again."), code="changed-meanwhile")
    values = _values(body, request.user, partner)
    reason = values.pop("reason", "")
    with refusing(NAMES):
        actions.update_partner(by=request.user, partner=partner, changes=values, reason=reason)
    partner = find(request, partner_id)
    response["ETag"] = etag(partner)
    return partner_out(partner, request.user)


@router.get("/partners/{int:partner_id}/users", response=Page[UserOut], auth=READS)
def list_partner_users(
    request: Request, response: HttpResponse, partner_id: int, paging: Annotated[Paging, Query()]
) -> Any:
    """The partner's own users."""
    members = Membership.objects.visible_to(request.user).filter(partner=find(request, partner_id))
    rows = User.objects.filter(membership__in=members, is_active=True).prefetch_related("groups")
    return page(request, response, rows, user_out, paging=paging)


def _values(body: PartnerPatch, user: User, partner: Partner | None = None) -> dict[str, Any]:
    """The fields sent, as the model has them. What the partner has already it may keep, whoever sees it."""
    sent = given(body)
    values = {name: sent[name] for name in (*PLAIN, "reason") if name in sent}
    if "external_id" in values:
        values["external_id"] = values["external_id"] or None
    for name, (field, model) in BY_KEY.items():
        if name in sent:
            values[field] = one_of(model.objects.all(), name, key=sent[name]) if sent[name] is not None else None
    choices: dict[str, Any] = {name: queries.cams() for name in ("cam", "cover")}
    choices |= {name: Partner.objects.visible_to(user) for name in ("parent", "distributor")}
    for name, rows in choices.items():
        if name in sent and partner is not None and sent[name] == getattr(partner, f"{name}_id"):
            continue
        if name in sent:
            values[name] = None if sent[name] is None else one_of(rows, name, pk=sent[name])
    if "annual_revenue" in sent:
        revenue: Money | None = sent["annual_revenue"]
        values["annual_revenue"] = revenue.amount if revenue else None
        values["annual_revenue_currency"] = revenue.currency if revenue else ""
    return values
