"""The performance scorecard: its figures with their explanations, the quarter table, the months, the deals that move."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import AfterValidator, BaseModel, Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from partners.api.common import date, find
from prm.api.auth import Allowed, Request
from prm.api.paging import check_parameters
from prm.api.schemas import Out, instant
from prm.common.explain import Explanation
from scorecards.performance.card import Performance
from scorecards.performance.figures import ATTAINMENTS, Figures, shown
from scorecards.performance.moving import Moving
from scorecards.performance.plan import MonthPoint
from scorecards.performance.quarters import Cell, Row
from scorecards.performance.telling import exact

router = Router(tags=["Performance"])
READS = Allowed(Scope.SALES_READ, vendor=P.SEE_PERFORMANCE, portal=P.PORTAL)
RagColour = Literal["green", "amber", "red"]
FIRST, LAST = dt.date(1990, 1, 1), dt.date(2100, 12, 31)


def _in_range(day: dt.date | None) -> dt.date | None:
    if day and not FIRST <= day <= LAST:
        raise ValueError(f"is not between {FIRST} and {LAST}")
    return day


class PerformanceQuery(BaseModel):
    on: Annotated[dt.date | None, AfterValidator(_in_range)] = Field(
        None, description="As of this day; today where left out."
    )
    family: bool = Field(False, description="With its branches, as far as you may see them.")


class TermOut(Out):
    label: str
    value: str | None
    unit: str
    source_url: str | None


class ExplanationOut(Out):
    """`formula` in words, `with_numbers` with this partner's own; `result` or else `why_missing`. Terms that the formula doesn't
    use are notes. `children` explain the terms that are figures themselves."""

    title: str
    formula: str
    with_numbers: str
    terms: list[TermOut]
    result: str | None
    unit: str
    as_of: str
    records_url: str | None
    why_missing: str | None
    children: list[ExplanationOut]


class FigureOut(Out):
    """`value` in `unit` ("%", a currency, "days", "×" or ""), else `reason`. `attainment`: percent of what it should be, with `shown`,
    the whole percent that is displayed, and its colour; null without a target."""

    name: str
    value: str | None
    unit: str
    reason: str | None
    attainment: str | None
    shown: int | None
    rag: RagColour | None
    internal: bool
    explanation: ExplanationOut


class CellOut(Out):
    """`target` is what the actual is held against: of the current quarter and of the year the days so far; `full_target` all of it."""

    quarter: str
    state: Literal["past", "current", "future"]
    target: str | None
    full_target: str | None
    actual: str | None
    attainment: str | None
    shown: int | None
    rag: RagColour | None
    reason: str | None


class RowOut(Out):
    """`ytd` is the year to date."""

    key: str
    name: str
    unit: str
    quarters: list[CellOut]
    ytd: CellOut


class MonthOut(Out):
    month: str
    actual: str | None
    target: str | None


class DealMovingOut(Out):
    """`amount`: the partner's share of it in the reporting currency, null where it can't be converted. `days` in its stage."""

    id: int
    name: str
    stage: str
    outcome: str
    amount: str | None
    expected_close: str | None
    days: int | None
    motions: list[Literal["moved", "overdue", "stuck"]]


class PerformanceOut(Out):
    """`figures` by key. `target_met`: nothing remains of the target, which counts as the composite's cap. `data_as_of`: when
    anything it is made from was last recorded."""

    partner: int
    on: str
    family: bool
    members: list[int]
    fiscal_year: str
    currency: str
    data_as_of: str | None
    target_met: bool
    figures: dict[str, FigureOut]
    composite: FigureOut
    quarters: list[RowOut]
    trend: list[MonthOut]
    deals_moving: list[DealMovingOut]


@router.get("/partners/{partner_id}/performance", response=PerformanceOut, auth=READS)
def get_performance(
    request: Request,
    partner_id: int,
    chosen: Annotated[PerformanceQuery, Query()],
) -> Any:
    """The performance scorecard of a partner. The partner's side gets its own without what is internal."""
    check_parameters(request, PerformanceQuery.model_fields)
    card = Performance(request.user, find(request, partner_id), chosen.on, family=chosen.family)
    figures = {key: _figure(card.figures_of, key, each) for key, each in card.figures.items()}
    return {
        "partner": card.partner.pk,
        "on": card.day.isoformat(),
        "family": card.family,
        "members": [member.pk for member in card.members],
        "fiscal_year": card.inputs.calendar.year_of(card.day).key,
        "currency": card.inputs.currency,
        "data_as_of": instant(card.data_as_of),
        "target_met": card.figures_of.pipeline().met,
        "figures": figures,
        "composite": figures["composite"],
        "quarters": [_row(row) for row in card.quarters],
        "trend": [_month(point) for point in card.trend],
        "deals_moving": [_deal(row) for row in card.deals_moving],
    }


def _figure(figures: Figures, key: str, explanation: Explanation) -> dict[str, Any]:
    percent = explanation if key in ATTAINMENTS or key == "composite" else figures.explain(f"attainment:{key}")
    return {
        "name": str(figures.name(key)),
        "value": _text(explanation.result),
        "unit": str(explanation.unit),
        "reason": str(explanation.why_missing) if explanation.why_missing else None,
        "attainment": _text(percent.result) if percent else None,
        "shown": shown(percent) if percent else None,
        "rag": figures.rag(percent) if percent else None,
        "internal": figures.is_internal(key),
        "explanation": explanation.to_dict(),
    }


def _row(row: Row) -> dict[str, Any]:
    *quarters, ytd = (_cell(cell) for cell in row.cells)
    return {"key": row.key, "name": str(row.name), "unit": str(row.unit), "quarters": quarters, "ytd": ytd}


def _cell(cell: Cell) -> dict[str, Any]:
    why = cell.attainment.why_missing
    return {
        "quarter": cell.key,
        "state": cell.state,
        "target": _text(cell.target),
        "full_target": _text(cell.full_target),
        "actual": _text(cell.actual),
        "attainment": _text(cell.attainment.result),
        "shown": cell.shown,
        "rag": cell.rag,
        "reason": str(why) if why else None,
    }


def _month(point: MonthPoint) -> dict[str, Any]:
    return {"month": point.month.key, "actual": _text(point.actual), "target": _text(point.target)}


def _deal(row: Moving) -> dict[str, Any]:
    deal = row.deal
    return {
        "id": deal.pk,
        "name": deal.name,
        "stage": deal.stage,
        "outcome": deal.state,
        "amount": _text(deal.amount),
        "expected_close": date(deal.expected_close),
        "days": row.days,
        "motions": list(row.motions),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else format(exact(value), "f")
