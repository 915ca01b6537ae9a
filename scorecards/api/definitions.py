"""A questionnaire's definition as the API takes it."""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import AfterValidator, Field, PlainSerializer, WithJsonSchema

from prm.api.problems import Problem, field_error, invalid
from prm.api.schemas import In
from scorecards.definition import (
    MAX_OPTIONS,
    MAX_QUESTIONS,
    InvalidQuestionnaire,
    Option,
    Question,
    Questionnaire,
    option_key,
)
from scorecards.definition import Category as RuleCategory
from scorecards.definition import Kind as RuleKind
from scorecards.definition import QuestionType as RuleType
from scorecards.definition import Topic as RuleTopic
from scorecards.questionnaire_build import FileProblem

Kind = Literal["capability", "recruit", "satisfaction", "program", "cam"]
QuestionType = Literal["graduated", "multi", "choose_one", "choose_any", "number", "text"]
Number = Annotated[
    Decimal,
    Field(max_digits=30),
    AfterValidator(lambda value: Decimal(format(value, "f"))),  # 1e1 is kept as 10
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "decimal"}, {"type": "number"}]}, mode="validation"),
]
ONE = Decimal(1)


class OptionDef(In):
    """One choice: `score` 0–100. Without a `key` it gets one made from its label."""

    key: str | None = Field(None, max_length=60)
    label: str
    score: Number = Decimal(0)
    description: str = ""


class QuestionDef(In):
    """One question. Empty `life_stages` or `partner_types` (keys) mean all."""

    key: str
    type: QuestionType = "graduated"
    text: str
    weight: Number = ONE
    required: bool = False
    allow_na: bool = False
    life_stages: list[str] = []
    partner_types: list[str] = []
    help: str = ""
    best_practice: str = ""
    action: str = ""
    options: list[OptionDef] = Field([], max_length=MAX_OPTIONS)


class TopicDef(In):
    """`target` is the best practice, 1–100, or null."""

    key: str
    name: str
    weight: Number = ONE
    target: Number | None = None
    questions: list[QuestionDef] = Field(max_length=MAX_QUESTIONS)


class CategoryDef(In):
    """`internal` categories are seen and answered by the vendor's side only."""

    key: str
    name: str
    weight: Number = ONE
    internal: bool = False
    topics: list[TopicDef] = Field(max_length=MAX_QUESTIONS)


class Definition(In):
    """Categories, their topics, their questions, each in order; keys are unique and stay the same across versions."""

    name: str
    kind: Kind = "capability"
    categories: list[CategoryDef] = Field(max_length=MAX_QUESTIONS)

    def content(self, life_stages: Collection[str], partner_types: Collection[str]) -> Questionnaire:
        """The definition for the rules. 422 for life stages and partner types that there aren't."""
        if errors := list(self._unknown(life_stages, partner_types)):
            raise invalid(errors)
        return Questionnaire(
            name=self.name,
            kind=RuleKind(self.kind),
            categories=tuple(
                RuleCategory(
                    each.key, each.name, tuple(_topic(topic) for topic in each.topics), each.weight, each.internal
                )
                for each in self.categories
            ),
        )

    def _unknown(self, life_stages: Collection[str], partner_types: Collection[str]) -> Iterator[dict[str, Any]]:
        known = {"life_stages": life_stages, "partner_types": partner_types}
        for c, category in enumerate(self.categories):
            for t, topic in enumerate(category.topics):
                for q, question in enumerate(topic.questions):
                    for name, keys in known.items():
                        for n, key in enumerate(getattr(question, name)):
                            if key not in keys:
                                at = f"categories.{c}.topics.{t}.questions.{q}.{name}.{n}"
                                yield field_error(
                                    at,
                                    _("“%(value)s” is none of: %(known)s.") % {"value": key, "known": ", ".join(keys)},
                                )


def _topic(topic: TopicDef) -> RuleTopic:
    return RuleTopic(topic.key, topic.name, tuple(map(_question, topic.questions)), topic.weight, topic.target)


def _question(question: QuestionDef) -> Question:
    return Question(
        key=question.key,
        type=RuleType(question.type),
        text=question.text,
        options=_options(question.options),
        weight=question.weight,
        required=question.required,
        allow_na=question.allow_na,
        life_stages=frozenset(question.life_stages),
        partner_types=frozenset(question.partner_types),
        help=question.help,
        best_practice=question.best_practice,
        action=question.action,
    )


def _options(options: Sequence[OptionDef]) -> tuple[Option, ...]:
    taken = {option.key for option in options if option.key}
    made = []
    for option in options:
        key = option.key or option_key(option.label, taken)
        taken.add(key)
        made.append(Option(key, option.label, option.score, option.description))
    return tuple(made)


def refusal(error: InvalidQuestionnaire) -> Problem:
    """What breaks the rules, each with its place: of the document, and of a file by row and column."""
    errors = []
    for problem in error.problems:
        field = problem.path.replace("[", ".").replace("]", "")
        entry = field_error(field, problem.message.translated(_))
        if isinstance(problem, FileProblem):
            entry |= {"row": problem.row, "column": problem.column}
        errors.append(entry)
    return invalid(errors)
