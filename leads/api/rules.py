"""How leads are given out: the rules as a document, sources, places of single partners, trials of other rules."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field

from leads import actions, policies, queries, reading, trial
from leads.api.common import READS_OURS, READS_RULES, WRITES_RULES, Day, need_inside, told
from leads.models import LeadSource, LeadTrial
from leads.policies import KIND
from partners.api.common import find, refusing
from pipeline.api.catalogue import Name, NewKey, add_entry, change_entry, remove_entry
from pipeline.api.common import WRITES_SETTINGS, text
from prm.api.auth import Request
from prm.api.paging import Paging, everything, page
from prm.api.schemas import In, Key, Out, Page, Patch
from prm.common import actions as common
from prm.common.models import Policy

router = Router(tags=["Lead rules"])

Days = Annotated[int, Field(ge=0, le=policies.MOST_DAYS)]
Score = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2)]
Weight = Annotated[Decimal, Field(ge=0, le=1000, max_digits=8, decimal_places=4)]
Names = Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=300)]


class WhenDoc(In):
    """Which leads a rule is for; null: all. Of several product lines one is enough. Verticals are compared without case and accents."""

    countries: Names | None = None
    regions: Names | None = None
    verticals: Names | None = None
    lines: Names | None = None
    grades: list[Literal["A", "B", "C", "D"]] | None = None
    sources: Names | None = None


class ToDoc(In):
    """A person of the vendor (`direct`: an id), or the partners that meet all of the rest; null: any."""

    direct: int | None = None
    near: Literal["anywhere", "same_country", "same_region"] = "anywhere"
    regions: Names | None = None
    tiers: Names | None = None
    partners: Annotated[list[int], Field(max_length=2000)] | None = None


class RuleDoc(In):
    """`topic`: the key of the topic whose score counts ("": the overall); null: as the policy says."""

    name: str = Field(min_length=1, max_length=policies.LONGEST_NAME)
    when: WhenDoc = WhenDoc()
    to: ToDoc = ToDoc()
    topic: Key | None = None


class WeightsDoc(In):
    topic: Weight = Decimal(40)
    record: Weight = Decimal(30)
    room: Weight = Decimal(20)
    tier: Weight = Decimal(10)


class GradesDoc(In):
    """From which score a lead is A, B, C."""

    A: Score = Decimal(75)
    B: Score = Decimal(50)
    C: Score = Decimal(25)


class ContactDoc(In):
    """Working days until the first contact, by grade."""

    A: Days = 2
    B: Days = 5
    C: Days = 10
    D: Days = 10


class PolicyDoc(In):
    """Rules in order: the first that is for the lead and names a partner with a place free decides. Days are working days of whoever must
    act: `accept_days` to answer an offer, `pull_back_days` from the reminder until a lead is taken back. `most_offers`: then it waits
    for a person. `capacity`: open leads at once, where nothing else is set for a partner."""

    rules: list[RuleDoc] = Field(max_length=policies.MOST_RULES)
    method: Literal["ranked", "round_robin"] = "ranked"
    weights: WeightsDoc = WeightsDoc()
    topic: Annotated[str, Field(max_length=60)] = ""
    seed: Annotated[str, Field(max_length=60)] = "1"
    accept_days: Annotated[int, Field(ge=1, le=policies.MOST_DAYS)] = 2
    most_offers: Annotated[int, Field(ge=1, le=20)] = 3
    capacity: Annotated[int, Field(ge=0, le=10_000)] = 10
    grades: GradesDoc = GradesDoc()
    contact_days: ContactDoc = ContactDoc()
    pull_back_days: Days = 2


class PolicyOut(Out):
    """A version, in force from `starts_on` until the next; without any the default counts (`starts_on` null)."""

    id: int | None
    starts_on: str | None
    policy: dict[str, Any]


class PolicyIn(In):
    starts_on: dt.date
    policy: PolicyDoc


class SourceOut(Out):
    key: str
    name: str
    order: int
    default_score: str


class SourcePatch(Patch):
    """`default_score`: of a lead that comes without one."""

    name: Name = ""
    default_score: Score = Decimal(30)


class SourceIn(SourcePatch):
    name: Name
    key: NewKey = ""


class CapacityOut(Out):
    """`open` leads are those it holds and works on, and those it is asked to take. `own`: the capacity is set for it alone."""

    partner: int
    open: int
    capacity: int
    own: bool
    turns: int


class CapacityIn(In):
    """`capacity` null: the policy's default; 0: it gets none. `turns` in a round of the round-robin."""

    capacity: Annotated[int, Field(ge=0, le=10_000)] | None = None
    turns: Annotated[int, Field(ge=1, le=20)] = 1


class TrialIn(In):
    """At most 5,000 leads that came in `since` to `until`, both included."""

    policy: PolicyDoc
    since: Day
    until: Day


class GivenOut(Out):
    """Whom a lead went to first and would have gone to: "partner:7", "direct:3", "queue"."""

    lead: int
    before: str
    after: str
    rule: str


class TrialOut(Out):
    """`rows` and `changed` are null while the job runs."""

    id: int
    job: str | None
    since: str
    until: str
    changed: int | None
    rows: list[GivenOut] | None


# ── The policy ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _policy_out(row: Policy) -> dict[str, Any]:
    return {"id": row.pk, "starts_on": row.starts_on.isoformat(), "policy": row.data}


@router.get("/lead-policy", response=PolicyOut, auth=READS_OURS)
def get_lead_policy(request: Request) -> Any:
    """How leads are given out today. For the vendor's own people: rules name partners."""
    need_inside(request.user)
    now = reading.now()
    row = Policy.objects.filter(kind=KIND, starts_on__lte=now.day).order_by("-starts_on").first()
    return _policy_out(row) if row else {"id": None, "starts_on": None, "policy": policies.document(now.policy)}


@router.get("/lead-policy/versions", response=Page[PolicyOut], auth=READS_RULES)
def list_lead_policies(request: Request) -> Any:
    """All versions, the latest first."""
    return everything(Policy.objects.filter(kind=KIND).order_by("-starts_on"), _policy_out)


@router.post("/lead-policy/versions", response={201: PolicyOut}, auth=WRITES_RULES)
def set_lead_policy(request: Request, body: PolicyIn) -> Any:
    """A version from a day on, today or later; one that starts the same day is replaced. Open offers and running clocks stay."""
    with told():
        row = actions.set_policy(by=request.user, starts_on=body.starts_on, policy=_document(body.policy))
    return Status(201, _policy_out(row))


@router.delete("/lead-policy/versions/{int:version_id}", response={204: None}, auth=WRITES_RULES)
def delete_lead_policy(request: Request, version_id: int) -> Any:
    """Removes a version that has not started."""
    with refusing():
        common.remove_policy(by=request.user, policy=get_object_or_404(Policy, kind=KIND, pk=version_id))
    return Status(204, None)


def _document(body: PolicyDoc) -> dict[str, Any]:
    return body.model_dump(mode="json")


# ── Sources ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _source_out(row: LeadSource) -> dict[str, Any]:
    return {"key": row.key, "name": row.name, "order": row.order, "default_score": text(row.default_score)}


@router.get("/lead-sources", response=Page[SourceOut], auth=READS_OURS)
def list_lead_sources(request: Request) -> Any:
    """Where leads come from, in order."""
    return everything(LeadSource.objects.all(), _source_out)


@router.post("/lead-sources", response={201: SourceOut}, auth=WRITES_SETTINGS)
def create_lead_source(request: Request, body: SourceIn) -> Any:
    """Adds a source at the end."""
    return Status(201, _source_out(add_entry(request, "lead-sources", body, {"default_score": Decimal(30)})))


@router.patch("/lead-sources/{str:key}", response=SourceOut, auth=WRITES_SETTINGS)
def update_lead_source(request: Request, key: str, body: SourcePatch) -> Any:
    """Changes the fields sent."""
    return _source_out(change_entry(request, "lead-sources", key, body))


@router.delete("/lead-sources/{str:key}", response={204: None}, auth=WRITES_SETTINGS)
def delete_lead_source(request: Request, key: str) -> Any:
    """Removes a source that no lead came from."""
    return remove_entry(request, "lead-sources", key)


# ── Places ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _capacity_out(partner: Any) -> dict[str, Any]:
    return {
        "partner": partner.pk,
        "open": partner.open_leads,
        "capacity": partner.capacity,
        "own": partner.has_own,
        "turns": partner.turns,
    }


@router.get("/lead-capacities", response=Page[CapacityOut], auth=READS_OURS)
def list_lead_capacities(request: Request, response: HttpResponse, paging: Annotated[Paging, Query()]) -> Any:
    """How many leads each partner has open, and can have."""
    return page(request, response, queries.capacities(request.user), _capacity_out, paging=paging)


@router.put("/partners/{int:partner_id}/lead-capacity", response=CapacityOut, auth=WRITES_RULES)
def set_lead_capacity(request: Request, partner_id: int, body: CapacityIn) -> Any:
    """What holds for one partner."""
    partner = find(request, partner_id)
    with told():
        actions.set_capacity(by=request.user, partner=partner, capacity=body.capacity, turns=body.turns)
    return _capacity_out(queries.capacities(request.user).get(pk=partner.pk))


# ── Trials ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _trial_out(row: LeadTrial) -> dict[str, Any]:
    found = trial.result(row)
    return {
        "id": row.pk,
        "job": str(row.job_id) if row.job_id else None,
        "since": row.since.isoformat(),
        "until": row.until.isoformat(),
        "changed": None if found is None else found.changed,
        "rows": None
        if found is None
        else [
            {"lead": each.lead_id, "before": each.before, "after": each.after, "rule": each.rule} for each in found.rows
        ],
    }


@router.post("/lead-trials", response={202: TrialOut}, auth=WRITES_RULES)
def start_lead_trial(request: Request, body: TrialIn) -> Any:
    """Starts a job that runs other rules on past leads: who would have got which. Nothing is changed by it."""
    with told():
        row = actions.start_trial(by=request.user, policy=_document(body.policy), since=body.since, until=body.until)
    return Status(202, _trial_out(row))


@router.get("/lead-trials/{int:trial_id}", response=TrialOut, auth=READS_RULES)
def get_lead_trial(request: Request, trial_id: int) -> Any:
    """What came of a trial."""
    return _trial_out(get_object_or_404(LeadTrial, pk=trial_id))
