"""The money trail: every line of a request from the fund it is paid from to what it brought; and one line with all that moved it."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, DecimalField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Lower
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from marketing.models import ActivityResult, Attribution
from mdf import showing
from mdf.filters import LineListFilter
from mdf.models import Claim, Line
from mdf.tables import bare, with_fund
from prm.common.lists import Column, Listing, exportable
from prm.common.money import Money
from prm.common.saved_views import savable
from prm.documents.table import Kind

savable("mdf:trail", _("MDF money trail"))
WHY = "figures of lines that are scoped"


def _paid() -> Any:
    rows = Claim.objects.unscoped(WHY).filter(line=OuterRef("pk"), state=Claim.State.PAID).order_by().values("line")
    return Coalesce(Subquery(rows.annotate(sum=Sum("approved")).values("sum")), 0, output_field=DecimalField())


def _attributed(what: str) -> Any:
    rows = Attribution.objects.unscoped(WHY).filter(activity=OuterRef("activity"), **{f"{what}__isnull": False})
    return Coalesce(Subquery(rows.order_by().values("activity").annotate(n=Count("pk")).values("n")), 0)


def _result(column: str) -> Subquery:
    rows = ActivityResult.objects.unscoped(WHY).filter(
        activity=OuterRef("activity"), state__in=[ActivityResult.State.CLOSED, ActivityResult.State.VERIFIED]
    )
    return Subquery(rows.order_by("-number").values(column)[:1])


def _money(name: str) -> Any:
    def value(row: Any) -> Money | None:
        amount = getattr(row, name)
        return None if amount is None or not row.asks_money else Money(amount, row.request.currency)

    return value


def _revenue(row: Any) -> Money | None:
    return None if row.revenue is None else Money(row.revenue, row.activity.plan.currency)


def _revenue_cell(row: Any) -> SafeString | str:
    """With how far it is known."""
    if row.revenue is None:
        return "–"
    note = format_html('<span class="cell-note">{}</span>', showing.result_word(row.result_state))
    return format_html("{}{}", showing.money(row.revenue, row.activity.plan.currency), note)


def _cell(row: Any) -> SafeString:
    return format_html(
        '<a class="row-link" href="{}">{}</a><span class="cell-note">{}</span>',
        reverse("mdf:trail_line", args=[row.pk]), row.activity.title, f"{row.request.reference}, {row.activity.tactic.name}",
    )  # fmt: skip


def brought() -> dict[str, Any]:
    """What a line was paid, and what its activity brought, for a query of lines."""
    return {
        "paid": _paid(), "leads": _attributed("lead"), "deals": _attributed("deal"), "revenue": _result("revenue"),
        "result_state": _result("state"),
    }  # fmt: skip


def _only(name: str) -> dict[str, Any]:
    return {name: brought()[name]}


def columns() -> list[Column]:
    return [
        Column("activity", _("Activity"), lambda r: r.activity.title, cell=_cell, sort=(Lower("activity__title"),), heads_row=True),
        Column("partner", _("Partner"), lambda r: r.request.partner.name, cell=lambda r: with_fund(r.request), sort=(Lower("request__partner__name"),)),
        Column("fund", _("Fund"), lambda r: r.request.fund.name if r.request.fund else None, sort=(Lower("request__fund__name"),), nullable=True, shown=False),
        Column("account", _("Paid from"), lambda r: str(r.request.account) if r.request.account else None, shown=False),
        Column("request", _("Request"), lambda r: r.request.reference, shown=False),
        Column("tactic", _("Tactic"), lambda r: r.activity.tactic.name, shown=False),
        Column("asked", _("Asked"), _money("asked"), Kind.MONEY, cell=bare(_money("asked")), sort=("asked",)),
        Column("approved", _("Approved"), _money("approved"), Kind.MONEY, cell=bare(_money("approved")), sort=("approved",), nullable=True),
        Column("claimed", _("Claimed"), _money("claimed"), Kind.MONEY, cell=bare(_money("claimed")), sort=("claimed",)),
        Column("paid", _("Paid"), _money("paid"), Kind.MONEY, cell=bare(_money("paid")), sort=("paid",), annotate=_only("paid")),
        Column("currency", _("Currency"), lambda r: r.request.currency, shown=False),
        Column("until", _("Claim until"), lambda r: r.claim_until, Kind.DATE, sort=("claim_until",), nullable=True, shown=False),
        Column("leads", _("Leads"), lambda r: r.leads, Kind.INTEGER, sort=("leads",), annotate=_only("leads")),
        Column("deals", _("Deals"), lambda r: r.deals, Kind.INTEGER, sort=("deals",), annotate=_only("deals")),
        Column("revenue", _("Revenue"), _revenue, Kind.MONEY, cell=_revenue_cell, sort=("revenue",), nullable=True, annotate={**_only("revenue"), **_only("result_state")}),
        Column("verified", _("Results"), lambda r: showing.result_word(r.result_state), annotate=_only("result_state"), shown=False),
        Column("submitted", _("Submitted"), lambda r: r.request.submitted_at, Kind.DATETIME, sort=("request__submitted_at",), shown=False),
    ]  # fmt: skip


def lines(user: User) -> QuerySet[Line]:
    """Those that ask for money, of what this user sees."""
    rows: QuerySet[Line] = Line.objects.visible_to(user).filter(asked_in_plan__gt=0)
    return rows.select_related(
        "request__partner", "request__fund", "request__account__partner", "request__account__region",
        "request__account__distributor", "activity__tactic", "activity__plan",
    )  # fmt: skip


@exportable("mdf_trail")
def trail_listing(user: User, query: QueryDict) -> Listing:
    """The lines this user sees, filtered and sorted as the address says."""
    chosen = LineListFilter(query, user=user)
    return Listing(
        chosen.apply(lines(user)), columns(), query, name=_("MDF money trail"), default="-submitted", filter=chosen
    )
