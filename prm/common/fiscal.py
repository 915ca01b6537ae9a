"""Fiscal years, half-years, quarters and months, and the windows of twelve months that figures look at."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Self


class _Span(ABC):
    """Whole calendar months in a row. Periods of one kind and one fiscal calendar sort by time."""

    @property
    @abstractmethod
    def months(self) -> tuple[Month, ...]:
        """The calendar months in it, first to last."""

    @property
    @abstractmethod
    def key(self) -> str:
        """A stable key for addresses and stored settings: "2026", "2026H1", "2026Q3", "2026-07"."""

    @property
    @abstractmethod
    def label(self) -> str:
        """Its name on the screen: "FY26", "FY26 H1", "FY26 Q3". A month gives "2026-07"; format its start for the user's words."""

    @abstractmethod
    def shift(self, count: int) -> Self:
        """The period `count` later, or earlier where negative."""

    @property
    def start(self) -> date:
        """Its first day."""
        first = self.months[0]
        return date(first.year, first.month, 1)

    @property
    def end(self) -> date:
        """Its last day, which belongs to it."""
        last = self.months[-1].next
        return date(last.year, last.month, 1) - timedelta(days=1)

    @property
    def next(self) -> Self:
        return self.shift(1)

    @property
    def previous(self) -> Self:
        return self.shift(-1)

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days + 1

    def days_elapsed(self, day: date) -> int:
        """How many of its days have passed on `day`, that day included: 0 before it starts, all after it ends."""
        return min(max((day - self.start).days + 1, 0), self.days)

    def contains(self, day: date) -> bool:
        return self.start <= day <= self.end

    def __str__(self) -> str:
        return self.label


@dataclass(frozen=True, order=True)
class Month(_Span):
    """A calendar month."""

    year: int
    month: int

    @property
    def months(self) -> tuple[Month, ...]:
        return (self,)

    @property
    def key(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @property
    def label(self) -> str:
        return self.key

    def shift(self, count: int) -> Month:
        years, month = divmod(self.month - 1 + count, 12)
        return Month(self.year + years, month + 1)


@dataclass(frozen=True, order=True)
class FiscalQuarter(_Span):
    """Quarter `number` (1–4) of the fiscal year `year`, which starts in calendar month `start_month`."""

    year: int
    number: int
    start_month: int

    @property
    def fiscal_year(self) -> FiscalYear:
        return FiscalYear(self.year, self.start_month)

    @property
    def months(self) -> tuple[Month, ...]:
        return self.fiscal_year.months[3 * self.number - 3 : 3 * self.number]

    @property
    def key(self) -> str:
        return f"{self.year:04d}Q{self.number}"

    @property
    def label(self) -> str:
        return f"{self.fiscal_year.label} Q{self.number}"

    def shift(self, count: int) -> FiscalQuarter:
        years, number = divmod(self.number - 1 + count, 4)
        return FiscalQuarter(self.year + years, number + 1, self.start_month)


@dataclass(frozen=True, order=True)
class FiscalHalf(_Span):
    """Half `number` (1 or 2) of the fiscal year `year`, which starts in calendar month `start_month`."""

    year: int
    number: int
    start_month: int

    @property
    def fiscal_year(self) -> FiscalYear:
        return FiscalYear(self.year, self.start_month)

    @property
    def quarters(self) -> tuple[FiscalQuarter, ...]:
        return self.fiscal_year.quarters[2 * self.number - 2 : 2 * self.number]

    @property
    def months(self) -> tuple[Month, ...]:
        return self.fiscal_year.months[6 * self.number - 6 : 6 * self.number]

    @property
    def key(self) -> str:
        return f"{self.year:04d}H{self.number}"

    @property
    def label(self) -> str:
        return f"{self.fiscal_year.label} H{self.number}"

    def shift(self, count: int) -> FiscalHalf:
        years, number = divmod(self.number - 1 + count, 2)
        return FiscalHalf(self.year + years, number + 1, self.start_month)


@dataclass(frozen=True, order=True)
class FiscalYear(_Span):
    """The fiscal year `year`, named after the calendar year in which it ends; it starts in month `start_month`."""

    year: int
    start_month: int

    @property
    def quarters(self) -> tuple[FiscalQuarter, ...]:
        return tuple(FiscalQuarter(self.year, number, self.start_month) for number in (1, 2, 3, 4))

    @property
    def halves(self) -> tuple[FiscalHalf, FiscalHalf]:
        return FiscalHalf(self.year, 1, self.start_month), FiscalHalf(self.year, 2, self.start_month)

    @property
    def months(self) -> tuple[Month, ...]:
        return _months_of_year(self.year, self.start_month)

    @property
    def key(self) -> str:
        return f"{self.year:04d}"

    @property
    def label(self) -> str:
        return f"FY{self.year % 100:02d}"

    def shift(self, count: int) -> FiscalYear:
        return FiscalYear(self.year + count, self.start_month)


@cache
def _months_of_year(year: int, start_month: int) -> tuple[Month, ...]:
    """Kept, since every figure of a year goes through them."""
    first = Month(year if start_month == 1 else year - 1, start_month)
    return tuple(first.shift(count) for count in range(12))


Period = FiscalYear | FiscalHalf | FiscalQuarter | Month

_KEY = re.compile(r"([12][0-9]{3})(?:H([12])|Q([1-4])|-(0[1-9]|1[0-2]))?")


@dataclass(frozen=True)
class FiscalCalendar:
    """The tenant's fiscal calendar: years start on the first day of month `start_month` (1–12, else ValueError)."""

    start_month: int

    def __post_init__(self) -> None:
        if not 1 <= self.start_month <= 12:
            raise ValueError(f"A fiscal year starts in month 1 to 12, not {self.start_month}")

    def year_of(self, day: date) -> FiscalYear:
        """The fiscal year that `day` is in."""
        ends_next_year = self.start_month > 1 and day.month >= self.start_month
        return FiscalYear(day.year + ends_next_year, self.start_month)

    def quarter_of(self, day: date) -> FiscalQuarter:
        """The fiscal quarter that `day` is in."""
        number = (day.month - self.start_month) % 12 // 3 + 1
        return FiscalQuarter(self.year_of(day).year, number, self.start_month)

    def half_of(self, day: date) -> FiscalHalf:
        """The fiscal half-year that `day` is in."""
        quarter = self.quarter_of(day)
        return FiscalHalf(quarter.year, 1 if quarter.number < 3 else 2, self.start_month)

    def month_of(self, day: date) -> Month:
        """The calendar month that `day` is in."""
        return Month(day.year, day.month)

    def parse(self, key: str) -> Period:
        """The period with this `key`: "2026" a fiscal year, "2026H1" a fiscal half-year, "2026Q3" a fiscal quarter, "2026-07" a
        calendar month.

        Raises ValueError for anything else.
        """
        match = _KEY.fullmatch(key)
        if match is None:
            raise ValueError(
                f"{key!r} is not a period: a year (2026), a half (2026H1), a quarter (2026Q3) or a month (2026-07)"
            )
        year, half, quarter, month = int(match[1]), match[2], match[3], match[4]
        if half:
            return FiscalHalf(year, int(half), self.start_month)
        if quarter:
            return FiscalQuarter(year, int(quarter), self.start_month)
        return Month(year, int(month)) if month else FiscalYear(year, self.start_month)


def _same_day(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def same_day_year_before(day: date) -> date:
    """The same day a year earlier; 28 February for 29 February."""
    return _same_day(day, -1)


def same_day_year_after(day: date) -> date:
    """The same day a year later; 28 February for 29 February."""
    return _same_day(day, 1)


def twelve_months_to(day: date) -> tuple[date, date]:
    """First and last of the 12 months to `day`: the days after the same day of the year before, up to and with it."""
    return same_day_year_before(day) + timedelta(days=1), day


def twelve_months_after(day: date) -> tuple[date, date]:
    """First and last of the 12 months from the day after `day` to the same day of the next year."""
    return day + timedelta(days=1), same_day_year_after(day)
