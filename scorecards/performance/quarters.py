"""The quarter table: a row per metric, the four quarters of the fiscal year and the year to date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from prm.common.explain import Explanation
from prm.common.fiscal import FiscalQuarter
from prm.common.rag import Rag
from scorecards.performance import plan
from scorecards.performance.figures import ATTAINMENTS, METRIC, NAMES, Figures, shown
from scorecards.performance.inputs import Metric
from scorecards.performance.metrics import metric_attained, metric_value, month_target
from scorecards.performance.plan import months_total
from scorecards.performance.telling import exact, missing

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

YTD = "ytd"
THEN = frozenset(
    {"average_deal", "win_rate", "win_rate_value", "sales_cycle", "partner_led", "retention", "training", "tasks"}
)
"""Figures that can be told for a day that is past, from what has a date."""


class State(StrEnum):
    PAST = "past"
    CURRENT = "current"
    FUTURE = "future"


@dataclass(frozen=True)
class Cell:
    """A metric in a quarter, or in the year to date.

    `target` is what the actual is held against: of the current quarter the days so far, `full_target` the whole quarter's.
    `attainment` in percent, `shown` its displayed whole percent. "–" has its reason in `attainment.why_missing`.
    """

    key: str  # the quarter's key, or YTD
    state: State
    target: Decimal | None
    full_target: Decimal | None
    actual: Decimal | None
    attainment: Explanation
    shown: int | None
    rag: Rag | None
    figure: str  # the key of the figure that explains it


@dataclass(frozen=True)
class Row:
    key: str
    name: StrOrPromise
    unit: StrOrPromise
    cells: tuple[Cell, ...]


def quarter_table(figures: Figures) -> list[Row]:
    """Performance to plan first, then what the composite weighs, then other metrics with a value or target this year."""
    rows = [_plan_row(figures)]
    weighed = [key for key in figures.rules.weights if key in NAMES and key not in ("performance_to_plan", "composite")]
    rows += [_level_row(figures, key) for key in weighed if not (figures.shared and figures.is_internal(key))]
    return rows + [_metric_row(figures, metric) for metric in figures.inputs.metrics if _known(figures, metric)]


def _known(figures: Figures, metric: Metric) -> bool:
    if figures.shared and metric.internal:
        return False
    year = figures.inputs.calendar.year_of(figures.day)
    targets = figures.inputs.targets.get(metric.code, {})
    return any(on <= figures.day for on, _value in metric.values) or any(month in targets for month in year.months)


def _columns(figures: Figures) -> list[tuple[str, State, FiscalQuarter | None, date, date]]:
    """Key, state, quarter (None: the year to date), first and last day of each column, the last one not after the day."""
    day = figures.day
    year = figures.inputs.calendar.year_of(day)
    found: list[tuple[str, State, FiscalQuarter | None, date, date]] = []
    for quarter in year.quarters:
        state = State.PAST if quarter.end < day else State.FUTURE if quarter.start > day else State.CURRENT
        found.append((quarter.key, state, quarter, quarter.start, min(quarter.end, day)))
    return [*found, (YTD, State.CURRENT, None, year.start, day)]


def _cell(
    figures: Figures,
    key: str,
    state: State,
    attainment: Explanation,
    figure: str,
    *,
    target: Decimal | None,
    full: Decimal | None,
    actual: Decimal | None,
) -> Cell:
    percent = shown(attainment)
    return Cell(key, state, target, full, actual, attainment, percent, figures.rules.thresholds.rag(percent), figure)


def _plan_row(figures: Figures) -> Row:
    inputs, cells = figures.inputs, []
    values = inputs.targets.get(inputs.plan, {})
    for key, state, quarter, first, last in _columns(figures):
        full = months_total(values, quarter.months if quarter else inputs.calendar.year_of(figures.day).months)
        if quarter:
            figure = f"performance_to_plan:{quarter.key}"
            attainment = plan.quarter_to_plan(inputs, quarter, figures.day)
        else:
            figure = "performance_to_plan"
            attainment = plan.performance_to_plan(inputs, figures.day)
        target, actual = full, None
        if state is not State.FUTURE:
            due = plan.target(inputs, inputs.plan, first, last)
            target = exact(due.total) if due.exists and not due.lacks else None
            actual = None if inputs.lacking(first, last) else inputs.actuals.between(first, last)
        cells.append(_cell(figures, key, state, attainment, figure, target=target, full=full, actual=actual))
    return Row("performance_to_plan", figures.name("performance_to_plan"), inputs.currency, tuple(cells))


def _level_row(figures: Figures, key: str) -> Row:
    """A figure as it stood at each quarter's end, where that can be told."""
    cells = []
    unit: StrOrPromise = ""
    for column, state, _quarter, _first, last in _columns(figures):
        then = replace(figures, day=last)
        value = _then(then, key, state, past=last < figures.day)
        unit = unit or value.unit
        if key in ATTAINMENTS or value.result is None:
            attainment, target = value, None
        else:
            attainment = then.attainment(key)
            due = month_target(figures.inputs, key, last)
            target = exact(due.total) if due.exists and not due.lacks else None
        cells.append(_cell(figures, column, state, attainment, key, target=target, full=target, actual=value.result))
    return Row(key, figures.name(key), unit, tuple(cells))


def _then(then: Figures, key: str, state: State, *, past: bool) -> Explanation:
    if state is State.FUTURE:
        return missing(then.name(key), then.day, _("This quarter has not begun."))
    if past and key not in THEN:
        return missing(then.name(key), then.day, _("It is known for today only."))
    found = then.explain(key)
    return found or missing(then.name(key), then.day, _("There is no such figure."))


def _metric_row(figures: Figures, metric: Metric) -> Row:
    inputs, cells = figures.inputs, []
    values = inputs.targets.get(metric.code, {})
    for key, state, quarter, first, last in _columns(figures):
        full = None
        if metric.summary.adds:
            full = months_total(values, quarter.months if quarter else inputs.calendar.year_of(figures.day).months)
        if state is State.FUTURE:
            why = missing(metric.name, figures.day, _("This quarter has not begun."), metric.unit)
            cells.append(_cell(figures, key, state, why, METRIC + metric.code, target=full, full=full, actual=None))
            continue
        value = metric_value(inputs, metric, first, last)
        attainment = metric_attained(inputs, metric, first, last)
        due = (
            plan.target(inputs, metric.code, first, last)
            if metric.summary.adds else month_target(inputs, metric.code, last)
        )  # fmt: skip
        target = exact(due.total) if due.exists and not due.lacks else None
        cells.append(
            _cell(
                figures, key, state, attainment, METRIC + metric.code,
                target=target, full=full if metric.summary.adds else target, actual=value.result,
            )
        )  # fmt: skip
    return Row(METRIC + metric.code, metric.name, metric.unit, tuple(cells))
