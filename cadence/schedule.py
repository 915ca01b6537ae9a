"""Which conversation is due with a partner for which fiscal period, and on which day. Pure: the policy's versions, the calendars
and the window come in, what is needed goes out.

One item for each (partner, task, fiscal period). Where the partner stood when the period started decides, and so does the
version of the policy that was in force then; of the rules for one task the first that fits the partner counts. A partner that
entered the books during a period is taken where it entered. The first period is the first whole one after the contract was
signed; without a date of signing only the life stage decides.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from prm.common.fiscal import FiscalCalendar, Period
from prm.common.workcal import WorkCalendar

EVERY = ("month", "quarter", "half", "year")
NO_TIER = "none"


@dataclass(frozen=True)
class Rule:
    """How often a task is due: `every` month, quarter, half or year, of partners of these tiers and life stages.

    `tiers`, `stages`: keys (of the tiers also "none"), or None for all. `offset`: the due day, counted in working days from the
    period's last working day (−5: five working days earlier, but never before the period); None: that last day itself.
    """

    task: str
    every: str
    tiers: frozenset[str] | None = None
    stages: frozenset[str] | None = None
    offset: int | None = None

    def fits(self, place: Place) -> bool:
        return (self.tiers is None or (place.tier or NO_TIER) in self.tiers) and (
            self.stages is None or place.stage in self.stages
        )


@dataclass(frozen=True)
class Place:
    """Where a partner stood from a day on: keys of tier ("" for none) and life stage."""

    starts_on: dt.date
    tier: str
    stage: str


@dataclass(frozen=True)
class Version:
    """The rules in force for periods that start on `starts_on` or later, until the next version."""

    starts_on: dt.date
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Need:
    """One conversation that is due."""

    task: str
    period: Period
    due_on: dt.date


@dataclass(frozen=True)
class _Slot:
    """A period that a rule asks for; `before` are the rules of the same task that come first where they fit."""

    period: Period
    rule: Rule
    before: tuple[Rule, ...]
    due_on: dt.date


@dataclass(frozen=True)
class Schedule:
    """What the versions ask for, of periods that have started by `until` and were not over before `since`."""

    versions: Sequence[Version]
    calendar: FiscalCalendar
    work: WorkCalendar
    since: dt.date
    until: dt.date

    def needs(self, places: Sequence[Place], signed_on: dt.date | None) -> list[Need]:
        """What is needed of a partner that stood at these places, by the start of the period and the task."""
        if not places:
            return []
        history = sorted(places, key=lambda place: place.starts_on)
        found = []
        for slot in self._slots:
            start = slot.period.start
            if history[0].starts_on > slot.period.end or (signed_on is not None and signed_on > start):
                continue
            place = _standing(history, start)
            if slot.rule.fits(place) and not any(rule.fits(place) for rule in slot.before):
                found.append(Need(slot.rule.task, slot.period, slot.due_on))
        return found

    @cached_property
    def _slots(self) -> list[_Slot]:
        slots = []
        for period in periods(self.calendar, self.since, self.until):
            rules = in_force(self.versions, period.start)
            for number, rule in enumerate(rules):
                if rule.every == kind_of(period):
                    before = tuple(other for other in rules[:number] if other.task == rule.task)
                    slots.append(_Slot(period, rule, before, due_day(period, self.work, rule.offset)))
        return sorted(slots, key=lambda slot: (slot.period.start, slot.period.end, slot.rule.task))


def _standing(history: Sequence[Place], day: dt.date) -> Place:
    """The place in force on the day; the first known one where the partner came later."""
    return next((place for place in reversed(history) if place.starts_on <= day), history[0])


def in_force(versions: Sequence[Version], day: dt.date) -> tuple[Rule, ...]:
    """The rules of the latest version that starts on or before the day; none before the first."""
    started = [version for version in versions if version.starts_on <= day]
    return max(started, key=lambda version: version.starts_on).rules if started else ()


def kind_of(period: Period) -> str:
    """ "month", "quarter", "half" or "year"."""
    return {1: "month", 3: "quarter", 6: "half", 12: "year"}[len(period.months)]


def periods(calendar: FiscalCalendar, since: dt.date, until: dt.date) -> Iterator[Period]:
    """All fiscal periods of each kind that ended on `since` or later and started on `until` or earlier."""
    for first in (calendar.month_of, calendar.quarter_of, calendar.half_of, calendar.year_of):
        period: Period = first(since)
        while period.start <= until:
            yield period
            period = period.next


def due_day(period: Period, work: WorkCalendar, offset: int | None) -> dt.date:
    """The period's last working day, moved by `offset` working days and never before the period's first day. The period's last
    day where it has no working day at all."""
    last = work.last_working_day(period.start, period.end)
    if last is None:
        return period.end
    if not offset:
        return last
    step = dt.timedelta(days=1 if offset > 0 else -1)
    working = (day for day in _days(last + step, step) if work.is_working_day(day))
    return max(next(islice(working, abs(offset) - 1, None)), period.start)


def _days(day: dt.date, step: dt.timedelta) -> Iterator[dt.date]:
    while True:
        yield day
        day += step
