"""What plans start from, among the settings: the tactics, and the template plays."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from marketing import actions, outlook, queries
from marketing.actions.ruling import play_values
from marketing.figures import RATE_NAMES
from marketing.forms.ruling import PlayForm, TacticForm
from marketing.models import RATES, Play, Tactic


@vendor(P.EDIT_MARKETING_RULES)
def tactics(request: HttpRequest) -> HttpResponse:
    request.section = "settings"
    rows = queries.tactics(active=False)
    history = queries.history()
    context = {
        "rows": [_line(row, history.get(row.pk, {})) for row in rows],
        "names": [RATE_NAMES[name] for name in RATES],
    }
    return render(request, "marketing/tactics.html", context)


def _line(row: Tactic, history: dict[str, Any]) -> dict[str, Any]:
    """A tactic with its own rates, and beside each the one of the vendor's verified activities."""
    rates = []
    for name in RATES:
        own, found = getattr(row, name), history.get(name)
        rates.append(
            (
                RATE_NAMES[name],
                "–" if own is None else outlook.percent(own),
                outlook.percent(found.rate) if found else "",
            )
        )
    return {"tactic": row, "rates": rates}


@vendor(P.EDIT_MARKETING_RULES)
def tactic(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A tactic, or a new one."""
    request.section = "settings"
    row = get_object_or_404(Tactic, pk=pk) if pk is not None else None
    form = TacticForm(request.POST or None, tactic=row)
    if form.is_valid():
        try:
            actions.save_tactic(by=request.user, tactic=row, fields=form.given)
        except ValidationError as error:
            form.blame(error)
        else:
            messages.success(request, _("Saved. Plans that are begun from now on start with it."))
            return redirect("marketing:tactics")
    context = {"form": form, "row": row, "crumbs": [(_("Tactics"), reverse("marketing:tactics"))]}
    return render(request, "marketing/tactic.html", context, status=422 if form.is_bound else 200)


@vendor(P.EDIT_MARKETING_RULES)
@require_POST
def remove_tactic(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Tactic, pk=pk)
    try:
        actions.remove_tactic(by=request.user, tactic=row)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("marketing:tactic", pk)
    messages.success(request, _("“%(name)s” is removed.") % {"name": row.name})
    return redirect("marketing:tactics")


@vendor(P.EDIT_MARKETING_RULES)
def plays(request: HttpRequest) -> HttpResponse:
    request.section = "settings"
    return render(request, "marketing/plays.html", {"rows": queries.plays(active=False)})


@vendor(P.EDIT_MARKETING_RULES)
def play(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A template play, or a new one."""
    request.section = "settings"
    row = get_object_or_404(Play, pk=pk) if pk is not None else None
    form = PlayForm(request.POST or None, values=play_values(row) if row else None)
    if form.is_valid():
        try:
            saved = actions.save_play(by=request.user, play=row, fields=form.given)
        except ValidationError as error:
            form.blame(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("marketing:play", saved.pk) if "more" in request.POST else redirect("marketing:plays")
    context = {"form": form, "row": row, "crumbs": [(_("Template plays"), reverse("marketing:plays"))]}
    return render(request, "marketing/play.html", context, status=422 if form.is_bound else 200)


@vendor(P.EDIT_MARKETING_RULES)
@require_POST
def remove_play(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Play, pk=pk)
    actions.remove_play(by=request.user, play=row)
    messages.success(request, _("“%(name)s” is removed. Plans that began with it stay.") % {"name": row.name})
    return redirect("marketing:plays")
