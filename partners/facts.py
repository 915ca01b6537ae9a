"""Facts: one figure per partner, month and metric, so that roll-ups add up rows instead of looking into every tool.

A tool registers a source for its metric:

    @facts.source("touches", on={TouchesChanged: lambda event: event.partner_ids})
    def touches(partner_ids, since): ...

which gives the figures as they are now; what stands in the table is brought to the same by `refresh`: for the partners an event
names, once it is committed, and for all of them every night.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db import connection, transaction

from partners import queries
from partners.events import TouchesChanged
from partners.models import Partner
from prm.common import events, schedule

FactRow = tuple[int, dt.date, Decimal | int, str]  # partner, first day of the month, value, currency or ""
Source = Callable[[list[int], dt.date | None], Iterable[FactRow]]
CHUNK = 2_000  # partners refreshed in one transaction

_sources: dict[str, Source] = {}


@dataclass(frozen=True)
class Written:
    """How many facts a refresh wrote (new ones, or with another value) and how many it removed."""

    written: int = 0
    removed: int = 0

    def __add__(self, other: Written) -> Written:
        return Written(self.written + other.written, self.removed + other.removed)


def source(
    metric: str, *, on: Mapping[type[events.Event], Callable[[Any], Sequence[int]]] | None = None
) -> Callable[[Source], Source]:
    """Registers (partner ids, since) → all rows of `metric` of these partners, in months from `since` (None: from the first).

    `on`: events after which the facts of the partners they name are refreshed.
    """

    def register(function: Source) -> Source:
        _sources[metric] = function
        for kind, ids in (on or {}).items():
            _listen(metric, kind, ids)
        return function

    return register


def _listen(metric: str, kind: type[events.Event], ids: Callable[[Any], Sequence[int]]) -> None:
    @events.on(kind)
    def handler(event: events.Event) -> None:
        refresh(metrics=[metric], partner_ids=ids(event))


def metrics() -> list[str]:
    """The metrics that have a source."""
    return sorted(_sources)


def refresh(
    *, metrics: Sequence[str] | None = None, partner_ids: Iterable[int] | None = None, since: dt.date | None = None
) -> Written:
    """Makes the facts equal to what their sources say, for these metrics (None: all) and partners (None: all), in months
    from `since`. Rows that are right already are not touched; running it again changes nothing."""
    if since and since.day != 1:
        raise ValueError(f"`since` is the first day of a month, not {since}")
    if partner_ids is None:
        partner_ids = Partner.objects.unscoped("facts of all").order_by("pk").values_list("pk", flat=True).iterator()
    total = Written()
    for chunk in _chunks(partner_ids):
        for metric in _sources if metrics is None else metrics:
            total += _refresh_chunk(metric, chunk, since)
    return total


@transaction.atomic
def _refresh_chunk(metric: str, partner_ids: list[int], since: dt.date | None) -> Written:
    with connection.cursor() as cursor:
        # One at a time for each metric, and before the source is read: an older answer never overwrites a newer one.
        queries.lock(f"fact {metric}")
        rows = [
            (pk, month, str(value), currency) for pk, month, value, currency in _sources[metric](partner_ids, since)
        ]
        new = [list(column) for column in zip(*rows, strict=True)] or [[], [], [], []]
        cursor.execute(
            """DELETE FROM partners_fact f
               WHERE metric = %s AND partner_id = ANY(%s) AND (%s::date IS NULL OR month >= %s)
                 AND NOT EXISTS (
                   SELECT FROM unnest(%s::bigint[], %s::date[], %s::text[]) n(partner_id, month, currency)
                   WHERE n.partner_id = f.partner_id AND n.month = f.month AND n.currency = f.currency)""",
            [metric, partner_ids, since, since, new[0], new[1], new[3]],
        )
        removed = cursor.rowcount
        cursor.execute(
            """INSERT INTO partners_fact AS f (partner_id, month, metric, value, currency)
               SELECT n.partner_id, n.month, %s, n.value, n.currency
               FROM unnest(%s::bigint[], %s::date[], %s::numeric(20, 6)[], %s::text[]) n(partner_id, month, value, currency)
               ON CONFLICT (partner_id, metric, month, currency)
               DO UPDATE SET value = excluded.value WHERE f.value <> excluded.value""",
            [metric, *new],
        )
        return Written(cursor.rowcount, removed)


def _chunks(ids: Iterable[int]) -> Iterator[list[int]]:
    rest = iter(ids)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk


@schedule.nightly
def rebuild() -> None:
    """Everything from the sources: repairs what an event missed."""
    refresh()


@source("touches", on={TouchesChanged: lambda event: event.partner_ids})
def touches(partner_ids: list[int], since: dt.date | None) -> Iterable[FactRow]:
    """How many touches a partner had in a month."""
    for pk, month, number in queries.touch_months(partner_ids, since):
        yield pk, month, number, ""
