"""How a lead came to be given out, for people: the rules in turn, the candidates with the numbers of each, the formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from leads import queries
from leads.distribution import Kept, PartnerFacts
from leads.models import Distribution
from leads.policies import PARTS, Method
from prm.common.templatetags.numbers import format_number

SHOWN = 8  # candidates; the others are folded away
PART_NAMES = {
    "topic": gettext_lazy("Topic score"),
    "record": gettext_lazy("Record"),
    "room": gettext_lazy("Free places"),
    "tier": gettext_lazy("Tier"),
}
RESULTS = {
    "not_for_it": gettext_lazy("not for this lead"),
    "none_free": gettext_lazy("nobody free"),
    "chose": gettext_lazy("decided"),
    "direct": gettext_lazy("kept by us"),
}
LEFT_OUT = {
    "full": gettext_lazy("No place free"),
    "had_it": gettext_lazy("Had it before"),
    "nobody": gettext_lazy("Nobody there accepts leads"),
}


@dataclass(frozen=True)
class Cell:
    """One part of a total: what it is worth in points, and its own numbers."""

    label: str
    points: str
    numbers: str


@dataclass(frozen=True)
class Line:
    """A candidate; `name` "" where the reader doesn't see the partner."""

    place: int
    name: str
    url: str
    chosen: bool
    cells: list[Cell]
    total: str


@dataclass(frozen=True)
class Out:
    """Somebody the rule names that could not get it."""

    name: str
    url: str
    why: str


@dataclass(frozen=True)
class Explained:
    """One run of the rules, in words and numbers. `formula` in general, `own` with the numbers of the chosen one."""

    run: Distribution
    ranked: bool
    rules: list[tuple[str, str]]
    heads: list[tuple[str, str]]  # a part and its weight
    lines: list[Line]
    rest: list[Line]
    more: int
    out: list[Out]
    formula: str
    own: str


def explained(user: User, run: Distribution) -> Explained:
    """A run as this person may see it."""
    kept = queries.kept(run)
    seen = queries.candidates(user, run)
    lines = [_line(found, kept) for found in seen if found.place is not None]
    is_ranked = kept.method == Method.RANKED
    return Explained(
        run=run,
        ranked=is_ranked,
        rules=[(each.name, str(RESULTS[each.result])) for each in kept.rules],
        heads=[(str(PART_NAMES[part]), f"{getattr(kept.weights, part):f}") for part in PARTS] if is_ranked else [],
        lines=lines[:SHOWN],
        rest=lines[SHOWN:],
        more=kept.more,
        out=[_out(found) for found in seen if found.left_out],
        formula=_formula(kept) if is_ranked else "",
        own=_own(kept) if is_ranked and kept.candidates else "",
    )


def _line(found: queries.Candidate, kept: Kept) -> Line:
    total = "" if found.total is None else number(found.total)
    return Line(found.place or 0, *_named(found.partner), found.chosen, _cells(found, kept), total)


def _named(partner: Any) -> tuple[str, str]:
    return ("", "") if partner is None else (partner.name, reverse("leads:of_partner", args=[partner.pk]))


def _out(found: queries.Candidate) -> Out:
    return Out(*_named(found.partner), str(LEFT_OUT.get(found.left_out, found.left_out)))


def _cells(found: queries.Candidate, kept: Kept) -> list[Cell]:
    if found.parts is None:
        return []
    return [
        Cell(
            str(PART_NAMES[part]),
            number(Fraction(getattr(kept.weights, part)) * getattr(found.parts, part)),
            OWN_NUMBERS[part](found.facts, kept.tiers),
        )
        for part in PARTS
    ]


def _record(partner: PartnerFacts, tiers: int) -> str:
    words = _("%(accepted)s of %(offered)s accepted, %(won)s won")
    return words % {"accepted": partner.accepted, "offered": partner.offered, "won": partner.won}


# What each part was computed from, of one partner: (its figures, how many tiers there are).
OWN_NUMBERS: Mapping[str, Callable[[PartnerFacts, int], str]] = {
    "topic": lambda partner, tiers: _("no score: ½") if partner.score is None else number(Fraction(partner.score)),
    "record": _record,
    "room": lambda partner, tiers: _("%(open)s of %(all)s taken") % {"open": partner.open, "all": partner.capacity},
    "tier": lambda partner, tiers: _("%(rank)s of %(all)s") % {"rank": partner.rank, "all": tiers},
}


def _formula(kept: Kept) -> str:
    weights = {part: f"{getattr(kept.weights, part):f}" for part in PARTS}
    return _(
        "Total = %(topic)s × score ÷ 100 + %(record)s × (accepted + 1) ÷ (offered + 2) × (won + 1) ÷ (accepted + 2)"
        " + %(room)s × (1 − open ÷ places) + %(tier)s × tier ÷ %(tiers)s"
    ) % {**weights, "tiers": kept.tiers}


def _own(kept: Kept) -> str:
    """The formula with the numbers of the one who was chosen."""
    first = kept.candidates[0]
    partner, parts = first.partner, first.parts
    if parts is None or first.total is None:
        return ""
    weight = {part: f"{getattr(kept.weights, part):f}" for part in PARTS}
    score = "½" if partner.score is None else f"{number(Fraction(partner.score))} ÷ 100"
    terms = [
        f"{weight['topic']} × {score}",
        f"{weight['record']} × {partner.accepted + 1} ÷ {partner.offered + 2} × {partner.won + 1} ÷ {partner.accepted + 2}",
        f"{weight['room']} × (1 − {partner.open} ÷ {partner.capacity})",
        f"{weight['tier']} × {partner.rank} ÷ {kept.tiers}",
    ]
    return f"{' + '.join(terms)} = {number(first.total)}"


def number(value: Fraction) -> str:
    """With one decimal."""
    return format_number(Decimal(value.numerator) / value.denominator, 1)
