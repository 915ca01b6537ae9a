"""The mailed link by which a partner's person registers deals without signing in."""

from typing import Any

from django.utils.translation import gettext as _
from ninja import Router, Status
from pydantic import Field

from accounts.permissions import Permission as P
from accounts.tokens import Scope
from dealdesk import inviting
from dealdesk.api.common import refusing
from partners.api.common import find
from prm.api.auth import Allowed, Request
from prm.api.problems import field_error, invalid
from prm.api.schemas import Id, In, Out

router = Router(tags=["Deal registrations"])
INVITES = Allowed(Scope.SALES_WRITE, vendor=P.REGISTER_FOR_PARTNERS)


class RegistrationInvitationIn(In):
    """To a `user` of the partner who sells, or to a `contact` with an address, who becomes one by it. `message`: words of your own."""

    user: Id | None = None
    contact: Id | None = None
    message: str = Field("", max_length=1000)


class RegistrationInvitationOut(Out):
    """Who gets the link."""

    user: int


@router.post(
    "/partners/{int:partner_id}/registration-invitations", response={201: RegistrationInvitationOut}, auth=INVITES
)
def invite_to_register(request: Request, partner_id: int, body: RegistrationInvitationIn) -> Any:
    """Mails the link. It works for each deal the person finds."""
    partner, by = find(request, partner_id), request.user
    if (body.user is None) == (body.contact is None):
        raise invalid([field_error("user", _("Name a user or a contact."))])
    name = "user" if body.contact is None else "contact"
    known: dict[str, Any] = inviting.people(partner) if name == "user" else inviting.contacts(partner, by)
    whom = known.get(f"{name}-{body.user if name == 'user' else body.contact}")
    if whom is None:
        raise invalid([field_error(name, _("There is none such that you can use here."))])
    with refusing():
        user = inviting.invite(by=by, partner=partner, whom=whom, message=body.message)
    return Status(201, {"user": user.pk})
