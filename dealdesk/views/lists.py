"""The lists of registrations: all that a person of the vendor sees, one partner's, the partner's own."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import portal, vendor
from accounts.permissions import Permission as P
from dealdesk import tables
from dealdesk.forms import PartnerForm
from partners import hub
from prm.common import lists


@vendor(P.SEE_REGISTRATIONS)
def registrations(request: HttpRequest) -> HttpResponse:
    request.section = "registrations"
    listing = tables.registration_listing(request.user, request.GET)
    context = {
        "listing": listing,
        "filter": listing.filter,
        "query": request.GET.urlencode(),
        "may_register": request.user.can(P.REGISTER_FOR_PARTNERS),
        "may_import": request.user.can(P.IMPORT_DATA),
        "may_rule": request.user.can(P.EDIT_SETTINGS),
    }
    return render(request, "dealdesk/registrations.html", context)


@vendor(P.SEE_REGISTRATIONS)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "registrations", kind)


@vendor(P.SEE_REGISTRATIONS)
def of_partner(request: HttpRequest, pk: int) -> HttpResponse:
    request.section = "registrations"
    partner = hub.find(request, pk)
    listing = tables.partner_listing(request.user, partner, request.GET)
    context = {
        "listing": listing,
        "filter": listing.filter,
        "may_register": request.user.can(P.REGISTER_FOR_PARTNERS),
    }
    return hub.page(request, partner, "registrations", "dealdesk/partner_registrations.html", context)


@vendor(P.REGISTER_FOR_PARTNERS)
def choose_partner(request: HttpRequest) -> HttpResponse:
    """Whose deal it is, before the form that stands under the partner."""
    request.section = "registrations"
    form = PartnerForm(request.POST or None, user=request.user)
    if form.is_valid():
        return redirect("dealdesk:new", form.cleaned_data["partner"].pk)
    crumbs = [(_("Registrations"), reverse("dealdesk:registrations"))]
    return render(
        request, "dealdesk/new_for.html", {"form": form, "crumbs": crumbs}, status=422 if form.is_bound else 200
    )


@portal(P.PORTAL)
def portal_registrations(request: HttpRequest) -> HttpResponse:
    request.section = "registrations"
    listing = tables.portal_listing(request.user, request.GET)
    context = {
        "listing": listing,
        "filter": listing.filter,
        "query": request.GET.urlencode(),
        "may_register": request.user.can(P.SELL),
    }
    return render(request, "dealdesk/portal_registrations.html", context)


@portal(P.PORTAL)
def portal_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "portal_registrations", kind)
