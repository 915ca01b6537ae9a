"""Certificates, who holds them, and the tasks required of partners."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.db.models import F, Value
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import Field

from accounts.permissions import Permission
from accounts.tokens import Scope
from partners import catalogue, queries
from partners.api.common import PartnerQuery, check_filter, date, one_of, refusing
from partners.catalogue import Entry
from partners.learning import actions
from partners.learning import queries as learning
from partners.learning.filters import CertificationFilter
from partners.models import Certificate, Certification, Contact, LifeStage, Partner, Task, Tier
from prm.api.auth import Allowed, Request
from prm.api.paging import Paging, everything, page
from prm.api.problems import field_error, invalid
from prm.api.schemas import Id, In, Key, Out, Page, Patch, given, instant
from prm.common.vendor import today

router = Router(tags=["Certifications and tasks"])

P = Permission
READS = Allowed(Scope.SALES_READ, vendor=P.SEE_PARTNERS, portal=P.PORTAL)
WRITES = Allowed(Scope.SALES_WRITE, vendor=P.EDIT_PARTNERS)
SETS = Allowed(Scope.SALES_WRITE, vendor=P.EDIT_SETTINGS)
SORTS = {"earned_on": F("earned_on"), "expires_on": Coalesce("expires_on", Value(dt.date.max))}
State = Literal["valid", "expiring", "expired", "ahead"]


class CertificateOut(Out):
    """`months_valid` is null for one that doesn't expire."""

    key: str
    name: str
    order: int
    months_valid: int | None


class CertificateIn(In):
    name: str = Field(min_length=1, max_length=80)
    months_valid: int | None = Field(None, ge=1, le=600)


class CertificationOut(Out):
    """`contact` is null where the partner itself holds it. `state` is today's: expiring is valid, for 60 days at most."""

    id: int
    partner: int
    contact: int | None
    person: str | None
    certificate: str
    level: str
    earned_on: str
    expires_on: str | None
    state: State
    source: str
    external_id: str | None
    created_at: str


class CertificationPatch(Patch):
    """Fields not sent stay as they are. `contact` is one of the partner's people, null for the partner itself."""

    contact: Id | None = None
    certificate: Key = ""
    level: str = Field("", max_length=40)
    earned_on: dt.date | None = None
    expires_on: dt.date | None = None
    external_id: str | None = Field(None, max_length=120)


class PersonIn(In):
    name: str = Field(min_length=1, max_length=150)
    email: str = Field("", max_length=254)


class CertificationIn(CertificationPatch):
    """A new one. Without `expires_on` it expires as its certificate says; null: never. `person` adds a contact with it."""

    certificate: Key
    earned_on: dt.date
    person: PersonIn | None = None


class CertificationQuery(PartnerQuery):
    """The partner filter, and the certifications' own. What repeats means any of them."""

    q: str = Field("", description="Part of the person's or the partner's name.")
    certificate: list[str] = Field([], description="Keys.")
    state: list[Literal["valid", "expiring", "expired"]] = []
    holder: Literal["", "person", "partner"] = ""


class TaskOut(Out):
    """Required of partners whose tier and life stage are these; null: of any."""

    key: str
    name: str
    order: int
    detail: str
    tier: str | None
    stage: str | None


class TaskPatch(Patch):
    """Fields not sent stay as they are."""

    name: str = Field("", min_length=1, max_length=80)
    detail: str = Field("", max_length=20_000)
    tier: Key | None = None
    stage: Key | None = None


class TaskIn(TaskPatch):
    name: str = Field(min_length=1, max_length=80)


class ChecklistOut(Out):
    """A task of a partner; `required` false for one it did although its tier and stage don't ask for it now."""

    key: str
    name: str
    detail: str
    required: bool
    done: bool
    done_on: str | None
    who: str
    note: str


class DoneIn(In):
    """`on` is today where it isn't sent, `who` at the partner did it."""

    on: dt.date | None = None
    who: str = Field("", max_length=150)
    note: str = Field("", max_length=300)


def certification_out(row: Any) -> dict[str, Any]:
    """Of a certification out of `learning.certifications(user)`."""
    return {
        "id": row.pk,
        "partner": row.partner_id,
        "contact": row.contact_id,
        "person": row.person,
        "certificate": row.certificate.key,
        "level": row.level,
        "earned_on": date(row.earned_on),
        "expires_on": date(row.expires_on),
        "state": row.state,
        "source": row.source,
        "external_id": row.external_id,
        "created_at": instant(row.created_at),
    }


def _task_out(task: Task) -> dict[str, Any]:
    return {
        "key": task.key,
        "name": task.name,
        "order": task.order,
        "detail": task.detail,
        "tier": task.tier.key if task.tier else None,
        "stage": task.stage.key if task.stage else None,
    }


def _partner(request: Request, partner_id: int) -> Partner:
    partner: Partner = get_object_or_404(queries.partner_list(request.user), pk=partner_id)
    return partner


def _find(request: Request, certification_id: int) -> Certification:
    rows = learning.certifications(request.user, today())
    row: Certification = get_object_or_404(rows, pk=certification_id)
    return row


# ── Certificates ─────────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/certificates", response=Page[CertificateOut], auth=READS)
def list_certificates(request: Request) -> Any:
    """What one can be certified in, in order."""
    return everything(Certificate.objects.all(), _certificate_out)


def _certificate_out(row: Certificate) -> dict[str, Any]:
    return {"key": row.key, "name": row.name, "order": row.order, "months_valid": row.months_valid}


@router.post("/certificates", response={201: CertificateOut}, auth=SETS)
def create_certificate(request: Request, body: CertificateIn) -> Any:
    """Adds a certificate at the end of the list; its key is made of its name."""
    kept = [Entry(row.pk, row.name, {"months_valid": row.months_valid}) for row in Certificate.objects.all()]
    new = Entry(None, body.name, {"months_valid": body.months_valid})
    with refusing({"new": "name"}):
        catalogue.save_list(by=request.user, name="certificates", entries=[*kept, new])
    return Status(201, _certificate_out(Certificate.objects.get(name=body.name)))


# ── Certifications ───────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/certifications", response=Page[CertificationOut], auth=READS)
def list_certifications(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[CertificationQuery, Query()],
    sort: Literal["id", "-id", "earned_on", "-earned_on", "expires_on", "-expires_on"] = "id",
) -> Any:
    """The certifications one may see; those that never expire sort last. A partner's user sees its own partner's."""
    user = request.user
    rows = learning.certifications(user, today())
    if user.is_partner_side:
        return page(request, response, rows, certification_out, paging=paging, sort=sort, by=SORTS, known=("sort",))
    chosen = CertificationFilter(request.GET, user=user)
    check_filter(request, chosen, "cursor", "limit", "sort")
    rows = chosen.narrow(rows)
    return page(request, response, rows, certification_out, paging=paging, sort=sort, by=SORTS, known=None)


@router.get("/partners/{int:partner_id}/certifications", response=Page[CertificationOut], auth=READS)
def list_partner_certifications(
    request: Request, response: HttpResponse, partner_id: int, paging: Annotated[Paging, Query()]
) -> Any:
    """What a partner and its people are certified in."""
    rows = learning.certifications(request.user, today()).filter(partner=_partner(request, partner_id))
    return page(request, response, rows, certification_out, paging=paging)


@router.post("/partners/{int:partner_id}/certifications", response={201: CertificationOut}, auth=WRITES)
def create_certification(request: Request, response: HttpResponse, partner_id: int, body: CertificationIn) -> Any:
    """Adds a certification of one of a partner's people, or of the partner itself."""
    partner = _partner(request, partner_id)
    values = _values(body, partner)
    if body.person is not None and values.get("contact") is not None:
        raise invalid([field_error("person", _("Choose a person or name a new one, not both."))])
    if "person" in values:
        values["person"] = body.person.model_dump() if body.person is not None else None
    with refusing():
        row = actions.add_certification(by=request.user, partner=partner, **values)
    response["Location"] = request.build_absolute_uri(f"/api/v1/certifications/{row.pk}")
    return Status(201, certification_out(_find(request, row.pk)))


@router.get("/certifications/{int:certification_id}", response=CertificationOut, auth=READS)
def get_certification(request: Request, certification_id: int) -> Any:
    """One certification."""
    return certification_out(_find(request, certification_id))


@router.patch("/certifications/{int:certification_id}", response=CertificationOut, auth=WRITES)
def update_certification(request: Request, certification_id: int, body: CertificationPatch) -> Any:
    """Changes the fields sent."""
    row = _find(request, certification_id)
    with refusing():
        actions.update_certification(by=request.user, certification=row, changes=_values(body, row.partner))
    return certification_out(_find(request, certification_id))


@router.delete("/certifications/{int:certification_id}", response={204: None}, auth=WRITES)
def delete_certification(request: Request, certification_id: int) -> Any:
    """Removes a certification. One that has expired can stay: it counts no longer by itself."""
    actions.remove_certification(by=request.user, certification=_find(request, certification_id))
    return Status(204, None)


def _values(body: CertificationPatch, partner: Partner) -> dict[str, Any]:
    sent = given(body)
    if "earned_on" in sent and sent["earned_on"] is None:
        raise invalid([field_error("earned_on", _("This can't be empty."))])
    if sent.get("contact") is not None:
        people = Contact.objects.unscoped("of a partner found before").filter(partner=partner)
        sent["contact"] = one_of(people, "contact", pk=sent["contact"])
    if "certificate" in sent:
        sent["certificate"] = one_of(Certificate.objects.all(), "certificate", key=sent["certificate"])
    if "external_id" in sent:
        sent["external_id"] = sent["external_id"] or None
    return sent


# ── Required tasks ───────────────────────────────────────────────────────────────────────────────────────────────────


@router.get("/required-tasks", response=Page[TaskOut], auth=READS)
def list_required_tasks(request: Request) -> Any:
    """The tasks required of partners by tier and life stage, in order."""
    return everything(Task.objects.select_related("tier", "stage"), _task_out)


@router.post("/required-tasks", response={201: TaskOut}, auth=SETS)
def create_required_task(request: Request, body: TaskIn) -> Any:
    """Adds a task at the end of the list; its key is made of its name."""
    with refusing():
        task = actions.save_task(by=request.user, task=None, **_task_values(body))
    return Status(201, _task_out(task))


@router.patch("/required-tasks/{key}", response=TaskOut, auth=SETS)
def update_required_task(request: Request, key: str, body: TaskPatch) -> Any:
    """Changes the fields sent."""
    task = get_object_or_404(Task, key=key)
    with refusing():
        task = actions.save_task(by=request.user, task=task, **_task_values(body))
    return _task_out(task)


@router.delete("/required-tasks/{key}", response={204: None}, auth=SETS)
def delete_required_task(request: Request, key: str) -> Any:
    """Removes a task that no partner has done yet."""
    with refusing():
        actions.remove_task(by=request.user, task=get_object_or_404(Task, key=key))
    return Status(204, None)


def _task_values(body: TaskPatch) -> dict[str, Any]:
    sent = given(body)
    models: dict[str, Any] = {"tier": Tier, "stage": LifeStage}
    for name, model in models.items():
        if sent.get(name) is not None:
            sent[name] = one_of(model.objects.all(), name, key=sent[name])
    return sent


@router.get("/partners/{int:partner_id}/tasks", response=Page[ChecklistOut], auth=READS)
def list_partner_tasks(request: Request, partner_id: int) -> Any:
    """The tasks required of a partner by its tier and life stage, then others it has done."""
    partner = _partner(request, partner_id)
    return everything(
        learning.checklist(partner, request.user).lines,
        lambda line: {
            "key": line.task.key,
            "name": line.task.name,
            "detail": line.task.detail,
            "required": line.required,
            "done": line.done is not None,
            "done_on": date(line.done.on) if line.done else None,
            "who": line.done.who if line.done else "",
            "note": line.done.note if line.done else "",
        },
    )


@router.put("/partners/{int:partner_id}/tasks/{key}", response=Page[ChecklistOut], auth=WRITES)
def do_partner_task(request: Request, partner_id: int, key: str, body: DoneIn) -> Any:
    """A task is done; done already, it stays as it was said to be. Answers with all of the partner's tasks."""
    partner, task = _partner(request, partner_id), get_object_or_404(Task, key=key)
    with refusing():
        actions.do_task(by=request.user, partner=partner, task=task, on=body.on, who=body.who, note=body.note)
    return list_partner_tasks(request, partner_id)


@router.delete("/partners/{int:partner_id}/tasks/{key}", response={204: None}, auth=WRITES)
def undo_partner_task(request: Request, partner_id: int, key: str) -> Any:
    """A task is to be done again."""
    partner, task = _partner(request, partner_id), get_object_or_404(Task, key=key)
    actions.undo_task(by=request.user, partner=partner, task=task)
    return Status(204, None)
