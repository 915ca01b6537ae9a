"""The columns of the lists of deals: one description for the page, CSV and XLSX."""

from dataclasses import replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import F
from django.db.models.functions import Lower
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from partners.models import Partner
from pipeline.deals import queries, rules
from pipeline.deals.filters import DealFilter, DealListFilter, PortalDealFilter
from pipeline.models import Deal
from pipeline.templatetags.deals import deal_close, deal_stage
from prm.common.addresses import of_row
from prm.common.lists import Column, Listing, exportable
from prm.common.money import Money, minor_units
from prm.common.saved_views import savable
from prm.common.templatetags.numbers import format_money, format_quantity
from prm.common.vendor import rates, today, vendor_settings
from prm.documents.table import Kind

savable("pipeline:deals", _("Deals"))


class DealListing(Listing):
    """A list of deals with its sums in the reporting currency."""

    by_share = False

    @cached_property
    def totals(self) -> queries.Totals:
        settings = vendor_settings()
        return queries.totals(self.queryset, rates(settings), today(settings), by_share=self.by_share)

    @property
    def total(self) -> int:
        return self.totals.deals


class ShareListing(DealListing):
    """One partner's deals: the sums are what falls to it."""

    by_share = True


def _name_cell(deal: Any) -> SafeString:
    return format_html(
        '<a class="row-link" href="{}">{}</a>{}',
        of_row("pipeline:deal", deal.pk),
        deal.name,
        format_html('<span class="cell-note">{}</span>', deal.customer_name) if deal.customer_name else "",
    )


def _portal_name_cell(deal: Any) -> SafeString:
    return format_html(
        '<a class="row-link" href="{}">{}</a>{}',
        of_row("pipeline:portal_deal", deal.pk),
        deal.name,
        format_html('<span class="cell-note">{}</span>', deal.customer_name) if deal.customer_name else "",
    )


def _partner_cell(deal: Any) -> str:
    if deal.partner_name is None:
        return format_html('<span class="muted">{}</span>', _("Another partner"))
    return format_html('<a href="{}">{}</a>', of_row("pipeline:partner_deals", deal.partner_id), deal.partner_name)


def _money(amount: Decimal, currency: str) -> Money:
    """To the nine places that a spreadsheet's cell keeps exactly."""
    return Money(rules.tidy(round(amount, 9), minor_units(currency)), currency)


def amount(deal: Deal) -> Money:
    return _money(deal.amount, deal.currency)


def parts(deal: Deal, shares: list[tuple[Partner | None, Decimal]]) -> list[tuple[Partner | None, Decimal, Money]]:
    """(partner, percent, what falls to it) of each of the shares."""
    return [
        (partner, percent, _money(rules.weighted(deal.amount, percent), deal.currency)) for partner, percent in shares
    ]


def weighted(deal: Any) -> Money:
    """Out of `queries.deals`."""
    return _money(rules.weighted(deal.amount, deal.chance), deal.currency)


def part(deal: Any) -> Money:
    """What falls to the partner; out of `queries.of_partner`."""
    return _money(rules.weighted(deal.amount, deal.share), deal.currency)


def _percent(value: Decimal) -> str:
    """With the two decimals there may be: shares that come to 100 are to be seen to do so."""
    return f"{format_quantity(value)}%"


def _weighted_cell(deal: Any, reporting: str) -> str:
    shown = format_money(weighted(deal), reporting)
    return format_html('{}<span class="cell-note">{}</span>', shown, _percent(deal.chance))


def _columns(reporting: str) -> dict[str, Column]:
    def money(value: Money) -> str:
        return format_money(value, reporting)

    columns = [
        Column("name", _("Deal"), lambda d: d.name, cell=_name_cell, sort=(Lower("name"),), heads_row=True),
        Column("partner", _("Partner"), lambda d: d.partner_name, cell=_partner_cell, sort=(Lower("partner_name"),), nullable=True),
        Column("customer", _("End customer"), lambda d: d.customer_name, shown=False),
        Column("line", _("Product line"), lambda d: str(d.product_line) if d.product_line else None, shown=False),
        Column("stage", _("Stage"), lambda d: str(d.stage), cell=deal_stage, sort=("stage__order",)),
        Column("since", _("In this stage since"), lambda d: d.stage_since, Kind.DATE, sort=("stage_since",), shown=False),
        Column("amount", _("Amount"), amount, Kind.MONEY, cell=lambda d: money(amount(d)), sort=("amount",)),
        Column("currency", _("Currency"), lambda d: d.currency, shown=False),
        Column("share", _("Share"), lambda d: d.share, Kind.PERCENT, cell=lambda d: _percent(d.share), sort=("share",)),
        Column("part", _("Partner’s part"), part, Kind.MONEY, cell=lambda d: money(part(d))),
        Column("chance", _("Probability"), lambda d: d.chance, Kind.PERCENT, shown=False),
        Column("weighted", _("Weighted"), weighted, Kind.MONEY, cell=lambda d: _weighted_cell(d, reporting), sort=("expected_worth",), annotate={"expected_worth": F("amount") * F("chance")}),
        Column("close", _("Expected close"), lambda d: d.expected_close, Kind.DATE, cell=deal_close, sort=("expected_close",), nullable=True),
        Column("closed", _("Closed"), lambda d: d.closed_on, Kind.DATE, sort=("closed_on",), nullable=True, shown=False),
        Column("lost_reason", _("Why lost"), lambda d: d.lost_reason, shown=False),
        Column("kind", _("Kind"), lambda d: d.get_kind_display(), shown=False),
        Column("led", _("Led by"), lambda d: d.get_led_by_display(), shown=False),
        Column("created", _("Created"), lambda d: d.created_on, Kind.DATE, shown=False),
        Column("registered", _("Registered"), lambda d: d.registered_on, Kind.DATE, shown=False),
        Column("stale", _("No change in 30 days"), lambda d: d.is_stale, shown=False),
        Column("overdue", _("Overdue"), lambda d: d.is_overdue, shown=False),
        Column("source", _("Source"), lambda d: d.source, shown=False),
        Column("external_id", _("External id"), lambda d: d.external_id, shown=False),
    ]  # fmt: skip
    return {column.key: column for column in columns}


def _without(columns: dict[str, Column], *names: str) -> list[Column]:
    return [column for key, column in columns.items() if key not in names]


@exportable("deals")
def deal_listing(user: User, query: QueryDict) -> DealListing:
    """The deals this user sees, filtered and sorted as the address says."""
    settings = vendor_settings()
    chosen = DealListFilter(query, user=user)
    every = queries.deals(user, today(settings))
    found = _columns(settings.reporting_currency)
    if not Partner.visible_q(user):  # who sees all of them may sort by a join
        found["partner"] = replace(found["partner"], sort=(Lower("partner__name"),))
    columns = _without(found, "share", "part")
    return DealListing(
        chosen.apply(every), columns, query, name=_("Deals"), default="close", filter=chosen, unfiltered=every
    )


def partner_deal_listing(user: User, partner: Partner, query: QueryDict) -> ShareListing:
    """The deals in which a partner has a share."""
    settings = vendor_settings()
    chosen = DealFilter(query, user=user)
    rows = chosen.apply(queries.of_partner(queries.deals(user, today(settings)), partner, user))
    columns = _without(_columns(settings.reporting_currency), "partner")
    return ShareListing(rows, columns, query, name=_("Deals"), default="close", filter=chosen)


@exportable("portal_deals")
def portal_deal_listing(user: User, query: QueryDict) -> ShareListing:
    """The deals in which the user's own partner has a share, as that partner sees them."""
    settings = vendor_settings()
    chosen = PortalDealFilter(query, user=user)
    own = Partner.objects.visible_to(user).get()
    rows = chosen.apply(queries.of_partner(queries.deals(user, today(settings)), own, user))
    columns = _columns(settings.reporting_currency)
    columns["name"] = replace(columns["name"], cell=_portal_name_cell)
    columns["part"] = replace(columns["part"], title=_("Your part"))
    shown = _without(columns, "partner", "chance", "weighted", "stale", "source", "external_id")
    return ShareListing(rows, shown, query, name=_("Deals"), default="close", filter=chosen)
