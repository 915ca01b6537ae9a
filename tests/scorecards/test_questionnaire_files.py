"""Questionnaires in and out: nothing is lost on the way, and every mistake in a file is named by its place."""

import io
from dataclasses import replace
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scorecards.definition import (
    Category,
    InvalidQuestionnaire,
    Kind,
    Option,
    Question,
    Questionnaire,
    QuestionType,
    Topic,
    option_key,
)
from scorecards.questionnaire_build import FileProblem
from scorecards.questionnaire_files import COLUMNS, read, write_xlsx, write_yaml

STAGES = ["recruit", "onboard", "mature"]
TYPES = ["reseller", "msp"]


def test_columns_are_the_agreed_ones() -> None:
    agreed = (
        "kind, category_key, category, category_weight, category_internal, topic_key, topic, topic_weight, "
        "topic_target, question_key, question, question_type, question_weight, help, best_practice, action, "
        "life_stages, partner_types, allow_na, required, order, option_1_label, option_1_score, option_1_description"
    )
    assert ", ".join(COLUMNS[:24]) == agreed
    assert COLUMNS[-3:] == ("option_10_label", "option_10_score", "option_10_description")


# Any questionnaire goes out and comes in the same -------------------------------------------------------------------

TEXTS = st.one_of(
    st.sampled_from(
        ["No", "yes", "null", "~", "1.50", "0x1F", "=1+1", "- a: b", "#", "2026-01-02", "a\nb", "Öß – „x“"]
    ),
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12),
)
NUMBERS = st.decimals("0.01", "99.99", places=2)


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    def options(type_: QuestionType) -> tuple[Option, ...]:
        made: list[Option] = []
        labels = draw(st.lists(TEXTS, min_size=2, max_size=10, unique_by=str.casefold)) if type_.has_options else []
        for label in labels:
            score = draw(NUMBERS | st.just(Decimal(0))) if type_.is_scored else Decimal(0)
            key = option_key(label, {option.key for option in made})
            made.append(Option(key, label, score, draw(st.just("") | TEXTS)))
        return tuple(made)

    def question(key: str) -> Question:
        type_ = draw(st.sampled_from(QuestionType))
        return Question(
            key,
            type_,
            draw(TEXTS),
            options(type_),
            draw(NUMBERS),
            draw(st.booleans()),
            draw(st.booleans()),
            frozenset(draw(st.sets(st.sampled_from(STAGES)))),
            frozenset(draw(st.sets(st.sampled_from(TYPES)))),
            *(draw(st.just("") | TEXTS) for _ in range(3)),
        )

    def topic(key: str) -> Topic:
        questions = tuple(question(f"{key}.Q-{n}") for n in range(draw(st.integers(1, 2))))
        return Topic(key, draw(TEXTS), questions, draw(NUMBERS), draw(st.none() | st.integers(1, 100).map(Decimal)))

    categories = tuple(
        Category(
            f"{c}",
            draw(TEXTS),
            tuple(topic(f"{c}_{t}") for t in range(draw(st.integers(1, 2)))),
            draw(NUMBERS),
            draw(st.booleans()),
        )
        for c in range(draw(st.integers(1, 2)))
    )
    return Questionnaire("Our questions", draw(st.sampled_from(Kind)), categories)


@settings(deadline=None)
@given(questionnaires())
def test_yaml_round_trip(questionnaire: Questionnaire) -> None:
    assert read(write_yaml(questionnaire).encode(), life_stages=STAGES, partner_types=TYPES) == questionnaire


@settings(deadline=None)
@given(questionnaires())
def test_xlsx_round_trip(questionnaire: Questionnaire) -> None:
    assert read(write_xlsx(questionnaire), life_stages=STAGES, partner_types=TYPES) == questionnaire


# Tables -------------------------------------------------------------------------------------------------------------


def xlsx(*rows: dict[str, object], header: list[str] | None = None) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sheet name"
    columns = header or list(COLUMNS)
    sheet.append(columns)
    for row in rows:
        sheet.append([row.get(column) for column in columns])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def row(in_category: str, in_topic: str, key: str, **cells: object) -> dict[str, object]:
    return {
        "category_key": in_category,
        "category": f"Category {in_category}",
        "topic_key": in_topic,
        "topic": f"Topic {in_topic}",
        "question_key": key,
        "question": f"Question {key}?",
        "option_1_label": "No",
        "option_1_score": 0,
        "option_2_label": "Yes",
        "option_2_score": 100,
    } | cells


def refused(data: bytes, **known: list[str]) -> list[tuple[int, str, str]]:
    with pytest.raises(InvalidQuestionnaire) as caught:
        read(data, **known)  # type: ignore[arg-type]
    found = caught.value.problems
    assert all(isinstance(problem, FileProblem) for problem in found)
    return [(p.row, p.column or p.path, str(p.message)) for p in found if isinstance(p, FileProblem)]


def test_table_takes_what_is_not_said_from_an_earlier_row_and_the_defaults() -> None:
    data = xlsx(
        row(
            "A", "a1", "q1", category_weight=2, category_internal=True, topic_target=80.5, allow_na="Yes", required="x"
        ),
        {key: value for key, value in row("A", "a1", "q2").items() if key not in ("category", "topic")},
        row("B", "b1", "q3", question_type="TEXT", option_1_label=None, option_1_score=None, option_2_label="")
        | {"option_2_score": None, "life_stages": "Recruit; onboard", "partner_types": "msp"},
    )
    questionnaire = read(data, life_stages=STAGES, partner_types=TYPES)
    first, second = questionnaire.categories
    assert (questionnaire.name, questionnaire.kind) == ("Sheet name", Kind.CAPABILITY)
    assert (first.name, first.weight, first.internal) == ("Category A", 2, True)
    assert first.topics[0].target == Decimal("80.5")
    q1, q2 = first.topics[0].questions
    assert (q1.type, q1.allow_na, q1.required, q1.weight) == (QuestionType.GRADUATED, True, True, 1)
    assert (q2.allow_na, q2.required) == (False, False)
    assert [(option.key, option.label, option.score) for option in q1.options] == [("no", "No", 0), ("yes", "Yes", 100)]
    q3 = second.topics[0].questions[0]
    assert (q3.type, q3.options, q3.life_stages) == (QuestionType.TEXT, (), {"recruit", "onboard"})
    assert second.topics[0].target is None
    assert read(data, name="Mine").name == "Mine"


def test_order_goes_before_the_place_in_the_table() -> None:
    data = xlsx(
        row("A", "a1", "q4", order=4),
        row("A", "a2", "q3", order=3),
        row("B", "b1", "q2", order=2),
        row("B", "b1", "q1", order=1),
    )
    categories = read(data).categories
    assert [category.key for category in categories] == ["B", "A"]
    assert [topic.key for topic in categories[1].topics] == ["a2", "a1"]
    assert [question.key for question in categories[0].topics[0].questions] == ["q1", "q2"]


def test_order_within_each_topic_keeps_categories_and_topics_in_place() -> None:
    data = xlsx(
        row("A", "a1", "q2", order=2),
        row("A", "a1", "q1", order=1),
        row("A", "a2", "q3", order=1),
        row("B", "b1", "q4", order=1),
    )
    assert [question.key for question in read(data).questions()] == ["q1", "q2", "q3", "q4"]


def test_every_mistake_in_a_table_is_named_by_row_and_column() -> None:
    data = xlsx(
        row("A", "a1", "q1", category_weight=0, option_2_score=101, kind="exam", required="maybe"),
        row("A", "a1", "q1", question_weight="heavy", category="Other name", topic_target=0),
        row("", "", "", question_type="guess", life_stages="recruit, retired"),
        row("B", "a1", "q 4", option_1_score=None, option_3_score=50, order="last"),
        row("B", "b1", "q5", option_2_label="no", question="", help="x" * 4001, partner_types="bank"),
        row("B", "b1", "q6", option_1_label=None, option_1_score=None, option_2_score="high"),
        row("B", "b1", "q7", question_type="number", action="a\x80b"),
    )
    assert refused(data, life_stages=STAGES, partner_types=TYPES) == [
        (2, "kind", "“exam” is none of: capability, recruit, satisfaction, program, cam."),
        (2, "required", "Write yes or no, not “maybe”."),
        (2, "category_weight", "The weight must be above 0, not 0."),
        (2, "option_2_score", "The score must be 0 to 100, with at most six decimals, not 101."),
        (3, "category", "This says “Other name”, and “Category A” in row 2."),
        (3, "question_weight", "“heavy” is not a number."),
        (3, "topic_target", "The target must be 1 to 100, with at most six decimals, not 0."),
        (3, "question_key", "The key “q1” is used before."),
        (4, "question_type", "“guess” is none of: graduated, multi, choose_one, choose_any, number, text."),
        (4, "life_stages", "“retired” is none of: recruit, onboard, mature."),
        (4, "category_key", KEY),
        (4, "topic_key", KEY),
        (4, "question_key", KEY),
        (5, "order", "“last” is not a number."),
        (5, "option_1_score", "An option of a scored question needs a score."),
        (5, "topic_key", "The key “a1” is used before."),
        (5, "question_key", KEY),
        (5, "option_3_label", "This must not be empty."),
        (6, "partner_types", "“bank” is none of: reseller, msp."),
        (6, "question", "This must not be empty."),
        (6, "help", "This is too long: at most 4000 characters."),
        (6, "option_2_label", "The option “no” is there before."),
        (7, "option_2_score", "“high” is not a number."),
        (7, "question_key", "The question needs 2 to 10 options, not 1."),
        (8, "action", "This holds characters that can't be shown."),
        (8, "question_key", "A question for a number or a text has no options."),
    ]


KEY = "The key must be 1 to 60 letters (a to z), digits, dots, dashes and underscores; first a letter or digit."


def test_unknown_and_missing_columns_are_named_at_the_header() -> None:
    header = ["Category Key", "category", "topic_key", "topic", "question_key", "wieght"]
    assert refused(xlsx({}, header=header)) == [
        (1, "wieght", "This column is not known."),
        (1, "question", "This column is missing."),
    ]


def test_a_date_is_not_taken_for_a_text() -> None:
    import datetime as dt

    found = refused(xlsx(row("A", "a1", "q1", option_1_label=dt.datetime(2026, 1, 2))))
    assert found[0] == (2, "option_1_label", "This is a date. Format the cell as text and write it again.")


def test_numbers_are_read_as_the_spreadsheet_shows_them() -> None:
    question = read(xlsx(row("A", "a1", "q1", option_1_label=5.0, question_weight=0.1 + 0.2))).categories[0].topics[0]
    assert (question.questions[0].options[0].label, question.questions[0].weight) == ("5", Decimal("0.3"))


def test_too_many_questions_are_refused_without_reading_on() -> None:
    found = refused(xlsx(*(row("A", "a1", f"q{n}") for n in range(502))))
    assert found == [(502, "", "There are more than 500 questions.")]


# YAML ---------------------------------------------------------------------------------------------------------------

NESTED = """\
name: Short
categories:
- key: A
  name: On
  weight: 2
  internal: yes
  topics:
  - key: a1
    name: 1.50
    target: 80
    questions:
    - key: q1
      text: Off
      life_stages: [recruit, onboard]
      options:
      - {label: No, score: 0}
      - {label: Yes, score: 100, description: 2026-01-02}
    - {key: q2, text: How many?, type: number, life_stages: mature, action: null}
"""


def test_yaml_is_read_as_text() -> None:
    category = read(NESTED.encode()).categories[0]
    topic = category.topics[0]
    assert (category.name, category.internal, topic.name) == ("On", True, "1.50")
    first, second = topic.questions
    assert first.text == "Off"
    assert [option.label for option in first.options] == ["No", "Yes"]
    assert first.options[1].description == "2026-01-02"
    assert (first.life_stages, second.life_stages, second.action) == ({"recruit", "onboard"}, {"mature"}, "")


def test_yaml_may_be_a_list_of_rows() -> None:
    data = b"""
- {category_key: A, category: A, topic_key: a1, topic: One, question_key: q1, question: How?, option_1_label: No,
   option_1_score: 0, option_2_label: Yes, option_2_score: 100, life_stages: [recruit, mature]}
- {category_key: A, topic_key: a1, question_key: q2, question: Who?, question_type: text}
"""
    questionnaire = read(data, name="Rows")
    assert [question.key for question in questionnaire.questions()] == ["q1", "q2"]
    wrong = data.replace(b"question_type: text", b"question_type: txt, colour: red").replace(
        b"0, option_2", b"-1, option_2"
    )
    assert [(at, column) for at, column, _text in refused(wrong)] == [
        (0, "name"),
        (3, "option_1_score"),
        (4, "colour"),
        (4, "question_type"),
    ]


def test_every_mistake_in_yaml_is_named_by_line_and_path() -> None:
    data = NESTED.replace("weight: 2", "weight: -2\n  wieght: 2").replace("target: 80", "target: [80]")
    data = data.replace("score: 0", "score: none").replace("type: number", "type: number, options: 5, help: {a: b}")
    data = data.replace("name: Short", "name: Short\nname: Long\nkind: test")
    question = "categories[0].topics[0].questions"
    assert [(line, path) for line, path, _text in refused(data.encode())] == [
        (2, ""),
        (3, "kind"),
        (7, "categories[0].weight"),
        (8, "categories[0].wieght"),
        (13, "categories[0].topics[0].target"),
        (19, f"{question}[0].options[0].score"),
        (21, f"{question}[1].options"),
        (21, f"{question}[1].help"),
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The file is empty."),
        (b"\xff\xfe\x00", "neither XLSX nor YAML"),
        (b"a: [1", "no valid YAML"),
        (b"a: b: c", "no valid YAML"),
        (b"\x00", "no valid YAML"),
        (b"name: &a x\nkind: *a", "Aliases"),
        (b"[" * 100_000, "nested too deeply"),
        (b"just words", "must be a mapping"),
        (b"name: a\n---\nname: b", "second document"),
        (b"{[a]: b}", "A key must be a word."),
        (b"- just words", "mapping of columns"),
        (b"name: x" * 400_000, "larger than 2 MB"),
        (b"PK\x03\x04 not a workbook", "damaged"),
        (b"name: x", "at least one category"),
    ],
)
def test_files_that_are_no_questionnaire_are_refused(data: bytes, says: str) -> None:
    with pytest.raises(InvalidQuestionnaire, match=says):
        read(data)


def test_option_worth_nothing_in_a_multi_question_is_none_of_these() -> None:
    question = read(xlsx(row("A", "a1", "q1", question_type="multi"))).categories[0].topics[0].questions[0]
    assert question.exclusive == {"no"}
    assert replace(question, type=QuestionType.GRADUATED).exclusive == frozenset()
