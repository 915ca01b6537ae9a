"""How a figure of the performance scorecard came about, at both sides' addresses."""

import datetime as dt
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import portal, vendor
from accounts.permissions import Permission as P
from partners import hub
from partners.models import Partner
from scorecards.actions import PERFORMANCE_LINK
from scorecards.performance.card import Performance
from scorecards.performance.figures import ATTAINMENT, ATTAINMENTS
from scorecards.performance.figures import shown as whole_percent
from scorecards.performance_page.addresses import PORTAL, VENDOR, Side
from scorecards.performance_page.dials import LEVEL
from scorecards.performance_page.level import level

FIRST, LAST = dt.date(1990, 1, 1), dt.date(2100, 12, 31)


@vendor(P.SEE_PERFORMANCE)
def explain(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    partner = hub.find(request, pk)
    crumbs = [(partner.name, reverse("partners:hub", args=[pk])), (_("Performance"), _back(request, VENDOR, partner))]
    return _page(request, partner, key, crumbs)


@portal(P.PORTAL, link=PERFORMANCE_LINK)
def portal_explain(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    rows = Partner.objects.visible_to(request.user).select_related("tier", "stage", "partner_type")
    partner = get_object_or_404(rows, pk=pk)
    return _page(request, partner, key, [(_("Performance"), _back(request, PORTAL, partner))])


def _back(request: HttpRequest, side: Side, partner: Partner) -> str:
    """The page the figure stands on, as of the same day."""
    return side.url("performance", partner, on=request.GET.get("on"), family=request.GET.get("family"))


def _page(request: HttpRequest, partner: Partner, key: str, crumbs: list[tuple[str, str]]) -> HttpResponse:
    card = Performance(request.user, partner, _day(request.GET), family=request.GET.get("family") == "1")
    explanation = level(request.user, partner, card.day).told if key == LEVEL else card.explain(key)
    if explanation is None:
        raise Http404
    of_target = key.startswith(ATTAINMENT) or key.partition(":")[0] in ATTAINMENTS or key in ("composite", LEVEL)
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
