"""Writes of an assessment, from its start to its frozen result."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import links
from accounts.models import User
from partners.models import Partner
from prm.common import audit, events
from prm.common.vendor import fiscal_calendar, today
from scorecards import answers as rules
from scorecards import contenders, queries
from scorecards.definition import CONTROLS, Question, applicable_keys
from scorecards.events import AssessmentSubmitted
from scorecards.models import Answer, AnswerChange, Assessment, AssessmentScore, Questionnaire, QuestionnaireVersion
from scorecards.result_json import as_json
from scorecards.scoring import CategoryResult, Result, TopicResult, decimal

ACTIVE_GAP = dt.timedelta(minutes=2)  # a longer pause is not time on task
LINK_PURPOSE = "scorecards.answer"

audit.VERBS.update(
    {
        "assessment.started": gettext_lazy("Scorecard started"),
        "assessment.submitted": gettext_lazy("Scorecard submitted"),
        "assessment.discarded": gettext_lazy("Scorecard draft discarded"),
    }
)


class NotAllowed(Exception):
    """The person may not do this; the message says why."""


class Closed(Exception):
    """The assessment is submitted: its answers are a snapshot."""


class Incomplete(Exception):
    """It can't be submitted yet: `missing` names the questions still to answer or confirm."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(", ".join(missing))
        self.missing = list(missing)


@transaction.atomic
def start_assessment(
    *, partner: Partner, version: QuestionnaireVersion, mode: str, by: User, active: bool = True
) -> Assessment:
    """The open draft of this partner, questionnaire and mode: the one there is, or a new one, prefilled and unconfirmed.

    `active` False where nobody sits before it yet (an invitation). NotAllowed where the kind is not for this side.
    """
    kind = version.questionnaire.kind
    if mode not in queries.MODES.get(kind, frozenset()) or (active and mode != queries.own_mode(by)):
        raise NotAllowed(_("This questionnaire is not filled in by this side."))
    Partner.objects.unscoped("lock").select_for_update().get(pk=partner.pk)  # two starts at once make one draft
    # A partner's satisfaction is with whoever looked after it when it was asked.
    about = partner.cam if kind == Questionnaire.Kind.SATISFACTION else None
    return start_draft(version, mode, by, active, partner=partner, about=about)


def lock_questionnaire(version: QuestionnaireVersion) -> None:
    Questionnaire.objects.select_for_update().get(pk=version.questionnaire_id)


def start_draft(
    version: QuestionnaireVersion,
    mode: str,
    by: User,
    active: bool,
    *,
    partner: Partner | None = None,
    about: User | None = None,
) -> Assessment:
    whose = {"partner": partner} if partner else {"partner": None, "about": about}
    open_drafts = Assessment.objects.unscoped("one draft per side").filter(
        questionnaire_id=version.questionnaire_id, mode=mode, status="draft", **whose
    )
    if draft := open_drafts.select_related("version", "questionnaire", "partner", "about").first():
        return draft
    now = timezone.now()
    stage, kind = (partner.stage.key, partner.partner_type.key) if partner else ("", "")
    assessment = Assessment(
        partner=partner,
        about=about,
        questionnaire=version.questionnaire,
        version=version,
        mode=mode,
        stage_key=stage,
        type_key=kind,
        applicable=sorted(applicable_keys(version.content, stage, kind)),
        started_by=by,
        started_at=now,
        last_active_at=now if active else None,
    )
    assessment.save()
    _prefill(assessment)
    _count(assessment, queries.as_rules(assessment.answers.all()))
    assessment.save(update_fields=["done", "of"])
    note_in_log(assessment, by, "assessment.started")
    return assessment


def note_in_log(assessment: Assessment, by: User, verb: str, **more: Any) -> None:
    """The line in the audit log. What a partner says of the vendor stays out of its history: its CAM reads that."""
    in_history = assessment.kind != Questionnaire.Kind.SATISFACTION
    audit.record(by=by, verb=verb, target=assessment, in_history=in_history, **more)


def _prefill(assessment: Assessment) -> None:
    source = queries.prefill_source(assessment.partner, assessment.questionnaire, assessment.mode, assessment.about)
    if source is None:
        return
    questions = _questions(assessment)
    carried = []
    for row in source.answers.all():
        question = questions.get(row.question_key)
        if question is None or rules.answer_problem(question, queries.as_rule(row)):
            continue
        carried.append(
            Answer(
                assessment=assessment, question_key=row.question_key, options=row.options, value=row.value, na=row.na,
                comment=row.comment, evidence_url=row.evidence_url, confirmed=False, prefilled=True,
                internal=row.internal, by_id=row.by_id, at=row.at,
            )
        )  # fmt: skip
    Answer.objects.bulk_create(carried)


def _questions(assessment: Assessment) -> dict[str, Question]:
    """The questions its side is asked: applicable, and for a partner not internal."""
    internal = queries.asks_internal(assessment)
    asked = queries.asked(assessment)
    return {q.key: q for q in assessment.version.content.questions(internal=internal) if q.key in asked}


@dataclass(frozen=True)
class Given:
    """What somebody answered to one question; None for comment and evidence leaves them as they are."""

    options: tuple[str, ...] = ()
    value: str = ""
    na: bool = False
    comment: str | None = None
    evidence_url: str | None = None


@transaction.atomic
def save_answer(*, assessment: Assessment, question_key: str, given: Given, by: User) -> Answer:
    """Keeps one answer, confirmed; the same again changes nothing. The last change wins, and what it replaced is kept.

    Raises Closed, NotAllowed, or ValidationError with a message for the field (options, value, na, evidence_url).
    """
    locked = _open(assessment, by)
    question = _questions(locked).get(question_key)
    if question is None:
        raise ValidationError({"options": _("This question is not asked here.")})
    _check(question, given)
    row = locked.answers.filter(question_key=question_key).first()
    answer = _write(locked, question, row, given, by)
    _after(locked)
    return answer


def _check(question: Question, given: Given) -> None:
    choice = rules.Answer(options=given.options, value=given.value, na=given.na)
    if problem := rules.answer_problem(question, choice):
        field = "na" if given.na else "options" if question.type.has_options else "value"
        raise ValidationError({field: _(problem)})
    for name in ("value", "comment", "evidence_url"):
        if CONTROLS.search(getattr(given, name) or ""):
            raise ValidationError({name: _("This holds characters that can't be shown.")})
    if len(given.comment or "") > rules.MAX_TEXT:
        raise ValidationError({"comment": _("This is too long: at most 4,000 characters.")})
    if given.evidence_url:
        try:
            URLValidator(["http", "https"])(given.evidence_url)
        except ValidationError:
            raise ValidationError({"evidence_url": _("Enter a web address that starts with https://.")}) from None
        if len(given.evidence_url) > 500:
            raise ValidationError({"evidence_url": _("This is too long: at most 500 characters.")})


def _state(row: Answer) -> dict[str, Any]:
    return {
        "options": list(row.options),
        "value": row.value,
        "na": row.na,
        "comment": row.comment,
        "evidence_url": row.evidence_url,
    }


def _write(assessment: Assessment, question: Question, row: Answer | None, given: Given, by: User) -> Answer:
    before = _state(row) if row else None
    # Options in the questionnaire's order, so that the same choice is the same whatever the order of the clicks.
    chosen = [option.key for option in question.options if option.key in given.options]
    after = {
        "options": chosen,
        "value": given.value.strip(),
        "na": given.na,
        "comment": (row.comment if row else "") if given.comment is None else given.comment.strip(),
        "evidence_url": (row.evidence_url if row else "") if given.evidence_url is None else given.evidence_url.strip(),
    }
    answered = bool(chosen or after["value"] or after["na"])
    now = timezone.now()
    answer = row or Answer(
        assessment=assessment, question_key=question.key, internal=_is_internal(assessment, question)
    )
    choice = ("options", "value", "na")
    rechosen = before is None or any(before[name] != after[name] for name in choice)
    if before == after and row is not None and row.confirmed == answered:
        return row
    for name, value in after.items():
        setattr(answer, name, value)
    answer.confirmed = answered
    if rechosen:
        answer.prefilled, answer.by, answer.at = False, by, now
    answer.save()
    if before != after:
        AnswerChange.objects.create(
            assessment=assessment, question_key=question.key, before=before, after=after, by=by, at=now,
            internal=answer.internal,
        )  # fmt: skip
    return answer


def _is_internal(assessment: Assessment, question: Question) -> bool:
    return question.key not in {q.key for q in assessment.version.content.questions(internal=False)}


@transaction.atomic
def confirm(*, assessment: Assessment, by: User, topic: str | None = None, questions: Iterable[str] = ()) -> int:
    """Confirms prefilled answers as they are: all of a topic, or of these questions. Returns how many."""
    locked = _open(assessment, by)
    keys = set(questions)
    for category in locked.version.content.categories:
        for each in category.topics:
            if each.key == topic:
                keys |= {question.key for question in each.questions}
    keys &= set(_questions(locked))
    rows = Answer.objects.unscoped("of the locked assessment").filter(assessment=locked, question_key__in=keys)
    count = rows.filter(confirmed=False, prefilled=True).update(confirmed=True)
    _after(locked)
    return count


def _open(assessment: Assessment, by: User) -> Assessment:
    """The draft, locked against others who write to it at this moment."""
    locked = (
        Assessment.objects.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("version", "questionnaire", "partner")
        .get(pk=assessment.pk)
    )
    if not locked.is_filled_in_by(by) and (locked.is_draft or locked.partner_id is not None):
        raise NotAllowed(_("This scorecard is the other side's."))
    if not locked.is_draft:
        raise Closed(_("This scorecard is submitted; its answers can't be changed."))
    return locked


def _after(assessment: Assessment) -> None:
    """Counts what is done and the time on task."""
    now = timezone.now()
    if assessment.last_active_at and now - assessment.last_active_at <= ACTIVE_GAP:
        assessment.active_seconds += round((now - assessment.last_active_at).total_seconds())
    assessment.last_active_at = now
    _count(assessment, queries.as_rules(assessment.answers.all()))
    assessment.save(update_fields=["active_seconds", "last_active_at", "done", "of"])


def _count(assessment: Assessment, given: Mapping[str, rules.Answer]) -> None:
    questions = _questions(assessment)
    assessment.of = len(questions)
    assessment.done = sum(1 for key in questions if rules.is_done(given.get(key)))


@transaction.atomic
def submit(*, assessment: Assessment, by: User) -> Assessment:
    """Submits: freezes the result, and reveals self and cam to each other once both of the period are in.

    Raises Closed, NotAllowed, Incomplete. Sends AssessmentSubmitted.
    """
    locked = _open(assessment, by)
    # Both sides' submissions of one partner go one after the other, so that the second finds the first.
    if locked.partner_id is None:
        lock_questionnaire(locked.version)
    else:
        Partner.objects.unscoped("lock").select_for_update().get(pk=locked.partner_id)
    given = queries.as_rules(locked.answers.all())
    if missing := queries.missing(locked, given):
        raise Incomplete(missing)
    if not any(rules.is_answered(given.get(key)) for key in _questions(locked)):
        raise Incomplete([])
    _after(locked)
    day = today()
    locked.status = Assessment.Status.SUBMITTED
    locked.finished_at, locked.finished_by, locked.finished_on = timezone.now(), by, day
    locked.period = fiscal_calendar().quarter_of(day).key
    freeze(locked, given)
    locked.save()
    _reveal(locked)
    if locked.partner_id is not None:
        contenders.mark(locked.partner_id, locked.questionnaire_id)
    note_in_log(locked, by, "assessment.submitted", changes={"status": ["draft", "submitted"]})
    events.send(
        AssessmentSubmitted(
            assessment_id=locked.pk,
            partner_id=locked.partner_id,
            kind=locked.questionnaire.kind,
            mode=locked.mode,
            period=locked.period,
        )
    )
    return locked


def freeze(assessment: Assessment, given: Mapping[str, rules.Answer]) -> None:
    """Sets the result of these answers, by its kind's thresholds of the day it was finished, and writes the scores for
    roll-ups."""
    result = queries.result_of(assessment, given)
    assessment.result = as_json(result, shared=False)
    assessment.result_shared = as_json(result, shared=True)
    exact, shared = result.overall.exact, result.overall_shared.exact
    assessment.overall = None if exact is None else decimal(exact)
    assessment.overall_shared = None if shared is None else decimal(shared)
    AssessmentScore.objects.unscoped("of this assessment").filter(assessment=assessment).delete()
    AssessmentScore.objects.bulk_create(score_rows(assessment, result))


def score_rows(assessment: Assessment, result: Result) -> list[AssessmentScore]:
    """A row for each category and topic that has a score. Not saved."""
    rows = []
    for category in result.categories:
        levels: list[tuple[str, CategoryResult | TopicResult]] = [("category", category)]
        levels += [("topic", topic) for topic in category.topics]
        for level, each in levels:
            if each.score.exact is not None:
                rows.append(
                    AssessmentScore(
                        assessment=assessment, level=level, key=each.key, category_key=category.key, name=each.name,
                        score=decimal(each.score.exact), weight=each.weight, target=getattr(each, "target", None),
                        impact=_impact(each),
                        internal=category.internal,
                    )
                )  # fmt: skip
    return rows


def _impact(level: CategoryResult | TopicResult) -> Decimal | None:
    impact = getattr(level, "impact", None)
    return None if impact is None else decimal(impact)


def _reveal(assessment: Assessment) -> None:
    if assessment.kind not in (Questionnaire.Kind.CAPABILITY, Questionnaire.Kind.CAM):
        return  # only one side ever scores the others
    both = Assessment.objects.unscoped("both sides of the period").filter(
        partner_id=assessment.partner_id,
        about_id=assessment.about_id,
        questionnaire_id=assessment.questionnaire_id,
        period=assessment.period,
        mode__in=[Assessment.Mode.SELF, Assessment.Mode.CAM],
    )
    if len(set(both.values_list("mode", flat=True))) == 2:
        both.update(revealed=True)
        assessment.revealed = True


@transaction.atomic
def discard(*, assessment: Assessment, by: User) -> None:
    """Throws a draft away, its answers with it."""
    locked = _open(assessment, by)
    note_in_log(locked, by, "assessment.discarded")
    links.close(purpose=LINK_PURPOSE, target_id=locked.pk)
    locked.delete()
