"""The lists of reviews: one description for the page, CSV and XLSX."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _l

from accounts.models import User
from partners.filters import PartnerFilter
from partners.models import Partner
from prm.common.filters import FilterForm, MenuField
from prm.common.lists import Column, Listing, exportable
from prm.common.saved_views import savable
from prm.documents.table import Kind
from qbr import queries
from qbr.actions.drafting import quarters
from qbr.models import Qbr
from qbr.naming import quarter_words

savable("qbr:list", _l("QBRs"))
DEFAULT = "-quarter"


def _narrowed(data: Any, rows: QuerySet[Any]) -> QuerySet[Any]:
    if states := data.get("state"):
        rows = rows.filter(state__in=states)
    if keys := data.get("in_quarter"):
        rows = rows.filter(quarter__in=keys)
    return rows


class QbrFilter(PartnerFilter):
    """Reviews by their partner, by state and quarter."""

    state = MenuField(label=_l("State"), choices=Qbr.State.choices, any_label=_l("Any"))
    in_quarter = MenuField(label=_l("Quarter"), any_label=_l("Any"))

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data, user=user)
        field: Any = self.fields["in_quarter"]
        field.choices = [(quarter.key, quarter.label) for quarter in quarters()]

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        partners = super().narrow(Partner.objects.visible_to(self.user))
        return _narrowed(self.cleaned_data, queryset.filter(partner__in=partners.order_by().values("pk")))


class OwnQbrFilter(FilterForm):
    """A partner's own, by quarter."""

    in_quarter = MenuField(label=_l("Quarter"), any_label=_l("Any"))

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        field: Any = self.fields["in_quarter"]
        field.choices = [(quarter.key, quarter.label) for quarter in quarters()]

    def narrow(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return _narrowed(self.cleaned_data, queryset)


def _partner(row: Qbr) -> SafeString:
    return format_html('<a class="row-link" href="{}">{}</a>', reverse("qbr:deck", args=[row.pk]), row.partner.name)


def _quarter(row: Qbr) -> SafeString:
    return format_html(
        '<a class="row-link" href="{}">{}</a>', reverse("qbr:portal_qbr", args=[row.pk]), quarter_words(row)
    )


def _state(row: Qbr) -> str:
    return render_to_string("qbr/state.html", {"qbr": row})


def _newest(row: Any) -> int | None:
    number: int | None = row.newest
    return number


def _columns() -> list[Column]:
    return [
        Column("partner", _l("Partner"), lambda q: q.partner.name, cell=_partner, sort=(Lower("partner__name"),), heads_row=True),
        Column("quarter", _l("Quarter"), quarter_words, sort=("starts_on",)),
        Column("state", _l("State"), lambda q: q.get_state_display(), cell=_state, sort=("state",)),
        Column("version", _l("Newest version"), _newest, Kind.INTEGER, sort=("newest",), nullable=True),
        Column("held", _l("Held on"), lambda q: q.held_on, Kind.DATE, sort=("held_on",), nullable=True),
        Column("shared", _l("Shared"), lambda q: q.shared_at, Kind.DATETIME, sort=("shared_at",), nullable=True),
        Column("cam", _l("CAM"), lambda q: q.partner.cam.display_name if q.partner.cam else None, shown=False),
        Column("changed", _l("Changed"), lambda q: q.updated_at, Kind.DATETIME, sort=("updated_at",)),
    ]  # fmt: skip


@exportable("qbrs")
def qbr_listing(user: User, query: QueryDict) -> Listing:
    """The reviews this user sees, filtered and sorted as the address says."""
    chosen = QbrFilter(query, user=user)
    rows = chosen.apply(queries.qbrs(user))
    return Listing(rows, _columns(), query, name=_l("QBRs"), default=DEFAULT, filter=chosen)


@exportable("portal_qbrs")
def portal_listing(user: User, query: QueryDict) -> Listing:
    """What was shared with the partner."""
    chosen = OwnQbrFilter(query)
    columns = [
        Column("quarter", _l("Quarter"), quarter_words, cell=_quarter, sort=("starts_on",), heads_row=True),
        Column("held", _l("Held on"), lambda q: q.held_on, Kind.DATE, sort=("held_on",)),
        Column("shared", _l("Shared"), lambda q: q.shared_at, Kind.DATETIME, sort=("shared_at",)),
    ]
    rows = chosen.apply(queries.qbrs(user))
    return Listing(rows, columns, query, name=_l("QBRs"), default=DEFAULT, filter=chosen)


def of_partner(user: User, partner: Partner) -> QuerySet[Qbr]:
    rows: QuerySet[Qbr] = queries.qbrs(user).filter(Q(partner=partner))
    return rows.order_by("-starts_on", "-pk")
