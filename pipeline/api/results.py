"""Sales results, and the end customers that partners sell to."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.db.models import F
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field

from accounts.models import User
from partners.api.common import PartnerQuery, check_filter, find, one_of, refusing
from partners.models import Partner
from pipeline import actions, queries
from pipeline.api.common import READS, WRITES, Amount
from pipeline.filters import CustomerFilter, ResultFilter
from pipeline.models import Customer, ProductLine, SalesResult
from pipeline.models.result import MANUAL
from prm.api.auth import Request
from prm.api.paging import Paging, page
from prm.api.schemas import Id, Key, Out, Page, Patch, given, instant

router = Router(tags=["Sales results"])
Kind = Literal["new", "renewal", "expansion"]
NAMES = {"currency": "amount"}
PLAIN = ("on", "kind", "customer")
OWN = ("cursor", "limit", "sort", "partner")


class ResultOut(Out):
    """One line of what a partner sold. `source` is `manual` for what was typed in; what came from elsewhere can't be changed."""

    id: int
    partner: int
    on: str
    amount: Amount
    product_line: str | None
    customer: str | None
    customer_id: int | None
    kind: Kind
    distributor: int | None
    source: str
    external_id: str | None
    created_at: str
    updated_at: str


class ResultPatch(Patch):
    """Fields not sent stay as they are. `customer` is a name: one of the partner's, or a new one."""

    on: dt.date = dt.date.min
    amount: Amount = Field(None)  # type: ignore[assignment]
    product_line: Key | None = None
    customer: str | None = Field(None, max_length=200)
    kind: Kind = "new"
    distributor: Id | None = None


class ResultIn(ResultPatch):
    """`external_id` is unique within a `source`; with a source of your own the result can be removed, not changed."""

    on: dt.date
    amount: Amount
    source: str = Field(MANUAL, min_length=1, max_length=40)
    external_id: str | None = Field(None, min_length=1, max_length=120)


class ResultQuery(PartnerQuery):
    q: str = Field("", description="Words of the partner's or the customer's name; or the external id.")
    partner: Id | None = None
    product: list[str] = Field([], description="Keys; `none` for those without.")
    kind: list[Kind] = []
    origin: Literal["", "manual", "import", "credit"] = ""
    since: dt.date | None = None
    until: dt.date | None = None


def result_out(row: SalesResult) -> dict[str, Any]:
    return {
        "id": row.pk,
        "partner": row.partner_id,
        "on": row.on.isoformat(),
        "amount": {"amount": row.amount, "currency": row.currency},
        "product_line": row.product_line.key if row.product_line else None,
        "customer": row.customer.name if row.customer else None,
        "customer_id": row.customer_id,
        "kind": row.kind,
        "distributor": row.distributor_id,
        "source": row.source,
        "external_id": row.external_id,
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
    }


def _find(request: Request, result_id: int) -> SalesResult:
    row: SalesResult = get_object_or_404(queries.results(request.user), pk=result_id)
    return row


def _values(body: ResultPatch, user: User) -> dict[str, Any]:
    sent = given(body)
    values = {name: sent[name] for name in (*PLAIN, "source", "external_id") if name in sent}
    if "amount" in sent:
        values |= {"amount": sent["amount"].amount, "currency": sent["amount"].currency}
    if "product_line" in sent:
        key = sent["product_line"]
        values["product_line"] = None if key is None else one_of(ProductLine.objects.all(), "product_line", key=key)
    if "distributor" in sent:
        pk = sent["distributor"]
        rows = Partner.objects.visible_to(user)
        values["distributor"] = None if pk is None else one_of(rows, "distributor", pk=pk)
    return values


@router.get("/results", response=Page[ResultOut], auth=READS)
def list_sales_results(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[ResultQuery, Query()],
    sort: Literal["on", "-on", "id", "-id"] = "-on",
) -> Any:
    """The sales results one may see, newest first; narrowed like the partners, and by what was sold when."""
    chosen = ResultFilter(request.GET, user=request.user)
    check_filter(request, chosen, *OWN)
    rows = chosen.narrow(queries.results(request.user))
    if query.partner is not None:
        rows = rows.filter(partner=query.partner)
    return page(request, response, rows, result_out, paging=paging, sort=sort, by={"on": F("on")}, known=None)


@router.post("/partners/{int:partner_id}/results", response={201: ResultOut}, auth=WRITES)
def create_sales_result(request: Request, response: HttpResponse, partner_id: int, body: ResultIn) -> Any:
    """Adds a sales result; negative for a credit note."""
    partner = find(request, partner_id)
    with refusing(NAMES):
        row = actions.add_result(by=request.user, partner=partner, **_values(body, request.user))
    response["Location"] = request.build_absolute_uri(f"/api/v1/results/{row.pk}")
    return Status(201, result_out(row))


@router.get("/results/{int:result_id}", response=ResultOut, auth=READS)
def get_sales_result(request: Request, result_id: int) -> Any:
    """One sales result."""
    return result_out(_find(request, result_id))


@router.patch("/results/{int:result_id}", response=ResultOut, auth=WRITES)
def update_sales_result(request: Request, result_id: int, body: ResultPatch) -> Any:
    """Changes the fields sent, of a result that was typed in."""
    with refusing(NAMES):
        row = actions.update_result(
            by=request.user, result=_find(request, result_id), changes=_values(body, request.user)
        )
    return result_out(_find(request, row.pk))


@router.delete("/results/{int:result_id}", response={204: None}, auth=WRITES)
def delete_sales_result(request: Request, result_id: int) -> Any:
    """Removes a sales result, wherever it came from."""
    actions.remove_result(by=request.user, result=_find(request, result_id))
    return Status(204, None)


# ── End customers ────────────────────────────────────────────────────────────────────────────────────────────────────


class CustomerOut(Out):
    """An end customer as one partner knows it; `results` and `deals` count what is with it."""

    id: int
    partner: int
    name: str
    domain: str
    country: str
    external_id: str | None
    results: int
    deals: int


class CustomerQuery(PartnerQuery):
    q: str = Field(
        "", description="Words of the customer's or the partner's name; part of the domain; the external id."
    )
    partner: Id | None = None


def customer_out(row: Any) -> dict[str, Any]:
    """Of one out of `queries.customers(user)`."""
    return {
        "id": row.pk,
        "partner": row.partner_id,
        **{name: getattr(row, name) for name in ("name", "domain", "country", "external_id")},
        "results": row.result_count or 0,
        "deals": row.deal_count or 0,
    }


def _find_customer(request: Request, customer_id: int) -> Customer:
    row: Customer = get_object_or_404(queries.customers(request.user), pk=customer_id)
    return row


@router.get("/customers", response=Page[CustomerOut], auth=READS)
def list_customers(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[CustomerQuery, Query()],
    sort: Literal["name", "-name", "id", "-id"] = "name",
) -> Any:
    """The end customers of the partners one may see."""
    chosen = CustomerFilter(request.GET, user=request.user)
    check_filter(request, chosen, *OWN)
    rows = chosen.narrow(queries.customers(request.user))
    if query.partner is not None:
        rows = rows.filter(partner=query.partner)
    return page(request, response, rows, customer_out, paging=paging, sort=sort, by={"name": Lower("name")}, known=None)


@router.get("/customers/{int:customer_id}", response=CustomerOut, auth=READS)
def get_customer(request: Request, customer_id: int) -> Any:
    """One end customer."""
    return customer_out(_find_customer(request, customer_id))


@router.delete("/customers/{int:customer_id}", response={204: None}, auth=WRITES)
def delete_customer(request: Request, customer_id: int) -> Any:
    """Removes an end customer that no result and no deal is with."""
    with refusing():
        actions.remove_customer(by=request.user, customer=_find_customer(request, customer_id))
    return Status(204, None)
