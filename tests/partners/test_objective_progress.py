"""How far an objective is, and what it becomes the year after."""

from decimal import Decimal as D

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from partners.objectives.progress import Aim, Standing, Tally, next_aim, reached, shown, standing, tally

AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=2)


def aims():
    return st.builds(Aim, AMOUNTS, AMOUNTS).filter(lambda aim: aim.baseline != aim.goal)


@pytest.mark.parametrize(
    ("start", "goal", "value", "percent"),
    [
        ("2", "12", "7", "50"),
        ("2", "12", "12", "100"),
        ("2", "12", "14.5", "125"),
        ("2", "12", "1", "-10"),
        ("90", "60", "75", "50"),  # days to answer are to fall
        ("90", "60", "55", "116.66666666666667"),
        ("-4", "4", "0", "50"),
    ],
)
def test_percent_of_the_way(start, goal, value, percent):
    assert abs(reached(Aim(D(start), D(goal)), D(value)) - D(percent)) < D("1e-12")


def test_without_a_goal_in_numbers_the_value_is_the_percent():
    assert reached(Aim(), D("62.5")) == D("62.5")


def test_the_latest_quarter_counts_whatever_came_before_and_however_it_is_listed():
    aim = Aim(D(0), D(10))
    now = standing(aim, [(3, D(4)), (1, D(9))])
    assert (now.quarter, now.value, now.percent, now.met) == (3, D(4), D(40), False)
    assert standing(aim, []) == Standing()
    assert Standing().met is None
    assert Standing().display is None
    assert Standing().bar == 0


def test_shown_as_reached_is_only_what_was_reached():
    assert standing(Aim(D(0), D(1000)), [(1, D(996))]).display == 99
    assert standing(Aim(D(0), D(1000)), [(1, D(1000))]).display == 100
    assert standing(Aim(D(0), D(1000)), [(1, D(1004))]).display == 100
    assert [shown(D(value)) for value in ("49.5", "-0.4", "-12.5", "99.4")] == [50, 0, -13, 99]
    assert (Standing(1, D(5), D(-20)).bar, Standing(1, D(5), D(250)).bar) == (0, 100)


@given(aims(), AMOUNTS)
def test_met_is_having_passed_the_goal_whichever_way_it_lies(aim, value):
    passed = value >= aim.goal if aim.goal > aim.baseline else value <= aim.goal
    now = standing(aim, [(2, value)])
    assert now.met is passed
    assert (now.display >= 100) is passed
    assert 0 <= now.bar <= 100


@given(aims(), AMOUNTS)
def test_a_falling_goal_is_a_rising_one_in_the_mirror(aim, value):
    mirrored = Aim(-aim.baseline, -aim.goal)
    assert reached(mirrored, -value) == reached(aim, value)


@given(aims())
def test_the_start_is_nothing_and_the_goal_is_all(aim):
    assert reached(aim, aim.baseline) == 0
    assert reached(aim, aim.goal) == 100


def test_a_partner_met_its_objectives_where_each_is_met():
    met, behind, nothing = Standing(4, D(1), D(100)), Standing(4, D(1), D(99)), Standing()
    assert tally([met, behind, nothing]) == Tally(objectives=3, entered=2, met=1)
    assert tally([met, met]).all_met is True
    assert tally([met, nothing]).all_met is False
    assert tally([]).all_met is None


def test_next_year_starts_from_where_it_stands():
    aim = Aim(D(2), D(12))
    assert next_aim(aim, Standing()) == aim
    assert next_aim(aim, standing(aim, [(4, D(7))])) == Aim(D(7), D(12))
    assert next_aim(aim, standing(aim, [(4, D(13))])) == Aim(D(13), D(23))
    falling = Aim(D(90), D(60))
    assert next_aim(falling, standing(falling, [(4, D(55))])) == Aim(D(55), D(25))
    assert next_aim(Aim(), standing(Aim(), [(4, D(100))])) == Aim()


@given(aims(), AMOUNTS)
def test_what_is_proposed_can_be_set(aim, value):
    assume(abs(value) < 10**8)
    proposed = next_aim(aim, standing(aim, [(4, value)]))
    assert proposed.baseline != proposed.goal
    assert (proposed.goal > proposed.baseline) is (aim.goal > aim.baseline)
