"""The pages of a plan that both sides have: the same pages, at each side's addresses, for other people."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.permissions import Permission
from planning import queries, reading
from planning.document import Plan
from planning.models import BusinessPlan
from planning.models import Side as Whose
from planning.outcome import Outcome, outcome
from prm.common.vendor import today


@dataclass(frozen=True)
class Side:
    """Which of the two sites: the names of its addresses begin with `prefix`; `builds` is who works on plans there."""

    prefix: str
    builds: Permission
    whose: Whose

    def url(self, name: str, *args: object) -> str:
        return reverse(f"planning:{self.prefix}{name}", args=args)


VENDOR = Side("", Permission.EDIT_PLANS, Whose.VENDOR)
PORTAL = Side("portal_", Permission.PLAN_BUSINESS, Whose.PARTNER)


def find(request: HttpRequest, pk: int) -> BusinessPlan:
    """The plan, if this person may see it; else 404, as for one that isn't there."""
    rows = queries.with_signing(queries.plans(request.user), request.user)
    found: BusinessPlan = get_object_or_404(rows.select_related("follows"), pk=pk)
    return found


def crumbs(request: HttpRequest, side: Side, plan: BusinessPlan, *, inside: bool = False) -> list[tuple[str, str]]:
    """Where the page belongs; `inside`: below the plan's own page. Nothing for who came by a link: it leads here only."""
    if hasattr(request, "signed_link"):
        return []
    if side is VENDOR:
        found = [(_("Plans"), side.url("list")), (plan.partner.name, side.url("partner", plan.partner_id))]
    else:
        found = [(_("Plan"), side.url("home"))]
    return [*found, (name_of(plan), side.url("plan", plan.pk))] if inside else found


def name_of(plan: BusinessPlan) -> str:
    return _("Version %(number)s") % {"number": plan.number}


def sees_vendor_view(request: HttpRequest) -> bool:
    """What the vendor keeps is for those who do the vendor's own work with plans: no partner's side, no distributor."""
    return bool(request.user.can(Permission.SEE_PLANS))


def outcome_of(request: HttpRequest, plan: BusinessPlan, read: Plan | None = None) -> Outcome:
    """What a plan comes to for this person: as it is stored, or as `read`."""
    return outcome(
        read or reading.read(plan),
        chosen=plan.scenario,
        first_month=plan.first_month,
        currency=plan.currency,
        as_of=today(),
        for_vendor=sees_vendor_view(request),
    )
