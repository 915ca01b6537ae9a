"""The pure rules of the ledger: what each entry does, which lots are used, what results bring."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdf import ledger
from mdf.ledger import Change, Lot, Move, TooMuch

D = Decimal
JAN, FEB, MAR = dt.date(2026, 1, 31), dt.date(2026, 2, 28), dt.date(2026, 3, 31)


def lots(*rows):
    return [Lot(number, D(amount), day) for number, (amount, day) in enumerate(rows, 1)]


def test_what_expires_first_is_taken_first_of_one_day_the_oldest():
    held = lots(("10", MAR), ("10", JAN), ("10", JAN))
    assert ledger.take(held, D(25)) == ((2, D(10)), (3, D(10)), (1, D(5)))
    assert ledger.take(held, D(12), first=[1]) == ((1, D(10)), (2, D(2)))
    with pytest.raises(TooMuch) as refused:
        ledger.take(held, D("30.01"))
    assert refused.value.left == 30


def test_the_last_day_still_counts():
    held = lots(("10", JAN), ("5", FEB))
    assert ledger.due(held, JAN) == ()
    assert ledger.due(held, JAN + dt.timedelta(days=1)) == ((1, D(10)),)


def test_what_a_line_holds_is_spent_oldest_first_and_given_back_newest_first():
    moves = [
        ("reserve", ((1, D(10)), (2, D(10)))),
        ("spend", ((1, D(4)),)),
        ("release", ((2, D(3)),)),
        ("-spend", ((1, D(1)),)),
    ]
    holding = ledger.held(moves)
    assert holding == {1: D(7), 2: D(7)}
    ages = {1: JAN, 2: FEB}
    assert ledger.spend(holding, ages, D(8)) == ((1, D(7)), (2, D(1)))
    assert ledger.give_back(holding, ages, D(8)) == ((2, D(7)), (1, D(1)))
    with pytest.raises(TooMuch) as refused:
        ledger.exactly(holding, ((1, D(10)), (2, D(5))))
    assert refused.value.left == 12


def test_the_figures_of_the_accounts_follow_from_the_entries():
    moves = [
        Move(1, "fund", D(1000), account=1),
        Move(2, "allocate", D(400), account=2, source=1),
        Move(3, "accrue", D(50), account=2),
        Move(4, "reserve", D(300), account=2),
        Move(5, "spend", D(120), account=2),
        Move(6, "release", D(30), account=2),
        Move(7, "expire", D(100), account=2),
        Move(8, "reverse", D(-120), account=2, reverses=5),
        Move(9, "accrue", D(-20), account=2),
    ]
    assert ledger.apply(moves) == {
        1: Change(D(600), D(600)),
        2: Change(credited=D(430), available=D(60), reserved=D(270), spent=D(0), expired=D(100)),
    }


@pytest.mark.parametrize(
    "last",
    [
        Move(3, "reserve", D(11), account=1),
        Move(3, "spend", D(6), account=1),
        Move(3, "reverse", D(-10), account=1, reverses=7),
        Move(3, "reverse", D(-10), account=1, reverses=1),
    ],
)
def test_entries_that_cannot_be_are_named(last):
    moves = [Move(1, "fund", D(10), account=1), Move(2, "reserve", D(5), account=1), last]
    with pytest.raises(ValueError, match="3"):
        ledger.apply(moves)


def test_accruals_round_half_away_from_zero_to_the_minor_unit():
    assert ledger.earned(Fraction(Decimal("10000.25")), D("0.02"), 2) == D("200.01")
    assert ledger.earned(Fraction(Decimal("-10000.25")), D("0.02"), 2) == D("-200.01")
    assert ledger.earned(Fraction(25), D("0.02"), 0) == D(1)
    assert ledger.earned(Fraction(1, 3), D(1), 2) == D("0.33")


@pytest.mark.parametrize(
    ("earned", "carried", "available", "booked", "left"),
    [("100", "0", "0", "100", "0"), ("-120", "0", "50", "-50", "70"), ("100", "70", "0", "30", "0"), ("10", "70", "40", "-40", "20"), ("0", "5", "0", "0", "5")],
)  # fmt: skip
def test_taken_back_is_at_most_what_is_there(earned, carried, available, booked, left):
    made = ledger.book(D(earned), carried=D(carried), available=D(available))
    assert (made.booked, made.carried) == (D(booked), D(left))


amounts = st.decimals("0.01", "100", places=2)


@given(st.lists(st.tuples(amounts, st.sampled_from([JAN, FEB, MAR]))), amounts)
def test_parts_are_the_amount_out_of_the_earliest(rows, amount):
    held = lots(*rows)
    there = sum((lot.available for lot in held), D(0))
    if amount > there:
        with pytest.raises(TooMuch) as refused:
            ledger.take(held, amount)
        assert refused.value.left == there
        return
    parts = dict(ledger.take(held, amount))
    assert sum(parts.values()) == amount
    last = max(lot.last_day for lot in held if lot.id in parts)
    for lot in held:  # nothing that expires earlier is left behind
        assert lot.last_day >= last or parts.get(lot.id) == lot.available


@given(st.decimals("-100", "100", places=2), amounts, amounts)
def test_what_is_booked_and_carried_is_what_was_earned(earned, carried, available):
    made = ledger.book(earned, carried=carried, available=available)
    assert made.booked - made.carried == earned - carried
    assert made.booked >= -available
    assert made.carried >= 0
    assert not (made.carried and made.booked > -available)  # nothing is carried while there is something to take
