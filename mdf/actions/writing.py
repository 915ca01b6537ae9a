"""How entries come into the ledger: under the lock of the accounts they move, with what stood there after them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from mdf import ledger
from mdf.events import LedgerMoved
from mdf.ledger import Change, Lot, Parts
from mdf.models import Account, Entry, Fund, Posting
from mdf.models import Lot as StoredLot
from mdf.refusals import NotAllowed, NotEnough
from prm.common import events
from prm.common.money import Money, minor_units
from prm.common.numbers import round_half_away
from prm.common.templatetags.numbers import format_money
from prm.common.vendor import today

LONGEST_REASON = 500


@dataclass(frozen=True)
class Effect:
    """What an entry does to one locked account. `parts`: of which lots there are already, which are left with `lots` (1 or -1) times
    as much, or (0) stay as they are. `makes`: new lots, as (amount, own last day or None)."""

    account: Account
    change: Change
    parts: Parts = ()
    lots: int = 0
    makes: tuple[tuple[Decimal, dt.date | None], ...] = field(default=())


def lock_accounts(*ids: int) -> list[Account]:
    """The accounts as they are now, with their fund, locked till the transaction ends; the lowest id first, so that two who lock several
    never wait for each other."""
    rows = Account.objects.unscoped("the caller says who may").filter(pk__in=ids).order_by("pk")
    return list(rows.select_related("fund", "partner", "distributor", "region").select_for_update(of=("self",)))


def must_edit(by: User) -> None:
    if not by.can(Permission.EDIT_FUNDS):
        raise NotAllowed(_("You may not change funds."))


def checked(amount: Decimal, fund: Fund) -> Decimal:
    """An amount above 0 that is whole in the currency's minor unit. ValidationError (amount)."""
    places = minor_units(fund.currency)
    if not amount.is_finite() or amount <= 0:
        raise ValidationError({"amount": _("Enter an amount above 0.")})
    if amount != round_half_away(amount, places):
        raise ValidationError(
            {"amount": _("%(currency)s has %(n)s decimals.") % {"currency": fund.currency, "n": places}}
        )
    if amount >= Decimal(10) ** 14:
        raise ValidationError({"amount": _("This is too much.")})
    return amount


def reason_given(reason: str) -> str:
    """The reason, tidied. ValidationError without one."""
    said = " ".join(reason.split())
    if not said:
        raise ValidationError({"reason": _("Give a reason.")})
    if len(said) > LONGEST_REASON:
        raise ValidationError({"reason": _("This is too long: at most %(n)s characters.") % {"n": LONGEST_REASON}})
    return said


def not_enough(words: str, left: Decimal, account: Account) -> NotEnough:
    """The refusal, which names what is left. `words` take %(left)s, and %(account)s where they like."""
    money = Money(round_half_away(left, minor_units(account.fund.currency)), account.fund.currency)
    where = str(account.fund) if account.holder is None else f"{account.fund}: {account}"
    return NotEnough(words % {"left": format_money(money), "account": where}, money)


# ── Lots ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def last_day(account: Account, own: dt.date | None = None) -> dt.date:
    """The last day of a lot of an account: its own, the account's or the fund's, whichever comes first."""
    return min(own, account.last_day) if own is not None else account.last_day


def lots_of(account: Account) -> list[Lot]:
    """The lots of a locked account with something left."""
    rows = StoredLot.objects.unscoped("of a locked account").filter(account=account, available__gt=0)
    values = rows.order_by("pk").values_list("pk", "available", "expires_on")
    return [Lot(pk, available, last_day(account, own)) for pk, available, own in values]


def ages(account: Account, lots: Iterable[int]) -> dict[int, dt.date]:
    """The last day of each of these lots of an account."""
    rows = StoredLot.objects.unscoped("of a locked account").filter(pk__in=list(lots))
    return {pk: last_day(account, own) for pk, own in rows.order_by("pk").values_list("pk", "expires_on")}


def as_parts(stored: Iterable[Sequence[Any]]) -> Parts:
    return tuple((int(lot), Decimal(amount)) for lot, amount in stored)


# ── What a request line holds ────────────────────────────────────────────────────────────────────────────────────────


def holding_account(hold: int) -> int | None:
    """The account of which a request line reserved last."""
    rows = Posting.objects.unscoped("of one request line").filter(entry__hold=hold, entry__kind=Entry.Kind.RESERVE)
    return rows.order_by("-pk").values_list("account", flat=True).first()


def hold_parts(hold: int) -> dict[int, Decimal]:
    """What a request line still holds, by lot."""
    rows = Posting.objects.unscoped("of one request line").filter(entry__hold=hold).order_by("pk")
    values = rows.values_list("entry__kind", "entry__reverses__kind", "parts")
    return ledger.held((kind if undone is None else f"-{undone}", as_parts(parts)) for kind, undone, parts in values)


# ── Entries ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def write(
    kind: Entry.Kind,
    amount: Decimal,
    effects: Sequence[Effect],
    *,
    by: User | None,
    partner_id: int | None = None,
    hold: int | None = None,
    subject: models.Model | None = None,
    reason: str = "",
    reverses: Entry | None = None,
) -> Entry:
    """Writes an entry with its postings, and moves the locked accounts and their lots. The accounts in hand are as they are after it."""
    fund = effects[0].account.fund
    entry = Entry(
        fund=fund, kind=kind, amount=amount, partner_id=partner_id, hold=hold, reason=reason, reverses=reverses, by=by,
        at=timezone.now(), on=today(),
        subject_kind=subject._meta.model_name or "" if subject is not None else "",
        subject_id=subject.pk if subject is not None else None,
        subject_name=str(subject)[:200] if subject is not None else "",
    )  # fmt: skip
    entry.save()
    for effect in effects:
        _post(entry, effect)
    accounts = tuple(effect.account.pk for effect in effects)
    events.send(LedgerMoved(fund.pk, accounts, (entry.pk,)))
    return entry


def _post(entry: Entry, effect: Effect) -> None:
    account, change = effect.account, effect.change
    parts = list(effect.parts)
    if effect.lots:
        rows = StoredLot.objects.unscoped("of a locked account")
        for lot, amount in effect.parts:
            rows.filter(pk=lot).update(available=F("available") + effect.lots * amount)
    for amount, own in effect.makes:
        made = StoredLot(
            account=account, entry=entry, made_on=entry.on, expires_on=own, amount=amount, available=amount
        )
        made.save()
        parts.append((made.pk, amount))
    for name in Account.FIGURES:
        setattr(account, name, getattr(account, name) + getattr(change, name))
    account.save(update_fields=list(Account.FIGURES))
    Posting(
        entry=entry, account=account, parts=[[lot, f"{amount.normalize():f}"] for lot, amount in parts],
        **{name: getattr(change, name) for name in Account.FIGURES},
        **{f"{name}_after": getattr(account, name) for name in Account.FIGURES if name != "credited"},
    ).save()  # fmt: skip


def expire_what_is_due(
    account: Account, *, subject: models.Model | None = None, partner_id: int | None = None
) -> Entry | None:
    """Expires what a locked account holds past its last day; None where that is nothing."""
    parts = ledger.due(lots_of(account), today())
    if not parts:
        return None
    amount = ledger.total(parts)
    effect = Effect(account, ledger.changes(Entry.Kind.EXPIRE, amount)[0], parts=parts, lots=-1)
    partner_id = partner_id or account.partner_id
    return write(Entry.Kind.EXPIRE, amount, [effect], by=None, partner_id=partner_id, subject=subject)
