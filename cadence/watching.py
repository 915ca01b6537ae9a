"""What is run after though no policy asks for it: leads that a partner leaves unanswered."""

import datetime as dt
from collections import defaultdict
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.permissions import Permission
from cadence.tools import Chase, Watch, watch
from leads import queries
from leads.models import LeadOffer
from partners.models import Partner
from prm.common.vendor import vendor_settings

LEADS = "leads"


def unanswered_leads(user: User, day: dt.date) -> list[Chase]:
    """One for each partner: offers it was made before `day` and hasn't answered, and leads it accepted and didn't contact in time."""
    zone = ZoneInfo(vendor_settings().time_zone)
    since: dict[Partner, list[dt.date]] = defaultdict(list)
    offers = queries.offers(user).filter(state=LeadOffer.State.OPEN).select_related("partner")
    for offer in offers:
        if (on := offer.offered_at.astimezone(zone).date()) < day:
            since[offer.partner].append(on)
    for lead in queries.unanswered(user).filter(partner__isnull=False).select_related("partner"):
        if lead.partner and lead.contact_by:
            since[lead.partner].append(lead.contact_by.astimezone(zone).date())
    return [_chase(partner, days, day) for partner, days in since.items()]


def _chase(partner: Partner, since: list[dt.date], day: dt.date) -> Chase:
    oldest = min(since)
    words = ngettext("Lead unanswered %(days)s d", "%(n)s leads unanswered, oldest %(days)s d", len(since))
    return Chase(
        partner=partner.pk,
        name=partner.name,
        words=words % {"n": len(since), "days": (day - oldest).days},
        due_on=oldest,
        url=reverse("leads:of_partner", args=[partner.pk]),
        button=_("Open"),
    )


watch(Watch(LEADS, gettext_lazy("Leads"), Permission.SEE_LEADS, unanswered_leads))
