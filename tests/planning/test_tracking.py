"""A plan against actual and its re-forecast: months worked out by hand, and what always holds."""

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planning.tracking import Amounts, State, track
from prm.common.fiscal import Month

JAN = Month(2027, 1)


def plan(*months):
    """(revenue, deals) of each month from January 2027 on."""
    return [(JAN.shift(n), Amounts(D(revenue), D(deals))) for n, (revenue, deals) in enumerate(months)]


FOUR = plan(("1000.00", "2"), ("1200.50", "2.5"), ("1400", "3"), ("1600", "3.5"))
SOLD = {
    JAN: Amounts(D("900"), D(2)),
    Month(2027, 2): Amounts(D("1500.25"), D(1)),
    Month(2027, 3): Amounts(D("80"), D(1)),
}


def test_months_that_are_over_are_actuals_the_running_one_and_those_ahead_the_plan():
    found = track(FOUR, SOLD, date(2027, 3, 10))
    assert [line.state for line in found.lines] == [State.OVER, State.OVER, State.RUNNING, State.AHEAD]
    assert [line.actual and line.actual.revenue for line in found.lines] == [D("900"), D("1500.25"), D("80"), None]
    assert [line.reforecast.revenue for line in found.lines] == [D("900"), D("1500.25"), D("1400"), D("1600")]
    assert [line.reforecast.deals for line in found.lines] == [D(2), D(1), D(3), D("3.5")]
    assert found.as_of == Month(2027, 3)
    assert found.held.plan == Amounts(D("2200.50"), D("4.5"))
    assert found.held.actual == Amounts(D("2400.25"), D(3))
    assert round(found.held.attainment, 6) == D("109.077482")  # 2400.25 ÷ 2200.50
    assert round(found.held.deals_attainment, 6) == D("66.666667")
    assert found.outlook.plan.revenue == D("5200.50")
    assert found.outlook.reforecast.revenue == D("5400.25")
    assert found.outlook.change == D("199.75")
    assert found.outlook.deals_change == D("-1.5")


@pytest.mark.parametrize(
    ("day", "over", "as_of"),
    [
        (date(2026, 12, 31), 0, JAN),
        (date(2027, 1, 31), 0, JAN),  # the last day isn't over
        (date(2027, 2, 1), 1, Month(2027, 2)),
        (date(2031, 1, 1), 4, Month(2027, 5)),
    ],
)
def test_a_month_is_over_the_day_after_its_last(day, over, as_of):
    found = track(FOUR, {}, day)
    assert (len(found.over), found.as_of) == (over, as_of)


def test_a_month_over_in_which_nothing_was_sold_counts_as_nothing_not_as_unknown():
    found = track(FOUR, {}, date(2027, 2, 1))
    assert found.held.attainment == 0
    assert found.figures()[0] == {"month": "2027-01", "revenue": "0", "deals": "0", "actual": True}


def test_before_the_first_month_is_over_there_is_no_attainment():
    found = track(FOUR, {}, date(2027, 1, 5))
    assert found.held.attainment is None
    assert found.outlook.change == 0


def test_what_has_no_rate_leaves_no_figure_it_touches():
    lacking = {JAN: Amounts(D("900"), D(2)) + Amounts(None, lack="CHF")}
    found = track(FOUR, lacking, date(2027, 2, 1))
    assert found.lack == "CHF"
    assert found.held.attainment is None
    assert found.held.deals_attainment == 100
    assert found.outlook.change is None
    with pytest.raises(ValueError, match="CHF"):
        found.figures()
    running = track(FOUR, lacking, date(2027, 1, 20))
    assert running.lack == ""  # of the month that runs the re-forecast takes the plan
    assert running.outlook.change == 0


def test_plan_years_are_twelve_months_each():
    found = track(plan(*[("10", "1")] * 36), {}, date(2028, 3, 1))
    assert list(found.years) == [1, 2, 3]
    assert [line.number for line in found.in_year(2)] == list(range(13, 25))
    assert found.held_in(1).months == 12
    assert found.held_in(2).months == 2
    assert found.held_in(3).months == 0
    assert found.outlook_of(3).plan.revenue == 120


money = st.decimals(min_value=0, max_value=10**9, places=2)


@given(st.lists(st.tuples(money, money), min_size=1, max_size=36), st.lists(money, max_size=36), st.integers(-40, 1500))
def test_the_re_forecast_is_the_plan_plus_what_the_months_over_came_out_above_it(months, sold, days):
    actuals = {JAN.shift(n): Amounts(value) for n, value in enumerate(sold)}
    day = date.fromordinal(JAN.start.toordinal() + days)
    found = track(plan(*months), actuals, day)
    above = sum((line.actual.revenue - line.plan.revenue for line in found.over), D(0))
    assert found.outlook.reforecast.revenue == found.outlook.plan.revenue + above
    years = [found.outlook_of(year) for year in found.years]
    assert sum(year.plan.revenue for year in years) == found.outlook.plan.revenue
    assert sum(year.reforecast.revenue for year in years) == found.outlook.reforecast.revenue
    assert [each["actual"] for each in found.figures()] == [line.state is State.OVER for line in found.lines]
    assert sum(D(each["revenue"]) for each in found.figures()) == found.outlook.reforecast.revenue
    assert found.as_of.start > day or found.as_of.contains(day) or len(found.over) == len(found.lines)
