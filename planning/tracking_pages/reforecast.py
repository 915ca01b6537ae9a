"""The re-forecast: as it stands, and as it was confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from planning.actions.reforecasting import seen
from planning.following import reforecasts
from planning.models import BusinessPlan, Reforecast
from planning.tracking import Line, Outlook, State
from planning.tracking_pages.page import Stat, TrackingPage
from planning.tracking_pages.places import month_name
from prm.charts import Columns, ColumnSeries
from prm.common.fiscal import Month
from prm.documents.table import Column, Kind
from scorecards.rollups.grid import Figure, Grid
from scorecards.rollups.grid import Line as Row


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
        total = self._figures(self.track.outlook_of(self.year), "")
        return Grid(self.chart.title, columns, lines, Row(_("Together"), total))

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
