"""The program: versions of its rules, where partners stand in it, try-outs."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from partners.api.common import PartnerQuery, check_filter, find
from partners.models import Tier
from prm.api.auth import Allowed, Request
from prm.api.paging import Paging, page
from prm.api.problems import Problem, field_error, from_validation, invalid
from prm.api.schemas import In, Out, Page, instant
from prm.common.models import Policy
from prm.common.vendor import today
from scorecards.api.tier_overrides import override_out
from scorecards.models import TierEvaluation
from scorecards.tiers import actions, offering, overrides, programs
from scorecards.tiers.program import InvalidProgram, Program
from scorecards.tiers.programs import Version
from scorecards.tiers.showing import Line, Shown, TierLines
from scorecards.tiers.standing import standing
from scorecards.tiers.tryout import Tryout

router = Router(tags=["Program"])
READS = Allowed(Scope.SALES_READ, vendor=P.SEE_PERFORMANCE)
READS_BOTH = Allowed(Scope.SALES_READ, vendor=P.SEE_PERFORMANCE, portal=P.PORTAL)
EDITS = Allowed(Scope.PROGRAM_WRITE, vendor=P.EDIT_PROGRAM)
State = Literal["past", "current", "future"]
Move = Literal["up", "down", "same"]


# ── Versions ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class RulesIn(In):
    """`program` is the document of the rules: see the guide for its fields. It holds from `starts_on`."""

    starts_on: dt.date
    program: dict[str, Any]


class RulesOut(Out):
    id: int
    name: str
    starts_on: str
    state: State
    created_at: str
    created_by: int | None


class RulesWithProgram(RulesOut):
    program: dict[str, Any]


def _rules_out(policy: Policy, current: Version | None, day: dt.date) -> dict[str, Any]:
    row = offering.Listed(policy, current, day)
    return {
        "id": policy.pk,
        "name": row.name,
        "starts_on": policy.starts_on.isoformat(),
        "state": row.state,
        "created_at": instant(policy.created_at),
        "created_by": policy.created_by_id,
    }


def _with_program(policy: Policy) -> dict[str, Any]:
    day = today()
    return {**_rules_out(policy, programs.in_force(day), day), "program": policy.data}


def _rules(rules_id: int) -> Policy:
    return get_object_or_404(programs.versions(), pk=rules_id)


def _checked(document: dict[str, Any]) -> Program:
    try:
        return programs.check(document)
    except InvalidProgram as error:
        places = [
            (".".join(filter(None, ["program", each.path])), each.message.translated(_)) for each in error.problems
        ]
        raise invalid(field_error(place, text) for place, text in places) from error


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except actions.Started as error:
        raise Problem(409, str(error), code="started") from error
    except ValidationError as error:
        raise from_validation(error) from error


@router.get("/program/versions", response=Page[RulesOut], auth=READS)
def list_program_versions(request: Request, response: HttpResponse, paging: Annotated[Paging, Query()]) -> Any:
    """All versions of the tier rules, the last to start first."""
    day = today()
    current = programs.in_force(day)
    return page(
        request, response, programs.versions(), lambda row: _rules_out(row, current, day), paging=paging,
        sort="-starts_on", by={"starts_on": F("starts_on")},
    )  # fmt: skip


@router.post("/program/versions", response={201: RulesWithProgram}, auth=EDITS)
def create_program_version(request: Request, response: HttpResponse, body: RulesIn) -> Any:
    """The next version, from today or later; the first one of all may start in the past."""
    program = _checked(body.program)
    with _refusing():
        policy = actions.add_version(by=request.user, program=program, starts_on=body.starts_on)
    response["Location"] = request.build_absolute_uri(f"/api/v1/program/versions/{policy.pk}")
    return Status(201, _with_program(policy))


@router.get("/program/versions/{int:rules_id}", response=RulesWithProgram, auth=READS)
def get_program_version(request: Request, rules_id: int) -> Any:
    """A version with its document."""
    return _with_program(_rules(rules_id))


@router.put("/program/versions/{int:rules_id}", response=RulesWithProgram, auth=EDITS)
def replace_program_version(request: Request, rules_id: int, body: RulesIn) -> Any:
    """Replaces a version that has not started; 409 `started` for one that has."""
    policy, program = _rules(rules_id), _checked(body.program)
    with _refusing():
        return _with_program(
            actions.change_version(by=request.user, policy=policy, program=program, starts_on=body.starts_on)
        )


@router.delete("/program/versions/{int:rules_id}", response={204: None}, auth=EDITS)
def delete_program_version(request: Request, rules_id: int) -> Any:
    """Takes back a version that has not started; 409 `started` for one that has."""
    with _refusing():
        actions.remove_version(by=request.user, policy=_rules(rules_id))
    return Status(204, None)


# ── Try-out ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class TryoutQuery(PartnerQuery):
    move: list[Move] = Field([], description="Only those who move so.")
    offset: int = Field(0, ge=0, le=10**9)
    limit: int = Field(200, ge=1, le=1000)


class MoveOut(Out):
    """Tiers by key; `before` is what the version in force gives, or what is assigned where this is the one in force."""

    partner: int
    name: str
    assigned: str | None
    before: str | None
    after: str | None
    move: Move
    why: str


class TierCount(Out):
    tier: str | None
    before: int
    after: int


class TryoutOut(Out):
    up: int
    down: int
    same: int
    tiers: list[TierCount]
    total: int
    items: list[MoveOut]


@router.get("/program/versions/{int:rules_id}/tryout", response=TryoutOut, auth=READS)
def try_program_version(request: Request, rules_id: int, query: Annotated[TryoutQuery, Query()]) -> Any:
    """Who of today's partners would move by a version, and why; narrowed like `/partners`. Nothing is changed by it."""
    tryout = Tryout(request.user, _rules(rules_id), request.GET)
    check_filter(request, tryout.filter, "offset", "limit")
    rows = tryout.rows[query.offset : query.offset + query.limit]
    return {
        **tryout.counts,
        "tiers": [{"tier": _key(tier), "before": before, "after": after} for tier, before, after in tryout.by_tier],
        "total": tryout.total,
        "items": [
            {
                "partner": row.partner.pk,
                "name": row.partner.name,
                "assigned": _key(row.partner.tier),
                "before": _key(row.before),
                "after": _key(row.after),
                "move": row.move,
                "why": tryout.why(row),
            }
            for row in rows
        ],
    }


def _key(tier: Tier | None) -> str | None:
    return tier.key if tier else None


# ── Where a partner stands ───────────────────────────────────────────────────────────────────────────────────────────


class RequirementOut(Out):
    """`have`, `need` and `missing` in units (`missing` null: nobody can say, `missing_text` says why); `*_text` in words.
    `hidden`: for the partner's side, of a requirement whose figures are internal. `requirements` are those within it."""

    key: str
    name: str
    type: Literal["metric", "people", "n_of", "score"]
    met: bool
    hidden: bool
    have: str | None
    need: str
    missing: str | None
    have_text: str
    need_text: str
    missing_text: str
    explanation: dict[str, Any] | None
    kinds: list[dict[str, Any]]
    tracks: list[dict[str, Any]]
    requirements: "list[RequirementOut]"


class TierOut(Out):
    tier: str
    name: str
    met: bool
    requirements_met: int
    requirements: list[RequirementOut]


class StepOut(Out):
    """`effort` in the vendor's units; null: unknown."""

    requirement: str
    metric: str | None
    track: str | None
    what: str
    units: str | None
    text: str
    effort: str | None


class PathOut(Out):
    steps: list[StepOut]
    effort: str
    effort_is_complete: bool


class StandingOut(Out):
    """By key: `qualified` the highest tier whose requirements, and those of all below, are met; `next` the one above it."""

    as_of: str
    version: int
    program: str
    assigned: str | None
    qualified: str | None
    next: str | None
    met: int
    required: int
    missing_text: str
    tiers: list[TierOut]
    path: PathOut
    override: dict[str, Any] | None


class StandingQuery(In):
    on: dt.date | None = Field(None, description="As of this day, by the program of that day; today where left out.")
    version: int | None = Field(None, description="By this version instead; for the vendor's side.")


@router.get("/partners/{int:partner_id}/program", response=StandingOut, auth=READS_BOTH)
def get_partner_program(request: Request, partner_id: int, query: Annotated[StandingQuery, Query()]) -> Any:
    """What the partner has of what each tier asks for, and the cheapest path to the next. 404 while there is no program."""
    partner = find(request, partner_id)
    day = query.on or today()
    if day > today():
        raise invalid([field_error("on", _("Choose today or a day before."), place="query")])
    version = None
    if query.version is not None:
        if request.user.is_partner_side:
            raise Problem(403)
        policy = _rules(query.version)
        version = Version(policy, programs.read(policy))
    found = standing(partner, day, version)
    if found is None:
        raise Problem(404, _("There is no program on this day."))
    shown = Shown(found, request.user)
    held = overrides.live(partner, day)
    return {
        "as_of": day.isoformat(),
        "version": found.version.policy.pk,
        "program": found.version.program.name,
        "assigned": _key(partner.tier),
        "qualified": _key(found.qualified),
        "next": _key(found.next),
        "met": found.met,
        "required": found.required,
        "missing_text": shown.missing,
        "tiers": [_tier_out(shown, tier) for tier in shown.tiers],
        "path": {
            "steps": [_step_out(each) for each in shown.steps],
            "effort": format(shown.effort, "f"),
            "effort_is_complete": not shown.has_unknown,
        },
        "override": override_out(held) if held else None,
    }


def _tier_out(shown: Shown, tier: TierLines) -> dict[str, Any]:
    return {
        "tier": tier.tier.key,
        "name": tier.tier.name,
        "met": tier.outcome.met,
        "requirements_met": tier.met_count,
        "requirements": [_line_out(shown, line) for line in tier.lines],
    }


def _line_out(shown: Shown, line: Line) -> dict[str, Any]:
    outcome, hidden = line.outcome, line.hidden
    return {
        "key": line.key,
        "name": line.name,
        "type": line.type,
        "met": line.met,
        "hidden": hidden,
        "have": None if hidden else _number(outcome.have),
        "need": _number(outcome.need),
        "missing": None if hidden else _number(outcome.missing),
        "have_text": line.have,
        "need_text": line.need,
        "missing_text": line.missing,
        "explanation": None if hidden else shown.explain(outcome).to_dict(),
        "kinds": [
            {"name": kind.name, "have": kind.have, "need": kind.need, "missing": kind.missing}
            for kind in (outcome.count.kinds if outcome.count else ())
        ],
        "tracks": [
            {
                "name": track.name,
                "score": _number(track.score),
                "met": track.met,
                "shown": track.shown,
                "metrics": [
                    {"name": metric.name, "have_text": metric.have, "points": _number(metric.points)}
                    for metric in track.metrics
                ],
            }
            for track in line.tracks
        ],
        "requirements": [_line_out(shown, part) for part in line.parts],
    }


def _number(value: Any) -> str | None:
    return None if value is None else format(value, "f")


def _step_out(each: Any) -> dict[str, Any]:
    step = each.step
    return {
        "requirement": step.requirement.key,
        "metric": step.metric.key if step.metric else None,
        "track": step.track.key if step.track else None,
        "what": each.what,
        "units": _number(step.units),
        "text": each.more,
        "effort": _number(each.effort),
    }


class HistoryOut(Out):
    first_on: str
    last_on: str
    version: int
    assigned: str | None
    qualified: str | None
    met: int
    required: int


@router.get("/partners/{int:partner_id}/program/history", response=Page[HistoryOut], auth=READS_BOTH)
def list_partner_program_history(
    request: Request, response: HttpResponse, partner_id: int, paging: Annotated[Paging, Query()]
) -> Any:
    """For which tier the partner qualified from when to when, the latest first: a line for each change."""
    rows = TierEvaluation.objects.visible_to(request.user).filter(partner=find(request, partner_id))
    return page(
        request, response, rows.select_related("assigned", "qualified"), _history_out, paging=paging,
        sort="-first_on", by={"first_on": F("first_on")},
    )  # fmt: skip


def _history_out(row: TierEvaluation) -> dict[str, Any]:
    return {
        "first_on": row.first_on.isoformat(),
        "last_on": row.last_on.isoformat(),
        "version": row.program_id,
        "assigned": _key(row.assigned),
        "qualified": _key(row.qualified),
        "met": row.met,
        "required": row.required,
    }
