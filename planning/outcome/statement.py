"""The profit and loss of a plan as a table, by month, plan quarter or plan year; the rows stand in the same order everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from planning.forecast.assumptions import MONTHS
from planning.forecast.result import Forecast, Totals
from planning.forecast.rows import LineMonths, rounded
from prm.common.fiscal import Month
from prm.common.templatetags.numbers import format_number

DEALS_PLACES = 1  # counts of a forecast are shown so


class Span(StrEnum):
    """What a column covers. Quarters and years are the plan's own, counted from its first month."""

    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"

    @property
    def months(self) -> int:
        return {"month": 1, "quarter": 3, "year": 12}[self.value]


class Level(StrEnum):
    """How a row stands out: a part of the sum that follows it, a sum, the result, or a figure beside the profit and loss."""

    PART = "part"
    SUM = "sum"
    RESULT = "result"
    BESIDE = "beside"


@dataclass(frozen=True)
class Column:
    """A span of months: `first` and `last` are numbers of plan months; `detail` says which calendar months they are."""

    label: str
    first: int
    last: int
    start: date
    detail: str = ""


@dataclass(frozen=True)
class Row:
    """A row of the table: a value per column, in the plan's currency, or deals (exact; shown to one decimal)."""

    key: str
    label: str
    level: Level
    values: tuple[Decimal | Fraction, ...]
    places: int
    is_money: bool = True

    @property
    def texts(self) -> tuple[str, ...]:
        """The values as the reader writes numbers."""
        return tuple(format_number(_shown(value, self.places), self.places) for value in self.values)

    @property
    def cells(self) -> list[tuple[str, bool]]:
        """Each value as text, and whether it is below 0."""
        return [(text, value < 0) for text, value in zip(self.texts, self.values, strict=True)]

    @property
    def is_empty(self) -> bool:
        return not any(self.values)


@dataclass(frozen=True)
class Statement:
    """The table; `currency` is that of all rows of money."""

    span: Span
    currency: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def row(self, key: str) -> Row:
        """The row of this key; KeyError where there is none."""
        for row in self.rows:
            if row.key == key:
                return row
        raise KeyError(key)

    @property
    def telling_rows(self) -> list[Row]:
        """Without the parts that are 0 all along, which only make a table longer."""
        return [row for row in self.rows if row.level is not Level.PART or not row.is_empty]


def columns(span: Span, first_month: date) -> tuple[Column, ...]:
    """The columns of a plan that starts in the month of `first_month`."""
    start = Month(first_month.year, first_month.month)
    found = []
    for number, first in enumerate(range(1, MONTHS + 1, span.months), start=1):
        last = first + span.months - 1
        begins, ends = start.shift(first - 1).start, start.shift(last - 1).start
        if span is Span.MONTH:
            found.append(Column(month_name(begins), first, last, begins, _("Month %(number)s") % {"number": number}))
            continue
        words = _("Quarter %(number)s") if span is Span.QUARTER else _("Year %(number)s")
        detail = f"{month_name(begins)}\N{EN DASH}{month_name(ends)}"
        found.append(Column(words % {"number": number}, first, last, begins, detail))
    return tuple(found)


def month_name(day: date) -> str:
    """A calendar month in a few letters: Jan 2027."""
    return date_format(day, "M Y")


def names() -> dict[str, tuple[str, Level]]:
    """Every row of the profit and loss in its order: key of `Totals` → name and level. MDF stands as a negative cost."""
    return {
        "product_revenue": (_("Product revenue"), Level.PART),
        "services_revenue": (_("Services revenue"), Level.PART),
        "managed_revenue": (_("Managed services revenue"), Level.PART),
        "revenue": (_("Revenue"), Level.SUM),
        "product_profit": (_("Gross profit on products"), Level.PART),
        "services_profit": (_("Gross profit on services"), Level.PART),
        "managed_profit": (_("Gross profit on managed services"), Level.PART),
        "rebates": (_("Rebates"), Level.PART),
        "gross_profit": (_("Gross profit"), Level.SUM),
        "people": (_("People"), Level.PART),
        "training": (_("Training and certification"), Level.PART),
        "marketing": (_("Marketing"), Level.PART),
        "mdf": (_("MDF (taken off)"), Level.PART),
        "other": (_("Other costs"), Level.PART),
        "costs": (_("Costs"), Level.SUM),
        "operating_profit": (_("Operating profit"), Level.RESULT),
        "cumulative": (_("Cumulative profit"), Level.RESULT),
        "cash": (_("Cash"), Level.BESIDE),
        "cash_cumulative": (_("Cumulative cash"), Level.BESIDE),
        "deals": (_("New deals"), Level.BESIDE),
        "capacity": (_("Deals the sellers can close"), Level.BESIDE),
        "vendor_view": (_("What the vendor keeps"), Level.BESIDE),
    }


COUNTS = ("deals", "capacity")
VENDOR_ONLY = ("vendor_view",)


def statement(forecast: Forecast, span: Span, first_month: date, currency: str, *, for_vendor: bool) -> Statement:
    """The profit and loss of a forecast; what the vendor keeps only `for_vendor`."""
    heads = columns(span, first_month)
    totals = [forecast.totals(column.first, column.last) for column in heads]
    rows = tuple(
        Row(
            key,
            label,
            level,
            tuple(_value(total, key) for total in totals),
            DEALS_PLACES if key in COUNTS else forecast.places,
            key not in COUNTS,
        )
        for key, (label, level) in names().items()
        if for_vendor or key not in VENDOR_ONLY
    )
    return Statement(span, currency, heads, rows)


def line_statement(line: LineMonths, span: Span, first_month: date, currency: str, places: int) -> Statement:
    """The same of one product line: its deals, revenues, gross profits and rebate."""
    heads = columns(span, first_month)
    series: dict[str, Iterable[Decimal | Fraction]] = {
        "product_revenue": line.product,
        "services_revenue": line.services,
        "managed_revenue": line.managed,
        "product_profit": line.product_profit,
        "services_profit": line.services_profit,
        "managed_profit": line.managed_profit,
        "rebates": line.rebate,
        "deals": line.deals,
    }
    rows = []
    for key, (label, level) in names().items():
        if key in series:
            cells = list(series[key])
            values = tuple(sum(cells[column.first : column.last], cells[column.first - 1]) for column in heads)
            rows.append(Row(key, label, level, values, DEALS_PLACES if key in COUNTS else places, key not in COUNTS))
    return Statement(span, currency, heads, tuple(rows))


def _value(total: Totals, key: str) -> Decimal | Fraction:
    found: Decimal | Fraction = getattr(total, key)
    return -found if key == "mdf" else found


def _shown(value: Decimal | Fraction, places: int) -> Decimal:
    return rounded(value, places) if isinstance(value, Fraction) else value
