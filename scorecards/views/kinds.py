"""The pages of the kinds beside capability: candidates, satisfaction, the program, CAMs."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import vendor
from accounts.models import User
from accounts.permissions import Permission as P
from accounts.permissions import Role
from partners import hub
from partners.models import Partner
from prm.common import lists
from prm.common.saving import saved
from scorecards import actions, forms, queries, satisfaction
from scorecards.cam_reviews import cam_listing, review_of, state_words
from scorecards.candidates import candidate_listing
from scorecards.models import QuestionnaireVersion
from scorecards.program import Program
from scorecards.start import publish_missing


def _published(kind: str) -> QuestionnaireVersion:
    """The questionnaire of the kind that is offered first; 404 where none is published any more."""
    found = next(iter(queries.published(kind)), None)
    if found is None:  # a vendor from before the kind was there
        publish_missing()
        found = next(iter(queries.published(kind)), None)
    if found is None:
        raise Http404
    return found


# ── Candidates ───────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.SEE_SCORECARDS)
def candidates(request: HttpRequest) -> HttpResponse:
    """Partners in the stage Recruit, the best fit first."""
    listing = candidate_listing(request.user, request.GET)
    context = {"listing": listing, "filter": listing.filter, "limits": queries.thresholds(kind="recruit")}
    return render(request, "scorecards/kinds_candidates.html", context)


@vendor(P.SEE_SCORECARDS)
def candidates_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "scorecards.candidates", kind)


# ── Satisfaction ─────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.SEE_SATISFACTION)
def satisfaction_page(request: HttpRequest) -> HttpResponse:
    """What partners say: averages by CAM or region, and each answer."""
    listing = satisfaction.satisfaction_listing(request.user, request.GET)
    chosen = listing.filter
    assert isinstance(chosen, satisfaction.SatisfactionFilter)
    partners = chosen.apply(Partner.objects.visible_to(request.user))
    columns = satisfaction.columns_of(satisfaction.questionnaire())
    limits = queries.thresholds()
    rows = [
        {
            "row": row,
            "cells": [
                (row.display(key), limits.rag(row.display(key))) for key in ("", *(key for key, _name in columns))
            ],
        }
        for row in satisfaction.averages(request.user, partners, chosen.group)
    ]
    context = {"listing": listing, "filter": chosen, "rows": rows, "columns": columns, "by": chosen.group}
    return render(request, "scorecards/kinds_satisfaction.html", context)


@vendor(P.SEE_SATISFACTION)
def satisfaction_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "scorecards.satisfaction", kind)


@vendor(P.SEE_SATISFACTION)
def ask_satisfaction(request: HttpRequest, pk: int, form: forms.InviteForm | None = None) -> HttpResponse:
    """Asks one of the partner's people, by mail, how satisfied they are."""
    found = hub.find(request, pk)
    if found.cam_id == request.user.pk:
        raise Http404  # whom the answers are about does not choose who is asked
    form = forms.InviteForm(queries.people_to_ask(found), request.POST or None)
    del form.fields["update"]  # satisfaction is asked as a whole
    asked = {"partner": found, "version": _published("satisfaction"), "by": request.user}
    if not (form.is_valid() and saved(form, actions.invite_partner_to_self_score, **asked, **form.cleaned_data)):
        status = 422 if form.is_bound else 200
        return hub.page(request, found, "scorecards", "scorecards/kinds_ask.html", {"form": form}, status)
    user = form.cleaned_data["user"]
    words = _("%(name)s gets a mail with a link; no password is needed.")
    messages.success(request, words % {"name": user.display_name})
    return redirect("scorecards:partner", pk)


# ── The program ──────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.RUN_PROGRAM)
def program(request: HttpRequest) -> HttpResponse:
    """Where the vendor's channel is, and what to do first."""
    return render(request, "scorecards/kinds_program.html", {"program": Program(request.user)})


@vendor(P.RUN_PROGRAM)
@require_POST
def program_start(request: HttpRequest) -> HttpResponse:
    draft = actions.start_program(version=_published("program"), by=request.user)
    return redirect("scorecards:own_answer", draft.pk)


# ── CAMs ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.SCORE_OURSELVES)
def skills(request: HttpRequest) -> HttpResponse:
    """A CAM's own: its skills by itself and by its manager, and what its partners say on average."""
    if Role.CAM not in request.user.roles:
        return render(request, "scorecards/kinds_cam.html", {"review": None, "own": True, "heard": None})
    return render(request, "scorecards/kinds_cam.html", _review(request, request.user) | _heard(request.user))


def _review(request: HttpRequest, about: User) -> dict[str, object]:
    review = review_of(request.user, about)
    own = about == request.user
    return {
        "review": review,
        "own": own,
        "mine": review.own if own else review.manager,
        "states": [
            (_("By the CAM"), state_words(review.own.status)),
            (_("By the manager"), state_words(review.manager.status)),
        ],
        "limits": queries.thresholds(),
        "heard": None,
    }


def _heard(cam: User) -> dict[str, object]:
    heard = satisfaction.heard_by(cam)
    first = satisfaction.questionnaire()
    names = queries.names(first) if first else {}
    limits = queries.thresholds()
    topics = [
        (name, heard.topics[key], limits.rag(heard.topics[key]))
        for (level, key), name in names.items()
        if level == "topic" and key in heard.topics
    ]
    return {"heard": heard, "heard_rag": limits.rag(heard.overall), "heard_topics": topics}


@vendor(P.SCORE_OURSELVES)
@require_POST
def skills_start(request: HttpRequest) -> HttpResponse:
    return _start_review(request, request.user)


@vendor(P.REVIEW_CAMS)
def cams(request: HttpRequest) -> HttpResponse:
    """The CAMs the reader reviews, and how far both sides are this quarter."""
    return render(request, "scorecards/kinds_cams.html", {"listing": cam_listing(request.user, request.GET)})


@vendor(P.REVIEW_CAMS)
def cams_export(request: HttpRequest, kind: str) -> HttpResponse:
    return lists.export(request, "scorecards.cams", kind)


@vendor(P.REVIEW_CAMS)
def cam(request: HttpRequest, pk: int) -> HttpResponse:
    """One CAM by self and by manager."""
    found = get_object_or_404(queries.reviewed_cams(request.user), pk=pk)
    return render(request, "scorecards/kinds_cam.html", _review(request, found))


@vendor(P.REVIEW_CAMS)
@require_POST
def cam_start(request: HttpRequest, pk: int) -> HttpResponse:
    return _start_review(request, get_object_or_404(queries.reviewed_cams(request.user), pk=pk))


def _start_review(request: HttpRequest, about: User) -> HttpResponse:
    try:
        draft = actions.start_review(version=_published("cam"), cam=about, by=request.user)
    except actions.NotAllowed as error:
        messages.error(request, str(error))
        return redirect("scorecards:skills")
    return redirect("scorecards:own_answer", draft.pk)
