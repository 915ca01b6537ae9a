"""How good the chance is that a customer buys a product line: 100 × fit × affinity × value × relationship, each from 0 to 1.

fit           the product line's ideal names verticals and sizes: both match 1, one of the two 0.6, none 0.3. An ideal that names no
              vertical takes every vertical (likewise of sizes); where a customer's own isn't known, it doesn't match one that is named
affinity      for each product Y the customer owns, with at least 20 owners of Y behind it: of the customers that own Y, how many own
              this line X, held towards the overall share p by 20 customers that are like the average: (both + 20 p) ÷ (owners + 20).
              The largest of them, or p where there is none; divided by the largest such number the vendor has of any line
value         the average won deal of this line ÷ the largest average of any line
relationship  none 0.5, known 0.75, strong 1

What isn't known makes no figure: without a customer that owns any line there is no affinity, without a won deal of the line no
value, and then there is no score. All numbers are exact; only `points` rounds, half up. The affinity's customers are those of
shared plans and of the vendor's own sales; who reads the reasons reads products and shares, never a customer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property

PRIOR = 20  # customers like the average that every share is held by
ENOUGH = 20  # owners of a product that a share is told of

FIT = {2: Fraction(1), 1: Fraction(3, 5), 0: Fraction(3, 10)}
RELATIONSHIP = {"none": Fraction(1, 2), "known": Fraction(3, 4), "strong": Fraction(1)}


class Lack(StrEnum):
    """Why there is no score."""

    OWNERS = "owners"  # no customer is known to own any line
    DEALS = "deals"  # no won deal of this line, so no average


@dataclass(frozen=True, order=True)
class Thing:
    """What a customer may own: a product line of the vendor, or a complementary product. `pk` of the row it is."""

    kind: str
    pk: int

    @classmethod
    def line(cls, pk: int) -> Thing:
        return cls("line", pk)

    @classmethod
    def complementary(cls, pk: int) -> Thing:
        return cls("complementary", pk)


@dataclass(frozen=True)
class Ideal:
    """Pks of verticals, keys of sizes; empty: any."""

    verticals: frozenset[int] = frozenset()
    sizes: frozenset[str] = frozenset()


ANY = Ideal()


@dataclass(frozen=True)
class NoRate:
    """Won deals that are in no average: there is no rate for their currency on the day they were closed."""

    currency: str
    on: dt.date
    deals: int


@dataclass(frozen=True)
class Basis:
    """What the customers counted own together, and what won deals come to.

    `customers`: how many are counted. `owners`: thing → how many own it. `both`: (thing, line's pk) → how many own both; a line with
    itself isn't in it. `average`: line's pk → the average won deal, in the `reporting` currency; `lacks`: line's pk → what isn't in it.
    `as_of`: when all this was read.
    """

    customers: int = 0
    owners: Mapping[Thing, int] = field(default_factory=dict)
    both: Mapping[tuple[Thing, int], int] = field(default_factory=dict)
    average: Mapping[int, Decimal] = field(default_factory=dict)
    lacks: Mapping[int, Sequence[NoRate]] = field(default_factory=dict)
    reporting: str = ""
    as_of: dt.datetime | None = field(default=None, compare=False)
    _together: dict[tuple[Thing, int], Fraction | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def overall(self, line: int) -> Fraction:
        """p: the share of all customers that own the line."""
        return Fraction(self.owners.get(Thing.line(line), 0), self.customers) if self.customers else Fraction(0)

    def together(self, thing: Thing, line: int) -> Fraction | None:
        """(both + 20 p) ÷ (owners + 20); None where fewer than 20 own the thing."""
        if (thing, line) not in self._together:
            self._together[thing, line] = self._share(thing, line)
        return self._together[thing, line]

    def _share(self, thing: Thing, line: int) -> Fraction | None:
        owners = self.owners.get(thing, 0)
        if owners < ENOUGH or thing == Thing.line(line):
            return None
        return (self.both.get((thing, line), 0) + PRIOR * self.overall(line)) / (owners + PRIOR)

    @cached_property
    def largest_affinity(self) -> Fraction:
        """Of any line: the largest share of owners together, or overall."""
        lines = [thing.pk for thing in self.owners if thing.kind == "line"]
        pairs = (self.together(thing, line) or Fraction(0) for thing in self.owners for line in lines)
        return max([Fraction(0), *pairs, *(self.overall(line) for line in lines)])

    @cached_property
    def largest_average(self) -> Decimal:
        return max(self.average.values(), default=Decimal(0))


@dataclass(frozen=True)
class Affinity:
    """`share` of those that own `through` own the line, too; of all customers where `through` is None. `value` is share ÷ largest."""

    share: Fraction
    largest: Fraction
    through: Thing | None = None
    both: int = 0
    owners: int = 0

    @property
    def value(self) -> Fraction:
        return self.share / self.largest


@dataclass(frozen=True)
class Customer:
    """What the score asks of a customer."""

    vertical: int | None = None
    size: str = ""
    relationship: str = "none"
    owned: frozenset[Thing] = frozenset()


@dataclass(frozen=True)
class Score:
    """The parts, each from 0 to 1 or None where it can't be told, and why then (`lack`)."""

    fit: Fraction
    vertical_fits: bool
    size_fits: bool
    affinity: Affinity | None
    value: Fraction | None
    relationship: Fraction
    lack: Lack | None = None

    @cached_property
    def exact(self) -> Fraction | None:
        """0 to 100, not rounded."""
        if self.affinity is None or self.value is None:
            return None
        return 100 * self.fit * self.affinity.value * self.value * self.relationship

    @cached_property
    def points(self) -> int | None:
        """0 to 100, rounded half up."""
        exact = self.exact
        return None if exact is None else int(exact + Fraction(1, 2))


def fit(ideal: Ideal, vertical: int | None, size: str) -> tuple[Fraction, bool, bool]:
    """(part, whether the vertical matches, whether the size does)."""
    by_vertical = not ideal.verticals or vertical in ideal.verticals
    by_size = not ideal.sizes or size in ideal.sizes
    return FIT[by_vertical + by_size], by_vertical, by_size


def affinity(basis: Basis, owned: Iterable[Thing], line: int) -> Affinity | None:
    """The best reason there is among what the customer owns; None where nobody is known to own any line."""
    largest = basis.largest_affinity
    if not largest:
        return None
    found = [(share, thing) for thing in owned if (share := basis.together(thing, line)) is not None]
    if not found:
        return Affinity(basis.overall(line), largest)
    share, thing = min(found, key=lambda pair: (-pair[0], pair[1]))
    return Affinity(share, largest, thing, basis.both.get((thing, line), 0), basis.owners[thing])


def value(basis: Basis, line: int) -> Fraction | None:
    """The line's average won deal ÷ the largest; None without a won deal of it."""
    average = basis.average.get(line)
    if average is None or not basis.largest_average:
        return None
    return Fraction(average) / Fraction(basis.largest_average)


class Scorer:
    """The scores of many customers and lines on one basis; customers of whom the same is known are scored once."""

    def __init__(self, basis: Basis, ideals: Mapping[int, Ideal]) -> None:
        self.basis, self.ideals = basis, ideals
        self._values: dict[int, Fraction | None] = {}
        self._affinities: dict[tuple[frozenset[Thing], int], Affinity | None] = {}
        self._scores: dict[tuple[Customer, int], Score] = {}

    def score(self, customer: Customer, line: int) -> Score:
        """Of one customer and the pk of one line."""
        if (customer, line) not in self._scores:
            self._scores[customer, line] = self._score(customer, line)
        return self._scores[customer, line]

    def _score(self, customer: Customer, line: int) -> Score:
        if line not in self._values:
            self._values[line] = value(self.basis, line)
        key = (customer.owned, line)
        if key not in self._affinities:
            self._affinities[key] = affinity(self.basis, customer.owned, line)
        part, by_vertical, by_size = fit(self.ideals.get(line, ANY), customer.vertical, customer.size)
        close, worth = self._affinities[key], self._values[line]
        lack = Lack.OWNERS if close is None else Lack.DEALS if worth is None else None
        return Score(part, by_vertical, by_size, close, worth, RELATIONSHIP[customer.relationship], lack)

    def best(self, customer: Customer, lines: Collection[int]) -> list[tuple[int, Score]]:
        """The lines by their score, the best first; those without one last."""
        scored = [(line, self.score(customer, line)) for line in lines]
        return sorted(scored, key=lambda pair: -(pair[1].exact if pair[1].exact is not None else Fraction(-1)))
