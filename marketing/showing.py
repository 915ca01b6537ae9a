"""Figures of the waterfall as other systems are told them: counts to one decimal, money to the minor unit, half away from zero."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from marketing.figures import LACKS
from marketing.waterfall import COSTS_PER, RATIOS, STAGES, Figure, Outcome
from planning.forecast.rows import rounded
from prm.common.money import minor_units

COUNT_PLACES = 1
RATIO_PLACES = 4


@dataclass(frozen=True)
class Shown:
    """A figure rounded to be shown, or why there is none: exactly one of `value` and `reason` is set."""

    value: Decimal | None = None
    reason: Any = None


def count(figure: Figure) -> Shown:
    """A stage, to one decimal."""
    return _shown(figure, COUNT_PLACES)


def money(figure: Figure, currency: str) -> Shown:
    """An amount, to the currency's minor unit."""
    return _shown(figure, minor_units(currency))


def ratio(figure: Figure) -> Shown:
    """A return as a number (23 is 23 times the cost), to four decimals, without zeros at the end."""
    found = _shown(figure, RATIO_PLACES)
    return found if found.value is None else Shown(_plain(found.value))


def figures(outcome: Outcome, currency: str) -> dict[str, Shown]:
    """Every figure of an outcome by name, in the order they are shown: stages, amounts, returns, costs per stage."""
    found = {stage: count(outcome.stages[stage]) for stage in STAGES}
    for name in ("revenue", "gross_margin"):
        found[name] = money(getattr(outcome, name), currency)
    for name in ("cost", "mdf"):
        found[name] = money(Figure(getattr(outcome, name)), currency)
    found |= {name: ratio(getattr(outcome, name)) for name in RATIOS}
    return found | {name: money(getattr(outcome, name), currency) for name in COSTS_PER}


def amount(value: Fraction, currency: str) -> Decimal:
    return rounded(value, minor_units(currency))


def number(value: Fraction) -> Decimal:
    return rounded(value, COUNT_PLACES)


def _shown(figure: Figure, places: int) -> Shown:
    if figure.value is None:
        assert figure.lack is not None
        return Shown(reason=LACKS[figure.lack])
    return Shown(rounded(figure.value, places))


def _plain(value: Decimal) -> Decimal:
    """Without zeros at the end; of its text, as arithmetic holds 28 digits and this may have more."""
    text = f"{value:f}"
    return Decimal(text.rstrip("0").rstrip(".")) if "." in text else value
