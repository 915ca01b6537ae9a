"""The partner's pages of scorecards. Whoever came by a mailed link reaches the one scorecard it is for, and nothing else."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import portal
from accounts.permissions import Permission as P
from partners.models import Partner
from scorecards import actions, carrying, queries
from scorecards.models import QuestionnaireVersion
from scorecards.tables import default_questionnaire
from scorecards.views import pages, talk


def _partner(request: HttpRequest) -> Partner:
    return get_object_or_404(Partner.objects.visible_to(request.user).select_related("stage", "partner_type", "cam"))


@portal(P.ANSWER_SCORECARDS)
def scorecards(request: HttpRequest) -> HttpResponse:
    """The partner's scorecards, and what it is asked to fill in."""
    partner = _partner(request)
    questionnaire = default_questionnaire()
    standing = queries.standings(request.user, [partner], questionnaire)[0] if questionnaire else None
    context = {
        "partner": partner,
        "assessments": list(queries.history(request.user, partner)),
        "standing": standing,
        "starts": carrying.starts(
            request.user, partner, "self", but=["capability"] if standing and standing.draft else []
        ),
        "joint_starts": carrying.starts(request.user, partner, "joint"),
        "limits": queries.thresholds(),
        **talk.of_partner(request, pages.PORTAL, partner, questionnaire),
    }
    return render(request, "scorecards/portal_list.html", context)


@portal(P.ANSWER_SCORECARDS)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Opens the partner's own draft, or the one both sides fill in, or a new one filled in from last time."""
    mode = "joint" if request.POST.get("mode") == "joint" else "self"
    offered = {str(version.pk): version for version in queries.startable(mode)}
    chosen = offered.get(request.POST.get("version", "")) or next(iter(offered.values()), None)
    if chosen is None:
        messages.error(request, _("There is nothing to fill in at the moment."))
        return redirect("scorecards:portal_list")
    version = QuestionnaireVersion.objects.select_related("questionnaire").get(pk=chosen.pk)
    assessment = actions.start_assessment(
        partner=_partner(request), version=version, mode=mode, by=request.user, only_update="update" in request.POST
    )
    return redirect("scorecards:portal_answer", assessment.pk)
