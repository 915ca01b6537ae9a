"""How a lead came to be where it is: its steps, and the runs of the rules on it."""

from decimal import Decimal
from typing import Any, Literal

from ninja import Router

from accounts.models import User
from leads import queries
from leads.api.common import READS, READS_OURS, need_inside
from leads.api.leads import find
from pipeline.api.common import text
from prm.api.auth import Request
from prm.api.paging import everything
from prm.api.schemas import Out, Page, instant

router = Router(tags=["Leads"])


class StepOut(Out):
    """`partner` null with `other_partner`: one that is none of yours. `by` null: the system, or the other side's people."""

    kind: str
    at: str
    partner: int | None
    other_partner: bool
    by: int | None
    note: str


class PartsOut(Out):
    """Each from 0 to 1, as a decimal; null in a round-robin."""

    topic: str
    record: str
    room: str
    tier: str


class CandidateOut(Out):
    """`partner` null: one that is none of yours. `left_out`: "full", "had_it" or "nobody" there can accept; then it has no place."""

    place: int | None
    partner: int | None
    chosen: bool
    left_out: str
    parts: PartsOut | None
    total: str | None
    score: str | None
    offered: int
    accepted: int
    won: int
    open: int
    capacity: int
    tier_rank: int


class RuleSeenOut(Out):
    name: str
    result: Literal["not_for_it", "none_free", "chose", "direct"]


class DistributionOut(Out):
    """One run of the rules: `total` of a candidate = Σ weight × part."""

    id: int
    at: str
    rule: str
    method: Literal["ranked", "round_robin"]
    weights: dict[str, str]
    tiers: int
    rules: list[RuleSeenOut]
    candidates: list[CandidateOut]
    more: int


@router.get("/leads/{int:lead_id}/history", response=Page[StepOut], auth=READS)
def list_lead_history(request: Request, lead_id: int) -> Any:
    """What happened to it, the oldest first; a partner reads what concerns it."""
    steps = queries.timeline(request.user, find(request, lead_id))
    return everything(
        steps,
        lambda step: {
            "kind": step.kind,
            "at": instant(step.at),
            "partner": step.partner.pk if step.partner else None,
            "other_partner": step.other,
            "by": step.by.pk if step.by else None,
            "note": step.note,
        },
    )


@router.get("/leads/{int:lead_id}/distributions", response=Page[DistributionOut], auth=READS_OURS)
def list_lead_distributions(request: Request, lead_id: int) -> Any:
    """The runs of the rules on it, the newest first, each with whom they looked at and why they chose. 403 for a distributor."""
    user = request.user
    need_inside(user)
    return everything(queries.distributions(user, find(request, lead_id)), lambda found: distribution_out(found, user))


def distribution_out(found: Any, user: User) -> dict[str, Any]:
    """A run of the rules as the reader may see it."""
    kept = queries.kept(found)
    return {
        "id": found.pk,
        "at": instant(found.at),
        "rule": found.rule,
        "method": kept.method.value,
        "weights": found.kept["weights"],
        "tiers": kept.tiers,
        "rules": [{"name": each.name, "result": each.result} for each in kept.rules],
        "candidates": [_candidate_out(each) for each in queries.candidates(user, found)],
        "more": kept.more,
    }


def _candidate_out(each: queries.Candidate) -> dict[str, Any]:
    parts = each.parts
    return {
        "place": each.place,
        "partner": each.partner.pk if each.partner else None,
        "chosen": each.chosen,
        "left_out": each.left_out,
        "parts": {name: _decimal(getattr(parts, name)) for name in ("topic", "record", "room", "tier")}
        if parts
        else None,
        "total": None if each.total is None else _decimal(each.total),
        "score": None if each.facts.score is None else text(each.facts.score),
        **{name: getattr(each.facts, name) for name in ("offered", "accepted", "won", "open", "capacity")},
        "tier_rank": each.facts.rank,
    }


def _decimal(value: Any) -> str:
    """To nine places."""
    return text(round(Decimal(value.numerator) / value.denominator, 9))
