"""The columns of the lists of sales data: one description for the page, CSV and XLSX."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from partners.models import Partner
from pipeline import queries
from pipeline.filters import CustomerFilter, ResultFilter, TargetFilter, ValueFilter
from pipeline.models import Customer, MetricValue, SalesResult, TargetVersion
from pipeline.models.result import MANUAL
from prm.common.countries import COUNTRIES
from prm.common.lists import Column, Listing, exportable
from prm.common.money import Money
from prm.common.saved_views import savable
from prm.common.templatetags.numbers import format_money, format_quantity
from prm.documents.table import Kind

savable("pipeline:results", _("Results"))
savable("pipeline:targets", _("Targets"))
savable("pipeline:values", _("Metric values"))


def _partner(query: QueryDict, user: User) -> Partner | None:
    """The one partner that a list is asked for; nobody's number finds no rows."""
    text = query.get("partner", "")
    pk = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
    return Partner.objects.visible_to(user).filter(pk=pk).first() or Partner(pk=0)


def chosen(form: Any, query: QueryDict, user: User, partner: Partner | None) -> Any:
    """The filter over all partners, or over the one that the page or the address names."""
    asked = partner or (_partner(query, user) if "partner" in query else None)
    return form(query, user=user, partner=asked)


def _partner_cell(url_name: str) -> Any:
    def cell(row: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse(url_name, args=[row.partner_id]), row.partner.name)

    return cell


def plain(amount: Decimal) -> Decimal:
    """Without the zeros that the column pads it with."""
    return Decimal(f"{amount.normalize():f}")


def _source(row: Any) -> str:
    return str(_("Typed in")) if row.source == MANUAL else row.source


def _of(column: Column, partner: Partner | None) -> list[Column]:
    """The partner's column, where there is more than one partner."""
    return [column] if partner is None else []


# ── Results ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _day_cell(row: SalesResult) -> SafeString:
    day = date_format(row.on, "SHORT_DATE_FORMAT")
    return format_html('<a class="row-link" href="{}">{}</a>', reverse("pipeline:result", args=[row.pk]), day)


def _amount_cell(row: SalesResult) -> SafeString:
    note = format_html('<span class="cell-note">{}</span>', _("Credit note")) if row.amount < 0 else ""
    return format_html("{}{}", format_money(Money(row.amount, row.currency)), note)


RESULT_COLUMNS: list[Column] = [
    Column("on", _("Date"), lambda r: r.on, Kind.DATE, cell=_day_cell, sort=("on",), heads_row=True),
    Column("amount", _("Amount"), lambda r: plain(r.amount), Kind.DECIMAL, cell=_amount_cell, sort=("amount",)),
    Column("currency", _("Currency"), lambda r: r.currency, shown=False),
    Column("product", _("Product line"), lambda r: r.product_line and r.product_line.name),
    Column("customer", _("End customer"), lambda r: r.customer and r.customer.name),
    Column("kind", _("Kind"), lambda r: r.get_kind_display()),
    Column("distributor", _("Via distributor"), lambda r: r.via, shown=False),
    Column("source", _("Came from"), _source),
    Column("external_id", _("External id"), lambda r: r.external_id, shown=False),
]
RESULT_PARTNER = Column(
    "partner", _("Partner"), lambda r: r.partner.name, cell=_partner_cell("pipeline:partner_results")
)


@exportable("results")
def result_listing(user: User, query: QueryDict, partner: Partner | None = None) -> Listing:
    """Sales results this user sees, filtered and sorted as the address says, newest first."""
    form = chosen(ResultFilter, query, user, partner)
    first, *rest = RESULT_COLUMNS
    columns = [first, *_of(RESULT_PARTNER, form.partner), *rest]
    rows = form.apply(queries.results(user))
    return Listing(rows, columns, query, name=_("Results"), default="-on", filter=form)


# ── End customers ────────────────────────────────────────────────────────────────────────────────────────────────────


def _results_cell(row: Any) -> SafeString | str:
    if not row.result_count:
        return "0"
    query = QueryDict(mutable=True)
    query.update({"q": row.name})
    address = reverse("pipeline:partner_results", args=[row.partner_id])
    return format_html('<a href="{}?{}">{}</a>', address, query.urlencode(), format_quantity(Decimal(row.result_count)))


def _customer_cell(row: Customer) -> SafeString:
    return format_html('<a class="row-link" href="{}">{}</a>', reverse("pipeline:customer", args=[row.pk]), row.name)


CUSTOMER_COLUMNS: list[Column] = [
    Column("name", _("End customer"), lambda r: r.name, cell=_customer_cell, sort=(Lower("name"),), heads_row=True),
    Column("domain", _("Web domain"), lambda r: r.domain),
    Column("country", _("Country"), lambda r: COUNTRIES.get(r.country, r.country)),
    Column("external_id", _("External id"), lambda r: r.external_id, shown=False),
    Column("results", _("Results"), lambda r: r.result_count or 0, Kind.INTEGER, cell=_results_cell),
    Column("deals", _("Deals"), lambda r: r.deal_count or 0, Kind.INTEGER),
]
CUSTOMER_PARTNER = Column(
    "partner", _("Partner"), lambda r: r.partner.name, cell=_partner_cell("pipeline:partner_customers")
)


@exportable("customers")
def customer_listing(user: User, query: QueryDict, partner: Partner | None = None) -> Listing:
    """End customers this user sees, by name."""
    form = chosen(CustomerFilter, query, user, partner)
    first, *rest = CUSTOMER_COLUMNS
    columns = [first, *_of(CUSTOMER_PARTNER, form.partner), *rest]
    rows = form.apply(queries.customers(user))
    return Listing(rows, columns, query, name=_("End customers"), default="name", filter=form)


# ── Metric values ────────────────────────────────────────────────────────────────────────────────────────────────────


def _value_day_cell(row: MetricValue) -> SafeString:
    day = date_format(row.on, "SHORT_DATE_FORMAT")
    return format_html('<a class="row-link" href="{}">{}</a>', reverse("pipeline:value", args=[row.pk]), day)


def shown_value(row: MetricValue) -> str:
    """The value with its unit, as people read it."""
    unit = row.currency or ("%" if row.metric.unit == "percent" else "")
    return format_quantity(row.value, unit)


VALUE_COLUMNS: list[Column] = [
    Column("on", _("Date"), lambda r: r.on, Kind.DATE, cell=_value_day_cell, sort=("on",), heads_row=True),
    Column("metric", _("Metric"), lambda r: r.metric.name, sort=("metric__order",)),
    Column("value", _("Value"), lambda r: plain(r.value), Kind.DECIMAL, cell=shown_value),
    Column("currency", _("Currency"), lambda r: r.currency, shown=False),
    Column("source", _("Came from"), _source),
]
VALUE_PARTNER = Column("partner", _("Partner"), lambda r: r.partner.name, cell=_partner_cell("pipeline:partner_values"))


@exportable("metric-values")
def value_listing(user: User, query: QueryDict, partner: Partner | None = None) -> Listing:
    """Values of metrics this user sees, newest first."""
    form = chosen(ValueFilter, query, user, partner)
    first, *rest = VALUE_COLUMNS
    columns = [first, *_of(VALUE_PARTNER, form.partner), *rest]
    rows = form.apply(queries.metric_values(user))
    return Listing(rows, columns, query, name=_("Metric values"), default="-on", filter=form)


# ── Versions of targets ──────────────────────────────────────────────────────────────────────────────────────────────


def version_name(row: TargetVersion) -> SafeString:
    """Where a version came from and which it is, with the mark of what was generated."""
    mark = format_html(' <span class="badge">{}</span>', _("generated")) if row.generated else ""
    return format_html('<span class="nowrap">{} {}</span>{}', row.get_source_display(), row.number, mark)


def version_total(row: Any) -> str:
    """What its months add up to; "–" where they are in several currencies."""
    return "–" if row.currency != row.currency_too else format_quantity(row.total, row.currency)


def version_months(row: Any) -> str:
    first = date_format(row.first_month, "M Y")
    if row.last_month is None or row.last_month == row.first_month:
        return first
    return f"{first} – {date_format(row.last_month, 'M Y')}"


def _total(row: Any) -> Decimal | None:
    return plain(row.total) if row.total is not None and row.currency == row.currency_too else None


def _version_columns() -> list[Column]:
    names = {key: each.name for key, each in queries.measures().items()}
    return [
        Column(
            "partner", _("Partner"), lambda r: r.partner.name, cell=_targets_cell, sort=(Lower("partner__name"),),
            heads_row=True,
        ),
        Column("metric", _("Metric"), lambda r: names.get(r.metric, r.metric)),
        Column("version", _("Version"), lambda r: f"{r.get_source_display()} {r.number}", cell=version_name),
        Column("generated", _("Generated"), lambda r: r.generated, shown=False),
        Column("months", _("Months"), version_months),
        Column("total", _("Total"), _total, Kind.DECIMAL, cell=version_total),
        Column("currency", _("Currency"), lambda r: r.currency if r.currency == r.currency_too else "", shown=False),
        Column("set", _("Set"), lambda r: r.created_at, Kind.DATETIME, sort=("created_at",)),
        Column("by", _("By"), lambda r: r.created_by and r.created_by.display_name),
        Column("note", _("Note"), lambda r: r.note, shown=False),
    ]  # fmt: skip


def _targets_cell(row: TargetVersion) -> SafeString:
    address = reverse("pipeline:partner_targets", args=[row.partner_id])
    return format_html('<a class="row-link" href="{}">{}</a>', address, row.partner.name)


@exportable("targets")
def target_listing(user: User, query: QueryDict, partner: Partner | None = None) -> Listing:
    """Versions of targets this user sees, the latest first; on a partner's page all of that partner."""
    columns = _version_columns()
    if partner is not None:
        found = {column.key: column for column in columns}
        version = replace(found["version"], heads_row=True)
        columns = [version, *(found[key] for key in ("metric", "months", "total", "set", "by"))]
        columns.append(replace(found["note"], shown=True))
        rows = queries.target_versions(user).filter(partner=partner)
        return Listing(rows, columns, query, name=_("Versions"), default="-set")
    form = chosen(TargetFilter, query, user, None)
    rows = form.apply(queries.target_versions(user))
    return Listing(rows, columns, query, name=_("Targets"), default="-set", filter=form)
