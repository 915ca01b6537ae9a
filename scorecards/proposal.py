"""The action plan a result proposes: where most is to be won first, and what to do there.

Topics with an impact above 0 by impact, then gap, then order; each with the suggested actions of up to three
questions that score under the topic's target, lowest first.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from scorecards.answers import Answer, question_score
from scorecards.definition import Questionnaire, Topic
from scorecards.scoring import Result

ACTIONS_PER_TOPIC = 3


@dataclass(frozen=True, slots=True)
class ProposedAction:
    """`lift`: points the topic gains when this question comes up to the topic's target."""

    question: str
    text: str
    score: Fraction
    lift: Fraction


@dataclass(frozen=True, slots=True)
class ProposedTopic:
    """`impact`: points the overall (the shared one, where asked so) gains when the topic reaches its target."""

    key: str
    name: str
    category: str
    score: Fraction
    target: Decimal
    gap: Fraction
    impact: Fraction
    actions: tuple[ProposedAction, ...]


def propose(
    questionnaire: Questionnaire,
    result: Result,
    answers: Mapping[str, Answer],
    applicable: Collection[str],
    *,
    shared: bool,
) -> list[ProposedTopic]:
    """The proposed action plan of `result`, the result of these answers; `shared` for the partner's side.

    A question without a suggested action is passed over, so a topic may come with fewer actions, or none.
    """
    proposed = []
    for category, category_result in zip(questionnaire.categories, result.categories, strict=True):
        for topic, scored in zip(category.topics, category_result.topics, strict=True):
            impact = scored.impact_shared if shared else scored.impact
            if not impact or topic.target is None or scored.gap is None or scored.score.exact is None:
                continue
            proposed.append(
                ProposedTopic(
                    key=topic.key,
                    name=topic.name,
                    category=category.name,
                    score=scored.score.exact,
                    target=topic.target,
                    gap=scored.gap,
                    impact=impact,
                    actions=_actions(topic, Fraction(topic.target), answers, applicable),
                )
            )
    return sorted(proposed, key=lambda topic: (-topic.impact, -topic.gap))


def _actions(
    topic: Topic,
    target: Fraction,
    answers: Mapping[str, Answer],
    applicable: Collection[str],
) -> tuple[ProposedAction, ...]:
    scored = [
        (question, score)
        for question in topic.questions
        if question.key in applicable and (score := question_score(question, answers.get(question.key))) is not None
    ]
    total = sum((Fraction(question.weight) for question, _ in scored), Fraction(0))
    below = [
        ProposedAction(
            question.key,
            question.action,
            score,
            (target - score) * Fraction(question.weight) / total,
        )
        for question, score in scored
        if score < target and question.action.strip()
    ]
    return tuple(sorted(below, key=lambda action: action.score)[:ACTIONS_PER_TOPIC])
