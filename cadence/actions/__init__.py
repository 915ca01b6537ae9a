"""What is done to the cadence: items made, closed, skipped; the policy; partners handed over."""

from cadence.actions.closing import reopen, settle, skip
from cadence.actions.handing_over import hand_over
from cadence.actions.making import every_night, make_due
from cadence.actions.policy import set_policy, start_policy

__all__ = [
    "every_night",
    "hand_over",
    "make_due",
    "reopen",
    "set_policy",
    "settle",
    "skip",
    "start_policy",
]
