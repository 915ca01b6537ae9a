"""What business plans tell the other tools."""

import datetime as dt
from dataclasses import dataclass

from prm.common.events import Event


@dataclass(frozen=True)
class PlanCommitted(Event):
    """Both sides signed: the plan is in force, its targets are set. `on`: the day, of the vendor's calendar."""

    partner_id: int
    plan_id: int
    on: dt.date


@dataclass(frozen=True)
class ReforecastConfirmed(Event):
    """A re-forecast of the plan in force was confirmed. `on`: the day, of the vendor's calendar."""

    partner_id: int
    plan_id: int
    on: dt.date
