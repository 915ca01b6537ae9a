"""A program worksheet as it is kept: a document of decimals as text, read and written here alone. Pure.

    {"revenue": "10000000", "base": {"win": "0.1", "deal": "100000", …}, "factors": [["Partners taking part", "0.85"]],
     "own": {"bleak": {"win": "0.05"}, "stretch": {}}, "way": "equal", "weights": {"gold": 3}}

Rates and factors are fractions. A number of the bleak or stretch column follows the base until one of its own is given; an own null
is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

from marketing.worksheet import BLEAK, DEAL, FACTOR, RATES, STRETCH, Column, together

NUMBERS = (*RATES, DEAL, FACTOR)
MOST_FACTORS = 5


class Case(StrEnum):
    """The three columns."""

    BLEAK = "bleak"
    BASE = "base"
    STRETCH = "stretch"


class Way(StrEnum):
    """How the MGOs are shared out among partners."""

    EQUAL = "equal"
    TIER = "tier"
    TARGET = "target"


OTHERS = {Case.BLEAK: BLEAK, Case.STRETCH: STRETCH}
Numbers = Mapping[str, Decimal | None]


@dataclass(frozen=True)
class Sheet:
    """All of a worksheet. `base`: NUMBERS but the factor, which is made of `factors` (name, share). `weights`: of tiers, by key."""

    revenue: Decimal | None = None
    base: Numbers = field(default_factory=dict)
    factors: tuple[tuple[str, Decimal], ...] = ()
    own: Mapping[Case, Numbers] = field(default_factory=dict)
    way: Way = Way.EQUAL
    weights: Mapping[str, int] = field(default_factory=dict)

    @property
    def columns(self) -> dict[Case, Column]:
        """The three columns as the rules take them."""
        return {case: self.column(case) for case in Case}

    def column(self, case: Case) -> Column:
        numbers = {name: _fraction(self.base.get(name)) for name in (*RATES, DEAL)}
        base = Column(**numbers, factor=together(Fraction(share) for _name, share in self.factors))
        if case is Case.BASE:
            return base
        follows = base.scaled(OTHERS[case])
        own = self.own.get(case, {})
        return Column(**{name: _fraction(own[name]) if name in own else getattr(follows, name) for name in NUMBERS})


def _fraction(value: Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)


def read(content: Mapping[str, Any]) -> Sheet:
    """A document as it was written."""
    return Sheet(
        revenue=_decimal(content.get("revenue")),
        base=_numbers(content.get("base", {})),
        factors=tuple((name, Decimal(share)) for name, share in content.get("factors", [])),
        own={Case(case): _numbers(numbers) for case, numbers in content.get("own", {}).items()},
        way=Way(content.get("way", Way.EQUAL)),
        weights=dict(content.get("weights", {})),
    )


def write(sheet: Sheet) -> dict[str, Any]:
    return {
        "revenue": _text(sheet.revenue),
        "base": _texts(sheet.base),
        "factors": [[name, _text(share)] for name, share in sheet.factors],
        "own": {case.value: _texts(numbers) for case, numbers in sheet.own.items() if numbers},
        "way": sheet.way.value,
        "weights": dict(sheet.weights),
    }


def _numbers(texts: Mapping[str, str | None]) -> dict[str, Decimal | None]:
    return {name: _decimal(value) for name, value in texts.items()}


def _texts(numbers: Numbers) -> dict[str, str | None]:
    return {name: _text(value) for name, value in numbers.items()}


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value.normalize():f}"
