"""What a new assessment carries over from an earlier one, and which topics a quarterly update of it asks."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from accounts.models import User
from partners.models import Action, Partner
from prm.common.vendor import today, vendor_settings
from scorecards import answers as rules
from scorecards import queries, update
from scorecards.definition import Question, applicable_keys
from scorecards.models import Answer, Assessment, QuestionnaireVersion


@dataclass(frozen=True)
class Start:
    """A questionnaire to start. `update` is the number of questions that a quarterly update of it asks; None where there is
    nothing to carry over."""

    version: QuestionnaireVersion
    update: int | None


def questions_of(version: QuestionnaireVersion, asked: Collection[str], *, internal: bool) -> dict[str, Question]:
    """The questions among `asked`, by key and in order; internal ones where `internal`."""
    keys = frozenset(asked)
    return {question.key: question for question in version.content.questions(internal=internal) if question.key in keys}


def carried(source: Assessment, questions: Mapping[str, Question]) -> list[Answer]:
    """The source's answers that still fit these questions: unsaved, unconfirmed, and of no assessment yet."""
    return [
        Answer(
            question_key=row.question_key, options=row.options, value=row.value, na=row.na,
            comment=row.comment, evidence_url=row.evidence_url, confirmed=False, prefilled=True,
            internal=row.internal, by_id=row.by_id, at=row.at,
        )
        for row in source.answers.all()
        if (question := questions.get(row.question_key)) and not rules.answer_problem(question, queries.as_rule(row))
    ]  # fmt: skip


def focus(assessment: Assessment, source: Assessment, rows: Sequence[Answer]) -> list[str]:
    """Keys of the topics that an update asks; `assessment` need not be saved, `rows` are what it carries over."""
    given = {row.question_key: row for row in rows}
    zone = ZoneInfo(vendor_settings().time_zone)
    questions = questions_of(
        assessment.version, assessment.applicable, internal=assessment.mode != Assessment.Mode.SELF
    )
    scores = {topic.key: topic for topic in queries.result_of(assessment, queries.as_rules(rows)).topics()}
    known = {topic.key for category in source.version.content.categories for topic in category.topics}
    topics = []
    for category in assessment.version.content.categories:
        for topic in category.topics:
            asked = [question for question in topic.questions if question.key in questions]
            if not asked:
                continue
            answered = [given[question.key] for question in asked if question.key in given]
            topics.append(
                update.Topic(
                    key=topic.key,
                    score=scores[topic.key].score.exact,
                    target=topic.target,
                    answered_on=tuple(row.at.astimezone(zone).date() for row in answered),
                    is_new=topic.key not in known,
                    lacks=any(question.required and not _has(given, question.key) for question in asked),
                )
            )
    return update.focus(topics, _open_actions(assessment), today())


def _has(given: Mapping[str, Answer], key: str) -> bool:
    return key in given and rules.is_answered(queries.as_rule(given[key]))


def _open_actions(assessment: Assessment) -> set[str]:
    """Topics with an open action. What a partner is asked must not tell of actions that are not shared with it."""
    rows = Action.objects.unscoped("of the assessment's partner").filter(
        partner=assessment.partner, origin="topic", status__in=Action.LIVE
    )
    internal = {
        topic.key
        for category in assessment.version.content.categories
        if category.internal
        for topic in category.topics
    }
    return {
        key
        for key, shared in rows.values_list("origin_key", "shared")
        if shared or key in internal or assessment.mode == Assessment.Mode.CAM
    }


def starts(
    user: User, partner: Partner, mode: str, *, first: str = "capability", but: Collection[str] = ()
) -> list[Start]:
    """What can be started about this partner in this mode, the kind `first` before the others and none of the kinds `but`."""
    return [
        Start(
            version, update_size(user, partner, version, mode) if version.questionnaire.kind == "capability" else None
        )
        for version in queries.startable(mode, first=first, but=but)
    ]


def update_size(user: User, partner: Partner, version: QuestionnaireVersion, mode: str) -> int | None:
    """How many questions a quarterly update would ask the user's side; None where there is nothing to carry over."""
    source = queries.prefill_source(partner, version.questionnaire, mode)
    if source is None:
        return None
    assessment = Assessment(
        partner=partner,
        questionnaire=version.questionnaire,
        version=version,
        mode=mode,
        applicable=sorted(applicable_keys(version.content, partner.stage.key, partner.partner_type.key)),
    )
    questions = questions_of(version, assessment.applicable, internal=mode != Assessment.Mode.SELF)
    asked = set(focus(assessment, source, carried(source, questions)))
    return sum(
        1
        for category in queries.content_for(user, assessment).categories
        for topic in category.topics
        if topic.key in asked
        for question in topic.questions
        if question.key in questions
    )
