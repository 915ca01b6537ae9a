import csv
import datetime as dt
import io
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prm.common.money import Money
from prm.documents.csv import write_csv
from prm.documents.table import Column, Kind


def cells(*values: object, **options: object) -> list[str]:
    lines = "".join(write_csv([Column("x")] * len(values), [values], bom=False, **options))
    return list(csv.reader(io.StringIO(lines, newline="")))[1]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@A1", "\t=1", "\r=1", "\n=1", "＝1+1"])
def test_text_that_would_run_gets_an_apostrophe(text: str) -> None:
    assert cells(text) == ["'" + text]


def test_headings_are_guarded_too() -> None:
    assert next(write_csv([Column("=A1")], [], bom=False)) == "'=A1\r\n"


def test_numbers_are_left_alone() -> None:
    assert cells(-5, Decimal("-1234567.890"), Decimal("1E+3"), -0.5) == ["-5", "-1234567.890", "1000", "-0.5"]
    assert cells(Money(Decimal("-12.50"), "EUR"), Decimal("94.5")) == ["-12.50", "94.5"]


def test_dates_times_and_nothing() -> None:
    moment = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
    assert cells(dt.date(2026, 11, 21), moment, None, True, tz=ZoneInfo("Europe/Berlin")) == [
        "2026-11-21",
        "2026-11-21 13:00:00+01:00",
        "",
        "true",
    ]


def test_byte_order_mark() -> None:
    assert "".join(write_csv([Column("Name")], [["Müller"]])).encode().startswith(b"\xef\xbb\xbfName")


def test_rows_are_made_as_they_are_asked_for() -> None:
    seen = []

    def rows():
        for n in range(3):
            seen.append(n)
            yield [n]

    lines = write_csv([Column("Id", Kind.INTEGER)], rows())
    next(lines), next(lines)
    assert seen == [0]


@given(st.text())
def test_any_text_reads_back(text: str) -> None:
    value = "".join(write_csv([Column("x")], [[text]], bom=False)).encode()
    (found,) = list(csv.reader(io.StringIO(value.decode(), newline="")))[1]
    assert found.removeprefix("'") == text.encode("utf-8", "replace").decode().removeprefix("'")
    assert not found.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
