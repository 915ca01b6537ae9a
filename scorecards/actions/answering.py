"""Writes of an open assessment: its start, answers, confirmation."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from partners.models import Partner
from prm.common import audit
from scorecards import answers as rules
from scorecards import carrying, queries, update
from scorecards.definition import CONTROLS, Question, applicable_keys
from scorecards.models import Answer, AnswerChange, Assessment, Questionnaire, QuestionnaireVersion

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
    *,
    partner: Partner,
    version: QuestionnaireVersion,
    mode: str,
    by: User,
    active: bool = True,
    only_update: bool = False,
) -> Assessment:
    """The open draft of this partner, questionnaire and mode: the one there is, or a new one, prefilled and unconfirmed.

    `only_update` makes a new one a quarterly update where there is something to carry over. `active` False where nobody
    sits before it yet (an invitation). NotAllowed where the kind is not for this side.
    """
    kind = version.questionnaire.kind
    by_side = (queries.own_mode(by), Assessment.Mode.JOINT)
    if mode not in queries.MODES.get(kind, frozenset()) or (active and mode not in by_side):
        raise NotAllowed(_("This questionnaire is not filled in by this side."))
    Partner.objects.unscoped("lock").select_for_update().get(pk=partner.pk)  # two starts at once make one draft
    # A partner's satisfaction is with whoever looked after it when it was asked.
    about = partner.cam if kind == Questionnaire.Kind.SATISFACTION else None
    return start_draft(version, mode, by, active, partner=partner, about=about, only_update=only_update)


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
    only_update: bool = False,
) -> Assessment:
    whose = {"partner": partner} if partner else {"partner": None, "about": about}
    open_drafts = Assessment.objects.unscoped("one draft per side").filter(
        questionnaire_id=version.questionnaire_id, mode=mode, status="draft", **whose
    )
    if draft := open_drafts.select_related("version", "questionnaire", "partner", "about").first():
        if active and draft.expired_at is not None:
            _go_on(draft)
            draft.save(update_fields=["expired_at", "due_on"])
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
    _prefill(assessment, only_update=only_update)
    count_done(assessment, queries.as_rules(assessment.answers.all()))
    assessment.save(update_fields=["done", "of", "focus"])
    note_in_log(assessment, by, "assessment.started")
    return assessment


def _go_on(assessment: Assessment) -> None:
    """Somebody goes on with what nobody finished in time: it is an open draft again, due on no day."""
    assessment.expired_at = assessment.due_on = None


def note_in_log(assessment: Assessment, by: User | None, verb: str, **more: Any) -> None:
    """The line in the audit log. What a partner says of the vendor stays out of its history: its CAM reads that."""
    in_history = assessment.kind != Questionnaire.Kind.SATISFACTION
    audit.record(by=by, verb=verb, target=assessment, in_history=in_history, **more)


def _prefill(assessment: Assessment, *, only_update: bool) -> None:
    source = queries.prefill_source(assessment.partner, assessment.questionnaire, assessment.mode, assessment.about)
    if source is None:
        return
    rows = carrying.carried(source, _questions(assessment, internal=queries.asks_internal(assessment)))
    for row in rows:
        row.assessment = assessment
    Answer.objects.bulk_create(rows)
    if only_update:
        assessment.focus = update.stored(carrying.focus(assessment, source, rows))


def _questions(assessment: Assessment, *, internal: bool) -> dict[str, Question]:
    return carrying.questions_of(assessment.version, queries.asked(assessment), internal=internal)


def questions_for(assessment: Assessment, by: User) -> dict[str, Question]:
    """The questions the user's side is asked: applicable, and for a partner not internal."""
    return _questions(assessment, internal=queries.answers_internal(assessment, by))


@dataclass(frozen=True)
class Given:
    """What somebody answered to one question; None for comment and evidence leaves them as they are.

    `keep_choice` leaves options, value and n/a as they are: only a comment or evidence was given.
    """

    options: tuple[str, ...] = ()
    value: str = ""
    na: bool = False
    comment: str | None = None
    evidence_url: str | None = None
    keep_choice: bool = False


@transaction.atomic
def save_answer(*, assessment: Assessment, question_key: str, given: Given, by: User) -> Answer:
    """Keeps one answer, confirmed; the same again changes nothing. The last change wins, and what it replaced is kept.

    Raises Closed, NotAllowed, or ValidationError with a message for the field (options, value, na, evidence_url).
    """
    locked = locked_draft(assessment, by)
    question = questions_for(locked, by).get(question_key)
    if question is None:
        raise ValidationError({"options": _("This question is not asked here.")})
    row = locked.answers.filter(question_key=question_key).first()
    if given.keep_choice:
        given = replace(
            given, options=tuple(row.options) if row else (), value=row.value if row else "", na=bool(row and row.na)
        )
    check_answer(question, given)
    answer = write_answer(locked, question, row, given, by)
    keep_progress(locked)
    return answer


def check_answer(question: Question, given: Given) -> None:
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


def is_same(row: Answer, given: Given) -> bool:
    """Whether the answer is already what is given."""
    after = {"options": set(given.options), "value": given.value.strip(), "na": given.na}
    if given.comment is not None:
        after["comment"] = given.comment.strip()
    if given.evidence_url is not None:
        after["evidence_url"] = given.evidence_url.strip()
    before = {**state_of(row), "options": set(row.options)}
    return all(before[name] == value for name, value in after.items())


def state_of(row: Answer) -> dict[str, Any]:
    return {
        "options": list(row.options),
        "value": row.value,
        "na": row.na,
        "comment": row.comment,
        "evidence_url": row.evidence_url,
    }


def write_answer(assessment: Assessment, question: Question, row: Answer | None, given: Given, by: User) -> Answer:
    before = state_of(row) if row else None
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
    assessment.revision += 1
    answer.revision = assessment.revision
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
    """Confirms prefilled answers as they are: all of a topic (update.REST: of all that an update does not ask), or of
    these questions. Returns how many."""
    focus = update.asked_of(assessment.focus)
    keys = set(questions)
    for category in assessment.version.content.categories:
        for each in category.topics:
            if each.key == topic or (topic == update.REST and focus is not None and each.key not in focus):
                keys |= {question.key for question in each.questions}
    keys &= set(questions_for(assessment, by))
    locked = locked_draft(assessment, by)
    rows = Answer.objects.unscoped("of the locked assessment").filter(assessment=locked, question_key__in=keys)
    count = rows.filter(confirmed=False, prefilled=True).update(confirmed=True, revision=locked.revision + 1)
    locked.revision += bool(count)
    keep_progress(locked)
    return count


def locked_draft(assessment: Assessment, by: User) -> Assessment:
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


def keep_progress(assessment: Assessment) -> None:
    """Counts what is done and the time on task."""
    now = timezone.now()
    if assessment.last_active_at and now - assessment.last_active_at <= ACTIVE_GAP:
        assessment.active_seconds += round((now - assessment.last_active_at).total_seconds())
    assessment.last_active_at = now
    if assessment.expired_at is not None:
        _go_on(assessment)
    count_done(assessment, queries.as_rules(assessment.answers.all()))
    assessment.save(
        update_fields=["active_seconds", "last_active_at", "done", "of", "revision", "expired_at", "due_on"]
    )


def count_done(assessment: Assessment, given: Mapping[str, rules.Answer]) -> None:
    """Both sides see the progress of a joint one: it counts what both answer."""
    internal = queries.asks_internal(assessment) and assessment.mode != Assessment.Mode.JOINT
    questions = _questions(assessment, internal=internal)
    assessment.of = len(questions)
    assessment.done = sum(1 for key in questions if rules.is_done(given.get(key)))
