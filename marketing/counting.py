"""What the system itself knows of an activity's results, to begin with: the leads and deals that came of it, what was budgeted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marketing import attribution, reading
from marketing.models import Activity
from prm.common.money import Money
from prm.common.templatetags.numbers import format_money, format_number


@dataclass(frozen=True)
class Known:
    """`values` the form of results begins with; `counted`: by field, as text, what is attributed to the activity."""

    values: Mapping[str, Any]
    counted: Mapping[str, str] = field(default_factory=dict)


def known(activity: Activity) -> Known:
    """The audience planned, the cost budgeted, and what came of it by the leads and deals attributed to it, where there are any."""
    values: dict[str, Any] = {"reach": activity.reach, "cost": reading.cost(activity)}
    found = attribution.actual(activity)
    if not found.inquiries:
        return Known(values)
    counts: dict[str, Any] = {name: getattr(found, name) for name in ("inquiries", "mqls", "sals", "mgos", "wins")}
    values["reach"] = max(activity.reach or 0, found.inquiries)
    counted = {name: format_number(number) for name, number in counts.items()}
    if found.revenue is not None:
        counts["revenue"] = found.revenue
        counted["revenue"] = format_money(Money(found.revenue, activity.plan.currency).rounded())
    return Known(values | counts, counted)
