"""A partner answers an offer, or the time is up."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from leads.actions.common import (
    Holder,
    Kind,
    State,
    end,
    ground_at,
    hold,
    locked,
    need_reason,
    need_seller,
    step,
)
from leads.ending import why_ended
from leads.events import LeadOfferEnded
from leads.models import Lead, LeadOffer
from leads.reading import Ground
from leads.refusals import TooLate
from prm.common import events

Offer = LeadOffer.State


@transaction.atomic
def accept(*, by: User, offer: LeadOffer, at: dt.datetime | None = None) -> Lead:
    """The partner takes the lead; from now on it holds it and sees the person. Accepted by it before: nothing happens.

    Raises TooLate, with the reason: the time was up, withdrawn, declined before. Whoever of two is first holds it.
    """
    need_seller(by, offer.partner_id)
    lead, row, now = _locked(offer, at)
    if row.state == Offer.ACCEPTED and row.pulled_back_at is None:
        return lead
    if why := why_ended(row, now):
        raise TooLate(why)
    end(row, Offer.ACCEPTED, now, by=by)
    lead.holder, lead.partner_id = Holder.PARTNER, row.partner_id
    hold(lead, now)
    lead.save()
    step(lead, Kind.ACCEPTED, now, by=by, partner_id=row.partner_id)
    events.send(LeadOfferEnded(row.pk, row.partner_id, row.state))
    return lead


@transaction.atomic
def decline(*, by: User, offer: LeadOffer, reason: str, at: dt.datetime | None = None) -> LeadOffer:
    """The partner doesn't take it: the rules go on to the next; after the most offers of the policy it waits for a person.
    Declined by it before: nothing happens. ValidationError without a reason. Raises TooLate."""
    need_seller(by, offer.partner_id)
    reason = need_reason(reason)
    lead, row, now = _locked(offer, at)
    if row.state == Offer.DECLINED:
        return row
    if why := why_ended(row, now):
        raise TooLate(why)
    _go_on(lead, row, Offer.DECLINED, Kind.DECLINED, now, by=by, reason=reason)
    return row


@transaction.atomic
def time_out(*, offer: LeadOffer, at: dt.datetime | None = None, now: Ground | None = None) -> bool:
    """Ends an open offer whose time is up, as `decline` does. False where it was answered meanwhile or has time left."""
    lead, row, now = _locked(offer, at, now)
    if row.state != Offer.OPEN or now.at <= row.answer_by:
        return False
    _go_on(lead, row, Offer.TIMED_OUT, Kind.TIMED_OUT, now, by=None)
    return True


def _locked(offer: LeadOffer, at: dt.datetime | None, now: Ground | None = None) -> tuple[Lead, LeadOffer, Ground]:
    """The lead is locked before its offer, as everywhere."""
    lead = locked(Lead(pk=offer.lead_id))
    rows = LeadOffer.objects.unscoped("of a lead in hand").select_for_update(of=("self",))
    return lead, rows.get(pk=offer.pk), ground_at(at, now)


def _go_on(
    lead: Lead, offer: LeadOffer, state: str, kind: str, now: Ground, *, by: User | None, reason: str = ""
) -> None:
    end(offer, state, now, by=by, reason=reason)
    made = lead.offers.filter(round=lead.round).exclude(state=Offer.WITHDRAWN).count()
    last = made >= now.policy.most_offers
    lead.state, lead.distribute_at = State.NEW, None if last else now.at
    lead.save(update_fields=["state", "distribute_at", "updated_at"])
    step(lead, kind, now, by=by, partner_id=offer.partner_id, text=reason)
    if last:
        step(lead, Kind.QUEUED, now, by=None, text=_("Offered %(n)s times without success.") % {"n": made})
    events.send(LeadOfferEnded(offer.pk, offer.partner_id, offer.state))
