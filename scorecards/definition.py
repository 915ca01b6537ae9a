"""What a questionnaire is: categories, topics, questions, options, and the rules one must keep to be saved.

Pure: no database, no framework, no clock. Order is the order of the tuples.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from prm.imports.messages import Message, _

MAX_QUESTIONS = 500
MAX_OPTIONS = 10
MAX_WEIGHT = 1_000_000
DECIMALS = 6  # of weights, targets and scores
MAX_KEY = 60
MAX_NAME = 200  # a name, an option's label
MAX_QUESTION = 1000  # a question, an option's description
MAX_LONG = 4000  # help, best practice, action
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,59}")
CONTROLS = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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


@dataclass(frozen=True)
class Problem:
    """What is wrong and where: `path` as in "categories[0].topics[1].weight"."""

    path: str
    message: Message

    @property
    def where(self) -> str:
        return self.path


class InvalidQuestionnaire(ValueError):
    """Carries every problem found, not the first only."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.where}: {problem.message}" for problem in problems))
        self.problems = list(problems)


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

    Weights are above 0, targets 1 to 100, option scores 0 to 100, none with more than six decimals; keys are unique in
    the whole questionnaire; two to ten options to choose one from, one to ten to choose any from; texts within MAX_*.
    """
    return list(_questionnaire_problems(questionnaire))


def _questionnaire_problems(questionnaire: Questionnaire) -> Iterator[Problem]:
    yield from _text_problems("name", questionnaire.name, MAX_NAME)
    if not questionnaire.categories:
        yield Problem("categories", Message(_("The questionnaire needs at least one category.")))
    if sum(1 for _question in questionnaire.questions()) > MAX_QUESTIONS:
        yield Problem("categories", Message(_("There are more than %(limit)s questions."), {"limit": MAX_QUESTIONS}))
    categories: set[str] = set()
    topics: set[str] = set()
    questions: set[str] = set()
    for c, category in enumerate(questionnaire.categories):
        at = f"categories[{c}]"
        yield from _key_problems(at, category.key, categories)
        yield from _text_problems(f"{at}.name", category.name, MAX_NAME)
        yield from _weight_problems(at, category.weight)
        if not category.topics:
            yield Problem(f"{at}.topics", Message(_("The category needs at least one topic.")))
        for t, topic in enumerate(category.topics):
            yield from _topic_problems(f"{at}.topics[{t}]", topic, topics, questions)


def _topic_problems(at: str, topic: Topic, topics: set[str], questions: set[str]) -> Iterator[Problem]:
    yield from _key_problems(at, topic.key, topics)
    yield from _text_problems(f"{at}.name", topic.name, MAX_NAME)
    yield from _weight_problems(at, topic.weight)
    if topic.target is not None and not _within(topic.target, 1, 100):
        message = _("The target must be 1 to 100, with at most six decimals, not %(value)s.")
        yield Problem(f"{at}.target", Message(message, {"value": topic.target}))
    if not topic.questions:
        yield Problem(f"{at}.questions", Message(_("The topic needs at least one question.")))
    for q, question in enumerate(topic.questions):
        yield from _question_problems(f"{at}.questions[{q}]", question, questions)


def _question_problems(at: str, question: Question, taken: set[str]) -> Iterator[Problem]:
    yield from _key_problems(at, question.key, taken)
    yield from _text_problems(f"{at}.text", question.text, MAX_QUESTION)
    yield from _weight_problems(at, question.weight)
    for name in ("help", "best_practice", "action"):
        yield from _text_problems(f"{at}.{name}", getattr(question, name), MAX_LONG, empty=True)
    count = len(question.options)
    least = 2 if question.type.takes_one else 1
    if not question.type.has_options:
        if count:
            yield Problem(f"{at}.options", Message(_("A question for a number or a text has no options.")))
    elif not least <= count <= MAX_OPTIONS:
        message = _("The question needs %(least)s to %(most)s options, not %(count)s.")
        yield Problem(f"{at}.options", Message(message, {"least": least, "most": MAX_OPTIONS, "count": count}))
    keys: set[str] = set()
    labels: set[str] = set()
    for o, option in enumerate(question.options):
        option_at = f"{at}.options[{o}]"
        if option.key in keys:
            yield Problem(f"{option_at}.key", Message(_("The key “%(key)s” is used before."), {"key": option.key}))
        yield from _text_problems(f"{option_at}.label", option.label, MAX_NAME)
        if option.label.strip() and option.label.casefold() in labels:
            message = _("The option “%(label)s” is there before.")
            yield Problem(f"{option_at}.label", Message(message, {"label": option.label}))
        keys.add(option.key)
        labels.add(option.label.casefold())
        yield from _text_problems(f"{option_at}.description", option.description, MAX_QUESTION, empty=True)
        if not _within(option.score, 0, 100):
            message = _("The score must be 0 to 100, with at most six decimals, not %(value)s.")
            yield Problem(f"{option_at}.score", Message(message, {"value": option.score}))


def _key_problems(at: str, key: str, taken: set[str]) -> Iterator[Problem]:
    if not KEY.fullmatch(key):
        message = _(
            "The key must be 1 to 60 letters (a to z), digits, dots, dashes and underscores; first a letter or digit."
        )
        yield Problem(f"{at}.key", Message(message))
    elif key in taken:
        yield Problem(f"{at}.key", Message(_("The key “%(key)s” is used before."), {"key": key}))
    taken.add(key)


def _text_problems(path: str, text: str, limit: int, *, empty: bool = False) -> Iterator[Problem]:
    if not (empty or text.strip()):
        yield Problem(path, Message(_("This must not be empty.")))
    if len(text) > limit:
        yield Problem(path, Message(_("This is too long: at most %(limit)s characters."), {"limit": limit}))
    if CONTROLS.search(text):
        yield Problem(path, Message(_("This holds characters that can't be shown.")))


def _weight_problems(at: str, weight: Decimal) -> Iterator[Problem]:
    if not weight.is_finite() or weight <= 0:
        yield Problem(f"{at}.weight", Message(_("The weight must be above 0, not %(value)s."), {"value": weight}))
    elif not _within(weight, 0, MAX_WEIGHT):
        message = _("The weight must be at most %(most)s, with at most six decimals, not %(value)s.")
        yield Problem(f"{at}.weight", Message(message, {"most": MAX_WEIGHT, "value": weight}))


def _within(value: Decimal, low: int, high: int) -> bool:
    return value.is_finite() and low <= value <= high and value == round(value, DECIMALS)


def option_key(label: str, taken: Collection[str]) -> str:
    """A key for an option made from its label, so that an answer finds its option again in the next version.

    Letters and digits joined by dashes, at most 60; a number is added where the key is among `taken`.
    """
    stem = "-".join(re.findall(r"[^\W_]+", label.casefold()))[:56].strip("-") or "option"
    key, number = stem, 2
    while key in taken:
        key, number = f"{stem}-{number}", number + 1
    return key
