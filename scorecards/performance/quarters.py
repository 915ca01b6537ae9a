"""The quarter table: a row per metric, the four quarters of the fiscal year and the year to date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from prm.common.explain import Explanation
from prm.common.fiscal import FiscalQuarter
from prm.common.rag import Rag
from scorecards.performance import plan
from scorecards.performance.figures import ATTAINMENT, ATTAINMENTS, METRIC, NAMES, Figures, shown
from scorecards.performance.inputs import Metric
from scorecards.performance.metrics import metric_value, month_target
from scorecards.performance.plan import months_total
from scorecards.performance.telling import exact, missing

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

YTD, PLAN = "ytd", "performance_to_plan"
LIBRARY = ("pipeline_to_target", "average_deal", "training", "tasks")
"""What a new vendor's metric library has of performance, beside the plan."""


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
    figure: str  # the key under which Figures explains the actual
    attained: str  # and the attainment


@dataclass(frozen=True)
class Row:
    key: str
    name: StrOrPromise
    unit: StrOrPromise
    cells: tuple[Cell, ...]


def quarter_table(figures: Figures) -> list[Row]:
    """Performance to plan first, then the library's other figures and what the composite weighs besides, then metrics kept
    elsewhere that have a value, or a target this year."""
    rows = [_plan_row(figures)]
    besides = [key for key in figures.rules.weights if key in NAMES and key not in (PLAN, *LIBRARY, "composite")]
    weighed = [*LIBRARY, *besides]
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
    column: tuple[str, State],
    *,
    actual: Decimal | None,
    target: Decimal | None,
    full: Decimal | None,
) -> Cell:
    """Of the figure `key`, explained under it with the column's key behind it."""
    name, state = column
    end = "" if name == YTD else f":{name}"
    attained = f"{key}{end}" if key in ATTAINMENTS else f"{ATTAINMENT}{key}{end}"
    attainment = figures.explain(attained) or missing(figures.name(key), figures.day, _("There is no such figure."))
    percent = shown(attainment)
    rag = figures.rules.thresholds.rag(percent)
    return Cell(name, state, target, full, actual, attainment, percent, rag, f"{key}{end}", attained)


def _of_year(figures: Figures, code: str, quarter: FiscalQuarter | None) -> Decimal | None:
    """The whole target of a quarter or the year."""
    months = quarter.months if quarter else figures.inputs.calendar.year_of(figures.day).months
    return months_total(figures.inputs.targets.get(code, {}), months)


def _due(due: plan.Target) -> Decimal | None:
    return exact(due.total) if due.exists and not due.lacks else None


def _plan_row(figures: Figures) -> Row:
    inputs, cells = figures.inputs, []
    for key, state, quarter, first, last in _columns(figures):
        full = _of_year(figures, inputs.plan, quarter)
        target, actual = full, None
        if state is not State.FUTURE:
            target = _due(plan.target(inputs, inputs.plan, first, last))
            actual = None if inputs.lacking(first, last) else inputs.actuals.between(first, last)
        cells.append(_cell(figures, PLAN, (key, state), actual=actual, target=target, full=full))
    return Row(PLAN, figures.name(PLAN), inputs.unit, tuple(cells))


def _level_row(figures: Figures, key: str) -> Row:
    """A figure as it stood at each quarter's end, where that can be told."""
    cells = []
    unit: StrOrPromise = ""
    for column, state, quarter, _first, last in _columns(figures):
        value = figures.explain(f"{key}:{quarter.key}" if quarter else key)
        unit = unit or (value.unit if value else "")
        target = None
        if key not in ATTAINMENTS and state is not State.FUTURE:
            target = _due(month_target(figures.inputs, key, last))
        actual = value.result if value else None
        cells.append(_cell(figures, key, (column, state), actual=actual, target=target, full=target))
    return Row(key, figures.name(key), unit, tuple(cells))


def _metric_row(figures: Figures, metric: Metric) -> Row:
    inputs, cells, name = figures.inputs, [], METRIC + metric.code
    for key, state, quarter, first, last in _columns(figures):
        adds = metric.summary.adds
        full = _of_year(figures, metric.code, quarter) if adds else None
        target, actual = full, None
        if state is not State.FUTURE:
            actual = metric_value(inputs, metric, first, last).result
            due = plan.target(inputs, metric.code, first, last) if adds else month_target(inputs, metric.code, last)
            target = _due(due)
        cells.append(_cell(figures, name, (key, state), actual=actual, target=target, full=full if adds else target))
    return Row(name, metric.name, metric.unit, tuple(cells))
