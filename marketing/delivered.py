"""What came of activities beside what was expected: the same figures, forecast and actual."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from marketing import reading, spent, waterfall
from marketing.figures import FIGURES, figure_of, text_of
from marketing.models import Activity, ActivityResult, MarketingPlan
from marketing.waterfall import RATIOS, STAGES, Figure, Lack, Outcome
from planning.forecast.rows import rounded
from prm.common.templatetags.numbers import MISSING, format_percent

WHY = "activities the caller has scoped"
KEYS = (*STAGES, "revenue", "cost", *RATIOS)


@dataclass(frozen=True)
class Compared:
    """A figure as it was expected and as it came; `share`: actual as percent of the forecast, of ratios none."""

    key: str
    label: str
    forecast: str
    actual: str
    share: str


def with_paid(activities: Iterable[Activity]) -> None:
    """Brings along what the funds paid for those that have results, in one read."""
    rows = list(activities)
    done = [row.pk for row in rows if result_of(row) is not None]
    paid = spent.of(Activity.objects.unscoped(WHY).filter(pk__in=done)) if done else spent.Paid()
    for row in rows:
        vars(row)["paid"] = paid


def actual(activity: Activity, result: ActivityResult) -> Outcome:
    """What came of the activity, its MDF as it was paid."""
    paid: spent.Paid | None = vars(activity).get("paid")
    if paid is None:
        paid = spent.of(Activity.objects.unscoped(WHY).filter(pk=activity.pk))
    amount = paid.get(activity.pk, Decimal(0))
    no_rate = activity.pk in paid.lacks
    return reading.actual(activity, result, mdf_paid=None if no_rate else amount, no_rate=no_rate)


def compared(activity: Activity, result: ActivityResult) -> list[Compared]:
    """What was expected of the activity, and what its results say."""
    return rows_of(reading.outcome(activity), actual(activity, result), activity.plan.currency)


def rows_of(forecast: Outcome, actual: Outcome, currency: str) -> list[Compared]:
    found = []
    for key in KEYS:
        before, after = figure_of(forecast, key), figure_of(actual, key)
        counted = key in STAGES and after.value is not None
        found.append(
            Compared(
                key,
                str(FIGURES[key]),
                text_of(before, key, currency),
                text_of(after, "reach" if counted else key, currency),  # results are whole numbers
                MISSING if key in RATIOS else _share(before, after),
            )
        )
    return found


def _share(before: Figure, after: Figure) -> str:
    if before.value is None or after.value is None or not before.value:
        return MISSING
    return format_percent(rounded(after.value / before.value * 100, 0))


def result_of(activity: Activity) -> ActivityResult | None:
    """The result that counts, as `queries.activities` brings it along."""
    found: list[ActivityResult] = getattr(activity, "current_results", [])
    return found[0] if found else None


def compared_plan(plan: MarketingPlan, activities: Iterable[Activity]) -> list[Compared]:
    """The activities (`with_paid`) with closed results together: what was expected of just these, and what came. None of them: an empty list."""
    closed = [(row, found) for row in activities if row.state != Activity.State.PLANNED and (found := result_of(row))]
    if not closed:
        return []
    forecast = waterfall.together([reading.planned(row) for row, _result in closed])
    return rows_of(forecast, summed([actual(row, result) for row, result in closed]), plan.currency)


def summed(parts: Sequence[Outcome]) -> Outcome:
    """Actual outcomes together: what one lacks the sum goes without; but where what was paid isn't known no return on it is either."""

    def total(figures: Iterable[Figure]) -> Figure:
        every = list(figures)
        if any(each.lack is Lack.NO_RATE for each in every):
            return Figure(lack=Lack.NO_RATE)
        values = [each.value for each in every if each.value is not None]
        return Figure(sum(values, Fraction(0))) if values else every[0]

    return Outcome(
        stages={stage: total(part.stages[stage] for part in parts) for stage in STAGES},
        revenue=total(part.revenue for part in parts),
        gross_margin=total(part.gross_margin for part in parts),
        vendor_revenue=total(part.vendor_revenue for part in parts),
        cost=sum((part.cost for part in parts), Fraction(0)),
        mdf=sum((part.mdf for part in parts), Fraction(0)),
    )
