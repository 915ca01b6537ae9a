"""The worked example as a published questionnaire, with an internal category beside it where a test asks for one."""

from decimal import Decimal

import pytest

from scorecards import actions
from scorecards.definition import Category, Kind, Option, Question, Questionnaire, Topic

OPTIONS = tuple(Option(f"o{score}", f"Level {score}", Decimal(score)) for score in (0, 25, 50, 80, 100))


def question(key: str, weight: int = 1, **more) -> Question:
    return Question(
        key=key, text=f"How about {key}?", options=OPTIONS, weight=Decimal(weight), required=True, allow_na=True,
        best_practice=f"Best is {key}", action=f"Do {key}", **more,
    )  # fmt: skip


def example(internal: bool = False, **more) -> Questionnaire:
    """Topics a1, a2 in A (weight 2), b1 in B (weight 1); `internal` adds the category Trust with the topic t1."""
    categories = [
        Category(
            "A",
            "Category A",
            (
                Topic("a1", "Topic a1", (question("a1q1"), question("a1q2")), Decimal(1), Decimal(80)),
                Topic("a2", "Topic a2", (question("a2q1"),), Decimal(3), Decimal(80)),
            ),
            Decimal(2),
        ),
        Category(
            "B",
            "Category B",
            (Topic("b1", "Topic b1", (question("b1q1"), question("b1q2", 2)), Decimal(1), Decimal(90)),),
            Decimal(1),
        ),
    ]
    if internal:
        topic = Topic("t1", "Secret t1", (question("t1q1"),), Decimal(1), Decimal(60))
        categories.append(Category("T", "Secret trust", (topic,), Decimal(3), internal=True))
    return Questionnaire(name="Example", kind=Kind.CAPABILITY, categories=tuple(categories))


EXAMPLE = {"a1q1": "o100", "a1q2": "o50", "a2q1": "o25", "b1q1": None, "b1q2": "o80"}
"""Answers of the worked example; None is not applicable."""


@pytest.fixture
def version(acme):
    return actions.publish(by=None, key="capability", content=example())


@pytest.fixture
def internal_version(acme):
    return actions.publish(by=None, key="capability", content=example(internal=True))


def give(assessment, by, answers):
    for key, option in answers.items():
        given = actions.Given(na=True) if option is None else actions.Given(options=(option,))
        actions.save_answer(assessment=assessment, question_key=key, given=given, by=by)


def filled(partner, version, by, answers=EXAMPLE, mode=None):
    """A submitted assessment of the user's side."""
    mode = mode or ("self" if by.is_partner_side else "cam")
    assessment = actions.start_assessment(partner=partner, version=version, mode=mode, by=by)
    give(assessment, by, answers)
    actions.confirm(assessment=assessment, by=by, questions=assessment.applicable)
    return actions.submit(assessment=assessment, by=by)
