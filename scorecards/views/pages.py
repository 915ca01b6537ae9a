"""The pages both sides have: answering and the summary. views/vendor.py and views/portal.py say who may open them."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.permissions import Permission
from prm.common.lists import CONTENT_TYPES
from prm.common.vendor import vendor_settings
from prm.documents.pdf import PdfUnavailable
from prm.documents.pdf import render as render_pdf
from prm.documents.xlsx import workbook
from scorecards import actions, export, forms, kinds, queries, update
from scorecards.board import Board, board
from scorecards.candidates import VERDICTS
from scorecards.explainer import Explainer
from scorecards.models import Assessment
from scorecards.scoring import display
from scorecards.summary import Summary
from scorecards.views.talk import Talk, goals_of

REMEMBER_ALL = "scorecards.all"
MAX_ONCE = 60
KEEP_ONCE = 24 * 3600  # seconds; a page that was away for longer than that sends its answers as new ones


@dataclass(frozen=True)
class Side:
    """Which of the two sites: the names of its addresses begin with `prefix`; who has `fills_in` also changes things."""

    prefix: str
    fills_in: Permission

    def url(self, name: str, *args: object) -> str:
        return reverse(f"scorecards:{self.prefix}{name}", args=args)

    def urls(self, assessment: Assessment) -> dict[str, str]:
        names = ["answer", "answers", "changes", "confirm", "submit", "discard", "summary", "pdf", "xlsx"]
        if assessment.takes_actions:
            names.append("plan")
        found = {name: self.url(name, assessment.pk) for name in names}
        return found | {"peers": self.url("peers", assessment.pk) if self is not OURS else ""}


VENDOR = Side("", Permission.RUN_SCORECARDS)
PORTAL = Side("portal_", Permission.ANSWER_SCORECARDS)
OURS = Side("own_", Permission.SCORE_OURSELVES)  # of the vendor's side about itself: about no partner


def find(request: HttpRequest, side: Side, pk: int) -> Assessment:
    return get_object_or_404(queries.assessments(request.user).filter(partner__isnull=side is OURS), pk=pk)


def find_own(request: HttpRequest, side: Side, pk: int) -> Assessment:
    """An assessment the user's side fills in; the other side's is not found here."""
    return get_object_or_404(queries.filled_in(request.user).filter(partner__isnull=side is OURS), pk=pk)


# ── Answering ────────────────────────────────────────────────────────────────────────────────────────────────────────


def answering(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """The questions: one topic at a time or all. Without script a form for each topic, which comes back here."""
    assessment = find_own(request, side, pk)
    if not assessment.is_draft:
        return redirect(side.url("summary", pk))
    if request.method == "POST":
        return _save_topic(request, side, assessment)
    if "all" in request.GET:
        request.session[REMEMBER_ALL] = request.GET["all"] == "1"
    shown = board(request.user, assessment)
    shown.show(request.GET.get("topic", ""))
    return _answering_page(request, side, shown)


def _answering_page(request: HttpRequest, side: Side, shown: Board, status: int = 200) -> HttpResponse:
    context = working(request, side, shown)
    context["partner_url"] = reverse("scorecards:partner", args=[shown.assessment.partner_id]) if side is VENDOR else ""
    return render(request, "scorecards/answering.html", context, status=status)


def working(request: HttpRequest, side: Side, shown: Board) -> dict[str, Any]:
    """What the parts of the answering page are made from."""
    return {
        "board": shown,
        "assessment": shown.assessment,
        "urls": side.urls(shown.assessment),
        "all": request.session.get(REMEMBER_ALL, False),
        "title": title_of(shown.assessment),
        "crumb": crumbs(request, side, shown.assessment)[-1:],
        "REST": update.REST,
        "other_side": "vendor" if side is PORTAL else "partner",
    }


def _save_topic(request: HttpRequest, side: Side, assessment: Assessment) -> HttpResponse:
    """Keeps all answers of the posted topic, confirms it, and goes on to the next one, or to the summary after the last.

    Filled in together, an answer that somebody else changed since the form was opened is shown instead of overwritten.
    """
    shown = board(request.user, assessment)
    shown.show(request.POST.get("topic", ""))
    if shown.in_rest:
        actions.confirm(assessment=assessment, by=request.user, topic=update.REST)
        return redirect(side.url("summary", assessment.pk))
    topic = next(topic for topic in shown.topics if topic.current)
    seen = forms.revision(request.POST) if shown.together else shown.revision
    for row in topic.questions:
        given = forms.given(row.question.key, request.POST)
        if row.answer is None and not forms.says_something(given):
            continue
        if row.answer and row.answer.revision > seen and not actions.is_same(row.answer, given):
            row.errors = [_("Changed meanwhile: %(who)s. Choose again.") % {"who": row.who}]
            row.typed = forms.typed(row.question.key, request.POST)
            continue
        try:
            actions.save_answer(assessment=assessment, question_key=row.question.key, given=given, by=request.user)
        except ValidationError as error:
            row.errors, row.typed = error.messages, forms.typed(row.question.key, request.POST)
        except actions.Closed:
            return redirect(side.url("summary", assessment.pk))
    if any(row.errors for row in topic.questions):
        return _answering_page(request, side, shown, status=422)
    if assessment.is_draft:
        actions.confirm(assessment=assessment, by=request.user, topic=topic.key)
    if topic.next_key:
        return redirect(f"{side.url('answer', assessment.pk)}?topic={topic.next_key}")
    return redirect(side.url("summary", assessment.pk))


def save(request: HttpRequest, side: Side, pk: int, question: str) -> HttpResponse:
    """Keeps one answer as it is given; answers with what changed on the page, or 422 with the question's own message.

    A page that got no reply sends the same again, under the same `once`: what it replaced meanwhile must not come back.
    """
    assessment = find_own(request, side, pk)
    once = request.POST.get("once", "")[:MAX_ONCE]
    sent = f"scorecards:given:{request.user.pk}:{pk}:{question}:{once}"
    if once and cache.get(sent):
        return _changed(request, side, assessment, question)
    try:
        given = forms.given(question, request.POST)
        actions.save_answer(assessment=assessment, question_key=question, given=given, by=request.user)
    except ValidationError as error:
        return _changed(request, side, assessment, question, error.messages)
    except actions.Closed:
        return HttpResponse(_("This scorecard is submitted; its answers can't be changed."), status=409)
    if once:
        cache.set(sent, 1, KEEP_ONCE)
    return _changed(request, side, assessment, question)


def confirm(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """Confirms the carried-over answers of one topic."""
    assessment = find_own(request, side, pk)
    try:
        actions.confirm(assessment=assessment, by=request.user, topic=request.POST.get("topic", ""))
    except actions.Closed:
        return HttpResponse(_("This scorecard is submitted; its answers can't be changed."), status=409)
    return _changed(request, side, assessment)


def _changed(
    request: HttpRequest, side: Side, assessment: Assessment, question: str = "", errors: list[str] | None = None
) -> HttpResponse:
    """The parts of the answering page that follow every answer."""
    fresh = find_own(request, side, assessment.pk)
    shown = board(request.user, fresh)
    if row := shown.row(question):
        row.errors = errors or []
    context = {**working(request, side, shown), "now": timezone.now()}
    return render(request, "scorecards/answering_changed.html", context, status=422 if errors else 200)


# ── Submitting ───────────────────────────────────────────────────────────────────────────────────────────────────────


def submit(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    assessment = find_own(request, side, pk)
    try:
        actions.submit(assessment=assessment, by=request.user)
    except actions.Incomplete as error:
        if error.missing:
            text = ngettext(
                "%(n)s question is still to answer or confirm.", "%(n)s questions are still to answer or confirm.",
                len(error.missing),
            ) % {"n": len(error.missing)}  # fmt: skip
        else:
            text = _("Answer at least one question first.")
        messages.error(request, text)
    except actions.Closed:
        messages.info(request, _("This scorecard is submitted already."))
    else:
        messages.success(request, _("Submitted. The answers are kept as they are now."))
    return redirect(side.url("summary", pk))


def discard(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    assessment = find_own(request, side, pk)
    try:
        actions.discard(assessment=assessment, by=request.user)
    except actions.Closed:
        messages.error(request, _("A submitted scorecard is kept."))
        return redirect(side.url("summary", pk))
    except actions.NotAllowed as error:
        messages.error(request, str(error))
        return redirect(side.url("summary", pk))
    messages.success(request, _("The draft is discarded."))
    return redirect(crumbs(request, side, assessment)[0][1])


# ── Summary ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def summary(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """Where the partner stands and what to do about it; of a draft as it stands, with what is missing and Submit."""
    assessment = find(request, side, pk)
    return _summary_page(request, side, Summary(request.user, assessment))


def _summary_page(
    request: HttpRequest, side: Side, shown: Summary, form: forms.PlanForm | None = None, status: int = 200
) -> HttpResponse:
    may_act = request.user.can(side.fills_in)
    if form is None and may_act and shown.assessment.takes_actions:
        form = forms.PlanForm(shown.plan, shown.owners, shown.live_actions, request.user)
    context: dict[str, Any] = {
        "talk": Talk(request, side, shown.assessment, may_act),
        "goals": goals_of(request, side, shown.assessment),
        "summary": shown,
        "assessment": shown.assessment,
        "urls": side.urls(shown.assessment),
        "side": side,
        "form": form,
        "may_act": may_act,
        "title": title_of(shown.assessment),
        "crumbs": crumbs(request, side, shown.assessment),
        "verdict": verdict_of(shown),
        "may_move": request.user.can(Permission.EDIT_PARTNERS),
        "actions_url": "" if hasattr(request, "signed_link") else _actions_url(side, shown.assessment),
    }
    return render(request, "scorecards/summary.html", context, status=status)


def plan(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """Puts the ticked actions of the proposed plan into the partner's list."""
    assessment = find(request, side, pk)
    if not assessment.takes_actions:
        raise Http404
    shown = Summary(request.user, assessment)
    form = forms.PlanForm(shown.plan, shown.owners, shown.live_actions, request.user, request.POST)
    if not form.is_valid():
        return _summary_page(request, side, shown, form, status=422)
    try:
        made = actions.accept_action_plan(assessment=assessment, items=form.items(), by=request.user)
    except ValidationError as error:
        for key, texts in error.message_dict.items():
            form.add_error(f"title-{key}" if f"title-{key}" in form.fields else None, texts)
        return _summary_page(request, side, shown, form, status=422)
    count = len(made)
    text = ngettext("%(n)s action is in the plan.", "%(n)s actions are in the plan.", count) % {"n": count}
    messages.success(request, text if count else _("These actions are in the plan already."))
    return redirect(side.url("summary", pk) + "#plan")


def crumbs(request: HttpRequest, side: Side, assessment: Assessment) -> list[tuple[str, str]]:
    """Where the page belongs; nothing for who came by a link: it leads to this one scorecard only."""
    if hasattr(request, "signed_link"):
        return []
    if assessment.partner is None:
        return _own_crumbs(request, assessment)
    if side is VENDOR:
        partner = (assessment.partner.name, reverse("scorecards:partner", args=[assessment.partner_id]))
        return [(_("Scorecards"), side.url("list")), partner]
    return [(_("Scorecards"), side.url("list"))]


def _own_crumbs(request: HttpRequest, assessment: Assessment) -> list[tuple[str, str]]:
    if assessment.about is None:
        return [(_("Our program"), reverse("scorecards:program"))]
    if assessment.about == request.user:
        return [(_("My skills"), reverse("scorecards:skills"))]
    page = (assessment.about.display_name, reverse("scorecards:cam", args=[assessment.about_id]))
    return [(_("CAMs"), reverse("scorecards:cams")), page]


def title_of(assessment: Assessment) -> str:
    """Whose scorecard it is: the partner's, a CAM's, or the vendor's own."""
    whose = assessment.partner or assessment.about
    return str(whose) if whose else vendor_settings().name


def verdict_of(shown: Summary) -> dict[str, str] | None:
    """Go, develop or pass, of a submitted assessment of a candidate."""
    if shown.assessment.kind != "recruit" or shown.assessment.is_draft:
        return None
    _value, rag = shown.overall
    found = kinds.verdict(rag)
    return {"key": found, "rag": str(rag), "word": str(VERDICTS[found])} if found else None


def _actions_url(side: Side, assessment: Assessment) -> str:
    if not assessment.takes_actions:
        return ""
    return (
        reverse("partners:actions", args=[assessment.partner_id])
        if side is VENDOR
        else reverse("partners:portal_actions")
    )


def explain(request: HttpRequest, side: Side, pk: int, level: str, key: str) -> HttpResponse:
    """How one figure came about, with this partner's own numbers."""
    assessment = find(request, side, pk)
    explainer = Explainer(request.user, assessment, lambda *args: side.url("explain", pk, *args))
    explanation = explainer.explain(level, key)
    if explanation is None:
        raise Http404
    around = crumbs(request, side, assessment)
    result = explanation.result
    context = {
        "explanation": explanation,
        "assessment": assessment,
        "urls": side.urls(assessment),
        "lead": title_of(assessment),
        "crumbs": [*around, (_("Summary"), side.url("summary", pk))],
        "display": display(result) if result is not None and level in ("overall", "category", "topic") else None,
    }
    return render(request, "scorecards/explain.html", context)


def pdf(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """The summary on one page."""
    assessment = find(request, side, pk)
    shown = Summary(request.user, assessment)
    vendor = request.vendor_settings
    context = {
        "summary": shown,
        "assessment": assessment,
        "title": _("Scorecard of %(partner)s") % {"partner": title_of(assessment)},
        "verdict": verdict_of(shown),
        "vendor": vendor.name,
        "as_of": timezone.localtime(assessment.finished_at or timezone.now()),
        "accent": vendor.accent,
    }
    try:
        content = render_pdf("scorecards/summary_pdf.html", context)
    except PdfUnavailable as error:
        messages.error(request, str(error))
        return redirect(side.url("summary", pk))
    return _file(content, "application/pdf", assessment, "pdf")


def xlsx(request: HttpRequest, side: Side, pk: int) -> HttpResponse:
    """Scores and answers as a workbook."""
    assessment = find(request, side, pk)
    content = workbook(export.sheets(request.user, assessment), title=str(assessment))
    return _file(content, CONTENT_TYPES["xlsx"], assessment, "xlsx")


def _file(content: bytes, kind: str, assessment: Assessment, ending: str) -> HttpResponse:
    name = slugify(f"{title_of(assessment)} scorecard {assessment.period or 'draft'}")
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return response
