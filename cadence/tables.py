"""The list of due items: one description for the page, CSV and XLSX."""

import datetime as dt
from typing import Any

from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from cadence import queries, tools
from cadence.filters import DueFilter
from cadence.home import of_item
from cadence.models import DueItem
from cadence.templatetags.cadence import stands
from prm.common.fiscal import FiscalCalendar
from prm.common.lists import Column, Listing, exportable
from prm.common.saved_views import savable
from prm.common.vendor import fiscal_calendar, today
from prm.documents.table import Kind

savable("cadence:due", _("Due"))


def _partner_cell(item: DueItem) -> SafeString:
    return format_html('<a class="row-link" href="{}">{}</a>', item.partner.get_absolute_url(), item.partner.name)


def _task_cell(item: DueItem) -> SafeString:
    return format_html('<a class="nowrap" href="{}">{}</a>', tools.address(item.task, item.partner_id), item.label)


def period_label(calendar: FiscalCalendar, item: DueItem) -> str:
    """The item's period as people read it."""
    return calendar.parse(item.period).label


@exportable("cadence.due")
def due_listing(user: User, query: QueryDict) -> Listing:
    """The due items this user sees, filtered and sorted as the address says."""
    day, calendar = today(), fiscal_calendar()

    def state(item: DueItem) -> str:
        return str(_("Late") if item.state == DueItem.State.OPEN and item.due_on < day else item.get_state_display())

    columns: list[Column] = [
        Column("partner", _("Partner"), lambda i: i.partner.name, cell=_partner_cell, sort=(Lower("partner__name"),), heads_row=True),
        Column("task", _("Task"), lambda i: i.label, cell=_task_cell, sort=("task",)),
        Column("period", _("Period"), lambda i: period_label(calendar, i), cell=lambda i: _nowrap(period_label(calendar, i)), sort=("starts_on", "ends_on")),
        Column("due", _("Due"), lambda i: i.due_on, Kind.DATE, sort=("due_on",)),
        Column("state", _("State"), state, cell=lambda i: _state_cell(i, day), sort=("state",)),
        Column("done", _("Done on"), lambda i: i.done_on, Kind.DATE, shown=False),
        Column("tier", _("Tier"), lambda i: _name(i.partner.tier), shown=False),
        Column("cam", _("CAM"), lambda i: _name(i.partner.cam), sort=("partner__cam__name",), nullable=True),
        Column("reason", _("Why skipped"), lambda i: i.skip_reason, shown=False),
    ]  # fmt: skip
    chosen = DueFilter(query, user=user)
    rows = chosen.apply(queries.items(user)).select_related("partner__tier", "partner__cam", "by")
    return Listing(rows, columns, query, name=_("Due"), default="due", filter=chosen)


def _state_cell(item: DueItem, day: dt.date) -> SafeString:
    why = format_html('<span class="cell-note">{}</span>', item.skip_reason) if item.skip_reason else ""
    return format_html("{}{}", stands(of_item(item, day)), why)


def _nowrap(text: str) -> SafeString:
    return format_html('<span class="nowrap">{}</span>', text)


def _name(thing: Any) -> str | None:
    return str(thing) if thing else None
