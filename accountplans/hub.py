"""What the partner page shows of account plans: a tab, with the number of targets that are shared."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accountplans import queries
from accountplans.models import AccountTarget
from accounts.models import User
from accounts.permissions import Permission
from partners import hub
from partners.models import Partner


def _targets(partner: Partner, user: User) -> list[QuerySet[AccountTarget]]:
    return [AccountTarget.objects.visible_to(user).filter(customer__partner=partner, state=queries.State.TARGET)]


hub.tab(hub.Tab("accounts", _("Accounts"), "accountplans:partner", Permission.SEE_ACCOUNT_PLANS, 28, _targets))
