"""What a questionnaire is: categories, topics, questions, options, and the rules one must keep to be saved.

Pure: no database, no framework, no clock. Order is the order of the tuples.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

MAX_OPTIONS = 10
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")


class Kind(StrEnum):
    CAPABILITY = "capability"
    RECRUIT = "recruit"
    SATISFACTION = "satisfaction"
    PROGRAM = "program"
    CAM = "cam"


class QuestionType(StrEnum):
    GRADUATED = "graduated"
    MULTI = "multi"
    CHOOSE_ONE = "choose_one"
    CHOOSE_ANY = "choose_any"
    NUMBER = "number"
    TEXT = "text"

    @property
    def is_scored(self) -> bool:
        return self in (QuestionType.GRADUATED, QuestionType.MULTI)

    @property
    def has_options(self) -> bool:
        return self not in (QuestionType.NUMBER, QuestionType.TEXT)

    @property
    def takes_one(self) -> bool:
        return self in (QuestionType.GRADUATED, QuestionType.CHOOSE_ONE)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice. `score` is 0–100 points; in an unscored question it means nothing."""

    key: str
    label: str
    score: Decimal = Decimal(0)
    description: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question. Empty `life_stages` or `partner_types` mean all of them."""

    key: str
    type: QuestionType = QuestionType.GRADUATED
    text: str = ""
    options: tuple[Option, ...] = ()
    weight: Decimal = Decimal(1)
    required: bool = False
    allow_na: bool = False
    life_stages: frozenset[str] = frozenset()
    partner_types: frozenset[str] = frozenset()
    help: str = ""
    best_practice: str = ""
    action: str = ""

    @property
    def exclusive(self) -> frozenset[str]:
        """Keys of the "none of these" options: in a multi question those worth nothing, chosen alone or not at all."""
        if self.type is not QuestionType.MULTI:
            return frozenset()
        return frozenset(option.key for option in self.options if option.score == 0)


@dataclass(frozen=True, slots=True)
class Topic:
    """`target` is the vendor's best practice, 1–100, or None where there is none."""

    key: str
    name: str
    questions: tuple[Question, ...] = ()
    weight: Decimal = Decimal(1)
    target: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Category:
    """`internal` categories are seen and answered by the vendor's side only."""

    key: str
    name: str
    topics: tuple[Topic, ...] = ()
    weight: Decimal = Decimal(1)
    internal: bool = False


@dataclass(frozen=True, slots=True)
class Questionnaire:
    name: str
    kind: Kind = Kind.CAPABILITY
    categories: tuple[Category, ...] = ()

    def questions(self, *, internal: bool = True) -> Iterator[Question]:
        """All questions in order; without those of internal categories when `internal` is False."""
        for category in self.categories:
            if internal or not category.internal:
                for topic in category.topics:
                    yield from topic.questions


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and where: `path` as in "categories[0].topics[1].weight".

    `message` has placeholders in braces for `params`, so that it can be translated before they are put in.
    """

    path: str
    message: str
    params: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.message.format(**self.params)


class InvalidQuestionnaire(ValueError):
    """Carries every problem found, not the first only."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(f"{problem.path}: {problem.text}" for problem in problems))
        self.problems = problems


def gettext_noop(text: str) -> str:
    """Mark a text for the translators; whoever shows it translates it."""
    return text


def applicable(question: Question, stage: str, partner_type: str) -> bool:
    """Whether the question's conditions fit the partner's life stage and type."""
    return (not question.life_stages or stage in question.life_stages) and (
        not question.partner_types or partner_type in question.partner_types
    )


def applicable_keys(questionnaire: Questionnaire, stage: str, partner_type: str) -> frozenset[str]:
    """Keys of the questions to ask such a partner; frozen when an assessment starts."""
    return frozenset(
        question.key for question in questionnaire.questions() if applicable(question, stage, partner_type)
    )


def check(questionnaire: Questionnaire) -> None:
    """Raise InvalidQuestionnaire, naming every problem, unless the questionnaire keeps all the rules."""
    if found := problems(questionnaire):
        raise InvalidQuestionnaire(found)


def problems(questionnaire: Questionnaire) -> list[Problem]:
    """Every rule the questionnaire breaks, in its own order.

    Weights are above 0, targets 1–100, option scores 0–100, keys unique in the whole questionnaire,
    two to ten options to choose one from, one to ten to choose any from.
    """
    return list(_questionnaire_problems(questionnaire))


def _questionnaire_problems(questionnaire: Questionnaire) -> Iterator[Problem]:
    if not questionnaire.name.strip():
        yield Problem("name", gettext_noop("The questionnaire needs a name."))
    if not questionnaire.categories:
        yield Problem("categories", gettext_noop("The questionnaire needs at least one category."))
    categories: set[str] = set()
    topics: set[str] = set()
    questions: set[str] = set()
    for c, category in enumerate(questionnaire.categories):
        at = f"categories[{c}]"
        yield from _common_problems(at, category.key, category.name, category.weight, categories)
        if not category.topics:
            yield Problem(f"{at}.topics", gettext_noop("The category needs at least one topic."))
        for t, topic in enumerate(category.topics):
            topic_at = f"{at}.topics[{t}]"
            yield from _common_problems(topic_at, topic.key, topic.name, topic.weight, topics)
            if topic.target is not None and not _within(topic.target, 1, 100):
                message = gettext_noop("The target must be between 1 and 100, not {value}.")
                yield Problem(f"{topic_at}.target", message, {"value": str(topic.target)})
            if not topic.questions:
                yield Problem(
                    f"{topic_at}.questions",
                    gettext_noop("The topic needs at least one question."),
                )
            for q, question in enumerate(topic.questions):
                yield from _question_problems(f"{topic_at}.questions[{q}]", question, questions)


def _common_problems(
    at: str,
    key: str,
    name: str,
    weight: Decimal,
    taken: set[str],
    *,
    name_field: str = "name",
) -> Iterator[Problem]:
    if not KEY.fullmatch(key):
        message = gettext_noop(
            "The key must be 1 to 60 letters (a to z), digits, dots, dashes and underscores; first a letter or digit."
        )
        yield Problem(f"{at}.key", message)
    elif key in taken:
        yield Problem(f"{at}.key", gettext_noop("The key “{key}” is used before."), {"key": key})
    taken.add(key)
    if not name.strip():
        yield Problem(f"{at}.{name_field}", gettext_noop("This must not be empty."))
    if not (weight.is_finite() and weight > 0):
        yield Problem(
            f"{at}.weight",
            gettext_noop("The weight must be above 0, not {value}."),
            {"value": str(weight)},
        )


def _question_problems(at: str, question: Question, taken: set[str]) -> Iterator[Problem]:
    yield from _common_problems(at, question.key, question.text, question.weight, taken, name_field="text")
    yield from _option_count_problems(at, question)
    keys: set[str] = set()
    labels: set[str] = set()
    for o, option in enumerate(question.options):
        option_at = f"{at}.options[{o}]"
        if option.key in keys:
            yield Problem(
                f"{option_at}.key",
                gettext_noop("The key “{key}” is used before."),
                {"key": option.key},
            )
        if not option.label.strip():
            yield Problem(f"{option_at}.label", gettext_noop("This must not be empty."))
        elif option.label.casefold() in labels:
            message = gettext_noop("The option “{label}” is there before.")
            yield Problem(f"{option_at}.label", message, {"label": option.label})
        keys.add(option.key)
        labels.add(option.label.casefold())
        if not _within(option.score, 0, 100):
            message = gettext_noop("The score must be between 0 and 100, not {value}.")
            yield Problem(f"{option_at}.score", message, {"value": str(option.score)})


def _option_count_problems(at: str, question: Question) -> Iterator[Problem]:
    count = len(question.options)
    if not question.type.has_options:
        if count:
            yield Problem(
                f"{at}.options",
                gettext_noop("A question for a number or a text has no options."),
            )
        return
    least = 2 if question.type.takes_one else 1
    if not least <= count <= MAX_OPTIONS:
        message = gettext_noop("The question needs {least} to {most} options, not {count}.")
        yield Problem(
            f"{at}.options",
            message,
            {"least": str(least), "most": str(MAX_OPTIONS), "count": str(count)},
        )


def _within(value: Decimal, low: int, high: int) -> bool:
    return value.is_finite() and low <= value <= high


def option_key(label: str, taken: Collection[str]) -> str:
    """A key for an option made from its label, so that an answer finds its option again in the next version.

    Letters and digits joined by dashes, at most 60; a number is added where the key is among `taken`.
    """
    stem = "-".join(re.findall(r"[^\W_]+", label.casefold()))[:56].strip("-") or "option"
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}-{number}", number + 1
    return key
