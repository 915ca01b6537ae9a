"""Whose language and time zone a text is written in."""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone, translation

from prm.common.vendor import vendor_settings


@contextmanager
def as_read_by(user: Any) -> Iterator[None]:
    """Activates the user's language and time zone (the vendor's where the user chose none), for what they will read."""
    zone = user.time_zone or vendor_settings().time_zone
    with timezone.override(zoneinfo.ZoneInfo(zone)), translation.override(user.language):
        yield
