"""What comes round for requests and claims: each minute and each night."""

from mdf import actions
from prm.common import schedule
from prm.common.vendor import today


@schedule.sweep
def every_minute() -> None:
    """Steps that wait too long."""
    actions.escalate()  # first: what is late already isn't reminded of besides
    actions.remind()


@schedule.nightly
def every_night() -> None:
    """What can still be claimed, and what can't any more."""
    day = today()
    actions.end_due(on=day)
    actions.remind_to_claim(on=day)
