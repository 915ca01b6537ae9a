"""Offers of leads: a partner is asked whether it takes one."""

from typing import Annotated, Any, Literal

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router
from pydantic import BaseModel, Field

from accounts.models import User
from leads import actions, queries, reading
from leads.api.common import ANSWERS, READS, ReasonIn, is_outside, told
from leads.api.leads import LeadOut, lead_out
from leads.ending import why_ended
from leads.reading import Ground
from prm.api.auth import Request
from prm.api.paging import Paging, page
from prm.api.schemas import Id, Out, Page, instant

router = Router(tags=["Leads"])

State = Literal["open", "accepted", "declined", "timed_out", "withdrawn"]
SORTS = {"offered_at": F("offered_at"), "answer_by": F("answer_by")}
Sort = Literal["id", "-id", "offered_at", "-offered_at", "answer_by", "-answer_by"]


class OfferOut(Out):
    """What a partner may know before it accepts: `lead` is null for it until it holds the lead. `is_open`: may be answered now;
    `why_not`: else why not. `round`, `number`, `by_rules` and `reason` are told to the vendor alone."""

    id: int
    partner: int
    lead: int | None
    company: str
    need: str
    grade: Literal["A", "B", "C", "D"]
    city: str
    country: str
    state: State
    is_open: bool
    why_not: str
    offered_at: str
    answer_by: str
    ended_at: str | None
    round: int | None
    number: int | None
    by_rules: bool | None
    reason: str


class OfferQuery(BaseModel):
    """What repeats means any of them."""

    state: list[State] = []
    partner: Id | None = None
    lead: Id | None = Field(None, description="For the vendor's side.")


def offer_out(offer: Any, user: User, now: Ground) -> dict[str, Any]:
    """Of an offer with its lead."""
    outside, lead, why = is_outside(user), offer.lead, why_ended(offer, now)
    return {
        "id": offer.pk,
        "partner": offer.partner_id,
        "lead": lead.pk if not outside or lead.partner_id == offer.partner_id else None,
        **{name: getattr(lead, name) for name in ("company", "need", "grade", "city", "country")},
        "state": offer.state,
        "is_open": not why,
        "why_not": why,
        "offered_at": instant(offer.offered_at),
        "answer_by": instant(offer.answer_by),
        "ended_at": instant(offer.ended_at),
        "round": None if outside else offer.round,
        "number": None if outside else offer.number,
        "by_rules": None if outside else offer.offered_by_id is None,
        "reason": "" if outside else offer.reason,
    }


@router.get("/lead-offers", response=Page[OfferOut], auth=READS)
def list_lead_offers(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[OfferQuery, Query()],
    sort: Sort = "id",
) -> Any:
    """Offers to the partners one sees, open and ended."""
    user = request.user
    now = reading.now()
    rows = queries.offers(user).select_related("lead")
    if query.state:
        rows = rows.filter(state__in=query.state)
    if query.partner is not None:
        rows = rows.filter(partner=query.partner)
    if query.lead is not None:
        rows = (
            rows.filter(lead=query.lead)
            if not is_outside(user)
            else rows.filter(lead=query.lead, lead__partner=F("partner"))
        )
    return page(
        request, response, rows, lambda row: offer_out(row, user, now), paging=paging, sort=sort, by=SORTS,
        known=("sort", *OfferQuery.model_fields),
    )  # fmt: skip


@router.get("/lead-offers/{int:offer_id}", response=OfferOut, auth=READS)
def get_lead_offer(request: Request, offer_id: int) -> Any:
    """One offer."""
    offer = get_object_or_404(queries.offers(request.user).select_related("lead"), pk=offer_id)
    return offer_out(offer, request.user, reading.now())


@router.post("/lead-offers/{int:offer_id}/accept", response=LeadOut, auth=ANSWERS)
def accept_lead_offer(request: Request, offer_id: int) -> Any:
    """Takes the lead; the answer is the lead with its person. Too late: 409 says why."""
    offer = get_object_or_404(queries.offers(request.user), pk=offer_id)
    with told():
        lead = actions.accept(by=request.user, offer=offer)
    return lead_out(get_object_or_404(queries.lead_with_all(request.user), pk=lead.pk), request.user)


@router.post("/lead-offers/{int:offer_id}/decline", response=OfferOut, auth=ANSWERS)
def decline_lead_offer(request: Request, offer_id: int, body: ReasonIn) -> Any:
    """Doesn't take the lead: it goes on to the next."""
    offer = get_object_or_404(queries.offers(request.user), pk=offer_id)
    with told():
        actions.decline(by=request.user, offer=offer, reason=body.reason)
    return get_lead_offer(request, offer_id)
