"""Touches: each contact with a partner."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field

from partners import actions, queries
from partners.api.common import SEES_WORK, WRITES, find, refusing
from partners.models import Touch
from prm.api.auth import Request
from prm.api.paging import Paging, page
from prm.api.schemas import In, Out, Page, given, instant
from prm.common.vendor import today

router = Router(tags=["Touches"])
Kind = Literal["call", "meeting", "mail", "visit"]
Purpose = Literal["deal", "planning", "enablement", "review"]
FIELDS = ("kind", "purpose", "people", "minutes", "note", "shared")


class TouchOut(Out):
    id: int
    partner: int
    on: str
    kind: Kind
    purpose: Purpose
    people: str
    minutes: int | None
    note: str
    shared: bool
    by: int | None
    created_at: str


class TouchIn(In):
    """`on` is today where it isn't sent. The partner sees a touch only where it is `shared`."""

    on: dt.date | None = None
    kind: Kind = "call"
    purpose: Purpose = "review"
    people: str = Field("", max_length=300)
    minutes: int | None = Field(None, ge=0, le=1440)
    note: str = Field("", max_length=20_000)
    shared: bool = False


def touch_out(touch: Touch) -> dict[str, Any]:
    return {
        "id": touch.pk,
        "partner": touch.partner_id,
        "on": touch.on.isoformat(),
        **{name: getattr(touch, name) for name in FIELDS},
        "by": touch.created_by_id,
        "created_at": instant(touch.created_at),
    }


def _find(request: Request, touch_id: int) -> Touch:
    touch: Touch = get_object_or_404(Touch.objects.visible_to(request.user), pk=touch_id)
    return touch


@router.get("/partners/{int:partner_id}/touches", response=Page[TouchOut], auth=SEES_WORK)
def list_touches(request: Request, response: HttpResponse, partner_id: int, paging: Annotated[Paging, Query()]) -> Any:
    """The touches with a partner, newest first."""
    rows = queries.touches(find(request, partner_id), request.user)
    return page(request, response, rows, touch_out, paging=paging, sort="-on", by={"on": F("on")})


@router.post("/partners/{int:partner_id}/touches", response={201: TouchOut}, auth=WRITES)
def create_touch(request: Request, response: HttpResponse, partner_id: int, body: TouchIn) -> Any:
    """Notes a touch, today's or an earlier one."""
    partner = find(request, partner_id)
    values = {**given(body), "on": body.on or today()}
    with refusing():
        touch = actions.add_touch(by=request.user, partner=partner, **values)
    response["Location"] = request.build_absolute_uri(f"/api/v1/touches/{touch.pk}")
    return Status(201, touch_out(touch))


@router.get("/touches/{int:touch_id}", response=TouchOut, auth=SEES_WORK)
def get_touch(request: Request, touch_id: int) -> Any:
    """One touch."""
    return touch_out(_find(request, touch_id))


@router.delete("/touches/{int:touch_id}", response={204: None}, auth=WRITES)
def delete_touch(request: Request, touch_id: int) -> Any:
    """Removes a touch."""
    actions.remove_touch(by=request.user, touch=_find(request, touch_id))
    return Status(204, None)
