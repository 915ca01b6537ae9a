"""All 36 months of any plan, in any scenario, against the formulas written out a second time."""

from typing import Any

import pytest
from hypothesis import given, settings

from planning.document import read
from planning.forecast.result import Forecast, forecast
from tests.planning.forecast.spreadsheet import sheet
from tests.planning.plans import FULL, documents, places

CELLS = ("deals", "product", "services", "managed", "product_profit", "services_profit", "managed_profit", "rebate")
SUMS = (
    "revenue",
    "gross_profit",
    "costs",
    "operating_profit",
    "cumulative",
    "cash",
    "cash_cumulative",
    "vendor_view",
    "capacity",
)


def check(found: Forecast, told: dict[str, Any]) -> None:
    for key, line in told["lines"].items():
        for name in CELLS:
            assert getattr(found.lines[key], name) == tuple(line[name].values()), (key, name)
    for key, months in told["rows"].items():
        row = found.costs_of[key]
        assert list(zip(row.cost, row.mdf, strict=True)) == list(months.values()), key
    for name in SUMS:
        assert getattr(found, name) == tuple(told[name].values()), name
    assert found.deals == tuple(told["demand"].values())


@pytest.mark.parametrize("scenario", ["bleak", "base", "stretch"])
def test_a_plan_with_everything(scenario: str) -> None:
    plan = read(FULL, 2)
    found = forecast(plan.assumptions, plan.scenarios[scenario])
    check(found, sheet(FULL, FULL["scenarios"][scenario], 2))
    assert found.cumulative[-1] > 0 if scenario == "stretch" else found.cumulative[-1] != 0


@settings(deadline=None)
@given(documents(), places())
def test_any_plan(document: dict[str, Any], places: int) -> None:
    plan = read(document, places)
    for name, scenario in plan.scenarios.items():
        check(forecast(plan.assumptions, scenario), sheet(document, document["scenarios"][name], places))
