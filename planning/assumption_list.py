"""What a plan assumes, to be read: each row with its numbers in words. Fields that are empty, or 0 and of no effect, are left out."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from planning import document, labels
from planning.document import GROUPS, Plan
from planning.forms.layout import choices_of, fields_of
from planning.forms.typed import typed_number
from planning.labels import LABELS, MONEY, MONTH, MONTHS, PERCENT, month_name
from prm.common.templatetags.numbers import format_percent

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Read:
    """A row of a group: its name, what it is (one-time, ramping up …), and (label, value) of each number."""

    name: str
    kinds: list[str]
    numbers: list[tuple[StrOrPromise, str]]


@dataclass(frozen=True)
class Group:
    title: StrOrPromise
    rows: list[Read]


def assumption_groups(plan: Plan, currency: str, first_month: dt.date) -> list[Group]:
    """The groups that have rows, in plan order."""
    written = document.write(plan)
    return [
        Group(labels.GROUPS[group], [_row(group, row, currency, first_month) for row in written[group]])
        for group in GROUPS
        if written[group]
    ]


def _row(group: str, row: dict[str, Any], currency: str, first_month: dt.date) -> Read:
    words: dict[str, Any] = {"deals": labels.DEALS, "sale": labels.SALE}
    kinds = [str(words[choice][row[choice]["kind"]]) for choice in choices_of(group)]
    numbers: list[tuple[StrOrPromise, str]] = []
    for field in fields_of(group):
        if field.choice and row[field.choice]["kind"] != field.option:
            continue
        value: Any = row
        for part in field.path.split("."):
            value = value[part]
        if value is None or not Decimal(value):
            continue
        label = LABELS[f"{group}.{field.path}"]
        numbers.append((label.text, _told(value, label.unit, currency, first_month)))
    return Read(row["name"], kinds, numbers)


def _told(value: Any, unit: str, currency: str, first_month: dt.date) -> str:
    shown = typed_number(value)
    if unit == MONEY:
        return f"{currency}\N{NO-BREAK SPACE}{shown}"
    if unit == PERCENT:
        return f"{shown}%" if Decimal(value) % 1 else format_percent(Decimal(value))
    if unit == MONTH:
        return f"{shown} ({month_name(first_month, int(value))})"
    return f"{shown}\N{NO-BREAK SPACE}{labels.UNIT_MONTHS}" if unit == MONTHS else shown
