"""The columns of the lists of leads: one description for the page, CSV and XLSX."""

from dataclasses import replace
from typing import Any

from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import Permission
from leads import queries
from leads.filters import LeadFilter, PortalLeadFilter
from leads.models import Lead
from leads.templatetags.leads import deadline, grade
from partners.models import Partner
from prm.common.addresses import of_row
from prm.common.countries import COUNTRIES
from prm.common.lists import Column, Listing, exportable
from prm.common.saved_views import savable
from prm.documents.table import Kind

savable("leads:list", _("Leads"))

# What the vendor alone is told, as in the API; of the score the grade is left.
NOT_THEIRS = {"source", "region", "campaign", "held", "offered", "came", "external_id", "score"}


def _company_cell(lead: Any, page: str) -> SafeString:
    note = " · ".join(filter(None, [lead.city, str(COUNTRIES.get(lead.country, lead.country))]))
    return format_html(
        '<a class="row-link" href="{}">{}</a>{}',
        of_row(page, lead.pk),
        lead.company,
        format_html('<span class="cell-note">{}</span>', note) if note else "",
    )


def _grade_cell(lead: Any) -> SafeString:
    return format_html('{} <span class="muted">{}</span>', grade(lead.grade), round(lead.score))


def _state_cell(lead: Any) -> SafeString:
    state = lead.get_state_display()
    if lead.outcome:
        state = f"{state} · {lead.get_outcome_display()}"
    note: SafeString | str = ""
    if lead.state == Lead.State.OFFERED:
        to = f"{lead.offered_to}, " if lead.offered_to else ""
        note = format_html("{}{}", to, deadline(gettext("answer by"), lead.answer_by))
    elif lead.state == Lead.State.ACCEPTED:
        note = deadline(gettext("contact by"), lead.contact_by)
    elif lead.state == Lead.State.NEW and not lead.distribute_at:
        note = gettext("for a person to decide")
    return format_html("{}{}", state, format_html('<span class="cell-note">{}</span>', note) if note else "")


def _holder_cell(lead: Any) -> SafeString | str:
    if lead.partner_id:
        address = of_row("leads:of_partner", lead.partner_id)
        return format_html('<a href="{}">{}</a>', address, lead.partner.name)
    return holder(lead)


def holder(lead: Any) -> str:
    """Who holds it, in words."""
    if lead.partner_id:
        return str(lead.partner.name)
    if lead.person_direct_id:
        return str(lead.person_direct.display_name)
    return str(Lead.Holder.QUEUE.label)


def _columns(page: str) -> list[Column]:
    return [
        Column("company", _("Company"), lambda lead: lead.company, cell=lambda lead: _company_cell(lead, page), sort=(Lower("company"),), heads_row=True),
        Column("city", _("City"), lambda lead: lead.city, shown=False),
        Column("country", _("Country"), lambda lead: lead.country, shown=False),
        Column("grade", _("Grade"), lambda lead: lead.grade, cell=_grade_cell, sort=("grade", "score")),
        Column("score", _("Score"), lambda lead: lead.score, Kind.DECIMAL, shown=False),
        Column("need", _("Need"), lambda lead: lead.need, shown=False),
        Column("source", _("Source"), lambda lead: lead.source.name, sort=("source__order",)),
        Column("region", _("Region"), lambda lead: lead.region and lead.region.name, sort=("region__order",), nullable=True),
        Column("vertical", _("Vertical"), lambda lead: lead.vertical, shown=False),
        Column("employees", _("Employees"), lambda lead: lead.employees, Kind.INTEGER, shown=False),
        Column("campaign", _("Campaign"), lambda lead: lead.campaign, shown=False),
        Column("state", _("State"), lambda lead: lead.get_state_display(), cell=_state_cell, sort=("state",)),
        Column("held", _("Held by"), holder, cell=_holder_cell),
        Column("offered", _("Offered to"), lambda lead: lead.offered_to, shown=False),
        Column("person", _("Person"), lambda lead: lead.person, shown=False),
        Column("job_title", _("Job title"), lambda lead: lead.job_title, shown=False),
        Column("email", _("E-mail"), lambda lead: lead.email, shown=False),
        Column("phone", _("Phone"), lambda lead: lead.phone, shown=False),
        Column("came", _("Came in"), lambda lead: lead.created_at, Kind.DATETIME, sort=("created_at",)),
        Column("accepted", _("Accepted"), lambda lead: lead.accepted_at, Kind.DATETIME, sort=("accepted_at",), nullable=True, shown=False),
        Column("contact_by", _("To be contacted by"), lambda lead: lead.contact_by, Kind.DATETIME, sort=("contact_by",), nullable=True, shown=False),
        Column("contacted", _("First contact"), lambda lead: lead.contacted_at, Kind.DATETIME, shown=False),
        Column("qualified", _("Qualified"), lambda lead: lead.qualified_at, Kind.DATETIME, shown=False),
        Column("closed", _("Closed"), lambda lead: lead.closed_at, Kind.DATETIME, shown=False),
        Column("outcome", _("Outcome"), lambda lead: lead.get_outcome_display() if lead.outcome else None, shown=False),
        Column("close_reason", _("Why disqualified"), lambda lead: lead.close_reason, shown=False),
        Column("external_id", _("External id"), lambda lead: lead.external_id, shown=False),
    ]  # fmt: skip


@exportable("leads")
def lead_listing(user: User, query: QueryDict) -> Listing:
    """The leads this user sees, filtered and sorted as the address says."""
    chosen = LeadFilter(query, user=user)
    rows = chosen.apply(queries.leads(user))
    return Listing(rows, _columns("leads:lead"), query, name=_("Leads"), default="-came", filter=chosen)


def partner_lead_listing(user: User, partner: Partner, query: QueryDict) -> Listing:
    """The leads that a partner holds or held to their end."""
    chosen = PortalLeadFilter(query, user=user)
    rows = chosen.apply(queries.leads(user).filter(partner=partner))
    columns = [column for column in _columns("leads:lead") if column.key != "held"]
    return Listing(rows, columns, query, name=_("Leads"), default="-came", filter=chosen)


@exportable("portal_leads")
def portal_lead_listing(user: User, query: QueryDict) -> Listing:
    """The leads that the user's own partner holds."""
    return _held(user, query, [])


def portal_lead_page(user: User, query: QueryDict) -> Listing:
    """The same for the page: for who works on them with a button in each row."""
    may_work = user.can(Permission.SELL)
    return _held(
        user, query, [Column("quick", _("What next"), lambda lead: None, cell=_quick_cell)] if may_work else []
    )


def _held(user: User, query: QueryDict, more: list[Column]) -> Listing:
    chosen = PortalLeadFilter(query, user=user)
    columns = [column for column in _columns("leads:portal_lead") if column.key not in NOT_THEIRS]
    shown = {"person": _person_cell, "accepted": None, "grade": lambda lead: grade(lead.grade)}
    columns = [
        replace(column, shown=True, cell=shown[column.key]) if column.key in shown else column for column in columns
    ]
    rows = chosen.apply(queries.leads(user))
    return Listing(rows, [*columns, *more], query, name=_("Leads"), default="-accepted", filter=chosen)


def _quick_cell(lead: Any) -> SafeString | str:
    """The one button for what comes next; it sends the page's form `quick`, which holds the token."""
    if lead.state not in (Lead.State.ACCEPTED, Lead.State.CONTACTED):
        return ""
    name, words = ("contacted", _("Contacted")) if lead.state == Lead.State.ACCEPTED else ("qualified", _("Qualified"))
    return format_html(
        '<button class="button" form="quick" formaction="{}?to=list">{}<span class="visually-hidden">: {}</span></button>',
        of_row(f"leads:portal_{name}", lead.pk), words, lead.company,
    )  # fmt: skip


def _person_cell(lead: Any) -> SafeString | str:
    if not lead.person:
        return "–"
    return format_html('{}<span class="cell-note">{}</span>', lead.person, lead.email or lead.phone)
