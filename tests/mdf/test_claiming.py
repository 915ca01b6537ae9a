"""What of a claim is payable, and until when."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdf.claiming import convert, deadline, payable, reminder_due, rounded
from prm.common.money import NoRate, Rates

MONEY = st.decimals(min_value=0, max_value=10**7, places=2)
SHARES = st.fractions(min_value=0, max_value=1, max_denominator=10**6)


@pytest.mark.parametrize(
    ("share", "eligible", "approved", "claimed", "amount"),
    [
        ("0.5", ["6000", "2000"], "5000", [], "4000"),
        ("0.5", ["8000"], "3000", [], "3000"),
        ("0.5", ["8000"], "5000", ["4500"], "500"),
        ("1", ["100"], "5000", ["5000"], "0"),
        ("0.333333", ["100"], "5000", [], "33.3333"),
        ("0.5", [], "5000", [], "0"),
    ],
)
def test_the_share_of_the_receipts_or_what_is_left(share, eligible, approved, claimed, amount):
    found = payable(
        share=Decimal(share), eligible=map(Decimal, eligible), approved=Decimal(approved), claimed=map(Decimal, claimed)
    )
    assert found.amount == Fraction(amount)


@given(SHARES, st.lists(MONEY, max_size=5), MONEY, st.lists(MONEY, max_size=5))
def test_claims_after_each_other_never_come_to_more_than_was_approved(share, receipts, approved, more):
    done: list[Decimal] = []
    for amount in (*receipts, *more):
        found = payable(share=share, eligible=[amount], approved=approved, claimed=done)
        assert 0 <= found.amount <= share * Fraction(amount)
        done.append(rounded(found.amount, "EUR"))
        assert sum(done) <= approved


def test_what_can_not_be_is_refused():
    for wrong in ({"share": 2}, {"eligible": [-1]}, {"approved": -1}, {"claimed": [-1]}):
        with pytest.raises(ValueError):
            payable(**{"share": 1, "eligible": [1], "approved": 1, "claimed": [], **wrong})


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        ("0.005", "EUR", "0.01"),
        ("1.004999", "EUR", "1.00"),
        ("2.5", "JPY", "3"),
        ("1.2345", "KWD", "1.235"),
        ("-0.005", "EUR", "-0.01"),
    ],
)
def test_amounts_are_rounded_half_away_from_zero(amount, currency, shown):
    assert rounded(Fraction(amount), currency) == Decimal(shown)


def test_by_way_of_the_reporting_currency_at_the_rates_of_the_day():
    rates = Rates("USD", [(dt.date(2026, 1, 1), "EUR", Decimal("1.10")), (dt.date(2026, 3, 1), "EUR", Decimal("1.20")),
                          (dt.date(2026, 1, 1), "GBP", Decimal("1.30"))])  # fmt: skip
    assert convert(130, "GBP", "EUR", rates, dt.date(2026, 2, 28)) == Fraction(1690, 11)
    assert convert(120, "EUR", "USD", rates, dt.date(2026, 3, 1)) == 144
    assert convert(Decimal("0.1"), "EUR", "EUR", rates, dt.date(1990, 1, 1)) == Fraction(1, 10)
    with pytest.raises(NoRate):
        convert(1, "GBP", "EUR", rates, dt.date(2025, 12, 31))


def test_sixty_days_after_the_end_is_the_last_day():
    assert deadline(dt.date(2026, 3, 31), 60) == dt.date(2026, 5, 30)


def test_reminders_come_after_the_end_and_before_the_deadline_each_once():
    ends, last = dt.date(2026, 3, 31), dt.date(2026, 5, 30)
    sent, days = None, []
    for offset in range(-2, 65):
        day = ends + dt.timedelta(days=offset)
        due = reminder_due(ends_on=ends, last_day=last, day=day, last=sent)
        if due is not None:
            sent = due
            days.append(day)
    assert days == [dt.date(2026, 4, 1), dt.date(2026, 5, 16), dt.date(2026, 5, 27)]


def test_of_missed_reminders_only_the_latest_is_sent():
    ends, last = dt.date(2026, 3, 31), dt.date(2026, 5, 30)
    assert reminder_due(ends_on=ends, last_day=last, day=dt.date(2026, 5, 29), last=None) == 3
    assert reminder_due(ends_on=ends, last_day=last, day=dt.date(2026, 5, 31), last=None) is None


def test_with_few_days_to_claim_the_first_reminder_is_the_only_one_that_fits():
    ends, last = dt.date(2026, 3, 31), dt.date(2026, 4, 2)
    assert reminder_due(ends_on=ends, last_day=last, day=dt.date(2026, 4, 1), last=None) == 1
    assert reminder_due(ends_on=ends, last_day=last, day=dt.date(2026, 4, 2), last=1) is None
