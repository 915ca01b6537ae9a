"""The action plan as the partner sees it: what is shared, and where each item stands."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from accounts.access import portal
from accounts.permissions import Permission
from partners import actions, queries
from partners.models import Action
from prm.common.vendor import today


@portal(Permission.PORTAL)
def action_list(request: HttpRequest) -> HttpResponse:
    items = queries.with_lateness(queries.actions(request.user), today())
    context = {
        "live": items.filter(status__in=Action.LIVE),
        "closed": items.filter(status=Action.Status.DONE).order_by("-closed_at", "-id")[:50],
    }
    return render(request, "partners/portal_actions.html", context)


@portal(Permission.PORTAL)
@require_POST
def action_status(request: HttpRequest, pk: int) -> HttpResponse:
    action = get_object_or_404(queries.actions(request.user), pk=pk)
    if request.POST.get("status") in Action.Status.values:
        actions.set_action_status(by=request.user, action=action, status=request.POST["status"])
    return redirect("partners:portal_actions")
