"""Action plans, for the vendor's people: all of them, one partner's, one item."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission
from partners import actions, history, hub, queries
from partners.forms import ActionForm
from partners.models import Action
from partners.tables import action_listing
from prm.common import lists
from prm.common.merging import blame
from prm.common.vendor import today


@vendor(Permission.SEE_WORK)
def action_list(request: HttpRequest) -> HttpResponse:
    request.section = "actions"
    listing = action_listing(request.user, request.GET)
    context = {
        "filter": listing.filter,
        "listing": listing,
        "query": request.GET.urlencode(),
    }
    return render(request, "partners/action_list.html", context)


@vendor(Permission.SEE_WORK)
def action_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "actions", kind)


@vendor(Permission.SEE_WORK)
def partner_actions(request: HttpRequest, pk: int) -> HttpResponse:
    """The partner's action plan: what is open first, then what was closed."""
    partner = hub.find(request, pk)
    items = queries.with_lateness(queries.actions(request.user).filter(partner=partner), today())
    context = {
        "live": items.filter(status__in=Action.LIVE),
        "closed": items.exclude(status__in=Action.LIVE).order_by("-closed_at", "-id")[:50],
    }
    return hub.page(request, partner, "actions", "partners/actions.html", context)


@vendor(Permission.EDIT_PARTNERS)
def action_add(request: HttpRequest, pk: int) -> HttpResponse:
    partner = hub.find(request, pk)
    form = ActionForm(request.POST or None, partner=partner)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_action(by=request.user, partner=partner, **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            return redirect("partners:actions", pk=pk)
    return hub.page(
        request,
        partner,
        "actions",
        "partners/action.html",
        {"form": form, "action": None},
        status=422 if form.is_bound else 200,
    )


@vendor(Permission.SEE_WORK)
def action_edit(request: HttpRequest, pk: int) -> HttpResponse:
    action = get_object_or_404(queries.actions(request.user), pk=pk)
    partner = hub.find(request, action.partner_id)
    if not request.user.can(Permission.EDIT_PARTNERS):
        if request.method == "POST":
            raise PermissionDenied
        return hub.page(request, partner, "actions", "partners/action.html", {"form": None, "action": action})
    form = ActionForm(request.POST or None, instance=action, partner=partner)
    if request.method == "POST" and form.is_valid():
        changes, seen = form.edits()
        now = queries.actions(request.user).get(pk=pk)
        try:
            actions.update_action(by=request.user, action=action, changes=changes, seen=seen)
        except actions.Conflict as conflict:
            form.show_conflict(now, conflict.current, history.last_editor(now, set(conflict.current)))
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("partners:actions", pk=partner.pk)
    return hub.page(
        request,
        partner,
        "actions",
        "partners/action.html",
        {"form": form, "action": queries.actions(request.user).get(pk=pk)},
        status=422 if form.is_bound else 200,
    )


@vendor(Permission.EDIT_PARTNERS)
@require_POST
def action_status(request: HttpRequest, pk: int) -> HttpResponse:
    """One click: done, dropped, under way, open again."""
    action = get_object_or_404(queries.actions(request.user), pk=pk)
    if request.POST.get("status") in Action.Status.values:
        actions.set_action_status(by=request.user, action=action, status=request.POST["status"])
    back = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("partners:actions", pk=action.partner_id)
