"""A registration ends: withdrawn, released, or its protection runs out."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from dealdesk import queries
from dealdesk.actions.checking import freed
from dealdesk.actions.common import LONGEST_REASON, give_lead_back, hold_places, locked, must_be, put_down, reason_given
from dealdesk.models import Registration, Step
from dealdesk.refusals import NotAllowed
from dealdesk.telling import tell

State = Registration.State


@transaction.atomic
def withdraw(*, by: User, registration: Registration, reason: str) -> Registration:
    """For good, by the partner's side or who decides: of one submitted, returned or approved. Its deal stays.
    NotAllowed, Closed, ValidationError without a reason."""
    hold_places()
    fresh = locked(registration, by)
    _must_end(by, fresh)
    must_be(fresh, *Registration.LIVE)
    said = reason_given(reason)
    fresh.state, fresh.reason = State.WITHDRAWN, said
    fresh.save()
    freed(fresh)
    give_lead_back(fresh)
    tell("withdrawn", fresh, put_down(fresh, Step.Kind.WITHDRAWN, by=by, reason=said))
    return fresh


@transaction.atomic
def release(*, by: User, registration: Registration, reason: str = "") -> Registration:
    """Ends the protection of an approved one before its time: the customer is open to others, the deal stays.
    NotAllowed, Closed."""
    hold_places()
    fresh = locked(registration, by)
    _must_end(by, fresh)
    must_be(fresh, State.APPROVED)
    said = " ".join(reason.split())[:LONGEST_REASON]
    fresh.state = State.RELEASED
    fresh.reason = said or fresh.reason
    fresh.save()
    freed(fresh)
    tell("released", fresh, put_down(fresh, Step.Kind.RELEASED, by=by, reason=said))
    return fresh


def expire(*, on: dt.date) -> int:
    """Ends the protections whose last day was before `on`; returns how many."""
    rows = Registration.objects.unscoped("every night").filter(state=State.APPROVED, expires_on__lt=on)
    return sum(_expire(row, on) for row in rows.order_by("pk"))


@transaction.atomic
def _expire(registration: Registration, on: dt.date) -> bool:
    hold_places()
    fresh = locked(registration, None)
    if fresh.state != State.APPROVED or fresh.expires_on is None or fresh.expires_on >= on:
        return False  # renewed or released meanwhile
    fresh.state = State.EXPIRED
    fresh.save()
    freed(fresh)
    tell("expired", fresh, put_down(fresh, Step.Kind.EXPIRED, by=None))
    return True


def _must_end(by: User, registration: Registration) -> None:
    if not queries.may_register(by, registration.partner) and not queries.may_decide(by, registration):
        raise NotAllowed(_("You may not end this registration."))
