"""Reads of questionnaires and assessments. What belongs to a partner starts at `visible_to(user)`."""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from accounts.models import User
from accounts.permissions import ROLES, Permission
from partners import queries as partner_queries
from partners.models import Partner
from prm.common.rag import Thresholds
from prm.common.vendor import fiscal_calendar, today
from prm.common.vendor import thresholds as vendor_thresholds
from scorecards import answers as rules
from scorecards import definition, scoring
from scorecards.models import Answer, AnswerChange, Assessment, Questionnaire, QuestionnaireVersion
from scorecards.models.reach import filled_in_by, reviewed_by
from scorecards.result_json import as_json

# Which sides may fill in which kind of questionnaire about a partner; recruit stays with the vendor, satisfaction is the
# partner's. The kinds about no partner are started by actions.start_program and start_review.
MODES: Mapping[str, frozenset[str]] = {
    Questionnaire.Kind.CAPABILITY: frozenset({Assessment.Mode.SELF, Assessment.Mode.CAM, Assessment.Mode.JOINT}),
    Questionnaire.Kind.RECRUIT: frozenset({Assessment.Mode.CAM}),
    Questionnaire.Kind.SATISFACTION: frozenset({Assessment.Mode.SELF}),
}


def thresholds(on: dt.date | None = None, kind: str = Questionnaire.Kind.CAPABILITY) -> Thresholds:
    """The thresholds in force on a day (today where None): a candidate's fit has its own, all other scores share theirs."""
    return vendor_thresholds("recruit" if kind == Questionnaire.Kind.RECRUIT else "capability", on or today())


def published(kind: str = Questionnaire.Kind.CAPABILITY) -> list[QuestionnaireVersion]:
    """The published versions of this kind's questionnaires, the oldest questionnaire (the default one) first."""
    return list(
        QuestionnaireVersion.objects.filter(status="published", questionnaire__kind=kind)
        .select_related("questionnaire")
        .order_by("questionnaire_id")
    )


def startable(
    mode: str, *, first: str = Questionnaire.Kind.CAPABILITY, but: Collection[str] = ()
) -> list[QuestionnaireVersion]:
    """The published versions that may be filled in about a partner so (`mode` self, cam or joint), the kind `first` before
    the others and none of the kinds `but`; without their content."""
    kinds = [kind for kind, modes in MODES.items() if mode in modes and kind not in but]
    place = Case(When(questionnaire__kind=first, then=0), default=1, output_field=IntegerField())
    return list(
        QuestionnaireVersion.objects.filter(status="published", questionnaire__kind__in=kinds)
        .select_related("questionnaire")
        .defer("definition")
        .order_by(place, "questionnaire_id")
    )


def side_of(user: User) -> str:
    """ "partner" or "vendor", for users read with their membership: without a query each."""
    return "partner" if hasattr(user, "membership") else "vendor"


def own_mode(user: User) -> str:
    """The mode in which the user's side answers alone."""
    return Assessment.Mode.SELF if user.is_partner_side else Assessment.Mode.CAM


def assessments(user: User, also: User | None = None) -> QuerySet[Assessment]:
    """Assessments open to the user (and `also` to somebody else: for what both may read), with partner and version."""
    scoped: QuerySet[Assessment] = Assessment.objects.visible_to(user)
    if also is not None:
        scoped = scoped.filter(pk__in=Assessment.objects.visible_to(also).order_by().values("pk"))
    return scoped.select_related("partner", "about", "questionnaire", "version", "started_by", "finished_by")


def filled_in(user: User) -> QuerySet[Assessment]:
    """The assessments open to the user that the user's side fills in (submitted ones of no partner whoever did)."""
    return assessments(user).filter(filled_in_by(user) | Q(partner=None) & ~Q(status="draft"))


def of_partners(user: User) -> QuerySet[Assessment]:
    """Those of the kinds that the vendor's side scores of partners, or both sides do: the same rows as of `assessments`
    without the look at the other kinds, for roll-ups and lists of many partners."""
    every: QuerySet[Assessment] = Assessment.objects.unscoped("the rule stands in the filter")
    return every.filter(Assessment.of_partners_q(user))


def content_for(user: User, assessment: Assessment) -> definition.Questionnaire:
    """The questionnaire as the user's side may see it: partners without its internal categories."""
    return without_internal(assessment.version.content) if user.is_partner_side else assessment.version.content


def without_internal(questionnaire: definition.Questionnaire) -> definition.Questionnaire:
    return definition.Questionnaire(
        name=questionnaire.name,
        kind=questionnaire.kind,
        categories=tuple(category for category in questionnaire.categories if not category.internal),
    )


def question(user: User, assessment: Assessment, key: str) -> definition.Question | None:
    """A question of the assessment as the user's side may see it; None where it is not asked there."""
    known = {each.key: each for each in content_for(user, assessment).questions()}
    return known.get(key) if key in asked(assessment) else None


def topic_of(assessment: Assessment, question_key: str) -> str:
    """The key of the topic a question is in."""
    topics = (topic for category in assessment.version.content.categories for topic in category.topics)
    return next(topic.key for topic in topics if any(each.key == question_key for each in topic.questions))


def as_rule(row: Answer) -> rules.Answer:
    """A stored answer as the rules take it."""
    return rules.Answer(options=tuple(row.options), value=row.value, na=row.na, confirmed=row.confirmed)


def as_rules(rows: Iterable[Answer]) -> dict[str, rules.Answer]:
    return {row.question_key: as_rule(row) for row in rows}


def answers_of(user: User, assessment: Assessment) -> dict[str, Answer]:
    """The answers by question key, as the user's side may see them. The assessment must be one the user may see."""
    rows: Iterable[Answer] = assessment.answers.select_related("by")
    return {row.question_key: row for row in rows if not (row.internal and user.is_partner_side)}


def change_counts(user: User, assessment: Assessment) -> dict[str, int]:
    """How often an answer took the place of another, by question, as far as the user may see it."""
    rows = AnswerChange.objects.visible_to(user).filter(assessment=assessment, before__isnull=False).order_by()
    return dict(rows.values_list("question_key").annotate(n=Count("pk")))


def changes(user: User, assessment: Assessment, question_key: str) -> QuerySet[AnswerChange]:
    """What became of the answer to one question, the latest first; nothing internal for the partner's side."""
    rows: QuerySet[AnswerChange] = AnswerChange.objects.visible_to(user).filter(
        assessment=assessment, question_key=question_key
    )
    return rows.select_related("by__membership").order_by("-at", "-id")


def result_of(
    assessment: Assessment, given: Mapping[str, rules.Answer], limits: Thresholds | None = None
) -> scoring.Result:
    """The exact result of these answers, internal categories included; for the partner's side take only shared figures."""
    limits = limits or thresholds(assessment.finished_on, assessment.kind)
    return scoring.result(assessment.version.content, given, assessment.applicable, limits)


def result_payload(assessment: Assessment, *, shared: bool) -> dict[str, Any]:
    """The result by the names of the API: frozen once submitted, before that as it stands.

    overall (not with `shared`), overall_shared, categories[].{key, name, weight, internal, score, rag, completeness,
    topics[].{key, name, weight, target, score, rag, gap, impact}}: scores as decimal strings beside `display` integers.
    """
    frozen = assessment.result_shared if shared else assessment.result
    if frozen is not None:
        return dict(frozen)
    return as_json(result_of(assessment, as_rules(assessment.answers.all())), shared=shared)


def question_score(question: definition.Question, answer: Answer) -> Decimal | None:
    """The points of one stored answer, 0–100; None where it has none."""
    score = rules.question_score(question, as_rule(answer))
    return None if score is None else scoring.decimal(score)


AGREED_FIRST = Case(When(status="agreed", then=Value(0)), default=Value(1), output_field=IntegerField())


def counted(rows: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """The submitted and agreed ones, best first: an agreed one before a submitted, among equals the latest finished."""
    return rows.filter(status__in=Assessment.COUNTED).order_by(AGREED_FIRST, "-finished_at", "-id")


def latest(user: User, partner: Partner, questionnaire: Questionnaire, also: User | None = None) -> Assessment | None:
    """The partner's latest agreed, else submitted, assessment that is open to the user; and `also` to somebody else."""
    rows = assessments(user, also).defer("version__definition")  # what it says stands in its frozen result
    return counted(rows.filter(partner=partner, questionnaire=questionnaire)).first()


def previous(user: User, assessment: Assessment, also: User | None = None) -> Assessment | None:
    """What the trend compares with: the latest agreed, else submitted, one finished before this one, open to the user; and
    `also` to somebody else.

    A submitted one counts where it is of the same view: against the other side's it would be no trend but a difference.
    """
    rows = assessments(user, also).defer("version__definition").filter(questionnaire_id=assessment.questionnaire_id)
    if assessment.partner_id is None:
        rows = rows.filter(partner=None, about=assessment.about_id)
    else:
        rows = rows.filter(partner=assessment.partner_id)
    if assessment.mode != Assessment.Mode.JOINT:
        rows = rows.filter(Q(mode__in=[assessment.mode, Assessment.Mode.JOINT]) | Q(status="agreed"))
    if assessment.finished_at is not None:
        rows = rows.filter(finished_at__lt=assessment.finished_at)
    return counted(rows.exclude(pk=assessment.pk)).first()


@dataclass(frozen=True)
class Waiting:
    """What a side is asked for of its scorecards: `joint`, submitted ones filled in together that it has not agreed to yet; `besides`,
    drafts of other questionnaires than the usual one that the partner was asked for and can still fill in."""

    joint: list[Assessment]
    besides: list[Assessment]


def waiting(user: User, partner: Partner, questionnaire: Questionnaire | None) -> Waiting:
    """`questionnaire`: the usual one."""
    side = "partner" if user.is_partner_side else "vendor"
    joint = Q(mode=Assessment.Mode.JOINT, status=Assessment.Status.SUBMITTED, **{f"agreed_by_{side}_at": None})
    draft = Q(mode=Assessment.Mode.SELF, status=Assessment.Status.DRAFT, asked_at__isnull=False, expired_at=None) & ~Q(
        questionnaire=questionnaire
    )
    rows = assessments(user).defer("version__definition", "applicable", "result", "result_shared")
    found = list(rows.filter(joint | draft, partner=partner).order_by("finished_at", "due_on", "pk"))
    return Waiting([row for row in found if not row.is_draft], [row for row in found if row.is_draft])


def open_to_both(assessment: Assessment) -> bool:
    """Whether it counts and both sides see it, so that what follows from it tells neither what it may not know yet."""
    together = assessment.mode == Assessment.Mode.JOINT
    return (
        assessment.partner_id is not None
        and assessment.status in Assessment.COUNTED
        and (assessment.revealed or together)
    )


def pulse(user: User, pk: int) -> tuple[int, str] | None:
    """Revision and status of an assessment the user's side fills in, in one small query; None where there is none."""
    rows = filled_in(user).select_related(None).filter(pk=pk)
    found: tuple[int, str] | None = rows.order_by().values_list("revision", "status").first()
    return found


def prefill_source(
    partner: Partner | None, questionnaire: Questionnaire, mode: str, about: User | None = None
) -> Assessment | None:
    """Whose answers a new assessment starts with: the latest agreed, else the same side's latest submitted; of the same
    person (`about`) where it is about no partner."""
    rows = Assessment.objects.unscoped("a side's own earlier answers").filter(
        Q(status="agreed") | Q(status="submitted", mode=mode), partner=partner, questionnaire=questionnaire
    )
    if partner is None:
        rows = rows.filter(about=about)
    return rows.select_related("version").order_by(AGREED_FIRST, "-finished_at", "-id").first()


@dataclass(frozen=True)
class Standing:
    """How a partner stands with one questionnaire, as one side sees it.

    `other` is what the other side is at: its mode's status only ("draft", "submitted"), or "" for nothing; its content is
    in `latest` once both are in. `together` is the open joint one.
    """

    partner: Partner
    latest: Assessment | None
    draft: Assessment | None
    other: str
    together: Assessment | None = None


def standings(user: User, partners: Sequence[Partner], questionnaire: Questionnaire) -> list[Standing]:
    """The standing of each of these partners, in two queries."""
    ids = [partner.pk for partner in partners]
    rows = list(
        of_partners(user)
        .filter(partner__in=ids, questionnaire=questionnaire)
        .exclude(status="superseded")
        .defer("result", "result_shared", "applicable")
        .order_by(AGREED_FIRST, "-finished_at", "-id")
    )
    other = Assessment.Mode.CAM if user.is_partner_side else Assessment.Mode.SELF
    hidden = (
        Assessment.objects.unscoped("the other side's status, nothing of its content")
        .filter(partner__in=ids, questionnaire=questionnaire, mode=other, revealed=False)
        .filter(Q(status="draft") | Q(status="submitted"))
        .order_by("started_at")
        .values_list("partner_id", "status")
    )
    statuses = {pk: status for pk, status in hidden if pk is not None}
    drafts = {row.partner_id: row for row in rows if row.is_draft and row.mode == own_mode(user)}
    together = {row.partner_id: row for row in rows if row.is_draft and row.mode == Assessment.Mode.JOINT}
    best: dict[int | None, Assessment] = {}
    for row in rows:
        if not row.is_draft:
            best.setdefault(row.partner_id, row)
    return [
        Standing(
            partner=partner,
            latest=best.get(partner.pk),
            draft=drafts.get(partner.pk),
            other=statuses.get(partner.pk, ""),
            together=together.get(partner.pk),
        )
        for partner in partners
    ]


def with_latest(user: User, partners: QuerySet[Partner], questionnaire: Questionnaire) -> QuerySet[Partner]:
    """Partners with `latest_score` (vendor's overall, or the shared one for partners) and `latest_on`, to sort and filter by."""
    mine = counted(of_partners(user).filter(questionnaire=questionnaire, partner=OuterRef("pk")))
    score = "overall_shared" if user.is_partner_side else "overall"
    return partners.annotate(
        latest_score=Subquery(mine.values(score)[:1]), latest_on=Subquery(mine.values("finished_on")[:1])
    )


def history(user: User, partner: Partner) -> QuerySet[Assessment]:
    """All of the partner's assessments open to the user, drafts first, then the newest."""
    return (
        assessments(user)
        .filter(partner=partner)
        .defer("version__definition", "applicable", "result", "result_shared")
        .order_by(F("finished_at").desc(nulls_first=True), "-id")
    )


def missing(assessment: Assessment, given: Mapping[str, rules.Answer], by: User) -> list[str]:
    """Keys of the required questions that the user's side has yet to answer or confirm before it can submit."""
    return rules.missing_for_submission(
        assessment.version.content, given, asked(assessment), internal=answers_internal(assessment, by)
    )


def asks_internal(assessment: Assessment) -> bool:
    """Whether its vendor's side answers internal categories: not in a partner's own view."""
    return assessment.mode != Assessment.Mode.SELF or assessment.partner_id is None


def answers_internal(assessment: Assessment, by: User) -> bool:
    """Whether the user is asked the internal questions of this assessment: on the vendor's side only."""
    return asks_internal(assessment) and not by.is_partner_side


def hears_of_satisfaction(user: User, partner: Partner) -> bool:
    """Whether the user may know what the partner says of the vendor, and that it was asked: channel management, but never
    the CAM it is about."""
    return user.can(Permission.SEE_SATISFACTION) and partner.cam_id != user.pk


def reviewed_cams(user: User) -> QuerySet[User]:
    """The CAMs the user reviews as their manager; not the user, and nobody for who doesn't."""
    if not user.can(Permission.REVIEW_CAMS):
        return User.objects.none()
    return partner_queries.cams().filter(reviewed_by(user, "")).exclude(pk=user.pk)


def may_discard(assessment: Assessment, by: User) -> bool:
    """Whether the user's side may throw this draft away: what the vendor answered in a joint one is not the partner's."""
    if assessment.mode != Assessment.Mode.JOINT or not by.is_partner_side:
        return True
    return assessment.started_by is not None and assessment.started_by.is_partner_side


def asked(assessment: Assessment) -> frozenset[str]:
    return frozenset(assessment.applicable)


def period_label(key: str) -> str:
    """A period's key as people read it: "2026Q4" is "FY26 Q4"."""
    return fiscal_calendar().parse(key).label if key else ""


def people_to_ask(partner: Partner) -> QuerySet[User]:
    """The partner's users who may answer scorecards."""
    roles = [role for role, permissions in ROLES.items() if Permission.ANSWER_SCORECARDS in permissions]
    return (
        User.objects.filter(membership__partner=partner, is_active=True, groups__name__in=roles)
        .distinct()
        .order_by("name", "id")
    )


def names(questionnaire: Questionnaire) -> dict[tuple[str, str], str]:
    """The names of categories and topics by (level, key), as the latest version that isn't a draft has them."""
    version = questionnaire.versions.exclude(status="draft").order_by("-number").first()
    if version is None:
        return {}
    found = {("category", category.key): category.name for category in version.content.categories}
    return found | {
        ("topic", topic.key): topic.name for category in version.content.categories for topic in category.topics
    }
