"""What people type into plans and activities, checked field by field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from marketing.models import Payer
from pipeline.models import ProductLine
from prm.common.money import minor_units
from prm.common.numbers import round_half_away

MOST_MONEY = Decimal(10) ** 12
MOST_COUNT = 2_000_000_000
LINES = 50
LINKS = 20
RATE_PLACES = 12


class Errors:
    """Collects what is wrong, field by field."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    def add(self, name: str, message: str) -> None:
        self.found.setdefault(name, []).append(message)

    def of(self, check: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What the check gives; None where it refuses, and then `stop` will."""
        try:
            return check(*args, **kwargs)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                for message in messages:
                    self.add(name, message)
            return None

    def stop(self) -> None:
        """Raises ValidationError where anything was wrong."""
        if self.found:
            raise ValidationError(self.found)


def _wrong(name: str, message: str) -> ValidationError:
    return ValidationError({name: message})


def text(given: Mapping[str, Any], name: str, longest: int, *, required: bool = False, multiline: bool = False) -> str:
    value = str(given.get(name) or "").replace("\x00", "")
    value = value.strip() if multiline else " ".join(value.split())
    if required and not value:
        raise _wrong(name, _("This field is required."))
    if len(value) > longest:
        raise _wrong(name, _("This is too long: at most %(n)s characters.") % {"n": longest})
    return value


def number(given: Mapping[str, Any], name: str) -> Decimal | None:
    """A decimal, None where it is empty."""
    value = given.get(name)
    if value is None or value == "":
        return None
    try:
        found = value if isinstance(value, Decimal) else Decimal(str(value).strip())
    except InvalidOperation:
        raise _wrong(name, _("Enter a number.")) from None
    if not found.is_finite():
        raise _wrong(name, _("Enter a number."))
    return found


def money(given: Mapping[str, Any], name: str, currency: str, *, required: bool = False) -> Decimal | None:
    """An amount in the currency, to its minor unit."""
    found = number(given, name)
    if found is None:
        if required:
            raise _wrong(name, _("Enter an amount."))
        return None
    if found < 0:
        raise _wrong(name, _("An amount can’t be negative."))
    if found > MOST_MONEY:
        raise _wrong(name, _("This is too large."))
    places = minor_units(currency)
    if found != round_half_away(found, places):
        raise _wrong(name, _("%(currency)s has %(n)s decimals at most.") % {"currency": currency, "n": places})
    return found


def rate(given: Mapping[str, Any], name: str) -> Decimal | None:
    """A fraction from 0 to 1 (0.02 is 2 %), None where it is empty."""
    found = number(given, name)
    if found is None:
        return None
    if found > 1:
        raise _wrong(name, _("A rate can’t be over 100 %."))
    if found < 0:
        raise _wrong(name, _("A rate can’t be negative."))
    return round_half_away(found, RATE_PLACES)


def count(given: Mapping[str, Any], name: str, *, most: int = MOST_COUNT, required: bool = False) -> int | None:
    """A whole number from 0 on, None where it is empty."""
    found = number(given, name)
    if found is None:
        if required:
            raise _wrong(name, _("Enter a whole number."))
        return None
    if found != found.to_integral_value():
        raise _wrong(name, _("Enter a whole number."))
    if found < 0:
        raise _wrong(name, _("This can’t be negative."))
    if found > most:
        raise _wrong(name, _("This can be %(n)s at most.") % {"n": most})
    return int(found)


def day(given: Mapping[str, Any], name: str) -> dt.date:
    value = given.get(name)
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value or ""))
    except ValueError:
        raise _wrong(name, _("Enter a date.")) from None


def product_lines(given: Mapping[str, Any], name: str) -> list[ProductLine]:
    """The vendor's product lines of these keys."""
    keys = list(dict.fromkeys(str(key) for key in given.get(name) or []))
    found = {line.key: line for line in ProductLine.objects.filter(key__in=keys)} if keys else {}
    if unknown := [key for key in keys if key not in found]:
        raise _wrong(name, _("There is no product line “%(key)s”.") % {"key": unknown[0][:40]})
    return [found[key] for key in keys]


def budget(given: Mapping[str, Any], name: str, currency: str) -> list[dict[str, Any]]:
    """Lines of a budget: what, amount, payer. What is wrong stands at its place, "budget.0.amount"."""
    rows = given.get(name) or []
    if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
        raise _wrong(name, _("Enter a list of lines."))
    if len(rows) > LINES:
        raise _wrong(name, _("At most %(n)s lines.") % {"n": LINES})
    errors, found = Errors(), []
    for i, row in enumerate(rows):
        place = f"{name}.{i}"
        at = {f"{place}.{part}": value for part, value in row.items()}
        what = errors.of(text, at, f"{place}.what", 200, required=True)
        amount = errors.of(money, at, f"{place}.amount", currency, required=True)
        payer = str(row.get("payer") or Payer.PARTNER)
        if payer not in Payer.values:
            errors.add(f"{place}.payer", _("Choose who pays."))
        found.append({"what": what, "amount": amount, "payer": payer})
    errors.stop()
    return found


def links(given: Mapping[str, Any], name: str) -> list[dict[str, str]]:
    """Links to assets: label, and an address that begins with https."""
    rows = given.get(name) or []
    if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
        raise _wrong(name, _("Enter a list of links."))
    if len(rows) > LINKS:
        raise _wrong(name, _("At most %(n)s links.") % {"n": LINKS})
    errors, found = Errors(), []
    for i, row in enumerate(rows):
        place = f"{name}.{i}"
        at = {f"{place}.{part}": value for part, value in row.items()}
        label = errors.of(text, at, f"{place}.label", 120)
        url = errors.of(text, at, f"{place}.url", 1000, required=True)
        if url and not _is_https(url):
            errors.add(f"{place}.url", _("Enter an address that begins with https://."))
        found.append({"label": label or url, "url": url})
    errors.stop()
    return found


def _is_https(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    plain = not any(letter.isspace() or ord(letter) < 32 or letter in '\\"<>' for letter in url)
    return parts.scheme == "https" and bool(parts.hostname) and parts.username is None and plain
