"""The lead waterfall: examples by hand, and what holds of every activity."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction as F
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketing import outlook, showing, waterfall
from marketing.waterfall import STAGES, Lack, Plan, Wrong, lag, months_between, of, offered, together
from prm.common.fiscal import Month

EXAMPLE = Plan(
    reach=20_000, response=Decimal("0.02"), mql=Decimal("0.4"), sal=Decimal("0.6"), sql=Decimal("0.5"), win=Decimal("0.25"),
    deal_size=Decimal(18_000), margin=Decimal("0.3"), cost=Decimal(9_000), mdf=Decimal(4_500),
    starts_on=dt.date(2027, 1, 20), ends_on=dt.date(2027, 3, 2),
)  # fmt: skip


def values(outcome):
    return [outcome.stages[stage].value for stage in STAGES]


def test_the_worked_example():
    found = of(EXAMPLE)
    assert values(found) == [20_000, 400, 160, 96, 48, 12]
    assert (found.revenue.value, found.gross_margin.value) == (216_000, 64_800)
    assert (found.revenue_roi.value, found.margin_roi.value) == (23, F("6.2"))
    # (216,000 × 0.7 − 4,500) ÷ 4,500
    assert found.mdf_roi.value == F("32.6")
    costs = [getattr(found, name).value for name in waterfall.COSTS_PER]
    assert costs == [F("22.5"), F("56.25"), F("187.5"), 750]


@pytest.mark.parametrize("unknown", ["win", "deal_size"])
def test_revenue_of_a_month_is_unknown_where_all_revenue_is(unknown):
    found = together([replace(EXAMPLE, **{unknown: None})])
    assert found.revenue.value is None
    assert found.timing.months[0].mgos == 16
    assert {each.revenue for each in found.timing.months} == {None}
    assert found.timing.later_revenue is None
    both = together([replace(EXAMPLE, **{unknown: None}), EXAMPLE]).timing
    assert sum(each.revenue for each in both.months) + both.later_revenue == 216_000


def test_totals_add_unrounded_stages_and_take_ratios_of_the_sums():
    small = Plan(reach=1, response=F(1, 3), mql=F(1, 3), sal=1, sql=1, win=F(1, 2), deal_size=9, margin=F(1, 2), cost=1)
    three = together([small, small, small])
    # 3 × 1/9: shown one by one 0.1 each, 0.3 together.
    assert values(three) == [3, 1, F(1, 3), F(1, 3), F(1, 3), F(1, 6)]
    assert three.revenue.value == F(3, 2)
    # (1.5 − 3) ÷ 3, not the mean of anything
    assert three.revenue_roi.value == F(-1, 2)
    dear = replace(small, cost=F(7), margin=F(1, 4))
    both = together([small, dear])
    assert both.margin_roi.value == (F(1, 4) + F(1, 8) - 8) / 8
    assert both.cost_per_inquiry.value == 8 / F(2, 3)


def test_months_are_touched_by_days_and_revenue_lands_after_the_sales_cycle():
    found = of(EXAMPLE).timing
    assert found.lag == 3
    mgos = {each.month.key: each.mgos for each in found.months}
    revenue = {each.month.key: each.revenue for each in found.months}
    assert [mgos[key] for key in ("2027-01", "2027-02", "2027-03", "2027-04")] == [16, 16, 16, 0]
    assert [revenue[key] for key in ("2027-03", "2027-04", "2027-05", "2027-06", "2027-07")] == [
        0,
        72_000,
        72_000,
        72_000,
        0,
    ]
    assert len(found.months) == waterfall.HORIZON
    assert (found.later_mgos, found.later_revenue) == (0, 0)


def test_what_lands_past_the_horizon_is_later_and_not_dropped():
    found = of(replace(EXAMPLE, cycle_days=91), horizon=5).timing
    # ⌈91 ÷ 30⌉ = 4: May and June of the five months to May hold one third, the rest is later.
    assert found.lag == 4
    assert [each.revenue for each in found.months] == [0, 0, 0, 0, 72_000]
    assert found.later_revenue == 144_000
    from_start = of(EXAMPLE, first=Month(2026, 12)).timing
    assert (from_start.months[0].month, from_start.months[0].mgos) == (Month(2026, 12), 0)


@pytest.mark.parametrize(
    ("days", "months"), [(0, 0), (1, 1), (29, 1), (30, 1), (31, 2), (60, 2), (61, 3), (90, 3), (91, 4)]
)
def test_the_cycle_counts_in_begun_months_of_thirty_days(days, months):
    assert lag(days) == months


def test_a_month_counts_once_it_is_touched():
    assert months_between(dt.date(2026, 12, 31), dt.date(2027, 1, 1)) == [Month(2026, 12), Month(2027, 1)]
    assert months_between(dt.date(2027, 2, 1), dt.date(2027, 2, 28)) == [Month(2027, 2)]


@pytest.mark.parametrize(
    ("change", "figure", "lack"),
    [
        ({"reach": None}, "revenue_roi", Lack.REACH),
        ({"mql": None}, "cost_per_mgo", Lack.MQL),
        ({"deal_size": None}, "revenue_roi", Lack.DEAL_SIZE),
        ({"margin": None}, "margin_roi", Lack.MARGIN),
        ({"margin": None}, "mdf_roi", Lack.MARGIN),
        ({"cost": 0}, "revenue_roi", Lack.NO_COST),
        ({"cost": 0}, "margin_roi", Lack.NO_COST),
        ({"cost": 0}, "cost_per_inquiry", Lack.NO_COST),
        ({"mdf": 0}, "mdf_roi", Lack.NO_MDF),
        ({"response": 0}, "cost_per_inquiry", Lack.NO_INQUIRIES),
        ({"mql": 0}, "cost_per_mql", Lack.NO_MQLS),
        ({"sal": 0}, "cost_per_mgo", Lack.NO_MGOS),
        ({"win": 0}, "cost_per_win", Lack.NO_WINS),
        ({"reach": 0}, "cost_per_win", Lack.NO_WINS),
    ],
)  # fmt: skip
def test_what_cannot_be_computed_says_why(change, figure, lack):
    found = getattr(of(replace(EXAMPLE, **change)), figure)
    assert (found.value, found.lack) == (None, lack)


@pytest.mark.parametrize(
    ("rate", "text"),
    [(F("0.1245"), "12%"), (F("0.125"), "13%"), (F("0.0994"), "9.9%"), (F("0.09996"), "10%"), (F("0.00125"), "0.1%")],
)
def test_a_rate_is_rounded_once(rate, text):
    assert outlook.percent(rate) == text


def test_figures_of_any_size_keep_their_digits():
    huge = waterfall.Figure(F(10) ** 32 + F(1, 2))
    assert str(showing.ratio(huge).value) == "1" + "0" * 32 + ".5"
    assert str(showing.ratio(waterfall.Figure(F(10) ** 32)).value) == "1" + "0" * 32
    assert (str(showing.ratio(waterfall.Figure(F(100))).value), str(showing.ratio(waterfall.Figure(F(0))).value)) == (
        "100",
        "0",
    )


def test_nothing_won_is_a_loss_and_not_unknown():
    found = of(replace(EXAMPLE, win=0))
    assert (found.revenue.value, found.revenue_roi.value, found.margin_roi.value, found.mdf_roi.value) == (
        0,
        -1,
        -1,
        -1,
    )


def test_a_sum_goes_without_what_lacks_and_says_so():
    found = together([EXAMPLE, replace(EXAMPLE, reach=None, cost=1_000)])
    assert (found.stages["wins"].value, found.left_out, found.cost) == (12, 1, 10_000)
    nothing = together([replace(EXAMPLE, reach=None)])
    assert (nothing.revenue.lack, nothing.left_out) == (Lack.REACH, 1)
    # Without a margin the revenue is in the sum all the same.
    assert together([EXAMPLE, replace(EXAMPLE, margin=None)]).left_out == 0
    empty = together([])
    assert (empty.revenue.value, empty.revenue_roi.lack) == (0, Lack.NO_COST)


@pytest.mark.parametrize("name", [*waterfall.RATES, "margin"])
def test_rates_over_a_hundred_percent_and_below_nothing_are_refused(name):
    for value in (F(101, 100), F(-1, 100)):
        with pytest.raises(Wrong) as refused:
            replace(EXAMPLE, **{name: value})
        assert refused.value.errors == {name: "rate"}
    assert getattr(replace(EXAMPLE, **{name: 1}), name) == 1


def test_amounts_below_nothing_and_days_the_wrong_way_are_refused():
    with pytest.raises(Wrong) as refused:
        replace(EXAMPLE, reach=-1, cost=-1, mdf=-1, ends_on=dt.date(2027, 1, 19))
    assert refused.value.errors == {"reach": "negative", "cost": "negative", "mdf": "negative", "ends_on": "days"}


def test_figures_are_rounded_half_away_when_shown_and_only_then():
    sketch = Plan(
        reach=33,
        response=F("0.05"),
        mql=1,
        sal=1,
        sql=1,
        win=F(1, 2),
        deal_size=F("0.03"),
        margin=F(1, 2),
        cost=F(2, 3),
    )
    found = showing.figures(of(sketch), "EUR")
    # 1.65 → 1.7 inquiries, 0.825 → 0.8 wins, 0.02475 → 0.02, margin 0.012375 → 0.01; ROI −0.962875 → −0.9629
    shown = {name: str(each.value) for name, each in found.items()}
    assert (shown["inquiries"], shown["wins"]) == ("1.7", "0.8")
    assert (shown["revenue"], shown["gross_margin"], shown["cost"], shown["revenue_roi"]) == (
        "0.02",
        "0.01",
        "0.67",
        "-0.9629",
    )
    assert showing.figures(of(EXAMPLE), "JPY")["cost_per_inquiry"].value == 23
    assert str(showing.figures(of(EXAMPLE), "USD")["revenue_roi"].value) == "23"


rates = st.fractions(min_value=0, max_value=1, max_denominator=500)
amounts = st.fractions(min_value=0, max_value=10**6, max_denominator=100)
days = st.dates(min_value=dt.date(2026, 1, 1), max_value=dt.date(2027, 12, 31))


@st.composite
def plans(draw):
    begins = draw(days)
    return Plan(
        reach=draw(st.integers(0, 10**6)), **{name: draw(rates) for name in (*waterfall.RATES, "margin")},
        deal_size=draw(amounts), cost=draw(amounts), mdf=draw(amounts), starts_on=begins,
        ends_on=begins + dt.timedelta(days=draw(st.integers(0, 365))), cycle_days=draw(st.integers(0, 1825)),
    )  # fmt: skip


@given(st.lists(plans(), min_size=1, max_size=4), st.integers(1, 60))
def test_timing_holds_all_of_it_and_sums_are_the_parts(several, horizon):
    each = [of(plan) for plan in several]
    whole = together(several, horizon=horizon)
    for stage in STAGES:
        assert whole.stages[stage].value == sum(one.stages[stage].value for one in each)
    assert whole.revenue.value == sum(one.revenue.value for one in each)
    timing = whole.timing
    assert sum(month.mgos for month in timing.months) + timing.later_mgos == whole.stages["mgos"].value
    assert sum(month.revenue for month in timing.months) + timing.later_revenue == whole.revenue.value
    keys = [month.month for month in timing.months]
    assert len(keys) == horizon
    assert all(after == before.next for before, after in pairwise(keys))


@given(plans())
def test_stages_never_grow_and_margin_and_vendor_share_the_revenue(plan):
    found = of(plan)
    stages = values(found)
    assert stages == sorted(stages, reverse=True)
    assert found.gross_margin.value + found.vendor_revenue.value == found.revenue.value
    if found.cost:
        assert found.revenue_roi.value * found.cost + found.cost == found.revenue.value


def test_rates_of_five_verified_activities_are_offered():
    rows = [(1000, 20, 10, 5, 2, 1)] * 3 + [(500, 40, 10, 0, 0, 0), (0, 0, 0, 0, 0, 0)]
    found = offered(rows)
    # Σ inquiries 60 + 40 of Σ reach 3,000 + 500; the one that reached nobody says nothing of it.
    assert (found["response"].rate, found["response"].count) == (F(100, 3500), 4)
    assert (found["response"].low, found["response"].high) == (F(1, 50), F(2, 25))
    assert (found["mql"].rate, found["sal"].rate, found["sql"].rate, found["win"].rate) == (
        F(40, 100),
        F(15, 40),
        F(6, 15),
        F(1, 2),
    )
    assert found["win"].count == 3
    assert offered(rows[:4]) == {}
    assert set(offered([(10, 0, 0, 0, 0, 0)] * 5)) == {"response"}
