"""The performance scorecard as a workbook: every figure with its formula, the quarters, the months, the program level."""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from prm.common.templatetags.numbers import in_numbers
from prm.documents.table import Column, Kind, Table, Value
from scorecards.performance.figures import ATTAINMENTS
from scorecards.performance_page.dials import COMPOSITE, LEVEL
from scorecards.performance_page.page import Page

PLACES = 9  # what a spreadsheet's cell keeps exactly


def sheets(page: Page) -> list[Table]:
    """As the page's reader may see it; numbers unrounded, "–" as an empty cell with its reason beside it."""
    figures = [
        Column(_("Figure")),
        Column(_("Value"), Kind.DECIMAL),
        Column(_("Unit")),
        Column(_("Status")),
        Column(_("Why there is none"), width=40),
        Column(_("In words"), width=60),
        Column(_("With these numbers"), width=60),
        Column(_("As of"), Kind.DATE),
    ]
    quarters = [
        Column(_("Metric")),
        Column(_("Period")),
        Column(_("Target"), Kind.DECIMAL),
        Column(_("Whole target"), Kind.DECIMAL),
        Column(_("Actual"), Kind.DECIMAL),
        Column(_("Unit")),
        Column(_("Attainment, %"), Kind.DECIMAL),
        Column(_("Displayed, %"), Kind.INTEGER),
        Column(_("Status")),
        Column(_("Why there is none"), width=40),
        Column(_("With these numbers"), width=60),
    ]
    months = [
        Column(_("Month"), Kind.DATE),
        Column(_("Actual"), Kind.DECIMAL),
        Column(_("Target"), Kind.DECIMAL),
        Column(_("Currency")),
    ]
    return [
        Table(_("Figures"), figures, _figures(page)),
        Table(_("Quarters"), quarters, _quarters(page)),
        Table(_("Months"), months, _months(page)),
    ]


def _figures(page: Page) -> Iterator[list[Value]]:
    for key, told in {**page.card.figures, LEVEL: page.level.told}.items():
        rag = page.told.rag(told) if key in ATTAINMENTS or key in (COMPOSITE, LEVEL) else None
        yield [
            str(page.told.name(key)) if key != LEVEL else str(told.title),
            _number(told.result),
            str(told.unit),
            str(rag.word) if rag else "",
            str(told.why_missing or ""),
            told.in_words,
            in_numbers(told),
            told.as_of,
        ]


def _quarters(page: Page) -> Iterator[list[Value]]:
    for row, shown in zip(page.card.quarters, page.rows, strict=True):
        for cell, label in zip(row.cells, shown.cells, strict=True):
            yield [
                str(row.name),
                label.column.label,
                _number(cell.target),
                _number(cell.full_target),
                _number(cell.actual),
                str(row.unit),
                _number(cell.attainment.result),
                cell.shown,
                str(cell.rag.word) if cell.rag else "",
                str(cell.attainment.why_missing or ""),
                in_numbers(cell.attainment),
            ]


def _months(page: Page) -> Iterator[list[Value]]:
    for point in page.card.trend:
        yield [point.month.start, _number(point.actual), _number(point.target), page.currency]


def _number(value: Decimal | None) -> Decimal | None:
    return None if value is None else round(value, PLACES)
