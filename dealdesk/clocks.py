"""The working calendars of those who must act."""

from __future__ import annotations

from dataclasses import replace

from accounts.models import User
from prm.common.timezones import is_zone
from prm.common.vendor import work_calendar
from prm.common.workcal import WorkCalendar


def calendar_of(user: User | None) -> WorkCalendar:
    """The vendor's working hours and holidays, in the time zone of this person where one is set."""
    calendar = work_calendar()
    zone = user.time_zone if user is not None else ""
    return replace(calendar, zone=zone) if zone and is_zone(zone) else calendar
