"""Changes to a questionnaire's content, by hand and by property."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecards import editing
from scorecards.definition import Category, Option, Question, Questionnaire, Topic, problems
from scorecards.editing import Gone, LastOne, Level
from scorecards.version_changes import Change, What, changes
from tests.scorecards.conftest import example

C, T, Q = Level.CATEGORY, Level.TOPIC, Level.QUESTION


def shape(content: Questionnaire) -> dict[str, dict[str, list[str]]]:
    return {c.key: {t.key: [q.key for q in t.questions] for t in c.topics} for c in content.categories}


AS_IT_IS = {"A": {"a1": ["a1q1", "a1q2"], "a2": ["a2q1"]}, "B": {"b1": ["b1q1", "b1q2"]}}


def test_the_example_is_as_the_tests_below_take_it():
    assert shape(example()) == AS_IT_IS


def test_one_step_down_and_up_again():
    down = editing.step(example(), Q, "a1q1", up=False)
    assert shape(down)["A"]["a1"] == ["a1q2", "a1q1"]
    assert editing.step(down, Q, "a1q1", up=True) == example()
    assert list(shape(editing.step(example(), T, "a2", up=True))["A"]) == ["a2", "a1"]
    assert list(shape(editing.step(example(), C, "B", up=True))) == ["B", "A"]


def test_from_the_edge_of_a_topic_or_category_a_step_leads_into_the_next():
    assert shape(editing.step(example(), Q, "a1q2", up=False))["A"] == {"a1": ["a1q1"], "a2": ["a1q2", "a2q1"]}
    assert shape(editing.step(example(), Q, "b1q1", up=True)) == {
        "A": {"a1": ["a1q1", "a1q2"], "a2": ["a2q1", "b1q1"]},
        "B": {"b1": ["b1q2"]},
    }
    assert shape(editing.step(example(), T, "a2", up=False)) == {
        "A": {"a1": ["a1q1", "a1q2"]},
        "B": {"a2": ["a2q1"], "b1": ["b1q1", "b1q2"]},
    }


def test_at_the_very_end_a_step_changes_nothing():
    for level, key, up in ((Q, "a1q1", True), (Q, "b1q2", False), (T, "a1", True), (C, "A", True), (C, "B", False)):
        assert editing.step(example(), level, key, up=up) == example()


def test_moving_into_another_topic_before_one_or_as_its_last():
    moved = editing.move(example(), Q, "a1q1", "b1", "b1q2")
    assert shape(moved) == {"A": {"a1": ["a1q2"], "a2": ["a2q1"]}, "B": {"b1": ["b1q1", "a1q1", "b1q2"]}}
    assert shape(editing.move(example(), Q, "a1q1", "b1"))["B"]["b1"] == ["b1q1", "b1q2", "a1q1"]
    assert shape(editing.move(example(), T, "a1", "B", "b1")) == {
        "A": {"a2": ["a2q1"]},
        "B": {"a1": ["a1q1", "a1q2"], "b1": ["b1q1", "b1q2"]},
    }
    assert editing.move(example(), Q, "a1q1", "a1", "a1q1") == example()


def test_nothing_may_be_left_empty():
    for change in (
        lambda: editing.remove(example(), Q, "a2q1"),
        lambda: editing.remove(example(), T, "b1"),
        lambda: editing.move(example(), Q, "a2q1", "b1"),
        lambda: editing.move(example(), T, "b1", "A"),
        lambda: editing.step(example(), T, "b1", up=True),
    ):
        with pytest.raises(LastOne):
            change()
    alone = replace(example(), categories=example().categories[:1])
    with pytest.raises(LastOne):
        editing.remove(alone, C, "A")


def test_what_is_gone_is_said_to_be_gone():
    for change in (
        lambda: editing.find(example(), Q, "zzz"),
        lambda: editing.find(example(), T, "a1q1"),  # a question's key is no topic's
        lambda: editing.remove(example(), C, "zzz"),
        lambda: editing.move(example(), Q, "a1q1", "zzz"),
        lambda: editing.move(example(), Q, "a1q1", "b1", "a2q1"),
        lambda: editing.step(example(), Q, "zzz", up=True),
        lambda: editing.add(example(), T, "zzz", Topic("t", "T")),
        lambda: editing.path_of(example(), Q, "zzz"),
    ):
        with pytest.raises(Gone):
            change()


def test_adding_changing_and_removing():
    more = editing.add(example(), Q, "a2", editing.first_question("How?", "how"))
    assert shape(more)["A"]["a2"] == ["a2q1", "how"]
    assert [(o.score, o.label) for o in editing.find(more, Q, "how").options] == [
        (0, "No"), (25, "Beginnings"), (50, "Partly"), (75, "Mostly"), (100, "Fully"),
    ]  # fmt: skip
    assert problems(more) == []
    assert editing.remove(more, Q, "how") == example()
    assert editing.path_of(more, Q, "how") == "categories[0].topics[1].questions[1]"
    assert (editing.path_of(more, C, "B"), editing.path_of(more, T, "b1")) == (
        "categories[1]",
        "categories[1].topics[0]",
    )
    other = editing.put(example(), T, "b1", replace(editing.find(example(), T, "b1"), name="Other"))
    assert editing.find(other, T, "b1").name == "Other"
    assert shape(other) == AS_IT_IS


def test_a_copy_stands_right_after_it_with_keys_of_its_own():
    copied, key = editing.duplicate(example(), C, "A", "%s (copy)")
    assert key == "a"
    assert list(shape(copied)) == ["A", "a", "B"]
    assert shape(copied)["a"] == {"a1-2": ["a1q1-2", "a1q2-2"], "a2-2": ["a2q1-2"]}
    assert copied.categories[1].name == "Category A (copy)"
    assert problems(copied) == []
    again, key = editing.duplicate(copied, Q, "a1q1-2", "%s (copy)")
    assert (key, editing.find(again, Q, key).text) == ("a1q1-3", "How about a1q1? (copy)")


def test_a_key_is_made_of_letters_digits_and_dashes():
    assert editing.propose_key("Wie viele Köpfe – schätzungsweise?", ()) == "wie-viele-kopfe-schatzungsweise"
    assert editing.propose_key("People", {"people", "people-2"}) == "people-3"
    assert editing.propose_key("日本語", ()) == "item"
    assert editing.propose_key("x" * 200, ()) == "x" * 40


def test_fingerprints_tell_whose_change_it_is():
    before, after = (
        example(),
        editing.put(example(), Q, "a1q1", replace(editing.find(example(), Q, "a1q1"), text="New?")),
    )
    assert editing.fingerprint(before) == editing.fingerprint(example())
    assert editing.fingerprint(before) != editing.fingerprint(after)
    for level, key, whole, same in ((Q, "a1q2", True, True), (Q, "a1q1", True, False), (T, "a1", False, True), (T, "a1", True, False),
                                    (C, "A", False, True), (C, "A", True, False), (C, "B", True, True)):  # fmt: skip
        prints = [editing.fingerprint(editing.find(content, level, key), whole=whole) for content in (before, after)]
        assert (prints[0] == prints[1]) is same, (level, key, whole)


def test_options_of_a_file_keep_the_keys_they_had():
    def content(*options: Option) -> Questionnaire:
        return Questionnaire(
            "Q", categories=(Category("A", "A", (Topic("t", "T", (Question("q", text="?", options=options),)),)),)
        )

    before = content(
        Option("n", "No", Decimal(0)), Option("p", "Partly", Decimal(50)), Option("y", "Yes", Decimal(100))
    )
    read = content(Option("no-way", "No way", Decimal(0)), Option("partly", "PARTLY", Decimal(60)), Option("y", "Never", Decimal(70)),
                   Option("yes", "Yes", Decimal(100)))  # fmt: skip
    kept = editing.keep_option_keys(read, before)
    # Reworded at its place and score; the same label; new, and not by the key of another; the same label elsewhere.
    assert [option.key for option in kept.categories[0].topics[0].questions[0].options] == ["n", "p", "never", "y"]


KEYS = {level: editing.keys(example(internal=True), level) for level in Level}
MOVES = st.one_of(
    *(
        st.tuples(st.just("step"), st.just(level), st.sampled_from(KEYS[level]), st.booleans(), st.just(""))
        for level in Level
    ),
    st.tuples(
        st.just("move"), st.just(T), st.sampled_from(KEYS[T]), st.sampled_from(KEYS[C]), st.sampled_from(["", *KEYS[T]])
    ),
    st.tuples(
        st.just("move"), st.just(Q), st.sampled_from(KEYS[Q]), st.sampled_from(KEYS[T]), st.sampled_from(["", *KEYS[Q]])
    ),
)


@given(st.lists(MOVES, max_size=12))
def test_whatever_is_moved_nothing_is_lost_doubled_or_left_empty(moves):
    content = example(internal=True)
    for what, level, key, to, before in moves:
        try:
            moved = (
                editing.step(content, level, key, up=bool(to))
                if what == "step"
                else editing.move(content, level, key, str(to), before)
            )
        except (LastOne, Gone):
            continue
        for each in Level:
            assert Counter(editing.keys(moved, each)) == Counter(KEYS[each])
        assert problems(moved) == []
        nodes = {node.key: replace(node) for node in editing.at_level(moved, Q)}
        assert nodes == {node.key: node for node in editing.at_level(content, Q)}
        content = moved


def test_what_changed_between_two_versions():
    before = example()
    after = editing.move(before, Q, "a1q2", "b1")
    after = editing.put(after, T, "b1", replace(editing.find(after, T, "b1"), target=Decimal(70), weight=Decimal(2)))
    after = editing.add(after, T, "B", Topic("b2", "New", (editing.first_question("What?", "what"),)))
    after = editing.remove(after, T, "a2")
    after = editing.step(after, C, "B", up=True)
    assert changes(before, after) == [
        Change(What.CHANGED, T, "b1", "Topic b1", ("weight", "target")),
        Change(What.ADDED, T, "b2", "New"),
        Change(What.REMOVED, T, "a2", "Topic a2"),
        Change(What.CHANGED, Q, "a1q2", "How about a1q2?", ("place",)),
        Change(What.REORDERED, None, "", "Example"),
    ]
    assert changes(before, before) == []
    assert changes(before, replace(before, name="Other")) == [Change(What.CHANGED, None, "", "Other", ("name",))]
