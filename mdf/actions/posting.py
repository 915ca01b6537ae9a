"""What requests and claims do to the ledger: reserve, release, spend. The caller says who may; here it is only whether there is enough.

All lock the account they move until the caller's transaction ends.
"""

from __future__ import annotations

from decimal import Decimal

from django.db import models, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from mdf import ledger
from mdf.actions.writing import (
    Effect,
    ages,
    checked,
    expire_what_is_due,
    hold_parts,
    holding_account,
    lock_accounts,
    lots_of,
    not_enough,
    write,
)
from mdf.models import Account, Entry
from partners.models import Partner

Kind = Entry.Kind


@transaction.atomic
def reserve(
    *,
    account: Account,
    amount: Decimal,
    hold: int,
    subject: models.Model,
    partner: Partner,
    by: User | None,
    reason: str = "",
) -> Entry:
    """Sets `amount` (above 0, whole in the currency's minor unit) of what is available aside for request line `hold`.

    `subject`: what it is done for (the request), kept by model name, pk and str(). A line may reserve again, from the same account
    (else ValueError). NotEnough with what is left: what has expired doesn't count. ValidationError for an amount that can't be.
    """
    (fresh,) = lock_accounts(account.pk)
    amount = checked(amount, fresh.fund)
    before = holding_account(hold)
    if before not in (None, fresh.pk) and hold_parts(hold):
        raise ValueError(f"line {hold} holds money of another account")
    expire_what_is_due(fresh)
    try:
        parts = ledger.take(lots_of(fresh), amount)
    except ledger.TooMuch as error:
        raise not_enough(_("Only %(left)s is left of %(account)s."), error.left, fresh) from None
    effect = Effect(fresh, ledger.changes(Kind.RESERVE, amount)[0], parts=parts, lots=-1)
    return write(
        Kind.RESERVE, amount, [effect], by=by, hold=hold, subject=subject, partner_id=partner.pk, reason=reason
    )


@transaction.atomic
def release(
    *, hold: int, amount: Decimal | None = None, subject: models.Model, by: User | None, reason: str = ""
) -> list[Entry]:
    """Gives `amount` of what request line `hold` still holds back to its account; None: all of it, which may be nothing.

    What has expired meanwhile is expired at once. Gives the entries written: [], [release] or [release, expire]. NotEnough with
    what the line still holds.
    """
    account_id = holding_account(hold)
    if account_id is None:
        if amount:
            raise ValueError(f"line {hold} never held anything")
        return []
    (account,) = lock_accounts(account_id)
    holding = hold_parts(hold)
    amount = sum(holding.values(), ledger.ZERO) if amount is None else checked(amount, account.fund)
    if not amount:
        return []
    expire_what_is_due(account)
    try:
        parts = ledger.give_back(holding, ages(account, holding), amount)
    except ledger.TooMuch as error:
        raise not_enough(_("Only %(left)s is still reserved."), error.left, account) from None
    effect = Effect(account, ledger.changes(Kind.RELEASE, amount)[0], parts=parts, lots=1)
    entry = write(
        Kind.RELEASE, amount, [effect], by=by, hold=hold, subject=subject, partner_id=_partner_of(hold), reason=reason
    )
    expired = expire_what_is_due(account, subject=subject, partner_id=entry.partner_id)
    return [entry, expired] if expired else [entry]


@transaction.atomic
def spend(*, hold: int, amount: Decimal, subject: models.Model, by: User | None, reason: str = "") -> Entry:
    """Spends `amount` of what request line `hold` holds, for a claim (`subject`). Also after the fund expired. NotEnough with what the
    line still holds."""
    account_id = holding_account(hold)
    if account_id is None:
        raise ValueError(f"line {hold} never held anything")
    (account,) = lock_accounts(account_id)
    amount = checked(amount, account.fund)
    holding = hold_parts(hold)
    try:
        parts = ledger.spend(holding, ages(account, holding), amount)
    except ledger.TooMuch as error:
        raise not_enough(_("Only %(left)s is still reserved."), error.left, account) from None
    effect = Effect(account, ledger.changes(Kind.SPEND, amount)[0], parts=parts)
    return write(
        Kind.SPEND, amount, [effect], by=by, hold=hold, subject=subject, partner_id=_partner_of(hold), reason=reason
    )


def held(hold: int) -> Decimal:
    """What request line `hold` still holds: reserved less released and spent; 0 where it never reserved.

    Where a decision stands on it, lock its account first.
    """
    return sum(hold_parts(hold).values(), ledger.ZERO)


def lock(*accounts: Account) -> list[Account]:
    """The accounts as they are now, locked till the transaction ends; in one order everywhere, so that nobody waits for each other."""
    return lock_accounts(*(account.pk for account in accounts))


def _partner_of(hold: int) -> int | None:
    rows = Entry.objects.unscoped("of one request line").filter(hold=hold, kind=Kind.RESERVE)
    return rows.order_by("pk").values_list("partner", flat=True).first()
