"""The lists of account plans: targets of all partners and of one, and the best chances. One description for page, CSV and XLSX."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accountplans import queries, reasons
from accountplans.filters import OpportunityFilter, OwnTargetFilter, TargetFilter
from accountplans.models import AccountTarget
from accountplans.whitespace import Cell, State, Whitespace, ranked
from accounts.models import User
from partners.models import Partner
from prm.common.addresses import of_row
from prm.common.lists import Column, Listing, exportable
from prm.common.money import Money
from prm.common.saved_views import savable
from prm.common.templatetags.numbers import format_money
from prm.common.vendor import today, vendor_settings
from prm.documents.csv import write_csv
from prm.documents.table import Column as FileColumn
from prm.documents.table import Kind, Table, Value
from prm.documents.xlsx import workbook

savable("accountplans:targets", _("Account targets"))


# ── Targets ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def amount(row: AccountTarget) -> Money | None:
    return Money(row.amount, row.currency).rounded() if row.amount is not None else None


def _customer_cell(prefix: str) -> Callable[[Any], SafeString]:
    def cell(row: AccountTarget) -> SafeString:
        address = reverse(f"accountplans:{prefix}cell", args=[row.customer_id, row.product_line_id])
        return format_html('<a class="row-link" href="{}">{}</a>', address, row.customer.name)

    return cell


def _due_cell(row: AccountTarget) -> str:
    if row.due_on is None:
        return "–"
    day = date_format(row.due_on, "SHORT_DATE_FORMAT")
    if row.state == AccountTarget.State.TARGET and row.due_on < today():
        return format_html('{} <span class="badge">{}</span>', day, _now("late"))
    return day


def _columns(prefix: str) -> dict[str, Column]:
    reporting = vendor_settings().reporting_currency
    columns = [
        Column("customer", _("Customer"), lambda r: r.customer.name, cell=_customer_cell(prefix), sort=(Lower("customer__name"),), heads_row=True),
        Column("partner", _("Partner"), lambda r: r.customer.partner.name, cell=_partner_cell, sort=(Lower("customer__partner__name"),)),
        Column("line", _("Product line"), lambda r: r.product_line.name, sort=("product_line__order",)),
        Column("state", _("State"), lambda r: r.get_state_display(), sort=("state",)),
        Column("play", _("Play"), lambda r: r.play and r.play.name, sort=("play__order",), nullable=True),
        Column("next_step", _("Next step"), lambda r: r.next_step),
        Column("due", _("By"), lambda r: r.due_on, Kind.DATE, cell=_due_cell, sort=("due_on",), nullable=True),
        Column("owner", _("Owner"), lambda r: r.owner and r.owner.display_name, sort=("owner__name",), nullable=True),
        Column("amount", _("Amount"), amount, Kind.MONEY, cell=lambda r: format_money(amount(r), reporting), sort=("amount",), nullable=True),
        Column("currency", _("Currency"), lambda r: r.currency, shown=False),
        Column("reason", _("Why ruled out"), lambda r: r.reason, shown=False),
        Column("touched", _("Last changed or confirmed"), lambda r: r.touched_at, Kind.DATETIME, shown=False),
    ]  # fmt: skip
    return {column.key: column for column in columns}


def _partner_cell(row: AccountTarget) -> SafeString:
    address = of_row("accountplans:partner", row.customer.partner_id)
    return format_html('<a href="{}">{}</a>', address, row.customer.partner.name)


@exportable("account-targets")
def target_listing(user: User, query: QueryDict) -> Listing:
    """The targets of all partners that share theirs with this user."""
    chosen = TargetFilter(query, user=user)
    rows = chosen.apply(queries.targets(user))
    columns = _columns("")
    columns["state"] = replace(columns["state"], shown=False)  # the filter says it, and there is no room for all
    return Listing(rows, list(columns.values()), query, name=_("Account targets"), default="due", filter=chosen)


def partner_target_listing(user: User, partner: Partner, query: QueryDict) -> Listing:
    """One partner's targets, for either side."""
    chosen = OwnTargetFilter(query, user=user)
    rows = chosen.apply(queries.targets(user).filter(customer__partner=partner))
    found = _columns("portal_" if user.is_partner_side else "")
    columns = [column for key, column in found.items() if key != "partner"]
    return Listing(rows, columns, query, name=_("Account targets"), default="due", filter=chosen)


@exportable("portal-account-targets")
def portal_target_listing(user: User, query: QueryDict) -> Listing:
    """The targets of the user's own partner."""
    return partner_target_listing(user, Partner.objects.visible_to(user).get(), query)


# ── The best chances ─────────────────────────────────────────────────────────────────────────────────────────────────


class Opportunities:
    """The cells of all the customers that the filter finds, the best chance first; a page of them, or all as a file."""

    name = _("Opportunities")

    def __init__(self, user: User, partner: Partner, query: QueryDict) -> None:
        self.filter = OpportunityFilter(query, user=user)
        customers = self.filter.apply(queries.customers(user, partner)).order_by("pk")
        self.whitespace = Whitespace(user, partner, customers)
        self.cells = ranked(self.whitespace.rows, self.filter.line_pks, targets=self.filter.with_targets)
        self.names = reasons.Names()

    @property
    def total(self) -> int:
        return len(self.cells)

    def why(self, cell: Cell) -> str:
        return reasons.brief(cell, self.names)

    def file(self, kind: str, *, progress: Callable[[int, int], None]) -> bytes:
        """All of them: "csv" or "xlsx"."""
        titles = [_("Customer"), _("Product line"), _("Score"), _("State"), _("Reasons")]
        kinds = [Kind.TEXT, Kind.TEXT, Kind.INTEGER, Kind.TEXT, Kind.TEXT]
        columns = [FileColumn(str(title), kind) for title, kind in zip(titles, kinds, strict=True)]
        if kind == "csv":
            return "".join(write_csv(columns, self._records())).encode()
        return workbook([Table(str(self.name), columns, self._records())], title=str(self.name))

    def _records(self) -> Iterator[list[Value]]:
        for cell in self.cells:
            state = _now("Target") if cell.state == State.TARGET else _now("Empty")
            yield [cell.customer.name, cell.line.name, cell.points, state, self.why(cell)]


class Nothing:
    """A file of no rows: no such partner."""

    name = Opportunities.name
    total = 0

    def file(self, kind: str, *, progress: Callable[[int, int], None]) -> bytes:
        columns = [FileColumn(str(_("Customer")), Kind.TEXT)]
        return "".join(write_csv(columns, [])).encode() if kind == "csv" else workbook([Table(str(self.name), columns, [])], title=str(self.name))  # fmt: skip


@exportable("account-opportunities")
def opportunities(user: User, query: QueryDict) -> Opportunities | Nothing:
    """Of the partner that the address names (`partner`); of the own one on the partner's side."""
    rows = Partner.objects.visible_to(user)
    asked = query.get("partner", "")
    if not user.is_partner_side:
        rows = rows.filter(pk=int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else rows.none()
    partner = rows.first()
    return Opportunities(user, partner, query) if partner else Nothing()
