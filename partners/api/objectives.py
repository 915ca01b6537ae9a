"""Objectives of partners, both sides', with their progress by quarter."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db import transaction
from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from partners.actions import Conflict
from partners.api.common import PartnerQuery, check_filter, date, find, refusing
from partners.models import Objective, Partner
from partners.objectives import actions, queries
from partners.objectives.filters import ObjectiveFilter
from partners.objectives.progress import to_places
from prm.api.auth import Allowed, Request
from prm.api.paging import Paging, page
from prm.api.problems import Problem, field_error, invalid
from prm.api.schemas import In, Out, Page, Patch, given, instant

router = Router(tags=["Objectives"])

READS = Allowed(Scope.PARTNERS_READ, vendor=P.SEE_WORK, portal=P.PORTAL)
WRITES = Allowed(Scope.PARTNERS_WRITE, vendor=P.EDIT_PARTNERS, portal=P.PLAN_BUSINESS)
SideName = Literal["partner", "vendor"]
State = Literal["met", "open", "none", "dropped"]
Amount = Annotated[Decimal, Field(max_digits=16, decimal_places=2)]
Year = Annotated[int, Field(ge=1900, le=9999)]
Quarter = Literal[1, 2, 3, 4]
SORTS = {"title": F("title")}


class ProgressOut(Out):
    """`percent` of the way from start to goal, exact; the value itself where there is no goal in numbers. `on`: when it was
    entered first."""

    quarter: Quarter
    value: str
    percent: str
    note: str
    on: str


class ObjectiveOut(Out):
    """`side`: the partner's own, or the vendor's for it. `baseline` and `goal` are null where progress is given in percent.
    `percent`, `display` and `met` are by the entry of the latest quarter; null without one. `display` is never 100 before met."""

    id: int
    partner: int
    side: SideName
    fiscal_year: int
    title: str
    yardstick: str
    unit: str
    baseline: str | None
    goal: str | None
    state: State
    percent: str | None
    display: int | None
    met: bool | None
    progress: list[ProgressOut]
    dropped_at: str | None
    dropped_reason: str
    created_at: str


class ObjectivePatch(Patch):
    """Fields not sent stay as they are. With `dropped` true it is given up, for a `dropped_reason`; false: it counts again."""

    title: str = Field("", min_length=1, max_length=200)
    yardstick: str = Field("", min_length=1, max_length=200)
    unit: str = Field("", max_length=20)
    baseline: Amount | None = None
    goal: Amount | None = None
    dropped: bool = False
    dropped_reason: str = Field("", max_length=300)


class ObjectiveIn(In):
    """`side` is the partner's where it isn't sent; `fiscal_year` this one. `baseline` and `goal`: both or neither."""

    side: SideName = "partner"
    fiscal_year: Year | None = None
    title: str = Field(min_length=1, max_length=200)
    yardstick: str = Field(min_length=1, max_length=200)
    unit: str = Field("", max_length=20)
    baseline: Amount | None = None
    goal: Amount | None = None


class ProgressIn(In):
    """`value` by the objective's yardstick, or percent; a `note` not sent stays. With `was` only while the entry still holds that
    value (null: while there is none), else 409."""

    value: Amount
    note: str = Field("", max_length=300)
    was: Amount | None = None


class TakeOverIn(In):
    """`fiscal_year` is the one they are taken over into, this one where it isn't sent; `objectives`: ids of the year before's, all
    that are proposed where null."""

    fiscal_year: Year | None = None
    objectives: list[Annotated[int, Field(ge=1)]] | None = None


class ProposalOut(Out):
    """What an objective of the year before could be: from where it stands to its goal, or where it was met the same way again."""

    before: int
    side: SideName
    title: str
    yardstick: str
    unit: str
    baseline: str | None
    goal: str | None


class ObjectiveQuery(PartnerQuery):
    """The partner filter, and the objectives' own. What repeats means any of them."""

    q: str = Field("", description="Part of the objective or of the partner's name.")
    year: str = Field("", description="Fiscal year; this one where it isn't sent.")
    side: Literal["", "partner", "vendor"] = ""
    state: list[State] = Field([], description="`none`: nothing entered. All but the dropped ones where it isn't sent.")


def objective_out(row: Objective) -> dict[str, Any]:
    """Of an objective out of `queries.objectives(user)`."""
    standing, aim = queries.standing_of(row), queries.aim(row)
    return {
        "id": row.pk,
        "partner": row.partner_id,
        **{
            name: getattr(row, name) for name in ("side", "fiscal_year", "title", "yardstick", "unit", "dropped_reason")
        },
        "baseline": _text(row.baseline),
        "goal": _text(row.goal),
        "state": _state(row, standing.met),
        "percent": _exact(standing.percent),
        "display": standing.display,
        "met": standing.met,
        "progress": [
            {
                "quarter": entry.quarter,
                "value": _text(entry.value),
                "percent": _exact(queries.reached(aim, entry.value)),
                "note": entry.note,
                "on": date(entry.on),
            }
            for entry in row.progress.all()
        ],
        "dropped_at": instant(row.dropped_at),
        "created_at": instant(row.created_at),
    }


def _state(row: Objective, met: bool | None) -> str:
    if row.dropped_at is not None:
        return "dropped"
    return "none" if met is None else "met" if met else "open"


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _exact(percent: Decimal | None) -> str | None:
    return None if percent is None else format(to_places(percent, 12), "f")


def _find(request: Request, objective_id: int) -> Objective:
    row: Objective = get_object_or_404(queries.objectives(request.user), pk=objective_id)
    return row


@router.get("/objectives", response=Page[ObjectiveOut], auth=READS)
def list_objectives(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[ObjectiveQuery, Query()],
    sort: Literal["id", "-id", "title", "-title"] = "id",
) -> Any:
    """The objectives of a fiscal year one may see. A partner's user sees its own partner's, of both sides."""
    chosen = ObjectiveFilter(request.GET, user=request.user)
    check_filter(request, chosen, "cursor", "limit", "sort")
    rows = chosen.narrow(queries.with_latest(queries.objectives(request.user)))
    return page(request, response, rows, objective_out, paging=paging, sort=sort, by=SORTS, known=None)


@router.get("/partners/{int:partner_id}/objectives", response=Page[ObjectiveOut], auth=READS)
def list_partner_objectives(
    request: Request, response: HttpResponse, partner_id: int, paging: Annotated[Paging, Query()]
) -> Any:
    """A partner's objectives of all years, dropped ones too."""
    rows = queries.objectives(request.user).filter(partner=find(request, partner_id))
    return page(request, response, rows, objective_out, paging=paging)


@router.post("/partners/{int:partner_id}/objectives", response={201: ObjectiveOut}, auth=WRITES)
def create_objective(request: Request, response: HttpResponse, partner_id: int, body: ObjectiveIn) -> Any:
    """Sets an objective. The partner's side sets its own, the vendor's people both sides'."""
    values = body.model_dump()
    values["fiscal_year"] = values["fiscal_year"] or queries.this_year().year
    with refusing():
        row = actions.add_objective(by=request.user, partner=find(request, partner_id), **values)
    response["Location"] = request.build_absolute_uri(f"/api/v1/objectives/{row.pk}")
    return Status(201, objective_out(_find(request, row.pk)))


@router.get("/objectives/{int:objective_id}", response=ObjectiveOut, auth=READS)
def get_objective(request: Request, objective_id: int) -> Any:
    """One objective with its progress."""
    return objective_out(_find(request, objective_id))


@router.patch("/objectives/{int:objective_id}", response=ObjectiveOut, auth=WRITES)
def update_objective(request: Request, objective_id: int, body: ObjectivePatch) -> Any:
    """Changes the fields sent, all of them or none."""
    row, sent = _find(request, objective_id), given(body)
    dropped, reason = sent.pop("dropped", None), sent.pop("dropped_reason", "")
    if reason and dropped is not True:
        raise invalid([field_error("dropped_reason", _("Only with `dropped` true."))])
    with transaction.atomic(), refusing({"reason": "dropped_reason"}):
        if sent:
            actions.update_objective(by=request.user, objective=row, changes=sent)
        if dropped is True:
            actions.drop_objective(by=request.user, objective=row, reason=reason)
        elif dropped is False:
            actions.take_up_objective(by=request.user, objective=row)
    return objective_out(_find(request, objective_id))


@router.delete("/objectives/{int:objective_id}", response={204: None}, auth=WRITES)
def delete_objective(request: Request, objective_id: int) -> Any:
    """Removes one that was set by mistake; once progress was entered it is dropped instead."""
    with refusing():
        actions.remove_objective(by=request.user, objective=_find(request, objective_id))
    return Status(204, None)


@router.put("/objectives/{int:objective_id}/progress/{int:quarter}", response=ObjectiveOut, auth=WRITES)
def put_objective_progress(request: Request, objective_id: int, quarter: int, body: ProgressIn) -> Any:
    """How far it is at the end of a fiscal quarter of its year that has begun."""
    row = _find(request, objective_id)
    changes: dict[str, Any] = {"value": body.value}
    if "note" in body.model_fields_set:
        changes["note"] = body.note
    seen = None
    if "was" in body.model_fields_set:
        now = next((entry.note for entry in row.progress.all() if entry.quarter == quarter), "")
        seen = {row.pk: {"value": body.was, "note": now}}
    _enter(request, row, quarter, changes, seen)
    return objective_out(_find(request, objective_id))


@router.delete("/objectives/{int:objective_id}/progress/{int:quarter}", response={204: None}, auth=WRITES)
def delete_objective_progress(request: Request, objective_id: int, quarter: int) -> Any:
    """Takes an entry back."""
    _enter(request, _find(request, objective_id), quarter, {"value": None, "note": ""}, None)
    return Status(204, None)


def _enter(request: Request, row: Objective, quarter: int, changes: dict[str, Any], seen: Any) -> None:
    names = {f"value_{row.pk}": "value", f"note_{row.pk}": "note"}
    where: dict[str, Any] = {"partner": row.partner, "fiscal_year": row.fiscal_year, "quarter": quarter}
    try:
        with refusing(names):
            actions.enter_progress(by=request.user, changes={row.pk: changes}, seen=seen, **where)
    except Conflict as conflict:
        raise Problem(409, _("Somebody has entered something else meanwhile."), code="changed") from conflict


@router.get("/partners/{int:partner_id}/objectives/proposals", response=Page[ProposalOut], auth=READS)
def list_objective_proposals(request: Request, partner_id: int, fiscal_year: Year | None = None) -> Any:
    """What the objectives of the year before could be in a year; nothing of it is kept before it is taken over."""
    return {
        "items": [_proposal(one) for one in _proposals(request, find(request, partner_id), fiscal_year)],
        "next": None,
    }


@router.post("/partners/{int:partner_id}/objectives/take-over", response={201: Page[ObjectiveOut]}, auth=WRITES)
def take_over_objectives(request: Request, partner_id: int, body: TakeOverIn) -> Any:
    """Takes over objectives of the year before as they are proposed; one that is there already by its title stays as it is."""
    partner = find(request, partner_id)
    found = {one.before.pk: one for one in _proposals(request, partner, body.fiscal_year)}
    chosen = list(found) if body.objectives is None else body.objectives
    if unknown := [pk for pk in chosen if pk not in found]:
        raise invalid([field_error("objectives", _("%(pk)s isn't proposed.") % {"pk": unknown[0]})])
    rows = [
        {name: value for name, value in _fields(found[pk]).items() if name != "before"} for pk in dict.fromkeys(chosen)
    ]
    year = body.fiscal_year or queries.this_year().year
    with refusing():
        added = actions.take_over(by=request.user, partner=partner, fiscal_year=year, rows=rows)
    items = queries.objectives(request.user).filter(pk__in=[row.pk for row in added]).order_by("pk")
    return Status(201, {"items": [objective_out(row) for row in items], "next": None})


def _proposals(request: Request, partner: Partner, year: int | None) -> list[queries.Proposal]:
    now = queries.this_year()
    wanted = now.shift((year or now.year) - now.year)
    if not queries.in_range(wanted.year, now):
        raise invalid([field_error("fiscal_year", _("Choose a year nearer to this one."))])
    return queries.proposals(request.user, partner, wanted)


def _fields(one: queries.Proposal) -> dict[str, Any]:
    row = one.before
    return {
        "before": row.pk,
        **{name: getattr(row, name) for name in ("side", "title", "yardstick", "unit")},
        "baseline": one.aim.baseline,
        "goal": one.aim.goal,
    }


def _proposal(one: queries.Proposal) -> dict[str, Any]:
    fields = _fields(one)
    return {**fields, "baseline": _text(fields["baseline"]), "goal": _text(fields["goal"])}
