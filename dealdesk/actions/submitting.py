"""A registration is submitted: from now on it has its place among those for the same customer."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy

from accounts.models import User
from dealdesk import queries, rules
from dealdesk.actions.common import follow_with_lead, hold_places, locked, must_be, must_register, next_place, put_down
from dealdesk.actions.drafting import refuse_stale
from dealdesk.events import RegistrationSubmitted
from dealdesk.models import Registration, Step
from dealdesk.policy import RegistrationPolicy, policy_on
from dealdesk.rules import NEEDED, Refused
from prm.common import events
from prm.common.money import Money, NoRate
from prm.common.vendor import rates, today, vendor_settings, work_calendar

State = Registration.State

_WORDS: dict[Refused, Any] = {
    Refused.MISSING: gettext_lazy("This is needed to submit it."),
    Refused.PAST: gettext_lazy("This day has passed."),
    Refused.SMALL: gettext_lazy("Deals below %(minimum)s %(currency)s can’t be registered."),
    Refused.RATE: gettext_lazy(
        "There is no rate for %(given)s on or before %(day)s, so it can’t be held against the smallest amount."
    ),
    Refused.TENDER: gettext_lazy("Public tenders can’t be registered."),
    Refused.SLOTS: gettext_lazy("You have %(slots)s registrations open or protected, as many as there may be at once."),
}


@transaction.atomic
def submit(*, by: User, registration: Registration, revision: int | None = None) -> Registration:
    """Submits a draft, or a returned one again: within five working days it keeps its place. Submitted already: nothing happens.

    The answer is the same whatever else there is: the conflict check runs in the background afterwards and tells by mail and on
    the page (`may_exist`). ValidationError by field where it isn't complete or against the policy (minimum, slots, tenders).
    NotAllowed, Closed, Changed.
    """
    hold_places()
    fresh = locked(registration, by)
    must_register(by, fresh)
    if fresh.state == State.SUBMITTED:
        return fresh
    must_be(fresh, *Registration.EDITABLE)
    refuse_stale(fresh, revision)
    policy = policy_on(today())
    _refuse(fresh, policy)
    now = next_place()
    first = fresh.state == State.DRAFT
    keeps = not first and rules.keeps_place(resubmitted_at=now, place_until=fresh.place_until)
    if not keeps:
        fresh.submitted_at = now
    fresh.state = State.SUBMITTED
    fresh.decide_by = rules.decide_by(now, policy, work_calendar())
    fresh.flag, fresh.may_exist = Registration.Flag.UNCHECKED, False
    fresh.escalated_at = fresh.place_until = fresh.decided_at = fresh.decided_by = None
    fresh.reason = ""
    fresh.save()
    kind = Step.Kind.SUBMITTED if first else Step.Kind.RESUBMITTED
    put_down(fresh, kind, by=by, details={} if first else {"keeps_place": keeps})
    follow_with_lead(fresh)
    events.send(RegistrationSubmitted(fresh.pk))
    return fresh


def refused(registration: Registration) -> dict[str, str]:
    """What is wrong with it for a submission today, in words by field ("__all__" for what is none's); empty where nothing is."""
    policy = policy_on(today())
    settings = vendor_settings()
    words = {
        "minimum": f"{policy.minimum.normalize():f}",
        "currency": settings.reporting_currency,
        "slots": policy.slots,
        "given": registration.currency,
        "day": date_format(today(settings), "SHORT_DATE_FORMAT"),
    }
    wrong = rules.refused(
        empty={name for name in NEEDED if not _filled(registration, name)},
        expected_close=registration.expected_close,
        worth=_worth(registration),
        is_rfp=registration.is_rfp,
        open_now=queries.open_now(registration.partner_id, besides=registration.pk),
        day=today(settings),
        policy=policy,
    )
    return {name: str(_WORDS[what]) % words for name, what in wrong.items()}


def _refuse(registration: Registration, policy: RegistrationPolicy) -> None:
    if wrong := refused(registration):
        raise ValidationError(wrong)


def _filled(registration: Registration, name: str) -> bool:
    if name == "product_lines":
        return registration.product_lines.exists()
    return getattr(registration, name) not in (None, "")


def _worth(registration: Registration) -> Decimal | None:
    """The amount in the reporting currency; None where it is missing or has no rate."""
    if registration.amount is None or not registration.currency:
        return None
    try:
        return rates().convert(Money(registration.amount, registration.currency), today()).amount
    except NoRate:
        return None
