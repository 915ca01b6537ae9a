"""The list of business plans: one description for the page, CSV and XLSX."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Exists, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from partners.filters import PartnerFilter
from partners.models import Partner
from planning import queries
from planning.labels import month_name
from planning.models import BusinessPlan, PlanMonth, PlanSignature, SignatureRequest
from prm.common.filters import MenuField
from prm.common.lists import Column, Listing, exportable
from prm.common.money import Money
from prm.common.saved_views import savable
from prm.common.vendor import today, vendor_settings
from prm.documents.table import Kind

Status = BusinessPlan.Status
WAITING, DRAFT, SIGNED, EARLIER = "waiting", "draft", "signed", "earlier"

savable("planning:list", _l("Plans"))


class PlanFilter(PartnerFilter):
    """Plans by their partner and by how far they are. Earlier versions only where they are asked for."""

    state = MenuField(
        label=_l("State"),
        choices=[
            (DRAFT, _l("Draft")),
            (WAITING, _l("Waits for a signature")),
            (SIGNED, _l("In force")),
            (EARLIER, _l("Earlier version")),
        ],
        any_label=_l("Drafts and in force"),
    )

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        partners = super().narrow(Partner.objects.visible_to(self.user))
        rows = queryset.filter(partner__in=partners.order_by().values("pk"))
        wanted = self.cleaned_data.get("state") or [DRAFT, WAITING, SIGNED]
        waits = Q(status=Status.DRAFT, pk__in=asked_on().values("plan"))
        kinds = {
            WAITING: waits,
            DRAFT: Q(status=Status.DRAFT) & ~waits,
            SIGNED: Q(status=Status.COMMITTED),
            EARLIER: Q(status=Status.SUPERSEDED),
        }
        if {DRAFT, WAITING} <= set(wanted):  # then nobody asks whose signature is waited for
            kinds[WAITING] = kinds[DRAFT] = Q(status=Status.DRAFT)
        return rows.filter(Q(*(kinds[each] for each in wanted), _connector=Q.OR))


def asked_on() -> QuerySet[SignatureRequest]:
    """Requests whose side has not signed."""
    held = PlanSignature.objects.unscoped("of plans that are visible").filter(
        plan=OuterRef("plan"), side=OuterRef("side"), voided_at=None
    )
    rows: QuerySet[SignatureRequest] = SignatureRequest.objects.unscoped("of plans that are visible")
    return rows.filter(~Exists(held)).order_by()


@exportable("plans")
def plan_listing(user: User, query: QueryDict) -> Listing:
    """The plans this user sees, filtered and sorted as the address says."""
    chosen = PlanFilter(query, user=user)
    rows = chosen.apply(queries.plans(user).select_related("partner__tier", "partner__region").defer("content"))
    return Listing(rows, _columns(), query, name=_l("Business plans"), default="-changed", filter=chosen)


def _columns() -> list[Column]:
    reporting = vendor_settings().reporting_currency
    waits = asked_on().filter(plan=OuterRef("pk")).values("plan").annotate(on=Min("asked_on")).values("on")
    months = PlanMonth.objects.unscoped("of plans that are visible").filter(plan=OuterRef("pk")).order_by()
    revenue = months.values("plan").annotate(total=Sum("revenue_reporting")).values("total")

    day = today()

    def money(plan: Any) -> Money | None:
        return None if plan.planned_revenue is None else Money(plan.planned_revenue, reporting).rounded()

    return [
        Column(
            "partner", _l("Partner"), lambda p: p.partner.name, cell=_partner_cell, sort=(Lower("partner__name"),),
            heads_row=True,
        ),
        Column("number", _l("Version"), lambda p: p.number, Kind.INTEGER, sort=("number",)),
        Column(
            "state", _l("State"), lambda p: state_of(p, p.waits_since, day), cell=lambda p: state_of(p, p.waits_since, day),
            sort=("status",), annotate={"waits_since": Subquery(waits)},
        ),
        Column("first_month", _l("From"), lambda p: month_name(p.first_month, 1), sort=("first_month",)),
        Column(
            "revenue", _l("Revenue, 36 months"), money, Kind.MONEY, sort=("planned_revenue",), nullable=True,
            annotate={"planned_revenue": Subquery(revenue)},
        ),
        Column("tier", _l("Tier"), lambda p: p.partner.tier and p.partner.tier.name, shown=False),
        Column("region", _l("Region"), lambda p: p.partner.region and p.partner.region.name, shown=False),
        Column("cam", _l("CAM"), lambda p: p.partner.cam and p.partner.cam.display_name, sort=("partner__cam__name",), nullable=True),
        Column("signed", _l("Signed"), lambda p: p.committed_on, Kind.DATE, sort=("committed_on",), nullable=True),
        Column("changed", _l("Last changed"), lambda p: p.updated_at, Kind.DATETIME, sort=("updated_at",)),
    ]  # fmt: skip


def _partner_cell(plan: BusinessPlan) -> SafeString:
    return format_html('<a class="row-link" href="{}">{}</a>', plan.get_absolute_url(), plan.partner.name)


def state_of(plan: BusinessPlan, waits_since: Any, day: dt.date) -> str:
    """In a few words, with how long it waits on `day`."""
    if plan.status == Status.DRAFT and waits_since:
        return _("Waits for a signature, %(days)s d") % {"days": max(0, (day - waits_since).days)}
    names = {Status.DRAFT: _("Draft"), Status.COMMITTED: _("In force"), Status.SUPERSEDED: _("Earlier version")}
    return names.get(Status(plan.status), plan.get_status_display())
