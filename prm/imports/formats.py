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


DIGIT_DATE = re.compile(r"\s*(\d{1,2})([-/.])(\d{1,2})\2(?:\d{4}|\d{2})\b")
NUMBER = re.compile(r"[.,]?\d[\d.,]*")


def date_order(cells: Iterable[object], default: DateOrder) -> ColumnFormat:
    """The order the column's dates are written in, judged by the cells that allow only one.

    Where cells contradict each other the majority wins; the others will be reported as no dates.
    """
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
    if day_first == month_first:
        return ColumnFormat(dates=default, certain=not open_cells and not day_first)
    return ColumnFormat(
        dates=DateOrder.DMY if day_first > month_first else DateOrder.MDY, certain=not (day_first and month_first)
    )


def decimal_mark(cells: Iterable[object], default: DecimalMark) -> ColumnFormat:
    """The decimal mark of the column's numbers, judged by the cells that allow only one reading."""
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
    if point == comma:
        return ColumnFormat(decimals=default, certain=not open_cells and not point)
    return ColumnFormat(
        decimals=DecimalMark.POINT if point > comma else DecimalMark.COMMA, certain=not (point and comma)
    )
