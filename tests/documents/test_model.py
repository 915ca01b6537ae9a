"""Workbooks that compute: names, formulas with their result, text that stays text."""

import io
import zipfile
from datetime import date, datetime
from decimal import Decimal

import openpyxl
import pytest

from prm.documents.model import Cell, Formula, Grid, Look, at, model, on


def opened(content: bytes, *, values: bool = False) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values)


@pytest.fixture
def content() -> bytes:
    grid = Grid("Bob's sheet", widths=(30,))
    grid.add(Cell("=1+1", Look.TITLE), "+2", "<r>bold</r>")
    row = grid.add("Price", Cell(Decimal("9.95"), Look.MONEY, entered=True, name="Price"))
    grid.add("Twice", Cell(Formula("=Price*Two", Decimal("19.90")), Look.MONEY, strong=True))
    grid.add("From", Cell(date(2027, 1, 1), Look.MONTH), Cell(Formula("=EDATE(B4,1)", date(2027, 2, 1)), Look.MONTH))
    grid.add("Which", Cell("a", entered=True, choices=on(grid.name, "$A$2:$A$3")))
    grid.add(None, Cell(None, entered=True, name="Empty"))
    assert row == 1
    other = Grid("Other")
    other.add(Cell(Formula(f"={on(grid.name, at(2, 1, fixed_row=True))}", Decimal("19.90"))))
    return model([grid, other], title="A plan", creator="Acme", places=2, names={"Two": "2"})


def test_formulas_are_live_and_carry_their_result(content: bytes) -> None:
    book, values = opened(content), opened(content, values=True)
    sheet = book["Bob's sheet"]
    assert sheet["B3"].value == "=Price*Two"
    assert values["Bob's sheet"]["B3"].value == 19.9
    assert values["Bob's sheet"]["C4"].value == datetime(2027, 2, 1)
    assert book["Other"]["A1"].value == "='Bob''s sheet'!B$3"
    assert sheet["B3"].number_format == "#,##0.00;[Red]-#,##0.00"


def test_names_and_choices_lead_where_they_should(content: bytes) -> None:
    book = opened(content)
    assert book.defined_names["Price"].attr_text == "'Bob''s sheet'!$B$2"
    assert book.defined_names["Empty"].attr_text == "'Bob''s sheet'!$B$6"
    assert book.defined_names["Two"].attr_text == "2"
    (rule,) = book["Bob's sheet"].data_validations.dataValidation
    assert (str(rule.sqref), rule.formula1) == ("B5", "'Bob''s sheet'!$A$2:$A$3")


def test_text_stays_text_and_programs_are_told_to_compute(content: bytes) -> None:
    sheet = opened(content)["Bob's sheet"]
    assert [cell.value for cell in sheet[1]] == ["=1+1", "+2", "<r>bold</r>"]
    assert all(cell.data_type != "f" for cell in sheet[1])
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert b'fullCalcOnLoad="1"' in parts.read("xl/workbook.xml")
