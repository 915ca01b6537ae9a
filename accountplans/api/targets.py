"""Targets: what is to be sold to whom next, by whom and when; and what is ruled out."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from accountplans import actions, queries
from accountplans.api.common import READS, WRITES, find_customer, key_of
from accountplans.models import AccountTarget, Play
from partners.api.common import date, one_of, refusing
from pipeline.models import ProductLine
from prm.api.auth import Request
from prm.api.paging import Paging, page
from prm.api.schemas import Id, In, Key, Money, Out, Page

router = Router(tags=["Account plans"])
StateKey = Literal["target", "ruled_out"]


class TargetOut(Out):
    """`owner` is a user of either side. `reason` of what is ruled out."""

    id: int
    partner: int
    customer: int
    product_line: str
    state: StateKey
    reason: str
    play: str | None
    next_step: str
    due_on: str | None
    owner: int | None
    amount: Money | None


class TargetIn(In):
    """The whole target: what isn't sent is empty."""

    state: StateKey = "target"
    reason: str = Field("", max_length=300)
    play: Key | None = None
    next_step: str = Field("", max_length=200)
    due_on: dt.date | None = None
    owner: Id | None = None
    amount: Money | None = None


class TargetQuery(BaseModel):
    partner: Id | None = None
    customer: Id | None = None
    state: StateKey | None = None


def target_out(row: AccountTarget) -> dict[str, Any]:
    amount = {"amount": row.amount, "currency": row.currency} if row.amount is not None else None
    return {
        "id": row.pk,
        "partner": row.customer.partner_id,
        "customer": row.customer_id,
        "product_line": row.product_line.key,
        "state": row.state,
        "reason": row.reason,
        "play": key_of(row.play),
        "next_step": row.next_step,
        "due_on": date(row.due_on),
        "owner": row.owner_id,
        "amount": amount,
    }


def _find(request: Request, target_id: int) -> AccountTarget:
    found: AccountTarget = get_object_or_404(queries.targets(request.user), pk=target_id)
    return found


@router.get("/account-targets", response=Page[TargetOut], auth=READS)
def list_account_targets(
    request: Request, response: HttpResponse, paging: Annotated[Paging, Query()], query: Annotated[TargetQuery, Query()]
) -> Any:
    """The targets and what is ruled out, of the partners that share theirs."""
    rows = queries.targets(request.user)
    if query.partner is not None:
        rows = rows.filter(customer__partner=query.partner)
    if query.customer is not None:
        rows = rows.filter(customer=query.customer)
    if query.state is not None:
        rows = rows.filter(state=query.state)
    known = ("partner", "customer", "state")
    return page(request, response, rows, target_out, paging=paging, known=known)


@router.get("/account-targets/{int:target_id}", response=TargetOut, auth=READS)
def get_account_target(request: Request, target_id: int) -> Any:
    """One target."""
    return target_out(_find(request, target_id))


@router.put("/accounts/{int:customer_id}/targets/{str:key}", response=TargetOut, auth=WRITES)
def set_account_target(request: Request, customer_id: int, key: str, body: TargetIn) -> Any:
    """Makes a customer and product line (its `key`) a target, or rules it out with a reason. 403 for the vendor's people where
    targets aren't shared."""
    customer = find_customer(request, customer_id)
    line = get_object_or_404(ProductLine, key=key)
    values: dict[str, Any] = {name: getattr(body, name) for name in ("state", "reason", "next_step", "due_on")}
    values["play"] = one_of(Play.objects.all(), "play", key=body.play) if body.play else None
    values["owner"] = one_of(queries.owners(customer.partner), "owner", pk=body.owner) if body.owner else None
    values["amount"] = body.amount.amount if body.amount else None
    values["currency"] = body.amount.currency if body.amount else ""
    with refusing():
        row = actions.set_target(by=request.user, customer=customer, product_line=line, **values)
    return target_out(_find(request, row.pk))


@router.post("/account-targets/{int:target_id}/confirm", response=TargetOut, auth=WRITES)
def confirm_account_target(request: Request, target_id: int) -> Any:
    """Says that it is right as it stands."""
    row = _find(request, target_id)
    with refusing():
        actions.confirm_target(by=request.user, target=row)
    return target_out(_find(request, target_id))


@router.delete("/account-targets/{int:target_id}", response={204: None}, auth=WRITES)
def clear_account_target(request: Request, target_id: int) -> Any:
    """Neither a target nor ruled out any more."""
    with refusing():
        actions.clear_target(by=request.user, target=_find(request, target_id))
    return Status(204, None)
