"""XLSX out: plain tables, one per sheet, streamed in constant memory."""

import datetime as dt
import io
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import chain, islice
from os import PathLike
from typing import IO, Any

import xlsxwriter
from django.utils.translation import gettext as _
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from prm.common.money import Money, minor_units
from prm.documents.table import Column, Kind, Table, Value, local

Sheet = Table

MAX_ROWS = 1_048_576
MAX_TEXT = 32_767  # UTF-16 units in one cell
MAX_URL = 2_079
MAX_URLS = 65_530  # links on one sheet
MAX_DIGITS = 15  # what a cell's binary number keeps exactly
MIN_WIDTH, MAX_WIDTH = 8, 60
SAMPLE = 200  # rows looked at to find the widths

NUMBER_FORMATS = {
    Kind.INTEGER: "#,##0",
    Kind.DECIMAL: "#,##0.##",
    Kind.MONEY: "#,##0.00",
    Kind.PERCENT: "0%",
    Kind.DATE: "yyyy-mm-dd",
    Kind.DATETIME: "yyyy-mm-dd hh:mm",
}


def workbook(sheets: Sequence[Table], *, title: str = "", creator: str = "", tz: dt.tzinfo | None = None) -> bytes:
    """The workbook as bytes; see `write_workbook`."""
    buffer = io.BytesIO()
    write_workbook(buffer, sheets, title=title, creator=creator, tz=tz)
    return buffer.getvalue()


def write_workbook(
    target: str | PathLike[str] | IO[bytes],
    sheets: Sequence[Table],
    *,
    title: str = "",
    creator: str = "",
    tz: dt.tzinfo | None = None,
) -> None:
    """Write `sheets` to a path or binary file, a sheet per table, reading each table's rows once.

    Text stays text whatever it begins with; a number of more than 15 significant digits is written as text, since a
    cell would round it. Text beyond a cell's 32,767 characters is cut and says so. Aware times are shown in `tz`
    (None: Django's current time zone). Rows that don't fit on one sheet go on to a next one.
    """
    book = xlsxwriter.Workbook(
        target,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"title": title, "author": creator})
    writer = _Writer(book, tz)
    for table in sheets:
        writer.write(table)
    book.close()


class PlainWorksheet(Worksheet):
    """A worksheet that takes no text for markup and no Decimal for a float."""

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        # XlsxWriter would copy any text that begins with <r> and ends with </r> into the file as XML.
        self._xml_inline_string(string, True, attributes)

    def _xml_number_element(self, number: float | Decimal, attributes: Any = ()) -> None:
        # XlsxWriter writes 16 digits of the float, which turns 9.95 into 9.949999999999999.
        cell = "".join(f' {key}="{value}"' for key, value in attributes)
        self.fh.write(f"<c{cell}><v>{number}</v></c>")


class _Writer:
    def __init__(self, book: xlsxwriter.Workbook, tz: dt.tzinfo | None) -> None:
        self.book = book
        self.tz = tz
        self.names: set[str] = set()
        self.header = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "vcenter"})
        self.formats = {kind: book.add_format({"num_format": code}) for kind, code in NUMBER_FORMATS.items()}
        self.text = book.add_format({"num_format": "@"})
        self.link = book.add_format({"font_color": "#0563C1", "underline": 1})
        self.money: dict[str, Format] = {}

    def write(self, table: Table) -> None:
        rows = table.checked_rows()
        sample = list(islice(rows, SAMPLE))
        widths = [_width(column, [row[i] for row in sample]) for i, column in enumerate(table.columns)]
        rows = chain(sample, rows)
        self._write_sheet(table, widths, rows)
        while (row := next(rows, None)) is not None:
            rows = chain([row], rows)
            self._write_sheet(table, widths, rows)

    def _write_sheet(self, table: Table, widths: Sequence[int], rows: Iterator[Sequence[Value]]) -> None:
        sheet = self.book.add_worksheet(sheet_name(table.name, self.names), PlainWorksheet)
        sheet.freeze_panes(1, 0)
        for i, (column, width) in enumerate(zip(table.columns, widths, strict=True)):
            sheet.set_column(i, i, width)
            sheet.write_string(0, i, fit_text(column.title), self.header)
        number, urls = 0, 0
        for number, row in enumerate(islice(rows, MAX_ROWS - 1), start=1):
            for i, (column, value) in enumerate(zip(table.columns, row, strict=True)):
                if column.kind is Kind.URL and value and urls < MAX_URLS and is_link(str(value)):
                    sheet.write_url(number, i, str(value), self.link, str(value))
                    urls += 1
                else:
                    self._write_cell(sheet, number, i, column.kind, value)
        if table.columns:
            sheet.autofilter(0, 0, number, len(table.columns) - 1)

    def _write_cell(self, sheet: Worksheet, row: int, column: int, kind: Kind, value: Value) -> None:
        if value is None or value == "":
            return
        number_format = self.formats.get(kind)
        if isinstance(value, Money):
            number_format, value = self._money(value.currency), value.amount
        if isinstance(value, bool):
            sheet.write_boolean(row, column, value)
        elif isinstance(value, int | float | Decimal) and fits_number(value):
            # A spreadsheet's percent format shows a hundredth as 1%.
            number = Decimal(str(value)).scaleb(-2) if kind is Kind.PERCENT else value
            sheet.write_number(row, column, number, number_format)
        elif isinstance(value, dt.date) and value.year < 1900:  # before the first day a spreadsheet knows
            sheet.write_string(row, column, value.isoformat(), self.text)
        elif isinstance(value, dt.datetime):
            sheet.write_datetime(row, column, local(value, self.tz).replace(tzinfo=None), self.formats[Kind.DATETIME])
        elif isinstance(value, dt.date):
            sheet.write_datetime(row, column, value, self.formats[Kind.DATE])
        else:
            text = format(value, "f") if isinstance(value, Decimal) else str(value)
            sheet.write_string(row, column, fit_text(text), self.text)

    def _money(self, currency: str) -> Format:
        if currency not in self.money:
            decimals = "." + "0" * minor_units(currency) if minor_units(currency) else ""
            self.money[currency] = self.book.add_format({"num_format": f"#,##0{decimals} [${currency}]"})
        return self.money[currency]


def sheet_name(name: str, taken: set[str]) -> str:
    """A name Excel takes: up to 31 characters, none of []:*?/\\, not "History", not in `taken` (and added to it)."""
    base = re.sub(r"[\[\]:*?/\\\x00-\x1f\ud800-\udfff\ufffe\uffff]", " ", str(name)).strip(" '")
    if not base or base.casefold() == "history":
        base = f"{base} {_('Sheet')}".strip()
    candidate, number = _cut(base, 31), 1
    while candidate.casefold() in taken:
        number += 1
        suffix = f" ({number})"
        candidate = _cut(base, 31 - len(suffix)) + suffix
    taken.add(candidate.casefold())
    return candidate


def fit_text(text: str) -> str:
    """The text without what XML can't hold, cut to a cell's limit with a notice."""
    text = re.sub(r"[\ud800-\udfff\ufffe\uffff]", "\ufffd", str(text))
    if len(text.encode("utf-16-le")) // 2 <= MAX_TEXT:
        return text
    notice = _("… [cut: a cell holds no more than 32,767 characters]")
    return _cut(text, MAX_TEXT - len(notice)) + notice


def _cut(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: units * 2].decode("utf-16-le", "ignore").rstrip(" '")


def fits_number(value: int | float | Decimal) -> bool:
    """Whether a cell keeps the number exactly: finite, at most 15 significant digits, in a double's range."""
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if not number.is_finite():
        return False
    if isinstance(value, float):
        return True
    return len(number.normalize().as_tuple().digits) <= MAX_DIGITS and -300 < number.adjusted() < 300


def is_link(url: str) -> bool:
    return url.startswith(("https://", "http://")) and len(url) <= MAX_URL


def _width(column: Column, values: Sequence[Value]) -> int:
    if column.width is not None:
        return column.width
    longest = max((len(str(getattr(value, "amount", value))) for value in values if value is not None), default=0)
    if column.kind in (Kind.INTEGER, Kind.DECIMAL, Kind.MONEY):
        longest += longest // 3 + 4  # separators, minor unit or currency
    if column.kind is Kind.DATETIME:
        longest = 16
    # The filter's button takes about three characters of the heading.
    return min(max(longest + 1, len(str(column.title)) + 3, MIN_WIDTH), MAX_WIDTH)
