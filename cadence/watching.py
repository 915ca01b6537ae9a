"""What is run after though no policy asks for it: leads that a partner leaves unanswered."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db.models import Count, Min
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.permissions import Permission
from cadence.tools import Chase, Watch, watch
from leads import queries
from leads.models import LeadOffer
from prm.common.addresses import of_row
from prm.common.vendor import vendor_settings

LEADS = "leads"


def unanswered_leads(user: User, day: dt.date) -> list[Chase]:
    """One for each partner: offers it was made before `day` and hasn't answered, and leads it accepted and didn't contact in time."""
    zone = ZoneInfo(vendor_settings().time_zone)
    begins = dt.datetime.combine(day, dt.time(), zone)
    offers = queries.offers(user).filter(state=LeadOffer.State.OPEN, offered_at__lt=begins)
    late = queries.unanswered(user).filter(partner__isnull=False)
    found: dict[int, tuple[str, int, dt.date]] = {}
    for rows, since in ((offers, "offered_at"), (late, "contact_by")):
        of_partner = (
            rows.order_by().values_list("partner_id", "partner__name").annotate(n=Count("pk"), oldest=Min(since))
        )
        for partner, name, number, oldest in of_partner:
            on = oldest.astimezone(zone).date()
            _name, before, earlier = found.get(partner, (name, 0, on))
            found[partner] = (name, before + number, min(on, earlier))
    return [_chase(partner, *of_it, day) for partner, of_it in found.items()]


def _chase(partner: int, name: str, number: int, oldest: dt.date, day: dt.date) -> Chase:
    words = ngettext("Lead unanswered %(days)s d", "%(n)s leads unanswered, oldest %(days)s d", number)
    return Chase(
        partner=partner,
        name=name,
        words=words % {"n": number, "days": (day - oldest).days},
        due_on=oldest,
        url=of_row("leads:of_partner", partner),
        button=_("Open"),
    )


watch(Watch(LEADS, gettext_lazy("Leads"), Permission.SEE_LEADS, unanswered_leads))
