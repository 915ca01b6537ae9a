"""What comes round for registrations: each minute and each night."""

from dealdesk import actions
from prm.common import schedule
from prm.common.vendor import today


@schedule.sweep
def every_minute() -> None:
    """What waits for its check, and what waits too long for a decision."""
    actions.check_waiting()
    actions.escalate()


@schedule.nightly
def every_night() -> None:
    """Protections that end, and that end soon."""
    day = today()
    actions.expire(on=day)
    actions.remind(on=day)
