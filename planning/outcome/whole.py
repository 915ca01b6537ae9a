"""The outcome of a plan: its three scenarios, the chosen one's figures, table and charts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from planning.document import GROUPS, Plan
from planning.forecast.assumptions import BASE
from planning.forecast.result import Forecast, forecast
from planning.forecast.sensitivity import Effect, sensitivity
from planning.labels import name_of
from planning.outcome import charts
from planning.outcome.figures import KeyFigure, figures
from planning.outcome.statement import Span, Statement, line_statement, statement
from prm.charts import Chart

TORNADO = 12  # rows
NAME = 60  # characters


@dataclass(frozen=True)
class Outcome:
    """What a plan comes to. `chosen` is the scenario that is shown (and, in the end, committed to); `forecasts` are all of them,
    bleak, base, stretch. Nothing is computed before it is asked for, except the forecasts."""

    plan: Plan
    chosen: str
    first_month: date
    currency: str
    as_of: date
    for_vendor: bool
    forecasts: Mapping[str, Forecast]

    @property
    def forecast(self) -> Forecast:
        """The chosen scenario's."""
        return self.forecasts[self.chosen]

    @cached_property
    def figures(self) -> tuple[KeyFigure, ...]:
        """The key figures of the chosen scenario, in the order in which they are shown."""
        return figures(self.forecast, self.first_month, self.currency, self.as_of)

    def figure(self, key: str) -> KeyFigure:
        """The key figure of this key ("cumulative", "break_even", "peak_investment", "roi", "revenue", "gross_profit", "costs",
        "cash", "cash_break_even", "cash_peak"); KeyError where there is none."""
        return {figure.key: figure for figure in self.figures}[key]

    def of(self, scenario: str) -> tuple[KeyFigure, ...]:
        """The key figures of a scenario by name."""
        return figures(self.forecasts[scenario], self.first_month, self.currency, self.as_of)

    def statement(self, span: Span) -> Statement:
        """The profit and loss of the chosen scenario."""
        return statement(self.forecast, span, self.first_month, self.currency, for_vendor=self.for_vendor)

    def line_statement(self, key: str, span: Span) -> Statement:
        """The same of the product line with this key; KeyError where there is none."""
        line = self.forecast.lines[key]
        return line_statement(line, span, self.first_month, self.currency, self.forecast.places)

    def cumulative_chart(self) -> Chart:
        """The running profit of the three scenarios, with their break-even months."""
        return charts.cumulative(self.forecasts, self.chosen, self.first_month, self.currency)

    def mix_chart(self) -> Chart:
        """Revenue by plan quarter: products, services, managed services."""
        return charts.mix(self.forecast, self.first_month, self.currency)

    def capacity_chart(self) -> Chart:
        """Planned deals against what the sellers can close."""
        return charts.capacity(self.forecast, self.first_month)

    @cached_property
    def effects(self) -> list[Effect]:
        """The sensitivity of the chosen scenario's profit, the largest first. Takes up to a second for a large plan."""
        return sensitivity(self.plan.assumptions, self.plan.scenarios[self.chosen])

    def tornado_chart(self, most: int | None = TORNADO, name: int = NAME) -> Chart:
        """The `most` telling assumptions (None: all with an effect), each less and more; names of rows cut to `name` characters."""
        assumptions = self.plan.assumptions
        rows: dict[str, Any] = {group: _shortened(getattr(assumptions, group), name) for group in GROUPS}
        short = replace(assumptions, **rows)
        named = [(name_of(effect.number, short), effect) for effect in self.effects[:most]]
        return charts.tornado(named, self.currency)


def _shortened(rows: tuple[Any, ...], length: int) -> tuple[Any, ...]:
    cut = (row.name if len(row.name) <= length else f"{row.name[: length - 1].rstrip()}…" for row in rows)
    return tuple(replace(row, name=name) for row, name in zip(rows, cut, strict=True))


def outcome(
    plan: Plan, *, chosen: str = BASE, first_month: date, currency: str, as_of: date, for_vendor: bool
) -> Outcome:
    """The outcome of a plan that starts in the month of `first_month`.

    `as_of` is the day that its explanations stand for; `for_vendor` False leaves out what the vendor keeps. KeyError where
    the plan has no scenario `chosen`.
    """
    forecasts = {name: forecast(plan.assumptions, scenario) for name, scenario in plan.scenarios.items()}
    return Outcome(plan, chosen, first_month.replace(day=1), currency, as_of, for_vendor, {**forecasts})
