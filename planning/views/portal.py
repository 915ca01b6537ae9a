"""The partner's own page of its plan."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import portal
from accounts.permissions import Permission as P
from partners import hub
from planning import queries
from planning.actions import drafting
from planning.models import BusinessPlan
from planning.refusals import Closed, NotAllowed
from planning.signature_state import states
from planning.views.sides import PORTAL, outcome_of


@portal(P.PORTAL)
def home(request: HttpRequest) -> HttpResponse:
    """The partner's plan: what is in force, what it works on with the vendor, and earlier versions."""
    partner = hub.find(request)
    history = list(queries.with_signing(queries.history(request.user, partner), request.user))
    in_force = next((each for each in history if each.status == BusinessPlan.Status.COMMITTED), None)
    draft = next((each for each in history if each.status == BusinessPlan.Status.DRAFT), None)
    signers = states(draft) if draft else []
    context = {
        "partner": partner,
        "history": history,
        "in_force": in_force,
        "outcome": outcome_of(request, in_force) if in_force else None,
        "draft": draft,
        "draft_outcome": outcome_of(request, draft) if draft else None,
        "signers": signers,
        "to_sign": any(one.user_id == request.user.pk and not one.signature for one in signers),
        "waits": None,
        "may_build": request.user.can(P.PLAN_BUSINESS),
        "start_url": reverse("planning:portal_start"),
        "side": PORTAL,
    }
    return render(request, "planning/portal.html", context)


@portal(P.PLAN_BUSINESS)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Opens the draft both sides work on, or begins one."""
    try:
        plan = drafting.start(partner=hub.find(request), by=request.user)
    except (Closed, NotAllowed) as refused:
        messages.info(request, str(refused))
        return redirect("planning:portal_home")
    return redirect("planning:portal_step", plan.pk, "goals")
