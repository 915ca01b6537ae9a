"""Reviews: begun, chosen for, built, read, held, shared."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from django.db.models import F
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Query, Router, Status
from pydantic import Field

from accounts.models import User
from partners.api.common import PartnerQuery, check_filter, one_of
from partners.api.common import find as find_partner
from partners.filters import PartnerFilter
from partners.models import Contact, Partner
from prm.api.auth import Request
from prm.api.paging import Paging, everything, page
from prm.api.schemas import Id, In, Out, Page, Patch, given, instant
from prm.common import uploads
from qbr import actions, queries, reading
from qbr.api.common import (
    READS,
    VENDOR_READS,
    WRITES,
    BuildOut,
    CommitmentOut,
    Quarter,
    SideName,
    State,
    build_out,
    commitment_out,
    day,
    find,
    find_version,
    owner_of,
    refusing,
)
from qbr.models import Qbr, Version
from qbr.naming import file_name

router = Router(tags=["QBRs"])
SORTS = {"starts_on": F("starts_on"), "updated_at": F("updated_at"), "partner": F("partner__name")}
Sort = Literal["id", "-id", "starts_on", "-starts_on", "updated_at", "-updated_at", "partner", "-partner"]
Kind = Literal["partner", "vendor"]
TYPES = {
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "pdf": "application/pdf",
}
Line = Annotated[str, Field(max_length=1000)]


class QbrOut(Out):
    """The review of a partner's fiscal quarter. `newest`: the number of the newest version one may see."""

    id: int
    partner: int
    partner_name: str
    quarter: str
    starts_on: str
    ends_on: str
    state: State
    newest: int | None
    held_on: str | None
    shared_at: str | None
    created_at: str
    updated_at: str


class AttendeeOut(Out):
    side: SideName
    name: str
    user: int | None
    contact: int | None


class VersionOut(Out):
    """A snapshot: `kind` `partner` holds what the partner may see, `vendor` what its builder may, and is that person's alone."""

    id: int
    number: int
    kind: Kind
    slides: int
    as_of: str
    shared: bool
    built_by: str | None
    built_at: str


class QbrDetails(QbrOut):
    """With what people chose (the vendor's side only): what isn't there is proposed. `build`: the latest one."""

    attendees: list[AttendeeOut]
    commitments: list[CommitmentOut]
    versions: list[VersionOut]
    revision: int | None = None
    order: list[str] | None = None
    switched: dict[str, bool] | None = None
    commentary: dict[str, list[str]] | None = None
    chosen: dict[str, list[Any]] | None = None
    build: BuildOut | None = None


class QbrIn(In):
    """`quarter`: the last that is over where left out. One there is already is given, with 200."""

    quarter: Quarter | None = None


class ChosenIn(In):
    """What the slides show: null goes back to what is proposed. `wins` and `concerns` are sentences, the others ids."""

    wins: list[Line] | None = None
    concerns: list[Line] | None = None
    deals: list[Id] | None = None
    actions: list[Id] | None = None


class QbrPatch(Patch):
    """What isn't sent stays. `order`: keys of slides, empty for the usual one; `switched`: key to on or off, null for the usual; `commentary`: key to
    lines, null for those proposed. With `revision` only while nobody else has changed it (else 412)."""

    order: list[str] = Field([], max_length=40)
    switched: dict[str, bool | None] = Field({}, max_length=40)
    commentary: dict[str, list[Line] | None] = Field({}, max_length=40)
    chosen: ChosenIn = ChosenIn()
    revision: int | None = Field(None, ge=0)


class SlideOut(Out):
    """A slide of the draft as it stands: `on` says whether it goes into the file, `missing` why it has nothing to show."""

    key: str
    title: str
    as_of: str
    on: bool
    edited: bool
    missing: str
    commentary: list[str]
    proposed: list[str]
    notes: list[str]


class BuildIn(In):
    kind: Kind = "partner"


class PersonIn(In):
    """Somebody who was there: a `user`, a `contact` of the partner, or a `name` alone."""

    side: SideName
    user: Id | None = None
    contact: Id | None = None
    name: str = Field("", max_length=150)


class HeldIn(In):
    held_on: dt.date
    people: list[PersonIn] = Field(max_length=50)


class ShareIn(In):
    """`version`: its id, the newest for the partner where left out; `to`: users of the partner who get a mail with a link."""

    version: Id | None = None
    to: list[Id] = Field([], max_length=50)
    message: str = Field("", max_length=2000)


class QbrQuery(PartnerQuery):
    partner: Id | None = None
    state: list[State] = []
    quarter: Quarter | None = None


def qbr_out(row: Qbr) -> dict[str, Any]:
    """Of one out of `queries.qbrs`."""
    return {
        "id": row.pk,
        "partner": row.partner_id,
        "partner_name": row.partner.name,
        "quarter": row.quarter,
        "starts_on": day(row.starts_on),
        "ends_on": day(row.ends_on),
        "state": str(row.state),
        "newest": row.newest,  # type: ignore[attr-defined]
        "held_on": day(row.held_on),
        "shared_at": instant(row.shared_at),
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at),
    }


def version_out(row: Version) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "kind": str(row.kind),
        "slides": row.slides,
        "as_of": day(row.as_of),
        "shared": row.shared,
        "built_by": row.built_by.display_name if row.built_by else None,
        "built_at": instant(row.built_at),
    }


def details_out(row: Qbr, user: User) -> dict[str, Any]:
    people = queries.attendees(user, row)
    data = {
        **qbr_out(row),
        "attendees": [
            {"side": str(one.side), "name": one.name, "user": one.user_id, "contact": one.contact_id} for one in people
        ],
        "commitments": [commitment_out(each) for each in queries.commitments(user, row)],
        "versions": [version_out(each) for each in queries.versions(user, row)],
    }
    if not user.is_partner_side:
        data |= {
            "revision": row.revision,
            "order": row.order,
            "switched": row.switched,
            "commentary": row.commentary,
            "chosen": row.chosen,
            "build": build_out(row.job) if row.job else None,
        }
    return data


@router.get("/qbrs", response=Page[QbrOut], auth=READS)
def list_qbrs(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    query: Annotated[QbrQuery, Query()],
    sort: Sort = "-id",
) -> Any:
    """The reviews open to one, by `partner`, `state`, `quarter` and the partner filter."""
    user = request.user
    chosen = PartnerFilter(request.GET, user=user)
    check_filter(request, chosen, "cursor", "limit", "sort", "partner", "state", "quarter")
    seen = chosen.narrow(Partner.objects.visible_to(user))
    rows = queries.qbrs(user).filter(partner__in=seen.order_by().values("pk"))
    if query.partner is not None:
        rows = rows.filter(partner=query.partner)
    if query.state:
        rows = rows.filter(state__in=query.state)
    if query.quarter is not None:
        rows = rows.filter(quarter=query.quarter)
    return page(request, response, rows, qbr_out, paging=paging, sort=sort, by=SORTS, known=None)


@router.post(
    "/partners/{int:partner_id}/qbrs", response={200: QbrDetails, 201: QbrDetails}, auth=WRITES, exclude_unset=True
)
def start_qbr(request: Request, response: HttpResponse, partner_id: int, body: QbrIn) -> Any:
    """Opens the partner's review of a quarter, or begins it."""
    partner = find_partner(request, partner_id)
    before = Qbr.objects.visible_to(request.user).filter(partner=partner).values_list("pk", flat=True)
    known = set(before)
    with refusing():
        qbr = actions.start(partner=partner, by=request.user, quarter=body.quarter)
    response["Location"] = request.build_absolute_uri(f"/api/v1/qbrs/{qbr.pk}")
    return Status(200 if qbr.pk in known else 201, details_out(find(request, qbr.pk), request.user))


@router.get("/qbrs/{int:qbr_id}", response=QbrDetails, auth=READS, exclude_unset=True)
def get_qbr(request: Request, qbr_id: int) -> Any:
    """One review with its versions, its build, who was there and what was agreed."""
    return details_out(find(request, qbr_id), request.user)


@router.patch("/qbrs/{int:qbr_id}", response=QbrDetails, auth=WRITES, exclude_unset=True)
def choose_for_qbr(request: Request, qbr_id: int, body: QbrPatch) -> Any:
    """Changes what the draft shows. Versions that are built stay as they are."""
    sent = given(body)
    if "chosen" in sent:
        sent["chosen"] = given(body.chosen)
    with refusing():
        actions.change(qbr=find(request, qbr_id), by=request.user, **sent)
    return details_out(find(request, qbr_id), request.user)


@router.get("/qbrs/{int:qbr_id}/slides", response=Page[SlideOut], auth=VENDOR_READS)
def list_qbr_slides(request: Request, qbr_id: int) -> Any:
    """The slides of the draft in their order, read afresh with the eyes of the partner's side."""
    draft = reading.draft(find(request, qbr_id), request.user)
    return everything(draft.lines, _slide_out)


def _slide_out(line: reading.Line) -> dict[str, Any]:
    return {
        "key": line.key,
        "title": line.slide.title,
        "as_of": day(line.slide.as_of),
        "on": line.on,
        "edited": line.edited,
        "missing": line.slide.missing,
        "commentary": list(line.slide.commentary),
        "proposed": list(line.proposed.commentary),
        "notes": list(line.slide.notes),
    }


@router.post("/qbrs/{int:qbr_id}/builds", response={202: BuildOut}, auth=WRITES)
def build_qbr(request: Request, qbr_id: int, body: BuildIn) -> Any:
    """Starts the next version in the background; `GET /jobs/{job}`, or the review's `build`, says how far it is."""
    with refusing():
        job = actions.build(qbr=find(request, qbr_id), by=request.user, kind=body.kind)
    return Status(202, build_out(job))


@router.get("/qbrs/versions/{int:qbr_version_id}/{ending}", auth=READS, response={200: bytes})
def get_qbr_file(request: Request, qbr_version_id: int, ending: Literal["pptx", "pdf"]) -> HttpResponseBase:
    """The file of a version, as a download."""
    version = find_version(request, qbr_version_id)
    try:
        return uploads.download(getattr(version, ending), name=file_name(version, ending), content_type=TYPES[ending])
    except FileNotFoundError:
        raise Http404 from None


@router.post("/qbrs/{int:qbr_id}/held", response=QbrDetails, auth=WRITES, exclude_unset=True)
def hold_qbr(request: Request, qbr_id: int, body: HeldIn) -> Any:
    """Says when it was held and who was there, of both sides. Its commitments become actions. 409 `closed` before it is built."""
    qbr = find(request, qbr_id)
    contacts = Contact.objects.visible_to(request.user).filter(partner=qbr.partner_id)
    people = [
        actions.Person(
            side=each.side,
            name=each.name,
            user=owner_of(qbr, each.user, "people"),
            contact=None if each.contact is None else one_of(contacts, "people", pk=each.contact),
        )
        for each in body.people
    ]
    with refusing():
        actions.hold(qbr=qbr, by=request.user, held_on=body.held_on, people=people)
    return details_out(find(request, qbr_id), request.user)


@router.post("/qbrs/{int:qbr_id}/share", response=QbrDetails, auth=WRITES, exclude_unset=True)
def share_qbr(request: Request, qbr_id: int, body: ShareIn) -> Any:
    """Shows a version to the partner in place of the one before. 409 `closed` before it was held."""
    qbr = find(request, qbr_id)
    versions = queries.versions(request.user, qbr)
    version = None if body.version is None else one_of(versions, "version", pk=body.version)
    known = {user.pk: user for user in queries.partner_people(qbr.partner)}
    with refusing():
        actions.share(qbr=qbr, by=request.user, version=version, to=_readers(body.to, known), message=body.message)
    return details_out(find(request, qbr_id), request.user)


def _readers(asked: list[int], known: dict[int, User]) -> list[User]:
    """The users asked for; one that isn't the partner's is refused as any other wrong choice."""
    return [known[pk] if pk in known else one_of(User.objects.none(), "to", pk=pk) for pk in asked]


@router.post("/qbrs/{int:qbr_id}/unshare", response=QbrDetails, auth=WRITES, exclude_unset=True)
def unshare_qbr(request: Request, qbr_id: int) -> Any:
    """Takes it out of the portal again. 409 `closed` where it isn't shared."""
    with refusing():
        actions.unshare(qbr=find(request, qbr_id), by=request.user)
    return details_out(find(request, qbr_id), request.user)
