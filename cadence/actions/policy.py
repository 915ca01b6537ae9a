"""Versions of the policy of the cadence."""

import datetime as dt
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from cadence import policies, tools
from cadence.schedule import Rule
from partners.models import LifeStage, Tier
from prm.common import audit
from prm.common.actions import remove_policy
from prm.common.models import Policy
from prm.common.vendor import today

audit.VERBS.update(
    {
        "cadence.set": gettext_lazy("Cadence set"),
        "cadence.removed": gettext_lazy("Cadence removed"),
    }
)
WORDS = {
    ("task", "missing"): gettext_lazy("Choose a task."),
    ("task", "unknown"): gettext_lazy("There is no tool for this task yet."),
    ("task", "repeated"): gettext_lazy("A rule above holds for all these partners already."),
    ("every", "missing"): gettext_lazy("Choose how often."),
    ("every", "unknown"): gettext_lazy("Choose how often."),
    ("tiers", "missing"): gettext_lazy("Name a tier, or all of them."),
    ("tiers", "unknown"): gettext_lazy("There is no such tier."),
    ("stages", "missing"): gettext_lazy("Name a life stage, or all of them."),
    ("stages", "unknown"): gettext_lazy("There is no such life stage."),
    ("offset", "offset"): gettext_lazy("Choose 60 working days at most, before or after."),
    ("rules", "too_many"): gettext_lazy("These are too many rules."),
}


def start_policy(*, on: dt.date) -> Policy | None:
    """The first version, where there is none: Cadence's own, for periods that start in this month or later."""
    if Policy.objects.filter(kind=policies.KIND).exists():
        return None
    first, _made = Policy.objects.get_or_create(
        kind=policies.KIND, starts_on=on.replace(day=1), defaults={"data": policies.DEFAULT}
    )
    return first


def found_wrong(rules: Sequence[Rule]) -> list[policies.Problem]:
    """What is wrong with these rules for this vendor."""
    return policies.problems(
        rules,
        tasks={tool.task for tool in tools.tools()},
        tiers=set(Tier.objects.values_list("key", flat=True)),
        stages=set(LifeStage.objects.values_list("key", flat=True)),
    )


@transaction.atomic
def set_policy(*, by: User, starts_on: dt.date, rules: Sequence[Rule], instead_of: Policy | None = None) -> Policy:
    """A version for periods that start on `starts_on` or later, which is after today: what is due already stays as it is.

    A version that starts the same day is replaced, and so is `instead_of`. ValidationError: a day that has come, rules that
    can't be, `instead_of` in force already.
    """
    if starts_on <= today():
        raise ValidationError({"starts_on": _("Choose tomorrow or a later day: what is due already stays as it is.")})
    if wrong := found_wrong(rules):
        raise ValidationError({"rules": [_say(problem) for problem in wrong]})
    if instead_of is not None and instead_of.starts_on != starts_on:
        remove_policy(by=by, policy=instead_of)
    data = policies.document(rules)
    version, made = Policy.objects.select_for_update().get_or_create(
        kind=policies.KIND, starts_on=starts_on, defaults={"data": data, "created_by": by}
    )
    before = None if made else version.data
    if not made:
        version.data, version.created_by = data, by
        version.save(update_fields=["data", "created_by"])
    audit.record(
        by=by, verb="cadence.set", target=version, changes={"rules": [before and before["rules"], data["rules"]]}
    )
    return version


def _say(problem: policies.Problem) -> str:
    words = WORDS[problem.field, problem.code]
    if problem.rule is None:
        return str(words)
    return _("Rule %(number)s: %(what)s") % {"number": problem.rule + 1, "what": words}
