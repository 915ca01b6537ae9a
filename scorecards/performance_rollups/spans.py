"""Which days a roll-up adds up: of a period as far as it has gone, of its plan, and of the same days a year before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from prm.common.fiscal import (
    FiscalCalendar,
    FiscalQuarter,
    FiscalYear,
    Month,
    same_day_year_before,
    twelve_months_after,
)

TO_DATE = ""  # the key of the fiscal year to date


class Window(StrEnum):
    """How far ahead coverage looks."""

    REST = "rest"
    """The rest of the fiscal year."""
    NEXT = "next"
    """The next four quarters."""


@dataclass(frozen=True)
class Part:
    """The first `days` of a month that has `of`."""

    month: Month
    days: int
    of: int

    @property
    def last(self) -> date:
        return self.month.start.replace(day=self.days)


@dataclass(frozen=True)
class Span:
    """Days in a row from the first of a month. ValueError where they aren't, or end before they begin."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.first.day != 1 or self.last < self.first:
            raise ValueError(f"A span runs from the first of a month, not from {self.first} to {self.last}")

    @property
    def broken(self) -> Part | None:
        """The last month where only its first days belong."""
        month = Month(self.last.year, self.last.month)
        return None if self.last == month.end else Part(month, self.last.day, month.days)

    @property
    def full(self) -> tuple[Month, Month] | None:
        """The first and last of the whole months."""
        first, last = Month(self.first.year, self.first.month), Month(self.last.year, self.last.month)
        if self.broken:
            last = last.previous
        return (first, last) if first <= last else None

    @property
    def year_before(self) -> Span:
        """The same days a year before; 28 February for the 29th."""
        return Span(same_day_year_before(self.first), same_day_year_before(self.last))


@dataclass(frozen=True)
class Period:
    """What is looked at on `day`: the fiscal year to date (key ""), a fiscal year, a quarter or a month.

    `gone`: its days so far, None before it begins; `whole`: all of it.
    """

    key: str
    label: str
    whole: Span
    gone: Span | None
    current: bool

    @property
    def before(self) -> Span | None:
        return self.gone.year_before if self.gone else None

    @property
    def running(self) -> bool:
        """Whether it isn't over yet."""
        return self.gone != self.whole


def period(key: str, day: date, calendar: FiscalCalendar) -> Period:
    """The period of a key as `FiscalCalendar.parse` knows them, or the fiscal year to `day`. ValueError for another key."""
    span: FiscalYear | FiscalQuarter | Month
    if key == TO_DATE:
        span = calendar.year_of(day)
    else:
        found = calendar.parse(key)
        if not isinstance(found, FiscalYear | FiscalQuarter | Month):
            raise ValueError(f"A roll-up has no period {key!r}")
        span = found
    whole = Span(span.start, span.end)
    gone = Span(span.start, min(day, span.end)) if span.start <= day else None
    # The year so far is judged by its days so far; its plan to the end stands beside it.
    return Period(key, span.label, whole, gone, span.start <= day <= span.end)


def ahead(window: Window, day: date, calendar: FiscalCalendar) -> tuple[date, date]:
    """First and last day whose targets coverage looks at: of the whole fiscal year, or of the twelve months after `day`."""
    if window is Window.REST:
        year = calendar.year_of(day)
        return year.start, year.end
    return twelve_months_after(day)
