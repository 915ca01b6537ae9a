"""The plan as a workbook: what it holds as written, and what it comes to when a spreadsheet program computes it."""

import io
import re
import shutil
import subprocess
from copy import deepcopy
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from planning.document import Plan, read
from planning.forecast.assumptions import MONTHS
from planning.outcome import Outcome, Span, outcome
from planning.outcome.statement import COUNTS, names
from planning.workbook import workbook
from tests.planning.plans import FULL
from tests.planning.test_document import changed

SHEETS = {Span.MONTH: "By month", Span.QUARTER: "By quarter", Span.YEAR: "By year"}
FIRST = 4  # the column of month 1


def made(plan: Plan, chosen: str = "base", currency: str = "USD", *, for_vendor: bool = True) -> Outcome:
    first = date(2027, 11, 1)
    return outcome(
        plan, chosen=chosen, first_month=first, currency=currency, as_of=date(2026, 11, 22), for_vendor=for_vendor
    )


def written(found: Outcome) -> bytes:
    return workbook(found, title="Business plan of Brightwater", partner="Brightwater", vendor="Acme")


def opened(content: bytes, *, values: bool = False) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(content), data_only=values)


def rows_of(sheet: Worksheet, label_column: int = 1) -> dict[str, int]:
    return {str(row[label_column - 1].value): row[0].row for row in sheet.iter_rows() if row[label_column - 1].value}


def cell(value: Any, places: int) -> Decimal:
    """A number of a sheet to the minor unit."""
    assert isinstance(value, int | float), value
    return Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def same(book: Workbook, found: Outcome) -> None:
    """Every figure of the workbook is the outcome's: the statement by month, quarter and year, each product line, each cost,
    the summary."""
    places = found.forecast.places
    for span, name in SHEETS.items():
        told, sheet = found.statement(span), book[name]
        at = rows_of(sheet)
        for row in told.rows:
            for n, value in enumerate(row.values):
                there = sheet.cell(at[row.label], FIRST + n).value
                if row.key in COUNTS:
                    assert there == pytest.approx(float(value), abs=1e-8), (name, row.key, n)
                else:
                    assert cell(there, places) == value, (name, row.key, n)
        assert sheet.cell(4, FIRST).value == datetime(2027, 11, 1)
        assert sheet.cell(4, FIRST + 1).value == datetime.combine(told.columns[1].start, datetime.min.time())
    lines_same(book["Product lines"], found)
    costs_same(book["Costs"], found)
    summary_same(book["Summary"], found)


def lines_same(sheet: Worksheet, found: Outcome) -> None:
    words = {label: key for key, (label, _level) in names().items()}
    line_of = {
        "product_revenue": "product",
        "services_revenue": "services",
        "managed_revenue": "managed",
        "rebates": "rebate",
    }
    keys = iter(found.forecast.lines)
    line, seen = None, 0
    for row in sheet.iter_rows(min_row=6):
        if row[0].value is None:
            line = None
            continue
        line = line or found.forecast.lines[next(keys)]
        key = words.get(row[1].value)
        if key:
            seen += 1
            for n, value in enumerate(getattr(line, line_of.get(key, key))):
                there = row[FIRST - 1 + n].value
                if key == "deals":
                    assert there == pytest.approx(float(value), abs=1e-8)
                else:
                    assert cell(there, found.forecast.places) == value, (row[0].value, key, n)
    assert seen == 8 * len(found.forecast.lines)


def costs_same(sheet: Worksheet, found: Outcome) -> None:
    told = []
    for key, kind in found.forecast.kinds.items():
        told.append((kind, found.forecast.costs_of[key].cost))
    for key, kind in found.forecast.kinds.items():
        if kind == "marketing":
            told.append(("mdf", tuple(-value for value in found.forecast.costs_of[key].mdf)))
    words = {label: key for key, (label, _level) in names().items()}
    there = [
        (words[row[0].value], tuple(cell(c.value, found.forecast.places) for c in row[FIRST - 1 :]))
        for row in sheet.iter_rows(min_row=6)
        if row[0].value
    ]
    assert sorted(there) == sorted(told)


def summary_same(sheet: Worksheet, found: Outcome) -> None:
    at = rows_of(sheet)
    for figure in found.figures:
        there, told = sheet.cell(at[figure.label], 2).value, figure.explanation.result
        if told is None:
            assert there == ("none" if "break_even" in figure.key and found.forecast.planned else "–"), figure.key
        elif figure.key == "roi":
            assert there == pytest.approx(float(told) / 100, abs=1e-9)
        else:
            assert cell(there, found.forecast.places) == told, figure.key
        if "break_even" in figure.key and told is not None:
            month = found.statement(Span.MONTH).columns[int(told) - 1].start
            assert sheet.cell(at[figure.label], 3).value == datetime.combine(month, datetime.min.time())


@pytest.mark.parametrize("chosen", ["bleak", "base", "stretch"])
def test_it_shows_the_pages_figures_as_written(chosen: str) -> None:
    found = made(read(FULL, 2), chosen)
    same(opened(written(found), values=True), found)


def test_a_plan_of_nothing() -> None:
    found = made(Plan())
    book = opened(written(found), values=True)
    same(book, found)
    assert book["Summary"].cell(rows_of(book["Summary"])["Break-even month"], 2).value == "–"


def test_the_formulas_hold_no_numbers_but_0_and_1_and_no_names_of_the_plans_rows() -> None:
    book = opened(written(made(read(FULL, 2))))
    count = 0
    for sheet in book:
        for row in sheet.iter_rows():
            for each in row:
                if isinstance(each.value, str) and each.value.startswith("="):
                    count += 1
                    bare = re.sub(
                        r"'[^']*'!|\"[^\"]*\"|\$?[A-Z]{1,2}\$?[0-9]+|[A-Z][A-Za-z]*_[A-Za-z0-9_]+", "", each.value
                    )
                    assert set(re.findall(r"[0-9.]+", bare)) <= {"0", "1"}, each.value
    assert count > 3000


def test_every_assumption_has_a_name_a_label_and_its_value() -> None:
    book = opened(written(made(read(FULL, 2))))
    sheet = book["Assumptions"]
    for name, value in {
        "Line_1_sale_deal_size": 11873.37,
        "Line_1_margin": 0.234,
        "Line_1_services_managed_churn": None,
        "Line_2_deals_share": 0.61,
        "Seller_1_ramp": 7,
        "Marketing_1_mdf_share": 0.47,
        "Other_2_month": 4,
        "Payment_terms": 2,
    }.items():
        ((where, address),) = book.defined_names[name].destinations
        assert where == "Assumptions"
        assert sheet[address.replace("$", "")].value == value
        row = int(address.rpartition("$")[2])
        assert sheet.cell(row, 1).value
        assert sheet.cell(row, 4).value == name
    named = {row[3].value: row[0].row for row in sheet.iter_rows() if "_" in str(row[3].value)}
    assert len(named) > 60
    for name, row in named.items():
        assert list(book.defined_names[name].destinations) == [("Assumptions", f"$B${row}")]


def test_text_is_never_a_formula_and_long_or_foreign_names_fit() -> None:
    document = deepcopy(FULL)
    document["lines"][0]["name"] = '=HYPERLINK("http://x")'
    document["lines"][1]["name"] = "<r>" + "供" * 113 + "</r>"
    document["people"][0]["name"] = "+1"
    found = made(read(document, 2))
    content = workbook(found, title="=1+1", partner="@Brightwater 'n' Söhne", vendor="-2")
    book = opened(content)
    for sheet, words in (("Product lines", '=HYPERLINK("http://x")'), ("Costs", "+1"), ("Summary", "=1+1")):
        cells = [each for row in book[sheet].iter_rows() for each in row if each.value == words]
        assert cells
        assert all(each.data_type in ("s", "inlineStr") for each in cells)
    same(opened(content, values=True), found)


def test_the_partner_does_not_get_what_the_vendor_keeps() -> None:
    book = opened(written(made(read(FULL, 2), for_vendor=False)))
    assert "What the vendor keeps" not in {
        str(each.value) for sheet in book for row in sheet.iter_rows() for each in row
    }
    assert "What the vendor keeps" in rows_of(opened(written(made(read(FULL, 2))))["By year"])


# --- computed by a spreadsheet program ---------------------------------------------------------------------------------


def computed(folder: Path, contents: dict[str, bytes]) -> dict[str, Workbook]:
    """The workbooks, opened, computed and saved by LibreOffice."""
    for name, content in contents.items():
        (folder / f"{name}.xlsx").write_bytes(content)
    subprocess.run(
        [
            str(shutil.which("soffice")),
            "--headless",
            f"-env:UserInstallation=file://{folder}/profile",
            "--convert-to",
            "xlsx",
            "--outdir",
            str(folder / "computed"),
            *(str(folder / f"{name}.xlsx") for name in contents),
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    return {name: openpyxl.load_workbook(folder / "computed" / f"{name}.xlsx", data_only=True) for name in contents}


def edited(content: bytes, changes: dict[str, Any]) -> bytes:
    """The workbook with other values in named cells. Saved so, it holds no results any more, only formulas."""
    book = opened(content)
    for name, value in changes.items():
        ((sheet, address),) = book.defined_names[name].destinations
        book[sheet][address.replace("$", "")].value = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


# Place in the document, its new value; the name in the workbook and what is entered there.
CHANGES: list[tuple[str, Any, str, Any]] = [
    ("lines.0.start", 7, "Line_1_start", 7),
    ("lines.0.deals.first", "2.37", "Line_1_deals_first", 2.37),
    ("lines.0.deals.growth", "-3.9", "Line_1_deals_growth", -0.039),
    ("lines.0.deals.growth", "-100", "Line_1_deals_growth", -1),
    ("lines.0.deals.cap", None, "Line_1_deals_cap", None),
    ("lines.2.deals.cap", "2.1", "Line_3_deals_cap", 2.1),
    ("lines.1.deals.share", "37.7", "Line_2_deals_share", 0.377),
    ("lines.0.sale.deal_size", "9313.71", "Line_1_sale_deal_size", 9313.71),
    ("lines.0.sale.run_rate", "1717.17", "Line_1_sale_run_rate", 1717.17),
    ("lines.0.sale.erosion", "100", "Line_1_sale_erosion", 1),
    ("lines.1.sale.price", "517.93", "Line_2_sale_price", 517.93),
    ("lines.1.sale.churn", "7.3", "Line_2_sale_churn", 0.073),
    ("lines.1.sale.opening_base", "77", "Line_2_sale_opening_base", 77),
    ("lines.0.margin", "-11.3", "Line_1_margin", -0.113),
    ("lines.0.rebate", "7.7", "Line_1_rebate", 0.077),
    ("lines.0.services.attach", "83", "Line_1_services_attach", 0.83),
    ("lines.0.services.lag", 0, "Line_1_services_lag", 0),
    ("lines.0.services.lag", 36, "Line_1_services_lag", 36),
    ("lines.0.services.price", "3799.37", "Line_1_services_price", 3799.37),
    ("lines.0.services.margin", "61.7", "Line_1_services_margin", 0.617),
    ("lines.0.services.managed_price", "271.93", "Line_1_services_managed_price", 271.93),
    ("lines.0.services.managed_margin", "13.7", "Line_1_services_managed_margin", 0.137),
    ("lines.0.services.managed_churn", "3.3", "Line_1_services_managed_churn", 0.033),
    ("lines.1.services.managed_churn", None, "Line_2_services_managed_churn", None),
    ("sellers.0.count", "3.5", "Seller_1_count", 3.5),
    ("sellers.0.start", 9, "Seller_1_start", 9),
    ("sellers.0.rate", "2.17", "Seller_1_rate", 2.17),
    ("sellers.0.ramp", 0, "Seller_1_ramp", 0),
    ("sellers.1.ramp", 11, "Seller_2_ramp", 11),
    ("sellers.1.cost", "61313", "Seller_2_cost", 61313),
    ("people.0.count", "1.3", "Person_1_count", 1.3),
    ("people.0.start", 4, "Person_1_start", 4),
    ("people.0.cost", "71717", "Person_1_cost", 71717),
    ("training.0.month", 36, "Training_1_month", 36),
    ("training.0.cost", "1917.19", "Training_1_cost", 1917.19),
    ("marketing.0.monthly", "2713.37", "Marketing_1_monthly", 2713.37),
    ("marketing.0.mdf_share", "100", "Marketing_1_mdf_share", 1),
    ("other.0.month", 12, "Other_1_month", 12),
    ("other.1.month", None, "Other_2_month", None),
    ("other.1.cost", "8181.81", "Other_2_cost", 8181.81),
    ("terms", 0, "Payment_terms", 0),
    ("terms", 36, "Payment_terms", 36),
]


BOOKS = 4  # the changes are spread over; those of one place stand side by side above, and so come into different ones


@pytest.mark.office
def test_libreoffice_computes_the_pages_figures_for_a_changed_assumption_of_every_kind(tmp_path: Path) -> None:
    base = written(made(read(FULL, 2)))
    books, expected = {}, {}
    for n in range(BOOKS):
        chosen, document = CHANGES[n::BOOKS], FULL
        for place, value, _name, _entered in chosen:
            document = changed(place, value, document)
        books[f"b{n}"] = edited(base, {name: entered for _place, _value, name, entered in chosen})
        expected[f"b{n}"] = made(read(document, 2))
    found = computed(tmp_path, books)
    for name, book in found.items():
        same(book, expected[name])
    assert len({each.forecast.cumulative for each in expected.values()}) == BOOKS


def test_every_kind_of_assumption_is_changed_there() -> None:
    names = {name for _place, _value, name, _entered in CHANGES}
    book = opened(written(made(read(FULL, 2))))
    every = {re.sub(r"_[0-9]_", "_", name) for name in book.defined_names if re.search(r"_[0-9]_", name)}
    assert every == {re.sub(r"_[0-9]_", "_", name) for name in names if re.search(r"_[0-9]_", name)}


@pytest.mark.office
def test_libreoffice_computes_the_scenario_that_is_chosen_and_one_that_is_made(tmp_path: Path) -> None:
    base = written(made(read(FULL, 2)))
    books = {name: edited(base, {"Scenario": name.title()}) for name in ("bleak", "base", "stretch")}
    book = opened(base)
    row = rows_of(book["Assumptions"])["Deals"]
    own = {"deals": "1.7", "deal_size": "0.83", "margin": "4.7", "cost": "1.11", "delay": 5}
    for n, value in enumerate(own.values()):
        book["Assumptions"].cell(row + n, 3).value = float(value)
    buffer = io.BytesIO()
    book.save(buffer)
    found = computed(tmp_path, {**books, "own": buffer.getvalue()})
    for name in books:
        same(found[name], made(read(FULL, 2), name))
    same(found["own"], made(read(changed("scenarios.base", own), 2)))


@pytest.mark.office
@pytest.mark.parametrize(("currency", "places"), [("JPY", 0), ("KWD", 3)])
def test_libreoffice_rounds_to_the_currencys_minor_unit(tmp_path: Path, currency: str, places: int) -> None:
    found = made(read(FULL, places), "stretch", currency)
    again = edited(written(found), {"First_month": date(2027, 11, 1)})
    same(computed(tmp_path, {"plan": again})["plan"], found)


@pytest.mark.office
def test_libreoffice_breaks_even_where_the_page_does(tmp_path: Path) -> None:
    turning = deepcopy(FULL) | {"sellers": [], "people": []}
    documents = {"turning": turning, "nothing": {}, "loss": {"other": FULL["other"]}}
    expected = {name: made(read(document, 2)) for name, document in documents.items()}
    found = computed(tmp_path, {name: edited(written(each), {}) for name, each in expected.items()})
    for name, book in found.items():
        same(book, expected[name])
    assert expected["turning"].forecast.break_even.month not in (None, 1)
    assert len(expected["turning"].forecast.cumulative) == MONTHS
