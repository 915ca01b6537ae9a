from decimal import Decimal

import pytest
from django.template import engines
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from prm.common.money import Money
from prm.common.numbers import percent_of, round_half_away, whole
from prm.common.templatetags.numbers import (
    delta_html,
    format_delta,
    format_money,
    format_number,
    format_percent,
    format_quantity,
)

values = st.decimals(min_value=-(10**12), max_value=10**12, places=6)


@pytest.fixture(autouse=True)
def english():
    with override("en"):
        yield


@given(values, st.integers(0, 5))
def test_rounding_is_symmetric_and_idempotent(value, places):
    rounded = round_half_away(value, places)
    assert round_half_away(-value, places) == -rounded
    assert round_half_away(rounded, places) == rounded
    assert abs(rounded - value) * 2 <= Decimal(1).scaleb(-places)


@pytest.mark.parametrize(
    ("value", "displayed"), [("89.5", 90), ("89.4999", 89), ("0.5", 1), ("-0.5", -1), ("-0.4", 0), ("2.5", 3)]
)
def test_whole_figures_round_half_away_from_zero(value, displayed):
    assert whole(Decimal(value)) == displayed


def test_percent_of():
    assert percent_of(Decimal(45), Decimal(50)) == 90
    assert percent_of(Decimal(-5), Decimal(50)) == -10
    assert percent_of(Decimal(5), Decimal(0)) is None
    assert percent_of(Decimal(0), Decimal(0)) is None


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        (Decimal("1234.45"), 1, "1,234.5"),
        (Decimal("1234.45"), 0, "1,234"),
        (1234567, 0, "1,234,567"),
        (Decimal("-1234.5"), 0, "−1,235"),
        (Decimal("-0.4"), 0, "0"),
        (Decimal("1E+3"), 2, "1,000.00"),
        (None, 1, "–"),
    ],
)
def test_numbers(value, places, shown):
    assert format_number(value, places) == shown


def test_numbers_follow_the_reader():
    with override("de"):
        assert format_number(Decimal("-1234.45"), 1) == "−1.234,5"
        assert format_money(Money(Decimal("41000"), "EUR")) == "EUR 41.000,00"


@pytest.mark.parametrize(
    ("value", "usual", "shown"),
    [
        (Money(Decimal("41000.005"), "USD"), "", "USD 41,000.01"),
        (Money(Decimal("41000.005"), "USD"), "USD", "41,000.01"),
        (Money(Decimal("41000.5"), "JPY"), "USD", "JPY 41,001"),
        (Money(Decimal("-1.5"), "KWD"), "KWD", "−1.500"),
        (None, "USD", "–"),
    ],
)
def test_money_names_its_currency_only_where_currencies_mix(value, usual, shown):
    assert format_money(value, usual) == shown


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        (Decimal("89.5"), 0, "90%"),
        (Decimal("4.46"), 0, "4%"),
        (Decimal("4.46"), 1, "4.5%"),
        (Decimal("9.96"), 1, "10%"),
        (Decimal("-12.5"), 1, "−13%"),
        (Decimal("1203"), 0, "1,203%"),
        (0, 0, "0%"),
        (None, 0, "–"),
    ],
)
def test_percentages(value, places, shown):
    assert format_percent(value, places) == shown


@pytest.mark.parametrize(
    ("value", "shown", "spoken"),
    [
        (Decimal("4"), "+4", "up 4"),
        (Decimal("-3.4"), "−3", "down 3"),
        (Decimal("0.4"), "0", "unchanged"),
        (Decimal("-0.4"), "0", "unchanged"),
    ],
)
def test_changes_have_a_sign_and_are_spoken_with_a_direction(value, shown, spoken):
    assert format_delta(value) == shown
    assert f">{shown}</span>" in delta_html(value)
    assert f">{spoken}</span>" in delta_html(value)


def test_no_change_is_known():
    assert format_delta(None) == delta_html(None) == "–"


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (Decimal("1200.5"), "USD", "USD 1,200.50"),
        (Decimal("84.51"), "%", "85%"),
        (Decimal("12.00"), "days", "12\N{NO-BREAK SPACE}days"),
        (Decimal("0.666666"), "", "0.67"),
        (Decimal("1.50"), "", "1.5"),
        (Decimal("100"), "", "100"),
        ("Gold", "", "Gold"),
        (None, "USD", "–"),
    ],
)
def test_quantities(value, unit, shown):
    assert format_quantity(value, unit) == shown


def test_filters_have_short_names():
    template = engines["django"].from_string(
        "{% load numbers %}{{ n|number:1 }} {{ m|money:'USD' }} {{ n|percent }} {{ n|quantity:'EUR' }} {{ no|percent }}"
    )
    context = {"n": Decimal("12.34"), "m": Money(Decimal(5), "USD"), "no": None}
    assert template.render(context) == "12.3 5.00 12% EUR 12.34 –"
