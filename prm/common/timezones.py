"""Time zones to choose from, by part of the world, each with its distance from UTC on a day."""

import datetime as dt
import zoneinfo
from functools import cache

AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")

Choice = tuple[str, str]


def choices(on: dt.date) -> list[tuple[str, list[Choice]]]:
    """[(area, [(zone, label)])] for a select; UTC comes first."""
    noon = dt.datetime.combine(on, dt.time(12))
    grouped: dict[str, list[Choice]] = {"UTC": [("UTC", "UTC")]}
    for name in _names():
        area, _, place = name.partition("/")
        label = f"{place.replace('_', ' ').replace('/', ', ')} ({_offset(noon, name)})"
        grouped.setdefault(area, []).append((name, label))
    return list(grouped.items())


def is_zone(name: str) -> bool:
    """Whether it is one of the choices."""
    return name == "UTC" or name in _names()


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(name for name in zoneinfo.available_timezones() if name.partition("/")[0] in AREAS))


def _offset(moment: dt.datetime, zone: str) -> str:
    minutes = int((zoneinfo.ZoneInfo(zone).utcoffset(moment) or dt.timedelta()).total_seconds()) // 60
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
