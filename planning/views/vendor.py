"""The vendor's own pages of plans: all of them, and one partner's."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from partners import hub
from planning import queries
from planning.actions import drafting
from planning.models import BusinessPlan
from planning.refusals import Closed, NotAllowed
from planning.signature_state import states, waits_since
from planning.tables import plan_listing
from planning.views.sides import VENDOR, outcome_of
from prm.common import lists
from prm.common.vendor import today


@vendor(P.SEE_SHARED_PLANS)
def plans(request: HttpRequest) -> HttpResponse:
    """The plans this person sees, by what is to be done with them."""
    listing = plan_listing(request.user, request.GET)
    context = {"listing": listing, "filter": listing.filter, "may_build": request.user.can(P.EDIT_PLANS)}
    return render(request, "planning/list.html", context)


@vendor(P.SEE_SHARED_PLANS)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "plans", kind)


@vendor(P.SEE_SHARED_PLANS)
def partner(request: HttpRequest, pk: int) -> HttpResponse:
    """A partner's plan: what is in force, the draft, earlier versions. The tab Plan of the partner page."""
    found = hub.find(request, pk)
    history = list(queries.with_signing(queries.history(request.user, found), request.user))
    in_force = next((each for each in history if each.status == BusinessPlan.Status.COMMITTED), None)
    draft = next((each for each in history if each.status == BusinessPlan.Status.DRAFT), None)
    context = {
        "history": history,
        "in_force": in_force,
        "outcome": outcome_of(request, in_force) if in_force else None,
        "draft": draft,
        "draft_outcome": outcome_of(request, draft) if draft else None,
        "signers": states(draft) if draft else [],
        "waits": (today() - since).days if draft and (since := waits_since(draft)) else None,
        "may_build": request.user.can(P.EDIT_PLANS),
        "to_sign": bool(draft) and any(one.user_id == request.user.pk and not one.signature for one in states(draft)),
        "start_url": reverse("planning:start", args=[pk]),
        "side": VENDOR,
    }
    return hub.page(request, found, "plan", "planning/partner.html", context)


@vendor(P.EDIT_PLANS)
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Opens the partner's draft, or a new one that is filled in."""
    try:
        plan = drafting.start(partner=hub.find(request, pk), by=request.user)
    except (Closed, NotAllowed) as refused:
        messages.info(request, str(refused))
        return redirect("planning:partner", pk)
    return redirect("planning:step", plan.pk, "goals")
