"""What the pages that follow one plan share: its years, figures in words, and the file of all months."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.template.defaultfilters import capfirst
from django.utils.dates import MONTHS_3
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from pipeline.policies import Basis, Origin, actuals_on
from planning.following import follow
from planning.models import BusinessPlan
from planning.tracking import Amounts, Held, Line, State
from planning.tracking_pages.places import address, heading, month_name, tabs
from prm.charts import Columns, ColumnSeries, Missing
from prm.common.money import Money
from prm.common.numbers import whole
from prm.common.templatetags.numbers import format_money, format_number, format_percent
from prm.common.templatetags.signs import rag as rag_sign
from prm.common.vendor import thresholds, today, vendor_settings
from prm.documents.table import Column, Kind, Table, Value
from scorecards.rollups.grid import Figure, integer, percent

NONE_OVER = gettext_lazy("No month of the plan is over yet.")
NOTHING_PLANNED = gettext_lazy("Nothing was planned.")
STATES = {
    State.OVER: gettext_lazy("over"),
    State.RUNNING: gettext_lazy("running"),
    State.AHEAD: gettext_lazy("to come"),
}


@dataclass(frozen=True)
class Stat:
    """A tile: `note` says what the figure is made of, or why there is none."""

    label: str
    value: str | None
    note: str = ""
    status: str = ""


class TrackingPage:
    """What the pages of one plan share; `portal`: at the partner's addresses."""

    tab: ClassVar[str]
    template: ClassVar[str]

    def __init__(self, user: User, plan: BusinessPlan, asked: str = "", *, portal: bool = False) -> None:
        self.user, self.plan, self.portal = user, plan, portal
        settings = vendor_settings()
        self.currency, self.today = settings.reporting_currency, today(settings)
        self.track = follow(plan, self.today)
        self.policy = actuals_on(self.today)
        self.limits = thresholds("attainment", self.today)
        self._asked = asked

    # ── Where one is ─────────────────────────────────────────────────────────────────────────────────────────────────

    def address(self, name: str) -> str:
        return address(self.plan, name, portal=self.portal)

    @property
    def tabs(self) -> list[dict[str, Any]]:
        return tabs(self.plan, self.tab, portal=self.portal)

    @property
    def heading(self) -> str:
        return heading(self.plan)

    @property
    def year(self) -> int:
        """The plan year that is looked at: the one asked for, else the one that runs."""
        if self._asked in [str(year) for year in self.track.years]:
            return int(self._asked)
        ahead = [line.number for line in self.track.lines if line.state is not State.OVER]
        return (ahead[0] - 1) // 12 + 1 if ahead else self.track.years[-1]

    @property
    def year_tabs(self) -> list[dict[str, Any]]:
        here = self.address(self.tab)
        return [
            {"label": self._year_label(year), "url": f"{here}?year={year}", "current": year == self.year}
            for year in self.track.years
        ]

    def _year_label(self, year: int) -> str:
        lines = self.track.in_year(year)
        return _("Year %(number)s: %(first)s to %(last)s") % {
            "number": year, "first": month_name(lines[0].month), "last": month_name(lines[-1].month),
        }  # fmt: skip

    @property
    def over(self) -> str:
        count = len(self.track.over)
        return ngettext("%(n)s month that is over", "%(n)s months that are over", count) % {"n": count}

    # ── Figures ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def money(self, value: Decimal) -> str:
        return format_money(Money(value, self.currency).rounded(), self.currency)

    def revenue(self, amounts: Amounts, url: str = "") -> Figure:
        if amounts.revenue is None:
            return Figure(None, reason=self._lack(amounts))
        return Figure(Money(amounts.revenue, self.currency).rounded(), self.money(amounts.revenue), url)

    @staticmethod
    def _lack(amounts: Amounts) -> str:
        return _("There is no rate for %(currency)s.") % {"currency": amounts.lack}

    @staticmethod
    def deals(value: Decimal, url: str = "") -> Figure:
        return Figure(value, format_number(value, 0 if value == value.to_integral_value() else 2), url)

    def attainment(self, held: Held, reason: str = "") -> Figure:
        """How much of the plan was reached, with its colour taken from the percent as displayed."""
        value = held.attainment
        if reason or value is None:
            return Figure(None, reason=reason or str(self._why_not(held)))
        colour = self.limits.rag(whole(value))
        return Figure(round(value, 9), sign=format_html("{} {}", rag_sign(colour, compact=True), format_percent(value)))

    def _why_not(self, held: Held) -> Any:
        if not held.months:
            return NONE_OVER
        return self._lack(held.actual) if held.actual.lack else NOTHING_PLANNED

    def change(self, value: Decimal | None) -> Figure:
        if value is None:
            return Figure(None, reason=_("An actual can’t be converted."))
        sign = "+" if value > 0 else ""
        return Figure(Money(value, self.currency).rounded(), f"{sign}{self.money(value)}")

    # ── The file: all months ─────────────────────────────────────────────────────────────────────────────────────────

    @property
    def file_name(self) -> str:
        return f"{self.plan.partner} {_('plan against actual')}"

    def sheet(self) -> Table:
        columns = [
            integer(_("Plan month")), Column(_("Month")), Column(_("State")), Column(_("Plan"), Kind.MONEY),
            Column(_("Actual"), Kind.MONEY), percent(_("Attainment")), Column(_("Re-forecast"), Kind.MONEY),
            Column(_("Deals planned"), Kind.DECIMAL), integer(_("Deals won")), Column(_("Deals re-forecast"), Kind.DECIMAL),
        ]  # fmt: skip
        return Table(_("Plan against actual"), columns, [self._record(line) for line in self.track.lines])

    def _record(self, line: Line) -> list[Value]:
        held = Held(line.plan, line.actual or Amounts(), 1)
        over = line.state is State.OVER
        return [
            line.number, line.month.key, str(STATES[line.state]), self.revenue(line.plan).value,
            self.revenue(line.actual).value if line.actual else None, self.attainment(held).value if over else None,
            self.revenue(line.reforecast).value, line.plan.deals, int(line.actual.deals) if line.actual else None,
            line.reforecast.deals,
        ]  # fmt: skip

    # ── How ──────────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def basis(self) -> str:
        if self.policy.basis is Basis.CUSTOMER_PRICE:
            return _("Revenue is counted at the end customer’s price")
        return _("Revenue is counted at what the vendor gets (vendor net)")

    @property
    def source(self) -> str:
        if self.policy.origin is Origin.WON_DEALS:
            return _("%(basis)s, in %(currency)s: the plan at the rate of the day it was committed, actuals from won deals, each at its day’s rate. Services are in neither.") % {"basis": self.basis, "currency": self.currency}  # fmt: skip
        return _("%(basis)s, in %(currency)s: the plan at the rate of the day it was committed, actuals from sales results, each at its day’s rate. Services are in neither.") % {"basis": self.basis, "currency": self.currency}  # fmt: skip

    def _chart(self, title: str, series: Iterable[ColumnSeries], targets: tuple[Any, ...]) -> Columns:
        return Columns(
            id="months",
            title=title,
            periods=tuple(capfirst(MONTHS_3[line.month.month]) for line in self.track.in_year(self.year)),
            series=tuple(series),
            targets=targets,
            target_name=_("Plan"),
        )

    def _bar(self, amounts: Amounts | None) -> Any:
        if amounts is None:
            return None
        return Missing(self._lack(amounts)) if amounts.revenue is None else amounts.revenue
