"""The columns of the list of certifications."""

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
from partners.certified import State
from partners.learning import queries
from partners.learning.filters import CertificationFilter
from prm.common.lists import Column, Listing, exportable
from prm.common.saved_views import savable
from prm.common.vendor import today
from prm.documents.table import Kind

WORDS = {
    State.VALID: _("Valid"),
    State.EXPIRING: _("Expiring"),
    State.EXPIRED: _("Expired"),
    State.AHEAD: _("Not yet"),
}

savable("partners:certifications", _("Certifications"))


def _holder_cell(row: Any) -> SafeString:
    name = row.person or _now("The partner itself")
    return format_html(
        '<a class="row-link" href="{}">{}</a>', reverse("partners:learning", args=[row.partner_id]), name
    )


def _partner_cell(row: Any) -> SafeString:
    return format_html('<a href="{}">{}</a>', reverse("partners:hub", args=[row.partner_id]), row.partner.name)


def _state_cell(row: Any) -> str:
    return render_to_string("partners/certification_state.html", {"state": row.state})


COLUMNS: list[Column] = [
    Column("person", _("Person"), lambda c: c.person, cell=_holder_cell, sort=(Lower("person"),), nullable=True, heads_row=True),
    Column("partner", _("Partner"), lambda c: c.partner.name, cell=_partner_cell, sort=(Lower("partner__name"),)),
    Column("certificate", _("Certificate"), lambda c: str(c.certificate), sort=("certificate__order",)),
    Column("level", _("Level"), lambda c: c.level, sort=("level",)),
    Column("earned", _("Earned"), lambda c: c.earned_on, Kind.DATE, sort=("earned_on",)),
    Column("expires", _("Expires"), lambda c: c.expires_on, Kind.DATE, sort=("expires_on",), nullable=True),
    Column("state", _("State"), lambda c: str(WORDS[State(c.state)]), cell=_state_cell),
    Column("source", _("Source"), lambda c: c.source, shown=False),
    Column("external_id", _("External id"), lambda c: c.external_id, shown=False),
]  # fmt: skip


@exportable("certifications")
def certification_listing(user: User, query: QueryDict) -> Listing:
    """The certifications this user sees, filtered and sorted as the address says."""
    chosen = CertificationFilter(query, user=user)
    rows = chosen.apply(queries.certifications(user, today()))
    return Listing(rows, COLUMNS, query, name=_("Certifications"), default="expires", filter=chosen)
