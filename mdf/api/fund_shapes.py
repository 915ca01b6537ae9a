"""What goes in and comes out of the operations of funds."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from accounts.models import User
from mdf.api.common import amount
from mdf.models import Account, Accrual, Entry, Fund, Posting
from mdf.queries import funds as queries
from mdf.queries.funds import Expiring, Figures
from partners.api.common import date
from pipeline.api.common import Currency, text
from prm.api.paging import Paging
from prm.api.schemas import Id, In, Key, Out, Patch, instant

Kind = Literal["proposal", "accrual", "both"]
EntryKind = Literal["fund", "accrue", "allocate", "transfer", "reserve", "release", "spend", "expire", "reverse"]
Rate = Annotated[Decimal, Field(gt=0, le=1, max_digits=7, decimal_places=6, description="A fraction: 0.5 is 50 %.")]
Sum = Annotated[Decimal, Field(gt=0, max_digits=16, decimal_places=4)]
Signed = Annotated[Decimal, Field(max_digits=16, decimal_places=4)]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class FundPatch(Patch):
    """Fields not sent stay as they are. `tactics`: keys, none for all. `minimum_roi`: the revenue ROI that
    each activity which asks for money is expected to have at least.
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
