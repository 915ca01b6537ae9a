"""The list of reviews, one partner's page of them, and how one is begun."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from partners import hub
from prm.common import lists
from prm.common.saving import saved
from qbr import actions, queries, tables
from qbr.actions.building import own_partners
from qbr.actions.drafting import quarters, usual_quarter
from qbr.forms import LogoForm, PartnerQuarterForm, QuarterForm
from qbr.models import PartnerLogo
from qbr.views.finding import done


@vendor(P.SEE_QBR)
def qbrs(request: HttpRequest) -> HttpResponse:
    """The reviews this person sees."""
    listing = tables.qbr_listing(request.user, request.GET)
    context = {"listing": listing, "filter": listing.filter, "may_edit": request.user.can(P.EDIT_QBR)}
    return render(request, "qbr/list.html", context)


@vendor(P.SEE_QBR)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "qbrs", kind)


@vendor(P.EDIT_QBR)
def new(request: HttpRequest) -> HttpResponse:
    """One partner and a quarter; or all of one's own, in one go."""
    given = {"quarters": quarters(), "usual": usual_quarter()}
    form = PartnerQuarterForm(request.POST or None, user=request.user, **given)
    if form.is_valid():
        qbr = done(request, actions.start, partner=form.cleaned_data["partner"], quarter=form.cleaned_data["quarter"])
        if qbr:
            return redirect("qbr:qbr", qbr.pk)
    context = {
        "form": form,
        "all_form": QuarterForm(auto_id="all_%s", **given),
        "own": own_partners(request.user),
        "batches": queries.batches(request.user).filter(created_by=request.user)[:5],
        "crumbs": [(_("QBRs"), reverse("qbr:list"))],
    }
    return render(request, "qbr/new.html", context, status=422 if form.is_bound else 200)


@vendor(P.SEE_QBR)
def partner(request: HttpRequest, pk: int) -> HttpResponse:
    """A partner's reviews, and the one button that builds the next. The tab QBR of the partner page."""
    return _partner_page(request, pk, LogoForm())


def _partner_page(request: HttpRequest, pk: int, logo_form: LogoForm, status: int = 200) -> HttpResponse:
    found = hub.find(request, pk)
    rows = list(tables.of_partner(request.user, found))
    usual = usual_quarter()
    context = {
        "rows": rows,
        "form": QuarterForm(quarters=quarters(), usual=usual),
        "usual": usual,
        "current": next((row for row in rows if row.quarter == usual.key), None),
        "may_edit": request.user.can(P.EDIT_QBR),
        "logo": PartnerLogo.objects.visible_to(request.user).filter(partner=found).first(),
        "logo_form": logo_form,
    }
    return hub.page(request, found, "qbr", "qbr/partner.html", context, status)


@vendor(P.EDIT_QBR)
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Opens the draft of a quarter; with `build`, builds it at once."""
    found = hub.find(request, pk)
    qbr = done(request, actions.start, partner=found, quarter=request.POST.get("quarter") or None)
    if not qbr:
        return redirect("qbr:partner", pk)
    if "build" in request.POST:
        done(request, actions.build, qbr=qbr)
        return redirect("qbr:deck", qbr.pk)
    return redirect("qbr:qbr", qbr.pk)


@vendor(P.EDIT_QBR)
@require_POST
def logo(request: HttpRequest, pk: int) -> HttpResponse:
    """The picture beside the vendor's on this partner's decks."""
    found = hub.find(request, pk)
    if "remove" in request.POST:
        done(request, actions.remove_logo, partner=found, said=_("Logo removed."))
        return redirect("qbr:partner", pk)
    form = LogoForm(request.POST, request.FILES)
    if form.is_valid() and saved(
        form, actions.set_logo, by=request.user, partner=found, content=form.cleaned_data["logo"].read()
    ):
        messages.success(request, _("Logo saved: the next build shows it."))
        return redirect("qbr:partner", pk)
    return _partner_page(request, pk, form, 422)
