"""Leads given out, taken back, and worked on."""

import datetime as dt
from typing import Any

from ninja import Router
from pydantic import Field

from accounts.models import User
from leads import actions
from leads.api.common import WORKS, WORKS_DIRECT, WRITES, ReasonIn, told
from leads.api.leads import LeadOut, find, shown
from partners.api.common import one_of
from partners.models import Partner
from pipeline.models import Deal
from prm.api.auth import Request
from prm.api.schemas import Id, In

router = Router(tags=["Leads"])


class NoteIn(In):
    note: str = Field("", max_length=500)


class OfferIn(In):
    partner: Id


class DirectIn(In):
    """`reason` is needed where an open offer is withdrawn by it."""

    person: Id
    reason: str = Field("", max_length=300)


class ConvertIn(In):
    """`deal`: one in which the holding partner has a share; it may come later, by a second call."""

    deal: Id | None = None


class CloseIn(In):
    """Of what the vendor holds itself. A lost one needs its `reason`; `on`: today where left out."""

    won: bool
    on: dt.date | None = None
    reason: str = Field("", max_length=300)


# ── Given out ────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/leads/{int:lead_id}/distribute", response=LeadOut, auth=WRITES)
def distribute_lead(request: Request, lead_id: int) -> Any:
    """Runs the rules on a lead that waits in the queue; its offers count from the start."""
    with told():
        actions.distribute(by=request.user, lead=find(request, lead_id))
    return shown(request, lead_id)


@router.post("/leads/{int:lead_id}/offer", response=LeadOut, auth=WRITES)
def offer_lead(request: Request, lead_id: int, body: OfferIn) -> Any:
    """Offers a lead in the queue to a partner; an open offer to another is withdrawn."""
    lead = find(request, lead_id)
    partner = one_of(Partner.objects.visible_to(request.user), "partner", pk=body.partner)
    with told():
        actions.offer(by=request.user, lead=lead, partner=partner)
    return shown(request, lead_id)


@router.post("/leads/{int:lead_id}/withdraw", response=LeadOut, auth=WRITES)
def withdraw_lead(request: Request, lead_id: int, body: ReasonIn) -> Any:
    """Takes an open offer back; the lead waits for a person."""
    with told():
        actions.withdraw(by=request.user, lead=find(request, lead_id), reason=body.reason)
    return shown(request, lead_id)


@router.post("/leads/{int:lead_id}/direct", response=LeadOut, auth=WRITES)
def keep_lead_direct(request: Request, lead_id: int, body: DirectIn) -> Any:
    """A person of the vendor takes it, out of the queue or from a colleague."""
    lead = find(request, lead_id)
    person = one_of(User.objects.filter(is_active=True), "person", pk=body.person)
    with told():
        actions.keep_direct(by=request.user, lead=lead, person=person, reason=body.reason)
    return shown(request, lead_id)


@router.post("/leads/{int:lead_id}/put-back", response=LeadOut, auth=WRITES)
def put_lead_back(request: Request, lead_id: int, body: ReasonIn) -> Any:
    """Takes it from whoever works on it into the queue, where it waits for a person."""
    with told():
        actions.put_back(by=request.user, lead=find(request, lead_id), reason=body.reason)
    return shown(request, lead_id)


@router.post("/leads/{int:lead_id}/pull-back", response=LeadOut, auth=WRITES)
def pull_lead_back(request: Request, lead_id: int, body: ReasonIn) -> Any:
    """Takes it from the partner that works on it; the rules give it out anew."""
    with told():
        actions.pull_back(by=request.user, lead=find(request, lead_id), reason=body.reason)
    return shown(request, lead_id)


# ── Worked on ────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/leads/{int:lead_id}/contacted", response=LeadOut, auth=WORKS)
def contact_lead(request: Request, lead_id: int, body: NoteIn) -> Any:
    """The holder has spoken with the person."""
    with told():
        actions.contacted(by=request.user, lead=find(request, lead_id), note=body.note)
    return shown(request, lead_id)


@router.post("/leads/{int:lead_id}/qualified", response=LeadOut, auth=WORKS)
def qualify_lead(request: Request, lead_id: int, body: NoteIn) -> Any:
    """There is something to sell."""
    with told():
        actions.qualified(by=request.user, lead=find(request, lead_id), note=body.note)
    return shown(request, lead_id)


@router.post("/leads/{int:lead_id}/disqualified", response=LeadOut, auth=WORKS)
def disqualify_lead(request: Request, lead_id: int, body: ReasonIn) -> Any:
    """Nothing will come of it."""
    with told():
        actions.disqualified(by=request.user, lead=find(request, lead_id), reason=body.reason)
    return shown(request, lead_id)


@router.post("/leads/{int:lead_id}/reopen", response=LeadOut, auth=WORKS)
def reopen_lead(request: Request, lead_id: int) -> Any:
    """A disqualified one, or one without a deal, goes back to its holder, or into the queue."""
    with told():
        actions.reopen(by=request.user, lead=find(request, lead_id))
    return shown(request, lead_id)


@router.post("/leads/{int:lead_id}/convert", response=LeadOut, auth=WORKS)
def convert_lead(request: Request, lead_id: int, body: ConvertIn) -> Any:
    """It became a deal; what becomes of the deal becomes of the lead."""
    lead = find(request, lead_id)
    deal = None if body.deal is None else one_of(Deal.objects.visible_to(request.user), "deal", pk=body.deal)
    with told():
        actions.convert(by=request.user, lead=lead, deal=deal)
    return shown(request, lead_id)


@router.post("/leads/{int:lead_id}/close", response=LeadOut, auth=WORKS_DIRECT)
def close_lead(request: Request, lead_id: int, body: CloseIn) -> Any:
    """The vendor's own sale out of a direct lead was won or lost."""
    with told():
        actions.close_direct(by=request.user, lead=find(request, lead_id), won=body.won, on=body.on, reason=body.reason)
    return shown(request, lead_id)
