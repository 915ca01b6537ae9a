"""Partners that pass from one CAM to another."""

from typing import Annotated, Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from cadence import actions, handover
from cadence.models import Handover
from partners import queries
from partners.api.common import one_of, refusing
from prm.api.auth import Allowed, Request
from prm.api.paging import Paging, everything, page
from prm.api.problems import field_error, invalid
from prm.api.schemas import Id, In, Out, Page, instant

router = Router(tags=["Cadence"])
READS = Allowed(Scope.PARTNERS_READ, vendor=P.SEE_WORK)
WRITES = Allowed(Scope.PARTNERS_WRITE, vendor=P.ASSIGN_PARTNERS)


class HandoverIn(In):
    """`cam` is the id of the new CAM; partners that it looks after already are left out."""

    partners: list[Id] = Field(min_length=1, max_length=handover.MOST)
    cam: Id
    note: str = Field("", max_length=5_000)


class HandoverOut(Out):
    """`summary`: last `touches`, `goals`, open `promises` (actions; `moved`: now the new CAM's), what was `due`, `drafts`, what
    the partner was `asked` and what was `waiting` for agreement, as it stood that day."""

    id: int
    partner: int
    from_cam: int | None
    to_cam: int | None
    by: int | None
    at: str
    note: str
    summary: dict[str, list[dict[str, Any]]]


def _out(row: Handover) -> dict[str, Any]:
    return {
        "id": row.pk,
        "partner": row.partner_id,
        "from_cam": row.from_cam_id,
        "to_cam": row.to_cam_id,
        "by": row.by_id,
        "at": instant(row.at),
        "note": row.note,
        "summary": row.summary,
    }


@router.get("/handovers", response=Page[HandoverOut], auth=READS)
def list_handovers(request: Request, response: HttpResponse, paging: Annotated[Paging, Query()]) -> Any:
    """What was handed over of the partners one sees, the latest first."""
    return page(request, response, handover.handovers(request.user), _out, paging=paging, sort="-id")


@router.get("/handovers/{int:handover_id}", response=HandoverOut, auth=READS)
def get_handover(request: Request, handover_id: int) -> Any:
    """One of them."""
    return _out(get_object_or_404(handover.handovers(request.user), pk=handover_id))


@router.post("/handovers", response={201: Page[HandoverOut]}, auth=WRITES)
def hand_over(request: Request, response: HttpResponse, body: HandoverIn) -> Any:
    """Makes somebody the CAM of these partners, with the open actions and drafts of the one before."""
    rows = queries.partner_list(request.user).filter(pk__in=body.partners)
    if rows.count() != len(set(body.partners)):
        raise invalid([field_error("partners", _("There is none such that you can use here."))])
    cam = one_of(queries.cams(), "cam", pk=body.cam)
    with refusing():
        made = actions.hand_over(by=request.user, partners=rows, to=cam, note=body.note)
    return Status(201, everything(made, _out))
