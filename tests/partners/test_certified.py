"""What a certification is worth on a day, and how many required tasks are done."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partners import certified
from partners.certified import Held, Required, State

D = dt.date(2026, 6, 30)
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1))


def held(earned, expires=None):
    return Held("pro", 1, dt.date.fromisoformat(earned), dt.date.fromisoformat(expires) if expires else None)


@pytest.mark.parametrize(
    ("earned", "expires", "valid", "state"),
    [
        ("2026-06-30", None, True, State.VALID),
        ("2026-07-01", None, False, State.AHEAD),
        ("2024-01-01", "2026-06-30", False, State.EXPIRED),
        ("2024-01-01", "2026-07-01", True, State.EXPIRING),
        ("2024-01-01", "2026-08-29", True, State.EXPIRING),
        ("2024-01-01", "2026-08-30", True, State.VALID),
        ("2024-01-01", "2020-01-01", False, State.EXPIRED),
    ],
)
def test_valid_from_the_day_earned_to_the_day_before_it_expires(earned, expires, valid, state):
    assert certified.is_valid(held(earned, expires), D) is valid
    assert certified.state(held(earned, expires), D) is state


@given(DAYS, st.none() | DAYS, DAYS)
def test_the_state_agrees_with_valid(earned, expires, day):
    one = Held("pro", None, earned, expires)
    assert certified.is_valid(one, day) is (certified.state(one, day) in (State.VALID, State.EXPIRING))


@pytest.mark.parametrize(
    ("earned", "months", "expires"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-11-30", 24, "2028-11-30"),
        ("2026-06-15", 6, "2026-12-15"),
    ],
)
def test_months_valid_end_on_the_same_day_of_a_later_month(earned, months, expires):
    assert certified.expiry(dt.date.fromisoformat(earned), months) == dt.date.fromisoformat(expires)


def test_without_months_it_never_expires():
    assert certified.expiry(D, None) is None
    assert certified.expiry(dt.date(9999, 1, 1), 600) is None


@given(DAYS, st.integers(1, 600))
def test_it_always_expires_after_it_was_earned(earned, months):
    assert certified.expiry(earned, months) > earned


TASKS = [
    Required("any"),
    Required("gold", tier="gold"),
    Required("onboard", stage="onboard"),
    Required("both", tier="gold", stage="onboard"),
]


@pytest.mark.parametrize(
    ("tier", "stage", "keys"),
    [
        ("gold", "onboard", ["any", "gold", "onboard", "both"]),
        ("gold", "mature", ["any", "gold"]),
        ("silver", "onboard", ["any", "onboard"]),
        (None, "mature", ["any"]),
    ],
)
def test_tasks_are_required_by_tier_and_stage(tier, stage, keys):
    assert [task.key for task in certified.required_of(TASKS, tier=tier, stage=stage)] == keys


def test_done_of_required_counts_no_other():
    found = certified.progress(TASKS[:3], {"any", "gold", "something else"})
    assert (found.done, found.required, found.share) == (2, 3, Decimal(2) / Decimal(3))
    assert certified.progress([], {"any"}).share is None
