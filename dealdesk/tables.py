"""The columns of the lists of registrations: one description for the page, CSV and XLSX."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models.functions import Lower
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from dealdesk import queries, showing
from dealdesk.filters import RegistrationFilter, RegistrationListFilter
from dealdesk.models import Registration
from partners.models import Partner
from prm.common.addresses import of_row
from prm.common.lists import Column, Listing, exportable
from prm.common.saved_views import savable
from prm.common.templatetags.numbers import format_money
from prm.common.templatetags.signs import ago, icon
from prm.common.vendor import vendor_settings
from prm.documents.table import Kind

State = Registration.State
savable("dealdesk:registrations", _("Registrations"))
# The newest on top; drafts, which have no place yet, come last.
DEFAULT = "-submitted"


def _company_cell(address: str) -> Any:
    def cell(row: Registration) -> SafeString:
        return format_html(
            '<a class="row-link" href="{}">{}</a><span class="cell-note">{}</span>',
            of_row(address, row.pk),
            row.customer_name or _("No company yet"),
            row.reference,
        )

    return cell


def _state_cell(row: Registration) -> SafeString:
    return format_html('<span class="badge registration-state {}">{}</span>', row.state, row.get_state_display())


def _clock_cell(row: Registration) -> SafeString:
    """What runs out next: the time to answer, the protection, or the place of one that was given back."""
    if row.state == State.SUBMITTED and row.decide_by:
        if row.decide_by >= timezone.now():
            return format_html("{} {}", gettext("answer"), ago(row.decide_by))
        return format_html(
            '<span class="registration-late">{} {} {}</span>', icon("warning"), gettext("late:"), ago(row.decide_by)
        )
    if row.state == State.APPROVED:
        day = date_format(row.expires_on, "SHORT_DATE_FORMAT") if row.expires_on else ""
        return conditional_escape(gettext("protected until %(day)s") % {"day": day})
    if row.state == State.RETURNED and row.place_until:
        return format_html("{} {}", gettext("place kept:"), ago(row.place_until))
    return mark_safe('<span class="muted">–</span>')


def _columns(reporting: str) -> dict[str, Column]:
    def money(row: Registration) -> str:
        return format_money(showing.amount(row), reporting)

    columns = [
        Column("company", _("Company"), lambda r: r.customer_name, cell=_company_cell("dealdesk:registration"), sort=(Lower("customer_name"),), heads_row=True),
        Column("reference", _("Reference"), lambda r: r.reference, shown=False),
        Column("partner", _("Partner"), lambda r: r.partner.name, sort=(Lower("partner__name"),)),
        Column("lines", _("Product lines"), showing.lines),
        Column("amount", _("Amount"), showing.amount, Kind.MONEY, cell=money, sort=("amount",), nullable=True),
        Column("currency", _("Currency"), lambda r: r.currency, shown=False),
        Column("state", _("State"), lambda r: r.get_state_display(), cell=_state_cell, sort=("state",)),
        Column("conflict", _("Conflict"), lambda r: r.get_flag_display(), sort=("flag",), shown=False),
        Column("submitted", _("Submitted"), lambda r: r.submitted_at, Kind.DATETIME, sort=("submitted_at",), nullable=True),
        Column("clock", _("Clock"), lambda r: r.decide_by if r.state == "submitted" else None, Kind.DATETIME, cell=_clock_cell, sort=("decide_by",), nullable=True),
        Column("decided", _("Decided"), lambda r: r.decided_at, Kind.DATETIME, shown=False),
        Column("until", _("Protected until"), lambda r: r.expires_on, Kind.DATE, shown=False),
        Column("close", _("Expected close"), lambda r: r.expected_close, Kind.DATE, sort=("expected_close",), nullable=True, shown=False),
        Column("domain", _("Web domain"), lambda r: r.domain, shown=False),
        Column("country", _("Country"), lambda r: r.country, shown=False),
        Column("need", _("Need"), lambda r: r.need, shown=False),
        Column("contact", _("Contact"), lambda r: r.contact_name, shown=False),
        Column("contact_email", _("Contact’s e-mail"), lambda r: r.contact_email, shown=False),
        Column("rfp", _("Public tender (RFP)"), lambda r: r.is_rfp, shown=False),
        Column("reason", _("Reason"), lambda r: r.reason, shown=False),
        Column("deal", _("Deal"), lambda r: str(r.deal) if r.deal else None, shown=False),
        Column("channel", _("Came by"), lambda r: r.get_channel_display(), shown=False),
    ]  # fmt: skip
    return {column.key: column for column in columns}


def _listing(user: User, query: QueryDict, chosen: Any, rows: Any, columns: list[Column]) -> Listing:
    return Listing(chosen.apply(rows), columns, query, name=_("Registrations"), default=DEFAULT, filter=chosen)


@exportable("registrations")
def registration_listing(user: User, query: QueryDict) -> Listing:
    """The registrations this user sees, filtered and sorted as the address says."""
    columns = _columns(vendor_settings().reporting_currency)
    if user.can(Permission.DECIDE_REGISTRATIONS):
        columns["conflict"] = replace(columns["conflict"], shown=True, cell=_flag_cell)
    else:
        del columns["conflict"]
    rows = queries.registrations(user)
    return _listing(user, query, RegistrationListFilter(query, user=user), rows, list(columns.values()))


def _flag_cell(row: Registration) -> str:
    return render_to_string("dealdesk/flag.html", {"registration": row})


def partner_listing(user: User, partner: Partner, query: QueryDict) -> Listing:
    """One partner's, for the vendor."""
    columns = _columns(vendor_settings().reporting_currency)
    shown = [column for key, column in columns.items() if key not in ("partner", "conflict")]
    rows = queries.registrations(user).filter(partner=partner)
    return _listing(user, query, RegistrationFilter(query), rows, shown)


@exportable("portal_registrations")
def portal_listing(user: User, query: QueryDict) -> Listing:
    """The partner's own, as it sees them: not what the check found."""
    columns = _columns(vendor_settings().reporting_currency)
    columns["company"] = replace(columns["company"], cell=_company_cell("dealdesk:portal_registration"))
    shown = [column for key, column in columns.items() if key not in ("partner", "conflict")]
    return _listing(user, query, RegistrationFilter(query), queries.registrations(user), shown)
