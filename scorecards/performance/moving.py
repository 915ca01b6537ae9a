"""Deals worth a word: those that moved lately, are overdue, or stand still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from scorecards.performance.inputs import Deal, Inputs

DAYS = 30


class Motion(StrEnum):
    MOVED = "moved"
    """It came into its stage in the 30 days to the day."""
    OVERDUE = "overdue"
    """It is open and was expected to close before the day."""
    STUCK = "stuck"
    """It is open and has not moved for 30 days or more."""


@dataclass(frozen=True)
class Moving:
    deal: Deal
    motions: tuple[Motion, ...]
    days: int | None  # in its stage; None where that isn't known


def deals_moving(inputs: Inputs, day: date) -> list[Moving]:
    """Overdue ones first, then those that stand still, then those that moved; the largest first, then by name."""
    found = [Moving(deal, motions, _days(deal, day)) for deal in inputs.deals if (motions := _motions(deal, day))]
    order = (Motion.OVERDUE, Motion.STUCK, Motion.MOVED)
    return sorted(
        found, key=lambda row: (order.index(row.motions[0]), -(row.deal.amount or 0), row.deal.name, row.deal.pk)
    )


def _days(deal: Deal, day: date) -> int | None:
    return None if deal.moved_on is None or deal.moved_on > day else (day - deal.moved_on).days


def _motions(deal: Deal, day: date) -> tuple[Motion, ...]:
    motions = []
    if deal.is_open(day):
        if deal.expected_close and deal.expected_close < day:
            motions.append(Motion.OVERDUE)
        if deal.moved_on and deal.moved_on <= day - timedelta(days=DAYS):
            motions.append(Motion.STUCK)
    if deal.moved_on and day - timedelta(days=DAYS) < deal.moved_on <= day:
        motions.append(Motion.MOVED)
    return tuple(motions)
