"""A partner's standing made ready to be shown: the same for pages and API, each side seeing what it may.

Of a requirement that looks at an internal metric the partner's side sees whether it is met, and no figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Tier
from prm.common.explain import Explanation
from scorecards.tiers import explained, standing, words, writing
from scorecards.tiers.path import Path, Step
from scorecards.tiers.qualifying import Outcome, TierOutcome
from scorecards.tiers.scores import TrackScore
from scorecards.tiers.standing import Standing
from scorecards.tiers.stored import trimmed


@dataclass(frozen=True)
class MetricLine:
    """A metric of a score: what it stands at, in words, and its points."""

    name: str
    have: str
    points: Decimal
    cap: Decimal | None
    in_the_way: bool  # it must be above 0, and isn't


@dataclass(frozen=True)
class TrackLine:
    name: str
    score: Decimal
    met: bool
    shown: bool
    metrics: tuple[MetricLine, ...]


@dataclass(frozen=True)
class Line:
    """A requirement. Texts are in the reader's language; `hidden` says that its figures are not this side's to see."""

    outcome: Outcome
    tier: str
    type: str
    have: str
    need: str
    missing: str
    hidden: bool
    parts: "tuple[Line, ...]"
    tracks: tuple[TrackLine, ...]

    @property
    def key(self) -> str:
        return self.outcome.requirement.key

    @property
    def name(self) -> str:
        return self.outcome.requirement.name

    @property
    def met(self) -> bool:
        return self.outcome.met


@dataclass(frozen=True)
class TierLines:
    tier: Tier
    outcome: TierOutcome
    lines: tuple[Line, ...]
    is_next: bool

    @property
    def met_count(self) -> int:
        return self.outcome.met_count


@dataclass(frozen=True)
class StepLine:
    """A step of the cheapest path: what, how much more, at what effort (None: unknown)."""

    step: Step
    what: str
    more: str
    effort: Decimal | None


class Shown:
    """What one side sees of a partner's standing."""

    def __init__(self, found: Standing, user: User) -> None:
        self.standing = found
        self.user = user
        self.units = standing.units()
        self.internal = standing.internal_metrics() if user.is_partner_side else frozenset()

    @cached_property
    def tiers(self) -> list[TierLines]:
        """Each tier with its requirements, the lowest first."""
        found = self.standing
        return [
            TierLines(
                found.tiers[each.rules.tier],
                each,
                tuple(self._line(outcome, each.rules.tier) for outcome in each.outcomes),
                each is found.evaluation.next,
            )
            for each in found.evaluation.tiers
        ]

    @property
    def next(self) -> TierLines | None:
        return next((tier for tier in self.tiers if tier.is_next), None)

    @property
    def top(self) -> TierLines:
        """The tier worth looking at: the next one, or the highest for who has it."""
        return self.next or self.tiers[-1]

    @property
    def missing(self) -> str:
        """All that is missing for the next tier in one sentence: "2 more certified engineers, USD 41,000.00 more"."""
        lines = [line for line in self.next.lines if not line.met] if self.next else []
        return ", ".join(
            f"{line.name}: {line.missing}" if line.parts or line.hidden else line.missing for line in lines
        )

    @cached_property
    def path(self) -> Path:
        return self.standing.path

    @cached_property
    def steps(self) -> list[StepLine]:
        """The cheapest path; steps that would tell an internal figure are left out."""
        return [
            StepLine(step, self._step_name(step), words.step(step, self.units), step.effort)
            for step in self.path.steps
            if not self.hides(step.outcome)
        ]

    @property
    def effort(self) -> Decimal:
        return sum((step.effort for step in self.steps if step.effort is not None), Decimal())

    @property
    def has_unknown(self) -> bool:
        return any(step.effort is None for step in self.steps)

    def hides(self, outcome: Outcome) -> bool:
        return bool(self.internal) and standing.looks_at(outcome.requirement, self.internal)

    def find(self, tier: str, key: str) -> Outcome | None:
        """The outcome of a requirement (or of one within it: "r1.r2") whose figures this side may see."""
        of_tier = self.standing.evaluation.of(tier)
        within: Sequence[Outcome] = of_tier.outcomes if of_tier else ()
        found = None
        for part in key.split("."):
            found = next((each for each in within if each.requirement.key == part), None)
            if found is None or self.hides(found):
                return None
            within = found.parts
        return found

    def explain(self, outcome: Outcome) -> Explanation:
        return explained.explain(outcome, self.standing.day, self.units, self.standing.facts)

    def _line(self, outcome: Outcome, tier: str) -> Line:
        hidden = self.hides(outcome)
        return Line(
            outcome=outcome,
            tier=tier,
            type=writing.type_of(outcome.requirement),
            have="–" if hidden else words.have(outcome, self.units),
            need=words.need(outcome, self.units),
            missing=self._missing(outcome, hidden),
            hidden=hidden,
            parts=tuple(self._line(part, tier) for part in outcome.parts),
            tracks=()
            if hidden or not outcome.score
            else tuple(self._track(each, outcome) for each in outcome.score.tracks),
        )

    def _missing(self, outcome: Outcome, hidden: bool) -> str:
        if hidden:
            return "" if outcome.met else _("Not met; ask your contact at the vendor.")
        return words.missing(outcome, self.units)

    def _track(self, track: TrackScore, outcome: Outcome) -> TrackLine:
        assert outcome.score
        zeros = {each.metric.key for each in track.zeros}
        return TrackLine(
            track.track.name,
            trimmed(track.score),
            track.met,
            track is outcome.score.shown,
            tuple(
                MetricLine(
                    each.metric.name,
                    words.metric_have(each, self.units),
                    trimmed(each.points),
                    each.metric.cap,
                    each.metric.key in zeros,
                )
                for each in track.metrics
            ),
        )

    def _step_name(self, step: Step) -> str:
        if step.metric is None:
            return step.requirement.name
        track = step.track
        assert step.outcome.score
        several = len(step.outcome.score.tracks) > 1
        return f"{track.name}: {step.metric.name}" if several and track else step.metric.name
