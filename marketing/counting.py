"""What the system itself knows of an activity's results, to begin with: the leads and deals that came of it, what was budgeted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marketing import reading
from marketing.models import Activity


@dataclass(frozen=True)
class Known:
    """`values` the form of results begins with; `counted`: by field, as text, what is attributed to the activity."""

    values: Mapping[str, Any]
    counted: Mapping[str, str] = field(default_factory=dict)


def known(activity: Activity) -> Known:
    """The audience planned, and the cost budgeted."""
    return Known({"reach": activity.reach, "cost": reading.cost(activity)})
