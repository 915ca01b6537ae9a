"""How leads are given out, as data: one dated policy. Pure.

The document: {"rules": [{"name", "when": {…}, "to": {…}, "topic"}, …], "method", "weights": {"topic", "record", "room", "tier"}, "topic",
"seed", "accept_days", "most_offers", "capacity", "grades": {"A", "B", "C"}, "contact_days": {"A", "B", "C", "D"}, "pull_back_days"}.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

KIND = "leads"
MOST_RULES = 60
MOST_DAYS = 60  # working days of any clock
PARTS = ("topic", "record", "room", "tier")
GRADES = ("A", "B", "C", "D")


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
    raise NotImplementedError


def document(policy: LeadPolicy) -> dict[str, Any]:
    """The document of a policy: numbers as text, lists in order."""
    raise NotImplementedError


def problems(
    policy: LeadPolicy,
    *,
    regions: Collection[str],
    tiers: Collection[str],
    lines: Collection[str],
    sources: Collection[str],
    topics: Collection[str],
    partners: Collection[int],
    people: Collection[int],
) -> list[Problem]:
    """What is wrong where these are the keys and ids that there are."""
    raise NotImplementedError
