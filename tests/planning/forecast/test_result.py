"""What is read from a forecast: break-even, peak investment, return; by hand where the line turns, as rules for any plan."""

from collections.abc import Iterator
from dataclasses import fields, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.document import read
from planning.forecast.assumptions import (
    Assumptions,
    CapacityShare,
    Line,
    Marketing,
    OneTime,
    OtherCost,
    Recurring,
    Scenario,
)
from planning.forecast.result import BreakEven, Forecast, Totals, break_even, forecast, peak
from planning.forecast.rows import rounded
from tests.planning.plans import CAPACITY, RAMP, RECURRING, documents, lines, places

D = Decimal
UNSUMMED = ("cumulative", "cash_cumulative")


def running(*cells: int) -> tuple[Decimal, ...]:
    return tuple(map(D, cells))


@pytest.mark.parametrize(
    ("cells", "month"),
    [
        ((-5, -3, 0, 2), 3),  # 0 is enough
        ((-5, 3, -1, 2), 4),  # not the first time it comes up, but from when it stays
        ((1, 2, -1, 3), 4),
        ((0, 0, 5, 9), 1),
        ((3, 4, 5, 6), 1),
        ((-1, -2, -3, -4), None),
        ((5, 5, 5, -1), None),
        ((-5, -5, -5, 0), 4),
    ],
)
def test_break_even(cells: tuple[int, ...], month: int | None) -> None:
    assert break_even(running(*cells), planned=True) == BreakEven(month)


def test_peak_investment() -> None:
    assert peak(running(-5, -9, 3)) == 9
    assert peak(running(2, 5)) == 0


def test_nothing_planned_breaks_never_even() -> None:
    found = forecast(Assumptions())
    assert found.break_even == found.cash_break_even == BreakEven(None, planned=False)
    assert (found.roi, found.peak_investment) == (None, 0)
    assert found.totals(1, 36).revenue == 0
    assert len(found.deals) == len(found.revenue) == 36


def test_deals_without_money_are_nothing_planned() -> None:
    line = Line("a", "Free", sale=Recurring(opening_base=D(5)))
    assert not forecast(Assumptions((line,))).planned
    # costs that come to nothing after MDF are planned all the same
    back = forecast(Assumptions(marketing=(Marketing("m", "Events", D(100), D(100)),)))
    assert back.break_even == BreakEven(1)
    assert back.roi is None


def test_return_is_of_the_costs_after_mdf() -> None:
    plan = Assumptions(
        (Line("a", "Run rate", sale=OneTime(run_rate=D(100)), margin=D(50)),),
        marketing=(Marketing("m", "Events", D(10), D(60)),),
        other=(OtherCost("o", "Move", D(56), 1),),
    )
    found = forecast(plan)
    # 36 × 50 earned; 36 × 4 + 56 = 200 spent
    assert found.cumulative[-1] == 1600
    assert found.roi == 8
    assert found.break_even == BreakEven(2)  # 50 − 60, then + 46
    assert found.peak_investment == 10


def test_cash_comes_later_and_breaks_even_by_itself() -> None:
    plan = Assumptions(
        (Line("a", "Run rate", sale=OneTime(run_rate=D(100)), margin=D(50)),),
        other=(OtherCost("o", "Move", D(60), 1),),
        terms=3,
    )
    found = forecast(plan)
    assert found.cash[:5] == running(-60, 0, 0, 50, 50)
    assert (found.break_even.month, found.cash_break_even.month) == (2, 5)
    assert (found.peak_investment, found.cash_peak) == (10, 60)
    assert forecast(replace(plan, terms=36)).cash_cumulative[-1] == -60
    assert forecast(replace(plan, terms=0)).cash == found.operating_profit


@given(st.fractions(max_denominator=10**6), places())
def test_rounding_is_half_away_from_zero(value: Fraction, places: int) -> None:
    cell = rounded(value, places)
    assert Fraction(cell) * 10**places % 1 == 0
    assert abs(Fraction(cell) - value) <= Fraction(1, 2 * 10**places)
    assert cell == rounded(-value, places).copy_negate()  # a minus would round to 28 digits
    half = Fraction(1, 2 * 10**places)
    if abs(Fraction(cell) - value) == half:
        assert abs(Fraction(cell)) > abs(value)


def all_of(document: dict[str, Any], places: int = 2) -> Iterator[Forecast]:
    plan = read(document, places)
    return (forecast(plan.assumptions, scenario) for scenario in plan.scenarios.values())


@given(documents(), places())
def test_lines_and_periods_add_up(document: dict[str, Any], places: int) -> None:
    for found in all_of(document, places):
        months, quarters, years, whole = found.months(), found.quarters(), found.years(), found.totals(1, 36)
        assert (len(months), len(quarters), len(years)) == (36, 12, 3)
        for name in (each.name for each in fields(Totals)):
            for spans, count in ((quarters, 3), (years, 12), ([whole], 36)):
                for i, span in enumerate(spans):
                    inside = [getattr(month, name) for month in months[i * count : (i + 1) * count]]
                    assert getattr(span, name) == (inside[-1] if name in UNSUMMED else sum(inside))
        for total in (*months, *quarters, *years, whole):
            assert total.revenue == total.product_revenue + total.services_revenue + total.managed_revenue
            parts = total.product_profit + total.services_profit + total.managed_profit + total.rebates
            assert total.gross_profit == parts
            assert total.costs == total.people + total.training + total.marketing - total.mdf + total.other
            assert total.operating_profit == total.gross_profit - total.costs
        assert found.cumulative[-1] == whole.operating_profit


@given(documents())
def test_break_even_agrees_with_the_cumulative_line(document: dict[str, Any]) -> None:
    for found in all_of(document):
        for at, line, deepest in (
            (found.break_even, found.cumulative, found.peak_investment),
            (found.cash_break_even, found.cash_cumulative, found.cash_peak),
        ):
            assert deepest == max(D(0), *(-value for value in line))
            if at.month is None:
                assert line[-1] < 0 or not found.planned
            else:
                assert all(value >= 0 for value in line[at.month - 1 :])
                assert at.month == 1 or line[at.month - 2] < 0


@given(documents())
def test_multipliers_of_one_change_nothing(document: dict[str, Any]) -> None:
    plan = read(document, 2).assumptions
    base, ones = forecast(plan), forecast(plan, Scenario(D("1.0"), D("1.00"), D(1), D("1.000"), 0))
    assert (base.lines, base.costs_of, base.cumulative) == (ones.lines, ones.costs_of, ones.cumulative)


@given(documents(lines(deals=RAMP, sale=RECURRING)), st.decimals(0, 100, places=2))
def test_more_churn_never_earns_more(document: dict[str, Any], churn: Decimal) -> None:
    plan = read(document, 2)

    def at_least(line: Line) -> Line:
        assert isinstance(line.sale, Recurring)
        return replace(line, sale=replace(line.sale, churn=max(line.sale.churn, churn)))

    worse = replace(plan.assumptions, lines=tuple(map(at_least, plan.assumptions.lines)))
    for scenario in plan.scenarios.values():
        less, more = forecast(worse, scenario), forecast(plan.assumptions, scenario)
        assert all(a <= b for a, b in zip(less.operating_profit, more.operating_profit, strict=True))


@given(documents(lines(deals=CAPACITY)))
def test_without_sellers_lines_on_capacity_sell_nothing(document: dict[str, Any]) -> None:
    plan = read(document | {"sellers": []}, 2)
    assert all(isinstance(line.deals, CapacityShare) for line in plan.assumptions.lines)
    for scenario in plan.scenarios.values():
        found = forecast(plan.assumptions, scenario)
        assert not any(found.deals)
        assert not any(found.capacity)
        assert not any(found.services_revenue + found.managed_revenue)


@given(documents())
def test_lines_on_capacity_together_sell_no_more_than_sellers_can(document: dict[str, Any]) -> None:
    plan = read(document, 2).assumptions
    found = forecast(plan)
    sold = [
        line.deals
        for line in map(found.lines.get, (x.key for x in plan.lines if isinstance(x.deals, CapacityShare)))
        if line
    ]
    for m in range(36):
        assert sum((deals[m] for deals in sold), Fraction(0)) <= found.capacity[m]
