"""What the partner page shows of registrations: a tab with how many wait for a decision."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from dealdesk.models import Registration
from partners import hub
from partners.models import Partner


def _waiting(partner: Partner, user: User) -> list[QuerySet[Registration]]:
    return [Registration.objects.visible_to(user).filter(partner=partner, state=Registration.State.SUBMITTED)]


hub.tab(
    hub.Tab(
        "registrations",
        gettext_lazy("Registrations"),
        "dealdesk:registrations_of",
        Permission.SEE_REGISTRATIONS,
        32,
        _waiting,
    )
)
