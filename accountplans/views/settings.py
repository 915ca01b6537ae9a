"""The vendor's own pages: the targets of all partners, and which customers its product lines are made for."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accountplans import actions, tables
from accountplans.forms.plan import IdealForm
from accountplans.models import Ideal, Size
from accountplans.views.sides import find_line
from accounts.access import vendor
from accounts.permissions import Permission as P
from pipeline.models import ProductLine


@vendor(P.SEE_ACCOUNT_PLANS)
def targets(request: HttpRequest) -> HttpResponse:
    """The targets of all partners that share theirs."""
    listing = tables.target_listing(request.user, request.GET)
    context = {"listing": listing, "filter": listing.filter, "query": request.GET.urlencode()}
    return render(request, "accountplans/targets.html", context)


@vendor(P.EDIT_SETTINGS)
def ideals(request: HttpRequest) -> HttpResponse:
    """Each product line with the customers it is made for."""
    request.section = "settings"
    rows = {row.product_line_id: row for row in Ideal.objects.prefetch_related("verticals")}
    sizes = dict(Size.choices)
    lines = [
        (
            line,
            ", ".join(map(str, rows[line.pk].verticals.all())) if line.pk in rows else "",
            ", ".join(str(sizes[size]) for size in rows[line.pk].sizes) if line.pk in rows else "",
        )
        for line in ProductLine.objects.all()
    ]
    return render(request, "accountplans/ideals.html", {"lines": lines})


@vendor(P.EDIT_SETTINGS)
def ideal(request: HttpRequest, pk: int) -> HttpResponse:
    """The ideal of one product line."""
    request.section = "settings"
    line = find_line(pk)
    form = IdealForm(
        request.POST if request.method == "POST" else None,
        ideal=Ideal.objects.filter(product_line=line).prefetch_related("verticals").first(),
    )
    if form.is_valid():
        values = form.cleaned_data
        actions.set_ideal(
            by=request.user, product_line=line, verticals=list(values["verticals"]), sizes=values["sizes"]
        )
        messages.success(request, _("Saved. Scores go by it from now on."))
        return redirect("accountplans:ideals")
    crumbs = [(_("Ideal customers"), reverse("accountplans:ideals"))]
    context = {"line": line, "form": form, "crumbs": crumbs}
    return render(request, "accountplans/ideal.html", context, status=422 if form.is_bound else 200)
