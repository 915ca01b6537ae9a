"""The kept summary of a handover as its page shows it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from cadence.models import TASKS
from prm.common.vendor import fiscal_calendar

PARTS = ("touches", "goals", "promises", "due", "drafts", "asked", "waiting")
DAYS = ("on", "by", "due")


def readable(kept: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The parts of a summary, each a list, with days as dates, tasks and periods in words."""
    return {part: [_line(line) for line in kept.get(part, [])] for part in PARTS}


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {name: _date(value) if name in DAYS else value for name, value in line.items()}
    if "period" in found:
        found |= {
            "task": str(TASKS.get(found["task"], found["task"])),
            "period": fiscal_calendar().parse(found["period"]).label,
        }
    return found


def _date(text: Any) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
