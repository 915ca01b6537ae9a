"""Reads of questionnaires for those who make them: what there is, its versions, its draft, which keys are fixed."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet

from partners.models import LifeStage, PartnerType
from scorecards.definition import Questionnaire as Content
from scorecards.definition import applicable
from scorecards.editing import Level, fingerprint, keys
from scorecards.models import Questionnaire, QuestionnaireVersion
from scorecards.outline import as_asked

MANY = 25  # questions that fit into five minutes on a call


def questionnaires() -> QuerySet[Questionnaire]:
    """All of them by name, each with `shown`: its versions without their content, the newest first."""
    shown = Prefetch("versions", versions().defer("definition"), to_attr="shown")
    drafts, live = (
        QuestionnaireVersion.objects.filter(questionnaire=OuterRef("pk"), status=status)
        for status in ("draft", "published")
    )
    rows = Questionnaire.objects.annotate(has_draft=Exists(drafts), has_published=Exists(live))
    return rows.order_by("name", "id").prefetch_related(shown)


def versions() -> QuerySet[QuestionnaireVersion]:
    """All versions, the newest first, with how many scorecards were begun (`begun`) and handed in (`done`) with each."""
    return (
        QuestionnaireVersion.objects.select_related("questionnaire", "published_by")
        .annotate(
            begun=Count("assessments", filter=Q(assessments__status="draft")),
            done=Count("assessments", filter=~Q(assessments__status="draft")),
        )
        .order_by("-number")
    )


def draft_of(questionnaire: Questionnaire) -> QuestionnaireVersion | None:
    return questionnaire.versions.filter(status="draft").first()


def seen(draft: QuestionnaireVersion | None) -> str:
    """What a form sends along to say which draft it was made from; "" for none."""
    return fingerprint(draft.content) if draft else ""


def fixed_keys(questionnaire: Questionnaire) -> Mapping[Level, frozenset[str]]:
    """The keys that were published once, which therefore stay as they are."""
    known = [version.content for version in questionnaire.versions.exclude(status="draft")]
    return {level: frozenset(key for content in known for key in keys(content, level)) for level in Level}


@dataclass(frozen=True)
class Conditions:
    """The vendor's life stages and partner types as (key, name), in their order."""

    stages: tuple[tuple[str, str], ...]
    types: tuple[tuple[str, str], ...]

    @property
    def keys(self) -> dict[str, list[str]]:
        """As the reader of files takes them."""
        return {"life_stages": [key for key, _ in self.stages], "partner_types": [key for key, _ in self.types]}


def conditions() -> Conditions:
    return Conditions(
        tuple(LifeStage.objects.values_list("key", "name")), tuple(PartnerType.objects.values_list("key", "name"))
    )


@dataclass(frozen=True)
class Asked:
    """How many questions a partner of this stage and type is asked; of these, how many it has to answer."""

    stage: str
    type: str
    count: int
    required: int

    @property
    def many(self) -> bool:
        return self.count > MANY


def asked(content: Content, known: Conditions) -> list[tuple[str, list[Asked]]]:
    """For each life stage (by name) how many questions apply, by partner type; of partners no internal ones."""
    questions = list(as_asked(content).questions())

    def cell(stage: str, partner_type: str) -> Asked:
        fit = [question for question in questions if applicable(question, stage, partner_type)]
        return Asked(stage, partner_type, len(fit), sum(question.required for question in fit))

    return [(name, [cell(key, type_key) for type_key, _name in known.types]) for key, name in known.stages]
