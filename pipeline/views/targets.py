"""Targets: all versions, one partner's year, setting them by hand and from the year before."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import vendor
from accounts.permissions import Permission as P
from partners import hub
from partners.filters import PartnerFilter
from partners.models import Partner
from pipeline import generation, target_actions, target_grid
from pipeline.forms import GenerateForm, TargetChoice, TargetForm, YearChoice, periods_by
from pipeline.tables import target_listing
from pipeline.views import pages
from prm.common import lists
from prm.common.merging import blame
from prm.common.vendor import today, vendor_settings


@vendor(P.SEE_PERFORMANCE)
def targets(request: HttpRequest) -> HttpResponse:
    return pages.sales_list(request, "targets", target_listing(request.user, request.GET))


@vendor(P.SEE_PERFORMANCE)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "targets", kind)


@vendor(P.SEE_PERFORMANCE)
def of_partner(request: HttpRequest, pk: int) -> HttpResponse:
    """One partner's year, month by month, and the versions there were."""
    partner = hub.find(request, pk)
    chosen = YearChoice(request.GET)
    context = {
        "filter": chosen,
        "year": chosen.year_asked,
        "grid": target_grid.grid(partner, chosen.year_asked),
        "listing": target_listing(request.user, request.GET, partner),
        "reporting": vendor_settings().reporting_currency,
    }
    return pages.sales_page(request, partner, "targets", "pipeline/targets.html", context)


@vendor(P.EDIT_SALES_DATA)
def set_targets(request: HttpRequest, pk: int) -> HttpResponse:
    """A year's targets of one metric: whole, by quarter or by month."""
    partner = hub.find(request, pk)
    chosen = TargetChoice(request.GET)
    form = _form(request, partner, chosen)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            target_actions.set_targets(
                by=request.user,
                partner=partner,
                metric=chosen.measure.key,
                periods=form.values,
                currency=values.get("currency", ""),
                note=values["note"],
                seen=values["seen"] or 0,
            )
        except target_actions.OtherTargets as error:
            form.show_newest(target_actions.newest_version(partner, chosen.measure.key), error)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("The targets are set."))
            return redirect(
                f"{reverse('pipeline:partner_targets', args=[pk])}?{urlencode({'year': chosen.year_asked.key})}"
            )
    context = {"filter": chosen, "form": form, "year": chosen.year_asked, "measure": chosen.measure}
    status = 422 if form.is_bound else 200
    return pages.sales_page(request, partner, "targets", "pipeline/target_set.html", context, status)


def _form(request: HttpRequest, partner: Partner, chosen: TargetChoice) -> TargetForm:
    """Filled with what is in force."""
    measure, periods = chosen.measure, periods_by(chosen.year_asked, chosen.parts)
    column = target_grid.in_force(partner, measure.key).get(measure.key, {})
    usual = vendor_settings().reporting_currency if measure.money else ""
    currency = next((column[month].currency for month in chosen.year_asked.months if month in column), usual)
    newest = target_actions.newest_version(partner, measure.key)
    return TargetForm(
        request.POST or None,
        measure=measure,
        periods=periods,
        shown=target_grid.prefilled(column, periods, currency),
        initial={"currency": currency, "seen": newest.pk if newest else 0},
    )


@vendor(P.EDIT_SALES_DATA)
def generate(request: HttpRequest) -> HttpResponse:
    """Targets from the year before for the partners of a filter: first what they would come to; with `confirmed` they are set."""
    request.section = "sales"
    chosen = PartnerFilter(request.GET, user=request.user)
    form = GenerateForm(request.POST or None)
    preview = None
    if request.method == "POST" and form.is_valid():
        query = request.GET.urlencode()
        year, factor, keep = form.cleaned_data["year"], form.cleaned_data["factor"], not form.cleaned_data["replace"]
        pks = generation.partner_ids(request.user, query)
        preview = generation.summed_up(target_actions.propose(pks, year, factor, keep=keep, day=today()), year)
        if preview.partners and request.POST.get("confirmed") == preview.digest:
            return _generated(request, pks, query, year, factor, keep)
        if "confirmed" in request.POST:
            messages.warning(request, _("Meanwhile the figures have changed. Look again before you set them."))
    context = {
        "form": form,
        "filter": chosen,
        "preview": preview,
        "total": chosen.apply(Partner.objects.visible_to(request.user)).order_by().count(),
        "reporting": vendor_settings().reporting_currency,
    }
    return render(request, "pipeline/generate.html", context, status=422 if form.errors else 200)


def _generated(
    request: HttpRequest, pks: list[int], query: str, year: Any, factor: Decimal, keep: bool
) -> HttpResponse:
    if len(pks) > generation.AT_ONCE:
        job = generation.start(request.user, query=query, year=year, factor=factor, keep=keep)
        return redirect("common:job", pk=job.pk)
    done = target_actions.generate_targets(by=request.user, partner_ids=pks, year=year, factor=factor, keep=keep)
    text = ngettext("%(n)s partner has targets now.", "%(n)s partners have targets now.", done)
    messages.success(request, text % {"n": done})
    return redirect(f"{reverse('pipeline:targets')}?{urlencode({'year': year.key, 'source': 'generated'})}")
