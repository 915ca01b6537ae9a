"""Leads: what is known of them, who holds them, and the work on them."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import AwareDatetime, BaseModel, Field

from accounts.models import User
from leads import actions, queries
from leads.api.common import READS, READS_OURS, WORKS, WORKS_DIRECT, WRITES, is_outside, told
from leads.models import Lead, LeadSource
from partners.api.common import date, one_of
from partners.models import Partner, Region
from pipeline.api.common import text
from pipeline.models import Deal, ProductLine
from prm.api.auth import Request
from prm.api.paging import Paging, everything, page
from prm.api.problems import field_error, invalid
from prm.api.schemas import Id, In, Key, Out, Page, Patch, given, instant

router = Router(tags=["Leads"])

Grade = Literal["A", "B", "C", "D"]
Holder = Literal["queue", "partner", "direct"]
State = Literal["new", "offered", "accepted", "contacted", "qualified", "converted", "disqualified"]
Outcome = Literal["", "won", "lost"]
Score = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
PLAIN = (
    "company", "domain", "country", "city", "vertical", "employees", "need", "activity", "campaign", "external_id", "score",
    "person", "job_title", "email", "phone", "consent_from", "consent_on",
)  # fmt: skip
SORTS = {
    "created_at": F("created_at"),
    "updated_at": F("updated_at"),
    "score": F("score"),
    "grade": F("grade"),
}
Sort = Literal[
    "id", "-id", "created_at", "-created_at", "updated_at", "-updated_at", "score", "-score", "grade", "-grade"
]


class LeadOut(Out):
    """`holder` says who has it: a `partner`, a `person` of the vendor (`held_by`), or the queue; `offered_to` who is asked until
    `answer_by`. Clocks: `contact_by`, then `pull_back_at` once its holder was reminded (`nudged_at`). The vendor alone is told the
    score, campaign and external id."""

    id: int
    company: str
    domain: str
    country: str
    city: str
    region: str | None
    vertical: str
    employees: int | None
    need: str
    activity: str
    product_lines: list[str]
    source: str
    campaign: str
    external_id: str | None
    score: str | None
    grade: Grade
    person: str
    job_title: str
    email: str
    phone: str
    consent_from: str
    consent_on: str | None
    holder: Holder
    state: State
    partner: int | None
    held_by: int | None
    offered_to: int | None
    answer_by: str | None
    created_at: str
    accepted_at: str | None
    contact_by: str | None
    nudged_at: str | None
    pull_back_at: str | None
    contacted_at: str | None
    qualified_at: str | None
    closed_at: str | None
    close_reason: str
    customer: int | None
    deal: int | None
    outcome: Outcome
    outcome_on: str | None
    updated_at: str


class LeadPatch(Patch):
    """Fields not sent stay as they are. `score` null is an error; a new one gives a new grade."""

    company: str = Field("", min_length=1, max_length=200)
    domain: str = Field("", max_length=253)
    country: str = Field("", max_length=60, description="ISO 3166-1, or the English name.")
    city: str = Field("", max_length=100)
    region: Key | None = None
    vertical: str = Field("", max_length=80)
    employees: Annotated[int, Field(ge=0, le=2_147_483_647)] | None = None
    need: str = Field("", max_length=2000)
    activity: str = Field("", max_length=4000)
    product_lines: list[Key] = Field([], max_length=50)
    source: Key = ""
    campaign: str = Field("", max_length=120)
    external_id: str | None = Field(None, max_length=120)
    score: Score | None = None
    person: str = Field("", max_length=150)
    job_title: str = Field("", max_length=120)
    email: str = Field("", max_length=254)
    phone: str = Field("", max_length=40)
    consent_from: str = Field("", max_length=200)
    consent_on: dt.date | None = None


class LeadIn(LeadPatch):
    """A lead that came in. Without a `score` it gets its source's. `distribute` false: it waits for a person, else the rules give it
    out within a minute. With an `email` or `phone`, `consent_from` and `consent_on` are needed. `came_in_at`: now where left out."""

    company: str = Field(min_length=1, max_length=200)
    source: Key
    distribute: bool = True
    came_in_at: AwareDatetime | None = None


class ReasonIn(In):
    reason: str = Field(min_length=1, max_length=300)


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


class StepOut(Out):
    """`partner` null with `other_partner`: one that is none of yours. `by` null: the system, or the other side's people."""

    kind: str
    at: str
    partner: int | None
    other_partner: bool
    by: int | None
    note: str


class PartsOut(Out):
    """Each from 0 to 1, as a decimal; null in a round-robin."""

    topic: str
    record: str
    room: str
    tier: str


class CandidateOut(Out):
    """`partner` null: one that is none of yours. `left_out`: "full", "had_it" or "nobody" there can accept; then it has no place."""

    place: int | None
    partner: int | None
    chosen: bool
    left_out: str
    parts: PartsOut | None
    total: str | None
    score: str | None
    offered: int
    accepted: int
    won: int
    open: int
    capacity: int
    tier_rank: int


class RuleSeenOut(Out):
    name: str
    result: Literal["not_for_it", "none_free", "chose", "direct"]


class DistributionOut(Out):
    """One run of the rules: `total` of a candidate = Σ weight × part."""

    id: int
    at: str
    rule: str
    method: Literal["ranked", "round_robin"]
    weights: dict[str, str]
    tiers: int
    rules: list[RuleSeenOut]
    candidates: list[CandidateOut]
    more: int


class LeadQuery(BaseModel):
    """What repeats means any of them."""

    q: str = Field("", max_length=200, description="Part of the company's name, or the external id.")
    state: list[State] = []
    grade: list[Grade] = []
    holder: list[Holder] = []
    source: list[str] = Field([], description="Keys.")
    region: list[str] = Field([], description="Keys.")
    country: list[str] = Field([], description="ISO 3166-1, two letters.")
    line: list[str] = Field([], description="Keys of product lines.")
    partner: Id | None = Field(None, description="The one that holds it.")
    late: bool = Field(False, description="Not contacted though the clock has run out.")
    came_from: dt.date | None = None
    came_to: dt.date | None = None
    updated_since: AwareDatetime | None = None


def lead_out(lead: Any, user: User) -> dict[str, Any]:
    """Of a lead out of `queries.lead_with_all(user)`."""
    outside = is_outside(user)
    return {
        "id": lead.pk,
        **{
            name: getattr(lead, name)
            for name in PLAIN
            if name not in ("score", "consent_on", "campaign", "external_id")
        },
        "region": lead.region.key if lead.region else None,
        "product_lines": [line.key for line in lead.product_lines.all()],
        "source": lead.source.key,
        "campaign": "" if outside else lead.campaign,
        "external_id": None if outside else lead.external_id,
        "score": None if outside else text(lead.score),
        "grade": lead.grade,
        "consent_on": date(lead.consent_on),
        "holder": lead.holder,
        "state": lead.state,
        "partner": lead.partner_id,
        "held_by": lead.person_direct_id,
        "offered_to": None if outside else lead.offered_to_id,
        "answer_by": None if outside else instant(lead.answer_by),
        "created_at": instant(lead.created_at),
        "accepted_at": instant(lead.accepted_at),
        "contact_by": instant(lead.contact_by),
        "nudged_at": instant(lead.nudged_at),
        "pull_back_at": instant(lead.pull_back_at),
        "contacted_at": instant(lead.contacted_at),
        "qualified_at": instant(lead.qualified_at),
        "closed_at": instant(lead.closed_at),
        "close_reason": lead.close_reason,
        "customer": lead.customer_id,
        "deal": lead.deal_id,
        "outcome": lead.outcome,
        "outcome_on": date(lead.outcome_on),
        "updated_at": instant(lead.updated_at),
    }


def _find(request: Request, lead_id: int) -> Lead:
    lead: Lead = get_object_or_404(queries.lead_with_all(request.user), pk=lead_id)
    return lead


def _shown(request: Request, lead_id: int) -> dict[str, Any]:
    return lead_out(_find(request, lead_id), request.user)


def _narrowed(rows: QuerySet[Lead], query: LeadQuery) -> QuerySet[Lead]:
    for name, values in (
        ("state", query.state), ("grade", query.grade), ("holder", query.holder), ("source__key", query.source),
        ("region__key", query.region), ("country", query.country),
    ):  # fmt: skip
        if values:
            rows = rows.filter(**{f"{name}__in": values})
    if query.line:
        named = Lead.product_lines.through.objects.filter(lead=OuterRef("pk"), productline__key__in=query.line)
        rows = rows.filter(Exists(named))
    if words := query.q.strip():
        rows = rows.filter(company__icontains=words) | rows.filter(external_id__iexact=words)
    if query.partner is not None:
        rows = rows.filter(partner=query.partner)
    if query.late:
        rows = rows.filter(state=Lead.State.ACCEPTED, contact_by__lt=timezone.now())
    if query.came_from:
        rows = rows.filter(created_at__date__gte=query.came_from)
    if query.came_to:
        rows = rows.filter(created_at__date__lte=query.came_to)
    if query.updated_since:
        rows = rows.filter(updated_at__gte=query.updated_since)
    return rows


@router.get("/leads", response=Page[LeadOut], auth=READS)
def list_leads(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[LeadQuery, Query()],
    sort: Sort = "id",
) -> Any:
    """The leads one sees: a partner those it holds; what it is offered is at `/lead-offers`."""
    rows = _narrowed(queries.lead_with_all(request.user), query)
    return page(
        request, response, rows, lambda row: lead_out(row, request.user), paging=paging, sort=sort, by=SORTS,
        known=("sort", *LeadQuery.model_fields),
    )  # fmt: skip


@router.post("/leads", response={201: LeadOut}, auth=WRITES)
def create_lead(request: Request, response: HttpResponse, body: LeadIn) -> Any:
    """Adds a lead, graded by the policy of the day."""
    values = _values(body)
    company, source = values.pop("company"), values.pop("source")
    with told():
        lead = actions.add_lead(
            by=request.user, company=company, source=source, distribute=body.distribute, at=body.came_in_at, **values
        )
    response["Location"] = request.build_absolute_uri(f"/api/v1/leads/{lead.pk}")
    return Status(201, _shown(request, lead.pk))


@router.get("/leads/{int:lead_id}", response=LeadOut, auth=READS)
def get_lead(request: Request, lead_id: int) -> Any:
    """One lead."""
    return _shown(request, lead_id)


@router.patch("/leads/{int:lead_id}", response=LeadOut, auth=WRITES)
def update_lead(request: Request, lead_id: int, body: LeadPatch) -> Any:
    """Changes the fields sent. Who holds it is changed by the calls below."""
    lead = _find(request, lead_id)
    values = _values(body)
    if "score" in values and values["score"] is None:
        raise invalid([field_error("score", _("This can't be empty."))])
    with told():
        actions.update_lead(by=request.user, lead=lead, changes=values)
    return _shown(request, lead_id)


def _values(body: LeadPatch) -> dict[str, Any]:
    """The fields sent, as the actions take them."""
    sent = given(body)
    values = {name: sent[name] for name in PLAIN if name in sent}
    if "source" in sent:
        values["source"] = one_of(LeadSource.objects.all(), "source", key=sent["source"])
    if "region" in sent:
        key = sent["region"]
        values["region"] = None if key is None else one_of(Region.objects.all(), "region", key=key)
    if "product_lines" in sent:
        values["product_lines"] = [
            one_of(ProductLine.objects.all(), f"product_lines.{number}", key=key)
            for number, key in enumerate(dict.fromkeys(sent["product_lines"]))
        ]
    return values


# ── Given out ────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/leads/{int:lead_id}/distribute", response=LeadOut, auth=WRITES)
def distribute_lead(request: Request, lead_id: int) -> Any:
    """Runs the rules on a lead that waits in the queue; its offers count from the start."""
    with told():
        actions.distribute(by=request.user, lead=_find(request, lead_id))
    return _shown(request, lead_id)


@router.post("/leads/{int:lead_id}/offer", response=LeadOut, auth=WRITES)
def offer_lead(request: Request, lead_id: int, body: OfferIn) -> Any:
    """Offers a lead in the queue to a partner; an open offer to another is withdrawn."""
    lead = _find(request, lead_id)
    partner = one_of(Partner.objects.visible_to(request.user), "partner", pk=body.partner)
    with told():
        actions.offer(by=request.user, lead=lead, partner=partner)
    return _shown(request, lead_id)


@router.post("/leads/{int:lead_id}/withdraw", response=LeadOut, auth=WRITES)
def withdraw_lead(request: Request, lead_id: int, body: ReasonIn) -> Any:
    """Takes an open offer back; the lead waits for a person."""
    with told():
        actions.withdraw(by=request.user, lead=_find(request, lead_id), reason=body.reason)
    return _shown(request, lead_id)


@router.post("/leads/{int:lead_id}/direct", response=LeadOut, auth=WRITES)
def keep_lead_direct(request: Request, lead_id: int, body: DirectIn) -> Any:
    """A person of the vendor takes it, out of the queue or from a colleague."""
    lead = _find(request, lead_id)
    person = one_of(User.objects.filter(is_active=True), "person", pk=body.person)
    with told():
        actions.keep_direct(by=request.user, lead=lead, person=person, reason=body.reason)
    return _shown(request, lead_id)


@router.post("/leads/{int:lead_id}/put-back", response=LeadOut, auth=WRITES)
def put_lead_back(request: Request, lead_id: int, body: ReasonIn) -> Any:
    """Takes it from whoever works on it into the queue, where it waits for a person."""
    with told():
        actions.put_back(by=request.user, lead=_find(request, lead_id), reason=body.reason)
    return _shown(request, lead_id)


# ── Worked on ────────────────────────────────────────────────────────────────────────────────────────────────────────


@router.post("/leads/{int:lead_id}/contacted", response=LeadOut, auth=WORKS)
def contact_lead(request: Request, lead_id: int, body: NoteIn) -> Any:
    """The holder has spoken with the person."""
    with told():
        actions.contacted(by=request.user, lead=_find(request, lead_id), note=body.note)
    return _shown(request, lead_id)


@router.post("/leads/{int:lead_id}/qualified", response=LeadOut, auth=WORKS)
def qualify_lead(request: Request, lead_id: int, body: NoteIn) -> Any:
    """There is something to sell."""
    with told():
        actions.qualified(by=request.user, lead=_find(request, lead_id), note=body.note)
    return _shown(request, lead_id)


@router.post("/leads/{int:lead_id}/disqualified", response=LeadOut, auth=WORKS)
def disqualify_lead(request: Request, lead_id: int, body: ReasonIn) -> Any:
    """Nothing will come of it."""
    with told():
        actions.disqualified(by=request.user, lead=_find(request, lead_id), reason=body.reason)
    return _shown(request, lead_id)


@router.post("/leads/{int:lead_id}/reopen", response=LeadOut, auth=WORKS)
def reopen_lead(request: Request, lead_id: int) -> Any:
    """A disqualified one, or one without a deal, goes back to its holder, or into the queue."""
    with told():
        actions.reopen(by=request.user, lead=_find(request, lead_id))
    return _shown(request, lead_id)


@router.post("/leads/{int:lead_id}/convert", response=LeadOut, auth=WORKS)
def convert_lead(request: Request, lead_id: int, body: ConvertIn) -> Any:
    """It became a deal; what becomes of the deal becomes of the lead."""
    lead = _find(request, lead_id)
    deal = None if body.deal is None else one_of(Deal.objects.visible_to(request.user), "deal", pk=body.deal)
    with told():
        actions.convert(by=request.user, lead=lead, deal=deal)
    return _shown(request, lead_id)


@router.post("/leads/{int:lead_id}/close", response=LeadOut, auth=WORKS_DIRECT)
def close_lead(request: Request, lead_id: int, body: CloseIn) -> Any:
    """The vendor's own sale out of a direct lead was won or lost."""
    with told():
        actions.close_direct(
            by=request.user, lead=_find(request, lead_id), won=body.won, on=body.on, reason=body.reason
        )
    return _shown(request, lead_id)


# ── How it came about ────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/leads/{int:lead_id}/history", response=Page[StepOut], auth=READS)
def list_lead_history(request: Request, lead_id: int) -> Any:
    """What happened to it, the oldest first; a partner reads what concerns it."""
    steps = queries.timeline(request.user, _find(request, lead_id))
    return everything(
        steps,
        lambda step: {
            "kind": step.kind,
            "at": instant(step.at),
            "partner": step.partner.pk if step.partner else None,
            "other_partner": step.other,
            "by": step.by.pk if step.by else None,
            "note": step.note,
        },
    )


@router.get("/leads/{int:lead_id}/distributions", response=Page[DistributionOut], auth=READS_OURS)
def list_lead_distributions(request: Request, lead_id: int) -> Any:
    """The runs of the rules on it, the newest first, each with whom they looked at and why they chose."""
    user = request.user
    return everything(queries.distributions(user, _find(request, lead_id)), lambda found: distribution_out(found, user))


def distribution_out(found: Any, user: User) -> dict[str, Any]:
    """A run of the rules as the reader may see it."""
    kept = queries.kept(found)
    return {
        "id": found.pk,
        "at": instant(found.at),
        "rule": found.rule,
        "method": kept.method.value,
        "weights": found.kept["weights"],
        "tiers": kept.tiers,
        "rules": [{"name": each.name, "result": each.result} for each in kept.rules],
        "candidates": [_candidate_out(each) for each in queries.candidates(user, found)],
        "more": kept.more,
    }


def _candidate_out(each: queries.Candidate) -> dict[str, Any]:
    parts = each.parts
    return {
        "place": each.place,
        "partner": each.partner.pk if each.partner else None,
        "chosen": each.chosen,
        "left_out": each.left_out,
        "parts": {name: _decimal(getattr(parts, name)) for name in ("topic", "record", "room", "tier")}
        if parts
        else None,
        "total": None if each.total is None else _decimal(each.total),
        "score": None if each.facts.score is None else text(each.facts.score),
        **{name: getattr(each.facts, name) for name in ("offered", "accepted", "won", "open", "capacity")},
        "tier_rank": each.facts.rank,
    }


def _decimal(value: Any) -> str:
    """To nine places."""
    return text(round(Decimal(value.numerator) / value.denominator, 9))
