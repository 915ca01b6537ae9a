"""What QBRs tell the other tools."""

import datetime as dt
from dataclasses import dataclass

from prm.common.events import Event


@dataclass(frozen=True)
class QbrHeld(Event):
    """A QBR was held with the partner, or the day it was held on was corrected. `on`: the day, of the vendor's calendar."""

    partner_id: int
    qbr_id: int
    on: dt.date


@dataclass(frozen=True)
class QbrBuilt(Event):
    """A version of a QBR was built."""

    partner_id: int
    qbr_id: int
    version_id: int
