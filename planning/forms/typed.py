"""Numbers as people type them, and as the plan's document has them."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.formats import get_format, number_format

MOST = 60  # characters; a longer one is no number
_SPACES = " \u00a0\u202f'’"  # between thousands, whatever the language
_SIGNS = str.maketrans("−–", "--")


def document_number(typed: str) -> str:
    """What the document shall have for what was typed: "1,200.50 %" → "1200.50", as the reader's language writes numbers. What
    is no number stays as it is, for the document to say so; so does "1,5" where the comma parts thousands."""
    text = typed.strip().translate(_SIGNS).removesuffix("%").removesuffix("×").strip()
    point, comma = re.escape(get_format("DECIMAL_SEPARATOR")), re.escape(get_format("THOUSAND_SEPARATOR"))
    whole = rf"\d{{1,3}}(?P<part>{comma}|[{_SPACES}])\d{{3}}(?:(?P=part)\d{{3}})*|\d+"
    # A point between digits that can part no thousands is one wherever it is typed: "1.5" in German.
    found = re.fullmatch(rf"([+-]?) *({whole})?(?:(?:{point}|\.)(\d*))?", text, re.ASCII) if len(text) <= MOST else None
    if found is None or not (found[2] or found[4]):
        return typed.strip()[:MOST]
    digits = re.sub(r"\D", "", found[2] or "0")
    number = Decimal(f"{found[1]}{digits}.{found[4] or 0}")
    return f"{number:f}" if found[4] else f"{number.to_integral_value():f}"


def typed_number(value: Any) -> str:
    """A number of the document as the reader's language writes it: "1200.50" → "1,200.5"; what is no number as it is."""
    if value is None or value == "":
        return ""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return str(value)
    if "_" in str(value) or not number.is_finite() or abs(number.adjusted()) > MOST:
        return str(value)
    places = max(0, -int(number.normalize().as_tuple().exponent))
    return str(number_format(number, places, force_grouping=True))
