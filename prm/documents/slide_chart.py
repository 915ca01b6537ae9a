"""What all drawings of a slide's chart agree on: whether its figures stand beside the marks, and how its axis says them."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import pgettext

from prm.charts.figures import compact
from prm.charts.svg import text_width
from prm.common.templatetags.numbers import format_number
from prm.documents.slides import Chart, ChartKind

MOST_LABELS = 24
LABEL_SHARE = Decimal("0.12")  # of the axis, that a figure above a column takes
PLAIN = re.compile(r"#,##0(\.0+)?$")


def figure(chart: Chart, value: Decimal) -> str:
    """The figure in full, as the chart's number format has it: "1,234", "12.5", "45%"."""
    code = chart.number_format.partition(";")[0]
    if code.endswith("%"):
        return f"{format_number(value * 100, _places(code))}%"
    found = re.search(r"[#0][#,0]*(\.0+)?", code)
    if not found:
        return format_number(value, 0)
    before, after = code[: found.start()], code[found.end() :]
    return f"{_literal(before)}{format_number(value, _places(found.group()))}{_literal(after)}"


def short(chart: Chart, value: Decimal) -> str:
    """As on the axis: large figures in thousands or millions."""
    return compact(value) if PLAIN.match(chart.number_format) and abs(value) >= 10_000 else figure(chart, value)


def axis_format(chart: Chart) -> str:
    """The axis's number format: a plain large figure in thousands, millions or billions, so that the axis stays narrow."""
    if not PLAIN.match(chart.number_format):
        return chart.number_format
    most = max(
        (abs(value) for series in chart.series for value in series.values if value is not None), default=Decimal(0)
    )
    if chart.kind is ChartKind.STACKED:
        most = max((abs(value) for value in totals(chart)), default=most)
    steps = [
        (Decimal(10) ** 10, ",,,", pgettext("billion", "bn")),
        (Decimal(10) ** 7, ",,", pgettext("million", "M")),
        (Decimal(10) ** 4, ",", pgettext("thousand", "k")),
    ]
    for least, commas, word in steps:
        if most >= least:
            return f'#,##0{commas}"{word}"'
    return "General" if chart.number_format == "#,##0" and most < 4 else chart.number_format


def totals(chart: Chart) -> list[Decimal]:
    """What is stacked in each category."""
    parts = [series for series in chart.series if not series.line]
    return [
        sum((series.values[n] or Decimal(0) for series in parts if n < len(series.values)), Decimal(0))
        for n in range(len(chart.categories))
    ]


def labelled(chart: Chart, width: float) -> bool:
    """Whether each figure is written at its mark: only where all have room beside one another."""
    shown = [series for series in chart.series if not series.line]
    count = len(chart.categories) * len(shown)
    if not 0 < count <= MOST_LABELS or _crossed(chart):
        return False
    wide = label_width(chart)
    match chart.kind:
        case ChartKind.BARS:
            return wide < width * 0.3
        case ChartKind.COLUMNS:
            return wide < (width - 60) / len(chart.categories) * 0.8 / len(shown)
        case ChartKind.STACKED:
            return False
        case ChartKind.LINES:
            return len(shown) == 1 and wide < (width - 60) / len(chart.categories)


def _crossed(chart: Chart) -> bool:
    """Whether a line over columns goes through where a figure would stand."""
    columns = [series for series in chart.series if not series.line]
    lines = [series for series in chart.series if series.line]
    most = max((value for series in chart.series for value in series.values if value is not None), default=Decimal(0))
    above = most * LABEL_SHARE
    return any(
        value is not None and at is not None and value <= at <= value + above
        for line in lines
        for series in columns
        for value, at in zip(series.values, line.values, strict=False)
    )


def label_width(chart: Chart, size: float = 10) -> float:
    return max(
        (
            text_width(figure(chart, value), size)
            for series in chart.series
            if not series.line
            for value in series.values
            if value is not None
        ),
        default=0,
    )


def _places(code: str) -> int:
    found = re.search(r"\.(0+)", code)
    return len(found.group(1)) if found else 0


def _literal(text: str) -> str:
    """What a number format says around the figure, without its quotes."""
    return re.sub(r'["\\]', "", re.sub(r"\[[^\]]*\]|_.", "", text))
