"""How many MGOs a revenue target needs: by hand, and what always holds."""

from fractions import Fraction as F
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketing.worksheet import (
    BLEAK,
    RATES,
    STRETCH,
    Column,
    Stage,
    backward,
    forward,
    split,
    together,
)

rates = st.fractions(min_value=F(1, 100), max_value=1, max_denominator=100)
columns = st.builds(
    Column, *[rates] * 5, deal=st.fractions(min_value=F(1, 100), max_value=10**6, max_denominator=100), factor=st.none() | rates
)  # fmt: skip


def test_backward_by_hand() -> None:
    column = Column(mql=F(10, 100), sal=F(80, 100), sql=F(40, 100), win=F(10, 100), deal=F(100_000))
    found = backward(F(10_000_000), column)
    assert found.stages == {
        Stage.WIN: 100, Stage.COUNTED: 1000, Stage.MGO: 1000, Stage.SAL: 2500, Stage.MQL: 3125, Stage.INQUIRY: 31_250,
    }  # fmt: skip
    assert found.missing == {Stage.REACH: "response"}


def test_ceilings_act_on_exact_fractions() -> None:
    found = backward(F(21), Column(win=F(7, 10), deal=F(1)))
    assert found.get(Stage.MGO) == 30


def test_a_ceiling_at_each_step() -> None:
    # 250 ÷ 100 → 3 wins; 3 ÷ 0.4 = 7.5 → 8; 8 ÷ 0.85 = 9.41… → 10; 10 ÷ 0.3 = 33.3… → 34
    found = backward(F(250), Column(win=F(4, 10), deal=F(100), factor=F(85, 100), sql=F(3, 10)))
    assert [found.get(stage) for stage in (Stage.WIN, Stage.COUNTED, Stage.MGO, Stage.SAL)] == [3, 8, 10, 34]


def test_factors_are_multiplied_first_and_divide_once() -> None:
    # 100 ÷ (0.5 × 0.9) = 222.2… → 223, not ⌈⌈100 ÷ 0.5⌉ ÷ 0.9⌉ after a ceiling of its own
    f = together([F(5, 10), F(9, 10)])
    assert backward(F(100), Column(win=F(1), deal=F(1), factor=f)).get(Stage.MGO) == 223
    assert together([]) is None


def test_forward_by_hand() -> None:
    column = Column(F(2, 100), F(40, 100), F(60, 100), F(50, 100), F(25, 100), F(18_000))
    found = forward(column, F(20_000))
    assert list(found.stages.values()) == [20_000, 400, 160, 96, 48, 48, 12]
    assert found.revenue == 216_000


def test_forward_multiplies_by_the_factor_once() -> None:
    column = Column(win=F(1, 4), deal=F(100), factor=F(85, 100))
    found = forward(column, F(100), Stage.MGO)
    assert (found.get(Stage.MGO), found.get(Stage.COUNTED), found.get(Stage.WIN)) == (100, 85, F(85, 4))
    assert found.revenue == 2125


@pytest.mark.parametrize("empty", [None, F(0)])
@pytest.mark.parametrize("name", [*RATES, "deal"])
def test_an_empty_rate_leaves_what_stands_on_it_unknown(name: str, empty: F | None) -> None:
    numbers = {**dict.fromkeys(RATES, F(1, 2)), "deal": F(10)}
    column = Column(**{**numbers, name: empty})
    back, on = backward(F(100), column), forward(column, F(100))
    assert set(back.missing.values()) == {name}
    assert set(on.missing.values()) == {name}
    assert on.revenue is None
    assert set(back.stages) | set(back.missing) == set(Stage) == set(on.stages) | set(on.missing) - {"revenue"}


def test_no_factor_is_not_a_factor_of_nothing() -> None:
    numbers = {**dict.fromkeys(RATES, F(1, 2)), "deal": F(10)}
    assert backward(F(100), Column(**numbers)).missing == {}
    assert backward(F(100), Column(**numbers, factor=F(0))).missing[Stage.MGO] == "factor"


def test_the_other_columns_are_prefilled_at_most_to_a_hundred_percent() -> None:
    base = Column(response=F(2, 100), win=F(9, 10), deal=F(100), factor=F(85, 100))
    bleak, stretch = base.scaled(BLEAK), base.scaled(STRETCH)
    assert (bleak.response, bleak.win, bleak.deal, bleak.factor) == (F(16, 1000), F(72, 100), 80, F(68, 100))
    assert (stretch.response, stretch.win, stretch.deal, stretch.factor) == (F(24, 1000), 1, 120, 1)
    assert bleak.mql is None


@pytest.mark.parametrize("name", [*RATES, "factor"])
@pytest.mark.parametrize("value", [F(101, 100), F(-1, 100)])
def test_rates_lie_between_nothing_and_all(name: str, value: F) -> None:
    with pytest.raises(ValueError, match=name):
        Column(**{name: value})


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, [1, 1, 1], [4, 3, 3]),
        (1000, [1] * 12, [84] * 4 + [83] * 8),
        (100, [1] * 13, [8] * 9 + [7] * 4),
        (7, [F(1, 2), F(1, 4), F(1, 4)], [3, 2, 2]),
        (5, [F(3), F(0), F(2)], [3, 0, 2]),
        (2, [1, 1, 1], [1, 1, 0]),
        (0, [1, 2], [0, 0]),
        (3, [1, 3, 3], [1, 1, 1]),  # remainders 3, 2, 2 of 7: the first, then of the equal ones the first
    ],
)
def test_splits_by_hand(total: int, weights: list[F], parts: list[int]) -> None:
    assert split(total, weights) == parts


def test_nothing_to_split_by() -> None:
    assert split(5, []) is None
    assert split(5, [0, 0]) is None


@given(columns, st.integers(min_value=0, max_value=10**9))
def test_forward_from_what_backward_found_reaches_the_revenue(column: Column, revenue: int) -> None:
    need = backward(F(revenue), column)
    reached = forward(column, need.get(Stage.REACH))
    assert reached.revenue is not None
    assert reached.revenue >= revenue
    for stage in Stage:
        assert (found := need.get(stage)) is not None
        assert found == ceil(found)
        assert (reached.get(stage) or 0) >= found


@given(columns, st.integers(min_value=1, max_value=10**7))
def test_one_less_at_any_step_would_not_do(column: Column, revenue: int) -> None:
    need = backward(F(revenue), column)
    into = {Stage.REACH: "response", Stage.INQUIRY: "mql", Stage.MQL: "sal", Stage.SAL: "sql", Stage.COUNTED: "win"}
    for (stage, rate), then in zip(into.items(), [*list(Stage)[1:5], Stage.WIN], strict=True):
        assert (need.stages[stage] - 1) * getattr(column, rate) < need.stages[then]


@given(st.integers(0, 10**6), st.lists(st.fractions(0, 1000, max_denominator=50), min_size=1, max_size=40))
def test_a_split_is_whole_complete_and_fair(total: int, weights: list[F]) -> None:
    parts = split(total, weights)
    of = sum(weights)
    if not of:
        assert parts is None
        return
    assert parts is not None
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - total * weight / of) < 1
