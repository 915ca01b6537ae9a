"""The lead waterfall, computed of what is sent: nothing is kept."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from ninja import Router
from pydantic import Field

from marketing import waterfall
from marketing.api.common import READS, BudgetLineIn, CountIn, MoneyIn, OutcomeOut, RateIn, outcome_out
from marketing.waterfall import RATES, Plan, Wrong
from pipeline.api.common import Currency
from prm.api.auth import Request
from prm.api.problems import field_error, invalid
from prm.api.schemas import In, Out
from prm.common.fiscal import Month
from prm.common.vendor import vendor_settings

router = Router(tags=["Marketing plans"])

MOST = 200
WORDS = {
    "rate": _("A rate is from 0 to 1: it can’t be negative or over 100 %."),
    "negative": _("This can’t be negative."),
    "days": _("This is before the first day."),
    "months": _("An activity touches %(n)s months at most.") % {"n": waterfall.MOST_MONTHS},
}


class SketchIn(In):
    """An activity to compute. `cost` is that of all budget lines whoever pays; sent with `budget` instead it is their sum. `cycle_days`: the
    sales cycle. What isn't known is left out or null."""

    reach: CountIn = None
    response: RateIn = None
    mql: RateIn = None
    sal: RateIn = None
    sql: RateIn = None
    win: RateIn = None
    deal_size: MoneyIn = None
    margin: RateIn = None
    cost: MoneyIn = None
    budget: list[BudgetLineIn] | None = Field(None, max_length=50)
    mdf: MoneyIn = None
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    cycle_days: int = Field(waterfall.DEFAULT_CYCLE, ge=0, le=1825)


class WaterfallIn(In):
    """`currency` null: the vendor's. Timing shows `horizon` months from `first_month` (null: the first that an activity touches)."""

    activities: list[SketchIn] = Field(min_length=1, max_length=MOST)
    currency: Currency | None = None
    first_month: Annotated[str, Field(pattern=r"^[12]\d{3}-(0[1-9]|1[0-2])$", examples=["2027-01"])] | None = None
    horizon: int = Field(waterfall.HORIZON, ge=1, le=60)


class WaterfallOut(Out):
    """Each activity in the order sent, and all together: unrounded stages are added, ratios taken of the sums."""

    activities: list[OutcomeOut]
    totals: OutcomeOut


@router.post("/marketing/waterfall", response=WaterfallOut, auth=READS)
def compute_waterfall(request: Request, body: WaterfallIn) -> Any:
    """Stages, revenue, returns and timing of activities that need not be in any plan."""
    currency = body.currency or vendor_settings().reporting_currency
    first = None if body.first_month is None else Month(int(body.first_month[:4]), int(body.first_month[5:]))
    plans = _plans(body.activities)
    each = [waterfall.of(plan, first=first, horizon=body.horizon) for plan in plans]
    totals = waterfall.together(plans, first=first, horizon=body.horizon)
    return {"activities": [outcome_out(one, currency) for one in each], "totals": outcome_out(totals, currency)}


def _plans(sketches: list[SketchIn]) -> list[Plan]:
    found, errors = [], []
    for i, sketch in enumerate(sketches):
        try:
            found.append(_plan(sketch))
        except Wrong as wrong:
            errors += [field_error(f"activities.{i}.{name}", WORDS[what]) for name, what in wrong.errors.items()]
    if errors:
        raise invalid(errors)
    return found


def _plan(sketch: SketchIn) -> Plan:
    lines = sketch.budget or []
    for i, line in enumerate(lines):
        if line.amount < 0:
            raise Wrong({f"budget.{i}.amount": "negative"})
    cost = sum((line.amount for line in lines), 0) if sketch.cost is None else sketch.cost
    mdf = sum((line.amount for line in lines if line.payer == "mdf"), 0) if sketch.mdf is None else sketch.mdf
    return Plan(
        reach=sketch.reach, **{name: getattr(sketch, name) for name in RATES}, deal_size=sketch.deal_size, margin=sketch.margin,
        cost=cost, mdf=mdf, starts_on=sketch.starts_on, ends_on=sketch.ends_on, cycle_days=sketch.cycle_days,
    )  # fmt: skip
