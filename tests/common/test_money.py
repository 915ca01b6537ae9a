from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.common.currencies import MINOR_UNITS
from prm.common.money import CurrencyMismatch, Money, NoRate, Rates, UnknownCurrency

amounts = st.decimals(min_value=-(10**12), max_value=10**12, places=6)
currencies = st.sampled_from(sorted(MINOR_UNITS))


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


@given(st.lists(amounts), currencies)
def test_a_sum_of_money_is_the_money_of_the_sum(values, currency):
    total = sum((Money(value, currency) for value in values), Money.zero(currency))
    assert total == Money(sum(values, Decimal(0)), currency)


@given(amounts, amounts, currencies)
def test_subtracting_undoes_adding(left, right, currency):
    a, b = Money(left, currency), Money(right, currency)
    assert a + b - b == a
    assert a - b == -(b - a)


@given(amounts, currencies)
def test_rounding_is_symmetric_idempotent_and_at_most_half_a_minor_unit_off(amount, currency):
    money = Money(amount, currency)
    rounded = money.rounded()
    assert (-money).rounded() == -rounded
    assert rounded.rounded() == rounded
    assert abs((rounded - money).amount) * 2 <= Decimal(1).scaleb(-MINOR_UNITS[currency])


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("2.345", "USD", "2.35"),
        ("-2.345", "USD", "-2.35"),
        ("2.5", "JPY", "3"),
        ("-2.5", "JPY", "-3"),
        ("1.2345", "KWD", "1.235"),
        ("1.23445", "CLF", "1.2345"),
    ],
)
def test_rounds_half_away_from_zero_to_the_minor_unit(amount, currency, rounded):
    assert str(Money(Decimal(amount), currency).rounded()) == f"{rounded} {currency}"


def test_multiplies_by_numbers_from_both_sides_but_never_by_floats():
    assert usd("10.01") * 3 == 3 * usd("10.01") == usd("30.03")
    assert usd("200") * Decimal("0.175") == usd("35")
    with pytest.raises(TypeError):
        usd("10") * 0.1
    with pytest.raises(TypeError):
        usd("10") * usd("10")


def test_currencies_never_mix():
    euro = Money(Decimal(5), "EUR")
    for operation in (
        lambda: usd("5") + euro,
        lambda: usd("5") - euro,
        lambda: usd("5") < euro,
        lambda: usd("5") >= euro,
    ):
        with pytest.raises(CurrencyMismatch, match="USD and EUR"):
            operation()
    assert usd("5") != euro


def test_orders_within_one_currency():
    assert sorted([usd("3"), usd("-1"), usd("2.5")]) == [usd("-1"), usd("2.5"), usd("3")]
    assert usd("1.00") == usd("1")
    assert usd("1") <= usd("1.0") >= usd("1")


@pytest.mark.parametrize(
    ("amount", "currency", "error"),
    [
        (1.5, "USD", TypeError),
        (Decimal("NaN"), "USD", ValueError),
        (Decimal("Infinity"), "USD", ValueError),
        (Decimal(1), "usd", UnknownCurrency),
        (Decimal(1), "XXX", UnknownCurrency),
        (Decimal(1), "", UnknownCurrency),
    ],
)
def test_refuses_what_is_not_money(amount, currency, error):
    with pytest.raises(error):
        Money(amount, currency)


def test_the_table_of_currencies():
    assert all(len(code) == 3 and code.isupper() for code in MINOR_UNITS)
    assert {"USD": 2, "JPY": 0, "KWD": 3, "CLF": 4}.items() <= MINOR_UNITS.items()
    assert not {"XAU", "XXX", "XTS"} & MINOR_UNITS.keys()


RATES = Rates(
    "USD",
    [
        (date(2026, 4, 1), "EUR", Decimal("1.20")),
        (date(2026, 1, 1), "EUR", Decimal("1.10")),
        (date(2026, 1, 1), "JPY", Decimal("0.0067")),
    ],
)


@pytest.mark.parametrize(
    ("on", "dollars"),
    [
        (date(2026, 1, 1), "110"),
        (date(2026, 3, 31), "110"),
        (date(2026, 4, 1), "120"),
        (date(2030, 1, 1), "120"),
    ],
)
def test_converts_at_the_latest_rate_on_or_before_the_date(on, dollars):
    assert RATES.convert(Money(Decimal(100), "EUR"), on) == usd(dollars)


def test_a_conversion_is_not_rounded():
    assert RATES.convert(Money(Decimal(1), "JPY"), date(2026, 2, 1)) == usd("0.0067")


def test_the_reporting_currency_needs_no_rate():
    assert RATES.convert(usd("7"), date(1999, 1, 1)) == usd("7")


@pytest.mark.parametrize(("currency", "on"), [("EUR", date(2025, 12, 31)), ("GBP", date(2026, 7, 1))])
def test_no_rate_names_currency_and_date(currency, on):
    with pytest.raises(NoRate, match=f"{currency} on or before {on.isoformat()}") as caught:
        RATES.convert(Money(Decimal(1), currency), on)
    assert (caught.value.currency, caught.value.on) == (currency, on)


@pytest.mark.parametrize(
    "rows",
    [
        [(date(2026, 1, 1), "EUR", Decimal(0))],
        [(date(2026, 1, 1), "EUR", Decimal("-1.1"))],
        [(date(2026, 1, 1), "USD", Decimal(1))],
        [(date(2026, 1, 1), "EUR", Decimal("1.1")), (date(2026, 1, 1), "EUR", Decimal("1.2"))],
        [(date(2026, 1, 1), "ABC", Decimal("1.1"))],
    ],
)
def test_refuses_a_rate_table_that_makes_no_sense(rows):
    with pytest.raises(ValueError):
        Rates("USD", rows)
