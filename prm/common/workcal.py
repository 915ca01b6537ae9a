"""The working calendar that SLA clocks run on: working days and opening hours in one time zone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain, islice
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class WorkCalendar:
    """Opening hours of whoever must act, on the working days of their time zone `zone` (an IANA name).

    `working_days` are weekdays with Monday 0; `holidays` are off. The moment of closing still belongs to the day.
    Moments come in as aware datetimes of any zone (a naive one is a ValueError) and go out in this zone.
    Raises ValueError where nothing is ever open; ZoneInfoNotFoundError.
    """

    zone: str
    opening: time = time(9)
    closing: time = time(17)
    working_days: frozenset[int] = frozenset(range(5))
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        ZoneInfo(self.zone)
        if self.opening >= self.closing:
            raise ValueError("Opening must be before closing")
        if not self.working_days or not self.working_days <= frozenset(range(7)):
            raise ValueError("Working days are one or more of 0 (Monday) to 6 (Sunday)")

    def is_working_day(self, day: date) -> bool:
        return day.weekday() in self.working_days and day not in self.holidays

    def next_opening(self, moment: datetime) -> datetime:
        """When a clock started at `moment` begins to run: that moment in opening hours, else the next opening."""
        local = self._local(moment)
        if not self.is_working_day(local.date()) or local > self._at(local.date(), self.closing):
            return self._at(next(self._working_days_after(local.date())), self.opening)
        return max(local, self._at(local.date(), self.opening))

    def add_working_days(self, moment: datetime, days: int) -> datetime:
        """The same time of day `days` working days later; a moment outside opening hours counts from the next opening.

        Friday 16:00 + 2 days is Tuesday 16:00. Raises ValueError for negative `days`.
        """
        if days < 0:
            raise ValueError("Working days are counted forward only")
        start = self.next_opening(moment)
        reachable = chain([start.date()], self._working_days_after(start.date()))
        return self._at(next(islice(reachable, days, None)), start.time())

    def add_hours(self, moment: datetime, hours: Decimal | float) -> datetime:
        """The moment when `hours` opening hours have passed since `moment`: Friday 16:00 + 2 hours is Monday 10:00.

        Raises ValueError for negative `hours`.
        """
        if hours < 0:
            raise ValueError("Opening hours are counted forward only")
        left = timedelta(hours=float(hours))
        start = self.next_opening(moment)
        days = self._working_days_after(start.date())
        while left > (until_closing := _elapsed(start, self._at(start.date(), self.closing))):
            left -= until_closing
            start = self._at(next(days), self.opening)
        return self._local(start.astimezone(UTC) + left)

    def working_days_between(self, earlier: date, later: date) -> int:
        """Working days after `earlier`, up to and with `later`; negative where `later` comes first."""
        if later < earlier:
            return -self.working_days_between(later, earlier)
        return sum(self.is_working_day(earlier + timedelta(days=n + 1)) for n in range((later - earlier).days))

    def last_working_day(self, start: date, end: date) -> date | None:
        """The last working day from `start` up to and with `end`; None where there is none."""
        days = (end - timedelta(days=n) for n in range((end - start).days + 1))
        return next((day for day in days if self.is_working_day(day)), None)

    def _working_days_after(self, day: date) -> Iterator[date]:
        while True:
            day += timedelta(days=1)
            if self.is_working_day(day):
                yield day

    def _at(self, day: date, clock: time) -> datetime:
        # By way of UTC, so that a time that a clock change skips becomes one that exists.
        return self._local(datetime.combine(day, clock, ZoneInfo(self.zone)))

    def _local(self, moment: datetime) -> datetime:
        if moment.tzinfo is None:
            raise ValueError("A naive datetime has no place on a working calendar")
        return moment.astimezone(UTC).astimezone(ZoneInfo(self.zone))


def _elapsed(start: datetime, end: datetime) -> timedelta:
    # Two datetimes of one zone subtract by the clock on the wall; in UTC by the time that really passes.
    return end.astimezone(UTC) - start.astimezone(UTC)
