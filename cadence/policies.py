"""The policy of the cadence as data: {"rules": [{"task", "every", "tiers", "stages", "offset"}, …]}. Pure.

`task`: a task's key. `every`: month, quarter, half or year. `tiers` and `stages`: lists of keys (of the tiers also "none", for
partners without one), or null for all. `offset`: working days from the period's last working day (−60 to 60), or null. Of the
rules for one task the first that fits a partner counts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from cadence.schedule import EVERY, NO_TIER, Rule

KIND = "cadence"
FARTHEST = 60  # working days
MOST_RULES = 60

_WORKED_WITH = ["onboard", "activate", "accelerate", "mature"]
DEFAULT: dict[str, Any] = {
    "rules": [
        {"task": "performance_review", "every": "month", "tiers": None, "stages": _WORKED_WITH, "offset": None},
        {"task": "capabilities", "every": "quarter", "tiers": ["gold", "platinum"], "stages": _WORKED_WITH, "offset": None},
        {"task": "capabilities", "every": "half", "tiers": None, "stages": _WORKED_WITH, "offset": None},
        {"task": "account_plan", "every": "quarter", "tiers": None, "stages": _WORKED_WITH, "offset": None},
        {"task": "business_plan", "every": "year", "tiers": None, "stages": _WORKED_WITH, "offset": None},
        {"task": "reforecast", "every": "quarter", "tiers": None, "stages": _WORKED_WITH, "offset": None},
        {"task": "marketing_plan", "every": "quarter", "tiers": None, "stages": _WORKED_WITH, "offset": None},
        {"task": "qbr", "every": "quarter", "tiers": None, "stages": _WORKED_WITH, "offset": None},
        {"task": "objectives", "every": "half", "tiers": None, "stages": _WORKED_WITH, "offset": None},
        {"task": "satisfaction", "every": "half", "tiers": None, "stages": _WORKED_WITH, "offset": None},
    ]
}  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """What is wrong with a document: in which rule (counted from 0; None: in all of it), with which field, and how.

    `code`: missing, unknown, too_many, offset, repeated (an earlier rule for the task holds for all the partners of this one).
    """

    rule: int | None
    field: str
    code: str


def read(document: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rules of a document that `problems` finds nothing wrong with."""
    return tuple(_rule(each) for each in document["rules"])


def _rule(each: Mapping[str, Any]) -> Rule:
    return Rule(each["task"], each["every"], _keys(each.get("tiers")), _keys(each.get("stages")), each.get("offset"))


def _keys(values: Any) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


def document(rules: Collection[Rule]) -> dict[str, Any]:
    """The document of these rules, keys in order."""
    return {
        "rules": [
            {
                "task": rule.task,
                "every": rule.every,
                "tiers": None if rule.tiers is None else sorted(rule.tiers),
                "stages": None if rule.stages is None else sorted(rule.stages),
                "offset": rule.offset,
            }
            for rule in rules
        ]
    }


def problems(
    rules: Collection[Rule], *, tasks: Collection[str], tiers: Collection[str], stages: Collection[str]
) -> list[Problem]:
    """What is wrong with these rules where these are the keys of tasks, tiers and life stages that there are."""
    if len(rules) > MOST_RULES:
        return [Problem(None, "rules", "too_many")]
    found: list[Problem] = []
    for number, rule in enumerate(rules):
        for field, value, known in (("task", rule.task, tasks), ("every", rule.every, EVERY)):
            if not value:
                found.append(Problem(number, field, "missing"))
            elif value not in known:
                found.append(Problem(number, field, "unknown"))
        for field, keys, known in (("tiers", rule.tiers, {*tiers, NO_TIER}), ("stages", rule.stages, stages)):
            if keys is not None and not keys:
                found.append(Problem(number, field, "missing"))
            elif keys is not None and not keys <= set(known):
                found.append(Problem(number, field, "unknown"))
        if rule.offset is not None and not -FARTHEST <= rule.offset <= FARTHEST:
            found.append(Problem(number, "offset", "offset"))
        if any(_covers(other, rule) for other in list(rules)[:number]):
            found.append(Problem(number, "task", "repeated"))
    return found


def _covers(first: Rule, second: Rule) -> bool:
    """Whether no partner is left for the second where the first comes before it."""
    return first.task == second.task and _within(second.tiers, first.tiers) and _within(second.stages, first.stages)


def _within(part: frozenset[str] | None, whole: frozenset[str] | None) -> bool:
    return whole is None or (part is not None and part <= whole)
