"""Overrides of tiers, appeals and their answers; and assigning the tier a partner qualifies for."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import portal, vendor
from accounts.permissions import Permission as P
from partners import actions as partner_actions
from partners import hub
from partners.models import Partner
from prm.common.saving import saved
from scorecards.models import TierAppeal, TierOverride
from scorecards.tiers import forms, overrides
from scorecards.views.tiers import own_partner, page, portal_page


@vendor(P.OVERRIDE_TIERS)
@require_POST
def override(request: HttpRequest, pk: int) -> HttpResponse:
    """Holds the partner at a tier for a time and a reason."""
    found = hub.find(request, pk)
    form = forms.OverrideForm(request.POST, auto_id="override_%s")
    if form.is_valid() and saved(form, overrides.set_override, by=request.user, partner=found, **form.cleaned_data):
        messages.success(request, _("The tier is set, and the partner is told."))
        return redirect("tiers:partner", pk)
    return page(request, found, 422, override_form=form)


@vendor(P.ASSIGN_PARTNERS)
@require_POST
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Assigns a tier, as on the partner's own page, from where the partner qualifies for it."""
    found = hub.find(request, pk)
    form = forms.AssignForm(request.POST, auto_id="assign_%s")
    if not form.is_valid():
        return page(request, found, 422, assign_form=form)
    one = Partner.objects.visible_to(request.user).filter(pk=pk)
    tier, reason = form.cleaned_data["tier"], form.cleaned_data["reason"]
    partner_actions.move_partners(by=request.user, partners=one, what="tier", value=tier, reason=reason)
    messages.success(request, _("%(partner)s is %(tier)s now.") % {"partner": found.name, "tier": tier.name})
    return redirect("tiers:partner", pk)


@vendor(P.OVERRIDE_TIERS)
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(TierOverride.objects.visible_to(request.user), pk=pk)
    form = forms.EndForm(request.POST, auto_id="end_%s")
    if not form.is_valid():
        return page(request, hub.find(request, found.partner_id), 422, end_form=form)
    try:
        overrides.end_override(by=request.user, override=found, tier=form.cleaned_data["tier"])
    except overrides.Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("The override has ended, and the partner is told."))
    return redirect("tiers:partner", found.partner_id)


@vendor(P.DECIDE_APPEALS)
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Operations or the chief answer a partner's appeal."""
    found = get_object_or_404(TierAppeal.objects.visible_to(request.user).select_related("override"), pk=pk)
    form = forms.DecisionForm(request.POST, auto_id="decide_%s")
    partner = found.override.partner_id
    if not form.is_valid():
        return page(request, hub.find(request, partner), 422, decision_form=form)
    given = form.cleaned_data
    uphold = given["decision"] == TierAppeal.Decision.UPHELD
    try:
        done = saved(
            form,
            overrides.decide,
            by=request.user,
            appeal=found,
            uphold=uphold,
            answer=given["answer"],
            tier=given["tier"],
        )
    except overrides.Refused as error:
        messages.error(request, str(error))
        return redirect("tiers:partner", partner)
    if not done:
        return page(request, hub.find(request, partner), 422, decision_form=form)
    messages.success(request, _("The appeal is answered, and the partner is told."))
    return redirect("tiers:partner", partner)


@portal(P.PORTAL)
@require_POST
def appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """The partner's one objection to an override."""
    found = get_object_or_404(TierOverride.objects.visible_to(request.user), pk=pk)
    form = forms.AppealForm(request.POST)
    try:
        if not (
            form.is_valid() and saved(form, overrides.appeal, by=request.user, override=found, **form.cleaned_data)
        ):
            return portal_page(request, own_partner(request), 422, appeal_form=form)
    except overrides.Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Your appeal is on its way. You get a mail with the answer."))
    return redirect("tiers:portal")
