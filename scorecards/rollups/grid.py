"""A roll-up as a table: one description for the page, where figures lead to the partners behind them, and for the workbook."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, overload

from django.core.paginator import Page, Paginator
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from prm.common.lists import NUMBERS, shown_value
from prm.documents.table import Column, Kind, Table, Value

ROWS = 30  # on a page; the workbook has all


@dataclass(frozen=True)
class Figure:
    """One cell: `value` goes into the file unrounded, `text` (made from it where "") stands on the page and leads to `url`.

    Without value it is "–", for `reason`. `sign`: HTML instead of the text, such as a score on its colour.
    """

    value: Value
    text: str = ""
    url: str = ""
    reason: str = ""
    sign: SafeString | None = None

    def html(self, column: Column) -> SafeString:
        text: Any = self.sign or self.text or shown_value(self.value, column.kind)
        if self.value is None and self.reason:
            text = format_html('<span title="{0}">–</span><span class="visually-hidden"> ({0})</span>', self.reason)
        shown = format_html('<a href="{}">{}</a>', self.url, text) if self.url else text
        style = "num" if column.kind in NUMBERS else ""
        return format_html('<td class="{}" data-label="{}">{}</td>', style, column.title, shown)


@dataclass(frozen=True)
class Line:
    """A row: what it stands for, where that leads, and its figures."""

    name: str
    figures: tuple[Figure, ...]
    url: str = ""

    def html(self, columns: Sequence[Column]) -> SafeString:
        name = format_html('<a href="{}">{}</a>', self.url, self.name) if self.url else self.name
        cells = format_html_join("", "{}", ((f.html(c),) for f, c in zip(self.figures, columns[1:], strict=True)))
        return format_html('<th scope="row">{}</th>{}', name, cells)


class Lines(Sequence[Line]):
    """Lines made of rows as they are looked at: a page shows thirty of some hundred."""

    def __init__(self, rows: Sequence[Any], line: Callable[[Any], Line]) -> None:
        self.of, self.line = rows, line

    def __len__(self) -> int:
        return len(self.of)

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Line]: ...
    def __getitem__(self, at: int | slice) -> Line | Sequence[Line]:
        return Lines(self.of[at], self.line) if isinstance(at, slice) else self.line(self.of[at])


@dataclass(frozen=True)
class Grid:
    """Lines under columns, the first of which names the line; `total` stands below them."""

    title: str
    columns: Sequence[Column]
    lines: Sequence[Line]
    total: Line | None = None
    asked: str | None = None  # the page asked for
    page_name: str = field(default="page")

    @cached_property
    def page(self) -> Page[Line]:
        return Paginator(self.lines, ROWS).get_page(self.asked)

    @property
    def heads(self) -> list[tuple[str, bool]]:
        """Each column's title, and whether it holds numbers."""
        return [(column.title, column.kind in NUMBERS) for column in self.columns]

    @property
    def rows(self) -> Iterable[SafeString]:
        return (line.html(self.columns) for line in self.page)

    @property
    def foot(self) -> SafeString | None:
        return self.total.html(self.columns) if self.total else None

    def sheet(self) -> Table:
        return Table(self.title, self.columns, self._values())

    def _values(self) -> Iterator[list[Value]]:
        for line in (*self.lines, *([self.total] if self.total else [])):
            yield [line.name, *(figure.value for figure in line.figures)]


def integer(title: str) -> Column:
    return Column(title, Kind.INTEGER)


def decimal(title: str) -> Column:
    return Column(title, Kind.DECIMAL)


def percent(title: str) -> Column:
    return Column(title, Kind.PERCENT)
