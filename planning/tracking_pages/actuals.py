"""The plan against actual."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.policies import Origin
from planning.tracking import Held, Line, Outlook, State
from planning.tracking_pages.page import Stat, TrackingPage
from planning.tracking_pages.places import month_name
from prm.charts import Columns, ColumnSeries
from prm.common.numbers import whole
from prm.common.templatetags.numbers import format_percent
from prm.documents.table import Column, Kind
from scorecards.performance.links import Links
from scorecards.rollups.grid import Figure, Grid, integer, percent
from scorecards.rollups.grid import Line as Row

NOT_BEGUN = gettext_lazy("This month has not begun.")


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
