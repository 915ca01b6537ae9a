"""The grade of a lead from its score. Pure."""

from collections.abc import Mapping
from decimal import Decimal

LOWEST = "D"


def grade(score: Decimal, thresholds: Mapping[str, Decimal]) -> str:
    """The best grade whose threshold the score (0–100) reaches; D below all of them."""
    reached = [name for name in sorted(thresholds) if score >= thresholds[name]]
    return reached[0] if reached else LOWEST
