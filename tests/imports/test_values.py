"""Cells as people and programs write them become the right value, or a message that says what is wrong."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.imports import values
from prm.imports.fields import Choice, Field, Kind, converter
from prm.imports.formats import (
    ColumnFormat,
    DateOrder,
    DecimalMark,
    date_evidence,
    date_order,
    decimal_evidence,
    decimal_mark,
)
from prm.imports.messages import BadValue, Message
from prm.imports.periods import period
from prm.imports.values import Cell

DMY, MDY = DateOrder.DMY, DateOrder.MDY
POINT, COMMA = DecimalMark.POINT, DecimalMark.COMMA

SIMPLE: list[Callable[[Cell], object]] = [
    values.text,
    lambda cell: values.text(cell, multiline=True),
    values.key,
    values.day,
    lambda cell: values.day(cell, MDY),
    values.decimal,
    lambda cell: values.decimal(cell, COMMA),
    values.integer,
    values.email,
    values.domain,
    values.country,
    values.currency,
    values.boolean,
]


def refusal(read: Callable[[Cell], object], cell: Cell) -> str:
    with pytest.raises(BadValue) as caught:
        read(cell)
    return str(caught.value)


@pytest.mark.parametrize("cell", [None, "", "  ", "NULL", "null", "#N/A", "n/a", "N/A", "-", " – ", "\u00a0", "\ufeff"])
@pytest.mark.parametrize("read", SIMPLE)
def test_nothing_is_nothing_in_every_kind(read: Callable[[Cell], object], cell: Cell) -> None:
    assert read(cell) is None


@pytest.mark.parametrize("read", SIMPLE)
def test_a_spreadsheets_error_is_never_taken_for_a_value(read: Callable[[Cell], object]) -> None:
    assert refusal(read, "#REF!") == "The spreadsheet shows the error #REF! here."


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("  Acme\u00a0  Bikes\n ", "Acme Bikes"),
        ("Cafe\u0301", "Café"),
        ("Zero\u200bwidth", "Zerowidth"),
        (84.0, "84"),
        (84.5, "84.5"),
        ("Kurf\x81rstenstr. 9", "Kurfürstenstr. 9"),
        ("It\x92s \x80 5", "It’s € 5"),
        ("NA", "NA"),
        ("Nan", "Nan"),
    ],
)
def test_text(cell: Cell, value: str) -> None:
    assert values.text(cell) == value


def test_line_breaks_are_kept_only_where_they_belong() -> None:
    assert values.text("1 Long Road\r\nFloor  2", multiline=True) == "1 Long Road\nFloor 2"
    assert values.text("1 Long Road\r\nFloor 2") == "1 Long Road Floor 2"


@pytest.mark.parametrize("cell", ["a\x00b", "a\x07b", "a\x7fb", "a\ud800b"])
def test_control_characters_are_refused(cell: str) -> None:
    assert "control character U+" in refusal(values.text, cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("84.0", "84"),
        (84.0, "84"),
        (" AW00000001 ", "AW00000001"),
        ("0084", "0084"),
        ("84.5", "84.5"),
        ("1E5", "1E5"),
        ("0013000000abcde", "0013000000abcdeAAA"),
        ("001D000000IRFma", "001D000000IRFmaIAH"),
        ("001D000000IRFmaIAH", "001D000000IRFmaIAH"),
        ("001234567890123", "001234567890123"),
        ("RESELLER0000001", "RESELLER0000001"),
    ],
)
def test_ids(cell: Cell, value: str) -> None:
    assert values.key(cell) == value


@pytest.mark.parametrize(
    ("cell", "words"), [("1.23457E+11", "shortened"), ("1E+15", "shortened"), (1.5e17, "last digits")]
)
def test_ids_spoilt_by_a_spreadsheet_are_refused(cell: Cell, words: str) -> None:
    assert words in refusal(values.key, cell)


@pytest.mark.parametrize(
    ("cell", "order", "value"),
    [
        ("2026-11-21", DMY, date(2026, 11, 21)),
        ("2026/1/5", MDY, date(2026, 1, 5)),
        ("20261121", DMY, date(2026, 11, 21)),
        ("2015-11-20 10:59:00.000000018", DMY, date(2015, 11, 20)),
        ("2026-11-21T23:59:59Z", DMY, date(2026, 11, 21)),
        ("2026-11-21T08:00:00.000+0000", DMY, date(2026, 11, 21)),
        ("03/04/2026", DMY, date(2026, 4, 3)),
        ("03/04/2026", MDY, date(2026, 3, 4)),
        ("11/21/2026, 9:12 AM", MDY, date(2026, 11, 21)),
        ("3.4.2026", MDY, date(2026, 4, 3)),
        ("03-04-26", DMY, date(2026, 4, 3)),
        ("1/2/99", MDY, date(1999, 1, 2)),
        ("3-Apr-2024", DMY, date(2024, 4, 3)),
        ("03 April 2024", MDY, date(2024, 4, 3)),
        ("Apr 3, 2024", DMY, date(2024, 4, 3)),
        ("46347", DMY, date(2026, 11, 21)),
        (46347.75, DMY, date(2026, 11, 21)),
        (datetime(2026, 11, 21, 5), DMY, date(2026, 11, 21)),
        (date(2026, 11, 21), DMY, date(2026, 11, 21)),
    ],
)
def test_dates(cell: Cell, order: DateOrder, value: date) -> None:
    assert values.day(cell, order) == value


@pytest.mark.parametrize(
    "cell", ["31/31/2026", "2026-02-30", "tomorrow", "1974", 1974, "13/13", "0000-00-00", "99999999"]
)
def test_what_is_no_date(cell: Cell) -> None:
    assert refusal(values.day, cell) == f"“{cell}” is not a date (expected: 31/12/2026, 2026-12-31)."


@pytest.mark.parametrize(
    ("cells", "default", "order", "certain"),
    [
        (["03/04/2026", "21/04/2026"], MDY, DMY, True),
        (["03/04/2026", "04/21/2026"], DMY, MDY, True),
        (["03/04/2026", "04/05/2026"], MDY, MDY, False),
        (["03/03/2026"], MDY, MDY, True),
        (["21/04/2026", "22/04/2026", "04/21/2026"], MDY, DMY, False),
        (["3.4.2026", "2026-01-02", None, datetime(2026, 1, 1)], MDY, MDY, True),
    ],
)
def test_a_column_tells_its_date_order(cells: list[Cell], default: DateOrder, order: DateOrder, certain: bool) -> None:
    assert date_order(date_evidence(cells), default) == ColumnFormat(dates=order, certain=certain)


@pytest.mark.parametrize(
    ("cell", "mark", "value"),
    [
        ("300000.0000", POINT, "300000"),
        ("1,234,567.89", POINT, "1234567.89"),
        ("1.234.567,89", COMMA, "1234567.89"),
        ("1,5", COMMA, "1.5"),
        ("1 234,50 €", COMMA, "1234.50"),
        ("1'234.50", POINT, "1234.50"),
        ("$1,200", POINT, "1200"),
        ("USD 1,200.00", POINT, "1200"),
        ("-$5.00", POINT, "-5"),
        ("$-5.00", POINT, "-5"),
        ("R$ 5,00", COMMA, "5"),
        ("(1,200.00)", POINT, "-1200"),
        ("($5)", POINT, "-5"),
        ("1,200-", POINT, "-1200"),
        ("−7", POINT, "-7"),
        ("12.5%", POINT, "0.125"),
        ("12,5 %", COMMA, "0.125"),
        ("12,34,567", POINT, "1234567"),
        ("1.5E+06", POINT, "1500000"),
        (".5", POINT, "0.5"),
        (0.1, COMMA, "0.1"),
        (3, POINT, "3"),
        ("356981.0", POINT, "356981"),
    ],
)
def test_numbers(cell: Cell, mark: DecimalMark, value: str) -> None:
    assert values.decimal(cell, mark) == Decimal(value)


@pytest.mark.parametrize(
    "cell", ["1,5", "1.2.3", "abc", "12 apples", "1,23,4", "NaN", "Infinity", "$", "--5x", "1e999", True]
)
def test_what_is_no_number(cell: Cell) -> None:
    assert "is not a number" in refusal(values.decimal, cell)


@pytest.mark.parametrize(
    ("cells", "default", "mark", "certain"),
    [
        (["1,234.50", "7"], COMMA, POINT, True),
        (["1.234,50"], POINT, COMMA, True),
        (["12,5"], POINT, COMMA, True),
        (["0,125"], POINT, COMMA, True),
        (["1.234.567"], POINT, COMMA, True),
        (["1,234"], POINT, POINT, False),
        (["1,234", "2,5"], POINT, COMMA, True),
        (["1,5", "1.5"], POINT, POINT, False),
        (["$1,200.00", 3.5, None, "text"], COMMA, POINT, True),
    ],
)
def test_a_column_tells_its_decimal_mark(
    cells: list[Cell], default: DecimalMark, mark: DecimalMark, certain: bool
) -> None:
    assert decimal_mark(decimal_evidence(cells), default) == ColumnFormat(decimals=mark, certain=certain)


def test_whole_numbers() -> None:
    assert values.integer("40.0") == 40
    assert values.integer("1,500") == 1500
    assert refusal(values.integer, "40.5") == "40.5 is not a whole number."
    assert refusal(values.integer, "9" * 30) == f"{'9' * 30} is too large."


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("Ann.Bell@Example.COM ", "ann.bell@example.com"),
        ("Ann Bell <ann@example.com>", "ann@example.com"),
        ("mailto:ann@example.com", "ann@example.com"),
        ("ann@müller.de", "ann@xn--mller-kva.de"),
    ],
)
def test_mail_addresses(cell: str, value: str) -> None:
    assert values.email(cell) == value


@pytest.mark.parametrize(
    "cell", ["ann", "ann@", "@example.com", "ann@example", "a b@example.com", "ann@exa_mple..com", "ann@1.2"]
)
def test_what_is_no_mail_address(cell: str) -> None:
    assert refusal(values.email, cell) == f"“{cell}” is not an e-mail address."


def test_two_mail_addresses_are_one_too_many() -> None:
    assert "more than one" in refusal(values.email, "a@example.com; b@example.com")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("Example.com", "example.com"),
        ("https://www.Example.com/de/?a=b", "example.com"),
        ("http://user:secret@example.com:8080/", "example.com"),
        ("ann@example.com", "example.com"),
        ("www.example.co.uk/", "example.co.uk"),
        ("example.com.", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("straße.de", "xn--strae-oqa.de"),
        ("HTTPS://XN--BCHER-KVA.EXAMPLE", "xn--bcher-kva.example"),
    ],
)
def test_domains(cell: str, value: str) -> None:
    assert values.domain(cell) == value


@pytest.mark.parametrize(
    "cell", ["example", "192.168.0.1", "http://", "a b.com", "-a.com", "http://[::1]/", "[x", f"{'a' * 64}.com"]
)
def test_what_is_no_domain(cell: str) -> None:
    assert refusal(values.domain, cell).endswith("is not a web address or domain.")


def test_countries_and_currencies_and_yes_or_no() -> None:
    assert values.country("United Kingdom") == "GB"
    assert "ISO code" in refusal(values.country, "Atlantis")
    assert values.currency("eur") == values.currency("€") == "EUR"
    assert "is not a currency" in refusal(values.currency, "$")
    assert [values.boolean(cell) for cell in ("Yes", "x", 1, 1.0, "1.0", True, "ja")] == [True] * 7
    assert [values.boolean(cell) for cell in ("No", 0, "0.0", "FALSE", "nein")] == [False] * 5
    assert "neither yes nor no" in refusal(values.boolean, "perhaps")


def test_a_choice_goes_by_key_label_or_alias() -> None:
    kind = Field(
        "type",
        "Type",
        Kind.CHOICE,
        choices=(Choice("reseller", "Reseller", ("Value Added Reseller", "VAR")), Choice("msp", "Service provider")),
    )
    read = converter(kind, ColumnFormat())
    assert [read(cell) for cell in ("RESELLER", "value-added reseller", "var", "msp", "Service Provider")] == [
        "reseller",
        "reseller",
        "reseller",
        "msp",
        "msp",
    ]
    assert refusal(read, "Bank") == "“Bank” is not one of: Reseller, Service provider."


def test_limits_of_a_field() -> None:
    short = converter(Field("name", "Name", max_length=5), ColumnFormat())
    assert short("abcde") == "abcde"
    assert refusal(short, "abcdef") == "6 characters; 5 is the most."
    size = converter(Field("size", "Size", Kind.INTEGER, min_value=0, max_value=100), ColumnFormat())
    assert size("100") == 100
    assert refusal(size, "-1") == "-1 is negative; 0 is the least."
    assert refusal(size, "101") == "101 is too large; 100 is the most."
    money = converter(Field("money", "Money", Kind.DECIMAL, places=2, min_value=10), ColumnFormat())
    assert str(money("10.005")) == "10.01"
    assert refusal(money, "9") == "9 is too small; 10 is the least."
    assert "too large" in refusal(money, "9" * 25)


def test_messages_survive_storage_and_are_translated_late() -> None:
    message = Message("%(value)s is too large.", {"value": Message("half of %(n)s", {"n": 3})})
    again = Message.from_json(message.as_json())
    assert str(again) == "half of 3 is too large."
    german = {"%(value)s is too large.": "%(value)s ist zu groß.", "half of %(n)s": "die Hälfte von %(n)s"}
    assert again.translated(lambda text: german[text]) == "die Hälfte von 3 ist zu groß."


near_values = st.one_of(
    st.text(max_size=20),
    st.text("0123456789.,-/+eE%()$€ '", max_size=14),
    st.text("aAbB0.@-_w/:<>;é", max_size=16),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
    st.decimals(),
    st.timedeltas(),
    st.none(),
)


@pytest.mark.parametrize(
    "cell", ["2026-11-21 10:00" + " " * 100_000 + "x", "," * 100_000, "1" * 100_000, "1," * 50_000 + "x", "<" * 100_000]
)
def test_long_nonsense_is_refused_at_once(cell: str) -> None:
    for read in (values.day, values.decimal, values.integer, values.email, values.domain, values.country):
        assert len(refusal(read, cell)) < 200
    decimal_evidence([cell])
    date_evidence([cell])


@given(cell=near_values, read=st.sampled_from(SIMPLE))
def test_no_cell_crashes_and_results_come_back_unchanged(cell: Cell, read: Callable[[Cell], object]) -> None:
    try:
        value = read(cell)
    except BadValue as problem:
        assert str(problem) != ""  # noqa: PT017
        return
    assert read(value) == value  # type: ignore[arg-type]
    if isinstance(value, str):
        assert value.strip() == value != ""


@given(
    st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from(["/", "-", "."]), st.sampled_from(list(DateOrder))
)
def test_every_date_written_in_the_columns_order_is_read_back(day: date, separator: str, order: DateOrder) -> None:
    first = "%d" if order is DMY or separator == "." else "%m"
    second = "%m" if first == "%d" else "%d"
    assert values.day(day.strftime(f"{first}{separator}{second}{separator}%Y"), order) == day


@given(st.decimals(-(10**12), 10**12, places=2))
def test_every_amount_is_read_back_in_both_notations(amount: Decimal) -> None:
    english = f"{amount:,.2f}"
    assert values.decimal(english, POINT) == amount
    assert values.decimal(english.translate(str.maketrans(",.", ".,")), COMMA) == amount


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("2026-07", "2026-07"), ("07/2026", "2026-07"), ("7.2026", "2026-07"), ("202607", "2026-07"), ("Jul 2026", "2026-07"), ("july-26", "2026-07"),
        ("2026-07-14", "2026-07"), ("14/07/2026", "2026-07"), (date(2026, 7, 14), "2026-07"), (datetime(2026, 7, 1), "2026-07"),
        ("45845", "2025-07"), ("2026Q3", "2026Q3"), ("q3 2026", "2026Q3"), ("FY26 Q3", "2026Q3"), ("2026-Q1", "2026Q1"), ("H1 2026", "2026H1"),
        ("2026", "2026"), (2026, "2026"), (2026.0, "2026"), ("FY27", "2027"), ("FY2027", "2027"), ("NULL", None), (None, None), (" ", None),
    ],
)  # fmt: skip
def test_a_period_is_a_month_a_quarter_a_half_or_a_year(cell, key):
    assert period(cell) == key
    if key:
        assert period(key) == key


@pytest.mark.parametrize("cell", ["2026-13", "2026Q5", "soon", "1", "Q3", "x" * 1000, "31/02/2026"])
def test_what_is_no_period_is_refused(cell):
    with pytest.raises(BadValue, match="is not a period"):
        period(cell)


@pytest.mark.parametrize(
    ("cell", "percent"),
    [("25", "25"), ("25 %", "25"), ("0.25", "25"), (0.25, "25"), ("0.5%", "0.5"), (1, "100"), ("100", "100"), (0, "0"), ("1.5", "1.5"), ("", None)],
)  # fmt: skip
def test_a_share_is_in_percent_however_it_is_written(cell, percent):
    found = values.percent(cell)
    assert found == (None if percent is None else Decimal(percent))
