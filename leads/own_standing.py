"""How leads are given out, as one partner reads it: the policy in words, and the parts of its own total today."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from django.utils import timezone

from leads import distribution, reading
from leads.explaining import OWN_NUMBERS, PART_NAMES, Cell, number
from leads.policies import PARTS, LeadPolicy, Method
from partners.models import Partner


@dataclass(frozen=True)
class Line:
    """A part, and what it counts at most."""

    cell: Cell
    weight: str


@dataclass(frozen=True)
class Standing:
    """`lines`: the partner's parts in points, none where leads are given out in turn or it gets none; `open` of `capacity` taken."""

    policy: LeadPolicy
    ranked: bool
    lines: list[Line]
    open: int
    capacity: int
    total: str


def standing(partner: Partner) -> Standing:
    """Of the policy of today; a rule may let another topic count."""
    now = reading.ground(timezone.now())
    policy = now.policy
    (facts,) = reading.figures(
        "SELECT id, tier_id FROM partners_partner WHERE id = %s", [partner.pk], now, policy.topic
    )
    ranked = policy.method == Method.RANKED
    lines: list[Line] = []
    total = ""
    if ranked and facts.capacity:
        parts = distribution.parts(facts, len(now.ranks))
        for part in PARTS:
            weight = getattr(policy.weights, part)
            points = number(Fraction(weight) * getattr(parts, part))
            cell = Cell(str(PART_NAMES[part]), points, OWN_NUMBERS[part](facts, len(now.ranks)))
            lines.append(Line(cell, f"{weight.normalize():f}"))
        total = number(parts.total(policy.weights))
    return Standing(policy, ranked, lines, facts.open, facts.capacity, total)
