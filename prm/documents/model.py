"""XLSX that computes: sheets of labelled cells, formulas with the result they had when written, names, lists to choose from."""

import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell

from prm.documents.xlsx import PlainWorksheet, fit_text

FIRST_DAY = dt.date(1899, 12, 30)  # day 0, as spreadsheets count days


class Look(StrEnum):
    """How a cell is shown."""

    TEXT = "text"
    NOTE = "note"
    TITLE = "title"
    HEADING = "heading"
    OVER = "over"  # a heading over figures
    MONEY = "money"
    NUMBER = "number"
    PERCENT = "percent"
    WHOLE = "whole"
    MONTH = "month"


@dataclass(frozen=True)
class Formula:
    """A formula, beginning with "=", in English names with commas; `value` is what it comes to now, for programs that only
    read."""

    text: str
    value: Decimal | int | float | str | dt.date


@dataclass(frozen=True)
class Cell:
    """A cell of a sheet. `entered` marks it as one to be changed, `strong` as a sum; `name` is its name in formulas, `choices`
    the formula of the cells that list what may stand in it."""

    value: str | int | Decimal | float | dt.date | Formula | None
    look: Look = Look.TEXT
    entered: bool = False
    strong: bool = False
    name: str = ""
    choices: str = ""


@dataclass
class Grid:
    """A sheet: its name (as given, so that formulas can say it), rows of cells (None: empty), widths of the first columns and
    of the rest, and how many rows and columns stay in view."""

    name: str
    rows: list[list[Cell | None]] = field(default_factory=list)
    widths: Sequence[int] = ()
    width: int = 12
    frozen: tuple[int, int] = (0, 0)

    def add(self, *cells: Cell | str | None) -> int:
        """Adds a row (text stands for a cell of text) and gives its number, 0 for the first."""
        self.rows.append([Cell(cell) if isinstance(cell, str) else cell for cell in cells])
        return len(self.rows) - 1


def at(row: int, column: int, *, fixed_row: bool = False, fixed_column: bool = False) -> str:
    """A cell's address in a formula: at(0, 0) is A1."""
    return str(xl_rowcol_to_cell(row, column, row_abs=fixed_row, col_abs=fixed_column))


def on(sheet: str, address: str) -> str:
    """An address on another sheet."""
    quoted = sheet.replace("'", "''")
    return f"'{quoted}'!{address}"


def model(
    grids: Iterable[Grid], *, title: str, creator: str, places: int, names: Mapping[str, str] | None = None
) -> bytes:
    """The workbook. Money is shown with `places` decimals; `names` are further names and what they stand for.

    Text stays text whatever it begins with. A program that opens it computes all formulas anew.
    """
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    book.set_properties({"title": fit_text(title), "author": fit_text(creator)})
    writer = _Writer(book, places)
    for grid in grids:
        writer.write(grid)
    for name, meaning in (names or {}).items():
        book.define_name(name, f"={meaning}")
    book.close()
    return buffer.getvalue()


class _Writer:
    def __init__(self, book: xlsxwriter.Workbook, places: int) -> None:
        self.book = book
        self.formats: dict[tuple[Look, bool, bool], Format] = {}
        decimals = f".{'0' * places}" if places else ""
        self.codes = {
            Look.MONEY: f"#,##0{decimals};[Red]-#,##0{decimals}",
            Look.NUMBER: "#,##0.00##",
            Look.PERCENT: "0.00%",
            Look.WHOLE: "0",
            Look.MONTH: "mmm yyyy",
        }

    def write(self, grid: Grid) -> None:
        sheet = self.book.add_worksheet(grid.name, PlainWorksheet)
        sheet.freeze_panes(*grid.frozen)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        last = max((len(row) for row in grid.rows), default=1) - 1
        for column in range(last + 1):
            sheet.set_column(column, column, grid.widths[column] if column < len(grid.widths) else grid.width)
        for row, cells in enumerate(grid.rows):
            for column, cell in enumerate(cells):
                if cell:
                    self._cell(sheet, grid, row, column, cell)

    def _cell(self, sheet: PlainWorksheet, grid: Grid, row: int, column: int, cell: Cell) -> None:
        shown, value = self._format(cell), cell.value
        if isinstance(value, Formula):
            sheet.write_formula(row, column, value.text, shown, _result(value.value))
        elif isinstance(value, dt.date):
            sheet.write_datetime(row, column, value, shown)
        elif isinstance(value, int | float | Decimal):
            sheet.write_number(row, column, value, shown)
        elif value:
            sheet.write_string(row, column, fit_text(value), shown)
        else:
            sheet.write_blank(row, column, None, shown)
        if cell.name:
            self.book.define_name(cell.name, "=" + on(grid.name, at(row, column, fixed_row=True, fixed_column=True)))
        if cell.choices:
            sheet.data_validation(row, column, row, column, {"validate": "list", "source": f"={cell.choices}"})

    def _format(self, cell: Cell) -> Format:
        key = (cell.look, cell.entered, cell.strong)
        if key not in self.formats:
            options: dict[str, Any] = {"valign": "top"}
            if cell.look in self.codes:
                options["num_format"] = self.codes[cell.look]
            if cell.look is Look.TITLE:
                options |= {"bold": True, "font_size": 14}
            heading = cell.look in (Look.HEADING, Look.OVER)
            if heading or cell.strong:
                options["bold"] = True
            if heading:
                options["bottom"] = 1
            if cell.look is Look.OVER:
                options["align"] = "right"
            if cell.look is Look.NOTE:
                options |= {"font_color": "#57606a", "indent": 1}
            if cell.entered:
                options |= {"font_color": "#1f3fae", "bg_color": "#fff8dc", "border": 1, "border_color": "#d0d7de"}
            if cell.strong and not heading:
                options["top"] = 1
            self.formats[key] = self.book.add_format(options)
        return self.formats[key]


def _result(value: Decimal | float | str | dt.date) -> float | str:
    if isinstance(value, dt.date):
        return (value - FIRST_DAY).days
    return float(value) if isinstance(value, Decimal) else value
