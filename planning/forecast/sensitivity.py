"""Which assumption the plan hangs on: each number changed by itself, and what that does to the profit of all 36 months. Source:
"Sensitivity" of the business plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

from planning.forecast.assumptions import Assumptions, Kind, Scenario
from planning.forecast.result import forecast

Path = tuple[str | int, ...]  # ("lines", 0, "sale", "deal_size")
LEAST, MOST = Decimal("0.9"), Decimal("1.1")
WHOLE = (Kind.START, Kind.MONTHS)


@dataclass(frozen=True)
class Number:
    """One number of the plan: where it stands, the key of its row ("" for the plan's own), its field, kind and value."""

    path: Path
    row: str
    field: str
    kind: Kind
    value: Decimal | int


@dataclass(frozen=True)
class Effect:
    """A number less and more, and what each does to the cumulative profit at month 36."""

    number: Number
    less: Decimal | int
    more: Decimal | int
    effect_less: Decimal
    effect_more: Decimal

    @property
    def largest(self) -> Decimal:
        return max(abs(self.effect_less), abs(self.effect_more))


def numbers(assumptions: Assumptions) -> Iterator[Number]:
    """Every number there is (those left empty are none), in plan order: product lines, sellers, people, costs, terms."""
    yield from _walk(assumptions, (), "")


def _walk(node: Any, path: Path, row: str) -> Iterator[Number]:
    row = getattr(node, "key", row)
    for each in fields(node):
        value = getattr(node, each.name)
        here = (*path, each.name)
        if isinstance(value, tuple):
            for i, part in enumerate(value):
                yield from _walk(part, (*here, i), row)
        elif is_dataclass(value):
            yield from _walk(value, here, row)
        elif "kind" in each.metadata and value is not None:
            yield Number(here, row, each.name, each.metadata["kind"], value)


def changed(node: Any, path: Path, value: Decimal | int) -> Any:
    """A copy of the assumptions with another value in one place."""
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(first, int):
        return (*node[:first], changed(node[first], rest, value), *node[first + 1 :])
    return replace(node, **{first: changed(getattr(node, first), rest, value)})


def _varied(number: Number) -> tuple[Decimal | int, Decimal | int]:
    if number.kind in WHOLE:
        whole = int(number.value)
        return max(whole - 1, 1 if number.kind is Kind.START else 0), whole + 1
    value = Decimal(number.value)
    if number.kind is Kind.PERCENT:
        return value * LEAST, min(value * MOST, Decimal(100))
    return value * LEAST, value * MOST


def sensitivity(assumptions: Assumptions, scenario: Scenario | None = None) -> list[Effect]:
    """The effect of each number above 0 changed by ±10 % (whole months by one; a percentage stays within 100, a growth
    needn't; a month of start never before 1), the largest first, ties in plan order, without those of no effect.

    Whether the capacity shares still add up to 100 % is not asked.
    """
    base = forecast(assumptions, scenario).cumulative[-1]

    def effect(number: Number, value: Decimal | int) -> Decimal:
        return forecast(changed(assumptions, number.path, value), scenario).cumulative[-1] - base

    found = []
    for number in numbers(assumptions):
        if number.value > 0:
            less, more = _varied(number)
            found.append(Effect(number, less, more, effect(number, less), effect(number, more)))
    return sorted((row for row in found if row.largest), key=lambda row: -row.largest)
