"""Customers of an account plan: what is known of them, what they own, and each product line's state and chance."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.db.models.functions import Lower
from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import Field

from accountplans import actions, queries, reasons
from accountplans.api.common import READS, WRITES, find_customer, find_partner, key_of
from accountplans.models import Account, ComplementaryProduct, Vertical
from accountplans.opportunity import Thing
from accountplans.whitespace import Cell, Whitespace, ranked
from partners.api.common import date, one_of, refusing
from pipeline.models import Customer, ProductLine
from prm.api.auth import Request
from prm.api.paging import Paging, everything, page
from prm.api.problems import field_error, invalid
from prm.api.schemas import In, Key, Out, Page, Patch, given, instant

router = Router(tags=["Account plans"])
SizeKey = Literal["small", "medium", "large", "huge"]
RelationshipKey = Literal["none", "known", "strong"]
MOST = 100
State = Literal["owned", "pipeline", "target", "ruled_out", "empty"]


class OwnedOut(Out):
    """`kind` line: one of the vendor's; complementary: another. `key` of the list it is in."""

    kind: Literal["line", "complementary"]
    key: str
    renews_on: str | None


class AccountOut(Out):
    """A customer as its partner knows it. For the vendor's people what isn't shared is null or empty. `size` by people: small below
    50, medium below 250, large below 1,000, huge."""

    id: int
    partner: int
    name: str
    domain: str
    country: str
    vertical: str | None
    size: str
    relationship: RelationshipKey
    who_knows_whom: str
    note: str
    owned: list[OwnedOut]


class AccountPatch(Patch):
    name: str = Field("", min_length=1, max_length=200)
    domain: str = Field("", max_length=253)
    country: str = Field("", max_length=2)
    vertical: Key | None = None
    size: SizeKey | Literal[""] = ""
    relationship: RelationshipKey = "none"
    who_knows_whom: str = Field("", max_length=500)
    note: str = Field("", max_length=1000)


class AccountIn(AccountPatch):
    name: str = Field(min_length=1, max_length=200)


class OwnedIn(In):
    kind: Literal["line", "complementary"]
    key: Key
    renews_on: dt.date | None = None


class ProductsIn(In):
    """All that the customer owns; what isn't named is taken away."""

    owned: list[OwnedIn] = Field(max_length=200)


class PartOut(Out):
    """`value` from 0 to 1, null where it can't be told; `formula` with its own numbers, as far as one may read them."""

    label: str
    words: str
    formula: str
    value: str | None


class CellOut(Out):
    """`score` from 0 to 100, of what is empty or a target; null where it can't be told. `as_of`: when what it stands on was read."""

    customer: int
    product_line: str
    state: State
    score: int | None
    parts: list[PartOut]
    as_of: str | None
    open: list[str]


class OpportunityOut(Out):
    """An empty cell, or a target, with its score and the reasons in words."""

    customer: int
    name: str
    product_line: str
    state: State
    score: int
    reasons: str


def _values(body: In) -> dict[str, Any]:
    sent = given(body)
    if "vertical" in sent and sent["vertical"] is not None:
        sent["vertical"] = one_of(Vertical.objects.all(), "vertical", key=sent["vertical"])
    return sent


def account_out(customer: Customer, found: Whitespace, keys: dict[Thing, str]) -> dict[str, Any]:
    known = found.accounts.get(customer.pk) or Account()
    owned = found.owned.get(customer.pk, {})
    return {
        "id": customer.pk,
        "partner": customer.partner_id,
        **{name: getattr(customer, name) for name in actions.OF_CUSTOMER},
        **{name: getattr(known, name) for name in ("size", "relationship", "who_knows_whom", "note")},
        "vertical": key_of(known.vertical),
        "owned": [
            {"kind": thing.kind, "key": keys[thing], "renews_on": date(day)} for thing, day in sorted(owned.items())
        ],
    }


def _keys() -> dict[Thing, str]:
    lines = {Thing.line(row.pk): row.key for row in ProductLine.objects.all()}
    return lines | {Thing.complementary(row.pk): row.key for row in ComplementaryProduct.objects.all()}


def _one(request: Request, customer: Customer) -> dict[str, Any]:
    return account_out(customer, Whitespace(request.user, customer.partner, [customer]), _keys())


@router.get("/partners/{int:partner_id}/accounts", response=Page[AccountOut], auth=READS)
def list_accounts(request: Request, response: HttpResponse, partner_id: int, paging: Annotated[Paging, Query()]) -> Any:
    """A partner's customers by name, as far as one sees them."""
    partner = find_partner(request, partner_id)
    rows = queries.customers(request.user, partner)
    shown = page(
        request, response, rows, lambda row: {"row": row}, paging=paging, sort="name", by={"name": Lower("name")}
    )
    customers = [item["row"] for item in shown["items"]]
    found, keys = Whitespace(request.user, partner, customers), _keys()
    return {**shown, "items": [account_out(customer, found, keys) for customer in customers]}


@router.post("/partners/{int:partner_id}/accounts", response={201: AccountOut}, auth=WRITES)
def create_account(request: Request, response: HttpResponse, partner_id: int, body: AccountIn) -> Any:
    """Adds a customer to the plan, or fills in the one of this name. 403 for the vendor's people where the plan isn't shared whole."""
    partner = find_partner(request, partner_id)
    with refusing():
        customer = actions.add_account(by=request.user, partner=partner, **_values(body))
    response["Location"] = request.build_absolute_uri(f"/api/v1/accounts/{customer.pk}")
    return Status(201, _one(request, customer))


@router.get("/accounts/{int:customer_id}", response=AccountOut, auth=READS)
def get_account(request: Request, customer_id: int) -> Any:
    """One customer."""
    return _one(request, find_customer(request, customer_id))


@router.patch("/accounts/{int:customer_id}", response=AccountOut, auth=WRITES)
def update_account(request: Request, customer_id: int, body: AccountPatch) -> Any:
    """Changes the fields sent."""
    customer = find_customer(request, customer_id)
    with refusing():
        actions.update_account(by=request.user, customer=customer, changes=_values(body))
    return _one(request, find_customer(request, customer_id))


@router.delete("/accounts/{int:customer_id}", response={204: None}, auth=WRITES)
def delete_account(request: Request, customer_id: int) -> Any:
    """Takes a customer out of the plan; 422 for one that the vendor knows by its own sales, deals, leads or registrations."""
    with refusing():
        actions.remove_account(by=request.user, customer=find_customer(request, customer_id))
    return Status(204, None)


@router.put("/accounts/{int:customer_id}/products", response=AccountOut, auth=WRITES)
def set_account_products(request: Request, customer_id: int, body: ProductsIn) -> Any:
    """What the customer owns beside what the vendor sold."""
    customer = find_customer(request, customer_id)
    things = {(thing.kind, key): thing for thing, key in _keys().items()}
    owned: dict[Thing, dt.date | None] = {}
    for number, one in enumerate(body.owned):
        if (one.kind, one.key) not in things:
            raise invalid([field_error(f"owned.{number}.key", _("There is none such that you can use here."))])
        owned[things[one.kind, one.key]] = one.renews_on
    with refusing():
        actions.set_owned(
            by=request.user, customer=customer, owned=owned, gone=frozenset(set(things.values()) - set(owned))
        )
    return _one(request, customer)


def cell_out(
    cell: Cell, account: Account | None, found: Whitespace, names: reasons.Names, side: bool
) -> dict[str, Any]:
    parts = reasons.parts(cell, account, found.scorer.basis, names, numbers=not side)
    return {
        "customer": cell.customer.pk,
        "product_line": cell.line.key,
        "state": cell.state.value,
        "score": cell.points,
        "parts": [
            {
                "label": part.label,
                "words": part.words,
                "formula": part.formula,
                "value": None if part.figure == "–" else part.figure,
            }
            for part in parts
        ],
        "as_of": instant(found.scorer.basis.as_of) if cell.score else None,
        "open": [one.name for one in cell.opens],
    }


@router.get("/accounts/{int:customer_id}/whitespace", response=Page[CellOut], auth=READS)
def get_whitespace(request: Request, customer_id: int) -> Any:
    """Each product line of the vendor with its state for this customer; of what is empty or a target the score with its parts."""
    customer = find_customer(request, customer_id)
    found = Whitespace(request.user, customer.partner, [customer])
    names, row = reasons.Names(), found.row(customer)
    return everything(row.cells, lambda cell: cell_out(cell, row.account, found, names, request.user.is_partner_side))


@router.get("/partners/{int:partner_id}/opportunities", response=Page[OpportunityOut], auth=READS)
def list_opportunities(request: Request, partner_id: int) -> Any:
    """The hundred best chances of a partner's customers, the best first."""
    partner = find_partner(request, partner_id)
    found = Whitespace(request.user, partner, queries.customers(request.user, partner).order_by("pk"))
    names = reasons.Names()
    return everything(
        ranked(found.rows)[:MOST],
        lambda cell: {
            "customer": cell.customer.pk,
            "name": cell.customer.name,
            "product_line": cell.line.key,
            "state": cell.state.value,
            "score": cell.points,
            "reasons": reasons.brief(cell, names),
        },
    )
