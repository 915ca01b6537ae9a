"""A plan as it stands: its activities, what they come to, how each figure came about."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from marketing import actions, origins, outlook, queries, reading
from marketing.delivered import compared, compared_plan, result_of
from marketing.figures import FIGURES, Explainer, Named
from marketing.models import Activity, MarketingPlan
from marketing.views.building import activity_url, panels, plan_url, urls
from marketing.views.sides import Side, crumbs, find, find_activity
from prm.common.vendor import today


def plan(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """A plan to read. Who may change it is taken to the builder, but for `?read=1`."""
    found = find(request, pk)
    if queries.may_edit(request.user, found) and "read" not in request.GET:
        return redirect(side.url("build", pk))
    user = request.user
    rows = list(found.activities.all())
    context = {
        "plan": found,
        "side": side,
        "urls": urls(side, found),
        "crumbs": crumbs(side, found),
        "scope": actions.scope_of(found),
        "cards": [_read(side, row, request) for row in rows],
        "result": outlook.stored(found, plan_url(side, found)),
        "actual": compared_plan(found, rows),
        "panels": panels(request, found),
        "may_edit": queries.may_edit(user, found),
        "may_recall": found.state == found.State.SUBMITTED and queries.may_build(user, found.partner),
        "may_copy": queries.may_build(user, found.partner),
        "copy_url": side.url("copy", pk),
        "lines": list(found.product_lines.all()),
    }
    return render(request, "marketing/plan.html", context)


def _read(side: Side, row: Activity, request: HttpRequest) -> dict[str, Any]:
    """What the page to read shows of an activity."""
    result = result_of(row)
    closes = row.is_approved and row.state == Activity.State.PLANNED and row.plan.state in ("approved", "running")
    return {
        "activity": row,
        "card": outlook.card(row, None, reading.outcome(row), activity_url(side, row), {}),
        "budget": outlook.lines_of(row),
        "product_lines": list(row.product_lines.all()),
        "compared": compared(row, result) if result and result.state != "draft" else None,
        "result": result,
        "results_url": side.url("results", row.pk) if queries.builds(request.user) and row.is_approved else "",
        "closes": closes,
        "ended": closes and row.ends_on < today(),
        "verifies": row.state == Activity.State.CLOSED and queries.may_verify(request.user, row),
    }


def figure(request: HttpRequest, side: Side, pk: int, key: str) -> HttpResponse:
    """How a figure of the whole plan came about: the sum of its activities', or a ratio of the sums."""
    found = find(request, pk)
    rows = reading.counted(found.activities.all())
    named = [_named(side, row) for row in rows]
    return _explained(request, side, found, Explainer(named, found.currency, today(), alone=False), key, found.title)


def activity_figure(request: HttpRequest, side: Side, pk: int, key: str) -> HttpResponse:
    """How a figure of one activity came about."""
    row = find_activity(request, pk)
    explainer = Explainer([_named(side, row)], row.plan.currency, today(), alone=True)
    return _explained(request, side, row.plan, explainer, key, row.title)


def _named(side: Side, row: Activity) -> Named:
    budget = [(line.what, line.amount) for line in row.budget.all()]
    sources = {name: origins.words(source) for name, source in row.sources.items()}
    return Named(row.title, reading.planned(row), budget, sources, activity_url(side, row))


def _explained(
    request: HttpRequest, side: Side, found: MarketingPlan, explainer: Explainer, key: str, lead: str
) -> HttpResponse:
    try:
        explanation = explainer.explain(key)
    except KeyError:
        raise Http404 from None
    context = {
        "plan": found,
        "title": FIGURES[key],
        "lead": lead,
        "explanation": explanation,
        "crumbs": crumbs(side, found, inside=True),
    }
    return render(request, "marketing/figure.html", context)
