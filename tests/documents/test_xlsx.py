import datetime as dt
import io
import zipfile
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from prm.common.money import Money
from prm.documents import xlsx
from prm.documents.table import Column, Kind, Table


def read(*tables: Table, **options: object):
    return load_workbook(io.BytesIO(xlsx.workbook(tables, **options)))


def cell(value: object, kind: Kind = Kind.TEXT, **options: object):
    return read(Table("T", [Column("Value", kind)], [[value]]), **options).active["A2"]


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1", "-5", "@SUM(A1)", "\t=1+1", '=HYPERLINK("http://x")', "{=1}"])
def test_text_is_never_a_formula(text: str) -> None:
    found = cell(text)
    assert (found.data_type, found.value) == ("s", text)


def test_text_that_looks_like_markup_stays_text() -> None:
    attack = "<r><t>x</t></is></c><c r='B2'><f>1+1</f><v>2</v></c><c><is><t></t></r>"
    book = xlsx.workbook([Table("T", [Column("Value")], [[attack]])])
    assert load_workbook(io.BytesIO(book)).active["A2"].value == attack
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml")


def test_text_in_a_number_column_stays_text() -> None:
    assert cell("=1+1", Kind.INTEGER).data_type == "s"
    assert cell("007", Kind.INTEGER).value == "007"


def test_headings_are_text_bold_frozen_and_filtered() -> None:
    sheet = read(
        Table("T", [Column("=A1"), Column("Amount", Kind.MONEY)], [["a", Decimal(1)], ["b", Decimal(2)]])
    ).active
    assert sheet["A1"].data_type == "s"
    assert sheet["A1"].font.bold
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B3"


def test_properties() -> None:
    properties = read(Table("T", [Column("A")], []), title="Partners", creator="Dana").properties
    assert (properties.title, properties.creator) == ("Partners", "Dana")


@given(st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False, places=3))
def test_a_decimal_of_fifteen_digits_is_exact(amount: Decimal) -> None:
    found = cell(amount, Kind.DECIMAL)
    assert found.data_type == "n"
    assert Decimal(str(found.value)) == amount


def test_a_number_beyond_fifteen_digits_is_text() -> None:
    assert cell(Decimal("12345678901234.567"), Kind.DECIMAL).value == "12345678901234.567"
    assert cell(9999999999999999, Kind.INTEGER).value == "9999999999999999"
    assert cell(Decimal("NaN"), Kind.DECIMAL).data_type == "s"
    assert cell(10**15, Kind.INTEGER).value == 10**15


def test_a_percent_column_holds_percents() -> None:
    found = cell(Decimal("94.5"), Kind.PERCENT)
    assert (found.value, found.number_format) == (0.945, "0%")


def test_money_shows_its_currency_and_minor_unit() -> None:
    assert cell(Money(Decimal("1234.5"), "EUR"), Kind.MONEY).number_format == "#,##0.00 [$EUR]"
    assert cell(Money(Decimal(1234), "JPY"), Kind.MONEY).number_format == "#,##0 [$JPY]"
    assert cell(Money(Decimal("1234.5"), "EUR"), Kind.MONEY).value == 1234.5


def test_aware_times_are_shown_in_the_zone_asked_for() -> None:
    noon = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
    assert cell(noon, Kind.DATETIME, tz=ZoneInfo("Asia/Tokyo")).value == dt.datetime(2026, 11, 21, 21, 0)


def test_dates() -> None:
    assert cell(dt.date(2026, 11, 21), Kind.DATE).value == dt.datetime(2026, 11, 21)
    assert cell(dt.date(1815, 6, 18), Kind.DATE).value == "1815-06-18"


def test_only_web_addresses_become_links() -> None:
    assert cell("https://example.com/a?b=1#c", Kind.URL).hyperlink.target.startswith("https://example.com/a?b=1")
    assert cell("javascript:alert(1)", Kind.URL).hyperlink is None
    assert cell("=1+1", Kind.URL).data_type == "s"
    assert cell("https://example.com", Kind.TEXT).hyperlink is None


def test_text_beyond_a_cell_is_cut_and_says_so() -> None:
    value = cell("x" * 40_000).value
    assert len(value) == 32_767
    assert value.endswith("[cut: a cell holds no more than 32,767 characters]")
    emoji = cell("😀" * 20_000).value
    assert len(emoji.encode("utf-16-le")) // 2 <= 32_767


def test_sheet_names_are_valid_and_unique() -> None:
    names = ["Plan/Actual: [2026]", "plan actual   2026", "x" * 40, "x" * 40, "", "'History'", '<&>"', "=1+1"]
    book = read(*(Table(name, [Column("A")], [["1"]]) for name in names))
    assert len({name.casefold() for name in book.sheetnames}) == len(names)
    assert all(0 < len(name) <= 31 for name in book.sheetnames)


@given(st.lists(st.text(), max_size=5), st.text())
def test_any_text_gives_a_workbook_that_opens(names: list[str], text: str) -> None:
    book = read(*(Table(name, [Column(text)], [[text]]) for name in [*names, "last"]))
    assert len(book.sheetnames) == len(names) + 1


def test_rows_beyond_a_sheet_go_on_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "MAX_ROWS", 4)
    book = read(Table("Deals", [Column("Id", Kind.INTEGER)], ([n] for n in range(6))))
    assert book.sheetnames == ["Deals", "Deals (2)"]
    assert [[c.value for c in sheet["A"]] for sheet in book] == [["Id", 0, 1, 2], ["Id", 3, 4, 5]]


def test_rows_are_streamed(tmp_path) -> None:
    path = tmp_path / "deals.xlsx"
    xlsx.write_workbook(path, [Table("Deals", [Column("Id", Kind.INTEGER)], ([n] for n in range(1000)))])
    assert load_workbook(path).active.max_row == 1001


def test_a_row_of_the_wrong_length_is_named() -> None:
    with pytest.raises(ValueError, match="Deals: row 2 has 1 cells for 2 columns"):
        xlsx.workbook([Table("Deals", [Column("A"), Column("B")], [["1", "2"], ["3"]])])


def test_columns_are_as_wide_as_their_contents() -> None:
    table = Table(
        "T", [Column("A"), Column("B"), Column("C", width=30)], [["a name of thirty-one characters", "b" * 500, "c"]]
    )
    sheet = read(table).active
    widths = [sheet.column_dimensions[letter].width for letter in "ABC"]
    assert widths[0] >= 31
    assert widths[1] <= 62
    assert round(widths[2]) in (30, 31)
