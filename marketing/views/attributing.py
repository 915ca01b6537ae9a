"""Where a lead or deal came from: the tracking link, and the choice on its page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from accounts.access import open_page, vendor
from accounts.permissions import Permission as P
from leads.models import Lead
from marketing import sourcing
from marketing.actions import attributing
from marketing.models import Activity
from pipeline.deals.queries import may_write
from pipeline.models import Deal
from prm.common.saving import saved


@open_page
def go(request: HttpRequest, code: str) -> HttpResponse:
    """Follows a tracking link: counts it, keeps nothing of who does, and goes on to the activity's own page."""
    found = sourcing.landing(code)
    if found is None:
        raise Http404
    activity, url = found
    if request.method == "GET":
        attributing.count_click(activity)
    response = redirect(url)
    response["Cache-Control"] = "no-store"
    return response


class ActivityField(forms.ModelChoiceField):
    """An activity with its partner and when it was."""

    def label_from_instance(self, obj: Any) -> str:
        return _("%(title)s · %(partner)s, %(plan)s") % {
            "title": obj.title, "partner": obj.plan.partner.name, "plan": obj.plan.first_quarter,
        }  # fmt: skip


class SourceForm(forms.Form):
    """From which activity it came; and why, where that takes another's place."""

    activity = ActivityField(
        Activity.everything.none(), label=_l("Came from"), required=False, empty_label=_l("No activity")
    )
    reason = forms.CharField(label=_l("Why it changes"), max_length=300, required=False)

    def __init__(self, data: Any = None, *, offered: Any, source: sourcing.Touched | None) -> None:
        current = source.activity if source else None
        super().__init__(data, initial={"activity": current.pk if current else None}, auto_id="source_%s")
        choice: Any = self.fields["activity"]
        choice.queryset = offered
        if source is None:
            del self.fields["reason"]


@vendor(P.SEE_MARKETING)
def lead_source(request: HttpRequest, pk: int) -> HttpResponse:
    """Of a lead; whoever brings leads in may say it."""
    lead: Lead = get_object_or_404(Lead.objects.visible_to(request.user), pk=pk)
    partners = None if lead.partner_id is None else [lead.partner_id]
    return _page(
        request,
        {"lead": lead},
        partners,
        request.user.can(P.EDIT_LEADS),
        reverse("leads:lead", args=[pk]),
        lead.company,
    )


@vendor(P.SEE_DEALS)
def deal_source(request: HttpRequest, pk: int) -> HttpResponse:
    """Of a deal; whoever may change the deal may say it."""
    deal: Deal = get_object_or_404(Deal.objects.visible_to(request.user), pk=pk)
    partners = list(deal.shares.order_by().values_list("partner", flat=True))
    writes = request.user.can(P.EDIT_DEALS) and request.user.can(P.SEE_MARKETING) and may_write(deal, request.user)
    return _page(request, {"deal": deal}, partners, writes, reverse("pipeline:deal", args=[pk]), deal.name)


def _page(
    request: HttpRequest, thing: dict[str, Any], partners: list[int] | None, writes: bool, back: str, name: str
) -> HttpResponse:
    origin = sourcing.origin(request.user, **thing)
    source = origin.source
    if source is not None and source.activity is None:
        writes = False  # a menu without it would take it away unseen
    if request.method == "POST" and not writes:
        raise PermissionDenied
    form = None
    if writes:
        offered = sourcing.offered(request.user, partners, source.activity if source else None)
        form = SourceForm(request.POST or None, offered=offered, source=source)
    if form is not None and request.method == "POST" and form.is_valid():
        values = {"activity": form.cleaned_data["activity"], "reason": form.cleaned_data.get("reason", "")}
        if saved(form, attributing.choose, by=request.user, **thing, **values):
            messages.success(request, _("The source is saved."))
            return redirect(back)
    context = {"origin": origin, "form": form, "here": request.path, "name": name, "crumbs": [(name, back)]}
    fragment = request.headers.get("HX-Request") and request.method == "GET"
    template = "marketing/source_panel.html" if fragment else "marketing/source.html"
    return render(request, template, context, status=422 if request.method == "POST" else 200)
