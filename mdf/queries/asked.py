"""What a partner asked from a fund in a quarter: the sum that says which steps are needed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum

from marketing.models import MarketingPlan
from mdf.models import Claim, Request
from mdf.models.request import GIVEN_UP


def asked_in_quarter(of: Request | Claim) -> Decimal:
    """In the fund's currency, this one included: of a request all that the partner asked from the fund for the quarter, of a claim
    all that it claimed. Plans of two quarters count in each; whatever became of it was asked, but for what was taken back or given up."""
    request = of.request if isinstance(of, Claim) else of
    if request.fund_id is None:
        return Decimal(0)
    if isinstance(of, Claim):
        rows = Claim.objects.unscoped("of one partner").filter(
            _same_quarter(request.plan, "request__plan"), partner=of.partner_id, request__fund=request.fund_id
        )
        return _sum(rows.exclude(state=Claim.State.DRAFT), "claimed")
    found = Request.objects.unscoped("of one partner").filter(
        _same_quarter(request.plan, "plan"), partner=request.partner_id, fund=request.fund_id
    )
    return _sum(found.exclude(state=Request.State.DRAFT).exclude(GIVEN_UP), "asked")


def _same_quarter(plan: MarketingPlan, path: str) -> Q:
    return Q(**{f"{path}__starts_on__lte": plan.ends_on, f"{path}__ends_on__gte": plan.starts_on})


def _sum(rows: QuerySet[Any], column: str) -> Decimal:
    found: Decimal | None = rows.aggregate(total=Sum(column))["total"]
    return found or Decimal(0)
