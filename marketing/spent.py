"""What the vendor's funds paid for activities: whoever keeps the funds registers it here.

from marketing import spent

@spent.source
def claimed(activities: QuerySet[Activity], on: dt.date | None = None) -> spent.Paid: …
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet


class Paid(dict[int, Decimal]):
    """By the id of an activity what was paid for it, in its plan's currency. `lacks`: by id the currency that has no rate, where for want
    of it the amount isn't known; such an activity isn't in the amounts."""

    def __init__(self, amounts: Mapping[int, Decimal] | None = None, lacks: Mapping[int, str] | None = None) -> None:
        super().__init__(amounts or {})
        self.lacks = dict(lacks or {})


Source = Callable[..., Paid]
_sources: list[Source] = []


def source(function: Source) -> Source:
    """Registers (activities[, day]) → what was paid for them, up to and with that day where one is given; those that nothing was paid for
    are left out."""
    _sources.append(function)
    return function


def of(activities: QuerySet[Any], on: dt.date | None = None) -> Paid:
    """What was paid for these activities, by id, up to and with day `on` (None: until now); those that nothing was paid for are left out.
    Where nobody keeps funds here it is what was approved."""
    if not _sources:
        rows = activities.order_by().filter(mdf_approved__gt=0)
        return Paid(dict(rows.values_list("pk", "mdf_approved")))
    found = Paid()
    for function in _sources:
        paid = function(activities) if on is None else function(activities, on)
        found.lacks |= paid.lacks
        for pk, amount in paid.items():
            found[pk] = found.get(pk, Decimal(0)) + amount
    for pk in found.lacks:
        found.pop(pk, None)
    return found
