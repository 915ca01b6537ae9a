"""The heat maps of capabilities, as their page shows them, and what all roll-ups share."""

from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from ninja import Query, Router
from pydantic import Field

from partners.api.common import PartnerQuery, check_filter
from partners.filters import NOBODY
from prm.api.auth import Request
from prm.api.paging import check_parameters
from prm.api.problems import field_error, invalid
from prm.api.schemas import Out
from scorecards.api.common import ROLLS_UP
from scorecards.api.results import RagColour
from scorecards.heatmap import Map
from scorecards.rollups.page import Rollup

router = Router(tags=["Roll-ups"])
Dimension = Literal["region", "cam", "tier", "type", "stage"]
PERIOD = "Fiscal quarter, as in 2026Q4; the current one where it isn't sent."
OF = "Whose score: `category:KEY` or `topic:KEY`; the overall where it isn't sent."


class CellOut(Out):
    """`mean` of the unrounded scores of the `counted` partners; null, with 0 counted, where nobody is assessed."""

    level: Literal["overall", "category", "topic"]
    key: str
    name: str
    mean: str | None
    display: int | None
    rag: RagColour | None
    counted: int


class RowOut(Out):
    """`key` of what the row stands for (a user's id for CAMs), `none` for partners without one; `partners` in the group."""

    key: str
    name: str | None
    partners: int
    cells: list[CellOut]


class HeatMapOut(Out):
    """Of each partner the latest agreed, else submitted, assessment finished from `first` to `last` counts."""

    questionnaire: str | None
    period: str
    first: str
    last: str
    by: Dimension
    rows: list[RowOut]


class RollupQuery(PartnerQuery):
    by: Dimension = Field("region", description="What rows stand for.")
    period: str = Field("", description=PERIOD)
    category: str = Field("", description="Key: the columns are its topics, else all categories.")


@router.get("/rollups/capabilities", response=HeatMapOut, auth=ROLLS_UP)
def get_capabilities_rollup(
    request: Request,
    query: Annotated[RollupQuery, Query()],
) -> Any:
    """Mean scores of the partners one sees, by group: overall and by category, or by the topics of one category."""
    shown = Map(request.user, request.GET)
    chosen = shown.filter
    check_parameters(request, chosen.fields.keys() - {"across", "of"})
    check_filter(request, chosen)
    if query.category and shown.category is None:
        raise invalid([field_error("category", _("There is no such category."), place="query")])
    things = {row.pk: (value, str(row)) for value, row in chosen.rows[chosen.dimension].items()}
    return {
        "questionnaire": shown.questionnaire.key if shown.questionnaire else None,
        "period": shown.quarter.key,
        "first": shown.window.first.isoformat(),
        "last": shown.window.last.isoformat(),
        "by": chosen.dimension,
        "rows": [
            {
                "key": things.get(group.id, (NOBODY, None))[0],
                "name": things.get(group.id, (NOBODY, None))[1],
                "partners": group.partners,
                "cells": [
                    _cell(shown.cell(group, level, key), level, key, name, shown) for level, key, name in shown.columns
                ],
            }
            for group in shown.groups
        ],
    }


def _cell(cell: Any, level: str, key: str, name: str, shown: Map) -> dict[str, Any]:
    known = cell is not None
    return {
        "level": level,
        "key": key or "overall",
        "name": name,
        "mean": format(cell.mean, "f") if known else None,
        "display": cell.display if known else None,
        "rag": shown.limits.rag(cell.display) if known else None,
        "counted": cell.counted if known else 0,
    }


# ── Two dimensions of partners ───────────────────────────────────────────────────────────────────────────────────────


class MeanOut(Out):
    """`mean` of the unrounded scores of the `counted` ones of these `partners`; null where nobody is assessed."""

    key: str
    name: str | None
    partners: int
    mean: str | None
    display: int | None
    rag: RagColour | None
    counted: int


class CrossRowOut(MeanOut):
    """A row's own mean, and those of its columns that it has partners in."""

    cells: list[MeanOut]


class CrossOut(Out):
    questionnaire: str | None
    period: str
    by: Dimension
    across: Dimension
    of: str
    rows: list[CrossRowOut]


class CrossQuery(PartnerQuery):
    by: Dimension = Field("region", description="What rows stand for.")
    across: Dimension = Field("tier", description="What columns stand for; something else than the rows.")
    of: str = Field("", description=OF)
    period: str = Field("", description=PERIOD)


@router.get("/rollups/groups", response=CrossOut, auth=ROLLS_UP)
def get_groups_rollup(request: Request, query: Annotated[CrossQuery, Query()]) -> Any:
    """Mean scores of the partners one sees by two of their dimensions."""
    asked = request.GET.copy()
    asked.setdefault("across", query.across)
    shown = understood(request, Map(request.user, asked))
    by, across = shown.filter.dimension, shown.across
    return {
        **head(shown),
        "by": by,
        "across": across,
        "of": shown.measure.text,
        "rows": [
            {
                **_mean(shown, *thing(shown, group.id, by), group.partners, group.whole),
                "cells": [
                    _mean(shown, *thing(shown, column, across), *group.cells[column])
                    for column in shown.across_ids
                    if column in group.cells
                ],
            }
            for group in shown.crossed
        ],
    }


def understood(request: Request, shown: Any) -> Any:
    """The page, once its filter is understood."""
    check_filter(request, shown.filter)
    return shown


def head(shown: Rollup) -> dict[str, Any]:
    return {
        "questionnaire": shown.questionnaire.key if shown.questionnaire else None,
        "period": shown.quarter.key,
    }


def thing(shown: Rollup, group: int | None, dimension: str) -> tuple[str, str | None]:
    """The key and name of a group; `none` without name for partners without one."""
    value = shown.value(group, dimension)
    return value, str(shown.things(dimension)[value]) if value in shown.things(dimension) else None


def _mean(shown: Rollup, key: str, name: str | None, partners: int, cell: Any) -> dict[str, Any]:
    known = cell is not None
    return {
        "key": key,
        "name": name,
        "partners": partners,
        "mean": format(cell.mean, "f") if known else None,
        "display": cell.display if known else None,
        "rag": shown.limits.rag(cell.display) if known else None,
        "counted": cell.counted if known else 0,
    }
