"""What account plans tell the other tools."""

import datetime as dt
from dataclasses import dataclass

from prm.common.events import Event


@dataclass(frozen=True)
class AccountPlanReviewed(Event):
    """A partner's account plan was gone through. `on`: the day, of the vendor's calendar."""

    partner_id: int
    on: dt.date


@dataclass(frozen=True)
class AccountTargetChanged(Event):
    """A customer and product line of a partner was marked a target, changed, ruled out, or is neither any more."""

    partner_id: int
    customer_id: int
    product_line_id: int


@dataclass(frozen=True)
class AccountSharingChanged(Event):
    """A partner shares more of its account plan with the vendor, or less."""

    partner_id: int
    level: str
