"""What the pages of performance roll-ups share: the filter, their figures in words and signs, and the ways to the list behind."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from pipeline.policies import actuals_on
from prm.common import explain
from prm.common.money import Money
from prm.common.numbers import whole
from prm.common.rag import Rag
from prm.common.saved_views import savable
from prm.common.templatetags.numbers import format_delta, format_money, format_number, format_percent
from prm.common.templatetags.signs import rag as rag_sign
from prm.common.vendor import thresholds, today, vendor_settings
from prm.documents.table import Column, Kind, Table
from scorecards.filters import ROWS
from scorecards.performance_rollups.figures import Slot, Sums
from scorecards.performance_rollups.filter import PerformanceFilter
from scorecards.performance_rollups.reading import Scope
from scorecards.performance_rollups.spans import Period, Span
from scorecards.rollups import families
from scorecards.rollups.grid import Figure
from scorecards.rollups.groups import Groups

TABS: Mapping[str, Any] = {
    "overview": gettext_lazy("Overview"),
    "trend": gettext_lazy("Trend"),
    "concentration": gettext_lazy("Concentration"),
    "movers": gettext_lazy("Movers"),
    "ranking": gettext_lazy("Ranking"),
}
PLAN = 100  # percent


def address_name(tab: str) -> str:
    """The name of a tab's address in this app; its workbook's ends with `_xlsx`."""
    return "performance_rollup" if tab == "overview" else f"performance_{tab}"


for _tab, _label in TABS.items():
    savable(f"scorecards:{address_name(_tab)}", _label)


class PerformancePage(Groups):
    """One roll-up of performance that an address asks for, as this user may see it. PermissionDenied: not who doesn't."""

    family = families.PERFORMANCE
    tab: ClassVar[str]
    template: ClassVar[str]
    own: ClassVar[tuple[str, ...]] = ("groups",)  # fields of the filter beside period and partners

    def __init__(self, user: User, query: QueryDict) -> None:
        if not user.can(Permission.SEE_PERFORMANCE):
            raise PermissionDenied
        self.user, self.query = user, query
        self.filter = PerformanceFilter(query, user=user, own=self.own)
        settings = vendor_settings()
        self.today = today(settings)
        self.currency = settings.reporting_currency
        self.limits = thresholds("attainment", self.today)

    # ── What is asked for ────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def period(self) -> Period:
        return self.filter.asked

    @cached_property
    def scope(self) -> Scope:
        visible = Partner.objects.visible_to(self.user)
        return Scope(
            partners=self.filter.apply(visible),
            visible=visible,
            placed=self.filter.placed,
            then=self.filter.then,
            family=self.filter.family_as_one,
            day=self.today,
            reporting=self.currency,
            origin=actuals_on(self.today).origin,
        )

    @property
    def covers(self) -> bool:
        """Whether coverage can be told: the pipeline is known as it is today."""
        return self.period.current

    # ── The page ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def title(self) -> str:
        return str(TABS[self.tab])

    @property
    def dimension(self) -> str:
        """What the rows stand for, in words."""
        return str(ROWS[self.filter.dimension])

    @property
    def lead(self) -> str:
        gone = self.period.gone
        if gone is None:
            return _("%(period)s has not begun: there is only its plan.") % {"period": self.period.label}
        return _("%(period)s, %(first)s to %(last)s, in %(currency)s. Data as of today.") % {
            "period": self.period.label,
            **days(gone),
            "currency": self.currency,
        }

    @property
    def how(self) -> list[str]:
        """How its figures are computed, in words."""
        raise NotImplementedError

    @property
    def placed_how(self) -> str:
        if self.filter.then:
            return _("Each month belongs to the CAM, region, tier and life stage that the partner had at the month’s end; this month and those to come to today’s. The type is always today’s.")  # fmt: skip
        return _("All months belong to where the partner stands today.")

    @property
    def tabs(self) -> list[dict[str, Any]]:
        keep = {"sort": None, "moved": None, "top": None, "of": None, "by": None}
        query = self.filter.query_string(**keep)
        return [
            {"label": label, "url": reverse(f"scorecards:{address_name(name)}") + query, "current": name == self.tab}
            for name, label in TABS.items()
        ]

    @property
    def url_name(self) -> str:
        return f"scorecards:{address_name(self.tab)}"

    @property
    def url(self) -> str:
        return reverse(self.url_name)

    @property
    def file_url(self) -> str:
        return reverse(f"scorecards:{address_name(self.tab)}_xlsx") + self.filter.query_string()

    def list_url(self, **narrowed: Any) -> str:
        """The ranking of exactly the partners of the filter, narrowed by these parameters."""
        query = self.filter.query_string(**{"by": None, "of": None, **narrowed})
        return reverse("scorecards:performance_ranking") + query

    def group_url(self, group: int | None, **narrowed: Any) -> str:
        return self.list_url(**{self.filter.dimension: self.value(group)}, **narrowed)

    # ── Figures as cells ─────────────────────────────────────────────────────────────────────────────────────────────

    def money(self, figure: explain.Figure, url: str = "") -> Figure:
        """An amount at the currency's minor unit; the currency stands over the table."""
        if figure.value is None:
            return Figure(None, reason=str(figure.reason))
        amount = Money(figure.value, self.currency).rounded()
        return Figure(amount, format_money(amount, self.currency), url)

    def plan(self, sums: Sums, url: str = "") -> Figure:
        """The plan of the days so far, and of a period that isn't over under it that of all its days."""
        shown, full = self.money(sums.target(Slot.PLAN), url), self.money(sums.target(Slot.FULL))
        if not self.period.running or full.value is None:
            return shown
        note = _("%(amount)s to its end") % {"amount": full.text}
        sign = format_html('{}<span class="muted small cell-note">{}</span>', shown.text or "–", note)
        return Figure(shown.value, sign=sign, url=url) if shown.value is not None else Figure("", sign=sign, url=url)

    def attained(self, figure: explain.Figure) -> Figure:
        """An attainment with its colour, taken from the percent as displayed."""
        if figure.value is None:
            return Figure(None, reason=str(figure.reason))
        return Figure(round(figure.value, 9), sign=self.attainment_sign(figure.value))

    def attainment_sign(self, value: Decimal) -> SafeString:
        return format_html("{} {}", rag_sign(self.colour(value), compact=True), format_percent(value))

    def colour(self, value: Decimal) -> Rag | None:
        return self.limits.rag(whole(value))

    def growth(self, figure: explain.Figure) -> Figure:
        if figure.value is None:
            return Figure(None, reason=str(figure.reason))
        return Figure(round(figure.value, 9), f"{format_delta(figure.value)}%")

    def times(self, figure: explain.Figure) -> Figure:
        """How many times the pipeline covers what remains."""
        if figure.value is None:
            return Figure(None, reason=str(figure.reason))
        return Figure(round(figure.value, 9), f"{format_number(figure.value, 1)}×")

    @staticmethod
    def partner_url(pk: int) -> str:
        """A partner's own figures."""
        return reverse("scorecards:performance", args=[pk])

    def row_name(self, partner: Partner, branches: int) -> str:
        """A partner's name, or its family's."""
        if not branches:
            return partner.name
        more = ngettext("%(name)s and %(n)s branch", "%(name)s and %(n)s branches", branches)
        return more % {"name": partner.name, "n": branches}

    # ── The file ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def file_name(self) -> str:
        return f"{_('Performance')} {self.title} {self.period.label}"

    @property
    def total_rows(self) -> int:
        """How many rows the file has, where they are many: then it is made in the background."""
        return 0

    def sheets(self) -> list[Table]:
        raise NotImplementedError


def days(span: Span) -> dict[str, str]:
    return {"first": date_format(span.first, "DATE_FORMAT"), "last": date_format(span.last, "DATE_FORMAT")}


def amount(title: str) -> Column:
    return Column(title, Kind.MONEY)
