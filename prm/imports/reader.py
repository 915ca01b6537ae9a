"""Files in: an uploaded CSV or XLSX becomes a header and rows, each row with the number the user sees.

The content decides what a file is, not its name. Nothing is interpreted here: a CSV gives text, an XLSX what was stored.
"""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO, NamedTuple

from prm.imports.formats import DecimalMark
from prm.imports.layout import Column, Record, find_header, is_empty, without_footer
from prm.imports.messages import Message, UnreadableFile, _
from prm.imports.values import Cell
from prm.imports.workbook import Workbook

MAX_BYTES = 50 * 1024 * 1024
MAX_ROWS = 200_000
MAX_CELLS = 20_000  # of one row, those beyond the header included
DELIMITERS = (",", ";", "\t", "|")
SAMPLE = 30

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG", _("This is a PNG picture, not a spreadsheet. Upload a CSV or XLSX file.")),
    (b"\xff\xd8\xff", _("This is a JPEG picture, not a spreadsheet. Upload a CSV or XLSX file.")),
    (b"GIF8", _("This is a GIF picture, not a spreadsheet. Upload a CSV or XLSX file.")),
    (b"%PDF", _("This is a PDF, not a spreadsheet. Upload a CSV or XLSX file.")),
    (b"{\\rtf", _("This is a text document, not a spreadsheet. Upload a CSV or XLSX file.")),
    (b"\x1f\x8b", _("This is a compressed file. Unpack it and upload the CSV or XLSX file in it.")),
    (b"7z\xbc\xaf", _("This is a compressed file. Unpack it and upload the CSV or XLSX file in it.")),
    (b"Rar!", _("This is a compressed file. Unpack it and upload the CSV or XLSX file in it.")),
)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CONTROLS = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
NOT_TEXT = _("This is not a spreadsheet. Upload a CSV or XLSX file.")


class Row(NamedTuple):
    """One row of data: its number in the user's spreadsheet, a cell per column, and what is wrong with it as a whole."""

    number: int
    cells: tuple[Cell, ...]
    problem: Message | None = None


@dataclass
class Table:
    """A file that can be read: what was recognised of it, and its rows as often as asked (one reading at a time).

    `above` are rows over the header (a report's title); `footer` rows under the data, complete once `rows()` has ended.
    """

    format: str
    columns: tuple[Column, ...]
    header_row: int
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    encoding: str = ""
    delimiter: str = ""
    above: tuple[tuple[int, str], ...] = ()
    footer: list[tuple[int, str]] = field(default_factory=list)
    _records: Callable[[], Iterator[Record]] = field(default=lambda: iter(()), repr=False)

    @property
    def renamed(self) -> tuple[Column, ...]:
        """Columns whose header is empty or occurs twice, so that they go by another name here."""
        return tuple(column for column in self.columns if column.name != column.original)

    @property
    def decimals(self) -> DecimalMark:
        """The decimal mark to expect: who separates cells by semicolons needs the comma for decimals."""
        return DecimalMark.COMMA if self.delimiter == ";" else DecimalMark.POINT

    def rows(self) -> Iterator[Row]:
        """The rows of data in order; empty ones are left out, ragged ones carry their problem.

        Raises UnreadableFile where the file turns out to be damaged or too long on the way.
        """
        self.footer.clear()
        data = ((number, cells) for number, cells in self._records() if number > self.header_row)
        for count, (number, cells) in enumerate(without_footer(data, self.footer), start=1):
            if count > MAX_ROWS:
                raise UnreadableFile(
                    _("The file has more than %(limit)s rows. Split it and upload the parts."), limit=f"{MAX_ROWS:,}"
                )
            yield self._row(number, cells)

    def preview(self, count: int = 5) -> list[Row]:
        return list(islice(self.rows(), count))

    def _row(self, number: int, cells: Sequence[Cell]) -> Row:
        width = len(self.columns)
        found = len(cells)
        if found == width:
            return Row(number, tuple(cells))
        if found > width and not any(not is_empty(cell) for cell in cells[width:]):
            return Row(number, tuple(cells[:width]))
        problem = None
        if found > width:
            problem = Message(
                _("The row has %(found)s cells, the header %(width)s: perhaps a text holds an unquoted delimiter."),
                {"found": found, "width": width},
            )
        elif self.format == "csv":  # a spreadsheet simply doesn't store the empty cells at a row's end
            problem = Message(
                _("The row has %(found)s cells, the header %(width)s: perhaps a text holds an unquoted line break."),
                {"found": found, "width": width},
            )
        padded = (*cells[:width], *([None] * (width - found)))
        return Row(number, padded, problem)


def open_table(
    file: BinaryIO, *, sheet: str | None = None, delimiter: str | None = None, encoding: str | None = None
) -> Table:
    """Recognise an uploaded file. `file` must be seekable and stay open while rows are read.

    `sheet` chooses one of a workbook's sheets (the first by default); `delimiter` and `encoding` overrule what is
    recognised. Raises UnreadableFile with a message for the user.
    """
    size = file.seek(0, io.SEEK_END)
    if size > MAX_BYTES:
        raise UnreadableFile(
            _("The file has %(size)s MB; %(limit)s MB is the most. Split it and upload the parts."),
            size=-(-size // (1024 * 1024)),
            limit=MAX_BYTES // (1024 * 1024),
        )
    file.seek(0)
    start = file.read(8192)
    if start.startswith(b"PK\x03\x04"):
        return _open_xlsx(file, sheet)
    _refuse_other_types(file, start)
    return _open_csv(file, start, delimiter, encoding)


def _refuse_other_types(file: BinaryIO, start: bytes) -> None:
    for signature, text in SIGNATURES:
        if start.startswith(signature):
            raise UnreadableFile(text)
    if start.startswith(OLD_OFFICE):
        file.seek(0)
        if "EncryptedPackage".encode("utf-16-le") in file.read():
            raise UnreadableFile(_("This Excel file is protected by a password. Save it without one and upload that."))
        raise UnreadableFile(_("This is an old Excel file (XLS). Save it as XLSX or CSV and upload that."))
    opening = start.lstrip(b"\xef\xbb\xbf \t\r\n")[:200].lower()
    if opening.startswith((b"<!doctype", b"<html", b"<?xml", b"<table", b"<meta")):
        raise UnreadableFile(
            _("This is a web page or XML, even if its name says XLS. Save it as XLSX or CSV and upload that.")
        )


# ---------------------------------------------------------------------------------------------------------------- XLSX


def _open_xlsx(file: BinaryIO, sheet: str | None) -> Table:
    book = Workbook(file)
    chosen = sheet or book.sheets[0]
    if chosen not in book.sheets:
        raise UnreadableFile(_("The workbook has no sheet “%(sheet)s”."), sheet=chosen)

    def records() -> Iterator[Record]:
        for number, cells in book.records(chosen):
            while cells and cells[-1] is None:
                cells.pop()
            yield number, cells

    above, header_row, columns = find_header(records())
    return Table("xlsx", columns, header_row, sheets=book.sheets, sheet=chosen, above=above, _records=records)


# ----------------------------------------------------------------------------------------------------------------- CSV


def _open_csv(file: BinaryIO, start: bytes, delimiter: str | None, encoding: str | None) -> Table:
    if not start.strip():
        raise UnreadableFile(_("The file is empty."))
    encoding = _known(encoding) if encoding else _encoding(file, start)
    sample, complete = _sample(file, encoding)
    hint = re.match(r"sep=(.)\r?\n", sample)  # Excel's own hint to itself; it counts as the file's first row
    chosen = delimiter or (hint.group(1) if hint else _delimiter(sample, complete))
    if len(chosen) != 1 or chosen in '"\r\n':
        raise UnreadableFile(_("The delimiter must be one character."))

    def records() -> Iterator[Record]:
        found = _csv_records(file, encoding, chosen)
        return islice(found, 1, None) if hint else found

    above, header_row, columns = find_header(records())
    return Table("csv", columns, header_row, encoding=encoding, delimiter=chosen, above=above, _records=records)


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError as error:
        raise UnreadableFile(_("“%(encoding)s” is no known encoding."), encoding=encoding) from error


def _encoding(file: BinaryIO, start: bytes) -> str:
    if start.startswith(b"\xef\xbb\xbf"):
        guesses = ["utf-8-sig"]
    elif start.startswith((b"\xff\xfe", b"\xfe\xff")):
        guesses = ["utf-16"]
    elif b"\0" in start:
        odd, even = start[1::2].count(0), start[::2].count(0)
        guesses = ["utf-16-le" if odd > even else "utf-16-be"] if max(odd, even) > len(start) // 8 else []
    else:
        guesses = ["utf-8", "cp1252"]
    for guess in guesses:
        if _decodes(file, guess):
            return guess
    if not guesses or CONTROLS.search(start):
        raise UnreadableFile(NOT_TEXT)
    raise UnreadableFile(
        _(
            "The file's characters can't be read: it is neither UTF-8, UTF-16 nor Windows-1252. "
            "Save it as CSV UTF-8 and upload that."
        )
    )


def _decodes(file: BinaryIO, encoding: str) -> bool:
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        while block := text.read(1 << 20):
            if encoding == "cp1252" and CONTROLS.search(block.encode("cp1252")):
                return False  # nearly any bytes pass for Windows-1252; text has no such characters
        return True
    except UnicodeError:
        return False
    finally:
        text.detach()


def _sample(file: BinaryIO, encoding: str) -> tuple[str, bool]:
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    try:
        sample = text.read(64_000)
        return sample, len(sample) < 64_000
    except UnicodeError as error:
        raise UnreadableFile(_("The file's characters can't be read as %(encoding)s."), encoding=encoding) from error
    finally:
        text.detach()


def _delimiter(sample: str, complete: bool) -> str:
    """The delimiter that splits the first line, and the following rows like it; where the first line is a title, the
    one that splits most rows alike."""
    best, best_score = DELIMITERS[0], 0.0
    for delimiter in DELIMITERS:
        widths = []
        try:
            for record in islice(csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter), SAMPLE):
                if any(record):
                    widths.append(len(record))
        except csv.Error:
            pass
        if not complete and len(widths) > 1 and len(widths) < SAMPLE:
            widths.pop()
        if not widths:
            continue
        usual, times = Counter(widths[1:] or widths).most_common(1)[0]
        score = usual * times if usual > 1 else 0
        if widths[0] > 1:
            score = 1000 * widths[0] * (1 + widths.count(widths[0]))
        if score > best_score:
            best, best_score = delimiter, score
    return best


class _Lines:
    """Lines of a text stream, counting the quotation marks of the record being read."""

    def __init__(self, text: io.TextIOWrapper, delimiter: str) -> None:
        self._text = text
        self._delimiter = delimiter
        self.restart()

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = next(self._text)
        self.quotes += line.count('"')
        self.lines += 1
        if line.count(self._delimiter) >= MAX_CELLS:
            raise UnreadableFile(_("A row has more than %(limit)s cells."), limit=f"{MAX_CELLS:,}")
        return line

    def restart(self) -> None:
        self.quotes = self.lines = 0


def _csv_records(file: BinaryIO, encoding: str, delimiter: str) -> Iterator[Record]:
    """Records numbered as a spreadsheet numbers them: blank lines count, line breaks within quotes don't."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, newline="")
    lines = _Lines(text, delimiter)
    number = 0
    ends_open = False
    try:
        for number, record in enumerate(csv.reader(lines, delimiter=delimiter), start=1):
            ends_open = lines.lines > 1 and lines.quotes % 2 == 1
            lines.restart()
            yield number, record
        if ends_open:
            raise _open_quote(number)
    except csv.Error as error:
        if lines.quotes:
            raise _open_quote(number + 1) from error
        raise UnreadableFile(_("Row %(row)s holds a cell too long to read."), row=number + 1) from error
    except UnicodeError as error:
        raise UnreadableFile(_("The file's characters can't be read as %(encoding)s."), encoding=encoding) from error
    finally:
        if not file.closed:  # a reading may be given up after its file
            text.detach()


def _open_quote(row: int) -> UnreadableFile:
    return UnreadableFile(_("A quotation mark that opens in row %(row)s is never closed."), row=row)
