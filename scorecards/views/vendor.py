"""The vendor's pages of scorecards."""

from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.permissions import Permission as P
from partners import hub
from partners.models import Partner
from prm.common import lists
from scorecards import actions, carrying, forms, queries
from scorecards.candidates import STAGE
from scorecards.invitations import open_invitations
from scorecards.models import QuestionnaireVersion
from scorecards.tables import default_questionnaire, explained, scorecard_listing
from scorecards.views import pages, talk


@vendor(P.SEE_SCORECARDS)
def scorecards(request: HttpRequest) -> HttpResponse:
    """The reader's partners by their latest score and what is open."""
    listing = scorecard_listing(request.user, request.GET)
    return render(
        request,
        "scorecards/list.html",
        {
            "listing": listing,
            "filter": listing.filter,
            "explanations": explained(request.user, request.GET, listing),
            "can_see_rollups": request.user.can(P.SEE_ROLLUPS),
        },
    )


@vendor(P.SEE_SCORECARDS)
def export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "scorecards", kind)


@vendor(P.SEE_SCORECARDS)
def partner(request: HttpRequest, pk: int, form: forms.InviteForm | None = None, status: int = 200) -> HttpResponse:
    """All scorecards of one partner, and the start of the next: the tab Capabilities of the partner page."""
    found = hub.find(request, pk)
    questionnaire = default_questionnaire()
    may_run = request.user.can(P.RUN_SCORECARDS)
    people = queries.people_to_ask(found)
    context = {
        "assessments": list(queries.history(request.user, found)),
        "standing": queries.standings(request.user, [found], questionnaire)[0] if questionnaire else None,
        "starts": carrying.starts(request.user, found, "cam", first=_first_kind(found)) if may_run else [],
        "joint_starts": carrying.starts(request.user, found, "joint") if may_run else [],
        "to_ask": queries.startable("self", but=["satisfaction"]) if may_run else [],
        "asks_satisfaction": request.user.can(P.SEE_SATISFACTION) and found.cam_id != request.user.pk,
        "form": form or forms.InviteForm(people),
        "people": people,
        "invitation": next(iter(open_invitations(request.user, found, questionnaire)), None),
        "may_run": may_run,
        "limits": queries.thresholds(),
        "fit_limits": queries.thresholds(kind="recruit"),
        **talk.of_partner(request, pages.VENDOR, found, questionnaire),
    }
    return hub.page(request, found, "scorecards", "scorecards/partner.html", context, status)


@vendor(P.RUN_SCORECARDS)
@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Opens the draft of this partner, or a new one filled in from last time: the vendor's view, or one filled in together."""
    found = hub.find(request, pk)
    mode = "joint" if request.POST.get("mode") == "joint" else "cam"
    version = _version(request.POST, queries.startable(mode, first=_first_kind(found)))
    assessment = actions.start_assessment(
        partner=found, version=version, mode=mode, by=request.user, only_update="update" in request.POST
    )
    return redirect("scorecards:answer", assessment.pk)


@vendor(P.RUN_SCORECARDS)
@require_POST
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks one of the partner's people to answer, by mail."""
    found = hub.find(request, pk)
    form = forms.InviteForm(queries.people_to_ask(found), request.POST)
    if not form.is_valid():
        return partner(request, pk=pk, form=form, status=422)
    user = form.cleaned_data["user"]
    try:
        actions.invite_partner_to_self_score(
            partner=found, version=_version(request.POST, queries.startable("self", but=["satisfaction"])), user=user,
            by=request.user, message=form.cleaned_data["message"], due_on=form.cleaned_data["due_on"],
            only_update=form.cleaned_data["update"],
        )  # fmt: skip
    except ValidationError as error:
        form.add_error(None, error)
        return partner(request, pk=pk, form=form, status=422)
    messages.success(
        request, _("%(name)s gets a mail with a link; no password is needed.") % {"name": user.display_name}
    )
    return redirect("scorecards:partner", pk)


def _first_kind(partner: Partner) -> str:
    """What is offered first: a candidate is screened."""
    return "recruit" if partner.stage.key == STAGE else "capability"


def _version(data: QueryDict, startable: Sequence[QuestionnaireVersion]) -> QuestionnaireVersion:
    """The version asked for, or the one offered first."""
    offered = [version.pk for version in startable]
    asked = data.get("version", "")
    chosen = int(asked) if asked.isdecimal() and int(asked) in offered else offered[0] if offered else 0
    return get_object_or_404(QuestionnaireVersion.objects.select_related("questionnaire"), pk=chosen)
