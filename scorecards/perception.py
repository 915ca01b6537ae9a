"""Two results side by side: what has changed since last time, and where the partner and the CAM see it differently.

Pure. Scores are unrounded topic scores by topic key; a topic without a score is missing or None.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from scorecards.answers import Answer, answer_problem, is_answered
from scorecards.definition import Question

Scores = Mapping[str, Fraction | None] | Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True)
class PerceptionGap:
    """How partner and CAM score a topic. `gap` = self − cam, None where only one of them answered."""

    key: str
    self_score: Fraction | None
    cam_score: Fraction | None
    gap: Fraction | None


def perception_gaps(topics: Iterable[str], self_scores: Scores, cam_scores: Scores) -> list[PerceptionGap]:
    """The differences to talk about: the largest first, whichever side is higher; topics only one side answered last.

    `topics` are the keys in the questionnaire's order, without those of internal categories; it decides among equals.
    Topics nobody answered are left out.
    """
    gaps = []
    for key in topics:
        own, cam = _exact(self_scores.get(key)), _exact(cam_scores.get(key))
        if own is not None or cam is not None:
            gaps.append(PerceptionGap(key, own, cam, None if own is None or cam is None else own - cam))
    return sorted(gaps, key=lambda each: (each.gap is None, -abs(each.gap or 0)))


class Stand(StrEnum):
    """Whose answer to a question stands when two assessments become one."""

    NOBODYS = "nobodys"  # neither side has an answer that fits
    BOTHS = "boths"  # both gave the same
    PARTNERS = "self"  # only the partner gave one
    VENDORS = "cam"
    UNSETTLED = "unsettled"  # they differ: to be settled


def stand(question: Question, own: Answer | None, cam: Answer | None) -> Stand:
    """Whose answer stands: `own` the partner's, `cam` the vendor's. An answer that doesn't fit the question is none.

    What was chosen decides, in whatever order; who confirmed it does not.
    """
    if not fits(question, own):
        return Stand.VENDORS if fits(question, cam) else Stand.NOBODYS
    if not fits(question, cam):
        return Stand.PARTNERS
    assert own is not None
    assert cam is not None
    return Stand.BOTHS if same(own, cam) else Stand.UNSETTLED


def fits(question: Question, answer: Answer | None) -> bool:
    """Whether it is an answer to this question, as this version of the questionnaire has it."""
    return answer is not None and is_answered(answer) and answer_problem(question, answer) is None


def same(one: Answer, other: Answer) -> bool:
    """Whether both say the same."""
    return (set(one.options), one.value.strip(), one.na) == (set(other.options), other.value.strip(), other.na)


def trend(current: Scores, previous: Scores) -> dict[str, Fraction | None]:
    """Points gained (or lost, below 0) since the previous assessment, by topic key of the current one.

    None where either has no score, as for a topic new in this version.
    """
    changes: dict[str, Fraction | None] = {}
    for key, value in current.items():
        now, before = _exact(value), _exact(previous.get(key))
        changes[key] = None if now is None or before is None else now - before
    return changes


def _exact(value: Fraction | Decimal | None) -> Fraction | None:
    return None if value is None else Fraction(value)
