"""Invitations: asking a partner's user to fill in a scorecard, and how that stands."""

import datetime as dt
from typing import Any

from ninja import Router, Status
from pydantic import Field

from partners.api.common import date, one_of
from partners.api.common import find as find_partner
from prm.api.auth import Allowed, Request
from prm.api.paging import everything
from prm.api.schemas import Id, In, Key, Out, Page, instant
from scorecards import actions, queries
from scorecards.api.common import READS, WRITES, refusing
from scorecards.invitations import Invitation, open_invitations
from scorecards.models import QuestionnaireVersion

router = Router(tags=["Assessments"])
READS_VENDOR = Allowed(READS.scope, vendor=READS.vendor)
WRITES_VENDOR = Allowed(WRITES.scope, vendor=WRITES.vendor)


class InvitationOut(Out):
    """`asked` is the partner's user; the link works until the end of `due_on`. `expired_at`: nobody submitted it in time."""

    partner: int
    questionnaire: str
    asked: int | None
    asked_name: str | None
    asked_at: str
    due_on: str | None
    reminded_at: str | None
    expired_at: str | None


class InvitationIn(In):
    """`questionnaire` is the key of one with a published version, `user` a user of the partner who may answer; without `due_on`
    it is due in two weeks."""

    questionnaire: Key
    user: Id
    due_on: dt.date | None = None
    message: str = Field("", max_length=1000)


def invitation_out(invitation: Invitation) -> dict[str, Any]:
    asked = invitation.asked
    return {
        "partner": invitation.partner,
        "questionnaire": invitation.questionnaire,
        "asked": asked and asked.pk,
        "asked_name": asked and asked.display_name,
        "asked_at": instant(invitation.asked_at),
        "due_on": date(invitation.due_on),
        "reminded_at": instant(invitation.reminded_at),
        "expired_at": instant(invitation.expired_at),
    }


@router.get("/partners/{int:partner_id}/invitations", response=Page[InvitationOut], auth=READS_VENDOR)
def list_invitations(request: Request, partner_id: int) -> Any:
    """The partner's invitations that aren't submitted yet, the latest first."""
    return everything(open_invitations(request.user, find_partner(request, partner_id)), invitation_out)


@router.post("/partners/{int:partner_id}/invitations", response={201: InvitationOut}, auth=WRITES_VENDOR)
def create_invitation(request: Request, partner_id: int, body: InvitationIn) -> Any:
    """Mails one of the partner's people a link to the scorecard. Asked again it goes on with the answers there are."""
    partner = find_partner(request, partner_id)
    published = QuestionnaireVersion.objects.filter(
        status="published", pk__in=[version.pk for version in queries.startable("self")]
    )
    version = one_of(published.select_related("questionnaire"), "questionnaire", questionnaire__key=body.questionnaire)
    user = one_of(queries.people_to_ask(partner), "user", pk=body.user)
    with refusing():
        actions.invite_partner_to_self_score(
            partner=partner, version=version, user=user, by=request.user, message=body.message, due_on=body.due_on
        )
    return Status(201, invitation_out(open_invitations(request.user, partner, version.questionnaire)[0]))
