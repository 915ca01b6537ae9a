"""Funds, their budgets, and how these are allocated. All need EDIT_FUNDS, else NotAllowed; ValidationError by field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from marketing.models import Tactic
from mdf import ledger
from mdf.actions.writing import (
    Effect,
    checked,
    expire_what_is_due,
    last_day,
    lock_accounts,
    lots_of,
    must_edit,
    not_enough,
    reason_given,
    write,
)
from mdf.ledger import Parts
from mdf.models import Account, Entry, Fund, Lot
from mdf.refusals import Closed
from partners import history
from partners.models import Partner, Region
from prm.common import audit
from prm.common.currencies import MINOR_UNITS
from prm.common.fiscal import Month
from prm.common.templatetags.numbers import format_money
from prm.common.vendor import fiscal_calendar, today

Kind = Entry.Kind
RULES = (
    "name", "kind", "share", "minimum_roi", "claim_days", "accrual_rate", "accrual_months", "needs_signed_plan", "expires_on",
)  # fmt: skip
MOST_BUDGET = Decimal(10) ** 12

audit.VERBS.update(
    {
        "fund.created": gettext_lazy("MDF fund created"),
        "fund.changed": gettext_lazy("MDF fund changed"),
        "fund.budget": gettext_lazy("Budget of an MDF fund changed"),
        "mdf.allocated": gettext_lazy("MDF allocated"),
        "mdf.transferred": gettext_lazy("MDF transferred"),
        "mdf.reversed": gettext_lazy("Ledger entry of MDF reversed"),
    }
)
history.VERBS["mdf.allocated"] = gettext_lazy("MDF allocated")


@transaction.atomic
def create_fund(
    *,
    by: User,
    name: str,
    period: str,
    currency: str,
    budget: Decimal = Decimal(0),
    tactics: Iterable[Tactic] = (),
    **fields: Any,
) -> Fund:
    """A fund with its account and, where `budget` isn't 0, its first entry. `period` is the key of a fiscal year, half or quarter;
    no `tactics`: all are eligible.

    `fields`: kind, share, minimum_roi, claim_days, accrual_rate, accrual_months, needs_signed_plan, expires_on (the period's last
    day where left out).
    """
    must_edit(by)
    span = _span(period)
    if currency not in MINOR_UNITS:
        raise ValidationError({"currency": _("There is no currency “%(code)s”.") % {"code": currency}})
    fund = Fund(
        name=" ".join(name.split()), period=period, starts_on=span[0], ends_on=span[1], currency=currency,
        **_known(fields) | {"expires_on": fields.get("expires_on") or span[1]},
    )  # fmt: skip
    _check(fund)
    if budget:
        checked(budget, fund)
    fund.save()
    fund.tactics.set(tactics)
    account = Account(fund=fund)
    account.save()
    audit.record(by=by, verb="fund.created", target=fund)
    if budget:
        _credit(account, budget, by=by, reason="")
    return fund


@transaction.atomic
def change_fund(*, by: User, fund: Fund, tactics: Iterable[Tactic] | None = None, **fields: Any) -> Fund:
    """Changes its name and rules. Not its currency and period, nor its budget (`change_budget`)."""
    must_edit(by)
    fresh = Fund.objects.select_for_update().get(pk=fund.pk)
    before = {name: getattr(fresh, name) for name in RULES}
    for name, value in _known(fields).items():
        setattr(fresh, name, " ".join(value.split()) if name == "name" else value)
    _check(fresh)
    changes = audit.changes_between(before, {name: getattr(fresh, name) for name in RULES})
    if tactics is not None:
        old, new = set(fresh.tactics.order_by().values_list("key", flat=True)), {tactic.key for tactic in tactics}
        if old != new:
            changes["tactics"] = [", ".join(sorted(old)), ", ".join(sorted(new))]
            fresh.tactics.set(tactics)
    if changes:
        fresh.save()
        audit.record(by=by, verb="fund.changed", target=fresh, changes=changes)
    return fresh


@transaction.atomic
def change_budget(*, by: User, fund: Fund, amount: Decimal, reason: str) -> Entry:
    """Adds to the budget, or cuts it by what is negative: at most what isn't allocated and still available, else NotEnough."""
    must_edit(by)
    reason = reason_given(reason)
    (account,) = lock_accounts(_unallocated(fund))
    checked(abs(amount), account.fund)
    must_be_alive(account)
    return _credit(account, amount, by=by, reason=reason)


@transaction.atomic
def allocate(
    *,
    by: User,
    fund: Fund,
    amount: Decimal,
    region: Region | None = None,
    distributor: Partner | None = None,
    partner: Partner | None = None,
    expires_on: dt.date | None = None,
    reason: str = "",
) -> Account:
    """Moves `amount` of what isn't allocated to a region, a distributor or a partner, whose account is made where it isn't yet.

    `expires_on`: the last day of the account, not after the fund's; None leaves it. NotEnough.
    """
    must_edit(by)
    if sum(holder is not None for holder in (region, distributor, partner)) != 1:
        raise ValidationError(_("Choose one: a region, a distributor or a partner."))
    if len(reason) > 500:
        raise ValidationError({"reason": _("This is too long: at most %(n)s characters.") % {"n": 500}})
    made, _new = Account.objects.unscoped("of one fund").get_or_create(
        fund=fund, region=region, distributor=distributor, partner=partner
    )
    source, target = _both(_unallocated(fund), made.pk)
    if expires_on is not None and expires_on != target.expires_on:
        if not fund.starts_on <= expires_on <= target.fund.expires_on:
            raise ValidationError(
                {"expires_on": _("Choose a day in the life of the fund: it expires before or with it.")}
            )
        target.expires_on = expires_on
        target.save(update_fields=["expires_on"])
    entry = _move(Kind.ALLOCATE, source, target, amount, by=by, reason=" ".join(reason.split()))
    audit.record(by=by, verb="mdf.allocated", target=target, note=_said(entry))
    return target


@transaction.atomic
def transfer(*, by: User, source: Account, target: Account, amount: Decimal, reason: str) -> Entry:
    """Moves `amount` of what is available between two accounts of one fund; accruals keep their last day. NotEnough."""
    must_edit(by)
    reason = reason_given(reason)
    if source.fund_id != target.fund_id or source.pk == target.pk:
        raise ValidationError({"target": _("Choose another account of the same fund.")})
    here, there = _both(source.pk, target.pk)
    entry = _move(Kind.TRANSFER, here, there, amount, by=by, reason=reason)
    audit.record(by=by, verb="mdf.transferred", target=entry.fund, note=_said(entry))
    return entry


def must_be_alive(account: Account) -> None:
    """Closed for an account past its last day: what came in would be gone at once."""
    if last_day(account) < today():
        raise Closed(_("This has expired: give it a later date first."))


def kept(account: Account, parts: Parts) -> tuple[tuple[Decimal, dt.date | None], ...]:
    """New lots for what moves to another account: as much, with the same days of their own."""
    rows = Lot.objects.unscoped("of a locked account").filter(account=account, pk__in=[lot for lot, _amount in parts])
    own = dict(rows.order_by("pk").values_list("pk", "expires_on"))
    makes: dict[dt.date | None, Decimal] = {}
    for lot, amount in parts:
        makes[own[lot]] = makes.get(own[lot], ledger.ZERO) + amount
    return tuple((amount, day) for day, amount in makes.items())


def _credit(account: Account, amount: Decimal, *, by: User, reason: str) -> Entry:
    """Adds to the budget of the account's fund, or cuts it."""
    fund = account.fund
    change = ledger.changes(Kind.FUND, amount)[0]
    if amount > 0:
        effect = Effect(account, change, makes=((amount, None),))
    else:
        expire_what_is_due(account)
        try:
            parts = ledger.take(lots_of(account), -amount)
        except ledger.TooMuch as error:
            raise not_enough(_("Only %(left)s is neither allocated nor used."), error.left, account) from None
        effect = Effect(account, change, parts=parts, lots=-1)
    entry = write(Kind.FUND, amount, [effect], by=by, reason=reason)
    set_budget(fund, amount)
    audit.record(
        by=by, verb="fund.budget", target=fund, changes={"budget": [fund.budget - amount, fund.budget]}, note=reason
    )
    return entry


def set_budget(fund: Fund, more: Decimal) -> None:
    """Adds to what the fund says its budget is, under the lock of its account."""
    row = Fund.objects.filter(pk=fund.pk)
    fund.budget = row.values_list("budget", flat=True).get() + more
    if not 0 <= fund.budget <= MOST_BUDGET:
        raise ValidationError(
            {"amount": _("The budget would be %(amount)s.") % {"amount": format_money(fund.money(fund.budget))}}
        )
    row.update(budget=fund.budget)


def _move(kind: Entry.Kind, source: Account, target: Account, amount: Decimal, *, by: User, reason: str) -> Entry:
    checked(amount, source.fund)
    must_be_alive(target)
    expire_what_is_due(source)
    try:
        parts = ledger.take(lots_of(source), amount)
    except ledger.TooMuch as error:
        raise not_enough(_("Only %(left)s is left of %(account)s."), error.left, source) from None
    into, out_of = ledger.changes(kind, amount)
    effects = [
        Effect(target, into, makes=kept(source, parts)),
        Effect(source, out_of, parts=parts, lots=-1),
    ]
    # Of money that moves from one partner to another neither sees the other's side.
    sides = {account.partner_id for account in (source, target) if account.partner_id is not None}
    return write(kind, amount, effects, by=by, partner_id=sides.pop() if len(sides) == 1 else None, reason=reason)


def _both(source: int, target: int) -> tuple[Account, Account]:
    found = {account.pk: account for account in lock_accounts(source, target)}
    return found[source], found[target]


def _unallocated(fund: Fund) -> int:
    rows = Account.objects.unscoped("of one fund").filter(
        fund=fund, region__isnull=True, distributor__isnull=True, partner__isnull=True
    )
    return int(rows.order_by().values_list("pk", flat=True).get())


def _span(period: str) -> tuple[dt.date, dt.date]:
    try:
        span = fiscal_calendar().parse(period)
    except ValueError:
        span = None
    if span is None or isinstance(span, Month):
        raise ValidationError({"period": _("Choose a fiscal year, half-year or quarter.")})
    return span.start, span.end


def _known(fields: dict[str, Any]) -> dict[str, Any]:
    if unknown := set(fields) - set(RULES):
        raise TypeError(f"A fund has no {sorted(unknown)[0]}, or it can't be changed so.")
    return fields


def _check(fund: Fund) -> None:
    """ValidationError by field."""
    wrong: dict[str, str] = {}
    if not fund.name:
        wrong["name"] = _("Give it a name.")
    if not 0 < fund.share <= 1:
        wrong["share"] = _("Enter more than 0% and at most 100%.")
    if fund.kind not in Fund.Kind.values:
        wrong["kind"] = _("Choose one of these.")
    elif fund.kind == Fund.Kind.PROPOSAL:
        fund.accrual_rate = fund.accrual_months = None
        fund.needs_signed_plan = False
    elif fund.accrual_rate is None or not 0 < fund.accrual_rate <= 1:
        wrong["accrual_rate"] = _("Enter more than 0% and at most 100%.")
    if fund.accrual_months is not None and not 1 <= fund.accrual_months <= 60:
        wrong["accrual_months"] = _("Enter 1 to 60 months.")
    if not 1 <= fund.claim_days <= 730:
        wrong["claim_days"] = _("Enter 1 to 730 days.")
    if fund.minimum_roi is not None and not 0 <= fund.minimum_roi <= 10_000:
        wrong["minimum_roi"] = _("Enter 0 to 10,000.")
    if fund.expires_on < fund.starts_on:
        wrong["expires_on"] = _("It can't expire before it starts.")
    if wrong:
        raise ValidationError(wrong)
    fund.full_clean(exclude=["budget"])


def _said(entry: Entry) -> str:
    """For the audit log: amount and fund, and why."""
    amount = format_money(entry.fund.money(entry.amount))
    return ", ".join(filter(None, [f"{entry.fund}: {amount}", entry.reason]))
