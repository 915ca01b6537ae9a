"""What the operations of marketing share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from pydantic import Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from marketing import queries, showing
from marketing.models import Activity, MarketingPlan
from marketing.refusals import Changed, Closed, NotAllowed, NotReady
from marketing.waterfall import Outcome
from prm.api.auth import Allowed, Request
from prm.api.problems import Problem, field_error, from_validation
from prm.api.schemas import In, Out

READS = Allowed(Scope.MARKETING_READ, vendor=P.SEE_MARKETING, portal=P.PORTAL)
WRITES = Allowed(Scope.MARKETING_WRITE, vendor=P.EDIT_MARKETING, portal=P.MARKET)
SHARES = Allowed(Scope.MARKETING_WRITE, vendor=P.EDIT_MARKETING)
VERIFIES = Allowed(Scope.MARKETING_WRITE, vendor=P.VERIFY_MARKETING)
RULES = Allowed(Scope.MARKETING_WRITE, vendor=P.EDIT_MARKETING_RULES)

RateIn = Annotated[
    Decimal | None, Field(description="A fraction from 0 to 1: 0.02 is 2 %.", max_digits=20, examples=["0.02"])
]
MoneyIn = Annotated[Decimal | None, Field(max_digits=20)]
CountIn = Annotated[int | None, Field(ge=-(2**40), le=2**40)]
PayerName = Literal["partner", "mdf", "vendor", "other"]


class BudgetLineIn(In):
    """What something costs, in the plan's currency, and who pays it."""

    what: str = Field(min_length=1, max_length=200)
    amount: Decimal = Field(max_digits=20)
    payer: PayerName = "partner"


class BudgetLineOut(Out):
    what: str
    amount: str
    payer: PayerName


class LinkDoc(In):
    label: str = Field("", max_length=120)
    url: str = Field(min_length=1, max_length=1000)


class LandingOut(Out):
    """What a calendar month brings. `revenue` null where that of no activity is known; `reasons.revenue` says why."""

    month: str
    mgos: str
    revenue: str | None


class LaterOut(Out):
    mgos: str
    revenue: str | None


class TimingOut(Out):
    """MGOs in the months the activity's days touch, their revenue `lag_months` later (null where activities differ); what comes after the
    last month is in `later`."""

    lag_months: int | None
    months: list[LandingOut]
    later: LaterOut


class OutcomeOut(Out):
    """What an activity, or several together, come to. Stages to one decimal, amounts to the minor unit of `currency`, returns as numbers
    (`revenue_roi` 23: 23 times the cost). A figure that can't be computed is null, and `reasons` says why by its name. `left_out`:
    of how many activities no revenue is known: their cost is in the sums."""

    currency: str
    reach: str | None
    inquiries: str | None
    mqls: str | None
    sals: str | None
    mgos: str | None
    wins: str | None
    revenue: str | None
    gross_margin: str | None
    cost: str
    mdf: str
    revenue_roi: str | None
    margin_roi: str | None
    mdf_roi: str | None
    cost_per_inquiry: str | None
    cost_per_mql: str | None
    cost_per_mgo: str | None
    cost_per_win: str | None
    left_out: int
    reasons: dict[str, str]
    timing: TimingOut


def outcome_out(outcome: Outcome, currency: str) -> dict[str, Any]:
    found = showing.figures(outcome, currency)
    timing = outcome.timing

    def pair(mgos: Any, revenue: Any) -> dict[str, str | None]:
        landed = None if revenue is None else f"{showing.amount(revenue, currency):f}"
        return {"mgos": f"{showing.number(mgos):f}", "revenue": landed}

    return {
        "currency": currency,
        **{name: None if shown.value is None else f"{shown.value:f}" for name, shown in found.items()},
        "left_out": outcome.left_out,
        "reasons": {name: str(shown.reason) for name, shown in found.items() if shown.value is None},
        "timing": {
            "lag_months": timing.lag,
            "months": [{"month": each.month.key, **pair(each.mgos, each.revenue)} for each in timing.months],
            "later": pair(timing.later_mgos, timing.later_revenue),
        },
    }


def find_plan(request: Request, plan_id: int) -> MarketingPlan:
    """The plan, where this user may see it, with its activities; else 404."""
    rows = queries.with_activities(queries.plans(request.user), request.user)
    plan: MarketingPlan = get_object_or_404(rows, pk=plan_id)
    return plan


def find_activity(request: Request, activity_id: int) -> Activity:
    """The activity, where this user may see its plan; else 404."""
    activity: Activity = get_object_or_404(queries.activities(request.user), pk=activity_id)
    return activity


def text(value: Decimal | None) -> str | None:
    """A number without the zeros that its column pads it with."""
    return None if value is None else f"{value.normalize():f}"


def day(value: dt.date | None) -> str | None:
    return None if value is None else value.isoformat()


@contextmanager
def refusing(prefix: str = "") -> Iterator[None]:
    """Turns what an action refuses into a problem."""
    try:
        yield
    except Changed as error:
        raise Problem(412, str(error), code="changed-meanwhile") from error
    except NotReady as error:
        errors = [field_error("", reason) for reason in error.reasons]
        raise Problem(409, str(error), code="not-ready", errors=errors) from error
    except Closed as error:
        raise Problem(409, str(error), code="closed") from error
    except NotAllowed as error:
        raise Problem(403, str(error)) from error
    except ValidationError as error:
        raise from_validation(error, prefix=prefix) from error
