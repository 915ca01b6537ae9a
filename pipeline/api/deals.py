"""Deals: their stages, shares and history."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce, Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import Field

from accounts.models import User
from accounts.permissions import Permission
from accounts.tokens import Scope
from partners.api.common import PartnerQuery, check_filter, date, one_of, refusing
from partners.models import Partner
from pipeline.api.common import Amount, text
from pipeline.deals import actions, queries, rules
from pipeline.deals.filters import DealFilter, DealListFilter
from pipeline.deals.pace import PaceFilter, pace
from pipeline.models import Deal, DealStage, ProductLine
from prm.api.auth import Allowed, Request
from prm.api.paging import Paging, everything, page
from prm.api.problems import Problem, field_error, invalid
from prm.api.schemas import Id, In, Key, Out, Page, Patch, given, instant
from prm.common.vendor import today

router = Router(tags=["Deals"])

READS = Allowed(Scope.SALES_READ, vendor=Permission.SEE_DEALS, portal=Permission.PORTAL)
READS_PACE = Allowed(Scope.SALES_READ, vendor=Permission.SEE_DEALS)
WRITES = Allowed(Scope.SALES_WRITE, vendor=Permission.EDIT_DEALS)
Outcome = Literal["open", "won", "lost"]
Kind = Literal["new", "renewal", "expansion"]
Lead = Literal["partner", "vendor"]
PLAIN = (
    "name", "customer_name", "probability", "expected_close", "led_by", "kind", "created_on", "registered_on", "closed_on",
    "lost_reason", "external_id",
)  # fmt: skip
SORTS = {
    "expected_close": Coalesce("expected_close", Value(dt.date.max)),
    "created_on": F("created_on"),
    "closed_on": Coalesce("closed_on", Value(dt.date.max)),
    "stage_since": F("stage_since"),
    "updated_at": F("updated_at"),
    "name": Lower("name"),
}
Sort = Literal[
    "id", "-id", "expected_close", "-expected_close", "created_on", "-created_on", "closed_on", "-closed_on",
    "stage_since", "-stage_since", "updated_at", "-updated_at", "name", "-name",
]  # fmt: skip


class DealAmount(Amount):
    """An amount as a decimal string with its currency (ISO 4217)."""

    amount: Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4)]


class AmountOut(Out):
    amount: str
    currency: str


class CustomerOut(Out):
    id: int
    name: str


class ShareOut(Out):
    """`partner` is null for one that is none of yours."""

    partner: int | None
    percent: str


class ShareIn(In):
    partner: Id
    percent: Annotated[Decimal, Field(gt=0, le=100, max_digits=5, decimal_places=2)]


class DealOut(Out):
    """`partner` leads the deal; null where it is none of yours and you see the deal for a share in it.

    `chance` is the probability it is weighted with: its own, else its stage's. The partner's side gets its own share only.
    """

    id: int
    partner: int | None
    name: str
    customer: CustomerOut | None
    product_line: str | None
    stage: str
    outcome: Outcome
    amount: AmountOut
    probability: str | None
    chance: str
    weighted: AmountOut
    expected_close: str | None
    led_by: Lead
    kind: Kind
    created_on: str
    registered_on: str | None
    closed_on: str | None
    lost_reason: str
    stage_since: str
    is_stale: bool
    is_overdue: bool
    shares: list[ShareOut]
    source: str
    external_id: str | None
    created_at: str
    updated_at: str


class DealPatch(Patch):
    """Fields not sent stay as they are; the stage is moved by a call of its own.

    `customer_name` is added to the partner's customers where it is new. `shares` take the place of all those of partners you
    see and come to exactly 100 with what others have. `closed_on` and `lost_reason` are for deals that are closed.
    """

    name: str = Field("", min_length=1, max_length=250)
    customer_name: str | None = Field(None, max_length=200)
    product_line: Key | None = None
    amount: DealAmount | None = None
    probability: Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)] | None = None
    expected_close: dt.date | None = None
    led_by: Lead = "partner"
    kind: Kind = "new"
    created_on: dt.date | None = None
    registered_on: dt.date | None = None
    closed_on: dt.date | None = None
    lost_reason: str = Field("", max_length=300)
    external_id: str | None = Field(None, max_length=120)
    shares: list[ShareIn] | None = Field(None, max_length=50)


class DealIn(DealPatch):
    """A new deal. Without a `stage` it begins in the first open one, without `created_on` today, without `shares` it is all
    the partner's that leads it. One that is won or lost already needs `closed_on` only where that wasn't today."""

    partner: Id
    name: str = Field(min_length=1, max_length=250)
    amount: DealAmount
    stage: Key | None = None


class MoveIn(In):
    """`stage` is the key of the stage to go to, `on` the day (today where left out). A lost deal needs its `lost_reason`.

    With `from_stage` the deal moves only if it is still there (else 412).
    """

    stage: Key
    on: dt.date | None = None
    lost_reason: str = Field("", max_length=300)
    from_stage: Key | None = None


class StepOut(Out):
    """`days` it stayed in that stage, up to today in the one it is in; null for won and lost. Who moved it (`by`), the vendor's
    side is told."""

    from_stage: str | None
    to_stage: str
    on: str
    until: str | None
    days: int | None
    by: int | None


class DealQuery(PartnerQuery):
    """The partner filter, for the partners that have a share, and the deals' own. What repeats means any of them."""

    q: str = Field("", description="Part of the deal's name, of its customer or of a partner; or the external id.")
    partner: Id | None = Field(None, description="One that has a share.")
    state: list[Outcome] = []
    deal_stage: list[str] = Field([], description="Keys.")
    stage: list[str] = Field([], description="Keys of life stages of partners.")
    kind: list[Kind] = []
    led: list[Lead] = []
    line: list[str] = Field([], description="Keys of product lines; `none` for those without.")
    look: list[Literal["stale", "overdue"]] = []
    close: str = Field("", description="`month`: the next 30 days; a fiscal quarter, `2026Q4`; `none`: without a date.")
    close_from: dt.date | None = None
    close_to: dt.date | None = None
    closed_from: dt.date | None = None
    closed_to: dt.date | None = None


class PaceQuery(PartnerQuery):
    """The partner filter, for the partners that have a share, and the deals' own. What repeats means any of them."""

    q: str = Field("", description="Part of the deal's name, of its customer or of a partner; or the external id.")
    partner: Id | None = Field(None, description="One that has a share.")
    span: Literal["half", "year"] | None = None
    kind: list[Kind] = []
    led: list[Lead] = []
    line: list[str] = Field([], description="Keys of product lines; `none` for those without.")
    closed_from: dt.date | None = None
    closed_to: dt.date | None = None


class StagePaceOut(Out):
    """Of an open stage: how many stays in it `ended`, of these how many went `on` to a later stage or won, `back`, or were `lost`;
    the median of their `days`, null where none ended; deals in it `now`, and those of them that are `stale`."""

    stage: str
    ended: int
    on: int
    back: int
    lost: int
    days: str | None
    now: int
    stale: int


class PaceOut(Out):
    """`won` and `lost` since the day; `days` is the median from a deal's beginning to its being won, null where none was."""

    since: str
    won: int
    lost: int
    days: str | None
    stages: list[StagePaceOut]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else text(value)


def _money(amount: Decimal, currency: str) -> dict[str, str]:
    return {"amount": text(amount), "currency": currency}


def deal_out(deal: Any, user: User, shares: list[tuple[int | None, Decimal]]) -> dict[str, Any]:
    """Of a deal out of `queries.deals(user)`."""
    if user.is_partner_side:
        shares = [(partner, percent) for partner, percent in shares if partner is not None]
    customer = None
    if deal.customer_name is not None:
        customer = {"id": deal.customer_id, "name": deal.customer_name}
    return {
        "id": deal.pk,
        "partner": deal.partner_id if deal.partner_name is not None else None,
        "name": deal.name,
        "customer": customer,
        "product_line": deal.product_line.key if deal.product_line else None,
        "stage": deal.stage.key,
        "outcome": deal.stage.outcome,
        "amount": _money(deal.amount, deal.currency),
        "probability": None if deal.probability is None else text(deal.probability),
        "chance": text(deal.chance),
        "weighted": _money(rules.weighted(deal.amount, deal.chance), deal.currency),
        "expected_close": date(deal.expected_close),
        "led_by": deal.led_by,
        "kind": deal.kind,
        "created_on": date(deal.created_on),
        "registered_on": date(deal.registered_on),
        "closed_on": date(deal.closed_on),
        "lost_reason": deal.lost_reason,
        "stage_since": date(deal.stage_since),
        "is_stale": deal.is_stale,
        "is_overdue": deal.is_overdue,
        "shares": [{"partner": partner, "percent": text(percent)} for partner, percent in shares],
        "source": deal.source,
        "external_id": deal.external_id,
        "created_at": instant(deal.created_at),
        "updated_at": instant(deal.updated_at),
    }


def _rows(request: Request) -> QuerySet[Deal]:
    return queries.deals(request.user, today())


def _find(request: Request, deal_id: int) -> Deal:
    deal: Deal = get_object_or_404(_rows(request), pk=deal_id)
    return deal


def _writable(request: Request, deal_id: int) -> Deal:
    deal = _find(request, deal_id)
    if not queries.may_write(deal, request.user):
        raise PermissionDenied(_("Another partner leads this deal."))
    return deal


def _shown(request: Request, deal_id: int) -> dict[str, Any]:
    deal = _find(request, deal_id)
    return deal_out(deal, request.user, queries.shares_of_many([deal.pk], request.user).get(deal.pk, []))


@router.get("/deals", response=Page[DealOut], auth=READS)
def list_deals(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[DealQuery, Query()],
    sort: Sort = "id",
) -> Any:
    """The deals one may see, open and closed unless `state` says otherwise; the filter of the pages."""
    asked, user = request.GET.copy(), request.user
    if not query.state:
        asked.setlist("state", list(DealStage.Outcome.values))
    chosen = DealFilter(asked, user=user) if user.is_partner_side else DealListFilter(asked, user=user)
    check_filter(request, chosen, "cursor", "limit", "sort")
    rows = chosen.narrow(_rows(request))
    found = page(request, response, rows, lambda row: {"row": row}, paging=paging, sort=sort, by=SORTS, known=None)
    deals = [item["row"] for item in found["items"]]
    shares = queries.shares_of_many([deal.pk for deal in deals], user)
    return {**found, "items": [deal_out(deal, user, shares.get(deal.pk, [])) for deal in deals]}


@router.get("/deals/pace", response=PaceOut, auth=READS_PACE)
def get_deals_pace(request: Request, query: Annotated[PaceQuery, Query()]) -> Any:
    """How long deals stayed in each open stage and where they went from there, in the last 13 weeks (26 with `span=half`, 52 with
    `span=year`)."""
    chosen = PaceFilter(request.GET, user=request.user)
    check_filter(request, chosen)
    found = pace(request.user, chosen)
    return {
        "since": date(found.since),
        "won": found.won,
        "lost": found.lost,
        "days": _text(found.days),
        "stages": [
            {
                "stage": one.stage.key,
                **{name: getattr(one, name) for name in ("ended", "on", "back", "lost", "now", "stale")},
                "days": _text(one.days),
            }
            for one in found.stages
        ],
    }


@router.post("/deals", response={201: DealOut}, auth=WRITES)
def create_deal(request: Request, response: HttpResponse, body: DealIn) -> Any:
    """Adds a deal that one of your partners leads."""
    user = request.user
    partner = one_of(Partner.objects.visible_to(user), "partner", pk=body.partner)
    values = _values(body)
    stage = one_of(DealStage.objects.all(), "stage", key=body.stage) if body.stage is not None else None
    with refusing(NAMES):
        deal = actions.add_deal(
            by=user, partner=partner, stage=stage, shares=_shares(body.shares) if body.shares else None, **values
        )
    response["Location"] = request.build_absolute_uri(f"/api/v1/deals/{deal.pk}")
    return Status(201, _shown(request, deal.pk))


@router.get("/deals/{int:deal_id}", response=DealOut, auth=READS)
def get_deal(request: Request, deal_id: int) -> Any:
    """One deal."""
    return _shown(request, deal_id)


@router.patch("/deals/{int:deal_id}", response=DealOut, auth=WRITES)
def update_deal(request: Request, deal_id: int, body: DealPatch) -> Any:
    """Changes the fields sent."""
    deal = _writable(request, deal_id)
    sent = given(body)
    shares = _shares(body.shares or []) if "shares" in sent else None
    with refusing(NAMES):
        actions.update_deal(by=request.user, deal=deal, changes=_values(body), shares=shares)
    return _shown(request, deal_id)


@router.delete("/deals/{int:deal_id}", response={204: None}, auth=WRITES)
def delete_deal(request: Request, deal_id: int) -> Any:
    """Removes a deal with its history. One that was lost is moved to lost instead."""
    actions.remove_deal(by=request.user, deal=_writable(request, deal_id))
    return Status(204, None)


@router.post("/deals/{int:deal_id}/stage", response=DealOut, auth=WRITES)
@transaction.atomic
def move_deal(request: Request, deal_id: int, body: MoveIn) -> Any:
    """Moves a deal to another stage. It is there already: nothing happens."""
    deal = _writable(request, deal_id)
    stages = DealStage.objects.all()
    to = one_of(stages, "stage", key=body.stage)
    seen = one_of(stages, "from_stage", key=body.from_stage).pk if body.from_stage is not None else None
    try:
        with refusing():
            actions.move_deal(by=request.user, deal=deal, to=to, on=body.on, lost_reason=body.lost_reason, seen=seen)
    except actions.Conflict as conflict:
        detail = _("Somebody moved this deal to “%(stage)s” meanwhile. Read it again.")
        raise Problem(412, detail % {"stage": conflict.current["stage"]}, code="changed-meanwhile") from conflict
    return _shown(request, deal_id)


@router.get("/deals/{int:deal_id}/history", response=Page[StepOut], auth=READS)
def list_deal_history(request: Request, deal_id: int) -> Any:
    """The deal's way through the stages, the first one first."""
    steps = queries.stays(queries.way(_find(request, deal_id), request.user), today())
    told = not request.user.is_partner_side
    return everything(
        steps,
        lambda pair: {
            "from_stage": pair[0].from_stage.key if pair[0].from_stage else None,
            "to_stage": pair[0].to_stage.key,
            "on": date(pair[0].on),
            "until": date(pair[1].until),
            "days": pair[1].days,
            "by": pair[0].by_id if told else None,
        },
    )


NAMES = {"currency": "amount"}  # as the API calls fields of the model
REQUIRED = ("name", "amount", "created_on", "led_by", "kind", "lost_reason")


def _values(body: DealPatch) -> dict[str, Any]:
    """The fields sent, as the actions take them."""
    sent = given(body)
    if empty := [name for name in REQUIRED if name in sent and sent[name] is None]:
        raise invalid(field_error(name, _("This can't be empty.")) for name in empty)
    values = {name: sent[name] for name in PLAIN if name in sent}
    if "customer_name" in values:
        values["customer_name"] = values["customer_name"] or ""
    if "external_id" in values:
        values["external_id"] = values["external_id"] or None
    if sent.get("amount") is not None:
        values |= {"amount": body.amount.amount, "currency": body.amount.currency} if body.amount else {}
    if "product_line" in sent:
        key = sent["product_line"]
        values["product_line"] = None if key is None else one_of(ProductLine.objects.all(), "product_line", key=key)
    return values


def _shares(sent: Iterable[ShareIn]) -> dict[int, Decimal]:
    shares: dict[int, Decimal] = {}
    for number, share in enumerate(sent):
        if share.partner in shares:
            raise invalid([field_error(f"shares.{number}.partner", _("This partner is in the list already."))])
        shares[share.partner] = share.percent
    return shares
