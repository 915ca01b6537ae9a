"""Work of marketing plans that no request waits for."""

from marketing import actions, reminding
from prm.common import schedule
from prm.common.vendor import today


@schedule.nightly
def every_night() -> None:
    """Approved plans whose first day has come begin to run; results of what has ended are asked for."""
    actions.begin_running(on=today())
    reminding.remind(on=today())
