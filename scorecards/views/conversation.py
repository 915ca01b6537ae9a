"""What both sides do with submitted scorecards: compare the two views, agree, set goals; and the vendor's internal answers."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import portal, vendor
from accounts.permissions import Permission as P
from scorecards import actions, comparison, forms, goal_lines, queries, settling
from scorecards.actions import LINK_PURPOSE
from scorecards.board import TopicRow, board
from scorecards.comparison import Comparison, Pair
from scorecards.goal_forms import GoalForm, NewGoalForm, free_topics
from scorecards.models import Assessment, Goal
from scorecards.views import pages
from scorecards.views.pages import PORTAL, VENDOR, Side, find

by_link = portal(P.ANSWER_SCORECARDS, link=LINK_PURPOSE)


# ── Compare and agree ────────────────────────────────────────────────────────────────────────────────────────────────


def _compared(request: HttpRequest, assessment: Assessment) -> Comparison:
    both = comparison.pair(request.user, assessment)
    if both is None:
        raise Http404
    return Comparison(request.user, both)


def _compare_page(
    request: HttpRequest, side: Side, assessment: Assessment, shown: Comparison, status: int = 200
) -> HttpResponse:
    by_link_only = hasattr(request, "signed_link")
    both = shown.pair
    context = {
        "comparison": shown,
        "assessment": assessment,
        "may_settle": side is VENDOR and request.user.can(side.fills_in) and both.may_be_settled,
        "agree_url": side.url("agree", assessment.pk),
        "own_url": side.url("summary", both.own.pk) if not by_link_only or both.own == assessment else "",
        "cam_url": side.url("summary", both.cam.pk) if not by_link_only or both.cam == assessment else "",
        "agreed_url": side.url("summary", both.agreed.pk) if both.agreed and not by_link_only else "",
        "own_score": _overall(both.own, request),
        "cam_score": _overall(both.cam, request),
        "shared": request.user.is_partner_side,
        "crumbs": pages.crumbs(request, side, assessment),
    }
    return render(request, "scorecards/compare.html", context, status=status)


def _overall(assessment: Assessment, request: HttpRequest) -> tuple[int | None, str | None]:
    """What both sides see of its overall, on either side's page: the two are compared on that."""
    payload = queries.result_payload(assessment, shared=True)
    return payload["display_shared"], payload["rag_shared"]


def _compare(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    assessment = find(request, side, pk)
    shown = _compared(request, assessment)
    settling.fill_in(shown)
    return _compare_page(request, side, assessment, shown)


@vendor(P.SEE_SCORECARDS)
def compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Partner's and vendor's view side by side, the largest difference first; who runs scorecards settles them here."""
    return _compare(request, VENDOR, pk)


@by_link
def portal_compare(request: HttpRequest, pk: int) -> HttpResponse:
    return _compare(request, PORTAL, pk)


@vendor(P.RUN_SCORECARDS)
@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    """One filled in together: the vendor's agreement. Else: the differences of the two views as settled."""
    assessment = find(request, VENDOR, pk)
    if assessment.mode == Assessment.Mode.JOINT:
        return _agree_joint(request, VENDOR, assessment)
    shown = _compared(request, assessment)
    settled = settling.fill_in(shown, request.POST)
    both = shown.pair
    if both.may_be_settled and _seen(request, both) != (both.own.pk, both.cam.pk):
        messages.warning(
            request, _("One of the two views was submitted anew meanwhile. Look at the differences again.")
        )
        return _compare_page(request, VENDOR, assessment, shown, status=422)
    try:
        if any(line.errors for line in shown.open) and both.may_be_settled:
            raise actions.Unsettled([line.question.key for line in shown.open if line.errors])
        made = actions.agree_comparison(
            assessment=assessment, settled=settled, by=request.user, seen=_seen(request, both)
        )
    except (actions.Unsettled, ValidationError) as error:
        settling.show_errors(shown, error.message_dict if isinstance(error, ValidationError) else {})
        return _compare_page(request, VENDOR, assessment, shown, status=422)
    except actions.AlreadyAgreed as error:
        messages.info(request, str(error))
        return redirect("scorecards:summary", error.agreed.pk)
    except actions.Closed as error:
        messages.warning(request, str(error))
        return redirect("scorecards:compare", pk)
    messages.success(request, _("Agreed. This scorecard takes the place of both views."))
    return redirect("scorecards:summary", made.pk)


def _seen(request: HttpRequest, both: Pair) -> tuple[int, int]:
    """Which two the page showed; those of now where it doesn't say."""
    ids = [request.POST.get(name, "") for name in ("own", "cam")]
    if all(value.isdecimal() for value in ids):
        return int(ids[0]), int(ids[1])
    return both.own.pk, both.cam.pk


def _agree_joint(request: HttpRequest, side: Side, assessment: Assessment) -> HttpResponse:
    try:
        done = actions.agree_joint(assessment=assessment, by=request.user)
    except (actions.Closed, actions.NotAllowed) as error:
        messages.info(request, str(error))
    else:
        agreed = done.status == Assessment.Status.AGREED
        messages.success(request, _("Both sides agree.") if agreed else _("Agreed for your side; the other is asked."))
    return redirect(side.url("summary", assessment.pk))


@by_link
@require_POST
def portal_agree(request: HttpRequest, pk: int) -> HttpResponse:
    """The partner's agreement to one filled in together."""
    assessment = find(request, PORTAL, pk)
    if assessment.mode != Assessment.Mode.JOINT:
        raise Http404
    return _agree_joint(request, PORTAL, assessment)


# ── Internal questions ───────────────────────────────────────────────────────────────────────────────────────────────


@vendor(P.RUN_SCORECARDS)
def internal(request: HttpRequest, pk: int) -> HttpResponse:
    """The internal questions of a submitted scorecard, which the vendor answers until it is agreed."""
    assessment = find(request, VENDOR, pk)
    topics = [topic for topic in board(request.user, assessment).topics if topic.internal]
    if not topics:
        raise Http404
    if assessment.status != Assessment.Status.SUBMITTED:
        messages.info(request, _("The internal questions can be answered from the submission to the agreement."))
        return redirect("scorecards:summary", pk)
    if request.method != "POST":
        return _internal_page(request, assessment, topics)
    rows = {row.question.key: row for topic in topics for row in topic.questions}
    given = {key: forms.given(key, request.POST) for key in rows}
    said = {key: each for key, each in given.items() if rows[key].answer is not None or forms.says_something(each)}
    try:
        actions.answer_internal(assessment=assessment, given=said, by=request.user)
    except actions.Closed as error:
        messages.info(request, str(error))
        return redirect("scorecards:summary", pk)
    except ValidationError as error:
        for key, row in rows.items():
            row.errors, row.typed = error.message_dict.get(key, []), forms.typed(key, request.POST)
        return _internal_page(request, assessment, topics, status=422)
    messages.success(request, _("Saved. The scores are worked out anew with these answers."))
    return redirect("scorecards:summary", pk)


def _internal_page(
    request: HttpRequest, assessment: Assessment, topics: list[TopicRow], status: int = 200
) -> HttpResponse:
    context = {"assessment": assessment, "topics": topics, "crumbs": _to_summary(request, VENDOR, assessment)}
    return render(request, "scorecards/internal.html", context, status=status)


def _to_summary(request: HttpRequest, side: Side, assessment: Assessment) -> list[tuple[str, str]]:
    return [*pages.crumbs(request, side, assessment), (_("Summary"), side.url("summary", assessment.pk))]


# ── Goals ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _goal_page(
    request: HttpRequest, side: Side, form: GoalForm, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    return render(request, "scorecards/goal.html", {"form": form, "side": side, **context}, status=status)


def _set_goal(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    assessment = find(request, side, pk)
    if not queries.open_to_both(assessment):
        raise Http404
    known = goal_lines.lines(request.user, assessment.partner, assessment.questionnaire)
    topics = free_topics(assessment, {line.goal.topic_key for line in known})
    context = {"line": None, "partner": assessment.partner, "crumbs": _to_summary(request, side, assessment)}
    if request.method != "POST":
        form = NewGoalForm(topics, initial={"topic": request.GET.get("topic", "")})
        return _goal_page(request, side, form, context)
    form = NewGoalForm(topics, request.POST)
    if form.is_valid():
        try:
            actions.propose_goal(assessment=assessment, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            _refused(form, error)
        else:
            messages.success(request, _("The goal is set; the other side is asked to agree."))
            return redirect(side.url("summary", pk) + "#goals")
    return _goal_page(request, side, form, context, status=422)


def _refused(form: GoalForm, error: ValidationError) -> None:
    for name, texts in error.message_dict.items():
        form.add_error(name if name in form.fields else None, texts)


def _find_goal(request: HttpRequest, pk: int) -> Goal:
    rows = Goal.objects.visible_to(request.user).filter(dropped_at=None)
    return get_object_or_404(rows.select_related("partner", "questionnaire", "proposed_by"), pk=pk)


def _goal(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """One goal: agree, change, drop."""
    goal = _find_goal(request, pk)
    line = goal_lines.with_standing(request.user, [goal])[0]
    crumbs = [(_("Scorecards"), _home(side, goal))]
    if side is VENDOR:
        crumbs = [(_("Scorecards"), side.url("list")), (goal.partner.name, _home(side, goal))]
    context = {"line": line, "partner": goal.partner, "crumbs": crumbs}
    context |= {f"{name}_url": side.url(f"goal_{name}", pk) for name in ("agree", "drop")}
    if request.method != "POST":
        form = GoalForm(initial={"score_to": format(goal.score_to.normalize(), "f"), "by_on": goal.by_on})
        return _goal_page(request, side, form, context)
    form = GoalForm(request.POST)
    if form.is_valid():
        try:
            changed = actions.change_goal(goal=goal, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            _refused(form, error)
        except actions.Closed as error:
            messages.info(request, str(error))
            return redirect(_home(side, goal))
        else:
            asks = changed.proposed_at != goal.proposed_at
            messages.success(
                request, _("Changed; the other side is asked to agree.") if asks else _("Nothing changed.")
            )
            return redirect(_home(side, goal))
    return _goal_page(request, side, form, context, status=422)


def _home(side: Side, goal: Goal) -> str:
    if side is VENDOR:
        return reverse("scorecards:partner", args=[goal.partner_id]) + "#goals"
    return side.url("list") + "#goals"


def _do(request: HttpRequest, side: Side, pk: int, what: str) -> HttpResponse:
    goal = _find_goal(request, pk)
    try:
        if what == "agree":
            actions.agree_goal(goal=goal, by=request.user)
            messages.success(request, _("The goal is agreed."))
        else:
            actions.drop_goal(goal=goal, by=request.user)
            messages.success(request, _("The goal is dropped."))
    except actions.Closed as error:
        messages.info(request, str(error))
    return redirect(_home(side, goal))


@vendor(P.RUN_SCORECARDS)
def goal_set(request: HttpRequest, pk: int) -> HttpResponse:
    return _set_goal(request, VENDOR, pk)


@vendor(P.RUN_SCORECARDS)
def goal(request: HttpRequest, pk: int) -> HttpResponse:
    return _goal(request, VENDOR, pk)


@vendor(P.RUN_SCORECARDS)
@require_POST
def goal_agree(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, VENDOR, pk, "agree")


@vendor(P.RUN_SCORECARDS)
@require_POST
def goal_drop(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, VENDOR, pk, "drop")


@portal(P.ANSWER_SCORECARDS)
def portal_goal_set(request: HttpRequest, pk: int) -> HttpResponse:
    return _set_goal(request, PORTAL, pk)


@portal(P.ANSWER_SCORECARDS)
def portal_goal(request: HttpRequest, pk: int) -> HttpResponse:
    return _goal(request, PORTAL, pk)


@portal(P.ANSWER_SCORECARDS)
@require_POST
def portal_goal_agree(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, PORTAL, pk, "agree")


@portal(P.ANSWER_SCORECARDS)
@require_POST
def portal_goal_drop(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, PORTAL, pk, "drop")
