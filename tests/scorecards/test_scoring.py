"""The scoring rules: the worked example and other cases, by hand."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

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
