"""A mistake in the ledger is reversed, never edited: an entry that moves everything back, where it still is."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from mdf import ledger
from mdf.actions.funding import set_budget
from mdf.actions.writing import (
    Effect,
    ages,
    as_parts,
    expire_what_is_due,
    hold_parts,
    lock_accounts,
    lots_of,
    must_edit,
    not_enough,
    reason_given,
    write,
)
from mdf.ledger import Change, Parts
from mdf.models import Account, Entry, Posting
from mdf.refusals import Closed
from prm.common import audit
from prm.common.templatetags.numbers import format_money
from prm.common.vendor import today

Kind = Entry.Kind
Reversed = Callable[[Entry, Entry, User], None]
_told: list[Reversed] = []


def on_reversal(function: Reversed) -> Reversed:
    """Registers who must follow, in the same transaction: (the entry that was reversed, the reversal, by whom). It may refuse by raising
    Closed."""
    _told.append(function)
    return function


@transaction.atomic
def reverse(*, by: User, entry: Entry, reason: str) -> Entry:
    """Takes an entry back. It needs EDIT_FUNDS (else NotAllowed) and a reason.

    NotEnough with what is left where the money has moved on; Closed for a reversal, for what was reversed already, and for money that
    would expire again at once. What comes back after its last day is expired in the same transaction, as with a release.
    """
    must_edit(by)
    reason = reason_given(reason)
    postings = list(Posting.objects.unscoped("of one entry").filter(entry=entry).order_by("pk"))
    accounts = {account.pk: account for account in lock_accounts(*(posting.account_id for posting in postings))}
    if entry.kind == Kind.REVERSE:
        raise Closed(_("A reversal isn’t reversed: enter it anew."))
    if Entry.objects.unscoped("of one entry").filter(reverses=entry).exists():
        raise Closed(_("This was reversed already."))
    effects = [_undo(entry, posting, accounts[posting.account_id]) for posting in postings]
    reversal = write(
        Kind.REVERSE, -entry.amount, effects, by=by, partner_id=entry.partner_id, hold=entry.hold, reason=reason, reverses=entry,
    )  # fmt: skip
    if entry.kind == Kind.FUND:
        set_budget(effects[0].account.fund, -entry.amount)
    for account in accounts.values():
        expire_what_is_due(account, partner_id=entry.partner_id)
    amount = format_money(reversal.fund.money(entry.amount))
    note = f"{entry.get_kind_display()} {amount}: {reason}"
    audit.record(by=by, verb="mdf.reversed", target=reversal.fund, note=note)
    for function in _told:
        function(entry, reversal, by)
    return reversal


def _undo(entry: Entry, posting: Posting, account: Account) -> Effect:
    change = -Change(**{name: getattr(posting, name) for name in Account.FIGURES})
    parts = as_parts(posting.parts)
    match entry.kind:
        case Kind.RESERVE:
            return Effect(account, change, parts=_still_held(entry, account, parts), lots=1)
        case Kind.RELEASE:
            return Effect(account, change, parts=_take(account, parts), lots=-1)
        case Kind.SPEND:
            return Effect(account, change, parts=parts)
        case Kind.EXPIRE:
            if min(ages(account, [lot for lot, _amount in parts]).values()) < today():
                raise Closed(_("It would expire again at once: give the fund a later date first."))
            return Effect(account, change, parts=parts, lots=1)
    if change.available < 0:  # a credit is taken back: first what came in by it
        return Effect(account, change, parts=_take(account, parts), lots=-1)
    return Effect(account, change, parts=parts, lots=1)


def _take(account: Account, parts: Parts) -> Parts:
    expire_what_is_due(account)
    try:
        return ledger.take(lots_of(account), ledger.total(parts), first=[lot for lot, _amount in parts])
    except ledger.TooMuch as error:
        raise not_enough(_("Only %(left)s of it is still available."), error.left, account) from None


def _still_held(entry: Entry, account: Account, parts: Parts) -> Parts:
    try:
        return ledger.exactly(hold_parts(entry.hold or 0), parts)
    except ledger.TooMuch as error:
        raise not_enough(_("Only %(left)s of it is still reserved."), error.left, account) from None
