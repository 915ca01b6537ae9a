"""Which conversation is due for which period: by hand, and by property."""

import datetime as dt
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cadence import policies
from cadence.completion import Completion, completion
from cadence.schedule import EVERY, Place, Rule, Schedule, Version, due_day, in_force, kind_of, periods
from prm.common.fiscal import FiscalCalendar
from prm.common.workcal import WorkCalendar

D = dt.date
WORK = WorkCalendar(zone="UTC", holidays=frozenset({D(2026, 12, 31), D(2026, 12, 25)}))
LONG_AGO = D(2020, 1, 1)
NEW_YEAR, NEW_YEARS_EVE = D(2026, 1, 1), D(2026, 12, 31)


def needs(rules, places, *, since=NEW_YEAR, until=NEW_YEARS_EVE, signed=None, month=1, versions=None):
    versions = versions or [Version(LONG_AGO, tuple(rules))]
    found = Schedule(versions, FiscalCalendar(month), WORK, since, until).needs(places, signed)
    return [(need.task, need.period.key, need.due_on) for need in found]


def stood(tier="gold", stage="mature", on=LONG_AGO):
    return Place(on, tier, stage)


def test_a_month_is_due_on_its_last_working_day():
    found = needs([Rule("review", "month")], [stood()], since=D(2026, 10, 1))
    # 31 October 2026 is a Saturday; 31 December a holiday here.
    assert found == [
        ("review", "2026-10", D(2026, 10, 30)),
        ("review", "2026-11", D(2026, 11, 30)),
        ("review", "2026-12", D(2026, 12, 30)),
    ]


def test_halves_and_years_follow_the_fiscal_year():
    found = needs([Rule("plan", "year"), Rule("talk", "half")], [stood()], month=7, until=D(2026, 12, 1))
    assert [(task, key) for task, key, _due in found] == [
        ("plan", "2026"),
        ("talk", "2026H2"),
        ("talk", "2027H1"),
        ("plan", "2027"),
    ]


@pytest.mark.parametrize(
    ("offset", "due"),
    [(None, D(2026, 12, 30)), (0, D(2026, 12, 30)), (-1, D(2026, 12, 29)), (-3, D(2026, 12, 24)), (2, D(2027, 1, 4)),
     (-60, D(2026, 12, 1))],
)  # fmt: skip
def test_an_offset_counts_working_days_from_the_last_one_and_stays_in_the_period(offset, due):
    assert due_day(FiscalCalendar(1).parse("2026-12"), WORK, offset) == due


def test_a_period_without_a_working_day_is_due_on_its_last():
    closed = WorkCalendar(zone="UTC", holidays=frozenset(D(2026, 2, n) for n in range(1, 29)))
    assert due_day(FiscalCalendar(1).parse("2026-02"), closed, None) == D(2026, 2, 28)


def test_tier_and_stage_at_the_start_of_the_period_decide():
    rules = [Rule("review", "quarter", frozenset({"gold"}), frozenset({"mature"}))]
    moves = [stood("silver"), stood("gold", on=D(2026, 4, 1)), stood("gold", "lapsed", on=D(2026, 7, 2))]
    assert [key for _task, key, _due in needs(rules, moves)] == ["2026Q2", "2026Q3"]


def test_the_first_rule_that_fits_decides_for_its_task():
    rules = [Rule("score", "quarter", frozenset({"gold"})), Rule("score", "half")]
    assert [key for _t, key, _d in needs(rules, [stood("gold")])] == ["2026Q1", "2026Q2", "2026Q3", "2026Q4"]
    assert [key for _t, key, _d in needs(rules, [stood("")])] == ["2026H1", "2026H2"]


def test_those_without_a_tier_can_be_named():
    rules = [Rule("score", "half", frozenset({"none"}))]
    assert needs(rules, [stood("")], until=D(2026, 3, 1)) == [("score", "2026H1", D(2026, 6, 30))]
    assert needs(rules, [stood("silver")]) == []


def test_the_first_item_is_for_the_first_whole_period_after_signing():
    rules = [Rule("review", "month"), Rule("score", "quarter")]
    found = needs(rules, [stood()], signed=D(2026, 8, 2), until=D(2026, 10, 15))
    assert [key for _t, key, _d in found] == ["2026-09", "2026-10", "2026Q4"]
    on_the_day = needs(rules, [stood()], signed=D(2026, 10, 1), until=D(2026, 10, 15))
    assert [key for _t, key, _d in on_the_day] == ["2026-10", "2026Q4"]


def test_a_partner_entered_during_a_period_is_taken_where_it_entered_and_owes_nothing_from_before():
    found = needs([Rule("review", "month"), Rule("score", "quarter")], [stood(on=D(2026, 11, 20))])
    assert [key for _t, key, _d in found] == ["2026Q4", "2026-11", "2026-12"]
    assert needs([Rule("review", "month")], []) == []


def test_a_version_acts_on_periods_that_start_on_its_day_or_later():
    versions = [
        Version(D(2026, 1, 1), (Rule("score", "quarter"),)),
        Version(D(2026, 5, 10), (Rule("score", "month"),)),
        Version(D(2026, 10, 1), ()),
    ]
    found = needs([], [stood()], versions=versions)
    # The second quarter started before the second version, May too; from October nothing is asked for.
    assert [key for _t, key, _d in found] == ["2026Q1", "2026Q2", "2026-06", "2026-07", "2026-08", "2026-09"]
    assert needs([], [stood()], versions=versions, until=D(2025, 12, 31), since=D(2025, 1, 1)) == []


keys = st.sampled_from(["gold", "silver", "none"])
stages = st.sampled_from(["mature", "lapsed"])
rules_of = st.lists(
    st.builds(
        Rule,
        st.sampled_from(["review", "score"]),
        st.sampled_from(EVERY),
        st.none() | st.frozensets(keys, min_size=1),
        st.none() | st.frozensets(stages, min_size=1),
        st.none() | st.integers(-60, 60),
    ),
    max_size=5,
)
some_days = st.dates(D(2024, 1, 1), D(2027, 12, 31))
places_of = st.lists(st.builds(Place, some_days, st.sampled_from(["gold", "silver", ""]), stages), max_size=4)
starts = st.integers(1, 12)


@given(rules_of, places_of, some_days, some_days, starts, st.none() | some_days)
def test_every_need_is_of_a_period_in_the_window_once_and_due_from_its_first_day(
    rules, places, since, until, month, signed
):
    found = Schedule([Version(LONG_AGO, tuple(rules))], FiscalCalendar(month), WORK, since, until).needs(places, signed)
    assert len({(need.task, need.period) for need in found}) == len(found)
    for need in found:
        assert need.period.start <= until
        assert need.period.end >= since
        assert need.due_on >= need.period.start
        assert signed is None or need.period.start >= signed
        assert any(rule.task == need.task and rule.every == kind_of(need.period) for rule in rules)


@given(rules_of, places_of, some_days, st.lists(some_days, min_size=1, max_size=6), starts)
def test_whenever_it_is_looked_at_the_same_is_found(rules, places, since, looks, month):
    """Night by night, or once at the end: the same items with the same days."""

    def at(day):
        return set(
            Schedule([Version(LONG_AGO, tuple(rules))], FiscalCalendar(month), WORK, since, day).needs(places, None)
        )

    assert set().union(*map(at, looks)) == at(max(looks))


@given(starts, some_days, some_days)
def test_periods_of_a_kind_follow_one_another_without_gap(month, since, until):
    found = list(periods(FiscalCalendar(month), since, until))
    for kind in EVERY:
        row = [period for period in found if kind_of(period) == kind]
        assert all(first.next == second for first, second in pairwise(row))
        if since <= until:
            assert row[0].contains(since)
            assert row[-1].contains(until)


def test_the_version_in_force_is_the_latest_that_has_started():
    first, second = Version(D(2026, 1, 1), (Rule("a", "month"),)), Version(D(2026, 2, 1), (Rule("b", "month"),))
    assert in_force([second, first], D(2025, 12, 31)) == ()
    assert in_force([second, first], D(2026, 1, 31)) == first.rules
    assert in_force([second, first], D(2026, 2, 1)) == second.rules


# ── The policy as data ───────────────────────────────────────────────────────────────────────────────────────────────

KNOWN = {"tasks": {"review", "score"}, "tiers": {"gold", "silver"}, "stages": {"mature", "lapsed"}}


def test_cadence_own_policy_is_sound():
    known = {
        "tasks": {
            "performance_review",
            "capabilities",
            "account_plan",
            "business_plan",
            "reforecast",
            "marketing_plan",
            "qbr",
            "objectives",
            "satisfaction",
        },
        "tiers": {"silver", "gold", "platinum"},
        "stages": {"recruit", "onboard", "activate", "accelerate", "mature", "lapsed"},
    }
    assert policies.problems(policies.read(policies.DEFAULT), **known) == []


@given(rules_of)
def test_a_document_reads_back_as_its_rules(rules):
    assert list(policies.read(policies.document(rules))) == rules


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ([Rule("", "")], [(0, "task", "missing"), (0, "every", "missing")]),
        ([Rule("lunch", "weekly")], [(0, "task", "unknown"), (0, "every", "unknown")]),
        ([Rule("score", "half", frozenset(), frozenset({"gone"}))], [(0, "tiers", "missing"), (0, "stages", "unknown")]),
        ([Rule("score", "half", offset=-61)], [(0, "offset", "offset")]),
        ([Rule("score", "half"), Rule("score", "quarter", frozenset({"gold"}))], [(1, "task", "repeated")]),
        ([Rule("score", "quarter", frozenset({"gold", "none"})), Rule("score", "half"), Rule("review", "month")], []),
        ([Rule("score", "half")] * 61, [(None, "rules", "too_many")]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_policy_is_said_at_its_place(rules, said):
    assert [(p.rule, p.field, p.code) for p in policies.problems(rules, **KNOWN)] == said


# ── Completion ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_completion_is_done_of_all_but_the_skipped_and_says_on_time_apart():
    due = D(2026, 9, 30)
    items = [
        ("done", due, D(2026, 9, 30)),
        ("done", due, D(2026, 9, 1)),
        ("done", due, D(2026, 10, 1)),
        ("open", due, None),
        ("open", D(2026, 10, 2), None),
        ("skipped", due, None),
    ]
    found = completion(items, D(2026, 10, 2))
    assert found == Completion(on_time=2, after=1, waiting=1, late=1, skipped=1)
    assert (found.done, found.counted, found.percent, found.percent_on_time) == (3, 5, 60, 40)
    assert Completion(skipped=3).percent is None
