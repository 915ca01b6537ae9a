"""What became of the money of funds: the overview by fund, region, partner or tactic, and the trail of every amount."""

from fractions import Fraction
from typing import Any, Literal

from django.db.models import F
from django.http import HttpResponse, QueryDict
from ninja import Query, Router
from pydantic import BaseModel

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from mdf import trail
from mdf.api.common import amount
from mdf.models import Line
from mdf.overview import Figures, Group
from mdf.overview_page import OverviewPage
from partners.api.common import date
from planning.forecast.rows import rounded
from prm.api.auth import Allowed, Request
from prm.api.paging import Paging, page
from prm.api.problems import field_error, invalid
from prm.api.schemas import Id, Out, Page

router = Router(tags=["MDF overview"])
SEES = Allowed(Scope.MARKETING_READ, vendor=P.SEE_MDF)
Sort = Literal["id", "-id"]


class OverviewQuery(BaseModel):
    """What repeats means any of them. `funds`: only those that haven't expired (left out), or `every`."""

    by: Literal["fund", "region", "partner", "tactic"] = "fund"
    funds: Literal["", "every"] = ""
    fund: list[Id] = []
    tactic: list[str] = []
    region: list[str] = []
    partner: Id | None = None


class FiguresOut(Out):
    """Amounts in the answer's currency. The first six are of the row's own accounts, null where it has none (`reasons`): `credited` came into
    them, `allocated` of that into those of regions, distributors and partners, `used` claims took of the latter. `use`, used ÷ allocated, and `claimed_share`, claimed ÷ approved, are fractions; `roi` is (revenue × (1 − partner margin) − MDF) ÷ MDF of verified
    activities."""

    credited: str | None
    allocated: str | None
    used: str | None
    available: str | None
    expired: str | None
    expiring: str | None
    asked: str
    approved: str
    reserved: str
    spent: str
    paid: str
    use: str | None
    claimed_share: str | None
    roi: str | None
    reasons: dict[str, str]


class GroupOut(FiguresOut):
    """`id` of the fund, region, partner or tactic; null: of none."""

    id: int | None
    name: str


class AgeOut(Out):
    least: int
    most: int | None
    requests: int
    claims: int


class OverviewOut(Out):
    """`lack`: a currency without a rate, whose amounts are missing. `ages`: what waits for a decision by the days since it was submitted.
    `payment_days`: from claim to payment, the middle and the 90th percentile of twelve months."""

    by: str
    currency: str
    lack: str
    total: FiguresOut
    groups: list[GroupOut]
    ages: list[AgeOut]
    payment_days: str | None
    payment_days_90: str | None
    paid_claims: int
    claims_to_pay: int


class TrailOut(Out):
    """One amount that was asked for, in `currency` (the fund's), and what came of its activity: leads and deals that came from it, the
    revenue entered for it, in `plan_currency`."""

    line: int
    request: int
    activity: int
    partner: int
    fund: int | None
    account: int | None
    currency: str
    asked: str
    approved: str | None
    claimed: str
    paid: str
    claim_until: str | None
    leads: int
    deals: int
    plan_currency: str
    revenue: str | None
    results: str | None


REASONS = {
    "credited": "no_account", "allocated": "no_account", "used": "no_account", "available": "no_account", "expired": "no_account", "expiring": "no_account",
    "use": "nothing_allocated", "claimed_share": "nothing_approved", "roi": "nothing_verified",
}  # fmt: skip


def _fraction(value: Fraction | None, places: int) -> str | None:
    return None if value is None else f"{rounded(value, places):f}"


def _figures(found: Figures, currency: str) -> dict[str, Any]:
    names = (
        "credited",
        "allocated",
        "used",
        "available",
        "expired",
        "expiring",
        "asked",
        "approved",
        "reserved",
        "spent",
        "paid",
    )
    shown: dict[str, Any] = {
        name: None if (value := getattr(found, name)) is None else amount(value, currency) for name in names
    }
    shown |= {
        "use": _fraction(found.use, 4), "claimed_share": _fraction(found.claimed_share, 4), "roi": _fraction(found.roi, 2),
    }  # fmt: skip
    return shown | {"reasons": {name: why for name, why in REASONS.items() if shown[name] is None}}


def _group(found: Group, currency: str) -> dict[str, Any]:
    return {"id": found.key, "name": found.label, **_figures(found.figures, currency)}


@router.get("/mdf/overview", response=OverviewOut, auth=SEES)
def get_mdf_overview(request: Request, asked: Query[OverviewQuery]) -> Any:
    """Sums over the funds and the partners this user sees."""
    shown = OverviewPage(request.user, _query(asked))
    if not shown.is_valid:
        errors = shown.filter.errors.items()
        raise invalid([field_error(name, str(messages[0]), place="query") for name, messages in errors])
    found, days = shown.found, shown.payments
    return {
        "by": shown.by,
        "currency": found.currency,
        "lack": found.lack,
        "total": _figures(found.total, found.currency),
        "groups": [_group(group, found.currency) for group in found.groups],
        "ages": [vars(age) for age in shown.age_groups],
        "payment_days": None if days.median is None else f"{round(days.median, 1):f}",
        "payment_days_90": None if days.most is None else f"{round(days.most, 1):f}",
        "paid_claims": days.paid,
        "claims_to_pay": days.waiting,
    }


def _query(asked: OverviewQuery) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in asked.model_dump().items():
        query.setlist(
            name, [str(one) for one in (value if isinstance(value, list) else [value]) if one not in (None, "")]
        )
    return query


class TrailQuery(BaseModel):
    """What repeats means any of them."""

    fund: list[Id] = []
    partner: Id | None = None


@router.get("/mdf/trail", response=Page[TrailOut], auth=SEES)
def list_mdf_trail(
    request: Request, response: HttpResponse, asked: Query[TrailQuery], paging: Query[Paging], sort: Sort = "id"
) -> Any:
    """Every amount that was asked for, from the fund to what its activity brought."""
    rows = trail.lines(request.user).annotate(**trail.brought())
    if asked.fund:
        rows = rows.filter(request__fund__in=asked.fund)
    if asked.partner is not None:
        rows = rows.filter(request__partner=asked.partner)
    known = {"sort", *TrailQuery.model_fields}
    return page(request, response, rows, _trail, paging=paging, sort=sort, by={"id": F("pk")}, known=known)


def _trail(row: Line) -> dict[str, Any]:
    found: Any = row
    currency, plans = row.request.currency, row.activity.plan.currency
    return {
        "line": row.pk,
        "request": row.request_id,
        "activity": row.activity_id,
        "partner": row.request.partner_id,
        "fund": row.request.fund_id,
        "account": row.request.account_id,
        "currency": currency,
        "asked": amount(row.asked, currency),
        "approved": None if row.approved is None else amount(row.approved, currency),
        "claimed": amount(row.claimed, currency),
        "paid": amount(found.paid, currency),
        "claim_until": date(row.claim_until),
        "leads": found.leads,
        "deals": found.deals,
        "plan_currency": plans,
        "revenue": None if found.revenue is None else amount(found.revenue, plans),
        "results": found.result_state,
    }
