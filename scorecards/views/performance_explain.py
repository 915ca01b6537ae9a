"""How a figure of the performance scorecard came about, at both sides' addresses."""

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from accounts.access import portal, vendor
from accounts.permissions import Permission as P
from partners import hub
from partners.models import Partner
from scorecards.performance.card import Performance
from scorecards.performance.figures import ATTAINMENT, ATTAINMENTS
from scorecards.performance.figures import shown as whole_percent

FIRST, LAST = dt.date(1990, 1, 1), dt.date(2100, 12, 31)


@vendor(P.SEE_PERFORMANCE)
def explain(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    partner = hub.find(request, pk)
    return _page(request, partner, key, [(partner.name, reverse("partners:hub", args=[pk]))])


@portal(P.PORTAL)
def portal_explain(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    rows = Partner.objects.visible_to(request.user).select_related("tier", "stage", "partner_type")
    return _page(request, get_object_or_404(rows, pk=pk), key, [])


def _page(request: HttpRequest, partner: Partner, key: str, crumbs: list[tuple[str, str]]) -> HttpResponse:
    card = Performance(request.user, partner, _day(request.GET), family=request.GET.get("family") == "1")
    explanation = card.explain(key)
    if explanation is None:
        raise Http404
    of_target = key.startswith(ATTAINMENT) or key.partition(":")[0] in ATTAINMENTS or key == "composite"
    context: dict[str, Any] = {
        "explanation": explanation,
        "shown": whole_percent(explanation) if explanation.unit == "%" else None,
        "rag": card.figures_of.rag(explanation) if of_target else None,
        "partner": partner,
        "branches": len(card.members) - 1,
        "crumbs": crumbs,
        "data_as_of": card.data_as_of,
    }
    return render(request, "scorecards/performance_explain.html", context)


def _day(asked: QueryDict) -> dt.date | None:
    """The day in the address, None for today; 404 for what is no day: no page leads there."""
    if "on" not in asked:
        return None
    try:
        day = dt.date.fromisoformat(asked["on"])
    except ValueError:
        raise Http404 from None
    if not FIRST <= day <= LAST:
        raise Http404
    return day
