"""People at the partners."""

from typing import Annotated, Any, Literal

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field

from partners import actions
from partners.api.common import READS, WRITES, find, refusing
from partners.models import Contact
from prm.api.auth import Request
from prm.api.paging import Paging, page
from prm.api.schemas import Id, Out, Page, Patch, given

router = Router(tags=["Contacts"])
Function = Literal["executive", "sales", "technical", "marketing", "operations", "other"]
FIELDS = ("name", "email", "phone", "title", "function", "is_primary", "external_id")


class ContactOut(Out):
    id: int
    partner: int
    name: str
    email: str
    phone: str
    title: str
    function: Function
    is_primary: bool
    external_id: str | None


class ContactPatch(Patch):
    """Fields not sent stay as they are. A new main contact takes the place of the one before."""

    name: str = Field("", min_length=1, max_length=150)
    email: str = Field("", max_length=254)
    phone: str = Field("", max_length=40)
    title: str = Field("", max_length=120)
    function: Function = "other"
    is_primary: bool = False
    external_id: str | None = Field(None, max_length=80)


class ContactIn(ContactPatch):
    name: str = Field(min_length=1, max_length=150)


def contact_out(contact: Contact) -> dict[str, Any]:
    return {"id": contact.pk, "partner": contact.partner_id, **{name: getattr(contact, name) for name in FIELDS}}


def _values(body: ContactPatch) -> dict[str, Any]:
    sent = given(body)
    if "external_id" in sent:
        sent["external_id"] = sent["external_id"] or None
    return sent


def _find(request: Request, contact_id: int) -> Contact:
    contact: Contact = get_object_or_404(Contact.objects.visible_to(request.user), pk=contact_id)
    return contact


@router.get("/contacts", response=Page[ContactOut], auth=READS)
def list_contacts(
    request: Request,
    response: HttpResponse,
    paging: Annotated[Paging, Query()],
    partner: Id | None = None,
    email: str = "",
) -> Any:
    """The contacts of all partners one may see, or of one of them, or by e-mail."""
    rows = Contact.objects.visible_to(request.user)
    if partner is not None:
        rows = rows.filter(partner=partner)
    if email:
        rows = rows.filter(email__iexact=email)
    return page(request, response, rows, contact_out, paging=paging, known=("partner", "email"))


@router.get("/partners/{int:partner_id}/contacts", response=Page[ContactOut], auth=READS)
def list_partner_contacts(
    request: Request, response: HttpResponse, partner_id: int, paging: Annotated[Paging, Query()]
) -> Any:
    """The contacts of a partner."""
    rows = Contact.objects.visible_to(request.user).filter(partner=find(request, partner_id))
    return page(request, response, rows, contact_out, paging=paging)


@router.post("/partners/{int:partner_id}/contacts", response={201: ContactOut}, auth=WRITES)
def create_contact(request: Request, response: HttpResponse, partner_id: int, body: ContactIn) -> Any:
    """Adds a contact to a partner."""
    partner = find(request, partner_id)
    with refusing():
        contact = actions.add_contact(by=request.user, partner=partner, **_values(body))
    response["Location"] = request.build_absolute_uri(f"/api/v1/contacts/{contact.pk}")
    return Status(201, contact_out(contact))


@router.get("/contacts/{int:contact_id}", response=ContactOut, auth=READS)
def get_contact(request: Request, contact_id: int) -> Any:
    """One contact."""
    return contact_out(_find(request, contact_id))


@router.patch("/contacts/{int:contact_id}", response=ContactOut, auth=WRITES)
def update_contact(request: Request, contact_id: int, body: ContactPatch) -> Any:
    """Changes the fields sent."""
    with refusing():
        contact = actions.update_contact(by=request.user, contact=_find(request, contact_id), changes=_values(body))
    return contact_out(contact)


@router.delete("/contacts/{int:contact_id}", response={204: None}, auth=WRITES)
def delete_contact(request: Request, contact_id: int) -> Any:
    """Removes a contact."""
    actions.remove_contact(by=request.user, contact=_find(request, contact_id))
    return Status(204, None)
