"""What was answered, for both sides: what changed since, all answers, the history of one."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from scorecards import forms, queries
from scorecards.answer_history import history as changes_of
from scorecards.board import board
from scorecards.models import Assessment
from scorecards.views import pages
from scorecards.views.pages import Side, find, find_own


def changes(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """What changed on the answering page since the `revision` it shows, by whoever; 204 for nothing. Asked every second or so."""
    since = forms.revision(request.GET)
    pulse = queries.pulse(request.user, pk)
    if pulse is None:
        raise Http404
    revision, status = pulse
    is_draft = status == Assessment.Status.DRAFT
    if is_draft and revision <= since:
        return HttpResponse(status=204)
    shown = board(request.user, find_own(request, side, pk), whole=not is_draft)
    news = [row for topic in shown.topics for row in topic.questions if row.answer and row.answer.revision > since]
    if is_draft and not news and since >= 0:  # what changed stays with the other side
        return HttpResponse(status=204)
    return render(request, "scorecards/answering_news.html", {**pages.working(request, side, shown), "news": news})


def answers(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """All answers with comment, evidence, who and when."""
    assessment = find(request, side, pk)
    shown = board(request.user, assessment, whole=True)
    context = {
        **pages.working(request, side, shown),
        "crumbs": [*pages.crumbs(request, side, assessment), (_("Summary"), side.url("summary", pk))],
    }
    return render(request, "scorecards/answers.html", context)


def history(request: HttpRequest, side: Side, pk: int, question: str) -> HttpResponse:
    """What became of the answer to one question: before and after, who, when."""
    assessment = find(request, side, pk)
    found = queries.question(request.user, assessment, question)
    if found is None:
        raise Http404
    rows = queries.changes(request.user, assessment, question)
    context = {
        "question": found,
        "changes": list(changes_of(found, rows)),
        "topic": queries.topic_of(assessment, question),
        "may_answer": request.user.can(side.fills_in) and assessment.is_filled_in_by(request.user),
        "assessment": assessment,
        "urls": side.urls(assessment),
        "crumbs": [
            *pages.crumbs(request, side, assessment),
            (_("Summary"), side.url("summary", pk)),
            (_("Answers"), side.url("answers", pk)),
        ],
    }
    return render(request, "scorecards/answer_history.html", context)
