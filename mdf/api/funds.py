"""Funds, their accounts and their ledger."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import Field

from accounts.models import User
from marketing.models import Tactic
from mdf import actions
from mdf.api.common import EDITS_FUNDS, READS, amount, refusing
from mdf.models import Account, Accrual, Entry, Fund, Posting
from mdf.queries import funds as queries
from mdf.queries.funds import Expiring, Figures
from partners.api.common import date
from partners.models import Partner, Region
from pipeline.api.common import Currency, text
from prm.api.auth import Request
from prm.api.paging import Paging, everything, page
from prm.api.problems import field_error, invalid
from prm.api.schemas import Id, In, Key, Out, Page, Patch, given, instant

router = Router(tags=["MDF funds"])

Kind = Literal["proposal", "accrual", "both"]
EntryKind = Literal["fund", "accrue", "allocate", "transfer", "reserve", "release", "spend", "expire", "reverse"]
Rate = Annotated[Decimal, Field(gt=0, le=1, max_digits=7, decimal_places=6, description="A fraction: 0.5 is 50 %.")]
Sum = Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4)]
Signed = Annotated[Decimal, Field(max_digits=16, decimal_places=4)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class FundPatch(Patch):
    """Fields not sent stay as they are. `tactics`: keys, none for all. `minimum_roi`: 3 asks that each unit of MDF brings four.
    `claim_days` after an activity's end. An accrual lasts `accrual_months` after its month, null: as long as the fund."""

    name: str = Field("", max_length=120)
    kind: Kind = "proposal"
    expires_on: dt.date | None = None
    tactics: list[Key] = Field([], max_length=200)
    share: Rate = Decimal("0.5")
    minimum_roi: Annotated[Decimal, Field(ge=0, max_digits=9, decimal_places=4)] | None = None
    claim_days: int = Field(60, ge=1, le=730)
    accrual_rate: Rate | None = None
    accrual_months: int | None = Field(None, ge=1, le=60)
    needs_signed_plan: bool = False


class FundIn(FundPatch):
    """`period`: the key of a fiscal year, half-year or quarter (2026, 2026H1, 2026Q3); it expires with it where `expires_on` is left
    out."""

    name: str = Field(min_length=1, max_length=120)
    period: str = Field(max_length=7)
    currency: Currency
    budget: Annotated[Decimal, Field(ge=0, max_digits=16, decimal_places=4)] = Decimal(0)


class BudgetIn(In):
    """Adds to the budget; negative cuts it."""

    amount: Signed
    reason: Reason


class AllocationIn(In):
    """To one of a region (key), a distributor or a partner (ids)."""

    amount: Sum
    region: Key | None = None
    distributor: Id | None = None
    partner: Id | None = None
    expires_on: dt.date | None = None
    reason: str = Field("", max_length=500)


class TransferIn(In):
    """Between two accounts of the fund, by id."""

    source: Id
    target: Id
    amount: Sum
    reason: Reason


class ReverseIn(In):
    reason: Reason


class FiguresOut(Out):
    """budget + accrued = available + reserved + spent + expired; of these `unallocated` lies in no allocation."""

    budget: str
    accrued: str
    available: str
    reserved: str
    spent: str
    expired: str
    unallocated: str


class FundOut(Out):
    """`figures` are for the vendor's side."""

    id: int
    name: str
    kind: Kind
    period: str
    starts_on: str
    ends_on: str
    expires_on: str
    currency: str
    share: str
    minimum_roi: str | None
    claim_days: int
    tactics: list[str]
    accrual_rate: str | None
    accrual_months: int | None
    needs_signed_plan: bool
    figures: FiguresOut | None
    created_at: str


class AccountOut(Out):
    """What isn't allocated (`fund`), or an allocation. credited = available + reserved + spent + expired. `carried`: what is still
    taken of accruals to come."""

    id: int
    fund: int
    kind: Literal["fund", "region", "distributor", "partner"]
    region: str | None
    distributor: int | None
    partner: int | None
    currency: str
    credited: str
    available: str
    reserved: str
    spent: str
    expired: str
    carried: str
    expires_on: str


class LineOut(Out):
    """What an entry of the ledger did to one account, and what stood there after it. `subject`: what it was done for ("request" and
    the like) with its id. Who did it and why is for the vendor's side."""

    id: int
    entry: int
    account: int
    kind: EntryKind
    amount: str
    currency: str
    partner: int | None
    line: int | None
    subject: str | None
    subject_id: int | None
    reverses: int | None
    reversed_by: int | None
    credited: str
    available: str
    reserved: str
    spent: str
    expired: str
    available_after: str
    reserved_after: str
    spent_after: str
    expired_after: str
    reason: str | None
    by: int | None
    at: str


class EntryOut(Out):
    """An entry with what it did to each account."""

    id: int
    fund: int
    kind: EntryKind
    amount: str
    currency: str
    lines: list[LineOut]


class AccrualOut(Out):
    """earned = rate × results, less what was reckoned for the month before. booked = earned − carried_before, but not below what was
    available; the rest is `carried_after`."""

    id: int
    partner: int
    month: str
    results: str
    rate: str
    earned: str
    carried_before: str
    booked: str
    carried_after: str
    entry: int | None
    at: str


class ExpiringOut(Out):
    account: int
    fund: int
    last_day: str
    amount: str
    currency: str


class LedgerQuery(Paging):
    kind: list[EntryKind] = Field([], description="Repeat for any of several.")
    account: Id | None = None
    partner: Id | None = None
    since: dt.date | None = None
    until: dt.date | None = None


# ── Shapes ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def fund_out(fund: Fund, user: User, known: dict[int, Figures] | None = None) -> dict[str, Any]:
    figures = None
    if not user.is_partner_side:
        found = (known or queries.figures([fund.pk]))[fund.pk]
        figures = {name: amount(getattr(found, name), fund.currency) for name in FiguresOut.model_fields}
    return {
        **{
            name: getattr(fund, name)
            for name in ("name", "kind", "period", "currency", "claim_days", "accrual_months", "needs_signed_plan")
        },
        "id": fund.pk,
        "starts_on": date(fund.starts_on),
        "ends_on": date(fund.ends_on),
        "expires_on": date(fund.expires_on),
        "share": text(fund.share),
        "minimum_roi": None if fund.minimum_roi is None else text(fund.minimum_roi),
        "accrual_rate": None if fund.accrual_rate is None else text(fund.accrual_rate),
        "tactics": sorted(tactic.key for tactic in fund.tactics.all()),
        "figures": figures,
        "created_at": instant(fund.created_at),
    }


def account_out(account: Account) -> dict[str, Any]:
    fund = account.fund
    return {
        "id": account.pk,
        "fund": fund.pk,
        "kind": account.kind,
        "region": account.region.key if account.region else None,
        "distributor": account.distributor_id,
        "partner": account.partner_id,
        "currency": fund.currency,
        **{name: amount(getattr(account, name), fund.currency) for name in (*Account.FIGURES, "carried")},
        "expires_on": date(account.last_day),
    }


def line_out(posting: Posting, user: User) -> dict[str, Any]:
    entry, told = posting.entry, not user.is_partner_side
    currency = entry.fund.currency
    names = [*Account.FIGURES, *(f"{name}_after" for name in Account.FIGURES if name != "credited")]
    return {
        "id": posting.pk,
        "entry": entry.pk,
        "account": posting.account_id,
        "kind": str(entry.kind),
        "amount": amount(entry.amount, currency),
        "currency": currency,
        "partner": entry.partner_id,
        "line": entry.hold,
        "subject": entry.subject_kind or None,
        "subject_id": entry.subject_id,
        "reverses": entry.reverses_id,
        "reversed_by": entry.reversed_by,
        **{name: amount(getattr(posting, name), currency) for name in names},
        "reason": entry.reason if told else None,
        "by": entry.by_id if told else None,
        "at": instant(entry.at),
    }


def entry_out(entry: Entry, user: User) -> dict[str, Any]:
    lines = queries.postings(user).filter(entry=entry)
    return {
        "id": entry.pk,
        "fund": entry.fund_id,
        "kind": str(entry.kind),
        "amount": amount(entry.amount, entry.fund.currency),
        "currency": entry.fund.currency,
        "lines": [line_out(line, user) for line in lines],
    }


def accrual_out(accrual: Accrual, currency: str) -> dict[str, Any]:
    return {
        "id": accrual.pk,
        "partner": accrual.partner_id,
        "month": accrual.month,
        "results": amount(accrual.results, currency),
        "rate": text(accrual.rate),
        **{
            name: amount(getattr(accrual, name), currency)
            for name in ("earned", "carried_before", "booked", "carried_after")
        },
        "entry": accrual.entry_id,
        "at": instant(accrual.at),
    }


def expiring_out(row: Expiring) -> dict[str, Any]:
    fund = row.account.fund
    return {
        "account": row.account.pk,
        "fund": fund.pk,
        "last_day": date(row.last_day),
        "amount": amount(row.amount, fund.currency),
        "currency": fund.currency,
    }


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
