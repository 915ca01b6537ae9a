"""The columns of the lists: one description for the page, CSV and XLSX."""

from decimal import Decimal
from typing import Any

from django.db.models import Case, When
from django.db.models.functions import Lower
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from partners import queries
from partners.filters import ActionFilter, PartnerFilter
from partners.lift import lift_of
from partners.models import Action, Partner
from prm.common.addresses import of_row
from prm.common.countries import COUNTRIES
from prm.common.lists import Column, Listing, exportable
from prm.common.saved_views import savable
from prm.common.templatetags.numbers import delta_html
from prm.common.vendor import today
from prm.documents.table import Kind


def _partner_cell(partner: Partner) -> SafeString:
    place = ", ".join(filter(None, [partner.city, COUNTRIES.get(partner.country, "")]))
    return format_html(
        '<a class="row-link" href="{}">{}</a>{}',
        of_row("partners:hub", partner.pk),
        partner.name,
        format_html('<span class="cell-note">{}</span>', place) if place else "",
    )


def _cam_cell(partner: Partner) -> str:
    return partner.cam.display_name if partner.cam else format_html('<span class="muted">{}</span>', _("Nobody"))


def _name(thing: Any) -> str | None:
    return str(thing) if thing else None


PARTNER_COLUMNS: list[Column] = [
    Column("name", _("Partner"), lambda p: p.name, cell=_partner_cell, sort=(Lower("name"),), heads_row=True),
    Column("external_id", _("External id"), lambda p: p.external_id, shown=False),
    Column("tier", _("Tier"), lambda p: _name(p.tier), sort=("tier__order",), nullable=True),
    Column("stage", _("Life stage"), lambda p: str(p.stage), sort=("stage__order",)),
    Column("type", _("Type"), lambda p: str(p.partner_type), sort=("partner_type__order",)),
    Column("region", _("Region"), lambda p: _name(p.region), sort=("region__order",), nullable=True),
    Column("cam", _("CAM"), lambda p: _name(p.cam), cell=_cam_cell, sort=("cam__name",), nullable=True),
    Column("domain", _("Web domain"), lambda p: p.domain, shown=False),
    Column("country", _("Country"), lambda p: p.country, shown=False),
    Column("city", _("City"), lambda p: p.city, shown=False),
    Column("employees", _("Employees"), lambda p: p.employees, Kind.INTEGER, shown=False),
    Column("sales_reps", _("Sales people"), lambda p: p.sales_reps, Kind.INTEGER, shown=False),
    Column("contact", _("Main contact"), lambda p: p.contact_name, annotate={"contact_name": queries.main_contact("name")}, shown=False),
    Column("contact_email", _("Contact e-mail"), lambda p: p.contact_email, annotate={"contact_email": queries.main_contact("email")}, shown=False),
    Column("signed_on", _("Signed"), lambda p: p.signed_on, Kind.DATE, shown=False),
]  # fmt: skip

# What only those see who work with partners.
WORK_COLUMNS: list[Column] = [
    Column("last_touch", _("Last touch"), lambda p: p.last_touch, Kind.DATE, sort=("last_touch",), nullable=True, annotate={"last_touch": queries.last_touch()}),
    Column("open_actions", _("Open actions"), lambda p: p.open_actions, Kind.INTEGER, sort=("open_actions",), nullable=True, annotate={"open_actions": queries.open_actions()}),
]  # fmt: skip

# Columns of other tools: (permission, column), after the ones above.
MORE_COLUMNS: list[tuple[Permission, Column]] = []


savable("partners:list", _("Partners"))


@exportable("partners")
def partner_listing(user: User, query: QueryDict) -> Listing:
    """The partners this user sees, filtered and sorted as the address says."""
    columns = [*PARTNER_COLUMNS, *(WORK_COLUMNS if user.can(Permission.SEE_WORK) else [])]
    columns += [column for permission, column in MORE_COLUMNS if user.can(permission)]
    chosen = PartnerFilter(query, user=user)
    rows = chosen.apply(queries.partner_list(user))
    return Listing(rows, columns, query, name=_("Partners"), default="name", filter=chosen)


def _action_cell(action: Action) -> SafeString:
    return format_html('<a class="row-link" href="{}">{}</a>', of_row("partners:action_edit", action.pk), action.title)


def _action_partner_cell(action: Action) -> SafeString:
    return format_html('<a href="{}">{}</a>', of_row("partners:actions", action.partner_id), action.partner.name)


def _due_cell(action: Any) -> str:
    return render_to_string("partners/due.html", {"day": action.due_on, "late": action.is_late})


def _came_cell(action: Any) -> str:
    return render_to_string("partners/lift_came.html", {"lift": lift_of(action)})


def _rounded(points: Decimal | None) -> Decimal | None:
    """To the nine places that a spreadsheet's cell keeps exactly."""
    return None if points is None else round(points, 9)


ACTION_COLUMNS: list[Column] = [
    Column("title", _("Action"), lambda a: a.title, cell=_action_cell, sort=(Lower("title"),), heads_row=True),
    Column(
        "partner", _("Partner"), lambda a: a.partner.name, cell=_action_partner_cell, sort=(Lower("partner__name"),)
    ),
    Column("owner", _("Owner"), lambda a: _name(a.owner), sort=("owner__name",), nullable=True),
    Column("due", _("Due"), lambda a: a.due_on, Kind.DATE, cell=_due_cell, sort=("due_on",), nullable=True),
    Column("status", _("Status"), lambda a: a.get_status_display(), sort=("status",)),
    # Sorted by what the reader may know, or the order would tell the rest.
    Column(
        "lift", _("Expected lift"), lambda a: lift_of(a).expected, Kind.DECIMAL, nullable=True,
        cell=lambda a: delta_html(lift_of(a).expected, 1),
        sort=(Case(When(lift_hidden=True, then=None), default="expected_lift"),),
    ),
    Column("came", _("Lift that came"), lambda a: _rounded(lift_of(a).came), Kind.DECIMAL, cell=_came_cell),
    Column("resource", _("Resource"), lambda a: a.resource, Kind.URL, shown=False),
    Column("detail", _("Detail"), lambda a: a.detail, shown=False),
    Column("shared", _("Shared"), lambda a: a.shared, shown=False),
]  # fmt: skip


@exportable("actions")
def action_listing(user: User, query: QueryDict) -> Listing:
    """Items of the action plans this user sees, filtered and sorted as the address says."""
    chosen = ActionFilter(query, user=user)
    rows = chosen.apply(queries.with_lateness(queries.actions(user), today()))
    return Listing(rows, ACTION_COLUMNS, query, name=_("Actions"), default="due", filter=chosen)
