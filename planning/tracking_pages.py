"""A committed plan against actual, and its re-forecast, as both sides' pages and files show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from django.template.defaultfilters import capfirst
from django.urls import reverse
from django.utils.dates import MONTHS, MONTHS_3
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from pipeline.policies import Basis, Origin, actuals_on
from planning.actions.reforecasting import seen
from planning.following import follow, reforecasts
from planning.models import BusinessPlan, Reforecast
from planning.tracking import Amounts, Held, Line, Outlook, State
from prm.charts import Columns, ColumnSeries, Missing
from prm.common.fiscal import Month
from prm.common.money import Money
from prm.common.numbers import whole
from prm.common.templatetags.numbers import format_money, format_number, format_percent
from prm.common.templatetags.signs import rag as rag_sign
from prm.common.vendor import thresholds, today, vendor_settings
from prm.documents.table import Column, Kind, Table, Value
from scorecards.performance.links import Links
from scorecards.rollups.grid import Figure, Grid, integer, percent
from scorecards.rollups.grid import Line as Row

NOT_BEGUN = gettext_lazy("This month has not begun.")
NONE_OVER = gettext_lazy("No month of the plan is over yet.")
NOTHING_PLANNED = gettext_lazy("Nothing was planned.")


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


class ActualsPage(TrackingPage):
    tab = "actuals"
    template = "planning/tracking_actuals.html"

    @cached_property
    def _links(self) -> Links:
        return Links(self.user, self.plan.partner)

    @property
    def stats(self) -> list[Stat]:
        held, running = self.track.held, self.track.running
        found = [
            self._stat(_("Revenue against plan"), held.attainment, held, lambda a: self.money(a.revenue or Decimal(0))),
            self._stat(_("Deals against plan"), held.deals_attainment, held, lambda a: str(self.deals(a.deals).text)),
        ]
        if running and running.actual:
            sold = self.revenue(running.actual)
            note = _("of %(plan)s planned") % {"plan": self.revenue(running.plan).text}
            found.append(
                Stat(
                    _("%(month)s so far") % {"month": month_name(running.month)}, sold.text or None, sold.reason or note
                )
            )
        outlook = self.track.outlook
        found.append(
            Stat(
                _("Re-forecast, all 36 months"), self.revenue(outlook.reforecast).text or None, self._compared(outlook)
            )
        )
        return found

    def _stat(self, label: str, value: Decimal | None, held: Held, show: Any) -> Stat:
        if value is None:
            return Stat(label, None, str(self._why_not(held)))
        note = _("%(actual)s of %(plan)s, in the %(months)s") % {
            "actual": show(held.actual), "plan": show(held.plan), "months": self.over,
        }  # fmt: skip
        return Stat(label, format_percent(value), note, self.limits.rag(whole(value)) or "")

    def _compared(self, outlook: Outlook) -> str:
        change = self.change(outlook.change)
        if change.value is None:
            return change.reason
        return _("%(change)s against the plan") % {"change": change.text} if outlook.change else _("As planned.")

    @property
    def chart(self) -> Columns:
        lines = self.track.in_year(self.year)
        title = _("Actual against plan, %(year)s, in %(currency)s") % {
            "year": self._year_label(self.year), "currency": self.currency,
        }  # fmt: skip
        actual = ColumnSeries(_("Actual"), tuple(self._bar(line.actual) for line in lines))
        return self._chart(title, [actual], tuple(self._bar(line.plan) for line in lines))

    @property
    def grid(self) -> Grid:
        columns = [
            Column(_("Month")), Column(_("Plan"), Kind.MONEY), Column(_("Actual"), Kind.MONEY), percent(_("Attainment")),
            Column(_("Above plan"), Kind.MONEY), Column(_("Deals planned"), Kind.DECIMAL), integer(_("Deals won")),
        ]  # fmt: skip
        held = self.track.held_in(self.year)
        total = Row(_("Months that are over"), self._held_figures(held)) if held.months else None
        return Grid(self.chart.title, columns, [self._line(line) for line in self.track.in_year(self.year)], total)

    def _line(self, line: Line) -> Row:
        name = month_name(line.month)
        if line.state is State.RUNNING:
            name = _("%(month)s, so far") % {"month": name}
        planned = (self.revenue(line.plan),)
        if line.actual is None:
            nothing = Figure(None, reason=str(NOT_BEGUN))
            return Row(name, (*planned, nothing, nothing, nothing, self.deals(line.plan.deals), nothing))
        held = Held(line.plan, line.actual, 1)
        running = _("This month isn’t over.") if line.state is State.RUNNING else ""
        first, last = line.month.start, min(line.month.end, self.today)
        what = "won" if self.policy.origin is Origin.WON_DEALS else "results"
        won = self._links("won", first, last) if line.actual.deals else None
        change = Figure(None, reason=running) if running else self.change(Outlook(line.plan, line.actual).change)
        return Row(
            name,
            (
                *planned,
                self.revenue(line.actual, (self._links(what, first, last) or "") if line.actual.revenue else ""),
                self.attainment(held, running),
                change,
                self.deals(line.plan.deals),
                self.deals(line.actual.deals, won or ""),
            ),
        )

    def _held_figures(self, held: Held) -> tuple[Figure, ...]:
        return (
            self.revenue(held.plan), self.revenue(held.actual), self.attainment(held),
            self.change(Outlook(held.plan, held.actual).change), self.deals(held.plan.deals), self.deals(held.actual.deals),
        )  # fmt: skip

    @property
    def how(self) -> list[str]:
        return [
            _("Attainment is actual ÷ plan of the plan’s months that are over; the month that runs counts once it is over."),
            _("Deals planned are the new deals of all product lines; deals won are those in which the partner has a share, by the day they were closed."),
            self.source,
        ]  # fmt: skip


class ReforecastPage(TrackingPage):
    tab = "reforecast"
    template = "planning/tracking_reforecast.html"

    @property
    def stats(self) -> list[Stat]:
        years = [(self._year_label(year), self.track.outlook_of(year)) for year in self.track.years]
        return [self._stat(label, outlook) for label, outlook in [*years, (_("All 36 months"), self.track.outlook)]]

    def _stat(self, label: str, outlook: Outlook) -> Stat:
        found = self.revenue(outlook.reforecast)
        if found.value is None:
            return Stat(label, None, found.reason)
        note = _("%(change)s against the plan of %(plan)s") % {
            "change": self.change(outlook.change).text, "plan": self.revenue(outlook.plan).text,
        }  # fmt: skip
        return Stat(label, found.text, note if outlook.change else _("As planned."))

    @property
    def chart(self) -> Columns:
        lines = self.track.in_year(self.year)
        title = _("Re-forecast, %(year)s, in %(currency)s") % {
            "year": self._year_label(self.year), "currency": self.currency,
        }  # fmt: skip
        series = ColumnSeries(_("Re-forecast"), tuple(self._bar(line.reforecast) for line in lines))
        return self._chart(title, [series], tuple(self._bar(line.plan) for line in lines))

    @property
    def grid(self) -> Grid:
        columns = [
            Column(_("Month")), Column(_("From")), Column(_("Re-forecast"), Kind.MONEY), Column(_("Plan"), Kind.MONEY),
            Column(_("Above plan"), Kind.MONEY), Column(_("Deals re-forecast"), Kind.DECIMAL), Column(_("Deals planned"), Kind.DECIMAL),
        ]  # fmt: skip
        lines = [self._line(line) for line in self.track.in_year(self.year)]
        total = self._figures(Outlook(*self._of_year()), "")
        return Grid(self.chart.title, columns, lines, Row(_("Together"), total))

    def _of_year(self) -> tuple[Amounts, Amounts]:
        outlook = self.track.outlook_of(self.year)
        return outlook.plan, outlook.reforecast

    def _line(self, line: Line) -> Row:
        source = _("Actual") if line.state is State.OVER else _("Plan")
        return Row(month_name(line.month), self._figures(Outlook(line.plan, line.reforecast), source))

    def _figures(self, outlook: Outlook, source: str) -> tuple[Figure, ...]:
        return (
            Figure(source or None, source or " "), self.revenue(outlook.reforecast), self.revenue(outlook.plan),
            self.change(outlook.change), self.deals(outlook.reforecast.deals), self.deals(outlook.plan.deals),
        )  # fmt: skip

    @property
    def how(self) -> list[str]:
        return [
            _("The re-forecast is what was sold in the plan’s months that are over, and the plan for the month that runs and those to come."),
            _("Confirmed, it is kept as it stands today; the plan itself and the targets it set stay as they were signed."),
            self.source,
        ]  # fmt: skip

    # ── What was confirmed ───────────────────────────────────────────────────────────────────────────────────────────

    @property
    def in_force(self) -> bool:
        return self.plan.status == BusinessPlan.Status.COMMITTED

    @property
    def why_not(self) -> str:
        """Why it can't be confirmed as it stands; "" where it can."""
        return self._lack(self.track.held.actual) if self.track.lack else ""

    @property
    def mark(self) -> str:
        return "" if self.track.lack else seen(self.track.figures())

    @cached_property
    def confirmed(self) -> list[Confirmed]:
        return [Confirmed(self, row) for row in reforecasts(self.user, self.plan)]


@dataclass(frozen=True)
class Confirmed:
    """A re-forecast as it was confirmed."""

    page: TrackingPage
    row: Reforecast

    @property
    def as_of(self) -> str:
        return month_name(Month(self.row.as_of.year, self.row.as_of.month))

    @property
    def revenue(self) -> str:
        return self.page.money(sum((Decimal(each["revenue"]) for each in self.row.figures), Decimal(0)))

    @property
    def deals(self) -> str:
        return self.page.deals(sum((Decimal(each["deals"]) for each in self.row.figures), Decimal(0))).text


STATES = {
    State.OVER: gettext_lazy("over"),
    State.RUNNING: gettext_lazy("running"),
    State.AHEAD: gettext_lazy("to come"),
}
TABS: dict[str, Any] = {
    "actuals": gettext_lazy("Against actual"),
    "reforecast": gettext_lazy("Re-forecast"),
    "moved": gettext_lazy("What moved"),
}


def address(plan: BusinessPlan, name: str, *, portal: bool) -> str:
    return reverse(f"tracking:{'portal_' if portal else ''}{name}", args=[plan.pk])


def plan_address(plan: BusinessPlan, *, portal: bool) -> str:
    """The plan itself, to read, on either side."""
    own = reverse("planning:portal_plan", args=[plan.pk]) if portal else plan.get_absolute_url()
    return own if plan.is_fixed else f"{own}?read"


def tabs(plan: BusinessPlan, current: str, *, portal: bool) -> list[dict[str, Any]]:
    """The pages of one plan: of one that is not committed the plan, and what moved."""
    names = [name for name in TABS if plan.is_fixed or name == "moved"]
    if not plan.follows_id:
        names = [name for name in names if name != "moved"]
    return [
        {"label": _("Plan"), "url": plan_address(plan, portal=portal), "current": current == "plan"},
        *(
            {"label": TABS[name], "url": address(plan, name, portal=portal), "current": name == current}
            for name in names
        ),
    ]


def heading(plan: BusinessPlan) -> str:
    """Which plan this is, in a line."""
    if not plan.is_fixed or plan.committed_on is None:
        return _("Version %(number)s, a draft") % {"number": plan.number}
    words = (
        _("Version %(number)s, in force since %(day)s, %(scenario)s scenario")
        if plan.status == BusinessPlan.Status.COMMITTED
        else _("Version %(number)s, committed on %(day)s, %(scenario)s scenario; another is in force since")
    )
    return words % {
        "number": plan.number,
        "day": date_format(plan.committed_on, "DATE_FORMAT"),
        "scenario": str(plan.get_scenario_display()).lower(),
    }


def month_name(month: Month) -> str:
    return f"{capfirst(MONTHS[month.month])} {month.year}"
