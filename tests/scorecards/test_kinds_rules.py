"""The pure rules of the other kinds, worked by hand; and what can't be taken apart."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.common.rag import DEFAULT_THRESHOLDS
from scorecards.kinds import Voice, heard, program_stage, verdict

START = dt.date(2026, 10, 1)  # of the running quarter
TODAY = dt.date(2026, 11, 22)


def voice(partner: int, on: dt.date, overall: object = 60, hour: int = 9, **topics: object) -> Voice:
    at = dt.datetime.combine(on, dt.time(hour), dt.UTC)
    scores = {key: Decimal(str(value)) for key, value in topics.items()}
    return Voice(partner, at, on, Decimal(str(overall)), scores)


def before(day: int = 1) -> dt.date:
    return dt.date(2026, 9, day)


@pytest.mark.parametrize(
    ("fit", "expected"),
    [(None, None), (1, "pass"), (49, "pass"), (50, "develop"), (69, "develop"), (70, "go"), (100, "go")],
)
def test_verdict_by_the_default_thresholds(fit, expected):
    assert verdict(DEFAULT_THRESHOLDS["recruit"].rag(fit)) == expected


@pytest.mark.parametrize(
    ("displayed", "stage"),
    [
        (None, None), (1, "starting"), (24, "starting"), (25, "emerging"), (49, "emerging"), (50, "accelerating"),
        (74, "accelerating"), (75, "maturing"), (100, "maturing"),
    ],
)  # fmt: skip
def test_life_stage_of_a_program(displayed, stage):
    assert program_stage(displayed) == stage


def test_four_partners_say_nothing_and_five_an_average():
    four = [voice(n, before(n), score) for n, score in ((1, 40), (2, 50), (3, 60), (4, 70))]
    found = heard(four, START, TODAY)
    assert (found.partners, found.overall) == (4, None)
    found = heard([*four, voice(5, before(5), Decimal("82.5"))], START, TODAY)
    # (40 + 50 + 60 + 70 + 82.5) ÷ 5 = 60.5, halves up
    assert (found.partners, found.overall, found.as_of) == (5, 61, dt.date(2026, 9, 30))


def test_a_partner_that_answers_twice_counts_once_with_its_latest():
    rows = [voice(n, before(n), 50) for n in range(1, 5)]
    assert heard([*rows, voice(1, before(20), 90)], START, TODAY).overall is None
    assert heard([*rows, voice(5, before(6), 50), voice(1, before(20), 90)], START, TODAY).overall == 58


def test_each_topic_needs_five_of_its_own():
    rows = [voice(n, before(n), 50, both=50, **({"some": 80} if n < 5 else {})) for n in range(1, 6)]
    assert heard(rows, START, TODAY).topics == {"both": 50, "some": None}


def test_what_is_older_than_twelve_months_does_not_count():
    rows = [voice(n, before(n)) for n in range(1, 5)]
    assert heard([*rows, voice(5, dt.date(2025, 9, 29))], START, TODAY).overall is None
    assert heard([*rows, voice(5, dt.date(2025, 9, 30))], START, TODAY).overall == 60


def test_an_answer_of_the_running_quarter_waits_for_its_end():
    rows = [voice(n, before(n), 60) for n in range(1, 6)]
    assert heard([*rows, voice(6, dt.date(2026, 10, 5), 1)], START, TODAY).overall == 60
    later = heard([*rows, voice(6, dt.date(2026, 10, 5), 1)], dt.date(2027, 1, 1), dt.date(2027, 1, 2))
    assert (later.partners, later.overall) == (6, 50)  # (5×60 + 1) ÷ 6 = 50.17


def test_where_there_was_no_figure_the_fifth_partner_makes_one():
    rows = [voice(n, before(n), 60) for n in range(1, 5)]
    fifth = voice(5, dt.date(2026, 10, 5), 85)
    assert heard([*rows, fifth], START, TODAY).overall == 65
    assert heard([*rows, fifth], START, TODAY).as_of == dt.date(2026, 10, 5)


days = st.dates(dt.date(2025, 6, 1), TODAY)
voices = st.lists(st.builds(voice, st.integers(1, 9), days, st.integers(1, 100), st.integers(8, 18)), max_size=25)


@given(voices)
def test_under_five_partners_there_is_no_figure(rows):
    found = heard(rows, START, TODAY)
    assert found.partners <= len({row.partner for row in rows})
    assert (found.overall is None) == (found.partners < 5)


@given(voices, st.integers(1, 12), st.integers(1, 100))
def test_once_there_is_a_figure_no_further_answer_of_the_quarter_moves_it(rows, partner, score):
    """So no partner's answer can be told from the change that came with it."""
    found = heard(rows, START, TODAY)
    after = heard([*rows, voice(partner, TODAY, score, 20)], START, TODAY)
    if found.overall is not None:
        assert after == found
