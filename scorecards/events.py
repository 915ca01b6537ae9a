"""What scorecards tell the other tools."""

import datetime as dt
from dataclasses import dataclass

from prm.common.events import Event


@dataclass(frozen=True)
class AssessmentSubmitted(Event):
    """An assessment was submitted; its result is frozen.

    `partner_id` is None where it is about no partner, `kind` the questionnaire's, `period` as in "2026Q3".
    """

    assessment_id: int
    partner_id: int | None
    kind: str
    mode: str
    period: str


@dataclass(frozen=True)
class AssessmentAgreed(Event):
    """Both sides stand by an assessment: their two views were settled into it, or both agreed to one filled in together."""

    assessment_id: int
    partner_id: int
    kind: str
    period: str


@dataclass(frozen=True)
class PerformanceReviewed(Event):
    """A performance scorecard was gone through with the partner, or (`undone`) that was taken back. `on`: the day it was."""

    partner_id: int
    on: dt.date
    undone: bool = False


@dataclass(frozen=True)
class ProgramChanged(Event):
    """A version of the tier rules was made, changed or removed; or overrides of these partners began or ended."""

    partner_ids: tuple[int, ...] = ()
