"""Where each conversation with each partner stands: the cells of the matrix partners × tools. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from cadence.completion import DONE, OPEN, SKIPPED

LATE, NONE = "late", "none"


@dataclass(frozen=True)
class Item:
    """A due item as the matrix takes it."""

    pk: int
    partner: int
    task: str
    due_on: dt.date
    state: str
    done_on: dt.date | None


@dataclass(frozen=True)
class Cell:
    """`state`: late (`days` after the due day), open (`days` to it), done (`days` ago), skipped, or none: not asked now."""

    state: str = NONE
    days: int = 0
    due_on: dt.date | None = None


def cell(items: Iterable[Item], today: dt.date) -> Cell:
    """How one conversation stands, of the items of one partner and task that are open or of a period not over yet: the oldest
    one late, else the next one open, else what was done last, else skipped."""
    items = list(items)
    if waiting := sorted(item.due_on for item in items if item.state == OPEN):
        days = (waiting[0] - today).days
        return Cell(LATE, -days, waiting[0]) if days < 0 else Cell(OPEN, days, waiting[0])
    if held := [item.done_on for item in items if item.state == DONE and item.done_on is not None]:
        return Cell(DONE, (today - max(held)).days, max(item.due_on for item in items))
    if skipped := [item.due_on for item in items if item.state == SKIPPED]:
        return Cell(SKIPPED, due_on=max(skipped))
    return Cell()


def first_open(items: Iterable[Item]) -> list[Item]:
    """The open items, one for each task: the earliest of it; by due day, then task."""
    found: dict[str, Item] = {}
    for item in sorted(items, key=lambda item: (item.due_on, item.task)):
        if item.state == OPEN:
            found.setdefault(item.task, item)
    return list(found.values())
