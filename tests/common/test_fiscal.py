from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.common.fiscal import (
    FiscalCalendar,
    FiscalHalf,
    FiscalQuarter,
    FiscalYear,
    Month,
    same_day_year_after,
    same_day_year_before,
    twelve_months_after,
    twelve_months_to,
)

calendars = st.builds(FiscalCalendar, st.integers(1, 12))
days = st.dates(date(1990, 1, 1), date(2090, 12, 31))
ONE_DAY = timedelta(days=1)


@given(calendars, days)
def test_every_day_is_in_exactly_one_quarter(calendar, day):
    quarters = [
        quarter
        for year in (day.year - 1, day.year, day.year + 1, day.year + 2)
        for quarter in FiscalYear(year, calendar.start_month).quarters
        if quarter.contains(day)
    ]
    assert quarters == [calendar.quarter_of(day)]
    assert calendar.quarter_of(day).fiscal_year == calendar.year_of(day)
    assert calendar.year_of(day).contains(day)
    assert calendar.month_of(day).contains(day)


@given(calendars, days)
def test_quarters_and_months_fill_the_year_without_gap_or_overlap(calendar, day):
    year = calendar.year_of(day)
    for parts in (year.halves, year.quarters, year.months):
        assert parts[0].start == year.start
        assert parts[-1].end == year.end
        assert all(before.end + ONE_DAY == after.start for before, after in pairwise(parts))
    assert sum((quarter.months for quarter in year.quarters), ()) == year.months
    assert year.end + ONE_DAY == year.next.start


@given(calendars, days, st.integers(-40, 40))
def test_moving_there_and_back_ends_where_it_started(calendar, day, count):
    for period in (calendar.year_of(day), calendar.half_of(day), calendar.quarter_of(day), calendar.month_of(day)):
        assert period.previous.next == period == period.next.previous
        assert period.shift(count).shift(-count) == period
        assert period.previous < period < period.next
        assert period.previous.end + ONE_DAY == period.start


@given(calendars, days)
def test_a_key_leads_back_to_its_period(calendar, day):
    for period in (calendar.year_of(day), calendar.half_of(day), calendar.quarter_of(day), calendar.month_of(day)):
        assert calendar.parse(period.key) == period


@given(calendars, days)
def test_a_year_is_named_after_the_calendar_year_in_which_it_ends(calendar, day):
    year = calendar.year_of(day)
    assert year.year == year.end.year
    assert year.start.month == calendar.start_month


@pytest.mark.parametrize(
    ("start_month", "day", "label", "start", "end"),
    [
        (1, date(2026, 1, 1), "FY26 Q1", date(2026, 1, 1), date(2026, 3, 31)),
        (1, date(2026, 12, 31), "FY26 Q4", date(2026, 10, 1), date(2026, 12, 31)),
        (7, date(2026, 6, 30), "FY26 Q4", date(2026, 4, 1), date(2026, 6, 30)),
        (7, date(2026, 7, 1), "FY27 Q1", date(2026, 7, 1), date(2026, 9, 30)),
        (7, date(2026, 1, 31), "FY26 Q3", date(2026, 1, 1), date(2026, 3, 31)),
        (10, date(2026, 9, 30), "FY26 Q4", date(2026, 7, 1), date(2026, 9, 30)),
        (10, date(2026, 10, 1), "FY27 Q1", date(2026, 10, 1), date(2026, 12, 31)),
        (12, date(2028, 2, 29), "FY28 Q1", date(2027, 12, 1), date(2028, 2, 29)),
        (2, date(2026, 1, 31), "FY26 Q4", date(2025, 11, 1), date(2026, 1, 31)),
    ],
)
def test_quarters_follow_the_fiscal_year(start_month, day, label, start, end):
    quarter = FiscalCalendar(start_month).quarter_of(day)
    assert (quarter.label, quarter.start, quarter.end) == (label, start, end)


@pytest.mark.parametrize(
    ("start_month", "start", "end"),
    [
        (1, date(2026, 1, 1), date(2026, 12, 31)),
        (7, date(2025, 7, 1), date(2026, 6, 30)),
        (10, date(2025, 10, 1), date(2026, 9, 30)),
    ],
)
def test_fiscal_year_2026(start_month, start, end):
    year = FiscalCalendar(start_month).parse("2026")
    assert (year.label, year.start, year.end) == ("FY26", start, end)


@given(calendars, days)
def test_a_half_year_is_two_quarters_and_has_the_day(calendar, day):
    half = calendar.half_of(day)
    assert half.contains(day)
    assert calendar.quarter_of(day) in half.quarters
    assert half in calendar.year_of(day).halves
    assert sum((quarter.months for quarter in half.quarters), ()) == half.months
    assert len(half.months) == 6


@pytest.mark.parametrize(
    ("start_month", "day", "key", "label", "start", "end"),
    [
        (1, date(2026, 6, 30), "2026H1", "FY26 H1", date(2026, 1, 1), date(2026, 6, 30)),
        (1, date(2026, 7, 1), "2026H2", "FY26 H2", date(2026, 7, 1), date(2026, 12, 31)),
        (7, date(2026, 7, 1), "2027H1", "FY27 H1", date(2026, 7, 1), date(2026, 12, 31)),
        (7, date(2027, 1, 1), "2027H2", "FY27 H2", date(2027, 1, 1), date(2027, 6, 30)),
        (10, date(2026, 9, 30), "2026H2", "FY26 H2", date(2026, 4, 1), date(2026, 9, 30)),
        (9, date(2028, 2, 29), "2028H1", "FY28 H1", date(2027, 9, 1), date(2028, 2, 29)),
    ],
)
def test_halves_follow_the_fiscal_year(start_month, day, key, label, start, end):
    half = FiscalCalendar(start_month).half_of(day)
    assert (half.key, half.label, half.start, half.end) == (key, label, start, end)


def test_parses_the_four_kinds_of_key():
    calendar = FiscalCalendar(7)
    assert calendar.parse("2026H2") == FiscalHalf(2026, 2, 7)
    assert calendar.parse("2026Q3") == FiscalQuarter(2026, 3, 7)
    assert calendar.parse("2026") == FiscalYear(2026, 7)
    assert calendar.parse("2026-07") == Month(2026, 7)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "26",
        "2026H0",
        "2026H3",
        "2026Q5",
        "2026Q0",
        "2026-13",
        "2026-00",
        "2026-7",
        "FY26",
        "2026Q3 ",
        "0000",
        "٢٠٢٦",
    ],
)
def test_refuses_what_is_not_a_key(key):
    with pytest.raises(ValueError, match="is not a period"):
        FiscalCalendar(1).parse(key)


@pytest.mark.parametrize("start_month", [0, 13, -1])
def test_refuses_a_start_month_that_does_not_exist(start_month):
    with pytest.raises(ValueError):
        FiscalCalendar(start_month)


def test_days_elapsed_count_the_day_itself():
    quarter = FiscalCalendar(1).parse("2026Q4")
    assert quarter.days == 92
    assert quarter.days_elapsed(date(2026, 9, 30)) == 0
    assert quarter.days_elapsed(date(2026, 10, 1)) == 1
    assert quarter.days_elapsed(date(2026, 11, 21)) == 52
    assert quarter.days_elapsed(date(2026, 12, 31)) == 92
    assert quarter.days_elapsed(date(2027, 5, 1)) == 92
    assert Month(2028, 2).days == 29


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        (date(2026, 11, 21), date(2025, 11, 21), date(2027, 11, 21)),
        (date(2028, 2, 29), date(2027, 2, 28), date(2029, 2, 28)),
        (date(2029, 2, 28), date(2028, 2, 28), date(2030, 2, 28)),
        (date(2027, 2, 28), date(2026, 2, 28), date(2028, 2, 28)),
    ],
)
def test_the_same_day_of_another_year(day, before, after):
    assert same_day_year_before(day) == before
    assert same_day_year_after(day) == after


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 11, 21), date(2025, 11, 22)),
        (date(2026, 12, 31), date(2026, 1, 1)),
        (date(2028, 2, 29), date(2027, 3, 1)),
        (date(2029, 2, 28), date(2028, 2, 29)),
    ],
)
def test_twelve_months_to_a_day(day, first):
    assert twelve_months_to(day) == (first, day)


@given(days)
def test_twelve_months_before_and_after_meet_and_last_a_year(day):
    first, last = twelve_months_to(day)
    after_first, after_last = twelve_months_after(day)
    assert last + ONE_DAY == after_first
    assert (last - first).days + 1 in (365, 366)
    assert (after_last - after_first).days + 1 in (365, 366)
