"""Registrations: written, submitted, decided, ended."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db import transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Lower
from django.http import HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import BaseModel, Field

from dealdesk import actions, prefill, queries
from dealdesk.api.common import (
    DECIDES,
    ENDS,
    READS,
    REGISTERS,
    SEES_CONFLICTS,
    RegistrationOut,
    State,
    find,
    refusing,
    registration_out,
)
from dealdesk.models import Registration
from partners.api.common import date, one_of
from partners.models import Partner
from pipeline.api.common import Amount
from pipeline.models import Deal, ProductLine
from prm.api.auth import Request
from prm.api.paging import Paging, everything, page
from prm.api.problems import field_error, invalid
from prm.api.schemas import Id, In, Key, Out, Page, Patch, given, instant

router = Router(tags=["Deal registrations"])

SORTS = {
    "submitted_at": Coalesce("submitted_at", Value(dt.datetime.max.replace(tzinfo=dt.UTC))),
    "created_at": F("created_at"),
    "updated_at": F("updated_at"),
    "customer_name": Lower("customer_name"),
}
Sort = Literal[
    "id", "-id", "submitted_at", "-submitted_at", "created_at", "-created_at", "updated_at", "-updated_at", "customer_name",
    "-customer_name",
]  # fmt: skip


class Worth(Amount):
    """An amount as a decimal string with its currency (ISO 4217)."""

    amount: Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=4)]


class RegistrationPatch(Patch):
    """Fields not sent stay as they are. With `revision` only while nobody else has typed into it (else 412)."""

    customer_name: str = Field("", max_length=200)
    domain: str = Field("", max_length=253, description="A domain, web address or e-mail address of the company.")
    country: str = Field("", max_length=2, description="ISO 3166-1, two letters.")
    product_lines: list[Key] = Field([], max_length=100)
    amount: Worth | None = None
    expected_close: dt.date | None = None
    need: str = Field("", max_length=2000)
    is_rfp: bool = False
    contact_name: str = Field("", max_length=150)
    contact_email: str = Field("", max_length=254)
    revision: int | None = Field(None, ge=0)


class RegistrationIn(RegistrationPatch):
    """A new one: a draft, or with `submit` submitted at once. `partner` may be left out by the partner's own users. `lead`, one
    that is worked on, and `target`: what it is made of, and takes from it what isn't sent."""

    partner: Id | None = None
    lead: Id | None = None
    target: Id | None = None
    submit: bool = False


class SubmitIn(In):
    revision: int | None = Field(None, ge=0)


class ReasonIn(In):
    reason: str = Field(min_length=1, max_length=500)


class ReleaseIn(In):
    reason: str = Field("", max_length=500)


class ProofIn(In):
    text: str = Field(min_length=1, max_length=500)


class DecisionIn(In):
    """`override` approves one although something for the same customer comes before it: that is kept, and the partner sees it.
    `deal` links an open deal of the partner instead of making one; `second_partner` gets `second_share` percent of a new one."""

    decision: Literal["approved", "returned", "rejected"]
    reason: str = Field(min_length=1, max_length=500)
    override: bool = False
    deal: Id | None = None
    second_partner: Id | None = None
    second_share: Annotated[Decimal, Field(gt=0, lt=100, max_digits=4, decimal_places=2)] | None = None


class StepOut(Out):
    """`override`: decided against what the rules say. Who did it (`by`), the vendor's side is told."""

    kind: str
    at: str
    by: int | None
    override: bool
    reason: str
    details: dict[str, Any]


class ConflictOut(Out):
    """Another registration, or an open deal without one, for the same customer and a product line in common. `ahead`: it comes
    before. `similarity` of the names, 0 to 1."""

    ahead: bool
    degree: Literal["possible", "flagged"]
    why: str
    similarity: str
    partner: int
    partner_name: str
    registration: int | None
    reference: str | None
    deal: int | None
    customer_name: str
    domain: str
    product_lines: list[str]
    state: str
    since: str
    protected_until: str | None
    expected_close: str | None


class RegistrationQuery(BaseModel):
    """What repeats means any of them."""

    q: str = Field("", description="Part of the company's name, its domain, or the reference.")
    partner: Id | None = None
    state: list[State] = []
    updated_since: dt.datetime | None = None


@router.get("/registrations", response=Page[RegistrationOut], auth=READS)
def list_registrations(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[RegistrationQuery, Query()],
    sort: Sort = "id",
) -> Any:
    """The registrations one may see: the partner's side all of its own, the vendor's side those that were submitted."""
    rows = queries.registrations(request.user)
    if query.q:
        rows = rows.filter(
            Q(customer_name__icontains=query.q) | Q(domain__icontains=query.q) | Q(reference__iexact=query.q)
        )
    if query.partner is not None:
        rows = rows.filter(partner=query.partner)
    if query.state:
        rows = rows.filter(state__in=query.state)
    if query.updated_since is not None:
        rows = rows.filter(updated_at__gte=query.updated_since)
    return page(
        request, response, rows, lambda row: registration_out(row, request.user), paging=paging, sort=sort, by=SORTS,
        known=("sort", *RegistrationQuery.model_fields),
    )  # fmt: skip


@router.post("/registrations", response={201: RegistrationOut}, auth=REGISTERS)
@transaction.atomic
def create_registration(request: Request, response: HttpResponse, body: RegistrationIn) -> Any:
    """Begins a registration, and submits it where `submit` says so. The answer doesn't depend on what others have registered: the
    check for conflicts runs a moment later (`may_exist`)."""
    user = request.user
    partners = Partner.objects.visible_to(user)
    if body.partner is None and not user.is_partner_side:
        raise invalid([field_error("partner", _("Say whose registration this is."))])
    partner = one_of(partners, "partner", **({} if body.partner is None else {"pk": body.partner}))
    lead = target = None
    if body.lead is not None:
        lead = one_of(prefill.leads(user, partner), "lead", pk=body.lead)
    if body.target is not None:
        target = one_of(prefill.targets(user, partner), "target", pk=body.target)
    values = {**prefill.known(lead, target), **_values(body)}
    with refusing():
        made = actions.save_draft(
            by=user, partner=partner, values=values, channel=Registration.Channel.API, lead=lead, target=target
        )
        if body.submit:
            made = actions.submit(by=user, registration=made)
    response["Location"] = request.build_absolute_uri(f"/api/v1/registrations/{made.pk}")
    return Status(201, registration_out(made, user))


@router.get("/registrations/{int:registration_id}", response=RegistrationOut, auth=READS)
def get_registration(request: Request, registration_id: int) -> Any:
    """One registration."""
    return registration_out(find(request, registration_id), request.user)


@router.patch("/registrations/{int:registration_id}", response=RegistrationOut, auth=REGISTERS)
def update_registration(request: Request, registration_id: int, body: RegistrationPatch) -> Any:
    """Changes the fields sent of a draft, or of one that was returned. 409 `closed` once it is submitted."""
    found = find(request, registration_id)
    with refusing():
        kept = actions.save_draft(
            by=request.user, partner=found.partner, registration=found, values=_values(body), revision=body.revision
        )
    return registration_out(kept, request.user)


@router.delete("/registrations/{int:registration_id}", response={204: None}, auth=REGISTERS)
def discard_registration(request: Request, registration_id: int) -> Any:
    """Throws a draft away. One that was submitted is withdrawn instead."""
    with refusing():
        actions.discard(by=request.user, registration=find(request, registration_id))
    return Status(204, None)


@router.post("/registrations/{int:registration_id}/submit", response=RegistrationOut, auth=REGISTERS)
def submit_registration(request: Request, registration_id: int, body: SubmitIn) -> Any:
    """Submits a draft, or a returned one again: within five working days it keeps its place. Submitted already: nothing happens.

    The answer doesn't depend on what others have registered. 422 by field where something is missing or against the policy.
    """
    found = find(request, registration_id)
    with refusing():
        sent = actions.submit(by=request.user, registration=found, revision=body.revision)
    return registration_out(sent, request.user)


@router.post("/registrations/{int:registration_id}/withdraw", response=RegistrationOut, auth=ENDS)
def withdraw_registration(request: Request, registration_id: int, body: ReasonIn) -> Any:
    """Withdraws it for good: submitted, returned or approved."""
    found = find(request, registration_id)
    with refusing():
        ended = actions.withdraw(by=request.user, registration=found, reason=body.reason)
    return registration_out(ended, request.user)


@router.post("/registrations/{int:registration_id}/release", response=RegistrationOut, auth=ENDS)
def release_registration(request: Request, registration_id: int, body: ReleaseIn) -> Any:
    """Ends the protection of an approved one before its time: the customer is open to others."""
    found = find(request, registration_id)
    with refusing():
        ended = actions.release(by=request.user, registration=found, reason=body.reason)
    return registration_out(ended, request.user)


@router.post("/registrations/{int:registration_id}/renew", response=RegistrationOut, auth=ENDS)
def renew_registration(request: Request, registration_id: int) -> Any:
    """Protects it for the policy's days more, from the end there is. 409 `closed` says why it can't be: nothing has moved in the
    last 30 days, it was renewed before, it is not protected."""
    found = find(request, registration_id)
    with refusing():
        renewed = actions.renew(by=request.user, registration=found)
    return registration_out(renewed, request.user)


@router.post("/registrations/{int:registration_id}/proofs", response={201: StepOut}, auth=ENDS)
def offer_registration_proof(request: Request, registration_id: int, body: ProofIn) -> Any:
    """Says what has moved on a protected one. The vendor's side sends what it accepts: then it counts for a renewal at once."""
    found, user = find(request, registration_id), request.user
    with refusing():
        if user.is_partner_side:
            step = actions.offer_proof(by=user, registration=found, text=body.text)
        else:
            step = actions.accept_proof(by=user, registration=found, reason=body.text)
    return Status(201, _step_out(step, told=not user.is_partner_side))


@router.post("/registrations/{int:registration_id}/decision", response=RegistrationOut, auth=DECIDES)
def decide_registration(request: Request, registration_id: int, body: DecisionIn) -> Any:
    """Approves a submitted one, returns it to be completed, or rejects it. The partner reads the reason.

    409 `in-conflict` where something for the same customer comes before it and `override` isn't set.
    """
    found, user = find(request, registration_id), request.user
    with refusing():
        if body.decision == "approved":
            decided = actions.approve(
                by=user,
                registration=found,
                reason=body.reason,
                override=body.override,
                deal=_deal(request, body.deal),
                second_partner=_second(found, body.second_partner, request),
                second_share=body.second_share,
            )
        elif body.decision == "returned":
            decided = actions.give_back(by=user, registration=found, reason=body.reason)
        else:
            decided = actions.reject(by=user, registration=found, reason=body.reason)
    return registration_out(decided, user)


@router.get("/registrations/{int:registration_id}/history", response=Page[StepOut], auth=READS)
def list_registration_history(request: Request, registration_id: int) -> Any:
    """What happened to it, the first first, overrides included."""
    told = not request.user.is_partner_side
    steps = queries.steps(find(request, registration_id), request.user)
    return everything(steps, lambda step: _step_out(step, told=told))


@router.get("/registrations/{int:registration_id}/conflicts", response=Page[ConflictOut], auth=SEES_CONFLICTS)
def list_registration_conflicts(request: Request, registration_id: int) -> Any:
    """What else there is for the same customer: for those who decide partner, deal and dates, of all partners; for a partner what
    its own company has, and nothing of others."""
    registration, user = find(request, registration_id), request.user
    own = user.is_partner_side
    return everything(
        queries.of_own_family(registration) if own else queries.candidates(registration, user), _conflict_out
    )


def _step_out(step: Any, *, told: bool) -> dict[str, Any]:
    return {
        "kind": str(step.kind),
        "at": instant(step.at),
        "by": step.by_id if told else None,
        "override": step.is_override,
        "reason": step.reason,
        "details": step.details,
    }


def _conflict_out(one: queries.Candidate) -> dict[str, Any]:
    since = instant(one.since) if isinstance(one.since, dt.datetime) else date(one.since)
    return {
        "ahead": one.ahead,
        "degree": one.degree,
        "why": one.why,
        "similarity": f"{one.similarity:f}",
        "partner": one.partner_id,
        "partner_name": one.partner,
        "registration": one.registration_id,
        "reference": one.what if one.registration_id is not None else None,
        "deal": one.deal_id,
        "customer_name": one.customer,
        "domain": one.domain,
        "product_lines": list(one.lines),
        "state": one.state,
        "since": since,
        "protected_until": date(one.until),
        "expected_close": date(one.expected_close),
    }


def _deal(request: Request, deal_id: int | None) -> Deal | None:
    return None if deal_id is None else one_of(Deal.objects.visible_to(request.user), "deal", pk=deal_id)


def _second(registration: Registration, partner_id: int | None, request: Request) -> Partner | None:
    """One of the partners the decider sees, or of those in conflict with it."""
    if partner_id is None:
        return None
    beside = {one.partner_id for one in queries.candidates(registration, request.user)}
    rows = Partner.objects.unscoped("narrowed to those the decider may name")
    seen = Partner.objects.visible_to(request.user).order_by().values("pk")
    return one_of(rows.filter(Q(pk__in=seen) | Q(pk__in=beside)), "second_partner", pk=partner_id)


def _values(body: RegistrationPatch) -> dict[str, Any]:
    """The fields sent, as the actions take them."""
    sent = given(body)
    values = {name: sent[name] for name in actions.FIELDS if name in sent and name not in ("amount", "product_lines")}
    if "amount" in sent:
        values |= {
            "amount": body.amount.amount if body.amount else None,
            "currency": body.amount.currency if body.amount else "",
        }
    if "product_lines" in sent:
        lines = ProductLine.objects.all()
        values["product_lines"] = [
            one_of(lines, f"product_lines.{n}", key=key) for n, key in enumerate(dict.fromkeys(body.product_lines))
        ]
    return values
