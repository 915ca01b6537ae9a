"""What a partner asked from a fund in a quarter: the sum that says which steps are needed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from mdf.models import Claim, Request
from mdf.models.request import GIVEN_UP
from mdf.steps import Asked, in_quarter


def asked_in_quarter(of: Request | Claim) -> Decimal:
    """In the fund's currency, this one included: of a request all that the partner asked from the fund for the quarter, of a claim
    all that it claimed. Plans of two quarters count in each, and go by the one with more; whatever became of it was asked, but for what
    was taken back or given up."""
    request = of.request if isinstance(of, Claim) else of
    if request.fund_id is None:
        return Decimal(0)
    if isinstance(of, Claim):
        claims = Claim.objects.unscoped("of one partner").filter(partner=of.partner_id, request__fund=request.fund_id)
        return _most(request, claims.exclude(state=Claim.State.DRAFT), "claimed", "request__plan")
    found = Request.objects.unscoped("of one partner").filter(partner=request.partner_id, fund=request.fund_id)
    return _most(request, found.exclude(state=Request.State.DRAFT).exclude(GIVEN_UP), "asked", "plan")


def _most(request: Request, rows: QuerySet[Any], column: str, path: str) -> Decimal:
    plan, first, last = request.plan, f"{path}__starts_on", f"{path}__ends_on"
    near = rows.filter(**{f"{first}__lte": plan.ends_on, f"{last}__gte": plan.starts_on}).order_by()
    return in_quarter((Asked(*row) for row in near.values_list(column, first, last)), plan.starts_on, plan.ends_on)
