"""All figures of the performance scorecard for one day, each under a stable key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from prm.common.explain import Explanation
from prm.common.fiscal import FiscalQuarter
from prm.common.numbers import whole
from prm.common.rag import DEFAULT_THRESHOLDS, Rag, Thresholds
from scorecards.performance import plan, potential, readiness, sales
from scorecards.performance.composite import Weighed, composite
from scorecards.performance.coverage import Pipeline, Window, pipeline_to_target
from scorecards.performance.inputs import Inputs, Metric
from scorecards.performance.metrics import level_attained, metric_attained, metric_value
from scorecards.performance.potential import Benchmark
from scorecards.performance.telling import missing

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

NAMES: dict[str, StrOrPromise] = {
    "performance_to_plan": _("Performance to plan"),
    "actual": _("Actual this fiscal year"),
    "target": _("Target to date"),
    "pipeline_to_target": _("Pipeline to target"),
    "coverage": _("Coverage"),
    "remaining": _("Remaining target"),
    "pipeline": _("Pipeline"),
    "pipeline_weighted": _("Weighted pipeline"),
    "pipeline_overdue": _("Overdue pipeline"),
    "average_deal": _("Average deal size"),
    "win_rate": _("Win rate"),
    "win_rate_value": _("Win rate by value"),
    "sales_cycle": _("Sales cycle"),
    "partner_led": _("Partner-led share"),
    "recency_won": _("Days since the last won deal"),
    "recency_touch": _("Days since the last touch"),
    "engagement": _("Engagement depth"),
    "retention": _("Retention"),
    "training": _("Training and certifications"),
    "tasks": _("Required tasks"),
    "growth": _("Growth"),
    "composite": _("Composite"),
    "growth_potential": _("Growth potential"),
    "rank_value": _("Rank value"),
}
"""Figures by key; a stored metric's is METRIC + its code.

Before a key "attainment:" asks for it in percent of what it should be; after it ":2026Q3" asks for it at that quarter's end (or of
that quarter's days, where it adds up), and ":rest" or ":next" for a window of the pipeline.
"""

METRIC, ATTAINMENT = "metric:", "attainment:"
INTERNAL = frozenset({"growth_potential", "rank_value", "recency_touch"})
"""The vendor's own: never shown on the partner's side."""

ATTAINMENTS = frozenset({"performance_to_plan", "pipeline_to_target", "training", "tasks"})
"""In percent of what they should be already; any other figure needs a target of its own for an attainment."""

THEN = frozenset(
    {"average_deal", "win_rate", "win_rate_value", "sales_cycle", "partner_led", "retention", "training", "tasks"}
)
"""Figures that can be told for a day that is past, from what has a date."""

LOWER_IS_BETTER = frozenset({"sales_cycle", "recency_won", "recency_touch"})
OF_WINDOW = ("pipeline_to_target", "coverage", "remaining", "pipeline", "pipeline_weighted", "pipeline_overdue")
_PLAIN: dict[str, Callable[[Inputs, date], Explanation]] = {
    "performance_to_plan": plan.performance_to_plan,
    "average_deal": sales.average_deal,
    "win_rate": sales.win_rate,
    "win_rate_value": sales.win_rate_value,
    "sales_cycle": sales.sales_cycle,
    "partner_led": sales.partner_led,
    "recency_won": sales.recency_won,
    "recency_touch": sales.recency_touch,
    "engagement": sales.engagement,
    "retention": sales.retention,
    "training": readiness.training,
    "tasks": readiness.tasks,
    "growth": plan.growth,
}


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What the vendor decides: the composite's weights (of this partner's life stage) and cap in percent, the coverage that
    makes 100 %, the window it is asked in, from what on an attainment is green and amber."""

    weights: Mapping[str, Decimal] = field(default_factory=dict)
    cap: Decimal = Decimal(120)
    index: Decimal = Decimal(3)
    window: Window = Window.REST
    thresholds: Thresholds = DEFAULT_THRESHOLDS["attainment"]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures of one partner or family on `day`. `capability` is the overall score of the latest assessment.

    `shared`: for the partner's side, where what is internal is no figure and weighs nothing.
    """

    inputs: Inputs
    day: date
    rules: Rules = field(default_factory=Rules)
    capability: Decimal | None = None
    benchmark: Benchmark = field(default_factory=lambda: Benchmark(""))
    shared: bool = False

    def keys(self) -> list[str]:
        every = [*NAMES, *(METRIC + metric.code for metric in self.inputs.metrics)]
        return [key for key in every if not (self.shared and self.is_internal(key))]

    def _metric(self, key: str) -> Metric | None:
        return self.inputs.metric(key.removeprefix(METRIC)) if key.startswith(METRIC) else None

    @property
    def _year_start(self) -> date:
        return self.inputs.calendar.year_of(self.day).start

    def name(self, key: str) -> StrOrPromise:
        metric = self._metric(key)
        return metric.name if metric else NAMES.get(key, key)

    def is_internal(self, key: str) -> bool:
        metric = self._metric(key)
        return metric.internal if metric else key in INTERNAL

    def explain(self, key: str) -> Explanation | None:
        """The figure under a key; None where there is no such figure."""
        whole, _colon, part = key.rpartition(":")
        if whole and (quarter := self._quarter(part)):
            return self._of_quarter(whole, quarter)
        if key.startswith(ATTAINMENT):
            name = key.removeprefix(ATTAINMENT)
            return self.attainment(name) if name != "composite" and name in self.keys() else None
        if self.shared and self.is_internal(key):
            return None
        if key.startswith(METRIC):
            metric = self._metric(key)
            return metric_value(self.inputs, metric, self._year_start, self.day) if metric else None
        if key in _PLAIN:
            return _PLAIN[key](self.inputs, self.day)
        if key == "composite":
            return self.composite
        name, _colon, part = key.partition(":")
        if name in OF_WINDOW and (not part or part in set(Window)):
            return self._of_window(name, Window(part) if part else self.rules.window)
        return self._sum(key) or self._of_potential(key)

    def _of_quarter(self, key: str, quarter: FiscalQuarter) -> Explanation | None:
        name = key.removeprefix(ATTAINMENT)
        if name not in self.keys():
            return None
        if name == "performance_to_plan":
            return plan.quarter_to_plan(self.inputs, quarter, self.day)
        if quarter.start > self.day:
            return missing(self.name(name), self.day, _("This quarter has not begun."))
        last = min(quarter.end, self.day)
        if metric := self._metric(name):
            if name == key:
                return metric_value(self.inputs, metric, quarter.start, last)
            return metric_attained(self.inputs, metric, quarter.start, last)
        if last < self.day and name not in THEN:
            return missing(self.name(name), last, _("It is known for today only."))
        return replace(self, day=last).explain(key)

    def attainment(self, key: str) -> Explanation:
        """A figure in percent of what it should be; ValueError for an unknown key."""
        if key in ATTAINMENTS:
            explanation = self.explain(key)
            assert explanation is not None  # the four are there
            return explanation
        if metric := self._metric(key):
            return metric_attained(self.inputs, metric, self._year_start, self.day)
        value = None if key == "composite" else self.explain(key)
        if value is None:
            raise ValueError(f"There is no attainment of {key!r}")
        lower = key in LOWER_IS_BETTER
        return level_attained(self.inputs, value, key, self.day, lower_is_better=lower)

    @cached_property
    def composite(self) -> Explanation:
        """Of the metrics with a weight that are known here."""
        known = set(self.keys()) - {"composite"}
        parts = []
        for key, weight in self.rules.weights.items():
            name = key if key in known else METRIC + key
            if name in known:
                url = self.inputs.link(f"figure:{name}")
                parts.append(Weighed(name, str(self.name(name)), weight, self.attainment(name), url))
        return composite(parts, self.rules.cap, self.day)

    def rag(self, explanation: Explanation) -> Rag | None:
        """The colour of an attainment, from its displayed whole percent."""
        return self.rules.thresholds.rag(shown(explanation))

    def pipeline(self, window: Window | None = None) -> Pipeline:
        return self._windows[window or self.rules.window]

    @cached_property
    def _windows(self) -> dict[Window, Pipeline]:
        rules = self.rules
        return {window: pipeline_to_target(self.inputs, self.day, window, rules.index, rules.cap) for window in Window}

    def _of_window(self, name: str, window: Window) -> Explanation:
        found = self.pipeline(window)
        return {
            "pipeline_to_target": found.percent,
            "coverage": found.coverage,
            "remaining": found.remaining,
            "pipeline": found.pipeline,
            "pipeline_weighted": found.weighted,
            "pipeline_overdue": found.overdue,
        }[name]

    def _quarter(self, key: str) -> FiscalQuarter | None:
        try:
            period = self.inputs.calendar.parse(key)
        except ValueError:
            return None
        return period if isinstance(period, FiscalQuarter) else None

    def _sum(self, key: str) -> Explanation | None:
        first = self._year_start
        if key == "actual":
            return plan.actual_told(self.inputs, NAMES[key], first, self.day)
        if key == "target":
            due = plan.target(self.inputs, self.inputs.plan, first, self.day)
            url = self.inputs.link("targets", first, self.day)
            return due.told(NAMES[key], self.inputs.unit, self.day, url=url)
        return None

    def _of_potential(self, key: str) -> Explanation | None:
        if key not in ("growth_potential", "rank_value"):
            return None
        headroom = potential.growth_potential(self.inputs, self.benchmark, self.day)
        if key == "growth_potential":
            return headroom
        return potential.rank_value(self.inputs, headroom, self.capability, self.day)


def shown(explanation: Explanation) -> int | None:
    """The whole percent that is displayed, half up, which colours are taken from; None for "–"."""
    return None if explanation.result is None else whole(explanation.result)
