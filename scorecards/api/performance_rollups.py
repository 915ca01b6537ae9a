"""The roll-ups of performance, as their pages show them."""

from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import Field

from accounts.permissions import Permission
from accounts.tokens import Scope
from partners.api.common import PartnerQuery, check_filter
from prm.api.auth import Allowed, Request
from prm.api.paging import MOST
from prm.api.schemas import Out
from prm.common import explain
from prm.common.numbers import whole
from scorecards.api.results import RagColour
from scorecards.api.rollups import Dimension, thing
from scorecards.performance_rollups.concentration import SHARE, ConcentrationPage
from scorecards.performance_rollups.figures import Slot, Sums
from scorecards.performance_rollups.monthly import COUNTS
from scorecards.performance_rollups.movers import MoversPage
from scorecards.performance_rollups.overview import OverviewPage
from scorecards.performance_rollups.page import PerformancePage
from scorecards.performance_rollups.ranking import RankingPage
from scorecards.performance_rollups.ranks import Concentration, Place
from scorecards.performance_rollups.trend import TrendPage

router = Router(tags=["Roll-ups"])
ROLLS_UP = Allowed(Scope.SALES_READ, vendor=Permission.SEE_ROLLUPS)


class PerformanceQuery(PartnerQuery):
    """Region, CAM, tier and life stage narrow months by where the partner stood at their end, unless `groups` is `today`."""

    period: str = Field("", description="A fiscal year (2026), quarter (2026Q3) or month (2026-07); the year to date where it isn't sent.")  # fmt: skip
    groups: Literal["", "today"] = Field("", description="`today`: all months count where the partner stands today.")


class FamilyQuery(PerformanceQuery):
    family: Literal["", "each"] = Field("", description="`each`: a parent and its branches are not one.")


class AmountOut(Out):
    """`value` in the reporting currency, in percent, or times for a coverage; null for the `reason` given."""

    value: str | None
    reason: str | None


class SumsOut(Out):
    """`plan` is of the days so far, `full` of the whole period while it runs, `before` the actual of the same days a year
    before; null where not asked of this period. `coverage` is as of today."""

    plan: AmountOut
    actual: AmountOut
    attainment: AmountOut
    rag: RagColour | None
    before: AmountOut
    growth: AmountOut
    full: AmountOut | None
    pipeline: AmountOut | None
    remaining: AmountOut | None
    coverage: AmountOut | None


class PerformanceHead(Out):
    """`first` to `last` are the days of the period so far; null before it begins."""

    period: str
    first: str | None
    last: str | None
    currency: str


class PerformanceRowOut(Out):
    """`key` of what the row stands for (a user's id for CAMs), `none` for partners without one."""

    key: str
    name: str | None
    partners: int
    figures: SumsOut


class PerformanceOut(PerformanceHead):
    by: Dimension
    rows: list[PerformanceRowOut]
    together: SumsOut
    partners: int


class OverviewQuery(FamilyQuery):
    by: Dimension = Field("region", description="What rows stand for.")


@router.get("/rollups/performance", response=PerformanceOut, auth=ROLLS_UP)
def get_performance_rollup(request: Request, query: Annotated[OverviewQuery, Query()]) -> Any:
    """Plan, actual, attainment, growth and coverage of the partners one sees, by group."""
    shown = _understood(request, OverviewPage(request.user, request.GET))
    rows = []
    for group in shown.groups:
        key, name = thing(shown, group.id, shown.filter.dimension)
        rows.append({"key": key, "name": name, "partners": group.partners, "figures": _sums(shown, group.sums)})
    return {
        **_head(shown), "by": shown.filter.dimension, "rows": rows, "together": _sums(shown, shown.total.sums),
        "partners": shown.total.partners,
    }  # fmt: skip


# ── Trend ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class MonthOut(Out):
    """A whole month; `actual` of this one is what was sold so far, null of one that has not begun."""

    month: str
    plan: AmountOut
    actual: AmountOut | None
    before: AmountOut
    won_count: int
    lost_count: int


class TrendOut(Out):
    year: str
    currency: str
    months: list[MonthOut]


@router.get("/rollups/performance/trend", response=TrendOut, auth=ROLLS_UP)
def get_performance_trend(request: Request, query: Annotated[PerformanceQuery, Query()]) -> Any:
    """Each month of the fiscal year that the period is in."""
    shown = _understood(request, TrendPage(request.user, request.GET))
    months = [
        {
            "month": point.month.key,
            "plan": _figure(point.sums.target(Slot.PLAN)),
            "actual": _figure(point.sums.amount(Slot.ACTUAL)) if point.begun else None,
            "before": _figure(point.sums.amount(Slot.BEFORE)),
            **{name: point.counts.get(name, 0) for name in COUNTS},
        }
        for point in shown.points
    ]
    return {"year": shown.year.key, "currency": shown.currency, "months": months}


# ── Concentration ────────────────────────────────────────────────────────────────────────────────────────────────────


class ConcentrationPartOut(Out):
    """`needed` of these `partners` make the share; `unconverted` ones count as 0. `curve`: share of partners and share of revenue
    they make, in percent, the largest first."""

    partners: int
    needed: int
    unconverted: int
    curve: list[tuple[str, str]]


class ConcentrationOut(PerformanceHead):
    share: int
    now: ConcentrationPartOut
    before: ConcentrationPartOut


@router.get("/rollups/performance/concentration", response=ConcentrationOut, auth=ROLLS_UP)
def get_performance_concentration(request: Request, query: Annotated[FamilyQuery, Query()]) -> Any:
    """How many of the partners one sees make 80 % of the actuals, now and in the same days a year before."""
    shown = _understood(request, ConcentrationPage(request.user, request.GET))
    return {**_head(shown), "share": SHARE, "now": _concentration(shown.now), "before": _concentration(shown.before)}


def _concentration(found: Concentration) -> dict[str, Any]:
    return {
        "partners": found.members,
        "needed": found.needed,
        "unconverted": found.lacking,
        "curve": [(format(x, "f"), format(y, "f")) for x, y in found.points],
    }


# ── Movers, ranking ──────────────────────────────────────────────────────────────────────────────────────────────────


class PlacedOut(Out):
    """A partner, with its branches where they count as one."""

    place: int
    partner_id: int
    name: str
    branches: int


class MoverOut(PlacedOut):
    before: AmountOut
    now: AmountOut
    change: AmountOut


class PerformanceMoversOut(PerformanceHead):
    of: Literal["actual", "attainment"]
    rose: int
    fell: int
    same: int
    up: list[MoverOut]
    down: list[MoverOut]


class MoversQuery(FamilyQuery):
    of: Literal["", "attainment"] = Field("", description="What moved: the actual, or its attainment.")
    up: int = Field(1, ge=1, le=999_999, description="Page of those that rose.")
    down: int = Field(1, ge=1, le=999_999, description="Page of those that fell.")


@router.get("/rollups/performance/movers", response=PerformanceMoversOut, auth=ROLLS_UP)
def get_performance_movers(request: Request, query: Annotated[MoversQuery, Query()]) -> Any:
    """Whose actual or attainment rose and fell most against the same days a year before, in pages of 25."""
    shown = _understood(request, MoversPage(request.user, request.GET), "up", "down")
    moves = shown.moves
    return {
        **_head(shown),
        "of": shown.of or "actual",
        "rose": moves.counts["up"], "fell": moves.counts["down"], "same": moves.counts["same"],
        "up": [_mover(shown, each) for each in moves.up],
        "down": [_mover(shown, each) for each in moves.down],
    }  # fmt: skip


def _mover(shown: MoversPage, each: Place) -> dict[str, Any]:
    names = ("before", "now", "change")
    figures = dict(zip(names, map(_figure, shown.figures_of(each)), strict=True))
    return {**_placed(each, shown.partners[each.root].name), **figures}


class RankedOut(PlacedOut):
    figures: SumsOut


class RankingOut(PerformanceHead):
    count: int
    together: SumsOut
    items: list[RankedOut]


class RankingQuery(FamilyQuery):
    sort: str = Field("-actual", description="name, plan, actual, attainment, before, growth, full, pipeline or coverage; with `-` the largest first.")  # fmt: skip
    moved: str = Field("", description="Only those that moved: up, down, same, attainment-up …")
    top: str = Field("", description="80: only the largest that make 80 % of the actuals.")
    page: int = Field(1, ge=1, le=999_999)
    limit: int = Field(50, ge=1, le=MOST)


@router.get("/rollups/performance/partners", response=RankingOut, auth=ROLLS_UP)
def list_performance_ranking(request: Request, query: Annotated[RankingQuery, Query()]) -> Any:
    """Partners by one of their figures: what every figure of these roll-ups is added up from."""
    shown = _understood(request, RankingPage(request.user, request.GET), "sort", "page", "limit")
    found = shown.read(query.page, query.limit)
    items = [
        {**_placed(row, shown_row.partner.name), "figures": _sums(shown, row.sums)}
        for row, shown_row in zip(found.rows, shown.rows_of(found), strict=True)
    ]
    return {**_head(shown), "count": found.count, "together": _sums(shown, found.total), "items": items}


# ── Shared ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _understood(request: Request, shown: Any, *more: str) -> Any:
    check_filter(request, shown.filter, *more)
    return shown


def _head(shown: PerformancePage) -> dict[str, Any]:
    gone = shown.period.gone
    return {
        "period": shown.period.key,
        "first": gone.first.isoformat() if gone else None,
        "last": gone.last.isoformat() if gone else None,
        "currency": shown.currency,
    }


def _placed(each: Place, name: str) -> dict[str, Any]:
    return {"place": each.place, "partner_id": each.root, "name": name, "branches": each.branches}


def _figure(figure: explain.Figure) -> dict[str, Any]:
    value = None if figure.value is None else format(round(figure.value, 9).normalize(), "f")
    return {"value": value, "reason": None if figure.reason is None else str(figure.reason)}


def _sums(shown: PerformancePage, sums: Sums) -> dict[str, Any]:
    running, covers = shown.period.running, shown.covers
    attained = sums.attainment
    every = {slot: _figure(sums.amount(slot)) for slot in (Slot.ACTUAL, Slot.BEFORE, Slot.PIPELINE)}
    return {
        "plan": _figure(sums.target(Slot.PLAN)),
        "actual": every[Slot.ACTUAL],
        "attainment": _figure(attained),
        "rag": shown.limits.rag(whole(attained.value)) if attained.value is not None else None,
        "before": every[Slot.BEFORE],
        "growth": _figure(sums.growth),
        "full": _figure(sums.target(Slot.FULL)) if running else None,
        "pipeline": every[Slot.PIPELINE] if covers else None,
        "remaining": _figure(sums.remaining) if covers else None,
        "coverage": _figure(sums.coverage) if covers else None,
    }
