"""Work of marketing plans that no request waits for."""

from marketing import actions
from prm.common import schedule
from prm.common.vendor import today


@schedule.nightly
def every_night() -> None:
    """Approved plans whose first day has come begin to run."""
    actions.begin_running(on=today())
