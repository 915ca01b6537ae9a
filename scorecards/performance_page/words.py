"""Figures as the page writes them: money without the code of the currency that the whole page is in."""

from decimal import Decimal

from django.utils.translation import gettext as _

from prm.common.currencies import MINOR_UNITS
from prm.common.explain import Explanation
from prm.common.money import Money
from prm.common.templatetags.numbers import MISSING, format_delta, format_money, format_quantity

TIMES = "×"


def amount(value: Decimal | None, unit: object, usual: str = "") -> str:
    """A value in its unit; "–" where there is none. Amounts in the `usual` currency don't name it."""
    name = str(unit)
    if value is None:
        return MISSING
    if name in MINOR_UNITS:
        return format_money(Money(value, name), usual)
    if name == TIMES:
        return f"{format_quantity(value)}{TIMES}"
    return format_quantity(value, name)


def told(explanation: Explanation | None, usual: str = "") -> str:
    """The figure of an explanation."""
    return MISSING if explanation is None else amount(explanation.result, explanation.unit, usual)


def change(delta: int | None) -> str:
    """Points up or down, with the sign."""
    return _("%(change)s points") % {"change": format_delta(delta)} if delta is not None else ""
