"""The columns of the lists of funds and of their ledgers: one description for the page, CSV and XLSX."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce, Lower
from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from mdf.fund_filters import FundFilter, LedgerFilter
from mdf.fund_page import percent
from mdf.models import Account, Accrual, Fund, Posting
from mdf.queries import funds as queries
from prm.common.lists import Column, Listing, exportable
from prm.common.money import Money
from prm.common.saved_views import savable
from prm.common.templatetags.numbers import format_money
from prm.common.vendor import fiscal_calendar, vendor_settings
from prm.documents.table import Kind

savable("mdf:funds", _("MDF funds"))


# ── Funds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _sum(name: str) -> Coalesce:
    rows = Account.objects.unscoped("sums of whole funds").filter(fund=OuterRef("pk")).order_by().values("fund")
    return Coalesce(
        Subquery(rows.annotate(sum=Sum(name)).values("sum")), Value(Decimal(0)), output_field=DecimalField()
    )


def _fund_cell(fund: Fund) -> SafeString:
    note = fiscal_calendar().parse(fund.period).label
    return format_html(
        '<a class="row-link" href="{}">{}</a><span class="cell-note">{}, {}</span>',
        reverse("mdf:fund", args=[fund.pk]), fund.name, note, fund.get_kind_display(),
    )  # fmt: skip


def _money_column(key: str, title: Any, usual: str, *, annotate: bool = True) -> Column:
    name = f"{key}_sum" if annotate else key

    def value(fund: Fund) -> Money:
        return fund.money(getattr(fund, name))

    return Column(
        key, title, value, Kind.MONEY, cell=lambda fund: format_money(value(fund), usual), sort=(name,),
        annotate={name: _sum(key)} if annotate else {},
    )  # fmt: skip


@exportable("mdf_funds")
def fund_listing(user: User, query: QueryDict) -> Listing:
    """The funds, filtered and sorted as the address says."""
    usual = vendor_settings().reporting_currency
    columns = [
        Column("name", _("Fund"), lambda fund: fund.name, cell=_fund_cell, sort=(Lower("name"),), heads_row=True),
        Column("period", _("Fiscal period"), lambda fund: fund.period, shown=False),
        Column("kind", _("Kind"), lambda fund: fund.get_kind_display(), shown=False),
        Column("currency", _("Currency"), lambda fund: fund.currency, shown=False),
        _money_column("budget", _("Budget"), usual, annotate=False),
        _money_column("credited", _("With accruals"), usual),
        _money_column("available", _("Available"), usual),
        _money_column("reserved", _("Reserved"), usual),
        _money_column("spent", _("Spent"), usual),
        _money_column("expired", _("Expired"), usual),
        Column("starts", _("Starts on"), lambda fund: fund.starts_on, Kind.DATE, sort=("starts_on",), shown=False),
        Column("expires", _("Expires on"), lambda fund: fund.expires_on, Kind.DATE, sort=("expires_on",)),
    ]
    chosen = FundFilter(query)
    rows = queries.funds(user)
    return Listing(chosen.apply(rows), columns, query, name=_("MDF funds"), default="-expires", filter=chosen)


# ── Ledgers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _moved(posting: Posting) -> Money:
    """What moved, as this account sees it: negative where money left it."""
    amount = posting.credited if posting.credited else posting.entry.amount
    return posting.entry.fund.money(amount)


def _kind_cell(posting: Posting) -> SafeString:
    entry = posting.entry
    note = ", ".join(filter(None, [entry.subject_name, entry.reason]))
    undone = format_html(' <span class="badge">{}</span>', _("reversed")) if entry.reversed_by else ""
    return format_html(
        '<a class="row-link" href="{}">{}</a>{}<span class="cell-note">{}</span>',
        reverse("mdf:entry", args=[entry.pk]), entry.get_kind_display(), undone, note,
    )  # fmt: skip


def _own_kind_cell(posting: Posting) -> SafeString:
    entry = posting.entry
    return format_html('{}<span class="cell-note">{}</span>', entry.get_kind_display(), entry.subject_name)


def _who(posting: Posting) -> str:
    return posting.entry.by.display_name if posting.entry.by else gettext("System")


def _after(name: str) -> Any:
    return lambda posting: posting.entry.fund.money(getattr(posting, f"{name}_after"))


def _plain(value: Any) -> Any:
    """Without its currency: a ledger has one."""
    return lambda posting: format_money(value(posting), posting.entry.fund.currency)


def _columns() -> dict[str, Column]:
    columns = [
        Column("on", _("When"), lambda p: p.entry.on, Kind.DATE, sort=("entry_id", "pk")),
        Column("kind", _("What"), lambda p: p.entry.get_kind_display(), cell=_kind_cell, heads_row=True),
        Column("account", _("Account"), lambda p: str(p.account)),
        Column("partner", _("Partner"), lambda p: p.entry.partner.name if p.entry.partner else None, shown=False),
        Column("amount", _("Amount"), _moved, Kind.MONEY, cell=_plain(_moved)),
        *(
            Column(name, title, _after(name), Kind.MONEY, cell=_plain(_after(name)))
            for name, title in (
                ("available", _("Available after")), ("reserved", _("Reserved after")), ("spent", _("Spent after")),
                ("expired", _("Expired after")),
            )
        ),
        Column("currency", _("Currency"), lambda p: p.entry.fund.currency, shown=False),
        Column("subject", _("For"), lambda p: p.entry.subject_name, shown=False),
        Column("reason", _("Reason"), lambda p: p.entry.reason, shown=False),
        Column("by", _("By"), _who, shown=False),
        Column("entry", _("Entry"), lambda p: p.entry_id, Kind.INTEGER, shown=False),
    ]  # fmt: skip
    return {column.key: column for column in columns}


@exportable("mdf_ledger")
def ledger_listing(user: User, query: QueryDict) -> Listing:
    """The ledger of the fund that `query` names as `fund`, as far as this user sees it."""
    fund = _named(queries.funds(user), query, "fund")
    chosen = LedgerFilter(query, accounts=queries.accounts(user, fund, shared=True))
    rows = queries.postings(user).filter(entry__fund=fund)
    return _ledger(chosen, rows, list(_columns().values()), query, str(fund))


@exportable("mdf_account")
def account_listing(user: User, query: QueryDict) -> Listing:
    """The ledger of one account, with what stood there after each entry."""
    account = _named(queries.accounts(user), query, "account_id")
    columns = _columns()
    del columns["account"]
    rows = queries.postings(user).filter(account=account)
    return _ledger(LedgerFilter(query), rows, list(columns.values()), query, f"{account.fund}: {account}")


@exportable("portal_mdf_account")
def portal_account_listing(user: User, query: QueryDict) -> Listing:
    """The partner's own account: not who did what, nor what the vendor noted."""
    account = _named(queries.accounts(user), query, "account_id")
    columns = _columns()
    columns["kind"] = replace(columns["kind"], cell=_own_kind_cell)
    for key in ("account", "partner", "reason", "by"):
        del columns[key]
    rows = queries.postings(user).filter(account=account)
    return _ledger(LedgerFilter(query), rows, list(columns.values()), query, str(account.fund))


def _ledger(chosen: LedgerFilter, rows: Any, columns: list[Column], query: QueryDict, name: str) -> Listing:
    title = f"{name} {_('ledger')}"
    return Listing(chosen.apply(rows), columns, query, name=title, default="-on", filter=chosen)


def _named(rows: Any, query: QueryDict, name: str) -> Any:
    number = query.get(name, "")
    found = rows.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 19 else None
    if found is None:
        raise Http404
    return found


# ── Accruals ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def accrual_columns(fund: Fund) -> list[Column]:
    """How each accrual came about, in the fund's currency."""

    def money(key: str, title: Any) -> Column:
        def value(accrual: Accrual) -> Money:
            return fund.money(getattr(accrual, key))

        return Column(key, title, value, Kind.MONEY, cell=lambda accrual: format_money(value(accrual), fund.currency))

    def booked(accrual: Accrual) -> SafeString | str:
        shown = format_money(fund.money(accrual.booked), fund.currency)
        if accrual.entry_id is None:
            return shown
        return format_html('<a href="{}">{}</a>', reverse("mdf:entry", args=[accrual.entry_id]), shown)

    return [
        Column("partner", _("Partner"), lambda row: row.partner.name, sort=(Lower("partner__name"),), heads_row=True),
        Column("month", _("Month"), lambda row: row.month, sort=("month", "pk")),
        money("results", _("Results")),
        Column("rate", _("Rate"), lambda row: row.rate * 100, Kind.PERCENT, cell=lambda row: percent(row.rate)),
        money("earned", _("Earned")),
        money("carried_before", _("Carried before")),
        replace(money("booked", _("Booked")), cell=booked),
        money("carried_after", _("Carried on")),
    ]
