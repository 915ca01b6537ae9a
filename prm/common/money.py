"""Money: a Decimal amount with an ISO currency, and its conversion by a dated rate table."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from prm.common.currencies import MINOR_UNITS
from prm.common.numbers import round_half_away


class UnknownCurrency(ValueError):
    """Not a currency code of ISO 4217."""

    def __init__(self, currency: str) -> None:
        super().__init__(f"{currency!r} is not an ISO 4217 currency code")
        self.currency = currency


class CurrencyMismatch(ValueError):
    """Two currencies met where one is needed: convert first."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(f"{left} and {right} are different currencies")
        self.left, self.right = left, right


class NoRate(LookupError):
    """The rate table has no rate for `currency` on or before the date `on`."""

    def __init__(self, currency: str, on: date) -> None:
        super().__init__(f"No rate for {currency} on or before {on.isoformat()}")
        self.currency, self.on = currency, on


def minor_units(currency: str) -> int:
    """Decimals of the currency's minor unit: USD 2, JPY 0, KWD 3. Raises UnknownCurrency."""
    try:
        return MINOR_UNITS[currency]
    except KeyError:
        raise UnknownCurrency(currency) from None


@dataclass(frozen=True)
class Money:
    """An exact amount in one currency.

    Adds, subtracts and orders only within one currency, else CurrencyMismatch; amounts in different currencies are
    never equal. Nothing rounds by itself: see `rounded`. Raises TypeError for an amount that is not a Decimal,
    ValueError for NaN and infinity, UnknownCurrency.
    """

    amount: Decimal
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal):
            raise TypeError(f"Money needs a Decimal amount, not {type(self.amount).__name__}")
        if not self.amount.is_finite():
            raise ValueError(f"Money needs a finite amount, not {self.amount}")
        minor_units(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in `currency`: the start of a `sum`."""
        return cls(Decimal(0), currency)

    def rounded(self) -> Money:
        """This amount at the currency's minor unit, half away from zero."""
        return Money(round_half_away(self.amount, minor_units(self.currency)), self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __mul__(self, factor: Decimal | int) -> Money:
        if not isinstance(factor, Decimal | int):
            return NotImplemented
        return Money(self.amount * factor, self.currency)

    __rmul__ = __mul__

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def __str__(self) -> str:
        return f"{self.amount:f} {self.currency}"

    def _same(self, other: Money) -> Decimal:
        if self.currency != other.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.amount


class Rates:
    """A dated rate table into one reporting currency.

    `rows` are (date, currency, rate): from that date on, 1 unit of the currency is `rate` units of `reporting`, until a
    later row. The reporting currency itself is always 1 and has no rows. Raises ValueError for a rate of 0 or less, a
    row in the reporting currency and two rates of one currency on one date; UnknownCurrency.
    """

    def __init__(self, reporting: str, rows: Iterable[tuple[date, str, Decimal]] = ()) -> None:
        minor_units(reporting)
        self.reporting = reporting
        by_currency: dict[str, dict[date, Decimal]] = defaultdict(dict)
        for day, currency, rate in rows:
            minor_units(currency)
            if rate <= 0:
                raise ValueError(f"The rate of {currency} on {day} must be above 0, not {rate}")
            if currency == reporting:
                raise ValueError(f"{currency} is the reporting currency, it needs no rate")
            if day in by_currency[currency]:
                raise ValueError(f"{currency} has two rates on {day}")
            by_currency[currency][day] = rate
        self._table = {
            currency: (sorted(rates), [rates[day] for day in sorted(rates)]) for currency, rates in by_currency.items()
        }

    def rate(self, currency: str, on: date) -> Decimal:
        """Reporting currency for 1 unit of `currency`: the latest rate on or before `on`. Raises NoRate."""
        if currency == self.reporting:
            return Decimal(1)
        days, rates = self._table.get(currency, ([], []))
        latest = bisect_right(days, on)
        if latest == 0:
            raise NoRate(currency, on)
        return rates[latest - 1]

    def convert(self, money: Money, on: date) -> Money:
        """`money` in the reporting currency at the rate of `on`, unrounded. Raises NoRate."""
        return Money(money.amount * self.rate(money.currency, on), self.reporting)
