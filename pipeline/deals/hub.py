"""What the partner page shows of deals: a tab with how many are open."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from partners import hub
from partners.models import Partner
from pipeline.deals import queries
from pipeline.models import DealShare


def _open(partner: Partner, user: User) -> list[QuerySet[DealShare]]:
    return [DealShare.objects.visible_to(user).filter(partner=partner, deal__stage__outcome=queries.OPEN)]


hub.tab(hub.Tab("deals", gettext_lazy("Deals"), "pipeline:partner_deals", Permission.SEE_DEALS, 30, _open))
