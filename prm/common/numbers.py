"""Rounding and ratios on Decimal. Showing numbers to people is in `prm.common.templatetags.numbers`."""

from decimal import ROUND_HALF_UP, Decimal


def round_half_away(value: Decimal, places: int = 0) -> Decimal:
    """`value` to `places` decimals, halves away from zero (2.5 → 3, −2.5 → −3), as a spreadsheet's ROUND does.

    For figures that can't be negative this is also "half up". Never gives −0.
    """
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP) + 0


def whole(value: Decimal) -> int:
    """`value` rounded half away from zero to an integer: the displayed figure that a colour is taken from."""
    return int(round_half_away(value))


def percent_of(part: Decimal, base: Decimal) -> Decimal | None:
    """`part` as percent of `base`, unrounded: 45 of 50 is 90. None where `base` is 0."""
    return part * 100 / base if base else None
