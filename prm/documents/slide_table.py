"""Tables that fit on slides: widths of columns, heights of rows, and what goes on to the next slide. In points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from prm.documents.slide_text import LEADING, and_more, lines, said, shortened, width_of
from prm.documents.slides import Cell, Table

SIZES = (13.0, 12.0, 11.0, 10.0)
SMALLEST = (9.0, 8.0, 7.0)  # only where figures have no room at all
ASIDE, ABOVE = 5.0, 3.0  # margins in a cell
GUTTER = 14.0  # more before a text that stands beside figures, which end where it begins
LEAST_TEXT, MOST_WORD = 60.0, 130.0  # what a column of texts is never narrower than, and a word that may be broken
MOST_LINES = 3


@dataclass(frozen=True)
class Grid:
    """A table, or a part of one, as it is drawn. `rows` have their texts cut to what their cells hold."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int]
    total: bool
    widths: tuple[float, ...]
    heights: tuple[float, ...]  # of the heads, then of each row
    size: float

    @property
    def height(self) -> float:
        return sum(self.heights)


def gutter(numeric: frozenset[int], column: int) -> float:
    """What stays free before a column besides its margin."""
    return GUTTER if column - 1 in numeric and column not in numeric else 0.0


def _margins(numeric: frozenset[int], column: int) -> float:
    return 2 * ASIDE + gutter(numeric, column)


def text_of(cell: Cell) -> str:
    return said(cell.text, cell.tone, cell.word)


def natural(table: Table, size: float) -> float:
    """How wide the table is where no text is broken."""
    return sum(_naturals(table, size))


def grid(table: Table, width: float, height: float, sizes: Sequence[float] = SIZES) -> Grid:
    """The whole table at the largest size at which it has the height; at the smallest of `sizes` whatever height it takes."""
    for size in sizes:
        found = _at(table, width, size)
        if found.height <= height:
            return found
    return found


def parts(table: Table, width: float, first: float, others: float, most: int) -> list[Grid]:
    """The table on at most `most` slides, the first with the height `first`, the rest with `others`.

    Where it is longer, a row says how many are left out; the total stands last all the same.
    """
    whole = grid(table, width, first)
    if whole.height <= first:
        return [whole]
    size = whole.size
    rest = list(table.rows)
    total = rest.pop() if table.total and rest else None
    found: list[Grid] = []
    while rest:
        room = others if found else first
        last = len(found) == most - 1
        part = _at(replace(table, rows=tuple(rest), total=False), width, size)
        foot = _at(replace(table, rows=(total,), total=True), width, size).heights[1] if total else 0.0
        used, count = part.heights[0], 0
        for tall in part.heights[1:]:
            ends = count == len(rest) - 1
            needed = tall + (foot if ends or last else 0) + (_line(size) if last and not ends else 0)
            if used + needed > room and count:
                break
            used, count = used + tall, count + 1
        rows, rest = rest[:count], rest[count:]
        if last and rest:
            rows.append(_more_row(len(rest), len(table.heads)))
            rest = []
        if not rest and total:
            rows.append(total)
        found.append(_at(replace(table, rows=tuple(rows), total=bool(total) and not rest), width, size))
    return found or [whole]


def _more_row(count: int, columns: int) -> tuple[Cell, ...]:
    return (Cell(and_more(count)), *(Cell("") for _ in range(columns - 1)))


def _line(size: float) -> float:
    return LEADING * size + 2 * ABOVE


def _naturals(table: Table, size: float) -> list[float]:
    found = []
    for column, head in enumerate(table.heads):
        cells = [_wide(row, column, size, strong=table.total and row is table.rows[-1]) for row in table.rows]
        found.append(max([width_of(head, size, bold=True), *cells]) + _margins(table.numeric, column) + 1)
    return found


def _wide(row: tuple[Cell, ...], column: int, size: float, *, strong: bool) -> float:
    if column >= len(row):
        return 0
    cell = row[column]
    return width_of(text_of(cell), size, bold=strong or bool(cell.word))  # as `_tall` takes it


def _least(table: Table, column: int, size: float) -> float:
    """What a column needs: whole figures, words that aren't broken."""
    texts = [text_of(row[column]) for row in table.rows if column < len(row)]
    words = [word for text in [*texts, table.heads[column]] for word in text.split()]
    word = max((width_of(word, size, bold=True) for word in words), default=0)
    if column in table.numeric:
        figures = max((width_of(text, size, bold=table.total) for text in texts), default=0)
        return max(figures, min(word, MOST_WORD)) + 2 * ASIDE + 1
    return max(min(word, MOST_WORD), LEAST_TEXT) + _margins(table.numeric, column) + 1


def _at(table: Table, width: float, size: float) -> Grid:
    for smaller in (size, *(s for s in SMALLEST if s < size)):
        widths = _widths(table, width, smaller)
        if widths:
            return _rows(table, widths, smaller)
    smaller = SMALLEST[-1]
    least = [_least(table, column, smaller) for column in range(len(table.heads))]
    return _rows(table, [width * each / sum(least) for each in least], smaller)


def _widths(table: Table, width: float, size: float) -> list[float]:
    """The columns' widths, filling `width`; [] where they have no room at this size."""
    wanted = _naturals(table, size)
    texts = [column for column in range(len(table.heads)) if column not in table.numeric] or [0]
    spare = width - sum(wanted)
    if spare >= 0:
        if len(wanted) > 2:
            return [each + spare / len(wanted) for each in wanted]
        return [each + (spare / len(texts) if column in texts else 0) for column, each in enumerate(wanted)]
    least = [min(_least(table, column, size), wanted[column]) for column in range(len(wanted))]
    if sum(least) > width:
        return []
    # Narrow columns are as wide as they like; the wide ones share what is left.
    low, high = 0.0, max(wanted)
    for _step in range(40):
        level = (low + high) / 2
        if sum(max(need, min(wish, level)) for need, wish in zip(least, wanted, strict=True)) > width:
            high = level
        else:
            low = level
    return [max(need, min(wish, low)) for need, wish in zip(least, wanted, strict=True)]


def _rows(table: Table, widths: Sequence[float], size: float) -> Grid:
    rooms = [width - _margins(table.numeric, column) for column, width in enumerate(widths)]
    heads = tuple(
        shortened(head, rooms[column], size, MOST_LINES, bold=True) for column, head in enumerate(table.heads)
    )
    heights = [_tall([(text, True) for text in heads], rooms, size)]
    rows = []
    for row in table.rows:
        strong = table.total and row is table.rows[-1]
        cells = tuple(
            _cut(row[column] if column < len(row) else Cell(""), rooms[column], size, figure=column in table.numeric)
            for column in range(len(heads))
        )
        rows.append(cells)
        heights.append(_tall([(text_of(cell), strong or bool(cell.word)) for cell in cells], rooms, size))
    return Grid(table.title, heads, tuple(rows), table.numeric, table.total, tuple(widths), tuple(heights), size)


def _cut(cell: Cell, width: float, size: float, *, figure: bool) -> Cell:
    if figure:  # a figure is never cut
        return cell
    # The status stands behind the text: it takes its own part of the last line.
    return replace(cell, text=shortened(cell.text, width, size, MOST_LINES, bold=bool(cell.word)))


def _tall(texts: list[tuple[str, bool]], rooms: Sequence[float], size: float) -> float:
    counts = [lines(text, room, size, bold=bold) for (text, bold), room in zip(texts, rooms, strict=True)]
    return max([1, *counts]) * LEADING * size + 2 * ABOVE
