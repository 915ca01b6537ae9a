"""What a certification is worth on a day, and how many of the required tasks are done."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

EXPIRING_WITHIN = 60  # days


class State(StrEnum):
    VALID = "valid"
    EXPIRING = "expiring"  # valid, and not for long
    EXPIRED = "expired"
    AHEAD = "ahead"  # earned later than the day


@dataclass(frozen=True)
class Held:
    """A certificate held by a person, or by the partner itself (`person` None)."""

    certificate: str
    person: int | None
    earned_on: dt.date
    expires_on: dt.date | None = None
    level: str = ""


def is_valid(held: Held, day: dt.date) -> bool:
    """Earned on or before `day`, and it has no expiry or expires after it."""
    return held.earned_on <= day and (held.expires_on is None or held.expires_on > day)


def state(held: Held, day: dt.date) -> State:
    """How it stands on `day`; expiring when it is valid and 60 days later it will not be."""
    if held.earned_on > day:
        return State.AHEAD
    if not is_valid(held, day):
        return State.EXPIRED
    soon = held.expires_on is not None and held.expires_on <= expiring_to(day)
    return State.EXPIRING if soon else State.VALID


def expiring_to(day: dt.date) -> dt.date:
    """Up to when what expires is said to expire soon."""
    return day + dt.timedelta(days=EXPIRING_WITHIN)


def expiry(earned_on: dt.date, months: int | None) -> dt.date | None:
    """The day on which a certificate of so many months ends: the same day of a later month, the last one of a shorter month;
    None where it doesn't expire, or ends after the calendar does."""
    if months is None:
        return None
    years, month = divmod(earned_on.month - 1 + months, 12)
    year, month = earned_on.year + years, month + 1
    if year > dt.MAXYEAR - 1:
        return None
    last = (dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)).day
    return dt.date(year, month, min(earned_on.day, last))


@dataclass(frozen=True)
class Required:
    """A task required of partners of a tier (None: of any) in a life stage (None: in any)."""

    key: str
    tier: str | None = None
    stage: str | None = None


def required_of(tasks: Iterable[Required], *, tier: str | None, stage: str | None) -> list[Required]:
    """The tasks required of a partner whose assigned tier and life stage are these, in their order."""
    return [task for task in tasks if task.tier in (None, tier) and task.stage in (None, stage)]


@dataclass(frozen=True)
class Progress:
    """How many of the required tasks are done. `share` is a fraction of 1; None where none is required."""

    done: int
    required: int

    @property
    def share(self) -> Decimal | None:
        return Decimal(self.done) / Decimal(self.required) if self.required else None


def progress(required: Iterable[Required], done: Collection[str]) -> Progress:
    """`done`: keys of tasks that are done, required or not."""
    keys = [task.key for task in required]
    return Progress(sum(key in done for key in keys), len(keys))
