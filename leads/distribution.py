"""Who gets a lead: rules in order, candidates with a place free, and the choice among them, explained. Pure and exact.

The first rule that is for the lead and has a candidate decides. Ranked: by

    total = Σ weight × part, of
    topic  = topic score ÷ 100 (½ where there is none)
    record = (accepted + 1) ÷ (offered + 2) × (won + 1) ÷ (accepted + 2), of the offers of 12 months
    room   = 1 − open ÷ capacity
    tier   = rank ÷ tiers (0 without a tier)

the highest first; equal ones by the longest time since their last offer (never: longest), then by id.

Round-robin: each candidate has as many places in a round as it has turns, ordered by a digest of seed, partner and turn; the turn
goes to the first place after the last one taken. What all this was computed from is kept (`Kept`), so that it can be again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any, Protocol

from leads.policies import PARTS, LeadPolicy, Method, Rule, To, Weights, When
from prm.common.names import fold

HALF = Fraction(1, 2)
MOST_KEPT = 100  # candidates, and as many of those left out

FULL, HAD_IT, NOBODY = "full", "had_it", "nobody"  # why somebody was left out
NOT_FOR_IT, NONE_FREE, CHOSE, DIRECT = "not_for_it", "none_free", "chose", "direct"  # what came of a rule


@dataclass(frozen=True)
class LeadFacts:
    """What rules look at: country as an ISO code, region, lines and source by key, vertical in the words of its source."""

    country: str = ""
    region: str = ""
    vertical: str = ""
    lines: frozenset[str] = frozenset()
    grade: str = "D"
    source: str = ""


@dataclass(frozen=True)
class PartnerFacts:
    """A partner that a rule names. `score`: of the topic, 0–100; `offered`, `accepted`, `won` in 12 months; `open`: leads it holds and
    works on, and open offers; `rank` of its tier from 1, 0 for none; `had_it`: was offered this lead before; `answers`: somebody there
    can accept leads."""

    id: int
    score: Decimal | None = None
    offered: int = 0
    accepted: int = 0
    won: int = 0
    open: int = 0
    capacity: int = 10
    rank: int = 0
    last_offer: dt.datetime | None = None
    turns: int = 1
    had_it: bool = False
    answers: bool = True


@dataclass(frozen=True)
class Parts:
    """Each from 0 to 1."""

    topic: Fraction
    record: Fraction
    room: Fraction
    tier: Fraction

    def total(self, weights: Weights) -> Fraction:
        return sum((Fraction(getattr(weights, part)) * getattr(self, part) for part in PARTS), Fraction())


@dataclass(frozen=True)
class Ranked:
    """A candidate in its place. Ranked: parts and total. Round-robin: the place in the round that it has next."""

    partner: PartnerFacts
    parts: Parts | None = None
    total: Fraction | None = None
    slot: str = ""


@dataclass(frozen=True)
class Left:
    """A partner that the rule names but that couldn't get the lead."""

    partner_id: int
    why: str
    open: int = 0
    capacity: int = 0


@dataclass(frozen=True)
class Considered:
    """What came of one rule; `left_out` counts by reason."""

    name: str
    result: str
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Kept:
    """All that a choice was made from. `candidates` in their order, the first is the choice; of very many the first hundred, `more`
    says how many more there were. `direct`: the person of the vendor that the rule gives the lead to."""

    at: dt.datetime
    policy_from: dt.date | None
    lead: LeadFacts
    method: Method
    weights: Weights
    tiers: int
    seed: str
    after: str
    topic: str
    rules: tuple[Considered, ...]
    candidates: tuple[Ranked, ...] = ()
    more: int = 0
    left_out: tuple[Left, ...] = ()
    more_left_out: int = 0
    direct: int | None = None

    @property
    def choice(self) -> int | None:
        """The partner's id."""
        return self.candidates[0].partner.id if self.candidates else None

    @property
    def rule(self) -> str:
        """The name of the rule that decided; "" where none did."""
        last = self.rules[-1] if self.rules else None
        return last.name if last and last.result in (CHOSE, DIRECT) else ""


def is_for(when: When, lead: LeadFacts) -> bool:
    """Whether a rule is for a lead: it meets each condition; of several product lines one is enough."""
    return (
        (when.countries is None or lead.country in when.countries)
        and (when.regions is None or lead.region in when.regions)
        and (when.verticals is None or fold(lead.vertical) in {fold(each) for each in when.verticals} - {""})
        and (when.lines is None or bool(when.lines & lead.lines))
        and (when.grades is None or lead.grade in when.grades)
        and (when.sources is None or lead.source in when.sources)
    )


def parts(partner: PartnerFacts, tiers: int) -> Parts:
    """The parts of a candidate, of which the capacity is above 0."""
    return Parts(
        topic=HALF if partner.score is None else Fraction(partner.score) / 100,
        record=Fraction(partner.accepted + 1, partner.offered + 2) * Fraction(partner.won + 1, partner.accepted + 2),
        room=1 - Fraction(partner.open, partner.capacity),
        tier=Fraction(partner.rank, tiers) if tiers else Fraction(),
    )


def left_out(partner: PartnerFacts) -> str:
    """Why a partner is no candidate: NOBODY, HAD_IT or FULL; "" where it is one."""
    if not partner.answers:
        return NOBODY
    if partner.had_it:
        return HAD_IT
    return FULL if partner.open >= partner.capacity else ""


def rank(candidates: Iterable[PartnerFacts], *, weights: Weights, tiers: int) -> list[Ranked]:
    """The candidates from the highest total; of very many the first MOST_KEPT only."""
    found = []
    for partner in _foremost(list(candidates), weights, tiers):
        its = parts(partner, tiers)
        found.append(Ranked(partner, its, its.total(weights)))
    return sorted(found, key=lambda each: (-(each.total or 0), *_longest_first(each.partner)))[:MOST_KEPT]


def _foremost(candidates: list[PartnerFacts], weights: Weights, tiers: int) -> list[PartnerFacts]:
    """Among thousands those that can be of the first MOST_KEPT: by totals that are quick to compute, and right to a millionth."""
    if len(candidates) <= 2 * MOST_KEPT:
        return candidates
    by = [float(getattr(weights, part)) for part in PARTS]

    def rough(each: PartnerFacts) -> float:
        record = (each.accepted + 1) / (each.offered + 2) * (each.won + 1) / (each.accepted + 2)
        topic = 0.5 if each.score is None else float(each.score) / 100
        tier = each.rank / tiers if tiers else 0.0
        return by[0] * topic + by[1] * record + by[2] * (1 - each.open / each.capacity) + by[3] * tier

    totals = [rough(each) for each in candidates]
    least = sorted(totals, reverse=True)[MOST_KEPT - 1] - 1e-6 * (1 + sum(by))
    return [each for each, total in zip(candidates, totals, strict=True) if total >= least]


def _longest_first(partner: PartnerFacts) -> tuple[float, int]:
    return (partner.last_offer.timestamp() if partner.last_offer else float("-inf"), partner.id)


def slots(partner: PartnerFacts, seed: str) -> list[str]:
    """A partner's places in the round."""
    return [
        hashlib.sha256(f"{seed}:{partner.id}:{turn}".encode()).hexdigest()[:16] for turn in range(1, partner.turns + 1)
    ]


def in_turn(candidates: Iterable[PartnerFacts], *, seed: str, after: str) -> list[Ranked]:
    """The candidates in the order in which their turn comes after the place `after` ("": from the beginning); of very many the
    first MOST_KEPT only."""
    every = sorted((slot, partner.id, partner) for partner in candidates for slot in slots(partner, seed))
    later = [each for each in every if each[0] > after]
    found: dict[int, Ranked] = {}
    for slot, pk, partner in [*later, *every]:
        found.setdefault(pk, Ranked(partner, slot=slot))
    return list(found.values())[:MOST_KEPT]


def ordered(
    candidates: Iterable[PartnerFacts], *, method: Method, weights: Weights, tiers: int, seed: str, after: str
) -> list[Ranked]:
    """The candidates in the order of the method."""
    if method == Method.ROUND_ROBIN:
        return in_turn(candidates, seed=seed, after=after)
    return rank(candidates, weights=weights, tiers=tiers)


class Pool(Protocol):
    """Where `choose` gets what it needs from, rule by rule, as far as it gets."""

    def partners(self, to: To, topic: str) -> Sequence[PartnerFacts]:
        """The partners that meet the rule (`near` seen from the lead), with the score of this topic ("": the overall)."""

    def after(self, rule: Rule) -> str:
        """The place in the round that this rule took last; "" where none."""


def choose(
    lead: LeadFacts,
    policy: LeadPolicy,
    pool: Pool,
    *,
    at: dt.datetime,
    tiers: int,
    policy_from: dt.date | None = None,
) -> Kept:
    """Who gets the lead by this policy. `tiers`: how many there are; `policy_from`: since when the policy is in force."""
    seen: list[Considered] = []
    topic = policy.topic

    def kept(**more: Any) -> Kept:
        return Kept(
            at=at, policy_from=policy_from, lead=lead, method=policy.method, weights=policy.weights, tiers=tiers,
            seed=policy.seed, topic=topic, rules=tuple(seen), **{"after": "", **more},
        )  # fmt: skip

    out: list[Left] = []
    for rule in policy.rules:
        topic = policy.topic if rule.topic is None else rule.topic
        if not is_for(rule.when, lead):
            seen.append(Considered(rule.name, NOT_FOR_IT))
            continue
        if rule.to.direct is not None:
            seen.append(Considered(rule.name, DIRECT))
            return kept(direct=rule.to.direct)
        free, out = _parted(pool.partners(rule.to, topic))
        counts = {why: sum(each.why == why for each in out) for why in {each.why for each in out}}
        seen.append(Considered(rule.name, CHOSE if free else NONE_FREE, counts))
        if free:
            after = pool.after(rule) if policy.method == Method.ROUND_ROBIN else ""
            order = ordered(
                free, method=policy.method, weights=policy.weights, tiers=tiers, seed=policy.seed, after=after
            )
            return kept(
                after=after,
                candidates=tuple(order),
                more=len(free) - len(order),
                left_out=tuple(out[:MOST_KEPT]),
                more_left_out=max(0, len(out) - MOST_KEPT),
            )
    return kept(left_out=tuple(out[:MOST_KEPT]), more_left_out=max(0, len(out) - MOST_KEPT))


def _parted(partners: Iterable[PartnerFacts]) -> tuple[list[PartnerFacts], list[Left]]:
    free, out = [], []
    for partner in partners:
        if why := left_out(partner):
            out.append(Left(partner.id, why, partner.open, partner.capacity))
        else:
            free.append(partner)
    return free, out


def again(kept: Kept) -> list[Ranked]:
    """The candidates' order computed anew from what was kept of them: the same as `kept.candidates`, or something is wrong."""
    return ordered(
        [each.partner for each in kept.candidates],
        method=kept.method, weights=kept.weights, tiers=kept.tiers, seed=kept.seed, after=kept.after,
    )  # fmt: skip


# ── As JSON ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def to_json(kept: Kept) -> dict[str, Any]:
    """As it is stored: fractions as "1/3", moments in ISO 8601."""
    return {
        "at": kept.at.isoformat(),
        "policy_from": kept.policy_from.isoformat() if kept.policy_from else None,
        "lead": {**{name: getattr(kept.lead, name) for name in _LEAD}, "lines": sorted(kept.lead.lines)},
        "method": kept.method.value,
        "weights": {part: f"{getattr(kept.weights, part):f}" for part in PARTS},
        "tiers": kept.tiers,
        "seed": kept.seed,
        "after": kept.after,
        "topic": kept.topic,
        "rules": [
            {"name": each.name, "result": each.result, **({"left_out": dict(each.left_out)} if each.left_out else {})}
            for each in kept.rules
        ],
        "candidates": [_candidate_json(each) for each in kept.candidates],
        "more": kept.more,
        "left_out": [[each.partner_id, each.why, each.open, each.capacity] for each in kept.left_out],
        "more_left_out": kept.more_left_out,
        "direct": kept.direct,
    }


_LEAD = ("country", "region", "vertical", "grade", "source")
_NUMBERS = ("offered", "accepted", "won", "open", "capacity", "rank", "turns")


def _candidate_json(each: Ranked) -> dict[str, Any]:
    partner = each.partner
    return {
        "partner": partner.id,
        "score": None if partner.score is None else f"{partner.score:f}",
        **{name: getattr(partner, name) for name in _NUMBERS},
        "last_offer": partner.last_offer.isoformat() if partner.last_offer else None,
        "parts": {part: str(getattr(each.parts, part)) for part in PARTS} if each.parts else None,
        "total": None if each.total is None else str(each.total),
        "slot": each.slot,
    }


def from_json(stored: Mapping[str, Any]) -> Kept:
    """What `to_json` made."""
    lead = stored["lead"]
    return Kept(
        at=dt.datetime.fromisoformat(stored["at"]),
        policy_from=dt.date.fromisoformat(stored["policy_from"]) if stored["policy_from"] else None,
        lead=LeadFacts(lines=frozenset(lead["lines"]), **{name: lead[name] for name in _LEAD}),
        method=Method(stored["method"]),
        weights=Weights(**{part: Decimal(stored["weights"][part]) for part in PARTS}),
        tiers=stored["tiers"],
        seed=stored["seed"],
        after=stored["after"],
        topic=stored["topic"],
        rules=tuple(Considered(each["name"], each["result"], each.get("left_out", {})) for each in stored["rules"]),
        candidates=tuple(_candidate(each) for each in stored["candidates"]),
        more=stored["more"],
        left_out=tuple(Left(*each) for each in stored["left_out"]),
        more_left_out=stored["more_left_out"],
        direct=stored["direct"],
    )


def _candidate(each: Mapping[str, Any]) -> Ranked:
    partner = PartnerFacts(
        id=each["partner"],
        score=None if each["score"] is None else Decimal(each["score"]),
        last_offer=dt.datetime.fromisoformat(each["last_offer"]) if each["last_offer"] else None,
        **{name: each[name] for name in _NUMBERS},
    )
    its = Parts(**{part: Fraction(each["parts"][part]) for part in PARTS}) if each["parts"] else None
    return Ranked(partner, its, None if each["total"] is None else Fraction(each["total"]), each["slot"])
