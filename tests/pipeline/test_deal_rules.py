"""The rules of deals, by hand and for any numbers."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.deals import rules
from pipeline.deals.rules import Step

D = dt.date(2026, 6, 30)
PERCENTS = st.decimals("0.01", "100", places=2)
DAYS = st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1))


@pytest.mark.parametrize(
    ("percents", "fits"),
    [
        (["100"], True),
        (["60", "40"], True),
        (["33.33", "33.33", "33.34"], True),
        (["33.33", "33.33", "33.33"], False),
        (["60", "30"], False),
        (["60", "60"], False),
        (["100", "0"], False),
        (["110", "-10"], False),
        ([], False),
    ],
)
def test_shares_come_to_exactly_100(percents, fits):
    assert rules.add_up(map(Decimal, percents)) is fits


@given(st.lists(PERCENTS, max_size=6))
def test_a_leader_with_the_rest_makes_a_whole_deal_of_any_others_that_leave_something(others):
    rest = rules.rest_for_leader(others)
    assert rules.add_up([rest, *others]) is (rest > 0)


def test_weighted_is_amount_times_probability():
    assert rules.weighted(Decimal("1234.50"), Decimal("60")) == Decimal("740.7000")
    assert rules.weighted(Decimal("0.01"), Decimal("33.33")) == Decimal("0.003333")


@pytest.mark.parametrize(
    ("amount", "places", "shown"),
    [("1000.0000", 2, "1000.00"), ("1000.1250", 2, "1000.125"), ("5E+3", 0, "5000"), ("0.0000", 2, "0.00"), ("1.5", 3, "1.500")],
)  # fmt: skip
def test_an_amount_has_the_decimals_of_its_currency_and_those_it_needs(amount, places, shown):
    assert str(rules.tidy(Decimal(amount), places)) == shown


def test_stale_after_thirty_days_without_a_change():
    assert rules.is_stale(is_open=True, stage_since=dt.date(2026, 5, 31), day=D)
    assert not rules.is_stale(is_open=True, stage_since=dt.date(2026, 6, 1), day=D)
    assert not rules.is_stale(is_open=False, stage_since=dt.date(2020, 1, 1), day=D)


def test_overdue_is_expected_before_today_and_open():
    assert rules.is_overdue(is_open=True, expected_close=dt.date(2026, 6, 29), day=D)
    assert not rules.is_overdue(is_open=True, expected_close=D, day=D)
    assert not rules.is_overdue(is_open=True, expected_close=None, day=D)
    assert not rules.is_overdue(is_open=False, expected_close=dt.date(2020, 1, 1), day=D)


def test_days_in_each_stage():
    steps = [
        Step("Qualified", dt.date(2026, 5, 1)),
        Step("Proof", dt.date(2026, 5, 11)),
        Step("Proposal", dt.date(2026, 5, 11)),
    ]
    stays = rules.stays(steps, D)
    assert [(stay.step.to, stay.until, stay.days) for stay in stays] == [
        ("Qualified", dt.date(2026, 5, 11), 10),
        ("Proof", dt.date(2026, 5, 11), 0),
        ("Proposal", None, 50),
    ]
    won = rules.stays([*steps, Step("Won", dt.date(2026, 6, 1), is_open=False)], D)
    assert [stay.days for stay in won] == [10, 0, 21, None]


@given(st.lists(DAYS, min_size=1, max_size=8), DAYS)
def test_the_days_in_all_stages_are_the_days_since_the_first(days, day):
    days = sorted(days)
    day = max(day, days[-1])
    stays = rules.stays([Step(str(n), on) for n, on in enumerate(days)], day)
    assert sum(stay.days for stay in stays) == (day - days[0]).days


@pytest.mark.parametrize(
    ("created", "registered", "closed", "wrong"),
    [
        ((2026, 6, 30), None, None, {}),
        ((2026, 7, 1), None, None, {"created_on": "future"}),
        ((2026, 6, 1), (2026, 7, 1), None, {"registered_on": "future"}),
        ((2026, 6, 2), None, (2026, 6, 1), {"created_on": "after_close"}),
        ((2026, 6, 1), (2026, 6, 2), (2026, 6, 1), {"registered_on": "after_close"}),
        ((2026, 6, 1), (2026, 5, 1), (2026, 6, 1), {}),
        ((2026, 6, 1), None, (2026, 7, 1), {"closed_on": "future"}),
    ],
)
def test_dates_that_can_not_be(created, registered, closed, wrong):
    def day(value):
        return dt.date(*value) if value else None

    assert (
        rules.dates_refused(day=D, created_on=day(created), registered_on=day(registered), closed_on=day(closed))
        == wrong
    )
