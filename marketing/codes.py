"""Tracking codes in what somebody typed, a form sent along, or a file holds. Pure."""

from __future__ import annotations

import re

_UTM = re.compile(r"utm_(?:campaign|content)=([a-z0-9]{9})(?![a-z0-9])")
_LINK = re.compile(r"/go/([a-z0-9]{9})(?![a-z0-9])")
_WORD = re.compile(r"(?<![a-z0-9])([a-z0-9]{9})(?![a-z0-9])")
_BY = (("utm", _UTM), ("link", _LINK), ("code", _WORD))


def found_in(text: str) -> dict[str, str]:
    """What may be a code there, and how it came ("utm", "link", or by itself "code"), in the order to try them."""
    small = text.lower()
    found: dict[str, str] = {}
    for how, pattern in _BY:
        for code in pattern.findall(small):
            found.setdefault(code, how)
    return found
