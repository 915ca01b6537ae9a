"""The list of due items, and what is done with many of them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from cadence import actions, queries
from cadence.chases import stuck
from cadence.filters import DueFilter
from cadence.forms import SkipForm
from cadence.models import DueItem
from cadence.tables import due_listing
from prm.common import lists


@vendor(P.SEE_WORK)
def due(request: HttpRequest) -> HttpResponse:
    listing = due_listing(request.user, request.GET)
    context = {
        "filter": listing.filter,
        "listing": listing,
        "stuck": stuck(request.user, listing.filter),
        "can_skip": request.user.can(P.RUN_SCORECARDS),
        "query": request.GET.urlencode(),
    }
    return render(request, "cadence/due.html", context)


@vendor(P.SEE_WORK)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "cadence.due", kind)


@vendor(P.RUN_SCORECARDS)
@require_POST
def skip(request: HttpRequest) -> HttpResponse:
    """First asks why, and says for how many; with `confirmed` does it."""
    rows = _selected(request).filter(state=DueItem.State.OPEN)
    total = rows.count()
    confirmed = "confirmed" in request.POST
    form = SkipForm(request.POST if confirmed else None)
    if not total:
        messages.warning(request, _("No open item was selected."))
        return redirect(_back(request))
    if confirmed and str(total) != request.POST.get("total"):
        messages.warning(request, _("Meanwhile other items match. Look again before you skip them."))
    elif confirmed and form.is_valid():
        done = actions.skip(by=request.user, items=rows, reason=form.cleaned_data["reason"])
        messages.success(request, ngettext("%(n)s item skipped.", "%(n)s items skipped.", done) % {"n": done})
        return redirect(_back(request))
    context = {
        "form": form,
        "total": total,
        "some": list(rows.order_by("due_on", "pk")[:5]),
        "all_matching": "all_matching" in request.POST,
        "selected": [] if "all_matching" in request.POST else list(rows.values_list("pk", flat=True)),
        "query": request.POST.get("query", ""),
        "back": _back(request),
    }
    return render(request, "cadence/skip.html", context, status=422 if confirmed else 200)


@vendor(P.RUN_SCORECARDS)
@require_POST
def reopen(request: HttpRequest) -> HttpResponse:
    done = actions.reopen(by=request.user, items=_selected(request))
    if done:
        messages.success(
            request, ngettext("%(n)s item is due again.", "%(n)s items are due again.", done) % {"n": done}
        )
    else:
        messages.warning(request, _("No skipped item was selected."))
    return redirect(_back(request))


def _selected(request: HttpRequest) -> Any:
    """The ticked items, or all that the filter finds; only those this person sees."""
    rows = queries.items(request.user)
    if "all_matching" in request.POST:
        return DueFilter(QueryDict(request.POST.get("query", "")), user=request.user).apply(rows)
    pks = [int(pk) for pk in request.POST.getlist("selected") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    return rows.filter(pk__in=pks)


def _back(request: HttpRequest) -> str:
    query = request.POST.get("query", "")
    return reverse("cadence:due") + (f"?{query}" if query else "")
