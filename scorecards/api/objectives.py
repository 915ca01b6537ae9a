"""The roll-up of objectives, as its page shows it."""

from typing import Annotated, Any

from ninja import Query, Router
from pydantic import Field

from accounts.permissions import Permission
from accounts.tokens import Scope
from partners.api.common import PartnerQuery, check_filter
from prm.api.auth import Allowed, Request
from prm.api.schemas import Out
from scorecards.api.rollups import PERIOD, Dimension, thing
from scorecards.rollups.objectives import OWN, VENDOR, ObjectivesPage, Standings

router = Router(tags=["Roll-ups"])
ROLLS_UP = Allowed(Scope.PARTNERS_READ, vendor=Permission.SEE_ROLLUPS)


class SideOut(Out):
    """Partners by how they stand with the objectives of one side: all reached, some entered, nothing entered, none set. `share`
    is who met them in percent of those who have some; null where nobody has."""

    share: str | None
    met: int
    open: int
    silent: int
    none: int


class ObjectivesRowOut(Out):
    """`key` of what the row stands for (a user's id for CAMs), `none` for partners without one."""

    key: str
    name: str | None
    partners: int
    own: SideOut
    vendor: SideOut


class ObjectivesRollupOut(Out):
    """Of the objectives of the `fiscal_year`, as entered up to the end of `period`."""

    fiscal_year: int
    period: str
    by: Dimension
    rows: list[ObjectivesRowOut]


class ObjectivesRollupQuery(PartnerQuery):
    by: Dimension = Field("region", description="What rows stand for.")
    period: str = Field("", description=PERIOD)


@router.get("/rollups/objectives", response=ObjectivesRollupOut, auth=ROLLS_UP)
def get_objectives_rollup(request: Request, query: Annotated[ObjectivesRollupQuery, Query()]) -> Any:
    """How many of the partners one sees met their own objectives, and the vendor's, by group."""
    shown: Any = ObjectivesPage(request.user, request.GET)
    check_filter(request, shown.filter)
    rows = []
    for group in shown.groups:
        key, name = thing(shown, group.id, shown.filter.dimension)
        sides = {"own": _side(group, OWN), "vendor": _side(group, VENDOR)}
        rows.append({"key": key, "name": name, "partners": group.partners, **sides})
    return {
        "fiscal_year": shown.quarter.fiscal_year.year,
        "period": shown.quarter.key,
        "by": shown.filter.dimension,
        "rows": rows,
    }


def _side(group: Standings, side: str) -> dict[str, Any]:
    share = group.share(side)
    return {"share": None if share is None else format(round(share, 12), "f"), **group.of[side]}
