"""What holds for the scores of any questionnaire."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.answers import Answer, missing_for_submission, question_score
from scorecards.definition import (
    Category,
    Option,
    Question,
    Questionnaire,
    QuestionType,
    Topic,
)
from scorecards.proposal import propose
from scorecards.result_json import as_json
from scorecards.scoring import Completeness, decimal, result

T = TypeVar("T")


WEIGHTS = st.decimals("0.01", "20", places=2)
KINDS = [QuestionType.GRADUATED, QuestionType.GRADUATED, QuestionType.MULTI, QuestionType.TEXT]


@st.composite
def assessments(draw: st.DrawFn) -> tuple[Questionnaire, dict[str, Answer], frozenset[str]]:
    answers: dict[str, Answer] = {}
    asked: set[str] = set()

    def question(key: str) -> Question:
        type_ = draw(st.sampled_from(KINDS))
        scores = draw(st.lists(st.integers(0, 100), min_size=2, max_size=5)) if type_.has_options else []
        options = tuple(Option(str(n), f"Option {n}", Decimal(score)) for n, score in enumerate(scores))
        made = Question(key, type_, key, options, draw(WEIGHTS), draw(st.booleans()), allow_na=True, action=f"Do {key}")
        if draw(st.integers(0, 5)):
            asked.add(key)
        how = draw(st.sampled_from(["none", "na", "given", "given", "given"]))
        confirmed = draw(st.booleans())
        if how == "na":
            answers[key] = Answer(na=True, confirmed=confirmed)
        elif how == "given" and options:
            answers[key] = Answer((draw(st.sampled_from(options)).key,), confirmed=confirmed)
        elif how == "given":
            answers[key] = Answer(value="some text", confirmed=confirmed)
        return made

    def topic(key: str) -> Topic:
        count = draw(st.integers(1, 3))
        questions = tuple(question(f"{key}q{n}") for n in range(count))
        target = draw(st.none() | st.integers(1, 100).map(Decimal))
        return Topic(key, key, questions, draw(WEIGHTS), target)

    categories = tuple(
        Category(
            f"c{c}",
            f"C{c}",
            tuple(topic(f"c{c}t{t}") for t in range(draw(st.integers(1, 3)))),
            draw(WEIGHTS),
            draw(st.booleans()),
        )
        for c in range(draw(st.integers(1, 3)))
    )
    return Questionnaire("Q", categories=categories), answers, frozenset(asked)


def scores(
    questionnaire: Questionnaire, answers: Mapping[str, Answer], asked: frozenset[str], internal: bool = True
) -> list[Fraction]:
    given = [(q, answers.get(q.key)) for q in questionnaire.questions(internal=internal) if q.key in asked]
    return [score for question, answer in given if (score := question_score(question, answer)) is not None]


@settings(deadline=None)
@given(assessments())
def test_every_level_lies_between_its_lowest_and_highest_answer(
    case: tuple[Questionnaire, dict[str, Answer], frozenset[str]],
) -> None:
    questionnaire, answers, asked = case
    scored = result(questionnaire, answers, asked)
    for level, given_scores in (
        (scored.overall, scores(*case)),
        (scored.overall_shared, scores(*case, internal=False)),
    ):
        if not given_scores:
            assert level.exact is None
        else:
            assert level.exact is not None
            assert level.display is not None
            assert min(given_scores) <= level.exact <= max(given_scores)
            assert 1 <= level.display <= 100


@settings(deadline=None)
@given(assessments(), st.decimals("0.001", "1000", places=3))
def test_scaling_all_weights_changes_nothing(
    case: tuple[Questionnaire, dict[str, Answer], frozenset[str]], factor: Decimal
) -> None:
    questionnaire, answers, asked = case
    scaled = replace(
        questionnaire,
        categories=tuple(
            replace(
                category,
                weight=category.weight * factor,
                topics=tuple(
                    replace(
                        topic,
                        weight=topic.weight * factor,
                        questions=tuple(replace(q, weight=q.weight * factor) for q in topic.questions),
                    )
                    for topic in category.topics
                ),
            )
            for category in questionnaire.categories
        ),
    )
    before, after = result(questionnaire, answers, asked), result(scaled, answers, asked)
    assert (before.overall, before.overall_shared) == (after.overall, after.overall_shared)
    for old, new in zip(before.topics(), after.topics(), strict=True):
        assert replace(new, weight=old.weight) == old


@settings(deadline=None)
@given(assessments(), st.randoms())
def test_order_changes_no_figure(case: tuple[Questionnaire, dict[str, Answer], frozenset[str]], random: Random) -> None:
    questionnaire, answers, asked = case

    def shuffled(items: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(random.sample(items, len(items)))

    mixed = replace(
        questionnaire,
        categories=shuffled(
            tuple(
                replace(
                    category,
                    topics=shuffled(
                        tuple(replace(topic, questions=shuffled(topic.questions)) for topic in category.topics)
                    ),
                )
                for category in questionnaire.categories
            )
        ),
    )
    before, after = result(questionnaire, answers, asked), result(mixed, answers, asked)
    assert (before.overall, before.overall_shared, before.completeness) == (
        after.overall,
        after.overall_shared,
        after.completeness,
    )
    assert {topic.key: topic for topic in before.topics()} == {topic.key: topic for topic in after.topics()}


@settings(deadline=None)
@given(assessments())
def test_completeness_adds_up(case: tuple[Questionnaire, dict[str, Answer], frozenset[str]]) -> None:
    questionnaire, answers, asked = case
    scored = result(questionnaire, answers, asked)
    done = {key for key, answer in answers.items() if answer.confirmed} & asked
    assert scored.completeness == Completeness(len(done), len(asked))
    for levels in (scored.categories, list(scored.topics())):
        assert sum(level.completeness.done for level in levels) == len(done)
        assert sum(level.completeness.of for level in levels) == len(asked)
    shared = {q.key for q in questionnaire.questions(internal=False)}
    assert scored.completeness_shared == Completeness(len(done & shared), len(asked & shared))
    missing = missing_for_submission(questionnaire, answers, asked, internal=True)
    assert set(missing) == {q.key for q in questionnaire.questions() if q.required} & asked - done


def with_topic_at(
    questionnaire: Questionnaire, answers: Mapping[str, Answer], key: str, score: Decimal
) -> tuple[Questionnaire, dict[str, Answer]]:
    """The same with one more option in each scored question of a topic, worth exactly `score`, and chosen."""
    changed = dict(answers)

    def question(old: Question) -> Question:
        if question_score(old, answers.get(old.key)) is None:
            return old
        changed[old.key] = Answer(("target",))
        return replace(old, type=QuestionType.GRADUATED, options=(*old.options, Option("target", "Target", score)))

    categories = tuple(
        replace(
            category,
            topics=tuple(
                replace(topic, questions=tuple(map(question, topic.questions))) if topic.key == key else topic
                for topic in category.topics
            ),
        )
        for category in questionnaire.categories
    )
    return replace(questionnaire, categories=categories), changed


@settings(deadline=None)
@given(assessments())
def test_impact_is_what_the_overall_gains_at_the_target(
    case: tuple[Questionnaire, dict[str, Answer], frozenset[str]],
) -> None:
    questionnaire, answers, asked = case
    scored = result(questionnaire, answers, asked)
    for topic in scored.topics():
        if topic.score.exact is None or topic.target is None:
            assert topic.gap is topic.impact is topic.impact_shared is None
            continue
        if topic.score.exact >= topic.target:
            assert topic.gap == topic.impact == 0
            continue
        raised, changed = with_topic_at(questionnaire, answers, topic.key, topic.target)
        after = result(raised, changed, asked)
        assert after.overall.exact is not None
        assert scored.overall.exact is not None
        assert topic.impact == after.overall.exact - scored.overall.exact
        if topic.impact_shared is not None:
            assert after.overall_shared.exact is not None
            assert scored.overall_shared.exact is not None
            assert topic.impact_shared == after.overall_shared.exact - scored.overall_shared.exact


@settings(deadline=None)
@given(assessments())
def test_shares_of_the_scored_topics_add_up_to_one(
    case: tuple[Questionnaire, dict[str, Answer], frozenset[str]],
) -> None:
    scored = result(*case)
    if scored.overall.exact is not None:
        assert sum(topic.share for topic in scored.topics() if topic.share is not None) == 1
    if scored.overall_shared.exact is not None:
        assert sum(topic.share_shared for topic in scored.topics() if topic.share_shared is not None) == 1


@settings(deadline=None)
@given(assessments())
def test_what_is_shared_is_the_result_without_internal_categories(
    case: tuple[Questionnaire, dict[str, Answer], frozenset[str]],
) -> None:
    questionnaire, answers, asked = case
    without = replace(questionnaire, categories=tuple(c for c in questionnaire.categories if not c.internal))
    scored, alone = result(questionnaire, answers, asked), result(without, answers, asked)
    assert scored.overall_shared == alone.overall == alone.overall_shared
    assert scored.completeness_shared == alone.completeness
    assert as_json(scored, shared=True) == as_json(alone, shared=True)
    plan = propose(questionnaire, scored, answers, asked, shared=True)
    assert plan == propose(without, alone, answers, asked, shared=False)


@settings(deadline=None)
@given(assessments())
def test_plan_is_in_the_order_of_what_is_to_be_won(
    case: tuple[Questionnaire, dict[str, Answer], frozenset[str]],
) -> None:
    questionnaire, answers, asked = case
    scored = result(questionnaire, answers, asked)
    plan = propose(questionnaire, scored, answers, asked, shared=False)
    assert {topic.key for topic in plan} == {topic.key for topic in scored.topics() if topic.impact}
    assert [(topic.impact, topic.gap) for topic in plan] == sorted(
        ((topic.impact, topic.gap) for topic in plan), reverse=True
    )
    for topic in plan:
        assert 1 <= len(topic.actions) <= 3
        assert all(action.score < topic.target and action.lift > 0 for action in topic.actions)
        assert [action.score for action in topic.actions] == sorted(action.score for action in topic.actions)


@settings(deadline=None)
@given(st.fractions(-1000, 1000))
def test_stored_score_is_within_half_a_last_place(value: Fraction) -> None:
    assert abs(Fraction(decimal(value)) - value) <= Fraction(1, 2 * 10**12)
