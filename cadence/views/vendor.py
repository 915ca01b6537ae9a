from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.access import anyone_signed_in
from accounts.permissions import Permission as P
from accounts.permissions import Role
from cadence import home as homes
from cadence import queries
from partners.models import Partner
from prm.common.vendor import today
from scorecards.heatmap import Map
from scorecards.tables import default_questionnaire


@anyone_signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Whom do I call now, and for what? For those with no partners of their own: are the conversations held?"""
    user = request.user
    if user.is_partner_side:
        return redirect("cadence:portal_home")
    sees_work = user.can(P.SEE_WORK)
    runs = sees_work and user.can(P.RUN_SCORECARDS) and queries.looked_after(user).exists()
    context: dict[str, Any] = {
        "hour": timezone.localtime().hour,
        "mine": homes.cam_home(user, today(request.vendor_settings)) if runs else None,
        "due": queries.due_actions(user) if sees_work else [],
        "sees_work": sees_work,
        "sees_rollups": user.can(P.SEE_ROLLUPS),
        "imports": user.can(P.IMPORT_DATA),
        "is_cam": Role.CAM in user.roles,
    }
    context |= {} if runs else _everybodys(request)
    return render(request, "cadence/home.html", context | {"lead": _lead(context)})


def _lead(context: dict[str, Any]) -> str:
    """How many partners, how many conversations held, how many late."""
    if mine := context["mine"]:
        return render_to_string("cadence/home_held.html", {"held": mine.held, "partners": mine.partners})
    if context["overview"] and context["partner_count"]:
        held = context["overview"].held
        return render_to_string("cadence/home_held.html", {"held": held, "partners": context["partner_count"]})
    return ""


def _everybodys(request: HttpRequest) -> dict[str, Any]:
    """How far all partners are that this person sees."""
    user = request.user
    partners = Partner.objects.visible_to(user).filter(stage__is_lapsed=False)
    questionnaire = default_questionnaire() if user.can(P.SEE_SCORECARDS) else None
    return {
        "partner_count": partners.count(),
        "quarter": queries.quarter(partners, questionnaire) if questionnaire else None,
        "map": Map(user, QueryDict("by=region")) if user.can(P.SEE_ROLLUPS) else None,
        "overview": homes.overview(user, today(request.vendor_settings)) if user.can(P.SEE_WORK) else None,
    }
