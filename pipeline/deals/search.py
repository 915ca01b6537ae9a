"""Deals in the one search."""

from typing import Any
from urllib.parse import urlencode

from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from partners.search import LIMIT, Group, Hit, source
from pipeline.deals import queries
from pipeline.models import Customer
from prm.common.vendor import today


@source(5)
def deals(user: User, text: str) -> Group | None:
    """By name, external id or end customer; the open ones first."""
    if not user.can(Permission.SEE_DEALS):
        return None
    customers = Customer.objects.visible_to(user).filter(name__icontains=text).order_by().values("pk")
    wanted = Q(name__icontains=text) | Q(external_id__iexact=text) | Q(customer__in=customers)
    rows = queries.deals(user, today()).filter(wanted).order_by(F("closed_on").desc(nulls_first=True), "-pk")
    first: list[Any] = list(rows[: LIMIT + 1])
    hits = [
        Hit(
            deal.name,
            reverse("pipeline:deal", args=[deal.pk]),
            " · ".join(filter(None, [str(deal.stage), deal.partner_name, deal.customer_name])),
        )
        for deal in first[:LIMIT]
    ]
    every = [("q", text), *(("state", state) for state in ("open", "won", "lost"))]
    more = f"{reverse('pipeline:deals')}?{urlencode(every)}" if len(first) > LIMIT else ""
    return Group(_("Deals"), hits, more)
