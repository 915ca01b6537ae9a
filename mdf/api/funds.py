"""Funds, their accounts and their ledger."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import Field

from marketing.models import Tactic
from mdf import actions
from mdf.api.common import EDITS_FUNDS, READS, refusing
from mdf.api.fund_shapes import (
    AccountOut,
    AccrualOut,
    AllocationIn,
    BudgetIn,
    EntryOut,
    ExpiringOut,
    FundIn,
    FundOut,
    FundPatch,
    LedgerQuery,
    LineOut,
    ReverseIn,
    TransferIn,
    account_out,
    accrual_out,
    entry_out,
    expiring_out,
    fund_out,
    line_out,
)
from mdf.models import Entry, Fund
from mdf.queries import funds as queries
from partners.models import Partner, Region
from prm.api.auth import Request
from prm.api.paging import Paging, everything, page
from prm.api.problems import field_error, invalid
from prm.api.schemas import Out, Page, given

router = Router(tags=["MDF funds"])


def find_fund(request: Request, fund_id: int) -> Fund:
    fund: Fund = get_object_or_404(queries.funds(request.user).prefetch_related("tactics"), pk=fund_id)
    return fund


def _tactics(keys: list[str]) -> list[Tactic]:
    found = {tactic.key: tactic for tactic in Tactic.objects.filter(key__in=keys)}
    if missing := [key for key in keys if key not in found]:
        raise invalid([field_error("tactics", _("There is no such tactic: %(key)s.") % {"key": missing[0]})])
    return list(found.values())


def _fields(body: FundPatch) -> dict[str, Any]:
    fields = given(body)
    if "tactics" in fields:
        fields["tactics"] = _tactics(fields["tactics"])
    if "expires_on" in fields and fields["expires_on"] is None:
        raise invalid([field_error("expires_on", _("Choose a day."))])
    return fields


# ── Funds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/mdf/funds", response=Page[FundOut], auth=READS)
def list_mdf_funds(request: Request, response: HttpResponse, paging: Query[Paging]) -> Any:
    """The funds; the partner's side sees those it may draw on, without their figures."""
    rows = queries.funds(request.user)
    found = page(request, response, rows, lambda fund: {"fund": fund}, paging=paging)
    shown = [each["fund"] for each in found["items"]]
    known = {} if request.user.is_partner_side else queries.figures([fund.pk for fund in shown])
    tactics = Fund.objects.filter(pk__in=[fund.pk for fund in shown]).prefetch_related("tactics").in_bulk()
    return found | {"items": [fund_out(tactics[fund.pk], request.user, known) for fund in shown]}


@router.post("/mdf/funds", response={201: FundOut}, auth=EDITS_FUNDS)
def create_mdf_fund(request: Request, body: FundIn) -> Any:
    """A fund with its budget, none of it allocated."""
    with refusing():
        fund = actions.create_fund(by=request.user, **_fields(body))
    return Status(201, fund_out(fund, request.user))


@router.get("/mdf/funds/{int:fund_id}", response=FundOut, auth=READS)
def get_mdf_fund(request: Request, fund_id: int) -> Any:
    """One of them."""
    return fund_out(find_fund(request, fund_id), request.user)


@router.patch("/mdf/funds/{int:fund_id}", response=FundOut, auth=EDITS_FUNDS)
def update_mdf_fund(request: Request, fund_id: int, body: FundPatch) -> Any:
    """Changes its name and rules. What was asked, reckoned or expired before stays as it was."""
    with refusing():
        fund = actions.change_fund(by=request.user, fund=find_fund(request, fund_id), **_fields(body))
    return fund_out(fund, request.user)


@router.post("/mdf/funds/{int:fund_id}/budget", response={201: EntryOut}, auth=EDITS_FUNDS)
def change_mdf_budget(request: Request, fund_id: int, body: BudgetIn) -> Any:
    """409 `not-enough` with what is `left` where more is cut than is neither allocated nor used."""
    with refusing():
        entry = actions.change_budget(
            by=request.user, fund=find_fund(request, fund_id), amount=body.amount, reason=body.reason
        )
    return Status(201, entry_out(entry, request.user))


@router.get("/mdf/funds/{int:fund_id}/accounts", response=Page[AccountOut], auth=READS)
def list_mdf_accounts(request: Request, fund_id: int) -> Any:
    """What isn't allocated, and the allocations the user sees: a CAM those of its partners and of regions, a partner its own."""
    return everything(queries.accounts(request.user, find_fund(request, fund_id)), account_out)


@router.post("/mdf/funds/{int:fund_id}/allocations", response={201: AccountOut}, auth=EDITS_FUNDS)
def allocate_mdf(request: Request, fund_id: int, body: AllocationIn) -> Any:
    """Moves money of the fund that isn't allocated. Again to the same adds to it."""
    fund = find_fund(request, fund_id)
    region = _one(Region.objects.filter(key=body.region), "region") if body.region is not None else None
    seen = Partner.objects.visible_to(request.user)
    distributor = _one(seen.filter(pk=body.distributor), "distributor") if body.distributor is not None else None
    partner = _one(seen.filter(pk=body.partner), "partner") if body.partner is not None else None
    with refusing():
        account = actions.allocate(
            by=request.user, fund=fund, amount=body.amount, region=region, distributor=distributor, partner=partner,
            expires_on=body.expires_on, reason=body.reason,
        )  # fmt: skip
    return Status(201, account_out(account))


@router.post("/mdf/funds/{int:fund_id}/transfers", response={201: EntryOut}, auth=EDITS_FUNDS)
def transfer_mdf(request: Request, fund_id: int, body: TransferIn) -> Any:
    """Moves what is available between two of its accounts."""
    rows = queries.accounts(request.user, find_fund(request, fund_id))
    source, target = (_one(rows.filter(pk=getattr(body, side)), side) for side in ("source", "target"))
    with refusing():
        entry = actions.transfer(by=request.user, source=source, target=target, amount=body.amount, reason=body.reason)
    return Status(201, entry_out(entry, request.user))


def _one(rows: Any, field: str) -> Any:
    found = rows.first()
    if found is None:
        raise invalid([field_error(field, _("There is nothing here that you can see."))])
    return found


# ── Ledger ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/mdf/funds/{int:fund_id}/ledger", response=Page[LineOut], auth=READS)
def list_mdf_ledger(request: Request, response: HttpResponse, fund_id: int, query: Query[LedgerQuery]) -> Any:
    """The newest first: a line for each account that an entry moved."""
    rows = queries.postings(request.user).filter(entry__fund=find_fund(request, fund_id))
    return page(
        request, response, _narrowed(rows, query), lambda row: line_out(row, request.user), paging=query, sort="-id",
        known=set(LedgerQuery.model_fields),
    )  # fmt: skip


@router.get("/mdf/accounts/{int:account_id}", response=AccountOut, auth=READS)
def get_mdf_account(request: Request, account_id: int) -> Any:
    """One account."""
    return account_out(get_object_or_404(queries.accounts(request.user), pk=account_id))


@router.get("/mdf/entries/{int:entry_id}", response=EntryOut, auth=READS)
def get_mdf_entry(request: Request, entry_id: int) -> Any:
    """An entry, with what it did to the accounts the user sees."""
    return entry_out(_entry(request, entry_id), request.user)


@router.post("/mdf/entries/{int:entry_id}/reverse", response={201: EntryOut}, auth=EDITS_FUNDS)
def reverse_mdf_entry(request: Request, entry_id: int, body: ReverseIn) -> Any:
    """Takes a mistake back by an entry of its own. 409 where it is reversed already, or (`not-enough`) the money has moved on."""
    with refusing():
        entry = actions.reverse(by=request.user, entry=_entry(request, entry_id), reason=body.reason)
    return Status(201, entry_out(entry, request.user))


@router.get("/mdf/funds/{int:fund_id}/accruals", response=Page[AccrualOut], auth=READS)
def list_mdf_accruals(request: Request, response: HttpResponse, fund_id: int, paging: Query[Paging]) -> Any:
    """How the accruals of each month came about, the newest first."""
    fund = find_fund(request, fund_id)
    rows = queries.accruals(request.user, fund)
    return page(request, response, rows, lambda row: accrual_out(row, fund.currency), paging=paging, sort="-id")


@router.post("/mdf/funds/{int:fund_id}/accruals", response=Page[AccrualOut], auth=EDITS_FUNDS)
def book_mdf_accruals(request: Request, fund_id: int) -> Any:
    """Books now what comes by night: the months that are over, as their results say by now. Once more it books nothing."""
    fund = find_fund(request, fund_id)
    with refusing():
        made = actions.accrue(fund=fund, by=request.user)
    return everything(made, lambda row: accrual_out(row, fund.currency))


class ExpiringQuery(Out):
    within: int = Field(queries.SOON, ge=0, le=3650, description="Days from today.")


@router.get("/mdf/expiring", response=Page[ExpiringOut], auth=READS)
def list_mdf_expiring(request: Request, query: Query[ExpiringQuery]) -> Any:
    """What is available and will be lost, by account and last day, the first first."""
    return everything(queries.expiring(request.user, within=query.within), expiring_out)


def _entry(request: Request, entry_id: int) -> Entry:
    entry: Entry = get_object_or_404(Entry.objects.visible_to(request.user).select_related("fund"), pk=entry_id)
    return entry


def _narrowed(rows: Any, query: LedgerQuery) -> Any:
    if query.kind:
        rows = rows.filter(entry__kind__in=query.kind)
    if query.account is not None:
        rows = rows.filter(account=query.account)
    if query.partner is not None:
        rows = rows.filter(entry__partner=query.partner)
    if query.since is not None:
        rows = rows.filter(entry__on__gte=query.since)
    if query.until is not None:
        rows = rows.filter(entry__on__lte=query.until)
    return rows
