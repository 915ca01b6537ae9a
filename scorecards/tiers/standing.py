"""Where partners stand in the program on a day: evaluated now, for one partner with all it takes to explain it, or for many."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from partners.models import Partner, Tier
from pipeline.models import Metric
from prm.common.vendor import vendor_settings
from scorecards.tiers import path, programs, reading
from scorecards.tiers.computed import COMPUTED, MONEY
from scorecards.tiers.program import Holders, MetricRequirement, Program, Requirement, ScoreRequirement, flat
from scorecards.tiers.programs import Version
from scorecards.tiers.qualifying import Evaluation, Facts, Outcome, TierOutcome, evaluate

BATCH = 2000  # partners read together


@dataclass(frozen=True)
class Standing:
    """One partner by one version of the program."""

    partner: Partner
    version: Version
    day: dt.date
    evaluation: Evaluation
    tiers: dict[str, Tier]  # of the vendor, by key
    facts: Facts

    @property
    def qualified(self) -> Tier | None:
        return self.tiers.get(self.evaluation.qualified or "")

    @property
    def next(self) -> Tier | None:
        return self.tiers[self.evaluation.next.rules.tier] if self.evaluation.next else None

    @property
    def next_outcome(self) -> TierOutcome | None:
        return self.evaluation.next

    @property
    def met(self) -> int:
        """Requirements of the next tier that are met; at the top those of the top tier."""
        return self._looked_at.met_count if self._looked_at else 0

    @property
    def required(self) -> int:
        return len(self._looked_at.outcomes) if self._looked_at else 0

    @cached_property
    def _looked_at(self) -> TierOutcome | None:
        return self.evaluation.next or (self.evaluation.tiers[-1] if self.evaluation.tiers else None)

    @cached_property
    def path(self) -> path.Path:
        """The cheapest path to the next tier."""
        return path.cheapest(self.evaluation.next)


def standing(partner: Partner, day: dt.date, version: Version | None = None) -> Standing | None:
    """The partner on a day by the program of that day (or by `version`), with explanations; None without a program."""
    version = version or programs.in_force(day)
    if version is None or not version.program.tiers:
        return None
    found = reading.facts([partner.pk], [version.program], day, explain=True)[partner.pk]
    return Standing(partner, version, day, evaluate(version.program, found), tiers_by_key(), found)


def evaluations(partners: Collection[int], program: Program, day: dt.date) -> Iterator[tuple[int, Evaluation]]:
    """(partner, evaluation) of many partners, read batch by batch, in the order given."""
    ids = list(partners)
    for start in range(0, len(ids), BATCH):
        batch = ids[start : start + BATCH]
        found = reading.facts(batch, [program], day)
        for pk in batch:
            yield pk, evaluate(program, found[pk])


def tiers_by_key() -> dict[str, Tier]:
    """The vendor's tiers, the lowest first."""
    return {tier.key: tier for tier in Tier.objects.all()}


def units() -> dict[str, str]:
    """The unit of every metric a program may name: "%", the reporting currency, "×" or ""."""
    money = vendor_settings().reporting_currency
    stored = {"money": money, "percent": "%"}
    found = {key: stored.get(unit, "") for key, unit in Metric.objects.values_list("key", "unit")}
    return found | {code: money if metric.unit == MONEY else metric.unit for code, metric in COMPUTED.items()}


def internal_metrics() -> frozenset[str]:
    """Codes of the metrics that the partner's side never sees."""
    own = {code for code, metric in COMPUTED.items() if metric.internal}
    return frozenset(Metric.objects.filter(internal=True).values_list("key", flat=True)) | own


def looks_at(requirement: Requirement, codes: frozenset[str]) -> bool:
    """Whether the requirement, or one within it, looks at any of these metrics."""
    for each in flat(requirement):
        if isinstance(each, MetricRequirement) and each.source.metric in codes:
            return True
        if isinstance(each, ScoreRequirement):
            measures = [metric.measure for track in each.tracks for metric in track.metrics]
            if any(not isinstance(measure, Holders) and measure.metric in codes for measure in measures):
                return True
    return False


def as_detail(evaluation: Evaluation) -> dict[str, Any]:
    """What the history keeps of an evaluation: of each tier its requirements with what there was and was needed."""
    return {
        "tiers": [
            {
                "tier": tier.rules.tier,
                "met": tier.met,
                "requirements": [_outcome(each) for each in tier.outcomes],
            }
            for tier in evaluation.tiers
        ]
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "key": outcome.requirement.key,
        "name": outcome.requirement.name,
        "met": outcome.met,
        "have": None if outcome.have is None else format(outcome.have, "f"),
        "need": format(outcome.need, "f"),
        "missing": None if outcome.missing is None else format(outcome.missing, "f"),
    }
