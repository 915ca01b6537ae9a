"""The cheapest path to the next tier: what is missing, by the effort it takes. Pure.

For some of a list the cheapest are taken. For a score, in each track: where every metric must be above 0 those at 0 get one
unit first; then the metric with the most points per effort is raised until the score is reached or the metric has its cap,
then the next. The track with the least effort is proposed. What has no effort set comes last, in the order of points a unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from scorecards.tiers.program import Effort, Holders, MetricRequirement, Requirement, ScoreMetric, Track
from scorecards.tiers.qualifying import Outcome, TierOutcome
from scorecards.tiers.scores import Points, TrackScore, points, rate

PLACES = 2  # of a unit that can be had in parts: a cent, a hundredth


@dataclass(frozen=True)
class Step:
    """`units` more (less, for a ceiling) of a requirement or of a metric of its score; None where nobody can say how many.
    `effort` is None where it is unknown. `points` is what the step adds to the score."""

    requirement: Requirement
    outcome: Outcome
    units: Decimal | None
    effort: Decimal | None
    metric: ScoreMetric | None = None
    track: Track | None = None
    points: Decimal | None = None


@dataclass(frozen=True)
class Path:
    """The steps, the cheapest first, those of unknown effort last. `reaches` False: even all of it is not enough."""

    steps: tuple[Step, ...] = ()
    reaches: bool = True

    @property
    def effort(self) -> Decimal:
        """Of all steps whose effort is known."""
        return sum((step.effort for step in self.steps if step.effort is not None), Decimal())

    @property
    def has_unknown(self) -> bool:
        return any(step.effort is None for step in self.steps)


def cheapest(tier: TierOutcome | None) -> Path:
    """The cheapest path to meet all that the tier asks for; empty where nothing is missing."""
    ways = [way(outcome) for outcome in tier.unmet] if tier else []
    steps = [step for each in ways for step in each.steps]
    # Stable: steps of equal effort, and those of a score, stay in their order.
    return Path(tuple(sorted(steps, key=_by_effort)), all(each.reaches for each in ways))


def _by_effort(step: Step) -> tuple[bool, Decimal]:
    return step.effort is None, step.effort or Decimal()


def way(outcome: Outcome) -> Path:
    """How to meet one requirement that is not met."""
    if outcome.parts:
        return _some(outcome)
    if outcome.score:
        return _score(outcome)
    units = outcome.missing
    if units is not None and isinstance(outcome.requirement, MetricRequirement):
        units = _up(Fraction(units))
    effort = outcome.requirement.effort
    return Path((Step(outcome.requirement, outcome, units, _effort(effort, units)),))


def _effort(effort: Effort | None, units: Decimal | None) -> Decimal | None:
    return None if effort is None or units is None else effort.of(units)


def _some(outcome: Outcome) -> Path:
    assert outcome.missing is not None
    ways = sorted((way(part) for part in outcome.parts if not part.met), key=_cost)
    chosen = ways[: int(outcome.missing)]
    steps = tuple(step for each in chosen for step in each.steps)
    return Path(steps, all(each.reaches for each in chosen))


def _cost(path: Path) -> tuple[bool, bool, Decimal]:
    return not path.reaches, path.has_unknown, path.effort


def _score(outcome: Outcome) -> Path:
    assert outcome.score
    shown = outcome.score.shown
    ways = [(_track(outcome, track), track is not shown) for track in outcome.score.tracks]
    if all(each.has_unknown for each, _other in ways):  # nothing to compare: the track shown, where it can do at all
        return min(ways, key=lambda each: (not each[0].reaches, each[1]))[0]
    return min(ways, key=lambda each: (*_cost(each[0]), each[1]))[0]


def _track(outcome: Outcome, score: TrackScore) -> Path:
    climb = _Climb(score)
    for each in _ranked(score.zeros):
        climb.start(each)
    for each in _ranked(score.metrics):
        climb.raise_to_minimum(each)
    steps = []
    for each in _ranked(score.metrics):
        now = climb.have[each.metric.key]
        more = now - (each.have or Fraction())
        if not more:
            continue
        units = Decimal(int(more)) if more.denominator == 1 else _up(more)
        gained = points(each.metric, now) - each.points
        steps.append(
            Step(
                outcome.requirement, outcome, units, _effort(each.metric.effort, units),
                metric=each.metric, track=score.track, points=_up(gained),
            )
        )  # fmt: skip
    return Path(tuple(steps), climb.reached)


def _ranked(metrics: Sequence[Points]) -> list[Points]:
    """The most points per effort first; those without an effort last, by points a unit."""

    def worth(each: Points) -> tuple[bool, Fraction]:
        effort = each.metric.effort
        if effort is None:
            return True, -rate(each.metric)
        if not effort.effort:
            return False, Fraction(-(10**30))  # it costs nothing
        return False, -rate(each.metric) * Fraction(effort.per) / Fraction(effort.effort)

    return sorted(metrics, key=worth)


class _Climb:
    """A track on its way up: what each metric stands at."""

    def __init__(self, score: TrackScore) -> None:
        self.minimum = score.minimum
        self.metrics = {each.metric.key: each.metric for each in score.metrics}
        self.have = {each.metric.key: each.have or Fraction() for each in score.metrics}
        self.zeros = {each.metric.key for each in score.zeros}

    @property
    def missing(self) -> Fraction:
        got = sum((points(metric, self.have[key]) for key, metric in self.metrics.items()), Fraction())
        return max(Fraction(), self.minimum - got)

    @property
    def reached(self) -> bool:
        above = all(points(self.metrics[key], self.have[key]) for key in self.zeros)
        return not self.missing and above

    def start(self, each: Points) -> None:
        """One unit above 0, or as far as the threshold where that is less."""
        metric = each.metric
        unit = Fraction(1)
        if metric.threshold is not None and not _whole(metric):
            unit = min(unit, Fraction(metric.threshold))
        self.have[metric.key] = unit

    def raise_to_minimum(self, each: Points) -> None:
        metric, missing = each.metric, self.missing
        if not missing:
            return
        now = points(metric, self.have[metric.key])
        cap = None if metric.cap is None else Fraction(metric.cap)
        goal = now + missing if cap is None else min(cap, now + missing)
        if goal > now:
            self.have[metric.key] = max(self.have[metric.key], _units_for(metric, goal))


def _units_for(metric: ScoreMetric, goal: Fraction) -> Fraction:
    """The fewest units worth `goal` points, which the cap doesn't exceed."""
    units = goal / rate(metric)
    if _whole(metric):
        units = Fraction(ceil(units))
    if metric.cap is not None and metric.threshold is not None:
        threshold = Fraction(metric.threshold)
        units = min(units, Fraction(ceil(threshold)) if _whole(metric) else threshold)
    return units


def _whole(metric: ScoreMetric) -> bool:
    """Whether it only comes in whole units: people do."""
    return metric.whole_units or isinstance(metric.measure, Holders)


def _up(value: Fraction) -> Decimal:
    """To two places, upwards, so that doing it is enough."""
    return Decimal(ceil(value * 10**PLACES)).scaleb(-PLACES)
