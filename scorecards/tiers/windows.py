"""The days a metric's values are taken from, by the name a program gives them. Pure."""

import re
from calendar import monthrange
from datetime import date, timedelta

from prm.common.fiscal import FiscalCalendar, twelve_months_to

NAMED = ("as_of", "ytd", "quarter", "last_quarter", "last_year")
COUNTED = re.compile(r"([1-9][0-9]{0,3})_(days|months)")
MOST_MONTHS = 120
MOST_DAYS = 3660


def known(name: str) -> bool:
    """Whether `name` is a window: one of NAMED, "12_months", "90_days" and the like."""
    match = COUNTED.fullmatch(name)
    if not match:
        return name in NAMED
    return int(match[1]) <= (MOST_MONTHS if match[2] == "months" else MOST_DAYS)


def days(name: str, day: date, calendar: FiscalCalendar) -> tuple[date | None, date]:
    """First and last day of a window as of `day`; the first is None where there is no beginning.

    "as_of" is everything up to `day`; "ytd" and "quarter" the fiscal year and quarter up to `day`; "last_quarter" and
    "last_year" the whole ones before; "12_months" the days after the same day so many months before, up to `day`.
    """
    if name == "as_of":
        return None, day
    if name == "ytd":
        return calendar.year_of(day).start, day
    if name == "quarter":
        return calendar.quarter_of(day).start, day
    if name == "last_quarter":
        quarter = calendar.quarter_of(day).previous
        return quarter.start, quarter.end
    if name == "last_year":
        year = calendar.year_of(day).previous
        return year.start, year.end
    match = COUNTED.fullmatch(name)
    if not match:
        raise ValueError(f"{name!r} is no window")
    count = int(match[1])
    if match[2] == "days":
        return day - timedelta(days=count - 1), day
    if count == 12:
        return twelve_months_to(day)
    return _months_before(day, count) + timedelta(days=1), day


def _months_before(day: date, count: int) -> date:
    """The same day so many months before; the month's last where it has no such day."""
    years, month = divmod(day.year * 12 + day.month - 1 - count, 12)
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))
