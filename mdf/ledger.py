"""What entries do to the accounts of a fund. Pure.

An account holds credits, its lots, each with a last day. What expires first is used first, of the same day the oldest; so the oldest
accrual is used and expires first. What a request line holds stays known by lot: given back it is what it was, and expires with it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from prm.common.numbers import round_half_away

ZERO = Decimal(0)

Parts = tuple[tuple[int, Decimal], ...]
"""(lot, amount above 0) pairs."""


class TooMuch(ValueError):
    """More was to be taken than is `left`."""

    def __init__(self, left: Decimal) -> None:
        super().__init__(f"only {left} is left")
        self.left = left


@dataclass(frozen=True)
class Lot:
    """What is left of a credit; `last_day` is the last on which it can be used."""

    id: int
    available: Decimal
    last_day: dt.date


@dataclass(frozen=True)
class Change:
    """What an entry adds to the figures of one account. They are the figures of an account, too: the sum of all its changes."""

    credited: Decimal = ZERO
    available: Decimal = ZERO
    reserved: Decimal = ZERO
    spent: Decimal = ZERO
    expired: Decimal = ZERO

    def __add__(self, other: Change) -> Change:
        return Change(
            self.credited + other.credited,
            self.available + other.available,
            self.reserved + other.reserved,
            self.spent + other.spent,
            self.expired + other.expired,
        )

    def __neg__(self) -> Change:
        return Change(-self.credited, -self.available, -self.reserved, -self.spent, -self.expired)

    @property
    def adds_up(self) -> bool:
        """credited = available + reserved + spent + expired."""
        return self.credited == self.available + self.reserved + self.spent + self.expired

    @property
    def is_possible(self) -> bool:
        """As figures of an account: it adds up and nothing is negative."""
        return self.adds_up and min(self.available, self.reserved, self.spent, self.expired) >= 0


# ── Lots ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def by_age(lots: Iterable[Lot]) -> list[Lot]:
    """In the order in which they are used."""
    return sorted(lots, key=lambda lot: (lot.last_day, lot.id))


def total(parts: Parts) -> Decimal:
    return sum((amount for _lot, amount in parts), ZERO)


def take(lots: Iterable[Lot], amount: Decimal, *, first: Iterable[int] = ()) -> Parts:
    """`amount` out of what is available, the oldest first; before these, the lots named in `first`. TooMuch."""
    wanted = list(first)
    rows = [lot for lot in by_age(lots) if lot.available > 0]
    rows.sort(key=lambda lot: lot.id not in wanted)
    return _fill(((lot.id, lot.available) for lot in rows), amount)


def due(lots: Iterable[Lot], day: dt.date) -> Parts:
    """What has expired by `day`: its last day lies before."""
    return tuple((lot.id, lot.available) for lot in by_age(lots) if lot.available > 0 and lot.last_day < day)


# ── What a request line holds ────────────────────────────────────────────────────────────────────────────────────────

_HELD_BY = {"reserve": 1, "release": -1, "spend": -1}


def held(moves: Iterable[tuple[str, Parts]]) -> dict[int, Decimal]:
    """What a request line still holds, by lot, after what was done to it: pairs of the kind of entry and its parts. The kind of a
    reversal is "-" and the kind it reverses. Kinds that hold nothing are left out."""
    found: dict[int, Decimal] = {}
    for kind, parts in moves:
        sign = _HELD_BY.get(kind.removeprefix("-"), 0) * (-1 if kind.startswith("-") else 1)
        for lot, amount in parts:
            found[lot] = found.get(lot, ZERO) + sign * amount
    return {lot: amount for lot, amount in found.items() if amount}


def spend(holding: Mapping[int, Decimal], ages: Mapping[int, dt.date], amount: Decimal) -> Parts:
    """`amount` of what is held, the oldest first. `ages`: the last day of each lot. TooMuch."""
    rows = sorted(holding, key=lambda lot: (ages[lot], lot))
    return _fill(((lot, holding[lot]) for lot in rows), amount)


def give_back(holding: Mapping[int, Decimal], ages: Mapping[int, dt.date], amount: Decimal) -> Parts:
    """`amount` of what is held, the newest first: the partner keeps what lasts longest. TooMuch."""
    rows = sorted(holding, key=lambda lot: (ages[lot], lot), reverse=True)
    return _fill(((lot, holding[lot]) for lot in rows), amount)


def exactly(holding: Mapping[int, Decimal], parts: Parts) -> Parts:
    """`parts`, where all of it is still held. TooMuch with how much of it is."""
    still = sum((min(amount, holding.get(lot, ZERO)) for lot, amount in parts), ZERO)
    if still < total(parts):
        raise TooMuch(still)
    return parts


def _fill(rows: Iterable[tuple[int, Decimal]], amount: Decimal) -> Parts:
    found: list[tuple[int, Decimal]] = []
    missing = amount
    for lot, there in rows:
        if missing <= 0:
            break
        part = min(there, missing)
        found.append((lot, part))
        missing -= part
    if missing > 0:
        raise TooMuch(amount - missing)
    return tuple(found)


# ── Entries ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def changes(kind: str, amount: Decimal) -> tuple[Change, Change]:
    """What an entry adds to the account it is about, and to the one the money comes from (allocations and transfers; else nothing).

    ValueError for a kind there isn't; a reversal is the negative of what it reverses.
    """
    nothing = Change()
    match kind:
        case "fund" | "accrue":
            return Change(credited=amount, available=amount), nothing
        case "allocate" | "transfer":
            moved = Change(credited=amount, available=amount)
            return moved, -moved
        case "reserve":
            return Change(available=-amount, reserved=amount), nothing
        case "release":
            return Change(available=amount, reserved=-amount), nothing
        case "spend":
            return Change(reserved=-amount, spent=amount), nothing
        case "expire":
            return Change(available=-amount, expired=amount), nothing
    raise ValueError(kind)


@dataclass(frozen=True)
class Move:
    """An entry: `account` is the one it is about, `source` where an allocation or transfer comes from, `reverses` an earlier entry."""

    id: int
    kind: str
    amount: Decimal
    account: int
    source: int | None = None
    reverses: int | None = None


def apply(moves: Iterable[Move]) -> dict[int, Change]:
    """The figures of each account after all entries of a fund, in their order.

    ValueError (entry) at the first one after which an account would be negative, or that reverses what isn't there or is reversed.
    """
    accounts: dict[int, Change] = {}
    seen: dict[int, Move] = {}
    reversed_: set[int] = set()
    for move in moves:
        what, sign = move, False
        if move.kind == "reverse":
            if move.reverses not in seen or move.reverses in reversed_:
                raise ValueError(move.id)
            reversed_.add(move.reverses)
            what, sign = seen[move.reverses], True
        seen[move.id] = move
        for account, change in zip((what.account, what.source), changes(what.kind, what.amount), strict=True):
            if account is None:
                continue
            after = accounts.get(account, Change()) + (-change if sign else change)
            if not after.is_possible:
                raise ValueError(move.id)
            accounts[account] = after
    return accounts


# ── Accrual ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Booking:
    """What is booked (negative: taken back) and what is carried to the next time (0 or more)."""

    booked: Decimal
    carried: Decimal


def earned(results: Fraction, rate: Decimal, places: int) -> Decimal:
    """rate × results of a month, in the fund's currency, to its minor unit (`places` decimals), half away from zero."""
    exact = results * Fraction(rate)
    scaled = abs(exact) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return round_half_away(Decimal(whole if exact >= 0 else -whole).scaleb(-places), places)


def book(earned: Decimal, *, carried: Decimal, available: Decimal) -> Booking:
    """What came of a month less what is carried from before; taken back is at most what is available, the rest carried."""
    wanted = earned - carried
    booked = max(wanted, -available)
    return Booking(booked, booked - wanted)
