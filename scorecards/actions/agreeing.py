"""Two views made into one: each difference settled, or a scorecard filled in together that both sides agree to."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from prm.common import audit, events, mail
from prm.common.notify import notify
from prm.common.vendor import fiscal_calendar, today, vendor_settings
from prm.tenancy.addresses import vendor_url
from scorecards import answers as rules
from scorecards import comparison, contenders, queries
from scorecards.actions.answering import Closed, Given, NotAllowed, check_answer, count_done, state_of, write_answer
from scorecards.actions.submitting import freeze
from scorecards.comparison import Pair
from scorecards.definition import Question
from scorecards.events import AssessmentAgreed
from scorecards.models import Answer, AnswerChange, Assessment, AssessmentScore
from scorecards.perception import Stand, same

audit.VERBS.update(
    {
        "assessment.agreed": gettext_lazy("Scorecard agreed"),
        "assessment.agreed_by_side": gettext_lazy("Scorecard agreed by one side"),
        "assessment.superseded": gettext_lazy("Scorecard replaced by the agreed one"),
        "assessment.internal_answered": gettext_lazy("Internal questions of a scorecard answered"),
    }
)


class Unsettled(Exception):
    """Both sides' answers differ and nobody said which stands: `missing` names the questions."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = missing


class AlreadyAgreed(Closed):
    """Somebody else was first, or the button was pressed twice: `agreed` is what came of it."""

    def __init__(self, message: str, agreed: Assessment) -> None:
        super().__init__(message)
        self.agreed = agreed


class Changed(Closed):
    """One of the two was submitted anew since the page was opened."""


def _runs(by: User) -> None:
    if by.is_partner_side or not by.can(Permission.RUN_SCORECARDS):
        raise NotAllowed(_("The vendor's side settles the differences, on the call with the partner."))


def _locked(assessment: Assessment, by: User) -> Assessment:
    """The assessment, locked after its partner: whatever changes the partner's scorecards goes one after the other."""
    Partner.objects.unscoped("lock").select_for_update().get(pk=assessment.partner_id)
    return (
        Assessment.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("version", "questionnaire", "partner", "superseded_by", "superseded_by__finished_by")
        .get(pk=assessment.pk)
    )


@transaction.atomic
def agree_comparison(
    *, assessment: Assessment, settled: Mapping[str, Given], by: User, seen: tuple[int, int] | None = None
) -> Assessment:
    """Makes one agreed assessment of the partner's and the vendor's view; the two are superseded by it.

    `settled` gives the answer that stands for each question where the views differ; for one that a single side answered
    it may give another. What both answered alike is taken over, and the vendor's internal answers. `seen`: the ids of the
    partner's and the vendor's assessment the person had before them.

    Raises NotAllowed, AlreadyAgreed, Changed, Closed (not both are in), Unsettled, or ValidationError by question key.
    """
    _runs(by)
    locked = _locked(assessment, by)
    if locked.superseded_by is not None:
        raise AlreadyAgreed(_who_agreed(locked.superseded_by), locked.superseded_by)
    both = comparison.pair(by, locked)
    if both is None or both.agreed is not None:
        raise Closed(_("There is nothing to agree yet: both views of the quarter have to be submitted."))
    if both.outdated:
        raise Closed(_("A later scorecard is open to both sides already; agree on that one."))
    if seen is not None and seen != (both.own.pk, both.cam.pk):
        raise Changed(_("One of the two views was submitted anew meanwhile. Look at the differences again."))
    answers, changes = _settle(both, settled, by)
    agreed = _make(both, by)
    for answer in answers:
        answer.assessment = agreed
    for change in changes:
        change.assessment = agreed
    Answer.objects.bulk_create(answers)
    AnswerChange.objects.bulk_create(changes)
    given = queries.as_rules(answers)
    count_done(agreed, given)
    freeze(agreed, given)
    agreed.save()
    for each in (both.own, both.cam):
        each.status, each.superseded_by = Assessment.Status.SUPERSEDED, agreed
        each.save(update_fields=["status", "superseded_by"])
        audit.record(by=by, verb="assessment.superseded", target=each, changes={"status": ["submitted", "superseded"]})
    _agreed(agreed, by, None)
    if both.own.finished_by is not None:
        _tell_partner(agreed, both.own.finished_by, by)
    return agreed


def _who_agreed(agreed: Assessment) -> str:
    return _("%(name)s agreed this scorecard already.") % {
        "name": agreed.finished_by.display_name if agreed.finished_by else _("Somebody")
    }


def _make(both: Pair, by: User) -> Assessment:
    """The agreed assessment, saved, without its answers and its result."""
    now, day = timezone.now(), today()
    newer = both.newer
    agreed = Assessment(
        partner=newer.partner, questionnaire=newer.questionnaire, version=newer.version, mode=Assessment.Mode.JOINT,
        status=Assessment.Status.AGREED, revealed=True, stage_key=newer.stage_key, type_key=newer.type_key,
        applicable=sorted(both.asked), focus=[], started_by=by, started_at=now, finished_by=by, finished_at=now,
        finished_on=day, period=fiscal_calendar().quarter_of(day).key, agreed_by_vendor=by, agreed_by_vendor_at=now,
        result={}, result_shared={},
    )  # fmt: skip
    agreed.save()
    return agreed


def _settle(both: Pair, settled: Mapping[str, Given], by: User) -> tuple[list[Answer], list[AnswerChange]]:
    """The answers of the agreed assessment and the history of those that were settled; neither is saved."""
    content = both.newer.version.content
    given = comparison.answers_that_fit(both)
    internal = {q.key for q in content.questions()} - {q.key for q in content.questions(internal=False)}
    answers: list[Answer] = []
    changes: list[AnswerChange] = []
    missing: list[str] = []
    errors: dict[str, list[str]] = {}
    for question in content.questions():
        if question.key not in given:
            continue
        own, cam = given[question.key]
        stand = comparison.stand_of(question, own, cam)
        said = settled.get(question.key)
        if question.key in internal:
            row = {Stand.PARTNERS: own, Stand.NOBODYS: None}.get(stand, cam)
        elif stand is Stand.UNSETTLED and said is None:
            missing.append(question.key)
            continue
        elif said is not None and stand in (Stand.UNSETTLED, Stand.PARTNERS, Stand.VENDORS):
            try:
                row = _said(question, said, own, cam, by)
            except ValidationError as error:
                errors[question.key] = error.messages
                continue
            changes += _history(row, own, cam, by)
        else:
            row = {Stand.NOBODYS: None, Stand.VENDORS: cam}.get(stand, own)
            if row is not None and stand is Stand.BOTHS and cam is not None:
                row.comment = row.comment or cam.comment
                row.evidence_url = row.evidence_url or cam.evidence_url
        if row is not None:
            answers.append(_taken(row, internal=question.key in internal))
    shared = {question.key: question for question in content.questions(internal=False) if question.key in given}
    for key in settled:
        if key not in shared:
            errors[key] = [_("This question is not asked here.")]
        elif comparison.stand_of(shared[key], *given[key]) in (Stand.BOTHS, Stand.NOBODYS):
            errors[key] = [_("There is nothing to settle here.")]
    if errors:
        raise ValidationError(errors)
    if missing:
        raise Unsettled(missing)
    return answers, changes


def _said(question: Question, said: Given, own: Answer | None, cam: Answer | None, by: User) -> Answer:
    """The answer that stands: one side's with its who and when, or another one of now."""
    check_answer(question, said)
    choice = rules.Answer(options=said.options, value=said.value, na=said.na)
    if not rules.is_answered(choice):
        raise ValidationError(_("Choose the answer that stands."))
    source = next((row for row in (own, cam) if row and same(queries.as_rule(row), choice)), None)
    chosen = [option.key for option in question.options if option.key in said.options]
    comment = (said.comment or "").strip() or (source.comment if source else "")
    evidence = said.evidence_url or (source.evidence_url if source else "")
    return Answer(
        question_key=question.key, options=chosen, value=said.value.strip(), na=said.na, comment=comment,
        evidence_url=evidence, by=source.by if source else by, at=source.at if source else timezone.now(),
    )  # fmt: skip


def _history(row: Answer, own: Answer | None, cam: Answer | None, by: User) -> list[AnswerChange]:
    """What the answer was on either side, where that isn't what stands."""
    after = state_of(row)
    return [
        AnswerChange(question_key=row.question_key, before=state_of(side), after=after, by=by, at=timezone.now())
        for side in (own, cam)
        if side is not None and state_of(side) != after
    ]


def _taken(row: Answer, *, internal: bool) -> Answer:
    return Answer(
        question_key=row.question_key, options=row.options, value=row.value, na=row.na, comment=row.comment,
        evidence_url=row.evidence_url, confirmed=True, prefilled=False, internal=internal, by=row.by, at=row.at,
    )  # fmt: skip


def _agreed(assessment: Assessment, by: User, before: str | None) -> None:
    """What follows once an assessment is agreed, however it came about."""
    assert assessment.partner_id is not None
    contenders.mark(assessment.partner_id, assessment.questionnaire_id)
    audit.record(by=by, verb="assessment.agreed", target=assessment, changes={"status": [before, "agreed"]})
    events.send(
        AssessmentAgreed(
            assessment_id=assessment.pk, partner_id=assessment.partner_id, kind=assessment.questionnaire.kind,
            period=assessment.period,
        )
    )  # fmt: skip


def _tell_partner(assessment: Assessment, user: User, by: User) -> None:
    """Mail and a line under the bell: your scorecard is agreed."""
    if not user.is_active:
        return
    page = reverse("scorecards:portal_summary", args=[assessment.pk])
    with translation.override(user.language):
        notify(user, _("%(name)s and you agreed your scorecard") % {"name": by.display_name}, page)
    context: dict[str, Any] = {
        "user": user,
        "by": by,
        "vendor": vendor_settings().name,
        "partner": assessment.of_partner,
        "questionnaire": assessment.questionnaire.name,
        "url": vendor_url(page),
    }
    mail.send(to=user.email, template="scorecard_agreed", context=context, language=user.language)


@transaction.atomic
def agree_joint(*, assessment: Assessment, by: User) -> Assessment:
    """One side's agreement to a scorecard filled in together; with the other side's it becomes agreed.

    Pressed again by the same side it changes nothing. Raises NotAllowed, Closed (not submitted), AlreadyAgreed.
    """
    if not by.can(Permission.ANSWER_SCORECARDS if by.is_partner_side else Permission.RUN_SCORECARDS):
        raise NotAllowed(_("You may not agree to scorecards."))
    locked = _locked(assessment, by)
    if locked.mode != Assessment.Mode.JOINT:
        raise NotAllowed(_("Only a scorecard filled in together is agreed like this."))
    if locked.status == Assessment.Status.AGREED:
        raise AlreadyAgreed(_("Both sides have agreed this scorecard already."), locked)
    if locked.status != Assessment.Status.SUBMITTED:
        raise Closed(_("This scorecard is not submitted yet."))
    side = "agreed_by_partner" if by.is_partner_side else "agreed_by_vendor"
    if getattr(locked, f"{side}_at") is not None:
        return locked
    setattr(locked, side, by)
    setattr(locked, f"{side}_at", timezone.now())
    if locked.agreed_by_vendor_at is None or locked.agreed_by_partner_at is None:
        locked.save(update_fields=[side, f"{side}_at"])
        audit.record(by=by, verb="assessment.agreed_by_side", target=locked)
        _ask_other_side(locked, by)
        return locked
    locked.status = Assessment.Status.AGREED
    locked.save(update_fields=["status", side, f"{side}_at"])
    _agreed(locked, by, "submitted")
    first = locked.agreed_by_vendor if by.is_partner_side else locked.agreed_by_partner
    if first is not None and first.is_partner_side:
        _tell_partner(locked, first, by)
    elif first is not None and first.is_active:
        _ring(first, gettext_lazy("%(name)s agreed the scorecard of %(partner)s, too"), locked, by)
    return locked


def _ask_other_side(assessment: Assessment, by: User) -> None:
    partner = assessment.of_partner
    if by.is_partner_side:
        whom = [user for user in (partner.cam, partner.cover) if user is not None]
    else:
        whom = list(queries.people_to_ask(partner))
    for user in whom:
        _ring(
            user,
            gettext_lazy("%(name)s agreed the scorecard of %(partner)s and asks you to agree, too"),
            assessment,
            by,
        )


def _ring(user: User, text: Any, assessment: Assessment, by: User) -> None:
    name = "scorecards:portal_summary" if user.is_partner_side else "scorecards:summary"
    words = {"name": by.display_name, "partner": assessment.of_partner.name}
    with translation.override(user.language):
        notify(user, text % words, reverse(name, args=[assessment.pk]))


@transaction.atomic
def answer_internal(*, assessment: Assessment, given: Mapping[str, Given], by: User) -> Assessment:
    """Answers internal questions of a submitted assessment, until it is agreed. The vendor's result is frozen anew with
    them; what the partner sees of it stays as it is.

    Raises NotAllowed, Closed, or ValidationError by question key: then nothing is kept.
    """
    _runs(by)
    locked = _locked(assessment, by)
    if locked.status != Assessment.Status.SUBMITTED:
        raise Closed(_("The internal questions can be answered from the submission to the agreement."))
    questions = internal_questions(locked)
    rows = {row.question_key: row for row in locked.answers.filter(question_key__in=questions)}
    errors = {}
    for key, said in given.items():
        question = questions.get(key)
        try:
            if question is None:
                raise ValidationError(_("This question is not asked here."))
            check_answer(question, said)
        except ValidationError as error:
            errors[key] = error.messages
    if errors:
        raise ValidationError(errors)
    for key, said in given.items():
        write_answer(locked, questions[key], rows.get(key), said, by)
    _freeze_again(locked)
    audit.record(by=by, verb="assessment.internal_answered", target=locked)
    return locked


def internal_questions(assessment: Assessment) -> dict[str, Question]:
    """The internal questions that this assessment asks, by key."""
    asked = queries.asked(assessment)
    return {
        question.key: question
        for category in comparison.internal_categories(assessment)
        for topic in category.topics
        for question in topic.questions
        if question.key in asked
    }


def _freeze_again(assessment: Assessment) -> None:
    shared = assessment.result_shared, assessment.overall_shared
    rows = queries.as_rules(assessment.answers.all())
    count_done(assessment, rows)
    freeze(assessment, rows)
    assessment.result_shared, assessment.overall_shared = shared
    assessment.save(update_fields=["result", "overall", "done", "of"])
    AssessmentScore.objects.unscoped("of this assessment").filter(assessment=assessment).update(
        contends=assessment.contends
    )
    assert assessment.partner_id is not None
    contenders.mark(assessment.partner_id, assessment.questionnaire_id)
