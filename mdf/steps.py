"""Which steps a request or a claim goes through and who may decide each. Pure: amounts are Decimals of the fund's currency,
people are ids, moments are aware.

The document of the rules: {"steps": [{"level": "cam", "above": "0"}, {"level": "marketing", "above": "5000"}, …], "sla_days": 3,
"escalation_days": 0}.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import pairwise
from typing import Any

from prm.common.fiscal import Month
from prm.common.workcal import WorkCalendar

MOST_DAYS = 60  # working days of any clock
MOST_MONEY = Decimal(10) ** 12


class Level(StrEnum):
    """Who decides, from the lowest up. The topmost has no step of its own: it decides what nobody below it may."""

    CAM = "cam"
    MARKETING = "marketing"
    CHIEF = "chief"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        return LEVELS.index(self)

    def covers(self, other: Level) -> bool:
        """What is decided at this level needs no decision at the other one any more."""
        return self.rank >= other.rank


LEVELS = tuple(Level)


@dataclass(frozen=True)
class Step:
    """A step, needed where more than `above` is asked; the first always is."""

    level: Level
    above: Decimal


DEFAULT_STEPS = (
    Step(Level.CAM, Decimal(0)),
    Step(Level.MARKETING, Decimal(5000)),
    Step(Level.CHIEF, Decimal(25000)),
)


@dataclass(frozen=True)
class Rules:
    """The steps by amount, the lowest first, and their clocks in working days: to decide, and from then on to the escalation."""

    steps: tuple[Step, ...] = DEFAULT_STEPS
    sla_days: int = 3
    escalation_days: int = 0

    def needed(self, asked: Decimal) -> tuple[Level, ...]:
        """The steps for what a partner asked from the fund in the quarter, this one included: 5,000 the CAM alone, 5,000.01 also
        the marketing manager."""
        return tuple(step.level for number, step in enumerate(self.steps) if number == 0 or asked > step.above)

    def limit(self, level: Level) -> Decimal | None:
        """Up to which sum, it included, the decision of a level is the last; None: any."""
        above = [step.above for step in self.steps if step.level.rank > level.rank]
        return min(above) if above else None


@dataclass(frozen=True)
class Asked:
    """A sum asked from a fund for a plan of these days, which are one whole quarter or two."""

    amount: Decimal
    first: dt.date
    last: dt.date


def in_quarter(asked: Iterable[Asked], first: dt.date, last: dt.date) -> Decimal:
    """The most that was asked for any quarter of a plan from `first` to `last`. A sum for two quarters counts in each."""
    rows = list(asked)
    return max(
        sum((one.amount for one in rows if one.first <= end and one.last >= start), Decimal(0))
        for start, end in _quarters(first, last)
    )


def _quarters(first: dt.date, last: dt.date) -> Iterator[tuple[dt.date, dt.date]]:
    month = Month(first.year, first.month)
    while month.start <= last:
        yield month.start, month.shift(2).end
        month = month.shift(3)


def read(document: Mapping[str, Any]) -> Rules:
    """The rules of a document; what is left out is the default. ValueError (field, what is wrong: "unknown", "range", "order",
    "missing") for other values."""
    if unknown := set(document) - {"steps", "sla_days", "escalation_days"}:
        raise ValueError(sorted(unknown)[0], "unknown")
    days: Any = {name: _days(name, document[name], least) for name, least in _DAYS.items() if name in document}
    if "steps" not in document:
        return Rules(**days)
    listed = document["steps"]
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        raise ValueError("steps", "missing")
    steps = tuple(_step(each) for each in listed)
    if steps[0].above != 0:
        raise ValueError("steps", "missing")  # nobody would decide the smallest
    for before, after in pairwise(steps):
        if after.above <= before.above or after.level.rank <= before.level.rank:
            raise ValueError("steps", "order")
    return Rules(steps=steps, **days)


_DAYS = {"sla_days": 1, "escalation_days": 0}


def document(rules: Rules) -> dict[str, Any]:
    """The stored form; amounts as text, so that none loses a digit."""
    return {
        "steps": [{"level": step.level.value, "above": f"{step.above:f}"} for step in rules.steps],
        "sla_days": rules.sla_days,
        "escalation_days": rules.escalation_days,
    }


def _days(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST_DAYS:
        raise ValueError(name, "range")
    return value


def _step(each: Any) -> Step:
    if not isinstance(each, Mapping) or set(each) != {"level", "above"}:
        raise ValueError("steps", "unknown")
    if each["level"] not in LEVELS[:-1]:
        raise ValueError("steps", "unknown")
    try:
        above = Decimal(str(each["above"]))
    except InvalidOperation:
        raise ValueError("steps", "range") from None
    if not above.is_finite() or not 0 <= above <= MOST_MONEY or above != round(above, 2):
        raise ValueError("steps", "range")
    return Step(Level(each["level"]), above)


# ── Who ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Decider:
    """Somebody who may decide: at which level, and in whose place (None: their own)."""

    person: int
    level: Level
    in_place_of: int | None = None


def deciders(
    wanted: Level,
    *,
    at: Mapping[Level, Collection[int]],
    own: Collection[int],
    delegates: Mapping[int, Collection[int]],
    escalated: bool = False,
) -> tuple[Decider, ...]:
    """Who may decide a step of level `wanted`; empty where nobody in the vendor may.

    `at`: who stands at each level for this partner; `own`: whose it is (who created it, submitted it, or last changed an amount);
    `delegates`: who acts for whom today. Nobody decides their own, in nobody's place either; their delegate does, else it goes a
    step up, until somebody may. A delegate's delegate is none. `escalated`: the next level up with anybody may, too.
    """
    found: list[Decider] = []
    levels = 0
    for level in LEVELS[wanted.rank :]:
        here = _at(level, at.get(level, ()), set(own), delegates)
        if here:
            known = {one.person for one in found}
            found += [one for one in here if one.person not in known]
            levels += 1
        if levels > (1 if escalated else 0):
            break
    return tuple(found)


def _at(
    level: Level, people: Collection[int], own: set[int], delegates: Mapping[int, Collection[int]]
) -> tuple[Decider, ...]:
    themselves = [Decider(person, level) for person in people if person not in own]
    known = set(people)
    instead: list[Decider] = []
    for person in people:
        for delegate in delegates.get(person, ()):
            if delegate not in own and delegate not in known:
                known.add(delegate)
                instead.append(Decider(delegate, level, person))
    return (*themselves, *instead)


# ── What a decision makes of it ──────────────────────────────────────────────────────────────────────────────────────


class Decision(StrEnum):
    """Of a line, and with it of its activity."""

    UNDECIDED = "undecided"
    AS_ASKED = "as_asked"
    CHANGED = "changed"
    DENIED = "denied"
    RETURNED = "returned"


GIVEN = (Decision.AS_ASKED, Decision.CHANGED)


class Outcome(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"


def outcome(lines: Iterable[Decision], others: Iterable[Decision] = ()) -> Outcome:
    """What the decisions of one step make of the request: one line returned, and all of it goes back; everything denied, and it is
    rejected, also where what asks for no money (`others`) isn't. Without any line the others decide."""
    money, rest = list(lines), list(others)
    if Decision.RETURNED in (*money, *rest):
        return Outcome.RETURNED
    deciding = money or rest
    return Outcome.APPROVED if any(one in GIVEN for one in deciding) else Outcome.REJECTED


def is_full(lines: Iterable[Decision]) -> bool:
    """Approved in full: every line as it was asked."""
    return all(one is Decision.AS_ASKED for one in lines)


# ── Clocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Clock:
    """Of one step, on the vendor's working calendar: when the deciders are reminded, until when to decide, when it is escalated."""

    remind_at: dt.datetime
    decide_by: dt.datetime
    escalate_at: dt.datetime


def clock(started: dt.datetime, rules: Rules, calendar: WorkCalendar) -> Clock:
    """A step begun Friday 16:00 with three working days is due Wednesday 16:00; the reminder comes a working day before."""
    decide_by = calendar.add_working_days(started, rules.sla_days)
    return Clock(
        remind_at=calendar.add_working_days(started, rules.sla_days - 1),
        decide_by=decide_by,
        escalate_at=calendar.add_working_days(decide_by, rules.escalation_days),
    )
