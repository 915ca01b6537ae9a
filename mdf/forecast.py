"""What activities are expected to bring, in words, for those who ask for money and those who decide about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from marketing import reading
from marketing.models import Activity, MarketingPlan
from marketing.waterfall import Figure, Lack, Outcome
from mdf import claiming, showing
from planning.forecast.rows import rounded
from prm.common.templatetags.numbers import format_number


@dataclass(frozen=True)
class Forecast:
    """Of an activity or a whole plan: amounts in the plan's currency, MGOs to one decimal, returns as multiples."""

    cost: str
    mdf: str
    mgos: str
    revenue: str
    roi: str
    mdf_roi: str


@dataclass(frozen=True)
class ForecastLine:
    activity: Activity
    asks: bool
    forecast: Forecast


def line(activity: Activity, currency: str) -> ForecastLine:
    """`activity` with plan, tactic and budget read."""
    return ForecastLine(activity, activity.mdf_asked > 0, words(reading.outcome(activity), currency))


def total(plan: MarketingPlan, activities: Iterable[Activity]) -> Forecast:
    return words(reading.totals(plan, activities), plan.currency)


def words(outcome: Outcome, currency: str) -> Forecast:
    """`outcome` in `currency`; without a rate for what was paid its MDF is "–", too."""
    unknown = outcome.vendor_revenue.lack is Lack.NO_RATE
    return Forecast(
        cost=_money(Figure(outcome.cost), currency),
        mdf=_money(Figure(lack=Lack.NO_RATE) if unknown else Figure(outcome.mdf), currency),
        mgos=number(outcome.stages["mgos"].value),
        revenue=_money(outcome.revenue, currency),
        roi=number(outcome.revenue_roi.value),
        mdf_roi=number(outcome.mdf_roi.value),
    )


def number(value: Fraction | None) -> str:
    """To one decimal; "–" for none."""
    return "–" if value is None else format_number(rounded(value, 1), 1)


def _money(figure: Figure, currency: str) -> str:
    return showing.money(None if figure.value is None else claiming.rounded(figure.value, currency), currency)
