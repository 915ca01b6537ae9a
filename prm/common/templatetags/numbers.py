"""Numbers as people read them: the reader's separators, a minus sign and "–" for a figure that can't be computed.

Each function is for Python and, under its short name, a template filter: {% load numbers %}{{ share|percent }}.
"""

from datetime import date
from decimal import Decimal
from functools import lru_cache

from django import template
from django.utils.formats import date_format, number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, pgettext

from prm.common.currencies import MINOR_UNITS
from prm.common.explain import Explanation, Term
from prm.common.money import Money, minor_units
from prm.common.numbers import round_half_away

register = template.Library()

MISSING = "–"


@register.filter("number")
def format_number(value: Decimal | int | None, places: int = 0) -> str:
    """`value` with `places` decimals, half away from zero: 1,234.5 in English, 1.234,5 in German."""
    if value is None:
        return MISSING
    rounded = round_half_away(Decimal(value), places)
    if not places and abs(rounded) < 1000:  # no separator in any language, and a heat map has hundreds of these
        return f"{int(rounded)}".replace("-", "−")
    return _grouped(rounded, places, get_language())


@lru_cache(maxsize=16_384)  # a page draws its charts in three widths, and lists repeat themselves
def _grouped(rounded: Decimal, places: int, language: str | None) -> str:
    """`language`: the active one, in which it is written."""
    return number_format(rounded, places, force_grouping=True).replace("-", "−")


@register.filter("money")
def format_money(value: Money | None, usual: str = "") -> str:
    """An amount at its currency's minor unit, with the currency code unless it is the `usual` one of the page."""
    if value is None:
        return MISSING
    amount = format_number(value.amount, minor_units(value.currency))
    if value.currency == usual:
        return amount
    return pgettext("money", "%(currency)s %(amount)s") % {
        "currency": value.currency,
        "amount": amount,
    }


@register.filter("percent")
def format_percent(value: Decimal | int | None, places: int = 0) -> str:
    """`value` percent (92 gives 92%), whole; `places` gives decimals to what is below 10 only."""
    if value is None:
        return MISSING
    small = abs(round_half_away(Decimal(value), places)) < 10
    return pgettext("percent", "%(number)s%%") % {"number": format_number(value, places if small else 0)}


def format_delta(value: Decimal | int | None, places: int = 0) -> str:
    """A change with its sign: +4, −3, 0."""
    if value is None:
        return MISSING
    sign = "+" if round_half_away(Decimal(value), places) > 0 else ""
    return sign + format_number(value, places)


@register.filter("delta")
def delta_html(value: Decimal | int | None, places: int = 0) -> SafeString | str:
    """A change with its sign, and for screen readers with its direction: "up 4", "down 3", "unchanged"."""
    if value is None:
        return MISSING
    rounded = round_half_away(Decimal(value), places)
    direction = gettext("unchanged")
    if rounded:
        words = gettext("up %(number)s") if rounded > 0 else gettext("down %(number)s")
        direction = words % {"number": format_number(abs(rounded), places)}
    return format_html(
        '<span aria-hidden="true">{}</span><span class="visually-hidden">{}</span>',
        format_delta(value, places),
        direction,
    )


@register.filter("quantity")
def format_quantity(value: Decimal | date | str | None, unit: str = "") -> str:
    """A value with its unit as in explanations: money for a currency code, percent for "%", else up to two decimals;
    a date as the reader writes dates."""
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if not isinstance(value, Decimal):
        return value or MISSING
    unit = str(unit)
    if unit in MINOR_UNITS:
        return format_money(Money(value, unit))
    if unit == "%":
        return format_percent(value, 1)
    places = max(0, -int(round_half_away(value, 2).normalize().as_tuple().exponent))
    return f"{format_number(value, places)}\N{NO-BREAK SPACE}{unit}" if unit else format_number(value, places)


@register.filter
def in_numbers(explanation: Explanation) -> str:
    """The formula of an explanation with this partner's own numbers put in."""

    def show(term: Term) -> str:
        return format_quantity(term.value, str(term.unit))

    return explanation.in_numbers(show)
