from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.common.workcal import WorkCalendar

BERLIN = WorkCalendar("Europe/Berlin")
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"]

calendars = st.builds(
    WorkCalendar,
    zone=st.sampled_from(ZONES),
    opening=st.times(time(6), time(11)),
    closing=st.times(time(12), time(22)),
    working_days=st.frozensets(st.integers(0, 6), min_size=1),
    holidays=st.frozensets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=20),
)
# A time that the clock skips in spring equals no other moment in Python, so there are none among these.
moments = st.datetimes(
    datetime(2026, 1, 1), datetime(2026, 12, 31), timezones=st.sampled_from(ZONES).map(ZoneInfo), allow_imaginary=False
)
hours = st.integers(0, 600).map(lambda quarters: Decimal(quarters) / 4)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin"))


def is_open(calendar: WorkCalendar, moment: datetime) -> bool:
    local = moment.astimezone(ZoneInfo(calendar.zone))
    return calendar.is_working_day(local.date()) and calendar.opening <= local.time() <= calendar.closing


@given(calendars, moments, st.integers(0, 30), st.integers(0, 30))
def test_working_days_add_up(calendar, moment, first, second):
    in_two_steps = calendar.add_working_days(calendar.add_working_days(moment, first), second)
    assert in_two_steps == calendar.add_working_days(moment, first + second)


@given(calendars, moments, hours, hours)
def test_opening_hours_add_up(calendar, moment, first, second):
    assert calendar.add_hours(calendar.add_hours(moment, first), second) == calendar.add_hours(moment, first + second)


@given(calendars, moments, st.integers(0, 30), hours)
def test_a_clock_always_ends_in_opening_hours_and_never_before_it_starts(calendar, moment, days, duration):
    opening = calendar.next_opening(moment)
    for end in (opening, calendar.add_working_days(moment, days), calendar.add_hours(moment, duration)):
        assert is_open(calendar, end)
        assert end >= opening >= moment


@given(calendars, moments)
def test_in_opening_hours_the_clock_starts_at_once(calendar, moment):
    assert (calendar.next_opening(moment) == moment) == is_open(calendar, moment)


@given(calendars, moments, st.integers(0, 30))
def test_as_many_working_days_lie_between_as_were_added(calendar, moment, days):
    start = calendar.next_opening(moment)
    end = calendar.add_working_days(moment, days)
    assert calendar.working_days_between(start.date(), end.date()) == days
    assert calendar.working_days_between(end.date(), start.date()) == -days
    assert end.timetz().replace(tzinfo=None) == start.timetz().replace(tzinfo=None)


@given(calendars, moments, moments)
def test_a_later_start_never_ends_earlier(calendar, one, other):
    earlier, later = sorted([one, other])
    assert calendar.add_working_days(earlier, 2) <= calendar.add_working_days(later, 2)
    assert calendar.add_hours(earlier, 5) <= calendar.add_hours(later, 5)


# 20 November 2026 is a Friday.
@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-20T16:00", 2, "2026-11-24T16:00"),
        ("2026-11-20T16:00", 0, "2026-11-20T16:00"),
        ("2026-11-20T18:30", 2, "2026-11-25T09:00"),
        ("2026-11-21T12:00", 1, "2026-11-24T09:00"),
        ("2026-11-23T07:00", 1, "2026-11-24T09:00"),
        ("2026-11-20T17:00", 1, "2026-11-23T17:00"),
    ],
)
def test_working_days(start, days, end):
    assert BERLIN.add_working_days(berlin(start), days) == berlin(end)


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2026-11-20T16:00", 2, "2026-11-23T10:00"),
        ("2026-11-20T09:00", 8, "2026-11-20T17:00"),
        ("2026-11-20T09:00", 16, "2026-11-23T17:00"),
        ("2026-11-20T16:45", 0.5, "2026-11-23T09:15"),
        ("2026-11-21T12:00", Decimal("1.25"), "2026-11-23T10:15"),
        ("2026-11-20T06:00", 1, "2026-11-20T10:00"),
    ],
)
def test_opening_hours(start, duration, end):
    assert BERLIN.add_hours(berlin(start), duration) == berlin(end)


def test_holidays_are_off():
    calendar = WorkCalendar("Europe/Berlin", holidays=frozenset({date(2026, 12, 25), date(2027, 1, 1)}))
    assert calendar.add_working_days(berlin("2026-12-24T10:00"), 1) == berlin("2026-12-28T10:00")
    assert calendar.add_hours(berlin("2026-12-24T16:00"), 2) == berlin("2026-12-28T10:00")
    assert calendar.next_opening(berlin("2026-12-25T10:00")) == berlin("2026-12-28T09:00")


def test_days_off_are_those_of_the_calendar():
    riyadh = WorkCalendar("Asia/Riyadh", working_days=frozenset({6, 0, 1, 2, 3}))
    thursday = datetime(2026, 11, 19, 16, tzinfo=ZoneInfo("Asia/Riyadh"))
    assert riyadh.add_working_days(thursday, 1) == datetime(2026, 11, 22, 16, tzinfo=ZoneInfo("Asia/Riyadh"))


def test_the_zone_is_that_of_whoever_must_act():
    friday_evening_in_berlin = berlin("2026-11-20T22:00")
    new_york = WorkCalendar("America/New_York").add_working_days(friday_evening_in_berlin, 1)
    assert new_york == datetime(2026, 11, 23, 16, tzinfo=ZoneInfo("America/New_York"))
    assert BERLIN.add_working_days(friday_evening_in_berlin, 1) == berlin("2026-11-24T09:00")


@pytest.mark.parametrize("friday", ["2026-03-27", "2026-10-23"])
def test_a_clock_change_keeps_the_time_of_day(friday):
    start = berlin(f"{friday}T16:00")
    assert BERLIN.add_working_days(start, 1) == berlin(f"{friday}T16:00") + timedelta(days=3)
    assert BERLIN.add_working_days(start, 1).hour == 16
    assert BERLIN.add_hours(start, 2).hour == 10


@pytest.mark.parametrize(("day", "ends"), [("2026-03-29", time(7)), ("2026-10-25", time(5))])
def test_opening_hours_are_hours_that_really_pass(day, ends):
    round_the_clock = WorkCalendar("Europe/Berlin", time(0), time(23), frozenset(range(7)))
    assert round_the_clock.add_hours(berlin(f"{day}T00:00"), 6).time() == ends


def test_a_time_that_a_clock_change_skips_becomes_one_that_exists():
    early = WorkCalendar("Europe/Berlin", time(2, 30), time(10), frozenset(range(7)))
    assert early.next_opening(berlin("2026-03-28T20:00")).isoformat() == "2026-03-29T03:30:00+02:00"


def test_last_working_day_of_a_period():
    calendar = WorkCalendar("UTC", holidays=frozenset({date(2026, 12, 31)}))
    assert calendar.last_working_day(date(2026, 10, 1), date(2026, 12, 31)) == date(2026, 12, 30)
    assert calendar.last_working_day(date(2026, 10, 1), date(2026, 10, 31)) == date(2026, 10, 30)
    assert calendar.last_working_day(date(2026, 11, 21), date(2026, 11, 22)) is None
    assert calendar.last_working_day(date(2026, 11, 20), date(2026, 11, 20)) == date(2026, 11, 20)


def test_working_days_between():
    assert BERLIN.working_days_between(date(2026, 11, 20), date(2026, 11, 24)) == 2
    assert BERLIN.working_days_between(date(2026, 11, 20), date(2026, 11, 22)) == 0
    assert BERLIN.working_days_between(date(2026, 11, 24), date(2026, 11, 20)) == -2


def test_refuses_what_has_no_place_on_a_calendar():
    with pytest.raises(ValueError, match="naive"):
        BERLIN.next_opening(datetime(2026, 11, 20, 10))
    with pytest.raises(ValueError):
        BERLIN.add_working_days(datetime(2026, 11, 20, 10, tzinfo=UTC), -1)
    with pytest.raises(ValueError):
        BERLIN.add_hours(datetime(2026, 11, 20, 10, tzinfo=UTC), -1)
    with pytest.raises(ValueError):
        WorkCalendar("UTC", working_days=frozenset())
    with pytest.raises(ValueError):
        WorkCalendar("UTC", opening=time(17), closing=time(9))
    with pytest.raises(ZoneInfoNotFoundError):
        WorkCalendar("Europe/Atlantis")
