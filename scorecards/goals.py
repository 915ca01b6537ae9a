"""How far a partner has come towards a goal.

Pure: no database, no framework, no clock. Scores are unrounded, in points 0–100.
"""

from decimal import Decimal
from fractions import Fraction

from prm.common.rag import Rag, Thresholds
from scorecards.scoring import decimal


def attainment(score_from: Decimal, score_to: Decimal, now: Decimal | Fraction | None) -> Fraction | None:
    """(now − from) ÷ (to − from): 0 at the start, 1 at the goal; below 0 after a step back, above 1 beyond the goal.

    None where the topic has no score now. ValueError where the goal is not above the start.
    """
    if score_to <= score_from:
        raise ValueError("A goal is above the score it starts from")
    if now is None:
        return None
    return (Fraction(now) - Fraction(score_from)) / (Fraction(score_to) - Fraction(score_from))


def displayed(share: Fraction | None) -> int | None:
    """An attainment as it is shown: whole percent, halves away from zero."""
    return None if share is None else int(decimal(share * 100, 0))


def status(share: Fraction | None, limits: Thresholds) -> Rag | None:
    """The colour of an attainment, taken from what is displayed; `limits` are those of the family attainment."""
    return limits.rag(displayed(share))
