"""Asking for signatures, and signing."""

from typing import Any

from ninja import Router
from pydantic import Field

from accounts.models import User
from partners.api.common import one_of
from partners.models import Contact
from planning import actions, queries
from planning.api.common import WRITES, WRITES_VENDOR, find, refusing
from planning.api.plans import PlanDetails, PlanOut, details_out, plan_out
from prm.api.auth import Request
from prm.api.problems import field_error, invalid
from prm.api.schemas import Id, In

router = Router(tags=["Business plans"])


class AskIn(In):
    """`vendor_signer` and `partner_signer` are users; `partner_contact` instead of the latter is a contact with an address, who
    is invited as the partner's executive."""

    vendor_signer: Id
    partner_signer: Id | None = None
    partner_contact: Id | None = None


class SignIn(In):
    """`name` as it shall stand under the plan, `content_hash` that of the plan as one saw it."""

    name: str = Field(min_length=1, max_length=150)
    content_hash: str = Field(min_length=64, max_length=64)


@router.post("/plans/{int:plan_id}/ask", response=PlanOut, auth=WRITES_VENDOR, exclude_unset=True)
def ask_to_sign_business_plan(request: Request, plan_id: int, body: AskIn) -> Any:
    """Asks one person of each side to sign, and shares the plan with the partner: each gets a link by mail.

    409 `not-ready` says why the plan can't be committed yet: nothing is sold in it, its currency has no rate.
    """
    plan = find(request, plan_id)
    vendor_signer = one_of(User.objects.filter(is_active=True), "vendor_signer", pk=body.vendor_signer)
    with refusing():
        actions.ask(
            plan=plan, by=request.user, vendor_signer=vendor_signer, partner_signer=_signer(request, plan, body)
        )
    return plan_out(find(request, plan_id), request.user)


def _signer(request: Request, plan: Any, body: AskIn) -> User | Contact:
    if (body.partner_signer is None) == (body.partner_contact is None):
        raise invalid([field_error("partner_signer", "Send either partner_signer or partner_contact.")])
    if body.partner_contact is not None:
        contacts = Contact.objects.visible_to(request.user).filter(partner=plan.partner_id)
        return one_of(contacts, "partner_contact", pk=body.partner_contact)
    signers = User.objects.filter(pk__in=[user.pk for user in queries.partner_signers(plan.partner)])
    return one_of(signers, "partner_signer", pk=body.partner_signer)


@router.post("/plans/{int:plan_id}/sign", response=PlanDetails, auth=WRITES, exclude_unset=True, by_alias=True)
def sign_business_plan(request: Request, plan_id: int, body: SignIn) -> Any:
    """The signature of the token's user, where that person was asked; with the other side's it commits the plan.

    409 `changed-meanwhile` where the plan is no longer the one of `content_hash`, `closed` once it is signed; 403 for others.
    """
    plan, user = find(request, plan_id), request.user
    with refusing():
        actions.sign(plan=plan, side=queries.side_of(user), by=user, name=body.name, content_hash=body.content_hash)
    return details_out(find(request, plan_id), user)
