"""Leads as a partner sees them: what it is offered, without the person; what it holds; how leads are given out."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import links
from accounts.access import portal
from accounts.permissions import Permission as P
from leads import actions, queries
from leads.forms import DeclineForm, NoteForm, ReasonForm
from leads.mailing import LEAD_LINK, OFFER_LINK, lead_link
from leads.models import Lead, LeadOffer
from leads.refusals import Refused
from leads.tables import portal_lead_page
from leads.views.vendor import entries
from prm.common import lists
from prm.common.merging import blame


@portal(P.PORTAL)
def lead_list(request: HttpRequest) -> HttpResponse:
    """What the partner is offered, and what it holds."""
    listing = portal_lead_page(request.user, request.GET)
    context = {
        "offers": queries.teasers(request.user),
        "listing": listing,
        "filter": listing.filter,
        "may_sell": request.user.can(P.SELL),
    }
    return render(request, "leads/portal_list.html", context)


@portal(P.PORTAL)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "portal_leads", kind)


# ── Offers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _teaser(request: HttpRequest, pk: int) -> queries.Teaser:
    found = queries.teaser(request.user, pk)
    if found is None:
        raise Http404
    return found


def _offer_page(request: HttpRequest, pk: int, form: Form | None = None) -> HttpResponse:
    offer = _teaser(request, pk)
    context = {
        "offer": offer,
        "form": form or DeclineForm(),
        "often": DeclineForm.OFTEN,
        "may_sell": request.user.can(P.SELL),
        "by_link": hasattr(request, "signed_link"),
        "crumbs": [] if hasattr(request, "signed_link") else [(_("Leads"), reverse("leads:portal_list"))],
    }
    return render(request, "leads/portal_offer.html", context, status=422 if form else 200)


@portal(P.PORTAL, link=OFFER_LINK)
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """What the mailed link opens: the question, and the two buttons. Nothing happens before one is pressed."""
    return _offer_page(request, pk)


@portal(P.SELL, link=OFFER_LINK)
@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    _teaser(request, pk)
    try:
        lead = actions.accept(by=request.user, offer=LeadOffer.objects.visible_to(request.user).get(pk=pk))
    except Refused as refused:
        messages.warning(request, str(refused))
        return redirect("leads:portal_offer", pk)
    messages.success(request, _("The lead is yours. Here is whom to talk to."))
    if hasattr(request, "signed_link"):  # who came without a password goes on without one
        links.enter(request, lead_link(request.user, lead))
    return redirect("leads:portal_lead", lead.pk)


@portal(P.SELL, link=OFFER_LINK)
@require_POST
def decline(request: HttpRequest, pk: int) -> HttpResponse:
    _teaser(request, pk)
    form = DeclineForm(request.POST)
    if form.is_valid():
        try:
            actions.decline(
                by=request.user, offer=LeadOffer.objects.visible_to(request.user).get(pk=pk), **form.cleaned_data
            )
        except ValidationError as error:
            blame(form, error)
        except Refused as refused:
            messages.warning(request, str(refused))
            return redirect("leads:portal_offer", pk)
        else:
            messages.success(request, _("Declined. It goes to somebody else."))
            return redirect("leads:portal_offer", pk)
    return _offer_page(request, pk, form)


# ── Leads held ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _find(request: HttpRequest, pk: int) -> Lead:
    lead: Lead = get_object_or_404(queries.lead_with_all(request.user), pk=pk)
    return lead


def _page(request: HttpRequest, lead: Lead, **refused: Any) -> HttpResponse:
    context = {
        "lead": lead,
        "steps": entries(queries.timeline(request.user, lead)),
        "may_work": request.user.can(P.SELL) and lead.state in Lead.WORKED,
        "may_sell": request.user.can(P.SELL),
        "register_url": register_url(lead) if not hasattr(request, "signed_link") else "",
        "note_form": NoteForm(auto_id="note_%s"),
        "disqualify_form": ReasonForm(auto_id="disqualify_%s"),
        "crumbs": [] if hasattr(request, "signed_link") else [(_("Leads"), reverse("leads:portal_list"))],
        **refused,
    }
    return render(request, "leads/portal_lead.html", context, status=422 if refused else 200)


def register_url(lead: Lead) -> str:
    """Where the lead becomes a registration."""
    return f"{reverse('dealdesk:portal_new')}?lead={lead.pk}"


@portal(P.PORTAL, link=LEAD_LINK)
def lead(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, _find(request, pk))


@portal(P.SELL, link=LEAD_LINK)
@require_POST
def contacted(request: HttpRequest, pk: int) -> HttpResponse:
    return _worked(request, pk, actions.contacted, _("Contacted. Well done."))


@portal(P.SELL, link=LEAD_LINK)
@require_POST
def qualified(request: HttpRequest, pk: int) -> HttpResponse:
    return _worked(request, pk, actions.qualified, _("Qualified."))


def _worked(request: HttpRequest, pk: int, action: Callable[..., Any], said: str) -> HttpResponse:
    lead, form = _find(request, pk), NoteForm(request.POST, auto_id="note_%s")
    if not form.is_valid():
        return _page(request, lead, note_form=form)
    try:
        action(by=request.user, lead=lead, note=form.cleaned_data["note"])
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, said)
    return _back(request, pk)


@portal(P.SELL, link=LEAD_LINK)
@require_POST
def disqualified(request: HttpRequest, pk: int) -> HttpResponse:
    lead, form = _find(request, pk), ReasonForm(request.POST, auto_id="disqualify_%s")
    if not form.is_valid():
        return _page(request, lead, disqualify_form=form)
    try:
        actions.disqualified(by=request.user, lead=lead, **form.cleaned_data)
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("Disqualified."))
    return _back(request, pk)


@portal(P.SELL, link=LEAD_LINK)
@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        actions.reopen(by=request.user, lead=_find(request, pk))
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, _("The lead is open again."))
    return _back(request, pk)


def _back(request: HttpRequest, pk: int) -> HttpResponse:
    """To the list, where the button was pressed there."""
    if request.GET.get("to") == "list" and not hasattr(request, "signed_link"):
        return redirect("leads:portal_list")
    return redirect("leads:portal_lead", pk)
