"""CSV out, row by row, safe to open in a spreadsheet."""

import csv
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from prm.common.money import Money
from prm.documents.table import Column, Table, Value, local

BOM = "\ufeff"

# OWASP's list: a cell that begins so is run as a formula by Excel, LibreOffice or Google Sheets.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # last four: full-width


class _Echo:
    """A file whose `write` hands the line back."""

    def write(self, line: str) -> str:
        return line


def write_csv(
    columns: Sequence[Column], rows: Iterable[Sequence[Value]], *, bom: bool = True, tz: dt.tzinfo | None = None
) -> Iterator[str]:
    """Lines of a CSV file (comma, CRLF, quoted where needed), heading first, made as they are asked for.

    `bom` puts a UTF-8 byte order mark first, without which Excel reads UTF-8 as Windows-1252. Text that a spreadsheet
    would run as a formula gets a leading apostrophe; numbers never do. Money is its amount, a percentage its number
    without a sign, dates and times ISO 8601, times in `tz` (None: Django's current time zone).
    """
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    heading = writer.writerow([_text(column.title) for column in columns])
    yield (BOM if bom else "") + heading
    for row in Table("csv", columns, rows).checked_rows():
        yield writer.writerow([_cell(value, tz) for value in row])


def _cell(value: Value, tz: dt.tzinfo | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Money):
        value = value.amount
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, dt.datetime):
        return local(value, tz).isoformat(sep=" ", timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    return _text(value)


def _text(value: object) -> str:
    # A lone surrogate can't be written as UTF-8.
    text = str(value).encode("utf-8", "replace").decode("utf-8")
    return "'" + text if text.startswith(FORMULA_STARTS) else text
