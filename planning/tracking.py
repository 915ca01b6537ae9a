"""A committed plan against what became of it, month by month; and the re-forecast: what was sold in the months that are over, and
the plan from then on. Pure: the plan's months, actuals and the day come in.

    attainment  = Σ actual ÷ Σ plan of the plan's months that are over
    re-forecast = Σ actual of the months that are over + Σ plan of the month that runs and those to come

Money is in the reporting currency. What can't be converted is no 0: sums that it touches have no figure, but a reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from prm.common.fiscal import Month
from prm.common.numbers import percent_of

YEAR = 12
ZERO = Decimal(0)


class State(StrEnum):
    """How a month stands to today."""

    OVER = "over"
    RUNNING = "running"
    AHEAD = "ahead"


@dataclass(frozen=True)
class Amounts:
    """Revenue, and deals. `revenue` None: part of it is in `lack`, a currency without a rate."""

    revenue: Decimal | None = ZERO
    deals: Decimal = ZERO
    lack: str = ""

    def __add__(self, other: Amounts) -> Amounts:
        known = self.revenue is not None and other.revenue is not None
        revenue = (self.revenue or ZERO) + (other.revenue or ZERO) if known else None
        return Amounts(revenue, self.deals + other.deals, self.lack or other.lack)


@dataclass(frozen=True)
class Line:
    """One month of the plan, `number` 1 to 36. `actual` None: it has not begun."""

    number: int
    month: Month
    plan: Amounts
    actual: Amounts | None
    state: State

    @property
    def reforecast(self) -> Amounts:
        """What the month comes to as it is seen today: sold where it is over, else planned."""
        return self.actual if self.state is State.OVER and self.actual is not None else self.plan


@dataclass(frozen=True)
class Held:
    """Some months of a plan, added up: the plan, the actuals, and how much of the plan was reached, in percent."""

    plan: Amounts
    actual: Amounts
    months: int

    @property
    def attainment(self) -> Decimal | None:
        """Of the revenue; None without a plan, or where an actual can't be converted."""
        if self.actual.revenue is None or self.plan.revenue is None:
            return None
        return percent_of(self.actual.revenue, self.plan.revenue)

    @property
    def deals_attainment(self) -> Decimal | None:
        return percent_of(self.actual.deals, self.plan.deals)


@dataclass(frozen=True)
class Outlook:
    """Some months as planned, and as re-forecast."""

    plan: Amounts
    reforecast: Amounts

    @property
    def change(self) -> Decimal | None:
        """By how much the revenue comes out above the plan; None where that isn't known."""
        if self.reforecast.revenue is None or self.plan.revenue is None:
            return None
        return self.reforecast.revenue - self.plan.revenue

    @property
    def deals_change(self) -> Decimal:
        return self.reforecast.deals - self.plan.deals


def _sum(parts: Iterable[Amounts]) -> Amounts:
    return sum(parts, Amounts())


@dataclass(frozen=True)
class Track:
    """A plan followed up to a day: its months in order."""

    lines: tuple[Line, ...]

    @property
    def over(self) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if line.state is State.OVER)

    @property
    def running(self) -> Line | None:
        return next((line for line in self.lines if line.state is State.RUNNING), None)

    @property
    def as_of(self) -> Month:
        """The first month that is still the plan's; the one after the last where all are over."""
        ahead = next((line.month for line in self.lines if line.state is not State.OVER), None)
        return ahead or self.lines[-1].month.next

    @cached_property
    def held(self) -> Held:
        """The months that are over."""
        return self._held(self.over)

    def held_in(self, year: int) -> Held:
        """Those of a plan year (1, 2 or 3) that are over."""
        return self._held(line for line in self.in_year(year) if line.state is State.OVER)

    @staticmethod
    def _held(lines: Iterable[Line]) -> Held:
        of = list(lines)
        actual = _sum(line.actual for line in of if line.actual is not None)
        return Held(_sum(line.plan for line in of), actual, len(of))

    @cached_property
    def outlook(self) -> Outlook:
        """All of the plan's months."""
        return self._outlook(self.lines)

    def outlook_of(self, year: int) -> Outlook:
        return self._outlook(self.in_year(year))

    @staticmethod
    def _outlook(lines: Iterable[Line]) -> Outlook:
        of = list(lines)
        return Outlook(_sum(line.plan for line in of), _sum(line.reforecast for line in of))

    @property
    def years(self) -> range:
        """The plan years there are."""
        return range(1, (len(self.lines) + YEAR - 1) // YEAR + 1)

    def in_year(self, year: int) -> tuple[Line, ...]:
        return tuple(line for line in self.lines if (line.number - 1) // YEAR == year - 1)

    @property
    def lack(self) -> str:
        """A currency without a rate, of a month that is over; "" where there is none."""
        return self.held.actual.lack

    def figures(self) -> list[dict[str, Any]]:
        """The re-forecast as it is kept: {"month", "revenue", "deals", "actual"} of each month, amounts as text.

        Raises ValueError where a month that is over can't be converted.
        """
        return list(self._figures())

    def _figures(self) -> Iterator[dict[str, Any]]:
        for line in self.lines:
            found = line.reforecast
            if found.revenue is None:
                raise ValueError(f"No rate for {found.lack} in {line.month.key}")
            actual = line.state is State.OVER
            yield {
                "month": line.month.key,
                "revenue": plain(found.revenue),
                "deals": plain(found.deals),
                "actual": actual,
            }


def track(plan: Sequence[tuple[Month, Amounts]], actuals: Mapping[Month, Amounts], day: date) -> Track:
    """The plan's months in order against the actuals up to `day`. A month without actuals sold nothing; one that ends on `day`
    runs until midnight."""
    lines = []
    for number, (month, planned) in enumerate(plan, 1):
        state = State.AHEAD if day < month.start else State.OVER if month.end < day else State.RUNNING
        sold = None if state is State.AHEAD else actuals.get(month, Amounts())
        lines.append(Line(number, month, planned, sold, state))
    return Track(tuple(lines))


def plain(value: Decimal) -> str:
    """A number as text without needless zeros: the same number, the same text."""
    return f"{value.normalize():f}" if value else "0"
