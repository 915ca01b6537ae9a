"""What the builder shows of a plan: each activity's card with its funnel, and what the plan comes to beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.dates import MONTHS_3
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketing import reading, waterfall
from marketing.figures import FIGURES, RATE_NAMES, Shown, shown
from marketing.forms.activity import paid_by
from marketing.models import RATES, Activity, MarketingPlan, Payer
from marketing.waterfall import RATIOS, STAGES, Landing, Offered, Outcome
from planning.forecast.rows import rounded
from prm.charts import Columns, ColumnSeries
from prm.common.fiscal import Month
from prm.common.money import minor_units
from prm.common.templatetags.numbers import MISSING, format_number, format_percent

PER = ("cost_per_inquiry", "cost_per_mql", "cost_per_mgo", "cost_per_win")
OF_CARD = ("cost", "revenue", "gross_margin", *RATIOS, *PER)
ALL = (*STAGES, "revenue", "gross_margin", "cost", "mdf", *RATIOS, *PER)
Url = Callable[[str], str]


@dataclass(frozen=True)
class Stage:
    """A stage of the funnel, and the field that leads into it: the audience, or the rate."""

    figure: Shown
    field: Any = None
    rate: str = ""


@dataclass(frozen=True)
class Offer:
    """Rates of the vendor's own verified activities, offered for this one."""

    count: int
    parts: Sequence[tuple[str, str, str, str]]  # name, rate, lowest, highest


@dataclass(frozen=True)
class Card:
    """An activity in the builder: its row, its form, what it comes to."""

    activity: Activity
    form: Any
    stages: Sequence[Stage]
    figures: Sequence[Shown]
    offer: Offer | None = None
    address: str = ""


def card(
    activity: Activity, form: Any, outcome: Outcome, url: Url, history: Mapping[str, Offered], address: str = ""
) -> Card:
    """`form` is the activity's, sent to `address`; `outcome` what it comes to, as stored or as typed."""
    currency = activity.plan.currency
    found = shown(outcome, currency, ALL, url)
    names = dict(zip(STAGES, ("reach", *RATES), strict=True))
    return Card(
        activity,
        form,
        [Stage(found[stage], form[names[stage]] if form else None, _rate(activity, names[stage])) for stage in STAGES],
        [found[key] for key in OF_CARD],
        offer(activity, history),
        address,
    )


def _rate(activity: Activity, name: str) -> str:
    if name == "reach" or (found := reading.rate(activity, name)) is None:
        return ""
    return percent(found)


def offer(activity: Activity, history: Mapping[str, Offered]) -> Offer | None:
    """What of the tactic's own history isn't in the activity yet; None where there is nothing to accept."""
    new = {name: found for name, found in history.items() if reading.rate(activity, name) != found.rate}
    if not new:
        return None
    return Offer(
        max(found.count for found in new.values()),
        [(str(RATE_NAMES[name]), percent(one.rate), percent(one.low), percent(one.high)) for name, one in new.items()],
    )


def percent(rate: Fraction | Decimal) -> str:
    """With a decimal where it says something: rates of response are small. Rounded once."""
    exact = Fraction(rate) * 100
    tenths = rounded(exact, 1)
    return format_percent(tenths, 1) if tenths < 10 else format_percent(rounded(exact, 0))


# ── The plan as a whole ──────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Goal:
    """What was wanted, and how much of it the forecast comes to."""

    label: str
    wanted: str
    expected: str
    percent: str


@dataclass(frozen=True)
class Result:
    """What a plan comes to: figures by key, who pays, goals, month by month."""

    figures: Mapping[str, Shown]
    payers: Sequence[tuple[str, str]]
    goals: Sequence[Goal]
    months: Sequence[tuple[str, str, str]]  # month, MGOs, revenue ("–" where it isn't known)
    later: tuple[str, str] | None
    chart: Columns | None
    left_out: str
    count: int
    todo: Sequence[str] = ()

    @property
    def stages(self) -> list[Shown]:
        return [self.figures[key] for key in STAGES]

    @property
    def ratios(self) -> list[Shown]:
        return [self.figures[key] for key in RATIOS]

    @property
    def costs_per(self) -> list[Shown]:
        return [self.figures[key] for key in PER]

    @property
    def said(self) -> str:
        """For screen readers, after each change."""
        revenue, roi = self.figures["revenue"], self.figures["revenue_roi"]
        return _("Revenue %(revenue)s, revenue ROI %(roi)s") % {"revenue": revenue.text, "roi": roi.text}


def result(
    plan: MarketingPlan,
    planned: Sequence[waterfall.Plan],
    budgets: Iterable[Iterable[Mapping[str, Any]]],
    url: Url,
    todo: Sequence[str] = (),
) -> Result:
    """`planned`: the activities that count; `budgets`: the lines of each."""
    outcome = waterfall.together(planned, first=reading.first_month(plan))
    paid = paid_by(line for lines in budgets for line in lines)
    money = minor_units(plan.currency)
    timing = outcome.timing
    left_out = ngettext(
        "The revenue of %(n)s activity isn’t known: its cost counts, its revenue can’t.",
        "The revenue of %(n)s activities isn’t known: their cost counts, their revenue can’t.",
        outcome.left_out,
    ) % {"n": outcome.left_out}
    return Result(
        shown(outcome, plan.currency, ALL, url),
        [(str(label), format_number(paid[key], money)) for key, label in Payer.choices if paid.get(key)],
        list(_goals(plan, planned, outcome)),
        [(month_name(each.month), _count(each.mgos), _amount(each.revenue, money)) for each in timing.months],
        (_count(timing.later_mgos), _amount(timing.later_revenue, money))
        if timing.later_mgos or timing.later_revenue else None,
        _chart(timing.months, plan.currency) if timing.months and outcome.revenue.value is not None else None,
        left_out if outcome.left_out else "",
        len(planned),
        todo,
    )  # fmt: skip


def stored(plan: MarketingPlan, url: Url, todo: Sequence[str] = ()) -> Result:
    """What the plan comes to as it is stored; its activities and their budgets are prefetched."""
    rows = reading.counted(plan.activities.all())
    return result(plan, [reading.planned(row) for row in rows], [budget_of(row) for row in rows], url, todo)


def budget_of(activity: Activity) -> list[dict[str, Any]]:
    return [{"what": row.what, "amount": row.amount, "payer": row.payer} for row in activity.budget.all()]


def lines_of(activity: Activity) -> list[dict[str, str]]:
    """Its budget to read: what, how much, who pays."""
    places = minor_units(activity.plan.currency)
    return [
        {"what": row.what, "amount": format_number(row.amount, places), "payer": str(row.get_payer_display())}
        for row in activity.budget.all()
    ]


def pipeline(planned: Iterable[waterfall.Plan]) -> Fraction:
    """What the MGOs are worth: each at its activity's average deal."""
    total = Fraction(0)
    for one in planned:
        mgos = waterfall.of(one).stages["mgos"].value
        if mgos is not None and one.deal_size is not None:
            total += mgos * Fraction(one.deal_size)
    return total


def _goals(plan: MarketingPlan, planned: Sequence[waterfall.Plan], outcome: Outcome) -> Iterable[Goal]:
    for label, wanted, expected in (
        (_("Pipeline"), plan.pipeline_goal, pipeline(planned)),
        (FIGURES["revenue"], plan.revenue_goal, outcome.revenue.value),
    ):
        if wanted:
            money = minor_units(plan.currency)
            amount = _amount(expected, money)
            share = MISSING if expected is None else format_percent(rounded(expected / Fraction(wanted) * 100, 0))
            yield Goal(str(label), format_number(Decimal(wanted), money), amount, share)


def month_name(month: Month) -> str:
    return f"{MONTHS_3[month.month]} {month.year}".capitalize()


def _count(value: Fraction) -> str:
    return format_number(rounded(value, 1), 1)


def _amount(value: Fraction | None, places: int) -> str:
    return MISSING if value is None else format_number(rounded(value, places), places)


def _chart(months: Sequence[Landing], currency: str) -> Columns:
    """Revenue by month, as far as there is any."""
    revenue = tuple(None if each.revenue is None else rounded(each.revenue, 0) for each in months)
    return Columns(
        id="marketing-months",
        title=_("Revenue by month, %(currency)s") % {"currency": currency},
        periods=tuple(str(MONTHS_3[each.month.month]).capitalize() for each in months),
        series=(ColumnSeries(_("Revenue"), revenue),),
    )
