"""What a plan comes to: of assumptions sent along, and of a stored plan."""

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ninja import Router

from accounts.models import User
from accounts.permissions import Permission
from pipeline.api.common import Currency
from planning import document, reading
from planning.api.common import READS, Document, MonthKey, find, first_of, real, refusing, text
from planning.api.plans import ScenarioName
from planning.document import Plan
from planning.forecast.assumptions import MONTHS, Assumptions
from planning.forecast.result import BreakEven, Forecast, Totals, forecast
from planning.forecast.rows import CostMonths, LineMonths
from planning.forecast.sensitivity import Effect, sensitivity
from planning.labels import name_of
from planning.outcome.statement import VENDOR_ONLY, names
from prm.api.auth import Request
from prm.api.paging import check_parameters
from prm.api.schemas import In, Out
from prm.common.fiscal import Month
from prm.common.vendor import vendor_settings

router = Router(tags=["Business plans"])


class SpanOut(Out):
    """The profit and loss of months `first` to `last`, in the plan's currency.

    `revenue`, `gross_profit` and `costs` are the sums of what stands before them, `costs` with `mdf` taken off; `cumulative` and
    `cash_cumulative` stand at its end. `deals` (new ones) and `capacity` (what sellers can close) are counts, not rounded.
    `vendor_view` is what the vendor keeps: for the vendor's side only.
    """

    first: int
    last: int
    start: str | None
    product_revenue: str
    services_revenue: str
    managed_revenue: str
    revenue: str
    product_profit: str
    services_profit: str
    managed_profit: str
    rebates: str
    gross_profit: str
    people: str
    training: str
    marketing: str
    mdf: str
    other: str
    costs: str
    operating_profit: str
    cumulative: str
    cash: str
    cash_cumulative: str
    deals: str
    capacity: str
    vendor_view: str | None = None


class LineOut(Out):
    """A product line by month, 36 values each. `active` and `managed_base`: customers at the month's end."""

    key: str
    name: str
    deals: list[str]
    active: list[str]
    managed_base: list[str]
    product_revenue: list[str]
    services_revenue: list[str]
    managed_revenue: list[str]
    product_profit: list[str]
    services_profit: list[str]
    managed_profit: list[str]
    rebates: list[str]


class CostOut(Out):
    """A cost row by month; `mdf` is what comes back of a marketing row."""

    key: str
    name: str
    kind: str
    cost: list[str]
    mdf: list[str]


class CashOut(Out):
    break_even_month: int | None
    peak_investment: str
    cumulative: str


class ScenarioOut(Out):
    """`break_even_month`: the first from which the cumulative profit stays at 0 or above; null where there is none, or nothing is
    `planned`. `roi` is a ratio, null without costs."""

    planned: bool
    break_even_month: int | None
    peak_investment: str
    roi: str | None
    cumulative: str
    cash: CashOut
    months: list[SpanOut]
    quarters: list[SpanOut]
    years: list[SpanOut]
    total: SpanOut
    lines: list[LineOut]
    costs: list[CostOut]


class EffectOut(Out):
    """A number of the plan less and more by a tenth (months by one): what each does to the profit after 36 months."""

    path: str
    name: str
    value: str
    less: str
    more: str
    effect_less: str
    effect_more: str


class ForecastOut(Out):
    """Amounts in `currency`, as decimal strings of its minor unit. Quarters and years are the plan's, not the fiscal ones.

    `sensitivity` is of `scenario`, the largest effect first; null unless asked for.
    """

    currency: str
    first_month: str | None
    scenario: ScenarioName
    scenarios: dict[ScenarioName, ScenarioOut]
    sensitivity: list[EffectOut] | None = None


class ForecastIn(In):
    """`document`: assumptions and scenarios as a plan has them. Without a `currency` the vendor's reporting one; `sensitivity` is
    of `scenario`."""

    document: Document
    currency: Currency | None = None
    first_month: MonthKey | None = None
    scenario: ScenarioName = "base"
    sensitivity: bool = False


@router.post("/forecast", response=ForecastOut, auth=READS, exclude_unset=True)
def forecast_assumptions(request: Request, body: ForecastIn) -> Any:
    """What assumptions come to over 36 months, in all three scenarios. Nothing is stored."""
    currency = body.currency or vendor_settings().reporting_currency
    with refusing("document"):
        plan = document.read(body.document, reading.places(currency))
    first = first_of(body.first_month) if body.first_month else None
    return forecast_out(plan, currency, first, body.scenario, request.user, with_sensitivity=body.sensitivity)


@router.get("/plans/{int:plan_id}/forecast", response=ForecastOut, auth=READS, exclude_unset=True)
def get_business_plan_forecast(
    request: Request, plan_id: int, scenario: ScenarioName | None = None, sensitivity: bool = False
) -> Any:
    """What a plan comes to, in all three scenarios; with `sensitivity=true` also what it hangs on."""
    plan = find(request, plan_id)
    check_parameters(request, {"scenario", "sensitivity"})
    chosen = scenario or plan.scenario
    return forecast_out(
        reading.read(plan), plan.currency, plan.first_month, chosen, request.user, with_sensitivity=sensitivity
    )


def forecast_out(
    plan: Plan, currency: str, first: dt.date | None, scenario: str, user: User, *, with_sensitivity: bool
) -> dict[str, Any]:
    for_vendor = user.can(Permission.SEE_PLANS)
    found = {name: forecast(plan.assumptions, each) for name, each in plan.scenarios.items()}
    data: dict[str, Any] = {
        "currency": currency,
        "first_month": f"{first:%Y-%m}" if first else None,
        "scenario": scenario,
        "scenarios": {
            name: _scenario(each, plan.assumptions, first, for_vendor=for_vendor) for name, each in found.items()
        },
    }
    if with_sensitivity:
        effects = sensitivity(plan.assumptions, plan.scenarios[scenario])
        data["sensitivity"] = [_effect(effect, plan.assumptions) for effect in effects]
    return data


def _scenario(found: Forecast, given: Assumptions, first: dt.date | None, *, for_vendor: bool) -> dict[str, Any]:
    named = {row.key: row.name for group in (given.sellers, given.people, given.training, given.marketing, given.other) for row in group}  # fmt: skip

    def spans(length: int) -> list[dict[str, Any]]:
        return [_span(found, m, m + length - 1, first, for_vendor) for m in range(1, MONTHS + 1, length)]

    return {
        "planned": found.planned,
        "break_even_month": _month(found.break_even),
        "peak_investment": text(found.peak_investment),
        "roi": None if found.roi is None else text(found.roi),
        "cumulative": text(found.cumulative[-1]),
        "cash": {
            "break_even_month": _month(found.cash_break_even),
            "peak_investment": text(found.cash_peak),
            "cumulative": text(found.cash_cumulative[-1]),
        },
        "months": spans(1),
        "quarters": spans(3),
        "years": spans(12),
        "total": spans(MONTHS)[0],
        "lines": [{"key": line.key, "name": line.name, **_line(found.lines[line.key])} for line in given.lines],
        "costs": [
            {"key": key, "name": named[key], "kind": found.kinds[key], **_cost(row)}
            for key, row in found.costs_of.items()
        ],
    }


def _month(found: BreakEven) -> int | None:
    return found.month


def _span(found: Forecast, first: int, last: int, starts: dt.date | None, for_vendor: bool) -> dict[str, Any]:
    total = found.totals(first, last)
    month = Month(starts.year, starts.month).shift(first - 1).key if starts else None
    keys = [key for key in names() if for_vendor or key not in VENDOR_ONLY]
    return {"first": first, "last": last, "start": month, **{key: _value(total, key) for key in keys}}


def _value(total: Totals, key: str) -> str:
    value: Decimal | Fraction = getattr(total, key)
    return real(value) if isinstance(value, Fraction) else text(value)


def _line(line: LineMonths) -> Mapping[str, list[str]]:
    return {
        "deals": _reals(line.deals),
        "active": _reals(line.active),
        "managed_base": _reals(line.managed_base),
        "product_revenue": _texts(line.product),
        "services_revenue": _texts(line.services),
        "managed_revenue": _texts(line.managed),
        "product_profit": _texts(line.product_profit),
        "services_profit": _texts(line.services_profit),
        "managed_profit": _texts(line.managed_profit),
        "rebates": _texts(line.rebate),
    }


def _cost(row: CostMonths) -> Mapping[str, list[str]]:
    return {"cost": _texts(row.cost), "mdf": _texts(row.mdf)}


def _texts(values: Iterable[Decimal]) -> list[str]:
    return [text(value) for value in values]


def _reals(values: Iterable[Fraction]) -> list[str]:
    return [real(value) for value in values]


def _effect(effect: Effect, given: Assumptions) -> dict[str, Any]:
    number = effect.number
    return {
        "path": ".".join(map(str, number.path)),
        "name": name_of(number, given),
        "value": f"{number.value}",
        "less": f"{effect.less}",
        "more": f"{effect.more}",
        "effect_less": text(effect.effect_less),
        "effect_more": text(effect.effect_more),
    }
