"""What came of approved activities against what was expected, and the roll-up of marketing."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from marketing.returns.figures import Side, Sums
from marketing.returns.page import ReturnsPage
from marketing.rollup.figures import Sums as RollupSums
from marketing.rollup.page import RollupPage
from partners.api.common import PartnerQuery, check_filter
from prm.api.auth import Allowed, Request
from prm.api.schemas import Out
from prm.common import explain
from prm.common.money import minor_units
from prm.common.numbers import round_half_away

router = Router(tags=["Marketing results"])
READS = Allowed(Scope.MARKETING_READ, vendor=P.SEE_MARKETING)
By = Literal["tactic", "partner", "region", "cam", "quarter"]
Dimension = Literal["region", "cam", "tier", "type", "stage"]
STAGES = ("reach", "inquiries", "mqls", "sals", "mgos", "wins")
RATIO_PLACES = 9


class FigureOut(Out):
    """Null for the `reason` given."""

    value: str | None
    reason: str | None


class SideOut(Out):
    """Stages to one decimal, amounts to the minor unit of the reporting currency."""

    reach: FigureOut
    inquiries: FigureOut
    mqls: FigureOut
    sals: FigureOut
    mgos: FigureOut
    wins: FigureOut
    revenue: FigureOut
    cost: FigureOut
    revenue_roi: FigureOut


class ReturnsFigures(Out):
    """`approved` activities that ended in the period, of which `verified`; `not_verified` ended and nobody has verified them. Forecast and actual
    are of the verified ones alone. `mdf` was paid for them; `mdf_roi` = (revenue × (1 − partner margin) − MDF) ÷ MDF."""

    approved: int
    verified: int
    not_verified: int
    forecast: SideOut
    actual: SideOut
    mdf: FigureOut
    mdf_roi: FigureOut


class ReturnsRow(ReturnsFigures):
    """`key` of what the row stands for: of a tactic or region, the id of a partner or user, of a quarter; "" for none."""

    key: str
    name: str


class AheadOut(Out):
    """A month to come (its first day): approved activities that touch it, of how many partners, and the MGOs forecast for it."""

    month: str
    activities: int
    partners: int
    mgos: str


class ReturnsOut(Out):
    """`next_six_months`: whether they hold approved activities; `partners_without` have none in them."""

    first: str
    last: str
    currency: str
    by: By
    rows: list[ReturnsRow]
    together: ReturnsFigures
    next_six_months: list[AheadOut]
    partners_without: int


class ReturnsQuery(PartnerQuery):
    """Of the activities that ended in `period`, without one in the last four quarters, this one included."""

    period: str = Field("", description="A fiscal year (2027) or quarter (2027Q3).")
    by: By = Field("tactic", description="What rows stand for.")
    tactic: list[str] = Field([], description="Keys.")
    partner: int | None = None
    plan_quarter: str = Field("", description="The first quarter of the plan, as 2027Q3.")


@router.get("/marketing/returns", response=ReturnsOut, auth=READS)
def get_marketing_returns(request: Request, query: Annotated[ReturnsQuery, Query()]) -> Any:
    """Forecast against actual of approved activities, by group, and the return of MDF."""
    page = ReturnsPage(request.user, request.GET)
    check_filter(request, page.filter)
    currency = page.currency
    return {
        "first": page.filter.first.isoformat(),
        "last": page.filter.last.isoformat(),
        "currency": currency,
        "by": page.filter.dimension,
        "rows": [{"key": row.key, "name": row.name, **_returns(row.sums, currency)} for row in page.groups],
        "together": _returns(page.total, currency),
        "next_six_months": [
            {
                "month": each.month.isoformat(), "activities": each.activities, "partners": each.partners,
                "mgos": f"{round_half_away(each.mgos, 1):f}",
            }
            for each in page.ahead
        ],
        "partners_without": page.without,
    }  # fmt: skip


def _returns(sums: Sums, currency: str) -> dict[str, Any]:
    return {
        "approved": sums.approved,
        "verified": sums.verified,
        "not_verified": sums.open,
        "forecast": _side(sums, sums.forecast, currency),
        "actual": _side(sums, sums.actual, currency),
        "mdf": _figure(sums.mdf_figure, minor_units(currency)),
        "mdf_roi": _figure(sums.mdf_roi, RATIO_PLACES),
    }


def _side(sums: Sums, side: Side, currency: str) -> dict[str, Any]:
    return {
        **{stage: _figure(sums.count(side, stage), 1) for stage in STAGES},
        **{name: _figure(sums.amount(side, name), minor_units(currency)) for name in ("revenue", "cost")},
        "revenue_roi": _figure(sums.roi(side), RATIO_PLACES),
    }


def _figure(figure: explain.Figure, places: int) -> dict[str, Any]:
    value: Decimal | None = figure.value
    shown = None if value is None else round_half_away(value, places)
    if shown is not None and places == RATIO_PLACES:
        shown = shown.normalize()
    return {
        "value": None if shown is None else f"{shown:f}",
        "reason": None if figure.reason is None else str(figure.reason),
    }


# ── The roll-up ──────────────────────────────────────────────────────────────────────────────────────────────────────


class RollupFigures(Out):
    """MGOs `needed` by the program worksheet of the period, `planned` of approved activities in its months, `delivered` in them; `of_needed` in
    percent. `budget` of approved activities; `cost`, `revenue` and `revenue_roi` of those that ended in it and are verified."""

    partners: int
    with_activities: int
    needed: FigureOut
    planned: str
    planned_of_needed: FigureOut
    delivered: int
    delivered_of_needed: FigureOut
    budget: FigureOut
    cost: FigureOut
    revenue: FigureOut
    revenue_roi: FigureOut
    not_verified: int


class RollupRow(RollupFigures):
    """`key` of what the row stands for (a user's id for CAMs), `none` for partners without one."""

    key: str
    name: str


class RollupOut(Out):
    period: str
    first: str
    last: str
    currency: str
    by: Dimension
    rows: list[RollupRow]
    together: RollupFigures


class RollupQuery(PartnerQuery):
    period: str = Field(
        "", description="A fiscal year (2027) or quarter (2027Q3); this fiscal year where it isn't sent."
    )
    by: Dimension = Field("region", description="What rows stand for.")


@router.get("/rollups/marketing", response=RollupOut, auth=READS)
def get_marketing_rollup(request: Request, query: Annotated[RollupQuery, Query()]) -> Any:
    """MGOs needed, planned and delivered, budget and return, by group, as partners stand today."""
    page = RollupPage(request.user, request.GET)
    check_filter(request, page.filter)
    return {
        "period": page.span.key,
        "first": page.span.start.isoformat(),
        "last": page.span.end.isoformat(),
        "currency": page.currency,
        "by": page.filter.dimension,
        "rows": [
            {"key": page.value(group), "name": page.name(group), **_rolled(sums, page.currency)}
            for group, sums in page.groups
        ],
        "together": _rolled(page.total, page.currency),
    }


def _rolled(sums: RollupSums, currency: str) -> dict[str, Any]:
    money = minor_units(currency)
    return {
        "partners": sums.partners,
        "with_activities": sums.planning,
        "needed": _figure(sums.needed_figure, 0),
        "planned": f"{round_half_away(sums.planned, 1):f}",
        "planned_of_needed": _figure(sums.of_needed(sums.planned), RATIO_PLACES),
        "delivered": int(sums.delivered),
        "delivered_of_needed": _figure(sums.of_needed(sums.delivered), RATIO_PLACES),
        **{name: _figure(sums.amount(getattr(sums, name)), money) for name in ("budget", "cost", "revenue")},
        "revenue_roi": _figure(sums.roi, RATIO_PLACES),
        "not_verified": sums.left,
    }
