"""The rules of the policy as people read them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cadence.models import TASKS
from cadence.schedule import NO_TIER, Rule
from partners.models import LifeStage, Tier

EVERY = {
    "month": gettext_lazy("every month"),
    "quarter": gettext_lazy("every quarter"),
    "half": gettext_lazy("every half-year"),
    "year": gettext_lazy("every year"),
}


@dataclass(frozen=True)
class RuleWords:
    task: str
    every: str
    tiers: str
    stages: str
    due: str


def in_words(rules: Sequence[Rule]) -> list[RuleWords]:
    """Each rule in words; keys of tiers and stages that are gone stay as they are."""
    tiers: dict[str, Any] = {**dict(Tier.objects.values_list("key", "name")), NO_TIER: _("no tier")}
    stages: dict[str, Any] = dict(LifeStage.objects.values_list("key", "name"))
    return [
        RuleWords(
            task=str(TASKS.get(rule.task, rule.task)),
            every=str(EVERY[rule.every]),
            tiers=_named(rule.tiers, tiers, _("all tiers")),
            stages=_named(rule.stages, stages, _("all life stages")),
            due=_due(rule.offset),
        )
        for rule in rules
    ]


def _named(keys: Iterable[str] | None, names: dict[str, Any], everything: str) -> str:
    if keys is None:
        return everything
    order = list(names)
    known = sorted(keys, key=lambda key: (order.index(key) if key in names else len(order), key))
    return ", ".join(str(names.get(key, key)) for key in known)


def _due(offset: int | None) -> str:
    if not offset:
        return _("last working day")
    words = (
        ngettext("%(n)s working day after the last", "%(n)s working days after the last", offset)
        if offset > 0
        else ngettext("%(n)s working day before the last", "%(n)s working days before the last", -offset)
    )
    return words % {"n": abs(offset)}
