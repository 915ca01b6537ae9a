"""What became of a committed plan: against actual, re-forecasts, what moved between versions, who still has to sign."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from planning import queries, reading
from planning.actions import reforecasting
from planning.api.common import find, refusing
from planning.chasing import unsigned
from planning.comparison import Comparison, Moved, Result, compare
from planning.following import fixed, follow, reforecasts
from planning.models import BusinessPlan, Reforecast
from planning.tracking import Amounts, Held, Outlook
from planning.tracking import Line as PlanMonth
from prm.api.auth import Allowed, Request
from prm.api.paging import Paging, check_parameters, everything, page
from prm.api.schemas import In, Out, Page
from prm.common.vendor import today, vendor_settings

router = Router(tags=["Business plans"])
FOLLOWS = Allowed(Scope.PLANS_READ, vendor=P.SEE_PLANS, portal=P.PORTAL)
CHASES = Allowed(Scope.PLANS_READ, vendor=P.SEE_PLANS)
CONFIRMS = Allowed(Scope.PLANS_WRITE, vendor=P.EDIT_PLANS)
State = Literal["over", "running", "ahead"]


class AmountsOut(Out):
    """`revenue` in the reporting currency, null where something has no rate: that of `lacking`."""

    revenue: str | None
    deals: str
    lacking: str | None


class TrackedMonthOut(Out):
    """`actual` of the month that runs is what was sold so far; null of one that has not begun."""

    month: str
    state: State
    plan: AmountsOut
    actual: AmountsOut | None
    reforecast: AmountsOut


class HeldOut(Out):
    """The months that are over; percents null without a plan."""

    months: int
    plan: AmountsOut
    actual: AmountsOut
    attainment: str | None
    deals_attainment: str | None


class OutlookOut(Out):
    plan: AmountsOut
    reforecast: AmountsOut


class TrackOut(Out):
    """`as_of` is the first month that is still the plan's in the re-forecast. `years` are plan years."""

    plan: int
    currency: str
    as_of: str
    to_date: HeldOut
    years: list[OutlookOut]
    together: OutlookOut
    months: list[TrackedMonthOut]


class ReforecastMonthOut(Out):
    month: str
    revenue: str
    deals: str
    actual: bool


class ReforecastOut(Out):
    """A confirmed re-forecast: actuals of the months before `as_of`, the plan from then on, as they were on the day."""

    id: int
    plan: int
    as_of: str
    on: str
    by: int | None
    note: str
    months: list[ReforecastMonthOut]


class ReforecastIn(In):
    note: str = Field("", max_length=500)


class MovedOut(Out):
    """`field` as it stands in the document without the row's number; null where it isn't in that version."""

    field: str
    before: str | None
    after: str | None


class MovedRowOut(Out):
    group: str
    key: str
    name: str
    what: Literal["added", "removed", "changed"]
    moved: list[MovedOut]


class MovedScenarioOut(Out):
    scenario: Literal["bleak", "base", "stretch"]
    moved: list[MovedOut]


class ResultOut(Out):
    """Over the version's 36 months, in its scenario and currency; `break_even_month` null where there is none."""

    version: int
    currency: str
    first_month: str
    scenario: Literal["bleak", "base", "stretch"]
    revenue: str
    gross_profit: str
    costs: str
    operating_profit: str
    peak_investment: str
    break_even_month: int | None


class ComparisonOut(Out):
    before: ResultOut
    after: ResultOut
    rows: list[MovedRowOut]
    scenarios: list[MovedScenarioOut]
    texts: list[MovedOut]
    terms: MovedOut | None


class ComparisonQuery(BaseModel):
    version: int | None = Field(None, ge=1, le=32767, description="Number of an earlier version; the one before where it isn't sent.")  # fmt: skip


class UnsignedOut(Out):
    """A draft that waits for signatures since `asked_on`, more than 30 days; `users` are those who haven't signed."""

    plan: int
    partner: int
    partner_name: str
    asked_on: str
    days: int
    users: list[int]


def _committed(request: Request, plan_id: int) -> BusinessPlan:
    """One that is or was in force; 404 for another."""
    plan: BusinessPlan = get_object_or_404(fixed(request.user), pk=plan_id)
    return plan


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else f"{round(value, 9).normalize():f}"


def _amounts(found: Amounts) -> dict[str, Any]:
    return {"revenue": _plain(found.revenue), "deals": _plain(found.deals), "lacking": found.lack or None}


@router.get("/plans/{int:plan_id}/actuals", response=TrackOut, auth=FOLLOWS)
def get_plan_actuals(request: Request, plan_id: int) -> Any:
    """A committed plan against actual by month, and the re-forecast. 404 for a draft."""
    plan = _committed(request, plan_id)
    track = follow(plan)
    return {
        "plan": plan.pk,
        "currency": vendor_settings().reporting_currency,
        "as_of": track.as_of.key,
        "to_date": _held(track.held),
        "years": [_outlook(track.outlook_of(year)) for year in track.years],
        "together": _outlook(track.outlook),
        "months": [_month(line) for line in track.lines],
    }


def _held(found: Held) -> dict[str, Any]:
    return {
        "months": found.months,
        "plan": _amounts(found.plan),
        "actual": _amounts(found.actual),
        "attainment": _plain(found.attainment),
        "deals_attainment": _plain(found.deals_attainment),
    }


def _outlook(found: Outlook) -> dict[str, Any]:
    return {"plan": _amounts(found.plan), "reforecast": _amounts(found.reforecast)}


def _month(line: PlanMonth) -> dict[str, Any]:
    return {
        "month": line.month.key,
        "state": line.state,
        "plan": _amounts(line.plan),
        "actual": _amounts(line.actual) if line.actual else None,
        "reforecast": _amounts(line.reforecast),
    }


@router.get("/plans/{int:plan_id}/reforecasts", response=Page[ReforecastOut], auth=FOLLOWS)
def list_plan_reforecasts(
    request: Request, response: HttpResponse, plan_id: int, paging: Annotated[Paging, Query()]
) -> Any:
    """The confirmed re-forecasts of a plan, the newest first."""
    rows = reforecasts(request.user, _committed(request, plan_id))
    return page(request, response, rows, reforecast_out, paging=paging, sort="-id")


def reforecast_out(row: Reforecast) -> dict[str, Any]:
    return {
        "id": row.pk,
        "plan": row.plan_id,
        "as_of": f"{row.as_of:%Y-%m}",
        "on": row.on.isoformat(),
        "by": row.by_id,
        "note": row.note,
        "months": row.figures,
    }


@router.post("/plans/{int:plan_id}/reforecasts", response={201: ReforecastOut}, auth=CONFIRMS)
def confirm_plan_reforecast(request: Request, plan_id: int, body: ReforecastIn) -> Any:
    """Keeps the re-forecast of the plan in force as it stands today. The same figures again in a month are kept once; 409
    (`closed`) where another version is in force, 422 where an actual can't be converted."""
    plan = _committed(request, plan_id)
    with refusing():
        made = reforecasting.confirm(plan=plan, by=request.user, note=body.note)
    return Status(201, reforecast_out(made))


@router.get("/plans/{int:plan_id}/comparison", response=ComparisonOut, auth=FOLLOWS)
def compare_plan_versions(request: Request, plan_id: int, query: Annotated[ComparisonQuery, Query()]) -> Any:
    """What moved since an earlier version of the same partner's plan. 404 where there is no such."""
    check_parameters(request, {"version"})
    plan = find(request, plan_id)
    earlier = queries.history(request.user, plan.partner).filter(number__lt=plan.number)
    if query.version is not None:
        earlier = earlier.filter(number=query.version)
    elif plan.follows_id:
        earlier = earlier.filter(pk=plan.follows_id)
    other = get_object_or_404(earlier[:1])
    found = compare(reading.read(other), reading.read(plan), scenarios=(other.scenario, plan.scenario))
    return _comparison(found, other, plan)


def _comparison(found: Comparison, other: BusinessPlan, plan: BusinessPlan) -> dict[str, Any]:
    return {
        "before": _result(found.before, other),
        "after": _result(found.after, plan),
        "rows": [
            {
                "group": row.group,
                "key": row.key,
                "name": row.name,
                "what": row.what,
                "moved": list(map(_moved, row.moved)),
            }
            for row in found.rows
        ],
        "scenarios": [{"scenario": name, "moved": list(map(_moved, moved))} for name, moved in found.scenarios],
        "texts": list(map(_moved, found.texts)),
        "terms": _moved(found.terms) if found.terms else None,
    }


def _moved(moved: Moved) -> dict[str, Any]:
    values = (None if value is None else f"{value:f}" if isinstance(value, Decimal) else str(value) for value in (moved.before, moved.after))  # fmt: skip
    return dict(zip(("field", "before", "after"), (moved.path, *values), strict=True))


def _result(found: Result, plan: BusinessPlan) -> dict[str, Any]:
    return {
        "version": plan.number,
        **reading.field_values(plan),
        "revenue": f"{found.revenue:f}",
        "gross_profit": f"{found.gross_profit:f}",
        "costs": f"{found.costs:f}",
        "operating_profit": f"{found.profit:f}",
        "peak_investment": f"{found.peak:f}",
        "break_even_month": found.break_even.month,
    }


@router.get("/plans/unsigned", response=Page[UnsignedOut], auth=CHASES)
def list_unsigned_plans(request: Request) -> Any:
    """The plans that were asked to be signed more than 30 days ago and are not, the longest waiting first."""
    return everything(
        unsigned(request.user, today()),
        lambda found: {
            "plan": found.plan.pk,
            "partner": found.partner.pk,
            "partner_name": found.partner.name,
            "asked_on": found.asked_on.isoformat(),
            "days": found.days,
            "users": [request.user_id for request in found.requests],
        },
    )
