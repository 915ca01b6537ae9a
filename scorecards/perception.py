"""Two results side by side: what has changed since last time, and where the partner and the CAM see it differently.

Pure. Scores are unrounded topic scores by topic key; a topic without a score is missing or None.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

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
