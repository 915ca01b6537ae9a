"""Lines under the bell, for whoever has to know or to do something about a registration."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from dealdesk import queries
from dealdesk.models import Registration, Step
from dealdesk.telling import hears
from prm.common.notify import notify


def sentence(registration: Registration) -> str:
    """The one sentence that says that it may not be the first; "" where nothing is known against it."""
    return _("A registration may already exist.") if registration.may_exist else ""


@hears("checked")
def received(registration: Registration, step: Step | None) -> None:
    for user in queries.sellers(registration):
        with translation.override(user.language):
            text = _("Received: %(name)s.") % {"name": registration}
            notify(user, f"{text} {sentence(registration)}".strip(), _portal(registration))
    for user in queries.deciders(registration):
        with translation.override(user.language):
            text = _("To decide: %(name)s, %(partner)s") % _names(registration)
        notify(user, text, registration.get_absolute_url())


@hears("returned", "approved", "rejected", "expired", "overruled", "proof_accepted", "reminder")
def decided(registration: Registration, step: Step | None) -> None:
    assert step is not None
    for user in queries.sellers(registration):
        with translation.override(user.language):
            text = _line(registration, step)
        notify(user, text, _portal(registration))


@hears("withdrawn", "released", "renewed", "proof")
def moved(registration: Registration, step: Step | None) -> None:
    """The other side than the one that did it."""
    assert step is not None
    by_partner = step.by is not None and step.by.is_partner_side
    told: Iterable[User] = [registration.partner.cam] if registration.partner.cam else []
    if not by_partner:
        told = queries.sellers(registration)
    for user in told:
        if not user.is_active:
            continue
        with translation.override(user.language):
            text = _line(registration, step)
        notify(user, text, registration.get_absolute_url() if by_partner else _portal(registration))


@hears("escalated")
def escalated(registration: Registration, step: Step | None) -> None:
    for user in queries.deciders(registration):
        with translation.override(user.language):
            text = _("Not decided in time: %(name)s, %(partner)s") % _names(registration)
        notify(user, text, registration.get_absolute_url())


def _line(registration: Registration, step: Step) -> str:
    if step.kind == Step.Kind.REMINDED and registration.expires_on is not None:
        day = date_format(registration.expires_on, "SHORT_DATE_FORMAT")
        return _("The protection ends on %(day)s: %(name)s") % {"day": day, "name": registration}
    return _("%(what)s: %(name)s") % {"what": step.get_kind_display(), "name": registration}


def _names(registration: Registration) -> dict[str, str]:
    return {"name": str(registration), "partner": registration.partner.name}


def _portal(registration: Registration) -> str:
    return reverse("dealdesk:portal_registration", args=[registration.pk])
