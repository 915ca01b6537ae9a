"""The roll-up of commitment, as its pages show it."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import Field

from accounts.permissions import Permission
from accounts.tokens import Scope
from partners.api.common import PartnerQuery, check_filter
from planning.rollups.figures import Sums
from planning.rollups.page import CommitmentBase, CommitmentPage
from planning.rollups.partners import CommitmentPartners, state_of, sums_of
from prm.api.auth import Allowed, Request
from prm.api.paging import MOST
from prm.api.schemas import Out
from prm.common import explain
from prm.common.numbers import whole
from scorecards.api.rollups import Dimension, thing

router = Router(tags=["Roll-ups"])
ROLLS_UP = Allowed(Scope.PLANS_READ, vendor=Permission.SEE_ROLLUPS)
State = Literal["signed", "waiting", "draft", "none"]


class CommitmentQuery(PartnerQuery):
    period: str = Field(
        "", description="A fiscal year (2027) or quarter (2027Q3); this fiscal year where it isn't sent."
    )


class FigureOut(Out):
    """`value` in the reporting currency or in percent; null for the `reason` given."""

    value: str | None
    reason: str | None


class CommitmentFigures(Out):
    """`target` is the vendor's own, commitments left aside; `plan` what plans in force commit to in the period, `plan_so_far`
    and `actual` in its months that are over; `forecast` that actual and the plan of the other months."""

    target: FigureOut
    plan: FigureOut
    plan_of_target: FigureOut
    plan_so_far: FigureOut
    actual: FigureOut
    attainment: FigureOut
    rag: Literal["green", "amber", "red"] | None
    forecast: FigureOut


class CommitmentCounts(Out):
    """Each partner is in the first of signed, waiting (for signatures), draft that it fits, or in none."""

    partners: int
    signed: int
    waiting: int
    draft: int
    signed_share: FigureOut


class CommitmentRow(CommitmentCounts):
    """`key` of what the row stands for (a user's id for CAMs), `none` for partners without one."""

    key: str
    name: str | None
    figures: CommitmentFigures


class CommitmentTotal(CommitmentCounts):
    figures: CommitmentFigures


class CommitmentHead(Out):
    period: str
    first: str
    last: str
    currency: str


class CommitmentOut(CommitmentHead):
    by: Dimension
    rows: list[CommitmentRow]
    together: CommitmentTotal


class OverviewQuery(CommitmentQuery):
    by: Dimension = Field("region", description="What rows stand for.")


@router.get("/rollups/commitment", response=CommitmentOut, auth=ROLLS_UP)
def get_commitment_rollup(request: Request, query: Annotated[OverviewQuery, Query()]) -> Any:
    """Plans signed, and what they come to against targets and actuals, by group, as partners stand today."""
    shown = CommitmentPage(request.user, request.GET)
    check_filter(request, shown.filter)
    rows = []
    for group in shown.groups:
        key, name = thing(shown, group.id, shown.filter.dimension)  # type: ignore[arg-type]  # both are Groups
        rows.append({"key": key, "name": name, **_counts(group.sums), "figures": _figures(shown, group.sums)})
    together = {**_counts(shown.total), "figures": _figures(shown, shown.total)}
    return {**_head(shown), "by": shown.filter.dimension, "rows": rows, "together": together}


class CommitmentPartner(Out):
    """`plan` is the one in force."""

    partner: int
    name: str
    state: State
    plan: int | None
    figures: CommitmentFigures


class CommitmentPartnersOut(CommitmentHead):
    count: int
    items: list[CommitmentPartner]


class PartnersQuery(CommitmentQuery):
    plan: list[State] = []
    sort: str = Field("partner", description="partner, committed, target, planned, planned_over, actual or cam; with `-` the largest first.")  # fmt: skip
    page: int = Field(1, ge=1, le=999_999)
    limit: int = Field(50, ge=1, le=MOST)


@router.get("/rollups/commitment/partners", response=CommitmentPartnersOut, auth=ROLLS_UP)
def list_commitment_partners(request: Request, query: Annotated[PartnersQuery, Query()]) -> Any:
    """The partners behind the figures, each with its own, in pages."""
    shown = CommitmentPartners(request.user, request.GET)
    check_filter(request, shown.filter, "sort", "page", "limit")
    first = (query.page - 1) * query.limit
    rows = shown.listing.rows()[first : first + query.limit]
    items = [
        {"partner": row.pk, "name": row.name, "state": state_of(row), "plan": row.plan_pk, "figures": _figures(shown, sums_of(row))}
        for row in rows
    ]  # fmt: skip
    return {**_head(shown), "count": shown.listing.total, "items": items}


def _head(shown: CommitmentBase) -> dict[str, Any]:
    period = shown.period
    first, last = period.start.isoformat(), period.end.isoformat()
    return {"period": period.key, "first": first, "last": last, "currency": shown.currency}


def _counts(sums: Sums) -> dict[str, Any]:
    counts = {name: getattr(sums, name) for name in ("partners", "signed", "waiting", "draft")}
    return {**counts, "signed_share": _figure(sums.signed_share)}


def _figures(shown: CommitmentBase, sums: Sums) -> dict[str, Any]:
    attained = sums.attainment
    return {
        "target": _figure(sums.target_figure),
        "plan": _figure(sums.planned_figure),
        "plan_of_target": _figure(sums.of_target),
        "plan_so_far": _figure(sums.planned_over_figure),
        "actual": _figure(sums.actual_figure),
        "attainment": _figure(attained),
        "rag": shown.limits.rag(whole(attained.value)) if attained.value is not None else None,
        "forecast": _figure(sums.forecast),
    }


def _figure(figure: explain.Figure) -> dict[str, Any]:
    value: Decimal | None = figure.value
    return {
        "value": None if value is None else format(round(value, 9).normalize(), "f"),
        "reason": None if figure.reason is None else str(figure.reason),
    }
