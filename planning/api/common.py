"""What the resources of business plans share."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from pydantic import AfterValidator, Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from planning import actions, queries
from planning.document import Invalid
from planning.forecast.rows import rounded
from planning.models import BusinessPlan
from prm.api.auth import Allowed, Request
from prm.api.problems import Problem, field_error, from_validation, invalid

READS = Allowed(Scope.PLANS_READ, vendor=P.SEE_SHARED_PLANS, portal=P.PORTAL)
WRITES = Allowed(Scope.PLANS_WRITE, vendor=P.EDIT_PLANS, portal=P.PLAN_BUSINESS)
WRITES_VENDOR = Allowed(Scope.PLANS_WRITE, vendor=P.EDIT_PLANS)
READS_BENCHMARKS = Allowed(Scope.PLANS_READ, vendor=P.SEE_PLANS)
WRITES_BENCHMARKS = Allowed(Scope.PLANS_WRITE, vendor=P.EDIT_BENCHMARKS)
REAL_PLACES = 10

EXAMPLE: dict[str, Any] = {
    "lines": [
        {
            "key": "a1",
            "name": "Subscriptions",
            "start": 2,
            "deals": {"kind": "ramp", "first": "2", "growth": "5", "cap": "6"},
            "sale": {"kind": "recurring", "price": "900", "churn": "1.5", "opening_base": "0"},
            "margin": "22",
            "rebate": "3",
            "services": {"attach": "50", "lag": 1, "price": "4000", "margin": "40"},
        }
    ],
    "sellers": [{"key": "b1", "name": "Account manager", "count": "1", "rate": "3", "ramp": 6, "cost": "85000"}],
    "people": [{"key": "c1", "name": "Engineer", "count": "0.5", "cost": "90000", "start": 3}],
    "training": [{"key": "d1", "name": "Certification", "cost": "4000", "month": 2}],
    "marketing": [{"key": "e1", "name": "Campaigns", "monthly": "1500", "mdf_share": "50"}],
    "other": [{"key": "f1", "name": "Launch", "cost": "5000", "month": 1}],
    "terms": 1,
}
Document = Annotated[
    dict[str, Any],
    Field(
        description="Parts of a plan's document: `texts`, `lines`, `sellers`, `people`, `training`, `marketing`, `other`, `terms`, "
        "`scenarios`. Numbers as decimal strings, percentages as they are written (35 is 35 %), months counted from 1 to 36. "
        "What is left out of a row is 0 or empty.",
        examples=[EXAMPLE],
    ),
]


def _month(value: str) -> str:
    try:
        dt.datetime.strptime(value, "%Y-%m")
    except ValueError:
        raise ValueError("is no month, as in 2027-01") from None
    return value


MonthKey = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$", examples=["2027-01"]), AfterValidator(_month)]


def first_of(month: str) -> dt.date:
    return dt.datetime.strptime(month, "%Y-%m").date()


def find(request: Request, plan_id: int) -> BusinessPlan:
    """The plan, where this user may see it; else 404."""
    rows = queries.with_signing(queries.plans(request.user), request.user)
    plan: BusinessPlan = get_object_or_404(rows, pk=plan_id)
    return plan


def text(value: Decimal) -> str:
    return f"{value:f}"


def real(value: Fraction) -> str:
    """A number that is never rounded by itself, as closely as ten decimals tell it."""
    return f"{rounded(value, REAL_PLACES).normalize():f}"


@contextmanager
def refusing(prefix: str = "") -> Iterator[None]:
    """Turns what an action or the document refuses into a problem; what is wrong in the document stands under `prefix`."""
    try:
        yield
    except Invalid as error:
        raise invalid(field_error(_place(prefix, place), message) for place, message in error.errors.items()) from error
    except actions.Changed as error:
        errors = [field_error(_place(prefix, name), str(error)) for name in error.parts]
        raise Problem(409, str(error), code="changed-meanwhile", errors=errors) from error
    except actions.NotReady as error:
        raise Problem(409, str(error), code="not-ready") from error
    except actions.Closed as error:
        raise Problem(409, str(error), code="closed") from error
    except actions.NotAllowed as error:
        raise Problem(403, str(error)) from error
    except ValidationError as error:
        raise from_validation(error) from error


BESIDE = ("first_month", "currency", "scenario", "size", "content_hash", "revision")  # not in the document


def _place(prefix: str, place: str) -> str:
    return place if not prefix or place in BESIDE else ".".join(filter(None, [prefix, place]))
