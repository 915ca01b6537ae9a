"""The scoring rules: the worked example by hand, and what must hold for any questionnaire and any answers."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.answers import Answer, answer_problem, missing_for_submission, question_score
from scorecards.definition import (
    Category,
    InvalidQuestionnaire,
    Option,
    Question,
    Questionnaire,
    QuestionType,
    Topic,
    applicable_keys,
    check,
    option_key,
    problems,
)
from scorecards.proposal import propose
from scorecards.result_json import as_json
from scorecards.scoring import Completeness, Rag, Result, Thresholds, TopicResult, decimal, display, result

T = TypeVar("T")
LEVELS = tuple(Option(str(score), f"Level {score}", Decimal(score)) for score in (0, 25, 50, 75, 80, 100))


def graduated(key: str, weight: str = "1", **fields: object) -> Question:
    question = Question(key, QuestionType.GRADUATED, f"Question {key}?", LEVELS, Decimal(weight))
    return replace(question, **fields)  # type: ignore[arg-type]


def every(questionnaire: Questionnaire) -> frozenset[str]:
    return frozenset(question.key for question in questionnaire.questions())


def topic_of(scored: Result, key: str) -> TopicResult:
    return next(topic for topic in scored.topics() if topic.key == key)


@pytest.fixture
def worked() -> Questionnaire:
    a1 = Topic("a1", "A one", (graduated("a1-x"), graduated("a1-y")), Decimal(1), Decimal(80))
    a2 = Topic("a2", "A two", (graduated("a2-x"),), Decimal(3), Decimal(80))
    b1 = Topic("b1", "B one", (graduated("b1-x", allow_na=True), graduated("b1-y", "2")), Decimal(1), Decimal(90))
    return Questionnaire(
        "Worked", categories=(Category("A", "A", (a1, a2), Decimal(2)), Category("B", "B", (b1,), Decimal(1)))
    )


WORKED_ANSWERS = {
    "a1-x": Answer(("100",)),
    "a1-y": Answer(("50",)),
    "a2-x": Answer(("25",)),
    "b1-x": Answer(na=True),
    "b1-y": Answer(("80",)),
}


def test_worked_example(worked: Questionnaire) -> None:
    scored = result(worked, WORKED_ANSWERS, every(worked))
    assert [category.score.exact for category in scored.categories] == [Fraction("37.5"), 80]
    assert scored.overall.exact == scored.overall_shared.exact == Fraction(155, 3)
    assert (scored.overall.display, scored.overall.rag, scored.overall.provisional) == (52, Rag.AMBER, False)
    assert scored.completeness == Completeness(5, 5)
    assert scored.completeness.percent == 100
    topics = list(scored.topics())
    assert [topic.score.exact for topic in topics] == [75, 25, 80]
    assert [topic.gap for topic in topics] == [5, 55, 10]
    assert [topic.share for topic in topics] == [Fraction(1, 6), Fraction(1, 2), Fraction(1, 3)]
    assert [topic.impact for topic in topics] == [Fraction(5, 6), Fraction("27.5"), Fraction(10, 3)]
    assert [topic.impact_shared for topic in topics] == [topic.impact for topic in topics]


def test_worked_example_as_json(worked: Questionnaire) -> None:
    data = as_json(result(worked, WORKED_ANSWERS, every(worked)), shared=False)
    assert data["overall"] == "51.666666666667"
    assert (data["display"], data["rag"], data["completeness"]) == (52, "amber", "1.000000000000")
    a1, a2 = data["categories"][0]["topics"]
    assert (a1["impact"], a2["impact"], a2["gap"]) == ("0.833333333333", "27.500000000000", "55.000000000000")


def test_worked_example_action_plan(worked: Questionnaire) -> None:
    actions = {"a1-y": "Do y", "a2-x": "Do x", "b1-y": "Do b"}
    categories = tuple(
        replace(
            category,
            topics=tuple(
                replace(topic, questions=tuple(replace(q, action=actions.get(q.key, "")) for q in topic.questions))
                for topic in category.topics
            ),
        )
        for category in worked.categories
    )
    questionnaire = replace(worked, categories=categories)
    scored = result(questionnaire, WORKED_ANSWERS, every(questionnaire))
    plan = propose(questionnaire, scored, WORKED_ANSWERS, every(questionnaire), shared=False)
    assert [(topic.key, topic.impact) for topic in plan] == [
        ("a2", Fraction("27.5")),
        ("b1", Fraction(10, 3)),
        ("a1", Fraction(5, 6)),
    ]
    # a1-x scores 100, so only a1-y is below the target of 80; bringing 50 up to 80 lifts the topic by half of 30.
    assert [(action.text, action.lift) for action in plan[2].actions] == [("Do y", 15)]


def test_unconfirmed_answer_counts_in_the_score_and_not_in_completeness(worked: Questionnaire) -> None:
    answers = {"a2-x": Answer(("25",), confirmed=False), "b1-x": Answer(na=True, confirmed=False)}
    scored = result(worked, answers, every(worked))
    assert (scored.overall.exact, scored.overall.provisional) == (25, True)
    assert scored.completeness == Completeness(0, 5)
    assert not topic_of(scored, "b1").score.provisional


def test_nothing_answered_has_no_score(worked: Questionnaire) -> None:
    scored = result(worked, {"b1-x": Answer(na=True)}, every(worked))
    assert scored.overall.exact is scored.overall.display is scored.overall.rag is None
    topic = topic_of(scored, "b1")
    assert (topic.gap, topic.share, topic.impact, topic.completeness.percent) == (None, None, None, 50)
    assert propose(worked, scored, {}, every(worked), shared=False) == []


def test_answers_to_questions_that_do_not_apply_count_nowhere(worked: Questionnaire) -> None:
    scored = result(worked, WORKED_ANSWERS, every(worked) - {"b1-x", "b1-y", "a1-y"})
    assert topic_of(scored, "a1").score.exact == 100
    assert scored.categories[1].completeness == Completeness(0, 0)
    assert scored.categories[1].completeness.share is None
    assert scored.overall.exact == scored.categories[0].score.exact


def test_topic_without_target_has_neither_gap_nor_impact(worked: Questionnaire) -> None:
    b1 = replace(worked.categories[1].topics[0], target=None)
    questionnaire = replace(worked, categories=(worked.categories[0], replace(worked.categories[1], topics=(b1,))))
    topic = topic_of(result(questionnaire, WORKED_ANSWERS, every(worked)), "b1")
    assert (topic.score.exact, topic.gap, topic.impact, topic.share) == (80, None, None, Fraction(1, 3))


def test_internal_category_is_only_in_the_vendors_figures(worked: Questionnaire) -> None:
    questionnaire = replace(worked, categories=(worked.categories[0], replace(worked.categories[1], internal=True)))
    scored = result(questionnaire, WORKED_ANSWERS, every(worked))
    assert (scored.overall.exact, scored.overall_shared.exact) == (Fraction(155, 3), Fraction("37.5"))
    assert (scored.completeness.of, scored.completeness_shared.of) == (5, 3)
    assert [topic.share_shared for topic in scored.topics()] == [Fraction(1, 4), Fraction(3, 4), None]
    assert [topic.impact_shared for topic in scored.topics()] == [Fraction(5, 4), Fraction("41.25"), None]
    partner_sees = as_json(scored, shared=True)
    assert [category["key"] for category in partner_sees["categories"]] == ["A"]
    assert "overall" not in partner_sees
    assert partner_sees["categories"][0]["topics"][1]["impact"] == "41.250000000000"
    plan = propose(questionnaire, scored, WORKED_ANSWERS, every(worked), shared=True)
    assert [topic.key for topic in plan] == ["a2", "a1"]


@pytest.mark.parametrize(
    ("score", "shown", "rag"),
    [
        (Fraction(0), 1, Rag.RED),
        (Fraction("0.4"), 1, Rag.RED),
        (Fraction("49.4999"), 49, Rag.RED),
        (Fraction("49.5"), 50, Rag.AMBER),
        (Fraction("79.5"), 80, Rag.GREEN),
        (Fraction("80.5"), 81, Rag.GREEN),
        (Fraction(100), 100, Rag.GREEN),
    ],
)
def test_displayed_score_and_its_colour(score: Fraction, shown: int, rag: Rag) -> None:
    assert display(score) == shown
    assert Thresholds(80, 50).rag(display(score)) is rag


def test_mean_of_stored_scores_is_shown_like_the_exact_one() -> None:
    exact = [Fraction(n, 3) for n in (148, 148, 149, 149)]
    stored = [decimal(score) for score in exact]
    assert sum(exact) / 4 == Fraction("49.5")
    assert display(sum(stored, Decimal(0)) / 4) == display(Fraction("49.5")) == 50
    assert display(Decimal("49.499999999999")) == 50
    assert display(Decimal("49.4999")) == 49


def test_thresholds_are_the_tenants(worked: Questionnaire) -> None:
    scored = result(worked, WORKED_ANSWERS, every(worked), Thresholds(green=52, amber=30))
    assert scored.overall.rag is Rag.GREEN
    assert scored.categories[0].score.rag is Rag.AMBER


MULTI = Question(
    "multi",
    QuestionType.MULTI,
    "Which?",
    (Option("a", "A", Decimal(40)), Option("b", "B", Decimal("70.5")), Option("none", "None of these", Decimal(0))),
)


@pytest.mark.parametrize(
    ("chosen", "score"),
    [(("a",), Fraction(40)), (("a", "b"), Fraction(100)), (("none",), Fraction(0)), ((), None)],
)
def test_multi_score_is_the_capped_sum(chosen: tuple[str, ...], score: Fraction | None) -> None:
    assert question_score(MULTI, Answer(chosen)) == score


@pytest.mark.parametrize(
    ("question", "answer", "fits"),
    [
        (MULTI, Answer(("a", "b")), True),
        (MULTI, Answer(("a", "none")), False),
        (MULTI, Answer(("a", "a")), False),
        (MULTI, Answer(("x",)), False),
        (MULTI, Answer(na=True), False),
        (graduated("q"), Answer(("0", "25")), False),
        (graduated("q"), Answer(value="50"), False),
        (graduated("q", allow_na=True), Answer(na=True), True),
        (graduated("q", allow_na=True), Answer(("0",), na=True), False),
        (Question("n", QuestionType.NUMBER, "How many?"), Answer(value=" 12.5 "), True),
        (Question("n", QuestionType.NUMBER, "How many?"), Answer(value="a dozen"), False),
        (Question("n", QuestionType.NUMBER, "How many?"), Answer(value="NaN"), False),
        (Question("t", QuestionType.TEXT, "Who?"), Answer(value="x" * 4001), False),
        (Question("t", QuestionType.TEXT, "Who?"), Answer(("a",)), False),
    ],
)
def test_answers_that_do_not_fit_are_named(question: Question, answer: Answer, fits: bool) -> None:
    assert (answer_problem(question, answer) is None) is fits


def test_answer_that_does_not_fit_is_never_scored() -> None:
    with pytest.raises(ValueError, match="multi: “None of these”"):
        question_score(MULTI, Answer(("a", "none")))


def test_unscored_questions_count_in_completeness_only() -> None:
    questions = (graduated("q"), Question("n", QuestionType.NUMBER, "How many?"))
    questionnaire = Questionnaire("Q", categories=(Category("c", "C", (Topic("t", "T", questions),)),))
    answers = {"q": Answer(("50",)), "n": Answer(value="7")}
    scored = result(questionnaire, answers, {"q", "n"})
    assert (scored.overall.exact, scored.completeness) == (50, Completeness(2, 2))
    assert result(questionnaire, answers | {"n": Answer(value=" ")}, {"q", "n"}).completeness == Completeness(1, 2)


def test_submission_misses_required_unconfirmed_and_unanswered(worked: Questionnaire) -> None:
    required = tuple(
        replace(
            category,
            topics=tuple(
                replace(topic, questions=tuple(replace(q, required=q.key != "a1-y") for q in topic.questions))
                for topic in category.topics
            ),
            internal=category.key == "B",
        )
        for category in worked.categories
    )
    questionnaire = replace(worked, categories=required)
    answers = {"a1-x": Answer(("50",), confirmed=False), "b1-x": Answer(na=True)}
    assert missing_for_submission(questionnaire, answers, every(worked), internal=True) == ["a1-x", "a2-x", "b1-y"]
    assert missing_for_submission(questionnaire, answers, every(worked), internal=False) == ["a1-x", "a2-x"]
    assert missing_for_submission(questionnaire, answers, {"b1-x"}, internal=True) == []


def test_conditions_choose_the_questions() -> None:
    questions = (
        graduated("all"),
        graduated("early", life_stages=frozenset({"recruit", "onboard"})),
        graduated("msp", partner_types=frozenset({"msp"})),
        graduated("both", life_stages=frozenset({"mature"}), partner_types=frozenset({"msp"})),
    )
    questionnaire = Questionnaire("Q", categories=(Category("c", "C", (Topic("t", "T", questions),)),))
    assert applicable_keys(questionnaire, "recruit", "reseller") == {"all", "early"}
    assert applicable_keys(questionnaire, "mature", "msp") == {"all", "msp", "both"}


def test_plan_takes_the_three_lowest_actions_below_target_and_orders_ties() -> None:
    def topic(key: str, weight: str, target: int, *scores: int) -> tuple[Topic, dict[str, Answer]]:
        questions = tuple(graduated(f"{key}{n}", action=f"Do {key}{n}") for n in range(len(scores)))
        answers = {q.key: Answer((str(s),)) for q, s in zip(questions, scores, strict=True)}
        return Topic(key, key, questions, Decimal(weight), Decimal(target)), answers

    first, some = topic("p", "1", 80, 75, 50, 0, 50, 100)
    second, more = topic("q", "1", 50, 25)
    third, rest = topic("r", "1", 50, 25)
    fourth, last = topic("s", "2", 62, 50)
    answers = some | more | rest | last
    questionnaire = Questionnaire("Q", categories=(Category("c", "C", (third, fourth, first, second)),))
    plan = propose(questionnaire, result(questionnaire, answers, answers.keys()), answers, answers.keys(), shared=False)
    # p: gap 25, share 1/5; r and q likewise; s: gap 12, share 2/5. Among equals the questionnaire's order decides.
    assert [(t.key, t.impact) for t in plan] == [("r", 5), ("p", 5), ("q", 5), ("s", Fraction(24, 5))]
    assert [action.question for action in plan[1].actions] == ["p2", "p1", "p3"]


def test_every_problem_of_a_questionnaire_is_named() -> None:
    bad = graduated("same", "0", options=(Option("x", "X", Decimal(101)), Option("x", "x", Decimal("NaN"))))
    number = Question("a b", QuestionType.NUMBER, " ", LEVELS[:1], Decimal("Infinity"))
    categories = (
        Category("c", "C", (Topic("t", "T", (bad, graduated("same", "-1")), target=Decimal(0)),)),
        Category("c", "", (Topic("t", "T", (number, graduated("few", options=LEVELS[:1]))),), Decimal("-0.5")),
        Category("d", "D", (Topic("u", "U"),)),
        Category("e", "E"),
    )
    questionnaire = Questionnaire("Q", categories=categories)
    c0, c1 = "categories[0].topics[0]", "categories[1].topics[0]"
    assert [problem.path for problem in problems(questionnaire)] == [
        f"{c0}.target",
        f"{c0}.questions[0].weight",
        f"{c0}.questions[0].options[0].score",
        f"{c0}.questions[0].options[1].key",
        f"{c0}.questions[0].options[1].label",
        f"{c0}.questions[0].options[1].score",
        f"{c0}.questions[1].key",
        f"{c0}.questions[1].weight",
        "categories[1].key",
        "categories[1].name",
        "categories[1].weight",
        f"{c1}.key",
        f"{c1}.questions[0].key",
        f"{c1}.questions[0].text",
        f"{c1}.questions[0].weight",
        f"{c1}.questions[0].options",
        f"{c1}.questions[1].options",
        "categories[2].topics[0].questions",
        "categories[3].topics",
    ]
    with pytest.raises(InvalidQuestionnaire, match=r"The weight must be above 0, not -0\.5"):
        check(questionnaire)


def test_option_key_survives_punctuation_and_is_unique() -> None:
    assert option_key("No, never!", set()) == "no-never"
    assert option_key("No never", {"no-never"}) == "no-never-2"
    assert option_key("—", set()) == "option"
    assert len(option_key("long " * 40, set())) <= 60


# What holds for any questionnaire -----------------------------------------------------------------------------------

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
