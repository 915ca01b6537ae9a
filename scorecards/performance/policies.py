"""The vendor's dated policies behind the figures: what the composite weighs, the coverage wanted, sales per rep.

composite  {"cap": 120, "stages": {"<life stage's key>" | "default": {"<figure or metric>": weight}}}
coverage   {"index": 3, "window": "rest" | "next"}
benchmark  {"<partner type's key>": amount in the reporting currency}
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from pipeline.policies import ACTUALS, Actuals, parse_actuals
from prm.common import once
from prm.common.models import Policy
from prm.common.rag import DEFAULT_THRESHOLDS, Thresholds
from scorecards.performance.coverage import Window
from scorecards.performance.figures import Rules
from scorecards.tiers import document
from scorecards.tiers.program import required_certificates

COMPOSITE, COVERAGE, BENCHMARK = "composite", "coverage", "benchmark"  # the kinds of policy
THRESHOLDS, TIERS = "thresholds", "tiers"
KINDS = (COMPOSITE, COVERAGE, BENCHMARK, ACTUALS, THRESHOLDS, TIERS)
DEFAULT = "default"  # of stages without weights of their own
MOST = Decimal(1_000_000)

DEFAULT_COMPOSITE: dict[str, Any] = {
    "cap": 120,
    "stages": {
        # Who has only begun is judged by getting ready, who sells by selling.
        "recruit": {"tasks": 60, "training": 40},
        "onboard": {"tasks": 40, "training": 40, "pipeline_to_target": 20},
        "activate": {"performance_to_plan": 30, "pipeline_to_target": 30, "training": 20, "tasks": 20},
        DEFAULT: {"performance_to_plan": 40, "pipeline_to_target": 25, "training": 20, "tasks": 15},
    },
}
DEFAULT_COVERAGE: dict[str, Any] = {"index": 3, "window": "rest"}


@dataclass(frozen=True)
class Composite:
    """`cap` in percent; weights by life stage's key, then by figure."""

    cap: Decimal
    stages: Mapping[str, Mapping[str, Decimal]]

    def weights(self, stage: str) -> Mapping[str, Decimal]:
        """Of a life stage; those of DEFAULT where it has none of its own."""
        return self.stages.get(stage) or self.stages.get(DEFAULT, {})


@dataclass(frozen=True)
class Coverage:
    """`index` is the coverage that makes 100 %."""

    index: Decimal
    window: Window


def parse_composite(data: Mapping[str, Any]) -> Composite:
    """From its stored form. ValueError for a cap not above 0 and for a weight that is no number from 0 to 1,000,000."""
    cap = _number(data.get("cap", DEFAULT_COMPOSITE["cap"]))
    if cap <= 0:
        raise ValueError("The cap is above 0")
    stages = data.get("stages", DEFAULT_COMPOSITE["stages"])
    return Composite(cap, {stage: {key: _number(weight) for key, weight in of.items()} for stage, of in stages.items()})


def parse_coverage(data: Mapping[str, Any]) -> Coverage:
    """From its stored form. ValueError for an index not above 0 and for an unknown window."""
    index = _number(data.get("index", DEFAULT_COVERAGE["index"]))
    if index <= 0:
        raise ValueError("The coverage that makes 100 % is above 0")
    return Coverage(index, Window(data.get("window", DEFAULT_COVERAGE["window"])))


def parse_benchmark(data: Mapping[str, Any]) -> dict[str, Decimal]:
    """Sales per rep by partner type's key, from its stored form. ValueError for what is no number from 0 up."""
    return {key: _number(value, most=None) for key, value in data.items()}


def composite_data(composite: Composite) -> dict[str, Any]:
    """The stored form: numbers as text, so that none loses a digit."""
    return {
        "cap": f"{composite.cap:f}",
        "stages": {stage: {key: f"{weight:f}" for key, weight in of.items()} for stage, of in composite.stages.items()},
    }


def coverage_data(coverage: Coverage) -> dict[str, Any]:
    return {"index": f"{coverage.index:f}", "window": coverage.window.value}


def benchmark_data(amounts: Mapping[str, Decimal]) -> dict[str, Any]:
    return {key: f"{amount:f}" for key, amount in amounts.items()}


def _number(value: Any, most: Decimal | None = MOST) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError(f"{value!r} is not a number") from error
    if not number.is_finite() or number < 0 or (most is not None and number > most):
        raise ValueError(f"{value!r} is not a number from 0 to {most}")
    return number


class Policies:
    """What is in force on a day of all policies that the figures look at: one statement."""

    def __init__(self, day: dt.date) -> None:
        rows = Policy.objects.filter(kind__in=KINDS, starts_on__lte=day).order_by("kind", "-starts_on").distinct("kind")
        self.data: dict[str, dict[str, Any]] = dict(rows.values_list("kind", "data"))

    @cached_property
    def composite(self) -> Composite:
        return parse_composite(self.data.get(COMPOSITE, {}))

    @cached_property
    def coverage(self) -> Coverage:
        return parse_coverage(self.data.get(COVERAGE, {}))

    @cached_property
    def benchmarks(self) -> dict[str, Decimal]:
        return parse_benchmark(self.data.get(BENCHMARK, {}))

    @cached_property
    def actuals(self) -> Actuals:
        return parse_actuals(self.data.get(ACTUALS, {}))

    @cached_property
    def thresholds(self) -> Thresholds:
        pair = self.data.get(THRESHOLDS, {}).get("attainment")
        return Thresholds(green=pair["green"], amber=pair["amber"]) if pair else DEFAULT_THRESHOLDS["attainment"]

    def required_certificates(self, tier: str | None) -> dict[str, int]:
        """Certificate's key → how many the tier (its key) asks for."""
        data = self.data.get(TIERS)
        return required_certificates(document.parse(data) if data and data.get("tiers") else None, tier)

    def rules(self, stage: str) -> Rules:
        """What the vendor decided for a partner in this life stage (its key)."""
        return Rules(
            weights=self.composite.weights(stage),
            cap=self.composite.cap,
            index=self.coverage.index,
            window=self.coverage.window,
            thresholds=self.thresholds,
        )


def in_force(day: dt.date) -> Policies:
    """What is in force on a day, read once while a request runs: for pages, whose parts each ask for it."""
    return once.read(("performance policies", day), lambda: Policies(day))


def composite_on(day: dt.date) -> Composite:
    """The policy in force on a day."""
    return in_force(day).composite


def coverage_on(day: dt.date) -> Coverage:
    return in_force(day).coverage
