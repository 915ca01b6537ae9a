"""Work of leads that no request waits for: giving out, clocks, what became of deals."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable
from typing import Any

from django.utils import timezone

from leads import actions, reading
from leads.actions.working import follow_deals
from leads.models import Lead, LeadOffer
from leads.reading import Ground
from leads.refusals import Refused
from pipeline.events import DealsChanged
from prm.common import events, schedule

log = logging.getLogger(__name__)

AT_ONCE = 200  # of each kind in one round; the next round comes within a minute


@schedule.sweep
def go_round() -> None:
    """Each minute: what is due now."""
    run_due(timezone.now())


def run_due(at: dt.datetime) -> dict[str, int]:
    """Does all that is due at a moment: offers whose time is up, reminders, leads to take back, and then leads to give out. How many of
    each. One that fails is logged and stops no other; one that somebody else was quicker with is no failure."""
    now = reading.ground(at)
    offers = LeadOffer.objects.unscoped("clocks of all offers").filter(state=LeadOffer.State.OPEN, answer_by__lt=at)
    accepted = Lead.objects.unscoped("clocks of all leads").filter(state=Lead.State.ACCEPTED, contact_by__lt=at)
    to_give = Lead.objects.unscoped("all that wait").filter(distribute_at__lte=at)
    return {
        "timed_out": _each(offers.order_by("answer_by", "id"), lambda row: actions.time_out(offer=row, now=now), now),
        "nudged": _each(
            accepted.filter(nudged_at=None).order_by("contact_by", "id"),
            lambda row: actions.nudge(lead=row, now=now),
            now,
        ),
        "pulled_back": _each(
            accepted.filter(pull_back_at__lt=at).order_by("pull_back_at", "id"),
            lambda row: actions.pull_back(lead=row, now=now),
            now,
        ),
        "given_out": _each(
            to_give.order_by("grade", "distribute_at", "id"),
            lambda row: actions.distribute(by=None, lead=row, now=now),
            now,
        ),
    }


def _each(rows: Any, do: Callable[[Any], Any], now: Ground) -> int:
    done = 0
    due: Iterable[Any] = list(rows[:AT_ONCE])
    for row in due:
        try:
            done += bool(do(row))
        except Refused:
            continue
        except Exception:
            log.exception("%s of leads failed at %s", row, now.at)
    return done


@events.on(DealsChanged)
def after_deals(event: DealsChanged) -> None:
    """What became of deals becomes of the leads they came from."""
    follow_deals(partner_ids=list(event.partner_ids))


@schedule.nightly
def every_night() -> None:
    """Repairs what an event missed."""
    follow_deals()
