"""A partner's program level: what it is assigned and qualifies for, what is missing, the cheapest path, how it got there."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import portal, vendor
from accounts.permissions import Permission as P
from partners import hub
from partners.models import Partner
from prm.common.vendor import today
from scorecards.models import TierEvaluation
from scorecards.tiers import forms, overrides
from scorecards.tiers.showing import Shown
from scorecards.tiers.standing import standing


def own_partner(request: HttpRequest) -> Partner:
    return get_object_or_404(Partner.objects.visible_to(request.user).select_related("tier", "partner_type"))


def level(request: HttpRequest, partner: Partner) -> dict[str, Any]:
    """What both sides' pages show."""
    day = today()
    found = standing(partner, day)
    rows = TierEvaluation.objects.visible_to(request.user).filter(partner=partner)
    past = list(overrides.of_partner(request.user, partner))
    held = next((row for row in past if row.ended_at is None and row.starts_on <= day <= row.ends_on), None)
    return {
        "partner": partner,
        "shown": Shown(found, request.user) if found else None,
        "history": rows.select_related("assigned", "qualified").order_by("-first_on")[:24],
        "override": held,
        "appealed": held is not None and hasattr(held, "appeal"),
        "overrides": [(row, getattr(row, "appeal", None)) for row in past],
    }


def page(request: HttpRequest, partner: Partner, status: int = 200, **given: Any) -> HttpResponse:
    """The vendor's page of a partner; `given` forms hold what was refused."""
    context = level(request, partner)
    shown, override = context["shown"], context["override"]
    qualified = shown.standing.qualified if shown else None
    user = request.user
    context |= {
        "may_override": user.can(P.OVERRIDE_TIERS),
        "may_assign": user.can(P.ASSIGN_PARTNERS) and qualified is not None and qualified != partner.tier,
        "may_decide": user.can(P.DECIDE_APPEALS),
        "override_form": forms.OverrideForm(initial={"tier": partner.tier}, auto_id="override_%s"),
        "assign_form": forms.AssignForm(initial={"tier": qualified}, auto_id="assign_%s"),
        "end_form": forms.EndForm(initial={"tier": qualified}, auto_id="end_%s"),
        "decision_form": forms.DecisionForm(initial={"tier": qualified}, auto_id="decide_%s"),
        "waiting": next((row for row, appeal in context["overrides"] if appeal and appeal.decision == "open"), None),
        "override": override,
        **given,
    }
    return hub.page(request, partner, "level", "scorecards/tiers_partner.html", context, status)


@vendor(P.SEE_PERFORMANCE)
def partner(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, hub.find(request, pk))


@vendor(P.SEE_PERFORMANCE)
def explain(request: HttpRequest, pk: int, tier: str, key: str) -> HttpResponse:
    """How a requirement's outcome came about."""
    found = hub.find(request, pk)
    trail = [(found.name, found.get_absolute_url()), (_("Program level"), reverse("tiers:partner", args=[pk]))]
    return _explained(request, found, tier, key, trail)


def portal_page(request: HttpRequest, found: Partner, status: int = 200, **given: Any) -> HttpResponse:
    context = {**level(request, found), "appeal_form": forms.AppealForm(), **given}
    return render(request, "scorecards/tiers_portal.html", context, status=status)


@portal(P.PORTAL)
def portal_level(request: HttpRequest) -> HttpResponse:
    return portal_page(request, own_partner(request))


@portal(P.PORTAL)
def portal_explain(request: HttpRequest, tier: str, key: str) -> HttpResponse:
    trail = [(_("Program level"), reverse("tiers:portal"))]
    return _explained(request, own_partner(request), tier, key, trail)


def _explained(request: HttpRequest, found: Partner, tier: str, key: str, trail: list[tuple[str, str]]) -> HttpResponse:
    now = standing(found, today())
    shown = Shown(now, request.user) if now else None
    outcome = shown.find(tier, key) if shown else None
    if shown is None or outcome is None:
        raise Http404
    context = {"explanation": shown.explain(outcome), "outcome": outcome, "crumbs": trail, "lead": found.name}
    return render(request, "scorecards/tiers_explain.html", context)
