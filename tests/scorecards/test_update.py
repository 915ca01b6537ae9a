import datetime as dt
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from scorecards.update import NOTHING, Topic, a_year_before, asked_of, focus, stored

TODAY = dt.date(2026, 11, 20)


def topic(key="t", score=80, target=80, **more):
    return Topic(key, None if score is None else Fraction(score), None if target is None else Decimal(target), **more)


def test_below_its_target_a_topic_is_asked_and_at_it_not():
    topics = [topic("below", Fraction(239, 3)), topic("at", 80), topic("above", 81)]
    assert focus(topics, (), TODAY) == ["below"]


def test_without_score_or_target_there_is_nothing_to_be_below():
    assert focus([topic("none", None), topic("free", 1, None)], (), TODAY) == []


def test_one_answer_over_twelve_months_old_is_enough():
    fresh, old = dt.date(2025, 11, 20), dt.date(2025, 11, 19)
    topics = [topic("exactly", answered_on=(fresh, TODAY)), topic("over", answered_on=(TODAY, old))]
    assert focus(topics, (), TODAY) == ["over"]


def test_a_year_before_the_leap_day_is_the_28th():
    assert a_year_before(dt.date(2028, 2, 29)) == dt.date(2027, 2, 28)
    assert a_year_before(dt.date(2028, 3, 1)) == dt.date(2027, 3, 1)


def test_open_actions_new_topics_and_missing_answers_are_asked():
    topics = [topic("acted"), topic("new", is_new=True), topic("lacking", lacks=True), topic("fine")]
    assert focus(topics, {"acted", "elsewhere"}, TODAY) == ["acted", "new", "lacking"]


def test_an_update_that_asks_nothing_is_no_full_one():
    assert stored([]) == [NOTHING]
    assert asked_of([NOTHING]) == frozenset()
    assert asked_of([]) is None
    assert asked_of(stored(["a", "b"])) == {"a", "b"}


days = st.dates(dt.date(2020, 1, 1), dt.date(2030, 12, 31))
topics = st.lists(
    st.builds(
        Topic,
        key=st.text("abc", min_size=1, max_size=3),
        score=st.none() | st.fractions(0, 100),
        target=st.none() | st.decimals(1, 100, places=2),
        answered_on=st.lists(days, max_size=3).map(tuple),
        is_new=st.booleans(),
        lacks=st.booleans(),
    ),
    unique_by=lambda each: each.key,
)


@given(topics, st.sets(st.text("abc", min_size=1, max_size=3)), days)
def test_what_is_asked_keeps_the_order_and_what_is_not_is_settled(rows, live, today):
    asked = focus(rows, live, today)
    assert asked == [row.key for row in rows if row.key in asked]
    for row in rows:
        if row.key not in asked:
            assert row.key not in live
            assert not row.lacks
            assert row.score is None or row.target is None or row.score >= row.target
            assert all(day.replace(day=1) >= a_year_before(today).replace(day=1) for day in row.answered_on)


@given(topics, days, st.integers(0, 400))
def test_time_passing_only_adds_topics(rows, today, later):
    assert set(focus(rows, (), today)) <= set(focus(rows, (), today + dt.timedelta(later)))


@given(topics, days)
def test_a_topic_is_asked_whatever_the_others_are(rows, today):
    assert focus(rows, (), today) == [row.key for row in rows if focus([row], (), today)]
