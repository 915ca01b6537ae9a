"""What a partner has of what each tier asks for, and the highest tier it qualifies for. Pure.

Every requirement counts on its own: a person who counts for one counts for the others, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from prm.common.explain import Figure
from scorecards.scoring import decimal
from scorecards.tiers import people as counting
from scorecards.tiers import scores
from scorecards.tiers.people import Count, Person
from scorecards.tiers.program import (
    Holders,
    Measure,
    MetricRequirement,
    PeopleRequirement,
    Program,
    Requirement,
    ScoreRequirement,
    SomeOf,
    Source,
    TierRules,
)
from scorecards.tiers.scores import Score


@dataclass(frozen=True)
class Facts:
    """What is known of one partner on a day: its metrics (one not there has no value), its people with a valid certificate,
    and the certificates the partner holds itself."""

    metrics: Mapping[Source, Figure] = field(default_factory=dict)
    people: tuple[Person, ...] = ()
    own: tuple[Person, ...] = ()  # a certificate each, so that they are counted as people are

    def figure(self, source: Source) -> Figure | None:
        return self.metrics.get(source)

    def have(self, measure: Measure) -> Fraction | None:
        """A measure's value; None without one. People can always be counted."""
        if isinstance(measure, Holders):
            return Fraction(sum(person.holds_any(measure.certificates) for person in self.people))
        figure = self.figure(measure)
        return None if figure is None or figure.value is None else Fraction(figure.value)


@dataclass(frozen=True)
class Outcome:
    """A requirement held against the facts. `have` is None without a value; `missing` is in units, 0 where it is met, None
    where nobody can say. `figure` is the metric's, whose reason says why it has no value. `count`, `score` and `parts` tell
    more, by the requirement's type."""

    requirement: Requirement
    met: bool
    have: Decimal | None
    need: Decimal
    missing: Decimal | None
    figure: Figure | None = None
    count: Count | None = None
    score: Score | None = None
    parts: tuple[Outcome, ...] = ()


@dataclass(frozen=True)
class TierOutcome:
    rules: TierRules
    outcomes: tuple[Outcome, ...]

    @property
    def met(self) -> bool:
        return all(outcome.met for outcome in self.outcomes)

    @property
    def met_count(self) -> int:
        return sum(outcome.met for outcome in self.outcomes)

    @property
    def unmet(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if not outcome.met)


@dataclass(frozen=True)
class Evaluation:
    """A partner against a program: each tier, from the lowest."""

    program: Program
    tiers: tuple[TierOutcome, ...]

    @cached_property
    def reached(self) -> int:
        """How many tiers, from the lowest, are met one after the other."""
        return next((place for place, tier in enumerate(self.tiers) if not tier.met), len(self.tiers))

    @property
    def qualified(self) -> str | None:
        """Key of the highest tier whose requirements, and those of all lower ones, are met; None for none."""
        return self.tiers[self.reached - 1].rules.tier if self.reached else None

    @property
    def next(self) -> TierOutcome | None:
        """The tier above the one it qualifies for; None at the top."""
        return self.tiers[self.reached] if self.reached < len(self.tiers) else None

    def of(self, tier: str) -> TierOutcome | None:
        return next((each for each in self.tiers if each.rules.tier == tier), None)


def evaluate(program: Program, facts: Facts) -> Evaluation:
    """The partner with these facts against each tier of the program."""
    return Evaluation(
        program,
        tuple(TierOutcome(tier, tuple(outcome(each, facts) for each in tier.requirements)) for tier in program.tiers),
    )


def qualified(program: Program, facts: Facts) -> str | None:
    """The tier alone, looking no further than the first one missed: for many partners at once."""
    found = None
    for tier in program.tiers:
        if not all(outcome(each, facts).met for each in tier.requirements):
            break
        found = tier.tier
    return found


def outcome(requirement: Requirement, facts: Facts) -> Outcome:
    """One requirement held against the facts."""
    match requirement:
        case MetricRequirement():
            return _metric(requirement, facts)
        case PeopleRequirement():
            return _people(requirement, facts)
        case SomeOf():
            return _some(requirement, facts)
        case ScoreRequirement():
            return _score(requirement, facts)
    raise TypeError(requirement)


def _metric(requirement: MetricRequirement, facts: Facts) -> Outcome:
    figure = facts.figure(requirement.source)
    have = figure.value if figure else None
    if requirement.minimum is not None:
        need = requirement.minimum
        missing = None if have is None else max(Decimal(), need - have)
    else:
        assert requirement.maximum is not None
        need = requirement.maximum
        missing = None if have is None else max(Decimal(), have - need)
    return Outcome(requirement, missing is not None and not missing, have, need, missing, figure=figure)


def _people(requirement: PeopleRequirement, facts: Facts) -> Outcome:
    count = counting.count(requirement, facts.own if requirement.own else facts.people)
    return Outcome(
        requirement, count.met, Decimal(count.have), Decimal(count.need), Decimal(count.missing), count=count
    )


def _some(requirement: SomeOf, facts: Facts) -> Outcome:
    parts = tuple(outcome(each, facts) for each in requirement.requirements)
    have = sum(part.met for part in parts)
    missing = max(0, requirement.minimum - have)
    return Outcome(requirement, not missing, Decimal(have), Decimal(requirement.minimum), Decimal(missing), parts=parts)


def _score(requirement: ScoreRequirement, facts: Facts) -> Outcome:
    score = scores.score(requirement, facts.have)
    shown = score.shown
    missing = Decimal() if score.met else shortage(shown.minimum - shown.score)
    return Outcome(requirement, score.met, decimal(shown.score), requirement.minimum, missing, score=score)


def shortage(points: Fraction) -> Decimal:
    """Points missing, 0 where there are enough (a metric may be at 0 all the same)."""
    return max(Decimal(), decimal(points))
