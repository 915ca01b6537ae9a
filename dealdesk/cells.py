"""Registrations in the cells of account plans: a customer and product line for which one is on its way is in the pipeline."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from django.urls import reverse

from accountplans.whitespace import Open, source
from accounts.models import User
from dealdesk.models import Registration
from dealdesk.queries import holding
from partners.models import Partner
from prm.common.names import normalised
from prm.common.vendor import today


@source
def registrations(user: User, partner: Partner, names: Mapping[int, str]) -> Iterator[Open]:
    """Those that hold their customer, by its name; an approved one is its deal for the line the deal is of."""
    customers: dict[str, list[int]] = defaultdict(list)
    for pk, name in names.items():
        customers[name].append(pk)
    rows = Registration.objects.visible_to(user).filter(holding(today()), partner=partner).select_related("deal")
    page = "dealdesk:portal_registration" if user.is_partner_side else "dealdesk:registration"
    for row in rows.prefetch_related("product_lines").order_by("pk"):
        for pk in customers[normalised(row.customer_name)]:
            for line in row.product_lines.all():
                if row.deal is None or row.deal.product_line_id != line.pk:
                    yield Open(pk, line.pk, row.reference, "registration", reverse(page, args=[row.pk]))
