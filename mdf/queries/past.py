"""What the ledger says of days gone by: entries are dated and never changed, so a day's figures can be added up again."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet, Sum

from mdf import ledger
from mdf.models import Account, Entry, Line, Posting
from mdf.overview import Exchange
from partners.models import Partner

WHY = "sums of what the caller has scoped"
MOVES = (Entry.Kind.RESERVE, Entry.Kind.RELEASE, Entry.Kind.SPEND)  # what is done to a request's line


def of_lines(lines: QuerySet[Line], until: dt.date, *, since: dt.date | None = None) -> dict[int, ledger.Change]:
    """By line of a request what was set aside and spent for it up to and with `until`, from `since` on where given; what was reversed by
    then counts against what it took back."""
    rows = Entry.objects.unscoped(WHY).filter(on__lte=until).order_by()
    if since is not None:
        rows = rows.filter(on__gte=since)
    pks = lines.order_by().values("pk")
    plain = rows.filter(hold__in=pks, kind__in=MOVES).values_list("hold", "kind").annotate(Sum("amount"))
    undone = rows.filter(kind=Entry.Kind.REVERSE, reverses__hold__in=pks, reverses__kind__in=MOVES)
    found: dict[int, ledger.Change] = defaultdict(ledger.Change)
    back = undone.values_list("reverses__hold", "reverses__kind").annotate(Sum("amount"))  # below 0
    for hold, kind, amount in (*plain, *back):
        found[hold] += ledger.changes(kind, amount)[0]
    return dict(found)


@dataclass(frozen=True)
class Used:
    """What a partner's requests did with funds. `reserved` on a day, approved and not claimed; `spent` from a day to a day; `available` of
    accounts of its own, None where it has none. In `currency`; `lack`: a currency without a rate, whose amounts are missing."""

    currency: str
    reserved: Any
    spent: Any
    available: Any
    lack: str = ""

    @property
    def is_nothing(self) -> bool:
        """Whether none was used, whatever is still there."""
        return not (self.reserved or self.spent or self.lack)


def used(partner: Partner, since: dt.date, until: dt.date) -> Used:
    """What the partner used of funds in these days, and what stood on the last of them. The caller may see the partner."""
    lines = Line.objects.unscoped(WHY).filter(request__partner=partner, request__fund__isnull=False)
    currencies = dict(lines.order_by().values_list("pk", "request__currency"))
    held, spent = of_lines(lines, until), of_lines(lines, until, since=since)
    own = _available(partner, until)
    exchange = Exchange([*(currencies[pk] for pk in held), *(currency for currency, _amount in own)])
    reserved = sum((exchange(change.reserved, currencies[pk]) for pk, change in held.items()), ledger.ZERO)
    return Used(
        currency=exchange.into,
        reserved=reserved,
        spent=sum((exchange(change.spent, currencies[pk]) for pk, change in spent.items()), ledger.ZERO),
        available=sum((exchange(amount, currency) for currency, amount in own), ledger.ZERO) if own else None,
        lack=exchange.lack,
    )


def _available(partner: Partner, day: dt.date) -> list[tuple[str, Any]]:
    """Of each account of its own that hadn't expired: its currency, and what stood there at the end of the day."""
    accounts = Account.objects.unscoped(WHY).filter(
        Q(partner=partner) | Q(distributor=partner), fund__expires_on__gte=day
    )
    rows = Posting.objects.unscoped(WHY).filter(account__in=accounts.order_by().values("pk"), entry__on__lte=day)
    last = rows.order_by("account_id", "-entry_id", "-pk").distinct("account_id")
    found: list[tuple[str, Any]] = list(last.values_list("account__fund__currency", "available_after"))
    return found
