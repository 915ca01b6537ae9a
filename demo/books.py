"""The ledger of funds, kept for past days: what happens is noted in any order and posted in the order of time, by the rules of the ledger."""

from __future__ import annotations

import datetime as dt
import heapq
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models

from accounts.models import User
from demo.copying import insert, number
from demo.world import World
from mdf import ledger
from mdf.ledger import ZERO, Change, Parts
from mdf.models import Account, Accrual, Entry, Fund, Lot, Posting
from partners.models import Partner

Kind = Entry.Kind


@dataclass
class _Made:
    """A posting and the lots it moved, which have no key yet."""

    posting: Posting
    parts: list[tuple[Lot, Decimal]]


@dataclass
class Books:
    """The accounts of all funds. `post` writes everything that was noted; before it nothing is in the database but the funds."""

    world: World
    accounts: list[Account] = field(default_factory=list)
    _by_pk: dict[int, Account] = field(default_factory=dict)
    _noted: list[tuple[dt.datetime, int, Callable[[dt.datetime], None]]] = field(default_factory=list)
    _lots: dict[int, list[Lot]] = field(default_factory=lambda: defaultdict(list))  # by account
    _held: dict[int, dict[int, Decimal]] = field(
        default_factory=lambda: defaultdict(dict)
    )  # by line, then place of the lot
    _of_line: dict[int, tuple[Account, Partner]] = field(default_factory=dict)
    _entries: list[Entry] = field(default_factory=list)
    _made: list[_Made] = field(default_factory=list)
    _accruals: list[Accrual] = field(default_factory=list)
    _ends: list[tuple[dt.date, int]] = field(default_factory=list)  # (last day, account): a heap

    def account(self, fund: Fund, **holder: Any) -> Account:
        """A new account, with a key of its own already. `holder`: partner, region or distributor."""
        account = Account(fund=fund, created_at=self.world.moment(fund.starts_on), **holder)
        number([account])
        self.accounts.append(account)
        self._by_pk[account.pk] = account
        return account

    # What happens. Each is noted with its moment; amounts are above 0.

    def budget(self, at: dt.datetime, account: Account, amount: Decimal, *, by: User) -> None:
        self._note(at, lambda at: self._credit(at, Kind.FUND, account, amount, by=by))

    def allocate(
        self, at: dt.datetime, source: Account, target: Account, amount: Decimal, *, by: User, reason: str = ""
    ) -> None:
        def post(at: dt.datetime) -> None:
            parts = ledger.take(self._as_rules(source), amount)
            into, out_of = ledger.changes(Kind.ALLOCATE, amount)
            partner = target.partner
            entry = self._entry(at, Kind.ALLOCATE, source.fund, amount, by=by, partner=partner, reason=reason)
            self._post(entry, target, into, [(self._lot(entry, target, amount, None), amount)])
            self._post(entry, source, out_of, self._take(source, parts))

        self._note(at, post)

    def accrue(
        self, at: dt.datetime, account: Account, month: str, results: Decimal, earned: Decimal, lasts: dt.date | None
    ) -> None:
        """What a month's results come to, `earned` of any sign; what can't be taken back is carried."""

        def post(at: dt.datetime) -> None:
            booking = ledger.book(earned, carried=account.carried, available=account.available)
            row = Accrual(
                fund=account.fund, partner=account.partner, month=month, results=results, rate=account.fund.accrual_rate or ZERO,
                earned=earned, carried_before=account.carried, booked=booking.booked, carried_after=booking.carried, at=at,
            )  # fmt: skip
            account.carried = booking.carried
            if booking.booked > 0:
                self._credit(
                    at, Kind.ACCRUE, account, booking.booked, by=None, reason=f"Results of {month}", lasts=lasts
                )
            elif booking.booked:
                parts = ledger.take(self._as_rules(account), -booking.booked)
                reason = f"Results of {month}"
                entry = self._entry(
                    at, Kind.ACCRUE, account.fund, booking.booked, partner=account.partner, reason=reason
                )
                change = ledger.changes(Kind.ACCRUE, booking.booked)[0]
                self._post(entry, account, change, self._take(account, parts))
            if booking.booked:
                row.entry = self._entries[-1]
            self._accruals.append(row)

        self._note(at, post)

    def reserve(
        self, at: dt.datetime, account: Account, amount: Decimal, line: models.Model, subject: models.Model, partner: Partner, *, by: User | None
    ) -> None:  # fmt: skip
        """For a line of a request; both have a key once the books are posted. ledger.TooMuch then, where there isn't enough."""

        def post(at: dt.datetime) -> None:
            parts = ledger.take(self._as_rules(account), amount)
            entry = self._entry(
                at, Kind.RESERVE, account.fund, amount, by=by, partner=partner, line=line, subject=subject
            )
            self._post(entry, account, ledger.changes(Kind.RESERVE, amount)[0], self._take(account, parts))
            held = self._held[line.pk]
            for lot, part in parts:
                held[lot] = held.get(lot, ZERO) + part
            self._of_line[line.pk] = (account, partner)

        self._note(at, post)

    def spend(
        self, at: dt.datetime, line: models.Model, amount: Decimal, subject: models.Model, *, by: User | None
    ) -> None:
        """Of what a line holds, for a claim."""

        def post(at: dt.datetime) -> None:
            account, partner = self._of_line[line.pk]
            held = self._held[line.pk]
            parts = ledger.spend(held, self._ages(account, held), amount)
            entry = self._entry(
                at, Kind.SPEND, account.fund, amount, by=by, partner=partner, line=line, subject=subject
            )
            rows = self._lots[account.pk]
            change = ledger.changes(Kind.SPEND, amount)[0]
            self._post(entry, account, change, [(rows[lot], part) for lot, part in self._unhold(held, parts)])

        self._note(at, post)

    def release(self, at: dt.datetime, line: models.Model, subject: models.Model, *, by: User | None) -> None:
        """All that a line still holds, where it is anything."""

        def post(at: dt.datetime) -> None:
            account, partner = self._of_line[line.pk]
            held = self._held[line.pk]
            amount = sum(held.values(), ZERO)
            if not amount:
                return
            parts = ledger.give_back(held, self._ages(account, held), amount)
            entry = self._entry(
                at, Kind.RELEASE, account.fund, amount, by=by, partner=partner, line=line, subject=subject
            )
            rows = self._lots[account.pk]
            for lot, part in self._unhold(held, parts):
                rows[lot].available += part
            change = ledger.changes(Kind.RELEASE, amount)[0]
            self._post(entry, account, change, [(rows[lot], part) for lot, part in parts])
            self._expire(account, at)

        self._note(at, post)

    # Posting.

    def post(self) -> None:
        """Writes accounts, entries and all they stand on, in the order of time, and expires what had its day on the way."""
        for at, _place, function in sorted(self._noted, key=lambda each: each[:2]):
            self._expire_before(at.date())
            function(at)
        self._expire_before(self.world.today)
        lots = [lot for rows in self._lots.values() for lot in rows]
        insert(self.accounts)
        if self._entries:
            number(self._entries)
            insert(self._entries)
        insert(lots)
        for made in self._made:
            made.posting.parts = [[lot.pk, f"{amount.normalize():f}"] for lot, amount in made.parts]
        insert([made.posting for made in self._made])
        insert(self._accruals)

    def _note(self, at: dt.datetime, function: Callable[[dt.datetime], None]) -> None:
        self._noted.append((at, len(self._noted), function))

    def _entry(
        self, at: dt.datetime, kind: Entry.Kind, fund: Fund, amount: Decimal, *, by: User | None = None, partner: Partner | None = None,
        line: models.Model | None = None, subject: models.Model | None = None, reason: str = "",
    ) -> Entry:  # fmt: skip
        entry = Entry(
            fund=fund, kind=kind, amount=amount, partner=partner, hold=line.pk if line else None, reason=reason, by=by, at=at,
            on=at.astimezone(ZoneInfo(self.world.profile.time_zone)).date(),
            subject_kind=subject._meta.model_name or "" if subject else "", subject_id=subject.pk if subject else None,
            subject_name=str(subject)[:200] if subject else "",
        )  # fmt: skip
        self._entries.append(entry)
        return entry

    def _post(self, entry: Entry, account: Account, change: Change, parts: list[tuple[Lot, Decimal]]) -> None:
        figures = {name: getattr(change, name) for name in Account.FIGURES}
        for name, amount in figures.items():
            setattr(account, name, getattr(account, name) + amount)
        after = {f"{name}_after": getattr(account, name) for name in Account.FIGURES if name != "credited"}
        self._made.append(_Made(Posting(entry=entry, account=account, **figures, **after), parts))

    def _credit(
        self, at: dt.datetime, kind: Entry.Kind, account: Account, amount: Decimal, *, by: User | None, reason: str = "",
        lasts: dt.date | None = None,
    ) -> None:  # fmt: skip
        entry = self._entry(at, kind, account.fund, amount, by=by, partner=account.partner, reason=reason)
        lot = self._lot(entry, account, amount, lasts)
        self._post(entry, account, ledger.changes(kind, amount)[0], [(lot, amount)])

    def _lot(self, entry: Entry, account: Account, amount: Decimal, lasts: dt.date | None) -> Lot:
        lot = Lot(account=account, entry=entry, made_on=entry.on, expires_on=lasts, amount=amount, available=amount)
        self._lots[account.pk].append(lot)
        heapq.heappush(self._ends, (_last_day(account, lot), account.pk))
        return lot

    def _as_rules(self, account: Account) -> list[ledger.Lot]:
        """An account's lots as the rules know them, by their place in it."""
        return [ledger.Lot(n, lot.available, _last_day(account, lot)) for n, lot in enumerate(self._lots[account.pk])]

    def _ages(self, account: Account, held: dict[int, Decimal]) -> dict[int, dt.date]:
        rows = self._lots[account.pk]
        return {place: _last_day(account, rows[place]) for place in held}

    def _take(self, account: Account, parts: Parts) -> list[tuple[Lot, Decimal]]:
        rows = self._lots[account.pk]
        for place, amount in parts:
            rows[place].available -= amount
        return [(rows[place], amount) for place, amount in parts]

    def _unhold(self, held: dict[int, Decimal], parts: Parts) -> Parts:
        for place, amount in parts:
            held[place] -= amount
            if not held[place]:
                del held[place]
        return parts

    def _expire_before(self, day: dt.date) -> None:
        """Expires what had its last day before `day`, in the night after it."""
        while self._ends and self._ends[0][0] < day:
            last, pk = heapq.heappop(self._ends)
            account = self._by_pk[pk]
            night = dt.datetime.combine(
                last + dt.timedelta(days=1), dt.time(0, 20), ZoneInfo(self.world.profile.time_zone)
            )
            self._expire(account, night)

    def _expire(self, account: Account, at: dt.datetime) -> None:
        parts = ledger.due(self._as_rules(account), at.date())
        if not parts:
            return
        amount = ledger.total(parts)
        entry = self._entry(at, Kind.EXPIRE, account.fund, amount, partner=account.partner)
        self._post(entry, account, ledger.changes(Kind.EXPIRE, amount)[0], self._take(account, parts))


def _last_day(account: Account, lot: Lot) -> dt.date:
    return min(lot.expires_on, account.last_day) if lot.expires_on else account.last_day
