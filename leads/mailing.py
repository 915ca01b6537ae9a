"""Whom a lead's news are mailed to: an offer, a reminder, a lead taken back. Each mail has a link of the person's own that needs
no password and opens a page with the buttons: programs that follow links in mails press none."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import links
from accounts.models import SignedLink, User
from leads import reading
from leads.events import LeadNudged, LeadOffered, LeadPulledBack
from leads.models import Lead, LeadOffer
from partners.models import Partner
from prm.common import events, mail
from prm.common.reader import as_read_by
from prm.tenancy.addresses import vendor_url

# The target of the first is the offer's id, of the second the lead's.
OFFER_LINK, LEAD_LINK = "leads.offer", "leads.lead"
STAYS = dt.timedelta(days=30)  # after its time is up the page says what became of the offer
LEAD_DAYS = 30


def offer_link(user: User, offer: LeadOffer) -> SignedLink:
    return links.make(user=user, purpose=OFFER_LINK, target_id=offer.pk, until=offer.answer_by + STAYS)


def lead_link(user: User, lead: Lead) -> SignedLink:
    return links.make(user=user, purpose=LEAD_LINK, target_id=lead.pk, days=LEAD_DAYS)


@events.on(LeadOffered)
@transaction.atomic
def offered(event: LeadOffered) -> None:
    """Asks each who can accept; not of an offer that has ended by now, such as one of an import of old ones."""
    rows = LeadOffer.objects.unscoped("the mail of an offer").select_related("lead", "partner")
    offer = rows.filter(pk=event.offer_id, state=LeadOffer.State.OPEN, answer_by__gt=timezone.now()).first()
    if offer is None:
        return
    for user in reading.sellers(offer.partner_id):
        _mail(user, "lead_offered", offer.lead, links.url(offer_link(user, offer)), offer.answer_by)


@events.on(LeadNudged)
@transaction.atomic
def nudged(event: LeadNudged) -> None:
    """Reminds who holds the lead: of a partner all who can work on it."""
    lead = Lead.objects.unscoped("the mail of a reminder").select_related("partner", "person_direct").filter(
        pk=event.lead_id, state=Lead.State.ACCEPTED
    ).first()  # fmt: skip
    if lead is None:
        return
    direct = lead.partner is None
    for user in [lead.person_direct] if direct else reading.sellers(lead.partner.pk):
        url = vendor_url(lead.get_absolute_url()) if direct else links.url(lead_link(user, lead))
        _mail(user, "lead_nudged", lead, url, lead.contact_by, pull_back_at=None if direct else lead.pull_back_at)


@events.on(LeadPulledBack)
@transaction.atomic
def pulled_back(event: LeadPulledBack) -> None:
    """Tells those who could have worked on it."""
    lead = Lead.objects.unscoped("the mail of what was taken back").filter(pk=event.lead_id).first()
    partner = Partner.objects.unscoped("the same").filter(pk=event.partner_id).first()
    if lead is None or partner is None:
        return
    for user in reading.sellers(partner.pk):
        _mail(user, "lead_pulled_back", lead, "", None)


def _mail(user: User, template: str, lead: Lead, url: str, until: dt.datetime | None, **more: Any) -> None:
    """The mail knows of the lead what may be known before it is accepted, and nothing of the person."""
    with as_read_by(user):
        context = {
            "user": user,
            "company": lead.company,
            "need": lead.need,
            "grade": lead.grade,
            "place": lead.place,
            "until": until,
            "url": url,
            **more,
        }
        mail.send(to=user.email, template=template, context=context, language=user.language)
