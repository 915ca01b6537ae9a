"""The tasks of a cadence, and the tools that do them (cadence.conversations registers them); until a task has one it can't be in a policy.

A tool says where it is opened for a partner and in which rows its being held can be read: a due item is done on the first day
from the start of its period on which the conversation was held, whether the item was there by then or not.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from accounts.permissions import Permission as P
from cadence.models import SATISFACTION, TASKS
from prm.common.addresses import of_row


@dataclass(frozen=True)
class Held:
    """Rows that say a conversation was held: each with its partner, the field of the day and that of the person."""

    rows: QuerySet[Any]
    day: str
    by: str


@dataclass(frozen=True)
class Chase:
    """What of a conversation is stuck and is run after: "plan unsigned 31 d", late since the day after `due_on`."""

    partner: int
    name: str
    words: str
    due_on: dt.date
    url: str
    button: str


@dataclass(frozen=True)
class Tool:
    """What does a task. `short` names it in a list, `brief` heads its narrow column; `url`: partner's id → the page where a person of the vendor does it.

    `permission`: who does it; others see only how it stands. `under_way`: (user, ids of partners) → addresses to go on at.
    `news`: kinds of events that tell of it, each with the partner's id in it, or None where it is about another task.
    `possible`: ids of partners → since when it can be done with each; who isn't there can't, and is asked for periods that start
    later only. None: with everybody, always. `chases`: (user, day) → what is stuck with partners the user sees.
    """

    task: str
    short: Any
    brief: Any
    order: int
    permission: P
    url: Callable[[int], str]
    button: Any
    held: Callable[[], Held]
    news: dict[type, Callable[[Any], int | None]]
    under_way: Callable[[User, Sequence[int]], dict[int, str]] = lambda user, partners: {}
    possible: Callable[[Sequence[int]], dict[int, dt.date]] | None = None
    chases: Callable[[User, dt.date], list[Chase]] = lambda user, day: []

    @property
    def label(self) -> str:
        return str(TASKS[self.task])


@dataclass(frozen=True)
class Watch:
    """What is run after though no policy asks for it: a lead nobody answers. `key` stands beside the tasks in the filter over
    what is late, as `label`; only who holds `permission` is told."""

    key: str
    label: Any
    permission: P
    chases: Callable[[User, dt.date], list[Chase]]


_tools: dict[str, Tool] = {}
_watches: dict[str, Watch] = {}


def tool(entry: Tool) -> Tool:
    """Registers a tool; its task may be in policies from now on."""
    _tools[entry.task] = entry
    return entry


def watch(entry: Watch) -> Watch:
    """Registers what is run after beside the conversations."""
    _watches[entry.key] = entry
    return entry


def tools() -> list[Tool]:
    return sorted(_tools.values(), key=lambda entry: entry.order)


def address(task: str, partner: int) -> str:
    """Where a task is done for a partner; the partner's page where its tool has gone."""
    return _tools[task].url(partner) if task in _tools else of_row("partners:hub", partner)


def seen_by(user: User) -> list[Tool]:
    """The tools whose items a person may see at all: those of satisfaction only channel management."""
    return [entry for entry in tools() if entry.task != SATISFACTION or user.can(P.SEE_SATISFACTION)]


def watched_by(user: User) -> list[Watch]:
    """What is run after beside the conversations, as far as a person is told."""
    return [entry for entry in _watches.values() if user.can(entry.permission)]


def stuck(user: User, day: dt.date) -> Iterator[tuple[str, Chase]]:
    """All that is stuck with partners a person sees: (the task, or the key of what is watched; what of it)."""
    for entry in seen_by(user):
        yield from ((entry.task, chase) for chase in entry.chases(user, day))
    for other in watched_by(user):
        yield from ((other.key, chase) for chase in other.chases(user, day))
