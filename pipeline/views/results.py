"""Sales results: all of them, one partner's, one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from partners import history, hub
from partners.actions import Conflict
from pipeline import actions, queries
from pipeline.forms import ResultForm
from pipeline.models.result import MANUAL
from pipeline.tables import result_listing
from pipeline.views import pages
from prm.common import lists
from prm.common.merging import blame


@vendor(P.SEE_PERFORMANCE)
def results(request: HttpRequest) -> HttpResponse:
    return pages.sales_list(request, "results", result_listing(request.user, request.GET))


@vendor(P.SEE_PERFORMANCE)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "results", kind)


@vendor(P.SEE_PERFORMANCE)
def of_partner(request: HttpRequest, pk: int) -> HttpResponse:
    partner = hub.find(request, pk)
    add = reverse("pipeline:result_add", args=[pk]) if request.user.can(P.EDIT_SALES_DATA) else ""
    listing = result_listing(request.user, request.GET, partner)
    return pages.partner_list(request, partner, "results", listing, add)


@vendor(P.EDIT_SALES_DATA)
def add(request: HttpRequest, pk: int) -> HttpResponse:
    partner = hub.find(request, pk)
    form = ResultForm(request.POST or None, partner=partner, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_result(by=request.user, partner=partner, **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("The result is added."))
            return redirect("pipeline:partner_results", pk=pk)
    return _page(request, partner, form, None)


@vendor(P.SEE_PERFORMANCE)
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """One result: typed in it can be changed, else it is only shown."""
    row = get_object_or_404(queries.results(request.user), pk=pk)
    partner = hub.find(request, row.partner_id)
    if row.source != MANUAL or not request.user.can(P.EDIT_SALES_DATA):
        if request.method == "POST":
            raise PermissionDenied
        return _page(request, partner, None, row)
    form = ResultForm(request.POST or None, instance=row, partner=partner, user=request.user)
    if request.method == "POST" and form.is_valid():
        changes, seen = form.edits()
        now = queries.results(request.user).get(pk=pk)
        try:
            actions.update_result(by=request.user, result=row, changes=changes, seen=seen)
        except Conflict as conflict:
            form.show_conflict(now, conflict.current, history.last_editor(now, set(conflict.current)))
        except ValidationError as error:
            blame(form, error)
        else:
            pages.say_saved(request, form, now)
            return redirect("pipeline:partner_results", pk=partner.pk)
    return _page(request, partner, form, queries.results(request.user).get(pk=pk))


def _page(request: HttpRequest, partner: Any, form: ResultForm | None, row: Any) -> HttpResponse:
    status = 422 if form and form.is_bound else 200
    context = {"form": form, "row": row, "place_url": reverse("pipeline:partner_results", args=[partner.pk])}
    return pages.sales_page(request, partner, "results", "pipeline/result.html", context, status)


@vendor(P.EDIT_SALES_DATA)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(queries.results(request.user), pk=pk)
    actions.remove_result(by=request.user, result=row)
    messages.success(request, _("The result is removed."))
    return redirect("pipeline:partner_results", pk=row.partner_id)
