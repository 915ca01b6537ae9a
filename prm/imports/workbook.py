"""XLSX in: the rows of one sheet of an untrusted workbook, streamed.

openpyxl reads through defusedxml (entities are refused); the archive's directory is judged before unpacking.
Formulas give the value Excel stored last; links to other workbooks and macros are never followed.
"""

import warnings
import zipfile
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

import openpyxl

from prm.imports.messages import UnreadableFile, _
from prm.imports.values import Cell

MAX_PARTS = 2_000
MAX_UNPACKED = 300 * 1024 * 1024
# Real sheets shrink to a tenth or a thirtieth; a bomb to a thousandth. Small parts may be as repetitive as they like.
MAX_RATIO = 200
SMALL_PART = 2 * 1024 * 1024
LAST_EXCEL_ROW = 1_048_576
CHUNK = 500


def check_archive(file: BinaryIO) -> None:
    """Refuse archives that are no workbook, hold macros, or would unpack to far more than they are.

    Raises UnreadableFile.
    """
    try:
        file.seek(0)
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                kind = archive.read("mimetype").decode("ascii", "replace")
                if "opendocument" in kind:
                    raise UnreadableFile(_("This is an OpenDocument file. Save it as XLSX or CSV and upload that."))
    except UnreadableFile:
        raise
    except Exception as error:  # a hostile archive can make zipfile raise nearly anything
        raise UnreadableFile(
            _("This Excel file is damaged. Open it in Excel, save it again and upload that.")
        ) from error
    if "xl/workbook.bin" in names:
        raise UnreadableFile(_("This is a binary Excel file (XLSB). Save it as XLSX or CSV and upload that."))
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise UnreadableFile(_("This is a ZIP archive, not a spreadsheet. Upload a CSV or XLSX file."))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise UnreadableFile(_("This workbook holds macros. Save it as XLSX without macros and upload that."))
    swollen = any(
        part.file_size > SMALL_PART and part.file_size > MAX_RATIO * max(part.compress_size, 1) for part in parts
    )
    if swollen or len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise UnreadableFile(
            _("This workbook would unpack to far more than its size. Save the one sheet as CSV and upload that.")
        )


class Workbook:
    """One open workbook: `sheets` are the names of its visible sheets, in order."""

    def __init__(self, file: BinaryIO) -> None:
        check_archive(file)
        file.seek(0)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
                self._sheets = {ws.title: ws for ws in self._book.worksheets if ws.sheet_state == "visible"}
        except Exception as error:  # openpyxl lets KeyError, TypeError, ParseError and more out of a damaged file
            raise _damaged() from error
        self.sheets = tuple(self._sheets)
        if not self.sheets:
            raise UnreadableFile(_("This workbook has no visible sheet."))

    def records(self, sheet: str) -> Iterator[tuple[int, list[Cell]]]:
        """The sheet's rows with Excel's own row numbers, rows without any cell left out.

        Raises UnreadableFile where the sheet is damaged.
        """
        worksheet = self._sheets[sheet]
        worksheet.reset_dimensions()
        rows = enumerate(worksheet.iter_rows(max_row=LAST_EXCEL_ROW, values_only=True), start=1)
        while True:
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    chunk = list(islice(rows, CHUNK))
            except Exception as error:
                raise _damaged() from error
            if not chunk:
                return
            yield from ((number, list(cells)) for number, cells in chunk if cells)


def _damaged() -> UnreadableFile:
    return UnreadableFile(_("This Excel file is damaged. Open it in Excel, save it again and upload that."))
