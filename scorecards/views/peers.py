"""How an assessment stands among its peers, explained: the vendor's page and the partner's."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from scorecards.standing import ROUNDING, Peers
from scorecards.summary import Summary
from scorecards.views import pages


def explain(request: HttpRequest, side: pages.Side, pk: int) -> HttpResponse:
    assessment = pages.find(request, side, pk)
    peers = Peers(request.user, assessment)
    shown = Summary(request.user, assessment)
    rows = [{"name": _("Overall"), "score": assessment.overall_shared, "place": peers.overall}]
    rows += [
        {"name": topic.name, "score": topic.score, "place": peers.of(topic.key)}
        for topic in shown.topics
        if not topic.internal
    ]
    context = {
        "peers": peers,
        "explanation": peers.explanation,
        "rows": rows,
        "rounding": ROUNDING,
        "lead": ", ".join([assessment.of_partner.name, shown.lead]),
        "crumbs": [*pages.crumbs(request, side, assessment), (_("Summary"), side.url("summary", pk))],
    }
    return render(request, "scorecards/peers.html", context)
