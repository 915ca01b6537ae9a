"""The vendor's policies behind the figures, as they are stored."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from prm.common.models import Policy
from prm.common.rag import Thresholds
from scorecards.performance.coverage import Window
from scorecards.performance.figures import NAMES
from scorecards.performance.policies import (
    DEFAULT_COMPOSITE,
    Policies,
    parse_benchmark,
    parse_composite,
    parse_coverage,
)


def test_what_a_vendor_starts_with_names_figures_there_are() -> None:
    composite = parse_composite({})
    assert composite.cap == 120
    for stage in ("recruit", "onboard", "activate", "accelerate", "mature", "anything"):
        weights = composite.weights(stage)
        assert sum(weights.values()) == 100
        assert set(weights) <= set(NAMES)
    assert composite.weights("anything")["performance_to_plan"] == 40
    assert parse_coverage({}).index == 3
    assert parse_coverage({}).window is Window.REST


@pytest.mark.parametrize(
    "data",
    [
        {"cap": 0},
        {"cap": "many"},
        {"stages": {"default": {"tasks": -1}}},
        {"stages": {"default": {"tasks": "NaN"}}},
        {"stages": {"default": {"tasks": 10_000_000}}},
    ],
)
def test_a_composite_that_makes_no_sense_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        parse_composite(DEFAULT_COMPOSITE | data)


def test_coverage_and_benchmark_that_make_no_sense_are_refused() -> None:
    for data in ({"index": 0}, {"index": "x"}, {"window": "always"}):
        with pytest.raises(ValueError):
            parse_coverage(data)
    with pytest.raises(ValueError):
        parse_benchmark({"reseller": -1})
    assert parse_benchmark({"reseller": "120000000.5"}) == {"reseller": Decimal("120000000.5")}


@pytest.mark.django_db
def test_the_version_of_the_day_holds(acme: Any) -> None:
    Policy.objects.create(kind="coverage", starts_on="2026-01-01", data={"index": 2, "window": "rest"})
    Policy.objects.create(kind="coverage", starts_on="2026-07-01", data={"index": "2.5", "window": "next"})
    Policy.objects.create(kind="thresholds", starts_on="2026-07-01", data={"attainment": {"green": 95, "amber": 60}})
    assert Policies(dt.date(2025, 12, 31)).rules("mature").index == 3
    assert Policies(dt.date(2026, 6, 30)).rules("mature").index == 2
    rules = Policies(dt.date(2026, 7, 1)).rules("mature")
    assert (rules.index, rules.window, rules.thresholds) == (Decimal("2.5"), Window.NEXT, Thresholds(95, 60))
