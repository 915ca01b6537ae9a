"""What the vendor's funds paid for activities: whoever keeps the funds registers it here.

from marketing import spent

@spent.source
def claimed(activities: QuerySet[Activity]) -> Mapping[int, Decimal]: …
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

Source = Callable[[QuerySet[Any]], Mapping[int, Decimal]]
_sources: list[Source] = []


def source(function: Source) -> Source:
    """Registers (activities) → by the id of an activity, what was paid for it, in its plan's currency; nothing: left out."""
    _sources.append(function)
    return function


def of(activities: QuerySet[Any]) -> dict[int, Decimal]:
    """What was paid for these activities, by id; those that nothing was paid for are left out. Where nobody keeps funds here it is what
    was approved."""
    if not _sources:
        rows = activities.order_by().filter(mdf_approved__gt=0)
        return dict(rows.values_list("pk", "mdf_approved"))
    found: dict[int, Decimal] = {}
    for function in _sources:
        for pk, amount in function(activities).items():
            found[pk] = found.get(pk, Decimal(0)) + amount
    return found
