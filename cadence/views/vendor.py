from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access import anyone_signed_in
from accounts.permissions import Permission as P
from accounts.permissions import Role
from cadence import queries
from partners.models import Partner
from scorecards.heatmap import Map
from scorecards.tables import default_questionnaire


@anyone_signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Whom do I call now, and for what? For those with no partners of their own: how far is the quarter?"""
    user = request.user
    if user.is_partner_side:
        return redirect("cadence:portal_home")
    questionnaire = default_questionnaire()
    runs = user.can(P.RUN_SCORECARDS) and queries.own_partners(user).exists()
    partners = queries.own_partners(user) if runs else Partner.objects.visible_to(user).filter(stage__is_lapsed=False)
    scores = questionnaire if user.can(P.SEE_SCORECARDS) else None
    context = {
        "hour": timezone.localtime().hour,
        "runs": runs,
        "partner_count": partners.count(),
        "quarter": queries.quarter(partners, scores) if scores else None,
        "conversations": queries.conversations(user, scores) if scores and runs else [],
        "map": Map(user, QueryDict("by=region")) if user.can(P.SEE_ROLLUPS) and not runs else None,
        "due": queries.due_actions(user) if user.can(P.SEE_WORK) else [],
        "sees_work": user.can(P.SEE_WORK),
        "sees_rollups": user.can(P.SEE_ROLLUPS),
        "imports": user.can(P.IMPORT_DATA),
        "is_cam": Role.CAM in user.roles,
    }
    return render(request, "cadence/home.html", context)
