"""The columns of the list of objectives."""

from decimal import Decimal
from typing import Any

from django.db.models.functions import Lower
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from partners.models import Objective
from partners.objectives import queries
from partners.objectives.filters import ObjectiveFilter
from partners.objectives.progress import plain, to_places
from partners.objectives.words import figure, measured_by
from prm.common.lists import Column, Listing, exportable
from prm.common.saved_views import savable
from prm.documents.table import Kind

savable("partners:objective_list", _("Objectives"))


def _title_cell(row: Objective) -> SafeString:
    address = f"{reverse('partners:objectives', args=[row.partner_id])}?year={row.fiscal_year}"
    return format_html(
        '<a class="row-link" href="{}">{}</a><span class="cell-note">{}</span>', address, row.title, measured_by(row)
    )


def _partner_cell(row: Objective) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("partners:hub", args=[row.partner_id]), row.partner.name)


def _value_cell(field: str) -> Any:
    def cell(row: Any) -> str:
        return figure(row, getattr(row, field))

    return cell


def _percent_cell(row: Any) -> str:
    if row.dropped_at is not None:
        return _now("Dropped")
    return render_to_string("partners/objective_reached.html", {"standing": queries.standing_of(row), "narrow": True})


def _side_cell(row: Objective) -> str:
    return _now("Own") if row.side == Objective.Side.PARTNER else _now("Vendor’s")


def _percent(row: Any) -> Decimal | None:
    """To the nine places that a spreadsheet's cell keeps exactly."""
    percent = queries.standing_of(row).percent
    return None if percent is None else plain(to_places(percent, 9))


def _state(row: Any) -> str:
    if row.dropped_at is not None:
        return _now("Dropped")
    met = queries.standing_of(row).met
    return _now("Nothing entered") if met is None else _now("Met") if met else _now("Not met yet")


def _quarter(row: Any) -> str | None:
    found = queries.standing_of(row).quarter
    return f"Q{found}" if found else None


COLUMNS: list[Column] = [
    Column("title", _("Objective"), lambda o: o.title, cell=_title_cell, sort=(Lower("title"),), heads_row=True),
    Column("partner", _("Partner"), lambda o: o.partner.name, cell=_partner_cell, sort=(Lower("partner__name"),)),
    Column("side", _("Whose"), lambda o: o.get_side_display(), cell=_side_cell, sort=("side",)),
    Column("year", _("Fiscal year"), lambda o: o.fiscal_year, Kind.INTEGER, shown=False),
    Column("yardstick", _("Measured by"), lambda o: o.yardstick, shown=False),
    Column("unit", _("Unit"), lambda o: o.unit, shown=False),
    Column("baseline", _("From"), lambda o: o.baseline, Kind.DECIMAL, cell=_value_cell("baseline")),
    Column("goal", _("To"), lambda o: o.goal, Kind.DECIMAL, cell=_value_cell("goal")),
    Column("value", _("Reached"), lambda o: o.latest_value, Kind.DECIMAL, cell=_value_cell("latest_value")),
    Column("quarter", _("As of"), _quarter),
    Column("percent", _("Of the way"), _percent, Kind.PERCENT, cell=_percent_cell, sort=("percent",), nullable=True),
    Column("state", _("State"), _state, shown=False),
    Column("dropped_reason", _("Why dropped"), lambda o: o.dropped_reason, shown=False),
]  # fmt: skip


@exportable("objectives")
def objective_listing(user: User, query: QueryDict) -> Listing:
    """The objectives this user sees, filtered and sorted as the address says."""
    chosen = ObjectiveFilter(query, user=user)
    rows = chosen.apply(queries.with_latest(queries.objectives(user)))
    return Listing(rows, COLUMNS, query, name=_("Objectives"), default="partner", filter=chosen)
