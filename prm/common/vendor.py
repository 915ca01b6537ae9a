"""What is true for the whole vendor, ready to use: settings, calendars, rates, policies in force."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from prm.common import once
from prm.common.fiscal import FiscalCalendar
from prm.common.models import CurrencyRate, Holiday, Policy, VendorSettings
from prm.common.money import Rates
from prm.common.rag import DEFAULT_THRESHOLDS, Thresholds
from prm.common.workcal import WorkCalendar

RATES = "rates"  # what `once` knows them by

_of_this_request: ContextVar[VendorSettings | None] = ContextVar("vendor_settings", default=None)


@contextmanager
def remembered(settings: VendorSettings) -> Iterator[None]:
    """While a request runs its settings are read once: nearly every figure asks for them."""
    token = _of_this_request.set(settings)
    try:
        yield
    finally:
        _of_this_request.reset(token)


def vendor_settings() -> VendorSettings:
    """The vendor's settings, the caller's own copy; defaults, named after the tenant, while none are saved."""
    if known := _of_this_request.get():
        return copy(known)
    row = VendorSettings.objects.filter(pk=1).first()
    return row or VendorSettings(name=getattr(connection.tenant, "name", ""))


def today(settings: VendorSettings | None = None) -> dt.date:
    """Today's date in the vendor's time zone."""
    zone = ZoneInfo((settings or vendor_settings()).time_zone)
    return timezone.now().astimezone(zone).date()


def fiscal_calendar(settings: VendorSettings | None = None) -> FiscalCalendar:
    return FiscalCalendar((settings or vendor_settings()).fiscal_start_month)


def work_calendar(settings: VendorSettings | None = None) -> WorkCalendar:
    s = settings or vendor_settings()
    holidays = frozenset(Holiday.objects.values_list("on", flat=True))
    return WorkCalendar(zone=s.time_zone, opening=s.opens_at, closing=s.closes_at, holidays=holidays)


def rates(settings: VendorSettings | None = None) -> Rates:
    s = settings or vendor_settings()
    rows: list[tuple[dt.date, str, Decimal]] = once.read(
        RATES, lambda: list(CurrencyRate.objects.values_list("on", "currency", "rate"))
    )
    return Rates(reporting=s.reporting_currency, rows=rows)


def policy(kind: str, *, on: dt.date, default: dict[str, Any]) -> dict[str, Any]:
    """The version of a policy in force on a day: the latest that starts on or before it, else `default`."""
    row = (
        Policy.objects.filter(kind=kind, starts_on__lte=on)
        .order_by("-starts_on")
        .values_list("data", flat=True)
        .first()
    )
    return default if row is None else row


def thresholds(family: str, on: dt.date) -> Thresholds:
    """From what displayed figure on a family ("capability", "attainment") is green and amber on a day."""
    pair = policy("thresholds", on=on, default={}).get(family)
    return Thresholds(green=pair["green"], amber=pair["amber"]) if pair else DEFAULT_THRESHOLDS[family]
