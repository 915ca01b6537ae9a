"""What the partner page shows of business plans: a tab and the chip in its header."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from partners import hub
from partners.models import Partner
from planning import queries
from planning.models import BusinessPlan

hub.tab(hub.Tab("plan", gettext_lazy("Plan"), "planning:partner", Permission.SEE_SHARED_PLANS, 25))


@hub.chip(40)
def plan(partner: Partner, user: User) -> hub.Chip | None:
    """The version in force, or that one is being drawn up."""
    if not user.can(Permission.SEE_SHARED_PLANS):
        return None
    url = reverse("planning:partner", args=[partner.pk])
    Status = BusinessPlan.Status
    rows = queries.plans(user).filter(partner=partner, status__in=[Status.COMMITTED, Status.DRAFT])
    states = dict(rows.values_list("status", "number"))
    if Status.COMMITTED in states:
        return hub.Chip(_("Plan"), _("signed"), url=url)
    if Status.DRAFT in states:
        return hub.Chip(_("Plan"), _("draft"), url=url)
    return hub.Chip(_("Plan"), None, reason=_("No business plan yet"), url=url)
