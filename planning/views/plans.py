"""A plan as it stands: what it comes to, how each figure came about, what it is most sensitive to."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from planning import queries, reading
from planning.assumption_list import assumption_groups
from planning.labels import SCENARIOS
from planning.signature_state import states
from planning.signing import current_objectives
from planning.views.building import span_of, where_left
from planning.views.sides import Side, crumbs, find, name_of, outcome_of


def plan(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """A plan to read. Who may change a draft is taken to its first step, or to its signatures once they are asked for."""
    found = find(request, pk)
    if queries.may_edit(request.user, found) and "read" not in request.GET:
        asked = any(one.request for one in states(found))
        return redirect(side.url("step", pk, "commit" if asked else where_left(request, found)))
    outcome = outcome_of(request, found)
    read = outcome.plan
    context = {
        "plan": found,
        "name": name_of(found),
        "side": side,
        "outcome": outcome,
        "span": span_of(request),
        "texts": read.texts,
        "objectives": reading.objectives_of(found) if found.is_fixed else current_objectives(found),
        "groups": assumption_groups(read, found.currency, found.first_month),
        "scenario": SCENARIOS[found.scenario],
        "signers": states(found),
        "versions": queries.history(request.user, found.partner),
        "tornado_url": side.url("tornado", pk),
        "crumbs": crumbs(request, side, found),
        "may_share": found.is_fixed and request.user.can(side.builds) and not request.user.is_partner_side,
        "edit_url": side.url("step", pk, "goals") if queries.may_edit(request.user, found) else "",
    }
    return render(request, "planning/plan.html", context)


def figure(request: HttpRequest, side: Side, pk: int, key: str) -> HttpResponse:
    """How one key figure came about, with the plan's own numbers."""
    found = find(request, pk)
    try:
        shown = outcome_of(request, found).figure(key)
    except KeyError:
        raise Http404 from None
    context = {
        "plan": found,
        "figure": shown,
        "explanation": shown.explanation,
        "crumbs": crumbs(request, side, found, inside=True),
        "scenario": SCENARIOS[found.scenario],
    }
    return render(request, "planning/figure.html", context)


def tornado(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """What the profit hangs on, the most telling or (?all=1) all of it: as a page, or alone for a page that shows the rest first."""
    found = find(request, pk)
    whole = "all" in request.GET
    is_part = bool(request.headers.get("HX-Request"))
    template = "planning/tornado.html" if is_part else "planning/tornado_page.html"
    outcome = outcome_of(request, found)
    context = {
        "plan": found,
        "chart": outcome.tornado_chart(most=None) if whole else outcome.tornado_chart(),
        "all_url": "" if whole else f"{side.url('tornado', pk)}?all=1",
        "crumbs": crumbs(request, side, found, inside=True),
        "title": _("What the profit hangs on"),
    }
    return render(request, template, context)
