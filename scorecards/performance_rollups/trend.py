"""Month by month through the fiscal year: actual, plan, the year before, deals won and lost."""

from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.template.defaultfilters import capfirst
from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _

from accounts.models import User
from prm.charts import Columns, ColumnSeries, Missing, Tone
from prm.common import explain
from prm.common.fiscal import FiscalYear, Month
from prm.common.numbers import percent_of
from prm.common.vendor import fiscal_calendar
from prm.documents.table import Column, Table
from scorecards.performance_rollups.figures import Slot, Sums
from scorecards.performance_rollups.filter import month_name
from scorecards.performance_rollups.monthly import COUNTS, by_month
from scorecards.performance_rollups.page import PerformancePage, amount
from scorecards.rollups.grid import Figure, Grid, Line, integer, percent


@dataclass(frozen=True)
class Point:
    """A month: its sums, and how many deals were won and lost in it. `begun`: there are actuals; `so_far`: it isn't over."""

    month: Month
    sums: Sums
    begun: bool
    so_far: bool
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def win_rate(self) -> explain.Figure:
        won, lost = self.counts.get("won_count", 0), self.counts.get("lost_count", 0)
        found = percent_of(Decimal(won), Decimal(won + lost))
        return explain.Figure(found) if found is not None else explain.Figure(reason=_("No deal was closed."))


class TrendPage(PerformancePage):
    tab = "trend"
    template = "scorecards/performance_trend.html"

    def __init__(self, user: User, query: Any) -> None:
        super().__init__(user, query)
        sums, counts = by_month(self.scope, self.year.months)
        self.points = [
            Point(
                month,
                sums.get(month, Sums()),
                month.start <= self.today,
                month.contains(self.today) and month.end != self.today,
                counts.get(month, {}),
            )
            for month in self.year.months
        ]

    @property
    def year(self) -> FiscalYear:
        """The fiscal year that the period is in."""
        return fiscal_calendar().year_of(self.period.whole.first)

    @property
    def lead(self) -> str:
        return _("%(year)s by month, in %(currency)s. Data as of today; this month is the part that has gone.") % {
            "year": self.year.label, "currency": self.currency,
        }  # fmt: skip

    @property
    def heading(self) -> str:
        return _("Actual, plan and the year before, %(year)s, in %(currency)s") % {
            "year": self.year.label, "currency": self.currency,
        }  # fmt: skip

    @property
    def chart(self) -> Columns:
        return Columns(
            id="trend",
            title=self.heading,
            periods=tuple(capfirst(MONTHS_3[point.month.month]) for point in self.points),
            series=(
                ColumnSeries(_("Year before"), tuple(self._bar(p.sums.amount(Slot.BEFORE)) for p in self.points), Tone.GREY),
                ColumnSeries(_("Actual"), tuple(self._bar(p.sums.amount(Slot.ACTUAL)) if p.begun else None for p in self.points)),
            ),
            targets=tuple(self._bar(p.sums.target(Slot.PLAN)) for p in self.points),
            target_name=_("Plan"),
            hrefs=tuple(self._url(point) for point in self.points),
        )  # fmt: skip

    @staticmethod
    def _bar(figure: explain.Figure) -> Any:
        return figure.value if figure.value is not None else Missing(str(figure.reason))

    def _url(self, point: Point) -> str:
        return self.list_url(period=point.month.key)

    @cached_property
    def grid(self) -> Grid:
        columns = [
            Column(_("Month")), amount(_("Plan")), amount(_("Actual")), percent(_("Attainment")), amount(_("Year before")),
            integer(_("Deals won")), integer(_("Deals lost")), percent(_("Win rate")),
        ]  # fmt: skip
        return Grid(self.heading, columns, [self._line(point) for point in self.points])

    def _line(self, point: Point) -> Line:
        name = month_name(point.month)
        sums, url = point.sums, self._url(point)
        not_begun = explain.Figure(reason=_("This month has not begun."))
        running = explain.Figure(reason=_("This month isn’t over: the list behind it has its plan of the days so far."))
        return Line(
            _("%(month)s, so far") % {"month": name} if point.so_far else name,
            (
                self.money(sums.target(Slot.PLAN), url),
                self.money(sums.amount(Slot.ACTUAL) if point.begun else not_begun, url),
                self.attained(not_begun if not point.begun else running if point.so_far else sums.attainment),
                self.money(sums.amount(Slot.BEFORE)),
                *(Figure(point.counts.get(name, 0)) if point.begun else Figure(None, reason=str(not_begun.reason)) for name in COUNTS),
                self._percent(point.win_rate if point.begun else not_begun),
            ),
        )  # fmt: skip

    @staticmethod
    def _percent(figure: explain.Figure) -> Figure:
        if figure.value is None:
            return Figure(None, reason=str(figure.reason))
        return Figure(round(figure.value, 9))

    @property
    def how(self) -> list[str]:
        return [
            _("Each month’s plan and the year before are of the whole month; actual of this month is what was sold in it so far. A month leads to its partners, with the plan of the days so far."),
            _("Deals won and lost count where a partner has a share in them, by the day they were closed; win rate is won ÷ (won + lost)."),
            self.placed_how,
        ]  # fmt: skip

    def sheets(self) -> list[Table]:
        return [self.grid.sheet()]
