"""One answer to one question: does it fit, what does it score, is it done.

Pure: no database, no framework, no clock.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from prm.imports.messages import _
from scorecards.definition import Question, Questionnaire, QuestionType

MAX_TEXT = 4000


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: keys of the chosen options, or a number or text in `value`, or not applicable.

    `confirmed` is False for one that was filled in from an earlier assessment and not looked at yet.
    """

    options: tuple[str, ...] = ()
    value: str = ""
    na: bool = False
    confirmed: bool = True


def is_answered(answer: Answer | None) -> bool:
    """Whether something was given: options, a value or n/a. Choosing none is not an answer."""
    return answer is not None and bool(answer.na or answer.options or answer.value.strip())


def answer_problem(question: Question, answer: Answer) -> str | None:
    """Why this answer does not fit the question (a text to translate), or None when it does."""
    if answer.na:
        if not question.allow_na:
            return _("This question can't be answered with “not applicable”.")
        return _("Not applicable goes with no other answer.") if answer.options or answer.value else None
    if question.type.has_options:
        return _choice_problem(question, answer)
    if answer.options:
        return _("This question has no options.")
    if len(answer.value) > MAX_TEXT:
        return _("This is too long: at most 4,000 characters.")
    if question.type is QuestionType.NUMBER and answer.value.strip():
        try:
            finite = Decimal(answer.value.strip()).is_finite()
        except InvalidOperation:
            finite = False
        return None if finite else _("Enter a number.")
    return None


def _choice_problem(question: Question, answer: Answer) -> str | None:
    if answer.value:
        return _("Choose from the options.")
    if not set(answer.options) <= {option.key for option in question.options}:
        return _("That option does not exist.")
    if len(set(answer.options)) < len(answer.options):
        return _("An option was chosen twice.")
    if len(answer.options) > 1 and question.type.takes_one:
        return _("Choose one option only.")
    if len(answer.options) > 1 and question.exclusive.intersection(answer.options):
        return _("“None of these” goes with no other option.")
    return None


def question_score(question: Question, answer: Answer | None) -> Fraction | None:
    """0–100, or None for an unscored question and for one unanswered or n/a.

    Graduated: the chosen option's score; multi: min(100, Σ points). Raises ValueError for an answer that does not fit.
    """
    if answer is None or answer.na or not answer.options or not question.type.is_scored:
        return None
    if problem := _choice_problem(question, answer):
        raise ValueError(f"{question.key}: {problem}")
    points = (Fraction(option.score) for option in question.options if option.key in answer.options)
    return min(Fraction(100), sum(points, Fraction(0)))


def missing_for_submission(
    questionnaire: Questionnaire,
    answers: Mapping[str, Answer],
    applicable: Collection[str],
    *,
    internal: bool,
) -> list[str]:
    """Keys of the required applicable questions that are not answered or n/a, or not confirmed, in order.

    A partner's submission leaves internal categories out (`internal` False).
    """
    return [
        question.key
        for question in questionnaire.questions(internal=internal)
        if question.required and question.key in applicable and not is_done(answers.get(question.key))
    ]


def is_done(answer: Answer | None) -> bool:
    """Whether it counts in completeness: answered or n/a, and confirmed."""
    return answer is not None and answer.confirmed and is_answered(answer)
