"""Tracking codes in what somebody typed, a form sent along, or a file holds. Pure."""

from __future__ import annotations

import re

from marketing.models.attribution import How

_UTM = re.compile(r"utm_(?:campaign|content)=([a-z0-9]{9})(?![a-z0-9])")
_LINK = re.compile(r"/go/([a-z0-9]{9})(?![a-z0-9])")
_WORD = re.compile(r"(?<![a-z0-9])([a-z0-9]{9})(?![a-z0-9])")
_BY = ((How.UTM, _UTM), (How.LINK, _LINK), (How.CODE, _WORD))


def found_in(text: str) -> dict[str, How]:
    """What may be a code there, and how it came: in a UTM, in a tracking link, or by itself; in the order to try them."""
    small = text.lower()
    found: dict[str, How] = {}
    for how, pattern in _BY:
        for code in pattern.findall(small):
            found.setdefault(code, how)
    return found
