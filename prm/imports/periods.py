"""A cell that names a month, a quarter, a half-year or a year, as people and programs write them."""

import re

from prm.imports.formats import DateOrder
from prm.imports.messages import BadValue, _, shown
from prm.imports.values import LONGEST_FIGURE, MONTHS, Cell, day, plain, year_of

MONTH_KEY = re.compile(r"((?:19|20|21)\d{2})(?:[-/. ](0?[1-9]|1[0-2])|(0[1-9]|1[0-2]))")
MONTH_YEAR = re.compile(r"(0?[1-9]|1[0-2])[-/. ](\d{4})")
NAMED_MONTH = re.compile(r"([A-Za-z]{3,9})\.?[-/ ](\d{4}|\d{2})")
QUARTER_KEY = re.compile(r"(?:FY ?)?(\d{4}|\d{2})[-/ ]?(Q[1-4]|H[12])", re.IGNORECASE)
QUARTER_YEAR = re.compile(r"(Q[1-4]|H[12])[-/ ]?(?:FY ?)?(\d{4}|\d{2})", re.IGNORECASE)
YEAR_KEY = re.compile(r"(?:FY ?(\d{4}|\d{2})|((?:19|20|21)\d{2}))", re.IGNORECASE)


def period(cell: Cell, order: DateOrder = DateOrder.DMY) -> str | None:
    """A period's key: "2026-07" for a month or a day in it, "2026Q3" for a quarter, "2026H1" for a half, "2026" for a year."""
    value = " ".join(plain(cell).split())
    if not value:
        return None
    short = value if len(value) <= LONGEST_FIGURE else ""
    if match := YEAR_KEY.fullmatch(short.removesuffix(".0")):
        return str(year_of(match[1] or match[2]))
    if match := QUARTER_KEY.fullmatch(short):
        return f"{year_of(match[1])}{match[2].upper()}"
    if match := QUARTER_YEAR.fullmatch(short):
        return f"{year_of(match[2])}{match[1].upper()}"
    if match := MONTH_KEY.fullmatch(short):
        return f"{match[1]}-{int(match[2] or match[3]):02}"
    if match := MONTH_YEAR.fullmatch(short):
        return f"{match[2]}-{int(match[1]):02}"
    if (match := NAMED_MONTH.fullmatch(short)) and (month := MONTHS.get(match[1].lower())):
        return f"{year_of(match[2])}-{month:02}"
    try:
        found = day(cell, order)
    except BadValue as error:
        raise BadValue(
            _("“%(value)s” is not a period (expected: 2026-07, 2026Q3, 2026H1, 2026 or a date)."), value=shown(value)
        ) from error
    return f"{found:%Y-%m}" if found else None
