"""Reads of requests; all start at what the user may see."""

from __future__ import annotations

from django.db.models import Prefetch, QuerySet

from accounts.models import User
from accounts.permissions import Permission
from marketing import queries as marketing
from mdf.models import ApprovalStep, Claim, Delegation, Happening, Line, Request


def requests(user: User) -> QuerySet[Request]:
    """The requests this user sees, with what a row of a list shows."""
    rows: QuerySet[Request] = Request.objects.visible_to(user)
    return rows.select_related("partner", "plan", "fund", "account", "submitted_by", "decided_by")


def with_lines(rows: QuerySet[Request], user: User) -> QuerySet[Request]:
    """The same with `lines` prefetched, each with its activity and tactic."""
    lines = (
        Line.objects.visible_to(user).select_related("activity__tactic", "activity__plan").order_by("position", "pk")
    )
    return rows.prefetch_related(Prefetch("lines", lines))


def steps(of: Request | Claim, user: User) -> QuerySet[ApprovalStep]:
    """All rounds, the first first, as far as the user may see it."""
    rows = ApprovalStep.objects.visible_to(user)
    rows = rows.filter(claim=of) if isinstance(of, Claim) else rows.filter(request=of)
    return rows.select_related("decided_by", "in_place_of").order_by("round", "position")


def history(of: Request | Claim, user: User) -> QuerySet[Happening]:
    """What happened to it, the first first, as far as the user may know."""
    rows = Happening.objects.visible_to(user)
    rows = rows.filter(claim=of) if isinstance(of, Claim) else rows.filter(request=of)
    return rows.select_related("by").order_by("at", "pk")


def may_recall(user: User, request: Request) -> bool:
    return request.state == Request.State.SUBMITTED and marketing.may_build(user, request.partner)


def may_close(user: User) -> bool:
    """Whether this user ends approved requests, which releases what they still hold."""
    return user.can(Permission.EDIT_FUNDS) or user.can(Permission.DECIDE_MDF)


def delegations(user: User) -> QuerySet[Delegation]:
    """The user's own, and those to the user; an admin's are everybody's."""
    rows = Delegation.objects.select_related("person", "delegate")
    if user.can(Permission.EDIT_SETTINGS):
        return rows.all()
    return rows.filter(person=user) | rows.filter(delegate=user)
