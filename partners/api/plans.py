"""Action plans: one list of items per partner, whichever tool they came from."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.core.exceptions import PermissionDenied
from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from partners import actions, queries
from partners.api.common import SEES_WORK_BOTH, WRITES, WRITES_BOTH, check_filter, date, find, one_of, refusing
from partners.filters import ActionFilter
from partners.lift import lift_of
from partners.models import Action, Partner
from prm.api.auth import Request
from prm.api.paging import Paging, page
from prm.api.schemas import Id, Out, Page, Patch, given, instant

router = Router(tags=["Actions"])
ActionState = Literal["open", "in_progress", "done", "dropped"]
FIELDS = ("origin", "origin_key", "title", "detail", "resource", "status", "shared")
SORTS = {"due_on": Coalesce("due_on", Value(dt.date.max)), "created_at": F("created_at")}


class ActionOut(Out):
    """`origin` is the tool it came from ("topic", "manual" …), `origin_key` e.g. the topic; `expected_lift` in points of it.

    `score_before` is the topic's score when the item was made, `lift_came` by how much the latest scorecard finished since is
    above it, null with `lift_reason`; hidden are all three while they come from the other side's view that one can't see yet.
    """

    id: int
    partner: int
    origin: str
    origin_key: str
    title: str
    detail: str
    owner: int | None
    owner_name: str | None
    resource: str
    due_on: str | None
    status: ActionState
    expected_lift: str | None
    score_before: str | None
    lift_came: str | None
    lift_reason: Literal["hidden", "no_score", "no_scorecard_since"] | None
    shared: bool
    created_at: str
    closed_at: str | None


class ActionPatch(Patch):
    """Fields not sent stay as they are. The partner's side may change the `status` only."""

    title: str = Field("", min_length=1, max_length=250)
    detail: str = Field("", max_length=20_000)
    owner: Id | None = None
    resource: str = Field("", max_length=200)
    due_on: dt.date | None = None
    shared: bool = True
    status: ActionState = "open"


class ActionIn(ActionPatch):
    """`owner` is the id of a user of the vendor's or of this partner."""

    title: str = Field(min_length=1, max_length=250)
    status: Literal["open"] = "open"


class ActionQuery(BaseModel):
    partner: Id | None = None
    q: str = Field("", description="Part of the title or of the partner's name.")
    status: list[ActionState] = []
    owner: list[str] = Field([], description="Ids of users; `me`; `none` for those without.")
    due: Literal["", "late", "week", "none"] = ""


def action_out(action: Action) -> dict[str, Any]:
    """Of an item out of `queries.actions(user)`, which says what that user may know of its lift."""
    lift = lift_of(action)
    return {
        "id": action.pk,
        "partner": action.partner_id,
        **{name: getattr(action, name) for name in FIELDS},
        "owner": action.owner_id,
        "owner_name": action.owner.display_name if action.owner else None,
        "due_on": date(action.due_on),
        "expected_lift": _text(lift.expected),
        "score_before": _text(lift.before),
        "lift_came": _text(lift.came),
        "lift_reason": lift.reason,
        "created_at": instant(action.created_at),
        "closed_at": instant(action.closed_at),
    }


def _text(points: Decimal | None) -> str | None:
    return None if points is None else format(points, "f")


def _find(request: Request, action_id: int) -> Action:
    action: Action = get_object_or_404(queries.actions(request.user), pk=action_id)
    return action


def _values(body: ActionPatch, partner: Partner) -> dict[str, Any]:
    sent = given(body)
    if sent.get("owner") is not None:
        sent["owner"] = one_of(queries.action_owners(partner), "owner", pk=sent["owner"])
    return sent


@router.get("/actions", response=Page[ActionOut], auth=SEES_WORK_BOTH)
def list_actions(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[ActionQuery, Query()],
    sort: Literal["id", "-id", "due_on", "-due_on", "created_at", "-created_at"] = "due_on",
) -> Any:
    """The items one may see, whatever their status unless it is named; those without a date last."""
    asked = request.GET.copy()
    if not query.status:
        asked.setlist("status", Action.Status.values)
    chosen = ActionFilter(asked, user=request.user)
    check_filter(request, chosen, "cursor", "limit", "sort", "partner")
    rows = chosen.narrow(queries.actions(request.user))
    if query.partner is not None:
        rows = rows.filter(partner=query.partner)
    return page(request, response, rows, action_out, paging=paging, sort=sort, by=SORTS, known=None)


@router.post("/partners/{int:partner_id}/actions", response={201: ActionOut}, auth=WRITES)
def create_action(request: Request, response: HttpResponse, partner_id: int, body: ActionIn) -> Any:
    """Adds an item to a partner's action plan."""
    partner = find(request, partner_id)
    with refusing():
        action = actions.add_action(by=request.user, partner=partner, **_values(body, partner))
    response["Location"] = request.build_absolute_uri(f"/api/v1/actions/{action.pk}")
    return Status(201, action_out(_find(request, action.pk)))


@router.get("/actions/{int:action_id}", response=ActionOut, auth=SEES_WORK_BOTH)
def get_action(request: Request, action_id: int) -> Any:
    """One item."""
    return action_out(_find(request, action_id))


@router.patch("/actions/{int:action_id}", response=ActionOut, auth=WRITES_BOTH)
def update_action(request: Request, action_id: int, body: ActionPatch) -> Any:
    """Changes the fields sent; done and dropped items get their closing time."""
    action = _find(request, action_id)
    changes = _values(body, action.partner)
    with refusing():
        if not request.user.is_partner_side:
            actions.update_action(by=request.user, action=action, changes=changes)
        elif set(changes) == {"status"}:
            actions.set_action_status(by=request.user, action=action, status=changes["status"])
        else:
            raise PermissionDenied(_("The partner's side may change the status only."))
    return action_out(_find(request, action.pk))
