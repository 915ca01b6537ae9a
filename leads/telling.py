"""Who is told of what happens to a lead: lines under the bell, written with the change they tell of."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from leads import reading
from leads.models import Lead, LeadOffer
from prm.common.notify import notify


def _tell(people: Iterable[User], text: object, lead: Lead, page: str, pk: int | None = None) -> None:
    url = reverse(f"leads:{page}", args=[] if pk is None else [pk])
    for person in people:
        with translation.override(person.language):
            notify(person, str(text) % {"company": lead.company}, url)


def offered(offer: LeadOffer) -> None:
    """The partner's sellers: a lead is there for them."""
    _tell(reading.sellers(offer.partner_id), _("A lead for you: %(company)s"), offer.lead, "portal_offer", offer.pk)


def withdrawn(offer: LeadOffer) -> None:
    """The partner's sellers: the offer is off."""
    _tell(reading.sellers(offer.partner_id), _("No longer offered: %(company)s"), offer.lead, "portal_list")


def given_direct(lead: Lead) -> None:
    """The person of the vendor who holds it now."""
    if lead.person_direct:
        _tell([lead.person_direct], _("A lead for you: %(company)s"), lead, "lead", lead.pk)


def nudged(lead: Lead) -> None:
    """Whoever holds it: the clock for the first contact has run out."""
    people = reading.sellers(lead.partner_id) if lead.partner_id else [lead.person_direct]
    page = "portal_lead" if lead.partner_id else "lead"
    _tell([person for person in people if person], _("Please contact: %(company)s"), lead, page, lead.pk)


def pulled_back(lead: Lead, partner_id: int) -> None:
    """The sellers of the partner that left it lying."""
    _tell(reading.sellers(partner_id), _("Taken back: %(company)s"), lead, "portal_list")
