"""Which assumption the plan hangs on: each number changed by itself, and what that does to the profit of all 36 months. Source:
"Sensitivity" of the business plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

from planning.forecast.assumptions import Assumptions, CapacityShare, Kind, Line, Scenario
from planning.forecast.rows import Reals, capacity, cost_months, line_months

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
    scenario = scenario or Scenario()
    profit = _Profit(assumptions, scenario)
    found = []
    for number in numbers(assumptions):
        if number.value > 0:
            less, more = _varied(number)
            effects = (profit.effect(number.path, less), profit.effect(number.path, more))
            found.append(Effect(number, less, more, *effects))
    return sorted((row for row in found if row.largest), key=lambda row: -row.largest)


class _Profit:
    """The profit of 36 months as a sum over rows, of which a changed number moves but its own; a seller's the lines on capacity
    besides. So a large plan is not computed anew for each of its numbers."""

    def __init__(self, assumptions: Assumptions, scenario: Scenario) -> None:
        self.assumptions, self.scenario, self.places = assumptions, scenario, assumptions.places
        self.capacity = capacity(assumptions.sellers)
        self.on_capacity = [line for line in assumptions.lines if isinstance(line.deals, CapacityShare)]

    def effect(self, path: Path, value: Decimal | int) -> Decimal:
        if len(path) == 1:  # the terms of payment move cash only
            return Decimal(0)
        group, at = str(path[0]), int(path[1])
        before = getattr(self.assumptions, group)[at]
        after = changed(before, path[2:], value)
        if group == "lines":
            return self._line(after, self.capacity) - self._line(before, self.capacity)
        effect = self._cost(before) - self._cost(after)
        if group == "sellers" and self.on_capacity and path[2] != "cost":
            sellers = self.assumptions.sellers
            whole = capacity((*sellers[:at], after, *sellers[at + 1 :]))
            effect += sum(
                (self._line(line, whole) - self._line(line, self.capacity) for line in self.on_capacity), Decimal(0)
            )
        return effect

    def _line(self, line: Line, whole: Reals) -> Decimal:
        months = line_months(line, whole, self.scenario, self.places)
        parts = (months.product_profit, months.services_profit, months.managed_profit, months.rebate)
        return sum((sum(cells, Decimal(0)) for cells in parts), Decimal(0))

    def _cost(self, row: Any) -> Decimal:
        months = cost_months(row, self.scenario.cost, self.places)
        return sum(months.cost, Decimal(0)) - sum(months.mdf, Decimal(0))
