"""What all writes of registrations share."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from dealdesk import queries
from dealdesk.events import RegistrationsChanged
from dealdesk.models import Registration, Step
from dealdesk.refusals import Closed, NotAllowed
from leads import actions as leads
from leads.models import Lead
from partners import history
from partners.queries import lock
from pipeline.models import Deal
from prm.common import audit, events
from prm.webhooks import news

log = logging.getLogger(__name__)

VERBS = {
    "registration.started": gettext_lazy("Registration begun"),
    "registration.discarded": gettext_lazy("Draft of a registration thrown away"),
    "registration.submitted": gettext_lazy("Deal registered: %(name)s"),
    "registration.resubmitted": gettext_lazy("Registration submitted again: %(name)s"),
    "registration.returned": gettext_lazy("Registration returned: %(name)s"),
    "registration.approved": gettext_lazy("Registration approved: %(name)s"),
    "registration.rejected": gettext_lazy("Registration rejected: %(name)s"),
    "registration.withdrawn": gettext_lazy("Registration withdrawn: %(name)s"),
    "registration.released": gettext_lazy("Registration released: %(name)s"),
    "registration.renewed": gettext_lazy("Registration renewed: %(name)s"),
    "registration.expired": gettext_lazy("Registration expired: %(name)s"),
    "registration.proof": gettext_lazy("Proof of progress given: %(name)s"),
    "registration.accepted": gettext_lazy("Proof of progress accepted: %(name)s"),
    "registration.reminded": gettext_lazy("Reminded of the end of protection: %(name)s"),
    "registration.overruled": gettext_lazy("Another registration was approved although this one was first: %(name)s"),
    "registration.escalated": gettext_lazy("Registration not decided in time: %(name)s"),
}
history.VERBS.update(VERBS)
audit.VERBS.update(
    {
        "registration.started": gettext_lazy("Registration begun"),
        "registration.discarded": gettext_lazy("Draft of a registration thrown away"),
        "registration.changed": gettext_lazy("Returned registration changed"),
        "registration.submitted": gettext_lazy("Deal registered"),
        "registration.resubmitted": gettext_lazy("Registration submitted again"),
        "registration.returned": gettext_lazy("Registration returned"),
        "registration.approved": gettext_lazy("Registration approved"),
        "registration.rejected": gettext_lazy("Registration rejected"),
        "registration.withdrawn": gettext_lazy("Registration withdrawn"),
        "registration.released": gettext_lazy("Registration released"),
        "registration.renewed": gettext_lazy("Registration renewed"),
        "registration.expired": gettext_lazy("Registration expired"),
        "registration.proof": gettext_lazy("Proof of progress given"),
        "registration.accepted": gettext_lazy("Proof of progress accepted"),
        "registration.reminded": gettext_lazy("Reminded of the end of protection"),
        "registration.overruled": gettext_lazy("Another registration approved first"),
        "registration.escalated": gettext_lazy("Registration not decided in time"),
    }
)

_EXAMPLE = {
    "id": 5,
    "reference": "R-7KX2MQP",
    "partner": 7,
    "state": "approved",
    "customer": "Contoso",
    "country": "DE",
    "product_lines": ["servers"],
    "amount": {"amount": "25000", "currency": "EUR"},
    "protected_until": "2026-09-30",
    "deal": 12,
}
TOLD = {
    Step.Kind.SUBMITTED: news.kind("registration.submitted", gettext_lazy("Deal registered"), example=_EXAMPLE | {"state": "submitted", "protected_until": None, "deal": None}),
    Step.Kind.RETURNED: news.kind("registration.returned", gettext_lazy("Registration returned to the partner"), example=_EXAMPLE | {"state": "returned", "protected_until": None, "deal": None}),
    Step.Kind.APPROVED: news.kind("registration.approved", gettext_lazy("Registration approved"), example=_EXAMPLE),
    Step.Kind.REJECTED: news.kind("registration.rejected", gettext_lazy("Registration rejected"), example=_EXAMPLE | {"state": "rejected", "protected_until": None, "deal": None}),
    Step.Kind.WITHDRAWN: news.kind("registration.withdrawn", gettext_lazy("Registration withdrawn"), example=_EXAMPLE | {"state": "withdrawn"}),
    Step.Kind.RELEASED: news.kind("registration.released", gettext_lazy("Registration released before its end"), example=_EXAMPLE | {"state": "released"}),
    Step.Kind.RENEWED: news.kind("registration.renewed", gettext_lazy("Registration renewed"), example=_EXAMPLE),
    Step.Kind.EXPIRED: news.kind("registration.expired", gettext_lazy("Registration expired"), example=_EXAMPLE | {"state": "expired"}),
}  # fmt: skip
_SAME_NEWS = {Step.Kind.RESUBMITTED: Step.Kind.SUBMITTED}
LONGEST_REASON = 500


def hold_places() -> None:
    """One at a time decides who is first and who is in whose way, in all of the vendor."""
    lock("registration places")


def next_place() -> dt.datetime:
    """Now, and after every place there is, should the clock have been put back. The caller holds the places."""
    rows = Registration.objects.unscoped("the last place there is")
    last = rows.aggregate(last=Max("submitted_at"))["last"]
    now = timezone.now()
    return now if last is None or now > last else last + dt.timedelta(microseconds=1)


def locked(registration: Registration, by: User | None) -> Registration:
    """The registration as it is now, locked for this transaction. NotAllowed out of reach."""
    rows = Registration.objects.unscoped("by the system") if by is None else Registration.objects.visible_to(by)
    found = Registration.objects.unscoped("narrowed above").filter(
        pk__in=rows.filter(pk=registration.pk).order_by().values("pk")
    )
    found = found.select_related("partner__tier", "partner__cam", "deal", "created_by", "lead")
    fresh: Registration | None = found.select_for_update(of=("self",)).first()
    if fresh is None:
        raise NotAllowed(_("You may not work on this registration."))
    return fresh


def must_register(by: User, registration: Registration) -> None:
    if not queries.may_register(by, registration.partner):
        raise NotAllowed(_("You may not register deals for this partner."))


def must_decide(by: User, registration: Registration) -> None:
    if not queries.may_decide(by, registration):
        raise NotAllowed(_("You may not decide about this registration."))


def must_be(registration: Registration, *states: str) -> None:
    """Closed in another state."""
    if registration.state not in states:
        raise Closed(
            _("This registration is in another state by now: %(state)s.") % {"state": registration.get_state_display()}
        )


def reason_given(reason: str) -> str:
    """The reason, tidied. ValidationError without one."""
    said = " ".join(reason.split())
    if not said:
        raise ValidationError({"reason": _("Give a reason: the partner reads it.")})
    if len(said) > LONGEST_REASON:
        raise ValidationError({"reason": _("This is too long: at most %(n)s characters.") % {"n": LONGEST_REASON}})
    return said


def put_down(
    registration: Registration,
    kind: Step.Kind,
    *,
    by: User | None,
    reason: str = "",
    is_override: bool = False,
    details: Mapping[str, Any] | None = None,
    changes: Mapping[str, list[Any]] | None = None,
) -> Step:
    """Writes a step, the audit log and the news of it. The registration must be saved."""
    step = Step(
        registration=registration, kind=kind, by=by, at=timezone.now(), reason=reason, is_override=is_override,
        details=dict(details or {}),
    )  # fmt: skip
    step.save()
    audit.record(by=by, verb=f"registration.{kind.value}", target=registration, changes=changes, note=reason)
    if told := TOLD.get(_SAME_NEWS.get(kind, kind)):
        news.send(told.key, as_news(registration))
    events.send(RegistrationsChanged((registration.partner_id,), (registration.pk,)))
    return step


def follow_with_lead(registration: Registration, deal: Deal | None = None) -> None:
    """The lead it is made of has become a registration, and with `deal` a deal; a lead that left the partner meanwhile has not."""
    lead = registration.lead
    if lead is None or lead.partner_id != registration.partner_id or lead.state not in Lead.HELD:
        return
    try:
        leads.convert(by=None, lead=lead, deal=deal)
    except leads.NotNow:
        log.info("the lead of registration %s was ended meanwhile", registration.pk)


def give_lead_back(registration: Registration) -> None:
    """It ended without a deal: the lead it was made of is worked on again, unless another registration of it is under way."""
    lead = registration.lead
    if lead is None or registration.deal_id is not None or lead.partner_id != registration.partner_id:
        return
    if lead.state != Lead.State.CONVERTED or lead.deal_id is not None or lead.outcome:
        return
    others = Registration.objects.unscoped("of the same lead").filter(lead=lead, state__in=Registration.LIVE)
    if others.exclude(pk=registration.pk).exists():
        return
    try:
        leads.reopen(by=None, lead=lead)
    except leads.NotNow:
        log.info("the lead of registration %s was changed meanwhile", registration.pk)


def as_news(registration: Registration) -> dict[str, Any]:
    """What other systems are told of it."""
    amount = registration.amount
    return {
        "id": registration.pk,
        "reference": registration.reference,
        "partner": registration.partner_id,
        "state": str(registration.state),
        "customer": registration.customer_name,
        "country": registration.country,
        "product_lines": list(registration.product_lines.order_by("key").values_list("key", flat=True)),
        "amount": None if amount is None else {"amount": f"{amount.normalize():f}", "currency": registration.currency},
        "protected_until": registration.expires_on.isoformat() if registration.expires_on else None,
        "deal": registration.deal_id,
    }
