"""Numbers as people type them, and as the plan's document has them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.formats import number_format, sanitize_separators

MOST = 60  # characters; a longer one is no number
_SPACES = dict.fromkeys(map(ord, " \t\u00a0\u202f'’"), None)
_SIGNS = str.maketrans("−–", "--")


def document_number(typed: str) -> str:
    """What the document shall have for what was typed: "1,200.50 %" → "1200.50", as the reader's language writes numbers. What
    is no number stays as it is, for the document to say so."""
    text = typed.strip().translate(_SIGNS).removesuffix("%").removesuffix("×").translate(_SPACES)
    try:
        number = Decimal(str(sanitize_separators(text))) if len(text) <= MOST else None
    except InvalidOperation:
        number = None
    return (
        f"{number:f}"
        if number is not None and number.is_finite() and abs(number.adjusted()) < MOST
        else typed.strip()[:MOST]
    )


def typed_number(value: Any) -> str:
    """A number of the document as the reader's language writes it: "1200.50" → "1,200.5"; what is no number as it is."""
    if value is None or value == "":
        return ""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if not number.is_finite() or abs(number.adjusted()) > MOST:
        return str(value)
    places = max(0, -int(number.normalize().as_tuple().exponent))
    return str(number_format(number, places, force_grouping=True))
