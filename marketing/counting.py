"""What the system itself knows of an activity's results, to begin with: the leads and deals that came of it, what was budgeted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marketing import attribution, reading
from marketing.models import Activity
from prm.common.money import minor_units
from prm.common.numbers import round_half_away
from prm.common.templatetags.numbers import format_number

COUNTED = ("inquiries", "mqls", "sals", "mgos", "wins")


@dataclass(frozen=True)
class Known:
    """`values` the form of results begins with; `counted`: by field, as text, what is attributed to the activity."""

    values: Mapping[str, Any]
    counted: Mapping[str, str] = field(default_factory=dict)


def known(activity: Activity) -> Known:
    """Leads and deals that have the activity as their source, stage by stage; the audience planned, and the cost budgeted."""
    found = attribution.actual(activity)
    values: dict[str, Any] = {name: getattr(found, name) for name in COUNTED}
    counted = {name: format_number(number) for name, number in values.items()}
    places = minor_units(activity.plan.currency)
    if found.revenue is not None:
        values["revenue"] = round_half_away(found.revenue, places)
        counted["revenue"] = format_number(found.revenue, places)
    reach = max(activity.reach or 0, found.inquiries)  # nobody inquires who wasn't reached
    return Known({"reach": reach, "cost": reading.cost(activity), **values}, counted)
