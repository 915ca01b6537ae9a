"""What marketing plans start from: tactics and template plays."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Router, Status
from pydantic import Field

from marketing import actions, queries
from marketing.api.common import READS, RULES, BudgetLineIn, BudgetLineOut, CountIn, MoneyIn, RateIn, refusing, text
from marketing.models import RATES, Play, Tactic
from pipeline.api.common import Currency
from prm.api.auth import Request
from prm.api.paging import check_parameters, everything
from prm.api.schemas import In, Key, Out, Page, Patch, given

router = Router(tags=["Marketing plans"])
Kind = Literal[
    "email", "webinar", "event", "paid_search", "paid_social", "telemarketing", "content_syndication", "direct_mail", "web",
    "account_based", "customer_reference", "other",
]  # fmt: skip
Proofs = Annotated[list[Annotated[str, Field(max_length=120)]], Field(max_length=10)]


class TacticOut(Out):
    """A way of marketing with what an activity of it starts from. Rates are fractions (0.02 is 2 %). `proofs`: what a claim must bring."""

    key: str
    name: str
    kind: Kind
    cost: str | None
    currency: str | None
    reach: int | None
    response: str | None
    mql: str | None
    sal: str | None
    sql: str | None
    win: str | None
    proofs: list[str]
    active: bool


class TacticPatch(Patch):
    name: str = Field("", max_length=80)
    kind: Kind = "other"
    cost: MoneyIn = None
    currency: Currency = ""
    reach: CountIn = None
    response: RateIn = None
    mql: RateIn = None
    sal: RateIn = None
    sql: RateIn = None
    win: RateIn = None
    proofs: Proofs = []
    active: bool = True


class TacticIn(TacticPatch):
    name: str = Field(min_length=1, max_length=80)
    kind: Kind


class PlayActivityIn(In):
    """It begins `offset_days` after the plan's first day and takes `length_days`."""

    tactic: Key
    title: str = Field("", max_length=200)
    offset_days: int = Field(0, ge=0, le=366)
    length_days: int = Field(1, ge=1, le=366)
    reach: CountIn = None
    budget: list[BudgetLineIn] = Field([], max_length=50)


class PlayActivityOut(Out):
    tactic: str
    title: str
    offset_days: int
    length_days: int
    reach: int | None
    budget: list[BudgetLineOut]


class PlayOut(Out):
    """Activities that are planned together; budgets in `currency`."""

    key: str
    name: str
    description: str
    currency: str
    active: bool
    activities: list[PlayActivityOut]


class PlayPatch(Patch):
    name: str = Field("", max_length=80)
    description: str = Field("", max_length=300)
    currency: Currency = ""
    active: bool = True
    activities: list[PlayActivityIn] = Field([], max_length=20)


class PlayIn(PlayPatch):
    name: str = Field(min_length=1, max_length=80)
    currency: Currency
    activities: list[PlayActivityIn] = Field(min_length=1, max_length=20)


def tactic_out(row: Tactic) -> dict[str, Any]:
    return {
        "key": row.key,
        "name": row.name,
        "kind": str(row.kind),
        "cost": text(row.cost),
        "currency": row.currency or None,
        "reach": row.reach,
        **{name: text(getattr(row, name)) for name in RATES},
        "proofs": row.proofs,
        "active": row.active,
    }


def play_out(row: Play) -> dict[str, Any]:
    return {
        "key": row.key,
        "name": row.name,
        "description": row.description,
        "currency": row.currency,
        "active": row.active,
        "activities": [
            {
                "tactic": part.tactic.key,
                "title": part.title,
                "offset_days": part.offset_days,
                "length_days": part.length_days,
                "reach": part.reach,
                "budget": part.budget,
            }
            for part in row.activities.all()
        ],
    }


@router.get("/marketing/tactics", response=Page[TacticOut], auth=READS)
def list_tactics(request: Request) -> Any:
    """All tactics in order, also those that aren't in use any more."""
    check_parameters(request, ())
    return everything(queries.tactics(active=False), tactic_out)


@router.post("/marketing/tactics", response={201: TacticOut}, auth=RULES)
def add_tactic(request: Request, response: HttpResponse, body: TacticIn) -> Any:
    """Adds a tactic; its key is made of the name."""
    with refusing():
        row = actions.save_tactic(by=request.user, fields=given(body))
    response["Location"] = request.build_absolute_uri(f"/api/v1/marketing/tactics/{row.key}")
    return Status(201, tactic_out(row))


@router.get("/marketing/tactics/{key}", response=TacticOut, auth=READS)
def get_tactic(request: Request, key: str) -> Any:
    """One tactic, in use or not."""
    return tactic_out(get_object_or_404(Tactic, key=key))


@router.patch("/marketing/tactics/{key}", response=TacticOut, auth=RULES)
def update_tactic(request: Request, key: str, body: TacticPatch) -> Any:
    """Changes what new activities start from; plans there are keep their numbers."""
    with refusing():
        row = actions.save_tactic(by=request.user, tactic=get_object_or_404(Tactic, key=key), fields=given(body))
    return tactic_out(row)


@router.delete("/marketing/tactics/{key}", response={204: None}, auth=RULES)
def remove_tactic(request: Request, key: str) -> Any:
    """Removes a tactic that nothing uses; 422 for others: set `active` to false."""
    with refusing():
        actions.remove_tactic(by=request.user, tactic=get_object_or_404(Tactic, key=key))
    return Status(204, None)


@router.get("/marketing/plays", response=Page[PlayOut], auth=READS)
def list_plays(request: Request) -> Any:
    """All template plays in order, also those that aren't in use any more."""
    check_parameters(request, ())
    return everything(queries.plays(active=False), play_out)


@router.post("/marketing/plays", response={201: PlayOut}, auth=RULES)
def add_play(request: Request, response: HttpResponse, body: PlayIn) -> Any:
    """Adds a template play; its key is made of the name."""
    with refusing():
        row = actions.save_play(by=request.user, fields=_sent(body))
    response["Location"] = request.build_absolute_uri(f"/api/v1/marketing/plays/{row.key}")
    return Status(201, play_out(_find(row.key)))


@router.get("/marketing/plays/{key}", response=PlayOut, auth=READS)
def get_play(request: Request, key: str) -> Any:
    """One template play, in use or not."""
    return play_out(_find(key))


@router.patch("/marketing/plays/{key}", response=PlayOut, auth=RULES)
def update_play(request: Request, key: str, body: PlayPatch) -> Any:
    """Changes a play; `activities` take the place of all before."""
    with refusing():
        actions.save_play(by=request.user, play=_find(key), fields=_sent(body))
    return play_out(_find(key))


@router.delete("/marketing/plays/{key}", response={204: None}, auth=RULES)
def remove_play(request: Request, key: str) -> Any:
    """Removes a play; plans that began with it stay."""
    with refusing():
        actions.remove_play(by=request.user, play=_find(key))
    return Status(204, None)


def _find(key: str) -> Play:
    play: Play = get_object_or_404(queries.plays(active=False), key=key)
    return play


def _sent(body: PlayPatch) -> dict[str, Any]:
    sent = given(body)
    if "activities" in sent:
        sent["activities"] = [row.model_dump() for row in sent["activities"]]
    return sent
