"""While a registration is protected: reminders, proofs of progress, renewal; and what waits too long for a decision."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from dealdesk import queries, rules
from dealdesk.actions.common import (
    LONGEST_REASON,
    hold_places,
    locked,
    must_be,
    must_register,
    put_down,
    reason_given,
)
from dealdesk.models import Registration, Step
from dealdesk.policy import REMINDERS, policy_on
from dealdesk.refusals import Closed, NotAllowed
from dealdesk.rules import NoRenewal
from dealdesk.telling import tell
from prm.common.vendor import today, work_calendar

State = Registration.State

WHY_NOT: dict[NoRenewal, Any] = {
    NoRenewal.STATE: gettext_lazy("Only a registration that is protected can be renewed."),
    NoRenewal.USED: gettext_lazy("It has been renewed as often as it can be."),
    NoRenewal.PROGRESS: gettext_lazy(
        "Nothing has moved lately: no change of stage and no accepted proof in the last %(days)s days."
    ),
}


def why_not_renewed(registration: Registration) -> str:
    """Why it can't be renewed today, in words; "" where it can."""
    policy = policy_on(today())
    found = queries.no_renewal(registration, policy)
    return str(WHY_NOT[found]) % {"days": policy.progress_days} if found else ""


@transaction.atomic
def renew(*, by: User, registration: Registration) -> Registration:
    """Protects it for the policy's days more, from the end there is. NotAllowed; Closed with the reason where it can't be."""
    hold_places()
    fresh = locked(registration, by)
    _must_protect(by, fresh)
    if words := why_not_renewed(fresh):
        raise Closed(words)
    before = fresh.expires_on
    assert before is not None
    fresh.expires_on = rules.protected_until(before, policy_on(today()).protection_days)
    fresh.renewals += 1
    fresh.reminded_days = None
    fresh.save()
    details = {"protected_until": fresh.expires_on.isoformat()}
    changes = {"expires_on": [before, fresh.expires_on]}
    step = put_down(fresh, Step.Kind.RENEWED, by=by, details=details, changes=changes)
    tell("renewed", fresh, step)
    return fresh


@transaction.atomic
def offer_proof(*, by: User, registration: Registration, text: str) -> Step:
    """The partner says what has moved on a protected one; it counts once accepted. NotAllowed, Closed, ValidationError."""
    fresh = locked(registration, by)
    must_register(by, fresh)
    must_be(fresh, State.APPROVED)
    said = " ".join(text.split())
    if not said:
        raise ValidationError({"text": _("Say what has moved.")})
    if len(said) > LONGEST_REASON:
        raise ValidationError({"text": _("This is too long: at most %(n)s characters.") % {"n": LONGEST_REASON}})
    step = put_down(fresh, Step.Kind.PROOF_OFFERED, by=by, reason=said)
    tell("proof", fresh, step)
    return step


@transaction.atomic
def accept_proof(*, by: User, registration: Registration, reason: str) -> Step:
    """The vendor's side takes it as progress, which is good for a renewal in the policy's next 30 days.
    NotAllowed, Closed, ValidationError without a reason."""
    fresh = locked(registration, by)
    if by.is_partner_side:
        raise NotAllowed(_("A proof is accepted by the vendor’s side."))
    _must_protect(by, fresh)
    must_be(fresh, State.APPROVED)
    step = put_down(fresh, Step.Kind.PROOF_ACCEPTED, by=by, reason=reason_given(reason))
    tell("proof_accepted", fresh, step)
    return step


def remind(*, on: dt.date) -> int:
    """Reminds of protections that end in 14 and in 3 days, of each once; returns how many."""
    last = on + dt.timedelta(days=max(REMINDERS))
    rows = Registration.objects.unscoped("every night").filter(state=State.APPROVED, expires_on__range=(on, last))
    return sum(_remind(row, on) for row in rows.order_by("pk"))


@transaction.atomic
def _remind(registration: Registration, on: dt.date) -> bool:
    fresh = locked(registration, None)
    if fresh.state != State.APPROVED or fresh.expires_on is None:
        return False
    if fresh.deal is not None and fresh.deal.closed_on is not None:
        return False  # won or lost: there is nothing left to protect
    due = rules.reminder_due(fresh.expires_on, on, fresh.reminded_days)
    if due is None:
        return False
    fresh.reminded_days = due
    fresh.save(update_fields=["reminded_days", "updated_at"])
    step = put_down(fresh, Step.Kind.REMINDED, by=None, details={"days": rules.days_left(fresh.expires_on, on)})
    tell("reminder", fresh, step)
    return True


def escalate(*, at: dt.datetime | None = None) -> int:
    """Brings those whose SLA has passed before who answers for the channel, once; returns how many."""
    now = at or timezone.now()
    rows = Registration.objects.unscoped("every minute").filter(
        state=State.SUBMITTED, decide_by__lt=now, escalated_at=None
    )
    return sum(_escalate(row, now) for row in rows.order_by("decide_by", "pk")[:200])


@transaction.atomic
def _escalate(registration: Registration, now: dt.datetime) -> bool:
    fresh = locked(registration, None)
    if fresh.state != State.SUBMITTED or fresh.escalated_at is not None or fresh.decide_by is None:
        return False
    if rules.escalate_at(fresh.decide_by, policy_on(today()), work_calendar()) >= now:
        return False
    fresh.escalated_at = now
    fresh.save(update_fields=["escalated_at", "updated_at"])
    tell("escalated", fresh, put_down(fresh, Step.Kind.ESCALATED, by=None))
    return True


def _must_protect(by: User, registration: Registration) -> None:
    if not queries.may_protect(by, registration):
        raise NotAllowed(_("You may not work on this registration."))
