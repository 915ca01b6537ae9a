"""The quarter table as it is shown: each cell's texts, and the page that explains it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from prm.common.fiscal import FiscalYear
from prm.common.rag import Rag
from scorecards.performance import quarters
from scorecards.performance.quarters import State
from scorecards.performance_page.words import amount

Link = Callable[[str], str]
"""The key of a figure → the page that explains it."""


@dataclass(frozen=True)
class Column:
    """A quarter, or the year to date."""

    key: str
    label: str
    current: bool
    future: bool


@dataclass(frozen=True)
class Cell:
    """`full` is the whole period's target, where `target` is that of the days so far. `reason` says why there is no attainment."""

    column: Column
    actual: str
    target: str
    full: str
    shown: int | None
    rag: Rag | None
    reason: str
    url: str


@dataclass(frozen=True)
class Row:
    key: str
    name: str
    unit: str
    cells: tuple[Cell, ...]

    @property
    def reason(self) -> str:
        """Why the year to date has no attainment."""
        return self.cells[-1].reason if self.cells else ""


def columns(rows: Iterable[quarters.Row], year: FiscalYear) -> list[Column]:
    """The heads of the table; none where it has no rows."""
    names = {quarter.key: _("Q%(number)s") % {"number": quarter.number} for quarter in year.quarters}
    first = next(iter(rows), None)
    return [
        Column(
            cell.key,
            names.get(cell.key, _("Year to date")),
            cell.state is State.CURRENT and cell.key in names,
            cell.state is State.FUTURE,
        )
        for cell in (first.cells if first else ())
    ]


def shown(found: Iterable[quarters.Row], year: FiscalYear, currency: str, link: Link) -> list[Row]:
    """The rows with their texts, amounts in `currency` without its code."""
    rows = list(found)
    heads = {column.key: column for column in columns(rows, year)}
    return [
        Row(
            row.key,
            str(row.name),
            str(row.unit),
            tuple(_cell(row, cell, heads[cell.key], currency, link) for cell in row.cells),
        )
        for row in rows
    ]


def _cell(
    row: quarters.Row,
    cell: quarters.Cell,
    column: Column,
    currency: str,
    link: Link,
) -> Cell:
    is_attainment = cell.target is None and cell.attainment.result is not None and cell.attainment.result == cell.actual
    so_far = cell.full_target is not None and cell.full_target != cell.target
    return Cell(
        column,
        "" if is_attainment or cell.actual is None else amount(cell.actual, row.unit, currency),
        "" if cell.target is None else amount(cell.target, row.unit, currency),
        amount(cell.full_target, row.unit, currency) if so_far else "",
        cell.shown,
        cell.rag,
        str(cell.attainment.why_missing or ""),
        link(cell.figure),
    )
