"""The activities behind the figures, each with forecast and result: page, CSV and XLSX from one description."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Prefetch
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from marketing import reading
from marketing.models import Activity, ActivityResult
from marketing.returns.filter import ReturnsFilter
from planning.forecast.rows import rounded
from prm.common.lists import Column, Listing, exportable
from prm.common.money import Money, minor_units
from prm.common.saved_views import savable
from prm.common.vendor import today
from prm.documents.table import Kind

savable("marketing:activities", _l("Approved activities"))


@exportable("marketing_activities")
def activity_listing(user: User, query: QueryDict) -> Listing:
    """The approved activities the filter finds, with what was expected and what came."""
    chosen = ReturnsFilter(query, user=user, without=("by",))
    rows = chosen.activities.select_related("plan__partner__cam", "plan__partner__region", "tactic").prefetch_related(
        "budget", Prefetch("results", _results(user), to_attr="current_results")
    )
    return Listing(rows, _columns(), query, name=_l("Approved activities"), default="-ended", filter=chosen)


def _results(user: User) -> Any:
    return ActivityResult.objects.visible_to(user).exclude(state=ActivityResult.State.REOPENED)


def _columns() -> list[Column]:
    day = today()

    def result(row: Any) -> ActivityResult | None:
        return next(iter(row.current_results), None)

    def state(row: Any) -> str:
        if row.state == Activity.State.PLANNED:
            return _("Not entered") if row.ends_on < day else ""
        return str(row.get_state_display())

    def counted(row: Any, name: str) -> int | None:
        found = result(row)
        return None if found is None else getattr(found, name)

    def forecast(row: Any, name: str) -> Decimal | None:
        value = reading.outcome(row).stages[name].value
        return None if value is None else rounded(value, 1)

    def money(value: Any, row: Any) -> Money | None:
        if value is None:
            return None
        currency = row.plan.currency
        amount = value if isinstance(value, Decimal) else rounded(value, minor_units(currency))
        return Money(amount, currency).rounded()

    return [
        Column("activity", _l("Activity"), lambda r: r.title, cell=_activity, sort=(Lower("title"),), heads_row=True),
        Column("partner", _l("Partner"), lambda r: r.plan.partner.name, sort=(Lower("plan__partner__name"),)),
        Column("tactic", _l("Tactic"), lambda r: r.tactic.name, sort=("tactic__order", "tactic__name")),
        Column("ended", _l("Ends"), lambda r: r.ends_on, Kind.DATE, sort=("ends_on",)),
        Column("state", _l("Results"), state, sort=("state",)),
        Column("mgos_forecast", _l("MGOs forecast"), lambda r: forecast(r, "mgos"), Kind.DECIMAL),
        Column("mgos", _l("MGOs"), lambda r: counted(r, "mgos"), Kind.INTEGER),
        Column("wins_forecast", _l("Wins forecast"), lambda r: forecast(r, "wins"), Kind.DECIMAL, shown=False),
        Column("wins", _l("Wins"), lambda r: counted(r, "wins"), Kind.INTEGER, shown=False),
        Column("revenue_forecast", _l("Revenue forecast"), lambda r: money(reading.outcome(r).revenue.value, r), Kind.MONEY),
        Column("revenue", _l("Revenue"), lambda r: money(found.revenue if (found := result(r)) else None, r), Kind.MONEY),
        Column("cost_forecast", _l("Budget"), lambda r: money(reading.cost(r), r), Kind.MONEY, shown=False),
        Column("cost", _l("Cost"), lambda r: money(found.cost if (found := result(r)) else None, r), Kind.MONEY, shown=False),
        Column("mdf", _l("MDF approved"), lambda r: money(r.mdf_approved, r), Kind.MONEY, shown=False),
        Column("cam", _l("CAM"), lambda r: r.plan.partner.cam and r.plan.partner.cam.display_name, sort=("plan__partner__cam__name",), nullable=True, shown=False),
        Column("region", _l("Region"), lambda r: r.plan.partner.region and r.plan.partner.region.name, shown=False),
    ]  # fmt: skip


def _activity(row: Any) -> SafeString:
    return format_html('<a class="row-link" href="{}">{}</a>', row.get_absolute_url(), row.title)
