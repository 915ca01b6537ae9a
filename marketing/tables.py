"""The lists of marketing plans: one description for the page, CSV and XLSX."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Lower
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from marketing import queries
from marketing.models import Activity, BudgetLine, MarketingPlan
from partners.filters import PartnerFilter
from partners.models import Partner
from prm.common.filters import FilterForm, MenuField
from prm.common.fiscal import FiscalCalendar
from prm.common.lists import Column, Listing, exportable
from prm.common.money import Money
from prm.common.saved_views import savable
from prm.common.templatetags.numbers import format_money
from prm.common.vendor import fiscal_calendar, today, vendor_settings
from prm.documents.table import Kind

savable("marketing:plans", _l("Marketing plans"))
State = MarketingPlan.State
AMOUNT: DecimalField[Any, Any] = DecimalField(max_digits=18, decimal_places=4)
BACK, AHEAD = 6, 4  # quarters the filter offers
ENDED = "ended"
DEFAULT = "-from"


def _quarters(calendar: FiscalCalendar, day: Any) -> list[tuple[str, str]]:
    current = calendar.quarter_of(day)
    every = [current.shift(step) for step in range(AHEAD, -BACK - 1, -1)]
    return [(quarter.key, quarter.label) for quarter in every]


def _narrowed(data: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    if states := data.get("state"):
        rows = rows.filter(state__in=states)
    if keys := data.get("in_quarter"):
        found = Q(pk__in=[])
        for key in keys:
            quarter = fiscal_calendar().parse(key)
            found |= Q(starts_on__lte=quarter.end, ends_on__gte=quarter.start)
        rows = rows.filter(found)
    return rows


class OwnPlanFilter(FilterForm):
    """One partner's plans, by state and by the quarters they are for."""

    state = MenuField(label=_l("State"), choices=State.choices, any_label=_l("Any"))
    in_quarter = MenuField(label=_l("Quarter"), any_label=_l("Any"))

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        field: Any = self.fields["in_quarter"]
        field.choices = _quarters(fiscal_calendar(), today())

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return _narrowed(self.cleaned_data, queryset)


class PlanFilter(PartnerFilter):
    """Plans by their partner, by state and by the quarters they are for."""

    state = MenuField(label=_l("State"), choices=State.choices, any_label=_l("Any"))
    in_quarter = MenuField(label=_l("Quarter"), any_label=_l("Any"))

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data, user=user)
        field: Any = self.fields["in_quarter"]
        field.choices = _quarters(fiscal_calendar(), today())

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        partners = super().narrow(Partner.objects.visible_to(self.user))
        return _narrowed(self.cleaned_data, queryset.filter(partner__in=partners.order_by().values("pk")))


@exportable("marketing_plans")
def plan_listing(user: User, query: QueryDict) -> Listing:
    """The plans this user sees, filtered and sorted as the address says."""
    chosen = PlanFilter(query, user=user)
    rows = chosen.apply(queries.plans(user).select_related("partner__tier", "partner__region"))
    columns = _columns()
    columns["changed"] = replace(columns["changed"], shown=False)
    return Listing(rows, list(columns.values()), query, name=_l("Marketing plans"), default=DEFAULT, filter=chosen)


def partner_listing(user: User, partner: Partner, query: QueryDict) -> Listing:
    """One partner's, for the vendor."""
    rows = queries.plans(user).filter(partner=partner)
    return Listing(rows, _own("marketing:plan"), query, name=_l("Marketing plans"), default=DEFAULT)


@exportable("portal_marketing_plans")
def portal_listing(user: User, query: QueryDict) -> Listing:
    """The partner's own."""
    chosen = OwnPlanFilter(query)
    rows = chosen.apply(queries.plans(user))
    return Listing(
        rows, _own("marketing:portal_plan"), query, name=_l("Marketing plans"), default=DEFAULT, filter=chosen
    )


def _own(address: str) -> list[Column]:
    columns = _columns()
    for key in ("partner", "tier", "region", "cam"):
        del columns[key]
    columns["plan"] = replace(columns["plan"], cell=_plan_cell(address), heads_row=True)
    return list(columns.values())


def _columns() -> dict[str, Column]:
    activities = Activity.objects.unscoped("of plans that are visible").filter(plan=OuterRef("pk")).order_by()
    counted = activities.exclude(decision=Activity.Decision.DENIED)
    lines = BudgetLine.objects.unscoped("of plans that are visible").filter(activity__plan=OuterRef("pk")).order_by()
    cost = lines.exclude(activity__decision=Activity.Decision.DENIED).values("activity__plan")
    asked = counted.values("plan").annotate(total=Sum(Coalesce("mdf_approved", "mdf_asked"))).values("total")
    number = activities.values("plan").annotate(n=Count("pk")).values("n")

    usual = vendor_settings().reporting_currency

    def money(amount: Decimal | None, plan: Any) -> Money:
        return Money(amount or Decimal(0), plan.currency).rounded()

    def told(name: str) -> Any:
        return lambda plan: format_money(money(getattr(plan, name), plan), usual)

    columns = [
        Column("partner", _l("Partner"), lambda p: p.partner.name, cell=_partner_cell, sort=(Lower("partner__name"),), heads_row=True),
        Column("plan", _l("Plan"), lambda p: p.title, sort=(Lower("title"),)),
        Column("state", _l("State"), lambda p: p.get_state_display(), cell=_state_cell, sort=("state",)),
        Column("from", _l("From"), lambda p: p.starts_on, Kind.DATE, sort=("starts_on",)),
        Column("to", _l("To"), lambda p: p.ends_on, Kind.DATE, shown=False),
        Column("activities", _l("Activities"), lambda p: p.n_activities or 0, Kind.INTEGER, sort=("n_activities",), nullable=True, annotate={"n_activities": Subquery(number)}),
        Column("cost", _l("Cost"), lambda p: money(p.total_cost, p), Kind.MONEY, cell=told("total_cost"), sort=("total_cost",), nullable=True, annotate={"total_cost": Subquery(cost.annotate(total=Sum("amount")).values("total"), output_field=AMOUNT)}),
        Column("mdf", _l("MDF"), lambda p: money(p.total_mdf, p), Kind.MONEY, cell=told("total_mdf"), sort=("total_mdf",), nullable=True, annotate={"total_mdf": Subquery(asked, output_field=AMOUNT)}),
        Column("tier", _l("Tier"), lambda p: p.partner.tier and p.partner.tier.name, shown=False),
        Column("region", _l("Region"), lambda p: p.partner.region and p.partner.region.name, shown=False),
        Column("cam", _l("CAM"), lambda p: p.partner.cam and p.partner.cam.display_name, sort=("partner__cam__name",), nullable=True),
        Column("changed", _l("Last changed"), lambda p: p.updated_at, Kind.DATETIME, sort=("updated_at",)),
    ]  # fmt: skip
    return {column.key: column for column in columns}


def _partner_cell(plan: MarketingPlan) -> SafeString:
    return format_html('<a class="row-link" href="{}">{}</a>', plan.get_absolute_url(), plan.partner.name)


def _plan_cell(address: str) -> Any:
    def cell(plan: MarketingPlan) -> SafeString:
        return format_html('<a class="row-link" href="{}">{}</a>', reverse(address, args=[plan.pk]), plan.title)

    return cell


def _state_cell(plan: MarketingPlan) -> str:
    return render_to_string("marketing/state.html", {"plan": plan})
