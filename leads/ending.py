"""Whether an offer can still be answered, and why not."""

from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from leads.models import LeadOffer
from leads.reading import Ground

Offer = LeadOffer.State


def why_ended(offer: LeadOffer, now: Ground) -> str:
    """Why an offer can't be answered, in words for its partner; "" where it can."""
    words = {
        Offer.ACCEPTED: _("You have accepted this lead already."),
        Offer.DECLINED: _("You have declined this lead."),
        Offer.WITHDRAWN: _("The offer was withdrawn."),
    }
    if offer.pulled_back_at is not None:
        return _("This lead was taken back.")
    if offer.state in words:
        return words[Offer(offer.state)]
    if offer.state == Offer.TIMED_OUT or now.at > offer.answer_by:
        until = offer.answer_by.astimezone(ZoneInfo(now.of_partner(offer.partner_id).zone))
        return _("The time to answer was up on %(until)s; the lead has gone on.") % {
            "until": date_format(until, "DATETIME_FORMAT")
        }
    return ""
