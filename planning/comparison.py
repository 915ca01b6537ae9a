"""Two versions of a plan side by side: which rows came, went and changed, and what that moves. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from planning.document import CHOICES, GROUPS, TEXTS, Plan
from planning.forecast.result import BreakEven, Forecast, forecast

NAMES_IT = ("key", "product", "name")  # of a row that came or went: they say which it is


class What(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Moved:
    """One field with its two values; None where it isn't there in that version. `path` as in the document, without the row's
    number: "lines.deals.first"; a kind as "lines.deals" with "ramp" and "capacity"."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Row:
    """A row that came, went or changed. `name` is today's; a row that got another name has that among `moved`."""

    group: str
    key: str
    name: str
    what: What
    moved: tuple[Moved, ...] = ()


@dataclass(frozen=True)
class Result:
    """What a version comes to over its 36 months, in the scenario it chose."""

    revenue: Decimal
    gross_profit: Decimal
    costs: Decimal
    profit: Decimal
    peak: Decimal
    break_even: BreakEven

    @classmethod
    def of(cls, found: Forecast) -> Result:
        whole = found.totals(1, len(found.revenue))
        return cls(
            whole.revenue, whole.gross_profit, whole.costs, whole.operating_profit, found.peak_investment, found.break_even
        )  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """`rows` in the later plan's order, removed ones at the end of their group; `scenarios` by scenario; `texts` that differ;
    `terms` where they do. `before` and `after` are the results."""

    rows: tuple[Row, ...]
    scenarios: tuple[tuple[str, tuple[Moved, ...]], ...]
    texts: tuple[Moved, ...]
    terms: Moved | None
    before: Result
    after: Result

    @property
    def anything(self) -> bool:
        return bool(self.rows or self.scenarios or self.texts or self.terms)

    def of_group(self, group: str) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.group == group)


def compare(before: Plan, after: Plan, *, scenarios: tuple[str, str]) -> Comparison:
    """What moved from one version to the next; `scenarios` are those that each commits to. Rows are the same where their keys are."""
    rows = [
        row
        for group in GROUPS
        for row in _rows(group, getattr(before.assumptions, group), getattr(after.assumptions, group))
    ]
    multipliers = [
        (name, moved)
        for name, scenario in after.scenarios.items()
        if (moved := tuple(_moved("", before.scenarios[name], scenario)))
    ]
    texts = [
        Moved(name, before.texts[name], after.texts[name])
        for name in TEXTS
        if before.texts[name].strip() != after.texts[name].strip()
    ]
    terms = before.assumptions.terms, after.assumptions.terms
    results = [
        Result.of(forecast(plan.assumptions, plan.scenarios[name]))
        for plan, name in zip((before, after), scenarios, strict=True)
    ]
    return Comparison(
        rows=tuple(rows),
        scenarios=tuple(multipliers),
        texts=tuple(texts),
        terms=None if terms[0] == terms[1] else Moved("terms", *terms),
        before=results[0],
        after=results[1],
    )


def _rows(group: str, before: Sequence[Any], after: Sequence[Any]) -> Iterator[Row]:
    known = {row.key: row for row in before}
    for row in after:
        old = known.pop(row.key, None)
        if old is None:
            yield Row(group, row.key, row.name, What.ADDED, tuple(_alone(group, row, new=True)))
        elif moved := tuple(_moved(group, old, row)):
            yield Row(group, row.key, row.name, What.CHANGED, moved)
    for row in known.values():
        yield Row(group, row.key, row.name, What.REMOVED, tuple(_alone(group, row, new=False)))


def _moved(path: str, before: Any, after: Any) -> Iterator[Moved]:
    """The fields of two nodes of one kind that differ, in their order."""
    for each in fields(after):
        if each.name == "key":
            continue
        here = f"{path}.{each.name}" if path else each.name
        old, new = getattr(before, each.name), getattr(after, each.name)
        if old == new:
            continue
        if is_dataclass(new) and type(old) is type(new):
            yield from _moved(here, old, new)
        elif is_dataclass(new):
            yield Moved(here, _kind(each.name, old), _kind(each.name, new))
            yield from _alone(here, old, new=False)
            yield from _alone(here, new, new=True)
        else:
            yield Moved(here, old, new)


def _alone(path: str, node: Any, *, new: bool) -> Iterator[Moved]:
    """The fields that say something of a node that is in one version only."""
    for each in fields(node):
        value = getattr(node, each.name)
        here = f"{path}.{each.name}"
        if each.name in NAMES_IT or value is None or value == 0:
            continue
        if is_dataclass(value):
            yield from _alone(here, value, new=new)
        else:
            yield Moved(here, None, value) if new else Moved(here, value, None)


def _kind(name: str, node: Any) -> str:
    return next(key for key, kind in CHOICES[name].items() if isinstance(node, kind))
