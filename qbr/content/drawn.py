"""What the tools' own pages show, in the shapes that slides are made of: their charts with exact values, their figures as they read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from prm.charts import Columns
from prm.charts.figures import number
from prm.common.lists import shown_value
from prm.common.numbers import whole
from prm.common.templatetags.numbers import MISSING
from prm.common.vendor import thresholds
from prm.documents import table as tables
from prm.documents.slides import Cell, Chart, ChartKind, Series, Tile, Tone
from qbr.content import words
from qbr.content.ground import Ground
from scorecards.rollups.grid import Figure


def attained(percent: Decimal | None, on: Ground) -> tuple[Tone, str]:
    """The status of a percent of plan, taken from it as displayed."""
    rag = thresholds("attainment", on.today).rag(None if percent is None else whole(percent))
    return words.tone(rag), words.word(rag)


def columns(chart: Columns, *, alt: str, number_format: str = "#,##0") -> Chart:
    """A chart of columns as its page draws it, its targets as a line."""
    series = [Series(str(one.name), tuple(number(value) for value in one.values)) for one in chart.series]
    if chart.targets:
        values = tuple(number(value) for value in chart.targets)
        series.append(Series(str(chart.target_name or _("Target")), values, line=True))
    return Chart(
        title=str(chart.title),
        kind=ChartKind.COLUMNS,
        categories=tuple(str(period) for period in chart.periods),
        series=tuple(series),
        number_format=number_format,
        alt=alt,
    )


def figure_text(figure: Figure, kind: tables.Kind) -> str:
    """A cell of a table of a page as it reads there."""
    return MISSING if figure.value is None else figure.text or shown_value(figure.value, kind)


def cell(figure: Figure, kind: tables.Kind) -> Cell:
    return Cell(figure_text(figure, kind))


def tile(found: Any) -> Tile:
    """A tile of a page: a mapping with "label", "figure" (None for none) and "note"."""
    return Tile(
        str(found["label"]), MISSING if found["figure"] is None else str(found["figure"]), str(found["note"] or "")
    )
