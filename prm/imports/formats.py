"""How a whole column writes its dates and numbers: day or month first, decimal point or comma.

One cell often can't tell (03/04/2026; 1,234); all cells of the column together nearly always can.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class DateOrder(StrEnum):
    """Which comes first in 03/04/2026."""

    DMY = "dmy"
    MDY = "mdy"

    @property
    def example(self) -> str:
        return {"dmy": "31/12/2026, 2026-12-31", "mdy": "12/31/2026, 2026-12-31"}[self]


class DecimalMark(StrEnum):
    """What stands before the decimals."""

    POINT = "."
    COMMA = ","

    @property
    def example(self) -> str:
        return {".": "1,234.50", ",": "1.234,50"}[self]


@dataclass(frozen=True, slots=True)
class ColumnFormat:
    """How a column is read; `certain` is False where its cells left it open and the default was taken."""

    dates: DateOrder = DateOrder.DMY
    decimals: DecimalMark = DecimalMark.POINT
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Evidence:
    """How many cells of a column allow one reading alone (day first; a decimal point), how many the other alone (month
    first; a comma), and how many leave it open."""

    one: int = 0
    other: int = 0
    open: int = 0

    def __add__(self, more: "Evidence") -> "Evidence":
        return Evidence(self.one + more.one, self.other + more.other, self.open + more.open)

    @property
    def is_certain(self) -> bool:
        return not (self.one and self.other) if self.one != self.other else not (self.open or self.one)


DIGIT_DATE = re.compile(r"\s*(\d{1,2})([-/.])(\d{1,2})\2(?:\d{4}|\d{2})\b")
NUMBER = re.compile(r"[.,]?\d[\d.,]*")


def date_evidence(cells: Iterable[object]) -> Evidence:
    """What a column's cells tell of the order its dates are written in."""
    day_first = month_first = open_cells = 0
    for cell in cells:
        match = DIGIT_DATE.match(cell) if isinstance(cell, str) else None
        if match is None or match[2] == ".":  # 3.4.2026 is always day first
            continue
        first, second = int(match[1]), int(match[3])
        if first > 12 >= second:
            day_first += 1
        elif second > 12 >= first:
            month_first += 1
        elif first != second:
            open_cells += 1
    return Evidence(day_first, month_first, open_cells)


def decimal_evidence(cells: Iterable[object]) -> Evidence:
    """What a column's cells tell of the decimal mark of its numbers."""
    point = comma = open_cells = 0
    for cell in cells:
        match = NUMBER.search(cell) if isinstance(cell, str) else None
        if match is None:
            continue
        number = match.group()
        points, commas = number.count("."), number.count(",")
        if points and commas:
            last_is_point = number.rindex(".") > number.rindex(",")
        elif points + commas == 0:
            continue
        elif points + commas > 1:
            last_is_point = commas > 1
        elif re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", number):
            open_cells += 1
            continue
        else:
            last_is_point = points == 1
        if last_is_point:
            point += 1
        else:
            comma += 1
    return Evidence(point, comma, open_cells)


def date_order(evidence: Evidence, default: DateOrder) -> ColumnFormat:
    """The order a column's dates are written in. Where its cells contradict each other the majority wins; the others will
    be reported as no dates."""
    order = default
    if evidence.one != evidence.other:
        order = DateOrder.DMY if evidence.one > evidence.other else DateOrder.MDY
    return ColumnFormat(dates=order, certain=evidence.is_certain)


def decimal_mark(evidence: Evidence, default: DecimalMark) -> ColumnFormat:
    """The decimal mark of a column's numbers; contradictions as in `date_order`."""
    mark = default
    if evidence.one != evidence.other:
        mark = DecimalMark.POINT if evidence.one > evidence.other else DecimalMark.COMMA
    return ColumnFormat(decimals=mark, certain=evidence.is_certain)
