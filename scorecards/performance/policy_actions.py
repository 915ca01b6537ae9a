"""Versions of the policies behind the figures."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from pipeline.policy_actions import set_policy
from prm.common import audit
from prm.common.models import Policy
from scorecards.performance import policies
from scorecards.performance.policies import DEFAULT, Composite, Coverage

audit.VERBS.update(
    {
        "composite.set": gettext_lazy("Weights of the composite set"),
        "composite.removed": gettext_lazy("Weights of the composite removed"),
        "coverage.set": gettext_lazy("Pipeline coverage set"),
        "coverage.removed": gettext_lazy("Pipeline coverage removed"),
        "benchmark.set": gettext_lazy("Sales per rep set"),
        "benchmark.removed": gettext_lazy("Sales per rep removed"),
    }
)


def set_coverage(*, by: User, starts_on: dt.date, coverage: Coverage) -> Policy:
    """The coverage that makes 100 %, and the window it is asked in, from a day on, today or later."""
    if coverage.index <= 0:
        raise ValidationError({"index": _("Enter a number above 0.")})
    return set_policy(policies.COVERAGE, policies.coverage_data(coverage), by, starts_on)


def set_weights(*, by: User, starts_on: dt.date, stage: str, weights: Mapping[str, Decimal], cap: Decimal) -> Policy:
    """What the composite weighs in a life stage (its key, or DEFAULT for those without weights of their own), and its cap for
    all of them, from a day on. Without any weight above 0 a stage goes by the default, which has to have one."""
    if cap <= 0:
        raise ValidationError({"cap": _("Enter a number above 0.")})
    weighing = {key: weight for key, weight in weights.items() if weight}
    if any(weight < 0 for weight in weighing.values()):
        raise ValidationError(_("A weight is never negative."))
    if stage == DEFAULT and not weighing:
        raise ValidationError(_("Give one figure a weight at least."))
    known = policies.Policies(starts_on).composite
    stages = {key: of for key, of in known.stages.items() if key != stage}
    if weighing:
        stages[stage] = weighing
    return set_policy(policies.COMPOSITE, policies.composite_data(Composite(cap, stages)), by, starts_on)


def set_benchmark(*, by: User, starts_on: dt.date, amounts: Mapping[str, Decimal]) -> Policy:
    """Sales per rep by partner type (its key) where fewer than five partners tell it, in the reporting currency."""
    if any(amount < 0 for amount in amounts.values()):
        raise ValidationError(_("An amount per rep is never negative."))
    return set_policy(policies.BENCHMARK, policies.benchmark_data(amounts), by, starts_on)
