import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.charts.figures import Missing, Scale, compact, number, show, span, tell, tick_texts, ticks, whole
from prm.charts.pareto import Curve
from prm.charts.svg import cut, text_width, wrap

amounts = st.decimals(min_value=-(10**24), max_value=10**24, allow_nan=False, allow_infinity=False, places=4)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("0", "0"),
        ("0E+5", "0"),
        ("950", "950"),
        ("999.6", "1k"),
        ("1234", "1.2k"),
        ("-45678", "−46k"),
        ("999999", "1M"),
        ("5600000000", "5.6bn"),
        ("7000000000000", "7T"),
        ("1.25E+22", "1.3E22"),
    ],
)
def test_short_numbers(value: str, text: str) -> None:
    assert compact(Decimal(value)) == text


@given(amounts)
def test_a_short_number_is_short(value: Decimal) -> None:
    assert len(compact(value)) <= 8


def test_what_cannot_be_computed_is_a_dash_with_its_reason() -> None:
    assert show(Missing("no target")) == "–"
    assert tell(Missing("no target")) == "– (no target)"
    assert tell(None) == "–"
    assert number(float("nan")) is None


def test_a_number_too_wide_is_shown_short() -> None:
    assert show(1234567, whole) == "1,234,567"
    assert show(1234567, whole, width=50) == "1.2M"


@given(amounts, amounts)
def test_ticks_enclose_the_figures_in_a_few_even_steps(a: Decimal, b: Decimal) -> None:
    lo, hi = span([a, b], zero=False)
    found = ticks(lo, hi)
    assert found[0] <= lo <= hi <= found[-1]
    assert 2 <= len(found) <= 8
    assert len({y - x for x, y in itertools.pairwise(found)}) == 1


@given(amounts, amounts)
def test_ticks_have_different_labels(a: Decimal, b: Decimal) -> None:
    found = ticks(*span([a, b]))
    assert len(set(tick_texts(found, whole))) == len(found)


@given(st.lists(st.one_of(amounts, st.none())))
def test_a_span_holds_zero_and_has_extent(values: list[Decimal | None]) -> None:
    lo, hi = span(values)
    assert lo <= 0 <= hi
    assert lo < hi


@given(amounts, amounts, amounts)
def test_a_scale_never_leaves_its_room(a: Decimal, b: Decimal, value: Decimal) -> None:
    assert 10 <= Scale(*span([a, b]), 10, 90)(value) <= 90


@given(st.text(), st.integers(20, 300))
def test_cut_text_fits(text: str, width: int) -> None:
    assert text_width(cut(text, width)) <= width


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])), st.integers(40, 300))
def test_wrapped_text_fits_and_loses_nothing_unsaid(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert 1 <= len(lines) <= 2
    assert all(text_width(line) <= width for line in lines)
    if not any("…" in line for line in lines):
        assert "".join("".join(lines).split()) == "".join(text.split())


sizes = st.lists(st.integers(0, 10**6), min_size=1, max_size=60)


@given(sizes, st.integers(1, 100))
def test_the_share_that_makes_a_share_of_the_whole(values: list[int], threshold: int) -> None:
    """Against plain counting: the fewest largest members whose sum reaches the threshold."""
    curve = Curve.of(values)
    if not any(values):
        assert curve is None
        return
    count, part = 0, 0
    for value in sorted(values, reverse=True):
        if part * 100 >= threshold * sum(values):
            break
        count, part = count + 1, part + value
    assert curve.reach(Decimal(threshold)) == pytest.approx(Decimal(100) * count / len(values))


def test_negative_and_missing_members_count_as_nothing_but_count() -> None:
    curve = Curve.of([80, 20, -50, None])
    assert curve.reach(Decimal(80)) == 25
    assert curve.at(Decimal(50)) == 100
