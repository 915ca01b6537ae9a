"""Leads: what is known of them, and who holds them."""

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
from leads.api.common import READS, WRITES, Day, is_outside, told
from leads.filters import FIRST_DAY, begins
from leads.models import Lead, LeadSource
from partners.api.common import date, one_of
from partners.models import Region
from pipeline.api.common import text
from pipeline.models import ProductLine
from prm.api.auth import Request
from prm.api.paging import Paging, page
from prm.api.problems import field_error, invalid
from prm.api.schemas import Id, Key, Out, Page, Patch, given, instant

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
FIRST_MOMENT = dt.datetime.combine(FIRST_DAY, dt.time(), dt.UTC)
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
    came_in_at: Annotated[AwareDatetime, Field(ge=FIRST_MOMENT)] | None = None


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
    came_from: Day | None = Field(None, description="A day of the vendor's calendar.")
    came_to: Day | None = None
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


def find(request: Request, lead_id: int) -> Lead:
    """The lead, if this caller may see it; else 404."""
    lead: Lead = get_object_or_404(queries.lead_with_all(request.user), pk=lead_id)
    return lead


def shown(request: Request, lead_id: int) -> dict[str, Any]:
    """What a call on a lead answers with: the lead as it is now."""
    return lead_out(find(request, lead_id), request.user)


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
        rows = rows.filter(created_at__gte=begins(query.came_from))
    if query.came_to:
        rows = rows.filter(created_at__lt=begins(query.came_to + dt.timedelta(days=1)))
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
    return Status(201, shown(request, lead.pk))


@router.get("/leads/{int:lead_id}", response=LeadOut, auth=READS)
def get_lead(request: Request, lead_id: int) -> Any:
    """One lead."""
    return shown(request, lead_id)


@router.patch("/leads/{int:lead_id}", response=LeadOut, auth=WRITES)
def update_lead(request: Request, lead_id: int, body: LeadPatch) -> Any:
    """Changes the fields sent. Who holds it is changed by the calls below."""
    lead = find(request, lead_id)
    values = _values(body)
    if "score" in values and values["score"] is None:
        raise invalid([field_error("score", _("This can't be empty."))])
    with told():
        actions.update_lead(by=request.user, lead=lead, changes=values)
    return shown(request, lead_id)


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
