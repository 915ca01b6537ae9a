"""Due items: the conversations that the cadence asks for."""

from typing import Annotated, Any, Literal

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router
from pydantic import Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from cadence import actions, queries
from cadence.filters import DueFilter
from cadence.models import DueItem
from partners.api.common import PartnerQuery, check_filter, date, refusing
from prm.api.auth import Allowed, Request
from prm.api.paging import Paging, page
from prm.api.schemas import In, Out, Page
from prm.common.vendor import today

router = Router(tags=["Cadence"])
READS = Allowed(Scope.SALES_READ, vendor=P.SEE_WORK)
WRITES = Allowed(Scope.SALES_WRITE, vendor=P.RUN_SCORECARDS)
State = Literal["open", "done", "skipped"]
SORTS = {"due_on": F("due_on")}
ALL_STATES = ["late", "waiting", "done", "skipped"]


class DueOut(Out):
    """`period` is a month (2026-07), fiscal quarter (2026Q3), half-year (2026H1) or year (2026). `late`: still open after
    `due_on`. `closed_by` is the user who held the conversation, or skipped it."""

    id: int
    partner: int
    partner_name: str
    task: str
    period: str
    starts_on: str
    ends_on: str
    due_on: str
    state: State
    late: bool
    done_on: str | None
    skip_reason: str
    closed_by: int | None


class DueQuery(PartnerQuery):
    task: list[str] = []
    state: list[Literal["late", "waiting", "done", "skipped"]] = Field(
        [], description="`waiting`: open and not late. All where left out."
    )
    due: Literal["", "fortnight", "quarter"] = Field("", description="In the next 14 days; in this fiscal quarter.")


class SkipIn(In):
    reason: str = Field(min_length=1, max_length=300)


def due_out(item: DueItem) -> dict[str, Any]:
    return {
        "id": item.pk,
        "partner": item.partner_id,
        "partner_name": item.partner.name,
        **{name: getattr(item, name) for name in ("task", "period", "state", "skip_reason")},
        **{name: date(getattr(item, name)) for name in ("starts_on", "ends_on", "due_on", "done_on")},
        "late": item.state == DueItem.State.OPEN and item.due_on < today(),
        "closed_by": item.by_id,
    }


def _find(request: Request, item_id: int) -> DueItem:
    item: DueItem = get_object_or_404(queries.items(request.user), pk=item_id)
    return item


@router.get("/due-items", response=Page[DueOut], auth=READS)
def list_due_items(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[DueQuery, Query()],
    sort: Literal["id", "-id", "due_on", "-due_on"] = "due_on",
) -> Any:
    """The items one may see, narrowed like partners."""
    asked = request.GET.copy()
    if not query.state:
        asked.setlist("state", ALL_STATES)
    chosen = DueFilter(asked, user=request.user)
    check_filter(request, chosen, "cursor", "limit", "sort")
    rows = chosen.narrow(queries.items(request.user))
    return page(request, response, rows, due_out, paging=paging, sort=sort, by=SORTS, known=None)


@router.get("/due-items/{int:due_item_id}", response=DueOut, auth=READS)
def get_due_item(request: Request, due_item_id: int) -> Any:
    """One item."""
    return due_out(_find(request, due_item_id))


@router.post("/due-items/{int:due_item_id}/skip", response=DueOut, auth=WRITES)
def skip_due_item(request: Request, due_item_id: int, body: SkipIn) -> Any:
    """Skips an open item for a reason; one that is done or skipped stays as it is."""
    item = _find(request, due_item_id)
    with refusing():
        actions.skip(by=request.user, items=queries.items(request.user).filter(pk=item.pk), reason=body.reason)
    return due_out(_find(request, due_item_id))


@router.post("/due-items/{int:due_item_id}/reopen", response=DueOut, auth=WRITES)
def reopen_due_item(request: Request, due_item_id: int) -> Any:
    """Opens a skipped item again; done at once where the conversation was held meanwhile."""
    item = _find(request, due_item_id)
    actions.reopen(by=request.user, items=queries.items(request.user).filter(pk=item.pk))
    return due_out(_find(request, due_item_id))
