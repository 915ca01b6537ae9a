"""How a partner does over the quarters, and what it answers then. Pure: all chance comes from the given Random."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from scorecards.definition import Question

# Points above or below the partner's own level: what nearly every partner finds easy or hard …
TOPICS: Mapping[str, int] = {
    "philosophy": 8, "brands": 5, "support": 6, "product-portfolio": 4, "pre-sales": 3, "openness": -3,
    "renewals": -8, "investment": -10, "deal-registration": -6, "co-sell": -7, "vertical-expertise": -4,
}  # fmt: skip
# … and what its type makes it good or bad at.
BY_TYPE: Mapping[str, Mapping[str, int]] = {
    "reseller": {"product-portfolio": 8, "services-portfolio": -9, "deal-registration": 6},
    "msp": {"support": 10, "services-portfolio": 12, "renewals": 8, "key-accounts": -5},
    "integrator": {"deployment": 12, "technical-sales": 8, "renewals": -6},
    "isv": {"vertical-expertise": 12, "functional-expertise": 9, "deployment": -5},
    "distributor": {"product-portfolio": 12, "co-sell": -8},
    "referral": {"key-accounts": 6, "investment": -8},
    "agency": {"functional-expertise": 6, "technical-sales": -12},
}
TIERS: Mapping[str, int] = {"": -6, "silver": 0, "gold": 9, "platinum": 17}
STAGES: Mapping[str, int] = {"recruit": -12, "onboard": -6, "activate": 0, "accelerate": 4, "mature": 9, "lapsed": -8}
AVERAGE = 50


class Trend(StrEnum):
    CLIMBS = "climbs"
    HOLDS = "holds"
    FADES = "fades"


DRIFT = {Trend.CLIMBS: 1.2, Trend.HOLDS: 0.2, Trend.FADES: -2.6}  # points a quarter, without enablement
DONE = {Trend.CLIMBS: 0.9, Trend.HOLDS: 0.65, Trend.FADES: 0.25}  # share of its actions that get done


@dataclass
class Course:
    """One partner's course. `optimism`: points by which it scores itself above what its CAM sees."""

    trend: Trend
    level: float
    topics: Mapping[str, float]
    optimism: float
    keen: float  # how likely it scores itself in a quarter, 0–1
    lifts: list[tuple[dt.date, str, float]] = field(default_factory=list)  # actions done: when, topic, points

    def at(self, topic: str, quarter: int, day: dt.date) -> float:
        """Its level in the topic, in the quarter of this number, on a day."""
        gained = sum(points for when, key, points in self.lifts if key == topic and when <= day)
        return self.level + DRIFT[self.trend] * quarter + self.topics.get(topic, 0) + min(gained, 40)


def draw(random: Random, *, tier: str, stage: str, partner_type: str, lift: float, topics: Sequence[str]) -> Course:
    trend = random.choices(list(Trend), [38, 42, 20])[0] if stage != "lapsed" else Trend.FADES
    own = BY_TYPE.get(partner_type, {})
    return Course(
        trend=trend,
        level=AVERAGE + TIERS.get(tier, 0) + STAGES.get(stage, 0) + lift + random.gauss(0, 7),
        topics={key: TOPICS.get(key, 0) + own.get(key, 0) + random.gauss(0, 8) for key in topics},
        optimism=max(0.0, random.gauss(9, 5)),
        keen=random.uniform(0.1, 0.8) * (0.5 if trend is Trend.FADES else 1),
    )


@dataclass(frozen=True)
class Choice:
    options: tuple[str, ...] = ()
    na: bool = False


def choose(random: Random, question: Question, level: float, before: Choice | None) -> Choice:
    """An answer near the level; the one before where it is near enough still."""
    if before and random.random() < (0.9 if before.na else 0.6) and _near(question, before, level):
        return before
    if question.allow_na and random.random() < 0.05:
        return Choice(na=True)
    wanted = level + random.gauss(0, 9)
    return Choice(options=(min(question.options, key=lambda option: abs(float(option.score) - wanted)).key,))


def _near(question: Question, choice: Choice, level: float) -> bool:
    scores = [float(option.score) for option in question.options if option.key in choice.options]
    return choice.na or abs(sum(scores) - level) < 20
