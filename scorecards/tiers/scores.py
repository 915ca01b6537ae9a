"""Weighted scores: points of each metric, of each track, and which track stands for the requirement. Pure and exact.

    points = 0 where the metric has no value or is 0 or less
           = cap where the value has reached the threshold
           = min(cap, units × points per unit) else; without a cap there is no limit

A track is computed and judged whole; tracks are never mixed metric by metric.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from scorecards.tiers.program import Measure, ScoreMetric, ScoreRequirement, Track

Have = Callable[[Measure], Fraction | None]


@dataclass(frozen=True, slots=True)
class Points:
    """A metric's value and what it is worth."""

    metric: ScoreMetric
    have: Fraction | None
    points: Fraction


@dataclass(frozen=True, slots=True)
class TrackScore:
    track: Track
    metrics: tuple[Points, ...]
    minimum: Fraction
    every_above_zero: bool

    @property
    def score(self) -> Fraction:
        return sum((each.points for each in self.metrics), Fraction())

    @property
    def zeros(self) -> tuple[Points, ...]:
        """The metrics that stand in the way because each must be above 0."""
        return tuple(each for each in self.metrics if not each.points) if self.every_above_zero else ()

    @property
    def met(self) -> bool:
        return self.score >= self.minimum and not self.zeros


@dataclass(frozen=True, slots=True)
class Score:
    """All tracks, and the one shown: the met track with the highest score, else the track with the highest score."""

    tracks: tuple[TrackScore, ...]

    @property
    def shown(self) -> TrackScore:
        return max(self.tracks, key=lambda each: (each.met, each.score))

    @property
    def met(self) -> bool:
        return any(each.met for each in self.tracks)


def rate(metric: ScoreMetric) -> Fraction:
    """Points for each unit."""
    if metric.per_unit is not None:
        return Fraction(metric.per_unit)
    assert metric.cap is not None
    assert metric.threshold is not None
    return Fraction(metric.cap) / Fraction(metric.threshold)


def points(metric: ScoreMetric, have: Fraction | None) -> Fraction:
    """What so many units are worth."""
    if have is None or have <= 0:
        return Fraction()
    cap = None if metric.cap is None else Fraction(metric.cap)
    if cap is not None and metric.threshold is not None and have >= metric.threshold:
        return cap
    worth = (Fraction(int(have)) if metric.whole_units else have) * rate(metric)
    return worth if cap is None else min(worth, cap)


def score(requirement: ScoreRequirement, have: Have) -> Score:
    """`have` gives a measure's value, None where there is none."""
    return Score(tuple(_track(requirement, track, have) for track in requirement.tracks))


def _track(requirement: ScoreRequirement, track: Track, have: Have) -> TrackScore:
    found = []
    for metric in track.metrics:
        value = have(metric.measure)
        found.append(Points(metric, value, points(metric, value)))
    return TrackScore(track, tuple(found), Fraction(requirement.minimum), requirement.every_above_zero)
