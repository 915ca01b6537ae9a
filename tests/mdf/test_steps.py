"""Which steps a sum needs, who may decide each, and their clocks."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mdf import steps
from mdf.steps import (
    LEVELS,
    Decider,
    Decision,
    Outcome,
    Rules,
    Step,
    clock,
    deciders,
    document,
    is_full,
    outcome,
    read,
)
from prm.common.workcal import WorkCalendar

CAM, MARKETING, CHIEF, ADMIN = LEVELS
AT = {CAM: (1, 2), MARKETING: (3,), CHIEF: (4,), ADMIN: (5,)}


@pytest.mark.parametrize(
    ("asked", "levels"),
    [
        ("0", [CAM]),
        ("4999.99", [CAM]),
        ("5000", [CAM]),
        ("5000.01", [CAM, MARKETING]),
        ("25000", [CAM, MARKETING]),
        ("25000.01", [CAM, MARKETING, CHIEF]),
    ],
)
def test_each_step_begins_above_its_amount(asked, levels):
    assert list(Rules().needed(Decimal(asked))) == levels


def test_the_limit_of_a_level_is_where_the_next_begins():
    assert [Rules().limit(level) for level in LEVELS] == [Decimal(5000), Decimal(25000), None, None]


@given(st.decimals(min_value=0, max_value=10**6, places=2))
def test_within_its_limit_a_level_is_the_last(asked):
    rules = Rules()
    last = rules.needed(asked)[-1]
    limit = rules.limit(last)
    assert limit is None or asked <= limit


def test_rules_are_kept_and_read_as_they_were():
    rules = Rules(steps=(Step(CAM, Decimal(0)), Step(CHIEF, Decimal("750.50"))), sla_days=2, escalation_days=1)
    assert read(document(rules)) == rules
    assert read({}) == Rules()


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": []},
        {"steps": [{"level": "cam", "above": "1"}]},
        {"steps": [{"level": "cam", "above": "0"}, {"level": "marketing", "above": "0"}]},
        {"steps": [{"level": "marketing", "above": "0"}, {"level": "cam", "above": "5"}]},
        {"steps": [{"level": "admin", "above": "0"}]},
        {"steps": [{"level": "cam", "above": "NaN"}]},
        {"steps": [{"level": "cam", "above": "0.001"}]},
        {"sla_days": 0},
        {"sla_days": True},
        {"days": 3},
    ],
)
def test_rules_that_can_not_be_are_refused(wrong):
    with pytest.raises(ValueError):
        read(wrong)


def who(wanted, own=(), delegates=None, escalated=False, at=AT):
    return deciders(wanted, at=at, own=own, delegates=delegates or {}, escalated=escalated)


def test_a_step_is_for_those_at_its_level():
    assert who(CAM) == (Decider(1, CAM), Decider(2, CAM))
    assert who(MARKETING) == (Decider(3, MARKETING),)


def test_nobody_decides_their_own_it_goes_to_the_delegate():
    assert who(CAM, own={1, 2}, delegates={1: [7]}) == (Decider(7, CAM, in_place_of=1),)


def test_without_a_delegate_it_goes_a_step_up():
    assert who(CAM, own={1, 2}) == (Decider(3, MARKETING),)
    assert who(CAM, own={1, 2, 3}) == (Decider(4, CHIEF),)
    assert who(CHIEF, own={4}) == (Decider(5, ADMIN),)
    assert who(CHIEF, own={4, 5}) == ()


def test_a_delegate_decides_nothing_of_their_own_either():
    assert who(CAM, own={1, 2, 7}, delegates={1: [7]}) == (Decider(3, MARKETING),)
    # Whoever made it doesn't decide it as the delegate of somebody else.
    assert who(MARKETING, own={1}, delegates={3: [1]}) == (Decider(3, MARKETING),)


def test_a_delegate_of_a_delegate_is_none():
    assert who(CAM, own={1, 2, 7}, delegates={1: [7], 7: [8]}) == (Decider(3, MARKETING),)


def test_late_ones_go_a_step_up_too():
    assert who(CAM, escalated=True) == (Decider(1, CAM), Decider(2, CAM), Decider(3, MARKETING))
    nobody_in_marketing = {**AT, MARKETING: ()}
    assert who(CAM, escalated=True, at=nobody_in_marketing)[-1] == Decider(4, CHIEF)


people = st.integers(1, 8)


@given(
    st.dictionaries(st.sampled_from(LEVELS), st.lists(people, max_size=3, unique=True)),
    st.sets(people),
    st.dictionaries(people, st.lists(people, max_size=3, unique=True)),
    st.sampled_from(LEVELS),
    st.booleans(),
)
def test_whoever_may_decide_never_owns_it_and_stands_or_acts_for_one_who_stands_at_that_level(
    at, own, delegates, wanted, escalated
):
    found = deciders(wanted, at=at, own=own, delegates=delegates, escalated=escalated)
    assert len({one.person for one in found}) == len(found)
    for one in found:
        assert one.person not in own
        assert one.level.covers(wanted)
        stands = one.person if one.in_place_of is None else one.in_place_of
        assert stands in at.get(one.level, ())
        assert one.in_place_of is None or one.person in delegates[one.in_place_of]
    free = {person for level in LEVELS[wanted.rank :] for person in at.get(level, ())} - own
    assert not free or found


# ── What a decision makes of it ──────────────────────────────────────────────────────────────────────────────────────

AS, CHANGED, DENIED, RETURNED = Decision.AS_ASKED, Decision.CHANGED, Decision.DENIED, Decision.RETURNED


@pytest.mark.parametrize(
    ("lines", "others", "found"),
    [
        ([AS, CHANGED], [], Outcome.APPROVED),
        ([AS, DENIED], [DENIED], Outcome.APPROVED),
        ([DENIED, DENIED], [AS], Outcome.REJECTED),
        ([AS, RETURNED], [], Outcome.RETURNED),
        ([AS], [RETURNED], Outcome.RETURNED),
        ([], [AS, DENIED], Outcome.APPROVED),
        ([], [DENIED], Outcome.REJECTED),
    ],
)
def test_what_the_lines_make_of_the_request(lines, others, found):
    assert outcome(lines, others) is found


def test_in_full_is_every_line_as_asked():
    assert is_full([AS, AS])
    assert not is_full([AS, CHANGED])
    assert not is_full([AS, DENIED])


# ── Clocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────

BERLIN = ZoneInfo("Europe/Berlin")


def at(day: int, hour: int, month: int = 3, year: int = 2026) -> dt.datetime:
    return dt.datetime(year, month, day, hour, tzinfo=BERLIN)


def test_begun_friday_at_four_it_is_due_wednesday_at_four():
    found = clock(at(6, 16), Rules(), WorkCalendar("Europe/Berlin"))
    assert (found.remind_at, found.decide_by, found.escalate_at) == (at(10, 16), at(11, 16), at(11, 16))


def test_holidays_and_evenings_do_not_count():
    calendar = WorkCalendar("Europe/Berlin", holidays=frozenset({dt.date(2026, 3, 9)}))
    assert clock(at(6, 16), Rules(), calendar).decide_by == at(12, 16)
    assert clock(at(6, 18), Rules(), calendar).decide_by == at(13, 9)  # begins Tuesday 9:00, Monday is off


def test_the_escalation_comes_its_days_after_the_deadline():
    found = clock(at(6, 16), Rules(sla_days=1, escalation_days=2), WorkCalendar("Europe/Berlin"))
    assert (found.remind_at, found.decide_by, found.escalate_at) == (at(6, 16), at(9, 16), at(11, 16))


def test_a_clock_change_keeps_the_hour():
    assert clock(at(27, 16), Rules(), WorkCalendar("Europe/Berlin")).decide_by == at(1, 16, month=4)


def test_a_plan_of_two_quarters_goes_by_the_one_with_more():
    winter, spring = (dt.date(2027, 1, 1), dt.date(2027, 3, 31)), (dt.date(2027, 4, 1), dt.date(2027, 6, 30))
    one, two = steps.Asked(Decimal(3000), *winter), steps.Asked(Decimal(3500), *spring)
    both = steps.Asked(Decimal(1000), winter[0], spring[1])
    assert steps.in_quarter([one, two, both], winter[0], spring[1]) == 4500
    assert steps.in_quarter([one, two, both], *winter) == 4000
    assert steps.in_quarter([one], *winter) == 3000
