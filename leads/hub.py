"""What the partner page shows of leads: a tab with how many it works on or is offered."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from leads.models import Lead, LeadOffer
from partners import hub
from partners.models import Partner


def _open(partner: Partner, user: User) -> list[QuerySet[Any]]:
    held = Lead.objects.visible_to(user).filter(partner=partner, state__in=Lead.WORKED)
    offered = LeadOffer.objects.visible_to(user).filter(partner=partner, state=LeadOffer.State.OPEN)
    return [held, offered]


hub.tab(hub.Tab("leads", gettext_lazy("Leads"), "leads:of_partner", Permission.SEE_LEADS, 28, _open))
