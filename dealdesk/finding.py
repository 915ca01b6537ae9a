"""Registrations in the one search."""

from __future__ import annotations

from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from dealdesk import queries
from partners.search import LIMIT, Group, Hit, source


@source(6)
def registrations(user: User, text: str) -> Group | None:
    """By reference, company or web domain; the latest first."""
    if not user.can(Permission.SEE_REGISTRATIONS):
        return None
    wanted = Q(reference__iexact=text) | Q(customer_name__icontains=text) | Q(domain__icontains=text)
    rows = list(queries.registrations(user).filter(wanted).order_by("-submitted_at", "-pk")[: LIMIT + 1])
    hits = [
        Hit(
            row.customer_name or row.reference,
            reverse("dealdesk:registration", args=[row.pk]),
            " · ".join([row.get_state_display(), row.partner.name, row.reference]),
        )
        for row in rows[:LIMIT]
    ]
    more = f"{reverse('dealdesk:registrations')}?{urlencode({'q': text})}" if len(rows) > LIMIT else ""
    return Group(_("Registrations"), hits, more)
