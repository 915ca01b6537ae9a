"""Deals as a board, for the vendor's people to move and for partners to read."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.access import portal, vendor
from accounts.permissions import Permission as P
from partners import history
from pipeline.deals import actions
from pipeline.deals import board as boards
from pipeline.deals.forms import BoardMoveForm
from pipeline.models import Deal
from pipeline.views.deals import writable


@vendor(P.SEE_DEALS)
def board(request: HttpRequest) -> HttpResponse:
    return _page(request, boards.vendor_board(request.user, request.GET), "pipeline/board.html")


@portal(P.PORTAL)
def portal_board(request: HttpRequest) -> HttpResponse:
    return _page(request, boards.portal_board(request.user, request.GET), "pipeline/portal_board.html")


def _page(request: HttpRequest, found: boards.Board, template: str) -> HttpResponse:
    request.section = "deals"
    context = {
        "board": found,
        "filter": found.filter,
        "query": request.GET.urlencode(),
        "can_import": request.user.can(P.IMPORT_DATA),
    }
    return render(request, template, context)


@vendor(P.EDIT_DEALS)
@require_POST
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """A card into another column, today. Lost needs a reason, which the deal's page asks for."""
    found = writable(request, pk)
    form = BoardMoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("There is no such stage. Nothing was changed."))
        return redirect("pipeline:deals_board")
    values = form.cleaned_data
    if values["stage"].outcome == boards.LOST and found.stage_id != values["stage"].pk:
        return _elsewhere(request, f"{reverse('pipeline:deal', args=[pk])}?to={values['stage'].pk}#move")
    _move(request, found, values)
    query = QueryDict(values["query"]).urlencode()
    return redirect(f"{reverse('pipeline:deals_board')}{'?' if query else ''}{query}#deal-{pk}")


def _move(request: HttpRequest, found: Deal, values: dict[str, Any]) -> None:
    to = values["stage"]
    try:
        actions.move_deal(by=request.user, deal=found, to=to, seen=values["seen"])
    except actions.Conflict as conflict:
        who = history.last_editor(found, {"stage"}) or _("Somebody")
        message = _("%(who)s moved “%(deal)s” to “%(stage)s” meanwhile. It was left there.")
        messages.error(request, message % {"who": who, "deal": found.name, "stage": conflict.current["stage"]})
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("%(deal)s: %(stage)s.") % {"deal": found.name, "stage": to})


def _elsewhere(request: HttpRequest, url: str) -> HttpResponse:
    """To another page; a script is told to go there, rather than to take a part of it."""
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)
