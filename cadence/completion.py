"""How far the conversations of a cadence are: completion = done ÷ (all − skipped), on time and late apart. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from prm.common.numbers import percent_of, whole

OPEN, DONE, SKIPPED = "open", "done", "skipped"


@dataclass(frozen=True)
class Completion:
    """How many items stand how: done by the due day and after it, still open before it and after it (late), skipped."""

    on_time: int = 0
    after: int = 0
    waiting: int = 0
    late: int = 0
    skipped: int = 0

    @property
    def done(self) -> int:
        return self.on_time + self.after

    @property
    def counted(self) -> int:
        """All but the skipped ones."""
        return self.done + self.waiting + self.late

    @property
    def percent(self) -> int | None:
        """Done, in percent of those that count, as shown; None where none counts."""
        return _share(self.done, self.counted)

    @property
    def percent_on_time(self) -> int | None:
        return _share(self.on_time, self.counted)

    def __add__(self, other: Completion) -> Completion:
        return Completion(
            self.on_time + other.on_time,
            self.after + other.after,
            self.waiting + other.waiting,
            self.late + other.late,
            self.skipped + other.skipped,
        )


def _share(part: int, base: int) -> int | None:
    share = percent_of(Decimal(part), Decimal(base))
    return None if share is None else whole(share)


def completion(items: Iterable[tuple[str, dt.date, dt.date | None]], today: dt.date) -> Completion:
    """Of (status, due day, day it was done) each."""
    total = Completion()
    for status, due_on, done_on in items:
        total += Completion(
            on_time=status == DONE and done_on is not None and done_on <= due_on,
            after=status == DONE and not (done_on is not None and done_on <= due_on),
            waiting=status == OPEN and due_on >= today,
            late=status == OPEN and due_on < today,
            skipped=status == SKIPPED,
        )
    return total
