"""Work of sales data that no request waits for."""

from celery import shared_task

from partners import facts
from pipeline.facts import REVENUE, TARGET
from pipeline.policies import ACTUALS
from prm.common import events
from prm.common.actions import SettingsChanged

# What money is converted with, and where it comes from.
FIELDS = {"reporting_currency", "fiscal_start_month", "rates", "coverage", ACTUALS}


@events.on(SettingsChanged)
def after_settings(event: SettingsChanged) -> None:
    if event.fields & FIELDS:
        count_anew.apply_async()


@shared_task
def count_anew() -> None:
    """The facts that are money, of all partners."""
    kinds = (REVENUE, TARGET, "won", "pipeline", "coverage")
    facts.refresh(metrics=[name for name in facts.metrics() if name.startswith(kinds)])
