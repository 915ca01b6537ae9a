"""A partner's account plan as a whole: how far it is shared, how much is in it, when it was gone through; and the vendor's ideals."""

from typing import Any, Literal

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Router, Status
from pydantic import Field

from accountplans import actions, queries
from accountplans.api.common import READS, READS_IDEALS, SHARES, WRITES, WRITES_IDEALS, find_partner
from accountplans.models import COUNTED, TARGETS_SEEN, Ideal, PlanReview, Vertical
from partners.api.common import date, refusing
from partners.models import Partner
from pipeline.models import ProductLine
from prm.api.auth import Request
from prm.api.paging import everything
from prm.api.problems import field_error, invalid
from prm.api.schemas import In, Key, Out, Page

router = Router(tags=["Account plans"])
LevelKey = Literal["hidden", "counts", "targets", "all"]
SizeKey = Literal["small", "medium", "large", "huge"]


class PlanOut(Out):
    """`shared`: how far the vendor looks. The counts are null for the vendor's people where nothing is shared."""

    partner: int
    shared: LevelKey
    customers: int | None
    targets: int | None
    ruled_out: int | None
    reviewed_on: str | None


class SharingIn(In):
    level: LevelKey


class ReviewOut(Out):
    """`targets`: how many were changed or confirmed since the time before; for the vendor's people null, and `note` empty, as far as they
    aren't shared."""

    id: int
    on: str
    targets: int | None
    by: int | None
    note: str


class ReviewIn(In):
    note: str = Field("", max_length=500)


class IdealOut(Out):
    """Keys of verticals and sizes; none: every one fits."""

    product_line: str
    verticals: list[str]
    sizes: list[SizeKey]


class IdealIn(In):
    verticals: list[Key] = Field([], max_length=200)
    sizes: list[SizeKey] = Field([], max_length=4)


def _plan(request: Request, partner: Partner) -> dict[str, Any]:
    counts = queries.counts(request.user, partner, queries.partner_shares(request.user, partner))
    last = queries.reviews(request.user, partner).first()
    return {
        "partner": partner.pk,
        "shared": queries.level(partner).value,
        "customers": counts.customers if counts else None,
        "targets": counts.targets if counts else None,
        "ruled_out": counts.ruled_out if counts else None,
        "reviewed_on": date(last.on) if last else None,
    }


def review_out(row: PlanReview, *, counts: bool, words: bool) -> dict[str, Any]:
    return {
        "id": row.pk,
        "on": row.on.isoformat(),
        "targets": row.targets if counts else None,
        "by": row.by_id,
        "note": row.note if words else "",
    }


def _told(request: Request, partner: Partner) -> dict[str, bool]:
    """How much of a review this person reads."""
    return {
        "counts": queries.tells(request.user, partner, *COUNTED),
        "words": queries.tells(request.user, partner, *TARGETS_SEEN),
    }


@router.get("/partners/{int:partner_id}/account-plan", response=PlanOut, auth=READS)
def get_account_plan(request: Request, partner_id: int) -> Any:
    """How far the plan is shared and how much is in it."""
    return _plan(request, find_partner(request, partner_id))


@router.put("/partners/{int:partner_id}/account-plan/sharing", response=PlanOut, auth=SHARES)
def share_account_plan(request: Request, partner_id: int, body: SharingIn) -> Any:
    """How far the vendor may look from now on. Only the partner's own people say so."""
    partner = find_partner(request, partner_id)
    with refusing():
        actions.share(by=request.user, partner=partner, level=body.level)
    return _plan(request, partner)


@router.get("/partners/{int:partner_id}/account-plan/reviews", response=Page[ReviewOut], auth=READS)
def list_account_plan_reviews(request: Request, partner_id: int) -> Any:
    """When the plan was gone through, the newest first."""
    partner = find_partner(request, partner_id)
    told = _told(request, partner)
    return everything(queries.reviews(request.user, partner), lambda row: review_out(row, **told))


@router.post("/partners/{int:partner_id}/account-plan/reviews", response={201: ReviewOut}, auth=WRITES)
def review_account_plan(request: Request, partner_id: int, body: ReviewIn) -> Any:
    """Notes that it was gone through; 422 where no target was changed or confirmed since the time before."""
    partner = find_partner(request, partner_id)
    with refusing():
        row = actions.review(by=request.user, partner=partner, note=body.note)
    return Status(201, review_out(row, **_told(request, partner)))


def ideal_out(line: ProductLine, row: Ideal | None) -> dict[str, Any]:
    verticals = [each.key for each in row.verticals.all()] if row else []
    return {"product_line": line.key, "verticals": verticals, "sizes": row.sizes if row else []}


@router.get("/ideal-customers", response=Page[IdealOut], auth=READS_IDEALS)
def list_ideal_customers(request: Request) -> Any:
    """Which customers each product line is made for."""
    rows = {row.product_line_id: row for row in Ideal.objects.prefetch_related("verticals")}
    return everything(ProductLine.objects.all(), lambda line: ideal_out(line, rows.get(line.pk)))


@router.put("/ideal-customers/{str:key}", response=IdealOut, auth=WRITES_IDEALS)
def set_ideal_customers(request: Request, key: str, body: IdealIn) -> Any:
    """Of the product line with this key."""
    line = get_object_or_404(ProductLine, key=key)
    known = {row.key: row for row in Vertical.objects.all()}
    for number, vertical in enumerate(body.verticals):
        if vertical not in known:
            raise invalid([field_error(f"verticals.{number}", _("There is none such that you can use here."))])
    actions.set_ideal(
        by=request.user,
        product_line=line,
        verticals=[known[one] for one in body.verticals],
        sizes=sorted(set(body.sizes)),
    )
    return ideal_out(line, Ideal.objects.get(product_line=line))
