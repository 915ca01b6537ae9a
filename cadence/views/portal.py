from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import portal
from accounts.permissions import Permission
from cadence import queries
from leads.queries import teasers
from mdf.asks import asked_of
from partners.models import Partner
from scorecards import goal_lines
from scorecards.queries import standings, waiting
from scorecards.summary import Summary
from scorecards.tables import default_questionnaire


@portal(Permission.PORTAL)
def home(request: HttpRequest) -> HttpResponse:
    """What does the vendor want from me, and how do we stack up?"""
    partner = get_object_or_404(Partner.objects.visible_to(request.user).select_related("tier", "cam"))
    questionnaire = default_questionnaire()
    standing = standings(request.user, [partner], questionnaire)[0] if questionnaire else None
    context = {
        "partner": partner,
        "standing": standing,
        "summary": Summary(request.user, standing.latest) if standing and standing.latest else None,
        "due": queries.due_actions(request.user, within_days=60),
        "asked": waiting(request.user, partner, questionnaire),
        "goals_asked": [line for line in goal_lines.lines(request.user, partner) if line.asked],
        "offers": teasers(request.user) if request.user.can(Permission.SELL) else [],
        "mdf_asked": asked_of(request.user),
    }
    return render(request, "cadence/portal_home.html", context)
