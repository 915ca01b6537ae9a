"""The tornado: each number a tenth less and more, by what it does to the profit of 36 months."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import given, settings

from planning.document import read
from planning.forecast.assumptions import (
    Assumptions,
    CapacityShare,
    Kind,
    Line,
    Marketing,
    OneTime,
    OtherCost,
    Person,
    Ramp,
    Recurring,
    Scenario,
    Seller,
    Services,
    Training,
)
from planning.forecast.result import forecast
from planning.forecast.sensitivity import Effect, changed, numbers, sensitivity
from tests.planning.plans import FULL, documents

D = Decimal


def told(effects: list[Effect]) -> list[tuple[Any, ...]]:
    return [(row.number.row, row.number.field, row.less, row.more, row.effect_less, row.effect_more) for row in effects]


def test_by_hand() -> None:
    plan = Assumptions(
        (Line("a", "Run rate", sale=OneTime(run_rate=D(1000)), margin=D(95)),),
        people=(Person("p", "Engineer", count=D(1), start=36, cost=D(12000)),),
        training=(Training("t", "Course", cost=D(500), month=1),),
        marketing=(Marketing("m", "Events", monthly=D(10), mdf_share=D(100)),),
    )
    assert told(sensitivity(plan)) == [
        # 36 × 950 = 34,200 a tenth less and more
        ("a", "run_rate", 900, 1100, -3420, 3420),
        # 85.5 % and, as 104.5 % is too much, 100 %: 36 × 50
        ("a", "margin", D("85.5"), 100, -3420, 1800),
        # a month earlier costs 1,000 more, in month 37 nothing
        ("p", "start", 35, 37, -1000, 1000),
        ("p", "count", D("0.9"), D("1.1"), 100, -100),
        ("p", "cost", 10800, 13200, 100, -100),
        ("t", "cost", 450, 550, 50, -50),
        # 90 % of 10 back: 36 × 1
        ("m", "mdf_share", 90, 100, -36, 0),
    ]  # what the course's month and the spend do is nothing


def test_rows_that_tie_stand_in_the_plans_order() -> None:
    line = Line("b", "Backup", deals=Ramp(D(2), cap=D(2)), sale=OneTime(D(100)), margin=D(50), services=Services())
    effects = sensitivity(Assumptions((line, replace(line, key="a"))))
    rows = [(row.number.row, row.number.field) for row in effects]
    # a tenth less of each loses 360, also of the cap alone and the first month's deals alone; a month later loses 100
    tied = [(key, field) for key in ("b", "a") for field in ("first", "cap", "deal_size", "margin")]
    assert rows == [*tied, ("b", "start"), ("a", "start")]
    assert [row.largest for row in effects] == [360] * 8 + [100] * 2


def test_the_shares_of_capacity_may_pass_100_here_but_none_by_itself() -> None:
    lines = tuple(
        Line(key, key, deals=CapacityShare(D(share)), sale=OneTime(D(1000)), margin=D(10))
        for key, share in (("a", 95), ("b", 5))
    )
    plan = Assumptions(lines, (Seller("s", "Seller", D(1), rate=D(1)),))
    found = {row.number.row: row for row in sensitivity(plan) if row.number.field == "share"}
    assert (found["a"].more, found["a"].effect_more) == (100, 180)
    assert (found["b"].more, found["b"].effect_more) == (D("5.5"), 18)


def test_growth_may_pass_100() -> None:
    line = Line("a", "Backup", deals=Ramp(D("0.0001"), growth=D(100)), sale=OneTime(D(1)), margin=D(100))
    row = next(row for row in sensitivity(Assumptions((line,))) if row.number.field == "growth")
    assert (row.less, row.more) == (90, 110)


def test_months_move_by_one_and_start_never_before_1() -> None:
    plan = Assumptions(
        (
            Line(
                "a",
                "Backup",
                start=1,
                deals=Ramp(D(2)),
                sale=OneTime(D(10)),
                margin=D(50),
                services=Services(attach=D(100), lag=1, price=D(100), margin=D(50)),
            ),
        ),
        (Seller("s", "Seller", D(1), start=5, rate=D(1), ramp=1, cost=D(12)),),
        other=(OtherCost("o", "Move", D(70), 36),),
    )
    found = {(row.number.row, row.number.field): row for row in sensitivity(plan)}
    start, lag, late = found["a", "start"], found["a", "lag"], found["o", "month"]
    assert (start.less, start.more, start.effect_less, start.effect_more) == (1, 2, 0, -110)
    assert (lag.less, lag.more, lag.effect_less, lag.effect_more) == (0, 2, 100, -100)
    assert (late.less, late.more, late.effect_less, late.effect_more) == (35, 37, 0, 70)
    assert (found["s", "start"].less, found["s", "start"].more) == (4, 6)
    assert ("s", "ramp") not in found  # nobody sells by capacity
    assert ("", "terms") not in found  # profit is not cash


def test_an_empty_field_is_no_number_and_the_scenario_holds() -> None:
    line = Line("a", "Cloud", deals=Ramp(D(1)), sale=Recurring(D(100), D(2), D(0)), margin=D(50))
    fields = [number.field for number in numbers(Assumptions((line,))) if number.row == "a"]
    assert "cap" not in fields
    assert "managed_churn" not in fields
    base, half = sensitivity(Assumptions((line,))), sensitivity(Assumptions((line,)), Scenario(deals=D("0.5")))
    assert base[0].number.field == half[0].number.field == "first"
    assert abs(half[0].effect_more * 2 - base[0].effect_more) < 1


@settings(max_examples=25)
@given(documents())
def test_any_plans_tornado(document: dict[str, Any]) -> None:
    plan = read(document, 2)
    scenario = plan.scenarios["base"]
    base = forecast(plan.assumptions, scenario).cumulative[-1]
    effects = sensitivity(plan.assumptions, scenario)
    order = [number.path for number in numbers(plan.assumptions)]
    keys = [(-row.largest, order.index(row.number.path)) for row in effects]
    assert keys == sorted(keys)
    for row in effects:
        assert row.largest > 0
        assert row.number.value > 0
        for value, effect in ((row.less, row.effect_less), (row.more, row.effect_more)):
            varied = changed(plan.assumptions, row.number.path, value)
            assert forecast(varied, scenario).cumulative[-1] - base == effect
            if row.number.kind is Kind.PERCENT:
                assert 0 <= value <= 100
            if row.number.kind is Kind.START:
                assert value >= 1
                assert isinstance(value, int)


def test_a_change_leaves_the_plan_as_it_was() -> None:
    plan = read(FULL, 2).assumptions
    other = changed(plan, ("lines", 1, "sale", "price"), D(1))
    assert other.lines[1].sale.price == 1
    assert plan == read(FULL, 2).assumptions
    assert [number for number in numbers(other) if number not in set(numbers(plan))] == [
        number for number in numbers(other) if number.path == ("lines", 1, "sale", "price")
    ]
