"""What is asked of a partner about MDF, for its home page: each with the one page where it is done."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from mdf import showing
from mdf.models import Claim, Request
from mdf.queries.claims import claimable
from prm.common.vendor import fiscal_calendar, today


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
    rows = (
        Claim.objects.visible_to(user)
        .filter(state=Claim.State.RETURNED)
        .select_related("line__activity")
        .order_by("pk")
    )
    return [
        Ask(
            _("Complete your claim: %(what)s") % {"what": row.line.activity.title}, row.reason,
            reverse("mdf:portal_claim_line", args=[row.line_id]),
        )
        for row in rows
    ]  # fmt: skip


def _to_claim(user: User) -> list[Ask]:
    day = today()
    under_way = (
        Claim.objects.visible_to(user).filter(~Q(state__in=[Claim.State.DRAFT, Claim.State.REJECTED])).order_by()
    )
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


def money(user: User) -> list[tuple[str, str, str]]:
    """(what, how much, a word on it) of the partner's money: to be claimed, on its way, paid in this fiscal year. None without any."""
    day = today()
    year = fiscal_calendar().year_of(day)
    open_lines = claimable(user, day)
    claims = Claim.objects.visible_to(user).select_related("request")
    waiting = claims.filter(state__in=[*Claim.REVIEWED, Claim.State.APPROVED])
    paid = claims.filter(state=Claim.State.PAID, paid_on__range=(year.start, year.end))
    first = next((line.claim_until for line in open_lines if line.claim_until), None)
    found = [
        (_("To be claimed"), [(line.left, line.request.currency) for line in open_lines], _("first by %(day)s") % {"day": showing.day(first)} if first else ""),
        (_("On its way"), [(row.approved or row.claimed, row.request.currency) for row in waiting], _("claimed or approved, not paid yet")),
        (_("Paid"), [(row.approved, row.request.currency) for row in paid], year.label),
    ]  # fmt: skip
    return (
        [(label, _sums(amounts), note) for label, amounts, note in found]
        if any(amounts for _l, amounts, _n in found)
        else []
    )


def _sums(amounts: list[tuple[Decimal | None, str]]) -> str:
    """A sum for each currency."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for amount, currency in amounts:
        sums[currency] += amount or Decimal(0)
    return ", ".join(showing.money(total, currency) for currency, total in sorted(sums.items())) or "–"
