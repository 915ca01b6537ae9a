"""How leads are given out, as data: one dated policy. Pure.

The document: {"rules": [{"name", "when": {…}, "to": {…}, "topic"}, …], "method", "weights": {"topic", "record", "room", "tier"}, "topic",
"seed", "accept_days", "most_offers", "capacity", "grades": {"A", "B", "C"}, "contact_days": {"A", "B", "C", "D"}, "pull_back_days"}.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

KIND = "leads"
MOST_RULES = 60
MOST_DAYS = 60  # working days of any clock
PARTS = ("topic", "record", "room", "tier")
GRADES = ("A", "B", "C", "D")
CONDITIONS = ("countries", "regions", "verticals", "lines", "grades", "sources")
MOST_WEIGHT = Decimal(1000)
LONGEST_NAME = 120
# The whole numbers of a policy, each with the least and the most it may be.
COUNTS = {
    "accept_days": (1, MOST_DAYS),
    "most_offers": (1, 20),
    "capacity": (0, 10_000),
    "pull_back_days": (0, MOST_DAYS),
}


class Method(StrEnum):
    RANKED = "ranked"
    ROUND_ROBIN = "round_robin"


class Near(StrEnum):
    """Where a rule's partners are, seen from the lead."""

    ANYWHERE = "anywhere"
    SAME_COUNTRY = "same_country"
    SAME_REGION = "same_region"


@dataclass(frozen=True)
class When:
    """Which leads a rule is for. None: all. `countries` are ISO codes, `regions`, `lines` and `sources` keys, `verticals` names (however
    spelled: case and accents don't count)."""

    countries: frozenset[str] | None = None
    regions: frozenset[str] | None = None
    verticals: frozenset[str] | None = None
    lines: frozenset[str] | None = None
    grades: frozenset[str] | None = None
    sources: frozenset[str] | None = None


@dataclass(frozen=True)
class To:
    """To whom a rule gives them: a person of the vendor (`direct`: a user's id), or the partners that meet all of the rest. None: any.
    `tiers` and `regions` are keys, `partners` ids."""

    direct: int | None = None
    near: Near = Near.ANYWHERE
    regions: frozenset[str] | None = None
    tiers: frozenset[str] | None = None
    partners: frozenset[int] | None = None


@dataclass(frozen=True)
class Rule:
    """`topic` overrules the policy's for this rule; None: the policy's."""

    name: str
    when: When = When()
    to: To = To()
    topic: str | None = None


@dataclass(frozen=True)
class Weights:
    topic: Decimal = Decimal(40)
    record: Decimal = Decimal(30)
    room: Decimal = Decimal(20)
    tier: Decimal = Decimal(10)


@dataclass(frozen=True)
class LeadPolicy:
    """`topic`: the key of the topic whose score counts ("": the overall). Days are working days of whoever must act. `grades`: from which
    score a lead is A, B, C. `contact_days` by grade; `pull_back_days` after the reminder."""

    rules: tuple[Rule, ...] = (Rule("Everybody"),)
    method: Method = Method.RANKED
    weights: Weights = Weights()
    topic: str = ""
    seed: str = "1"
    accept_days: int = 2
    most_offers: int = 3
    capacity: int = 10
    grades: Mapping[str, Decimal] = field(
        default_factory=lambda: {"A": Decimal(75), "B": Decimal(50), "C": Decimal(25)}
    )
    contact_days: Mapping[str, int] = field(default_factory=lambda: {"A": 2, "B": 5, "C": 10, "D": 10})
    pull_back_days: int = 2


@dataclass(frozen=True)
class Problem:
    """What is wrong with a policy: in which rule (counted from 0; None: not in one), with which field, and how.

    `code`: missing, unknown, range, order, repeated (two rules of one name), too_many, never (no lead gets past an earlier rule to it
    that isn't taken there: it is for all leads and keeps them direct).
    """

    rule: int | None
    field: str
    code: str


def read(document: Mapping[str, Any]) -> LeadPolicy:
    """The policy of a document; what is left out is the default. ValueError for what is no policy at all."""
    try:
        default = LeadPolicy()
        weights = document.get("weights", {})
        grades = document.get("grades", {})
        days = document.get("contact_days", {})
        return LeadPolicy(
            rules=tuple(_rule(each) for each in document["rules"]) if "rules" in document else default.rules,
            method=Method(document.get("method", default.method)),
            weights=Weights(**{part: Decimal(str(weights.get(part, getattr(Weights, part)))) for part in PARTS}),
            topic=str(document.get("topic", default.topic)),
            seed=str(document.get("seed", default.seed)),
            grades={grade: Decimal(str(grades.get(grade, default.grades[grade]))) for grade in GRADES[:-1]},
            contact_days={grade: int(days.get(grade, default.contact_days[grade])) for grade in GRADES},
            **{name: int(document.get(name, getattr(default, name))) for name in COUNTS},
        )
    except (TypeError, KeyError, AttributeError, InvalidOperation) as error:
        raise ValueError(f"This is no policy of leads: {error}") from error


def _rule(each: Mapping[str, Any]) -> Rule:
    when, to = each.get("when") or {}, each.get("to") or {}
    direct, topic = to.get("direct"), each.get("topic")
    return Rule(
        name=str(each["name"]).strip(),
        when=When(**{name: _keys(when.get(name)) for name in CONDITIONS}),
        to=To(
            direct=None if direct is None else int(direct),
            near=Near(to.get("near", Near.ANYWHERE)),
            regions=_keys(to.get("regions")),
            tiers=_keys(to.get("tiers")),
            partners=None if to.get("partners") is None else frozenset(int(pk) for pk in to["partners"]),
        ),
        topic=None if topic is None else str(topic),
    )


def _keys(values: Any) -> frozenset[str] | None:
    return None if values is None else frozenset(str(value) for value in values)


def document(policy: LeadPolicy) -> dict[str, Any]:
    """The document of a policy: numbers as text, lists in order."""
    return {
        "rules": [_written(rule) for rule in policy.rules],
        "method": policy.method.value,
        "weights": {part: f"{getattr(policy.weights, part):f}" for part in PARTS},
        "topic": policy.topic,
        "seed": policy.seed,
        "grades": {grade: f"{policy.grades[grade]:f}" for grade in GRADES[:-1]},
        "contact_days": {grade: policy.contact_days[grade] for grade in GRADES},
        **{name: getattr(policy, name) for name in COUNTS},
    }


def _written(rule: Rule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "when": {name: _listed(getattr(rule.when, name)) for name in CONDITIONS},
        "to": {
            "direct": rule.to.direct,
            "near": rule.to.near.value,
            "regions": _listed(rule.to.regions),
            "tiers": _listed(rule.to.tiers),
            "partners": _listed(rule.to.partners),
        },
        "topic": rule.topic,
    }


def _listed(keys: Collection[Any] | None) -> list[Any] | None:
    return None if keys is None else sorted(keys)


@dataclass(frozen=True)
class Known:
    """The keys and ids that there are. `people`: of the vendor's, who may hold leads."""

    regions: Collection[str] = ()
    tiers: Collection[str] = ()
    lines: Collection[str] = ()
    sources: Collection[str] = ()
    topics: Collection[str] = ()
    partners: Collection[int] = ()
    people: Collection[int] = ()
    countries: Collection[str] = ()


def problems(policy: LeadPolicy, known: Known) -> list[Problem]:
    """What is wrong with a policy where these are the keys and ids that there are."""
    found = [*_of_numbers(policy)]
    if policy.topic and policy.topic not in known.topics:
        found.append(Problem(None, "topic", "unknown"))
    if len(policy.rules) > MOST_RULES:
        return [*found, Problem(None, "rules", "too_many")]
    names: set[str] = set()
    taken = False
    for number, rule in enumerate(policy.rules):
        found += [Problem(number, name, code) for name, code in _of_rule(rule, known)]
        if rule.name.casefold() in names:
            found.append(Problem(number, "name", "repeated"))
        if taken:
            found.append(Problem(number, "name", "never"))
        names.add(rule.name.casefold())
        taken = taken or (rule.when == When() and rule.to.direct is not None)
    return found


def _of_numbers(policy: LeadPolicy) -> Iterator[Problem]:
    weights = [getattr(policy.weights, part) for part in PARTS]
    for part, weight in zip(PARTS, weights, strict=True):
        if not weight.is_finite() or not 0 <= weight <= MOST_WEIGHT:
            yield Problem(None, f"weights.{part}", "range")
    if all(weight == 0 for weight in weights):
        yield Problem(None, "weights", "range")
    for name, (least, most) in COUNTS.items():
        if not least <= getattr(policy, name) <= most:
            yield Problem(None, name, "range")
    for grade in GRADES:
        if not 0 <= policy.contact_days[grade] <= MOST_DAYS:
            yield Problem(None, f"contact_days.{grade}", "range")
    thresholds = [policy.grades[grade] for grade in GRADES[:-1]]
    if not all(value.is_finite() and 0 < value <= 100 for value in thresholds):
        yield Problem(None, "grades", "range")
    elif not thresholds[0] > thresholds[1] > thresholds[2]:
        yield Problem(None, "grades", "order")


def _of_rule(rule: Rule, known: Known) -> Iterator[tuple[str, str]]:
    if not rule.name or len(rule.name) > LONGEST_NAME:
        yield "name", "missing" if not rule.name else "range"
    there: dict[str, Collection[Any] | None] = {
        "countries": known.countries, "regions": known.regions, "verticals": None, "lines": known.lines, "grades": GRADES,
        "sources": known.sources,
    }  # fmt: skip
    for name in CONDITIONS:
        keys, every = getattr(rule.when, name), there[name]
        if keys is not None and not keys:
            yield f"when.{name}", "missing"
        elif keys is not None and every is not None and not keys <= set(every):
            yield f"when.{name}", "unknown"
    if rule.to.direct is not None and rule.to.direct not in known.people:
        yield "to.direct", "unknown"
    chosen: dict[str, Collection[Any]] = {"regions": known.regions, "tiers": known.tiers, "partners": known.partners}
    for name, every in chosen.items():
        keys = getattr(rule.to, name)
        if keys is not None and not keys:
            yield f"to.{name}", "missing"
        elif keys is not None and not keys <= set(every):
            yield f"to.{name}", "unknown"
    if rule.topic and rule.topic not in known.topics:
        yield "topic", "unknown"
