"""What is asked of a partner about MDF, for its home page: each with the one page where it is done."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from mdf import showing
from mdf.models import Claim, Request
from mdf.queries.claims import claimable
from prm.common.vendor import today


@dataclass(frozen=True)
class Ask:
    text: str
    note: str
    url: str


def asked_of(user: User) -> list[Ask]:
    """Plans to change, claims to complete, and what of an activity that is over can be claimed, what ends first on top."""
    if not user.can(Permission.MARKET):
        return []
    return [*_returned_requests(user), *_returned_claims(user), *_to_claim(user)]


def _returned_requests(user: User) -> list[Ask]:
    rows = Request.objects.visible_to(user).filter(state=Request.State.RETURNED).select_related("plan").order_by("pk")
    return [
        Ask(
            _("Change your marketing plan and submit it again: %(what)s") % {"what": row.plan.title}, row.reason,
            reverse("marketing:portal_plan", args=[row.plan_id]),
        )
        for row in rows
    ]  # fmt: skip


def _returned_claims(user: User) -> list[Ask]:
    rows = Claim.objects.visible_to(user).filter(state=Claim.State.RETURNED).select_related("line__activity").order_by("pk")
    return [
        Ask(
            _("Complete your claim: %(what)s") % {"what": row.line.activity.title}, row.reason,
            reverse("mdf:portal_claim_line", args=[row.line_id]),
        )
        for row in rows
    ]  # fmt: skip


def _to_claim(user: User) -> list[Ask]:
    day = today()
    under_way = Claim.objects.visible_to(user).filter(~Q(state__in=[Claim.State.DRAFT, Claim.State.REJECTED])).order_by()
    rows = claimable(user, day).filter(activity__ends_on__lt=day).exclude(pk__in=under_way.values("line"))
    return [
        Ask(
            _("Upload the invoices: %(what)s") % {"what": row.activity.title},
            _("%(amount)s to claim, %(left)s")
            % {"amount": showing.money(row.left, row.request.currency), "left": showing.days_left(row.claim_until, day)},
            reverse("mdf:portal_claim_line", args=[row.pk]),
        )
        for row in rows
        if row.claim_until is not None
    ]  # fmt: skip
