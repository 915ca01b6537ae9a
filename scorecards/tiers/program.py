"""A version of the program: per tier what a partner must reach. Pure; read from and written as a document in `document.py`.

Requirements are of four types. A metric is held against a threshold; people (or the partner's own certificates) are counted,
with a minimum per kind; some of a list of requirements are asked for; or a score is summed up from metrics, in tracks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from prm.imports.messages import Message


class Aggregate(StrEnum):
    """What is made of a metric's values in its window. The latest is the one of the last day; the median of an even number
    of values is the mean of the middle two."""

    SUM = "sum"
    LATEST = "latest"
    AVERAGE = "average"
    MEDIAN = "median"
    SMALLEST = "min"
    LARGEST = "max"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a number comes from: a metric's code, how its values are taken together, and over which days (see windows.py)."""

    metric: str
    aggregate: Aggregate = Aggregate.LATEST
    window: str = "as_of"


@dataclass(frozen=True, slots=True)
class Holders:
    """A number of people: those who hold any of these certificates ("key", or "key:level" for one level only)."""

    certificates: tuple[str, ...]


Measure = Source | Holders


@dataclass(frozen=True, slots=True)
class Effort:
    """What it takes to gain `per` units, in whatever the vendor counts effort in (days, say)."""

    effort: Decimal
    per: Decimal = Decimal(1)

    def of(self, units: Decimal) -> Decimal:
        return units * self.effort / self.per


@dataclass(frozen=True, slots=True)
class Kind:
    """A named part of the people asked for, with a minimum of its own."""

    name: str
    certificates: tuple[str, ...]
    minimum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """`key` is its own within the tier. `unit` and `unit_one` name what is counted ("certified engineers", "certified
    engineer"); "" where the metric's own unit will do."""

    key: str
    name: str
    unit: str = ""
    unit_one: str = ""
    effort: Effort | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricRequirement(Requirement):
    """The metric is `minimum` or more, or `maximum` or less: one of the two is set."""

    source: Source
    minimum: Decimal | None = None
    maximum: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleRequirement(Requirement):
    """`minimum` people who hold any of `certificates` or of a kind's, and of each kind its minimum.

    `once`: nobody counts for two kinds. `own`: certificates that the partner itself holds are counted, not people.
    """

    certificates: tuple[str, ...]
    minimum: int
    kinds: tuple[Kind, ...] = ()
    once: bool = False
    own: bool = False

    @property
    def all_certificates(self) -> frozenset[str]:
        return frozenset(self.certificates).union(*(kind.certificates for kind in self.kinds))


@dataclass(frozen=True, slots=True, kw_only=True)
class SomeOf(Requirement):
    """At least `minimum` of `requirements` are met."""

    minimum: int
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreMetric:
    """`per_unit` points a unit, or in proportion of `cap` to `threshold` where it is None. See `scores.points`."""

    key: str
    name: str
    measure: Measure
    per_unit: Decimal | None = None
    threshold: Decimal | None = None
    cap: Decimal | None = None
    whole_units: bool = False
    unit: str = ""
    unit_one: str = ""
    effort: Effort | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    key: str
    name: str
    metrics: tuple[ScoreMetric, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRequirement(Requirement):
    """Points of all metrics of any one track together `minimum` or more; where asked each of its metrics above 0."""

    minimum: Decimal
    tracks: tuple[Track, ...]
    every_above_zero: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TierRules:
    """What one tier asks for. `certificates`: how many people the tier wants with each, for the figure of training."""

    tier: str
    requirements: tuple[Requirement, ...]
    certificates: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A version of the program; `tiers` from the lowest."""

    name: str
    tiers: tuple[TierRules, ...]

    def sources(self) -> frozenset[Source]:
        """Every number of a metric it asks for."""
        return frozenset(measure for measure in self._measures() if isinstance(measure, Source))

    def certificate_keys(self) -> frozenset[str]:
        """Keys, without levels, of the certificates its requirements look at."""
        held = {key for measure in self._measures() if isinstance(measure, Holders) for key in measure.certificates}
        for requirement in self._requirements():
            if isinstance(requirement, PeopleRequirement):
                held |= requirement.all_certificates
        return frozenset(key.partition(":")[0] for key in held)

    def tier(self, key: str) -> TierRules | None:
        return next((tier for tier in self.tiers if tier.tier == key), None)

    def _requirements(self) -> Iterator[Requirement]:
        for tier in self.tiers:
            for requirement in tier.requirements:
                yield from flat(requirement)

    def _measures(self) -> Iterator[Measure]:
        for requirement in self._requirements():
            if isinstance(requirement, MetricRequirement):
                yield requirement.source
            elif isinstance(requirement, ScoreRequirement):
                for track in requirement.tracks:
                    yield from (metric.measure for metric in track.metrics)


def flat(requirement: Requirement) -> Iterator[Requirement]:
    """The requirement and those within it."""
    yield requirement
    if isinstance(requirement, SomeOf):
        for each in requirement.requirements:
            yield from flat(each)


def required_certificates(program: Program | None, tier_key: str | None) -> dict[str, int]:
    """Certificate key → how many valid ones the tier asks for; {} without a program, without a tier, or for a tier that asks
    for none. What the figure of training and certifications counts against."""
    tier = program.tier(tier_key) if program and tier_key else None
    return dict(tier.certificates) if tier else {}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a document at `path` ("tiers.0.requirements.2.minimum"; "" for the whole)."""

    path: str
    message: Message

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else str(self.message)


class InvalidProgram(ValueError):
    """A document that is no program: all its problems."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems
