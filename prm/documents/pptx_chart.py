"""Native charts of a PPTX: PowerPoint's own, with their figures in a workbook inside, in the colours of the theme."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.oxml import parse_xml
from pptx.util import Pt

from prm.charts.svg import clean, cut
from prm.documents.pptx_text import NS, Ink, Words
from prm.documents.slide_chart import axis_format, labelled
from prm.documents.slide_frame import Drawing
from prm.documents.slide_text import one_line
from prm.documents.slides import Chart, ChartKind

C = "http://schemas.openxmlformats.org/drawingml/2006/chart"
CNS = f'xmlns:c="{C}" {NS}'
TYPES = {
    ChartKind.COLUMNS: XL_CHART_TYPE.COLUMN_CLUSTERED,
    ChartKind.STACKED: XL_CHART_TYPE.COLUMN_STACKED,
    ChartKind.BARS: XL_CHART_TYPE.BAR_CLUSTERED,
    ChartKind.LINES: XL_CHART_TYPE.LINE_MARKERS,
}
TITLE, LABEL = 14.0, 11.0
MOST_COUNTED = 8  # up to here an axis has a line for each
LONGEST_NAME = 240.0  # of a series, in points
# In our base one accent, the rest greys and its shades; a template brings its own.
FILLS = ("accent1", "accent2", "accent3", "accent4", "accent5", "accent6")
DASHES = ("solid", "sysDash", "sysDot", "lgDash")


def add(slide: Any, drawing: Drawing, words: Words) -> Any:
    """The chart on the slide; gives its graphic frame."""
    chart, box = drawing.chart, drawing.box
    data = CategoryChartData(number_format=chart.number_format)
    data.categories = [clean(category) for category in chart.categories]
    for series in chart.series:
        values = [plain(value) for value in series.values[: len(chart.categories)]]
        data.add_series(named(series.name), values + [None] * (len(chart.categories) - len(values)))
    frame = slide.shapes.add_chart(TYPES[chart.kind], Pt(box.left), Pt(box.top), Pt(box.width), Pt(box.height), data)
    native = frame.chart
    native.font.size = Pt(LABEL)
    _dress(native, chart, box.width, words)
    return frame


def named(name: str) -> str:
    """A series's name as its key has room for it."""
    return cut(clean(name), LONGEST_NAME, LABEL)


def plain(value: Decimal | None) -> int | float | None:
    """The figure as a workbook holds it: whole where it is whole."""
    if value is None or not value.is_finite():
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _dress(native: Any, chart: Chart, width: float, words: Words) -> None:
    ink = words.ink
    _title(native, one_line(chart.title, width * 0.85, (TITLE,), bold=True)[0], words)
    native.has_legend = len(chart.series) > 1
    if native.has_legend:
        native.legend.position = XL_LEGEND_POSITION.BOTTOM
        native.legend.include_in_layout = False
        native.legend.font.size = Pt(LABEL)
    lines = [number for number, series in enumerate(chart.series) if series.line]
    over = chart.kind in (ChartKind.COLUMNS, ChartKind.STACKED) and 0 < len(lines) < len(chart.series)
    _axes(native, chart, ink)
    plot = native.plots[0]
    if chart.kind is not ChartKind.LINES:
        plot.gap_width = 60
        plot.overlap = 100 if chart.kind is ChartKind.STACKED else -8
    _labels(plot, chart, width, stacked=chart.kind is ChartKind.STACKED)
    for number, series in enumerate(native.plots[0].series):
        drawn = chart.kind is ChartKind.LINES or (over and number in lines)
        _paint(series, number, line=drawn, nth=lines.index(number) if over and number in lines else number)
    if over:
        _lines_over(native, lines)
    _text_colour(native, ink)
    if chart.kind is ChartKind.BARS:  # the first category on top, as it was given
        native.category_axis.reverse_order = True
        for crosses in native._chartSpace.findall(f".//{{{C}}}valAx/{{{C}}}crosses"):
            crosses.set("val", "max")  # so that the axis of figures stays below
    space = native._chartSpace
    # Figures that aren't there leave a gap: they are not nought.
    found = space.find(f".//{{{C}}}dispBlanksAs")
    if found is not None:
        found.set("val", "gap")
    _language(space, words.tag)
    # The library numbers axes below nought, which the format doesn't have.
    for name in ("axId", "crossAx"):
        for axis in space.iter(f"{{{C}}}{name}"):
            axis.set("val", str(int(axis.get("val")) & 0x7FFFFFFF))


def _title(native: Any, text: str, words: Words) -> None:
    if not text:
        native.has_title = False
        return
    native.has_title = True
    frame = native.chart_title.text_frame
    run = frame.paragraphs[0].add_run()
    run.text = text
    run.font.size, run.font.bold = Pt(TITLE), True
    native.chart_title.include_in_layout = False


def _axes(native: Any, chart: Chart, ink: Ink) -> None:
    value, category = native.value_axis, native.category_axis
    value.has_major_gridlines = True
    _stroke(value.major_gridlines.format.line._get_or_add_ln(), ink.line, 0.75)
    _stroke(value.format.line._get_or_add_ln(), "<a:noFill/>", 0)
    _stroke(category.format.line._get_or_add_ln(), ink.muted, 1)
    value.tick_labels.font.size = category.tick_labels.font.size = Pt(LABEL)
    value.tick_labels.number_format = axis_format(chart)
    value.tick_labels.number_format_is_linked = False
    category.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    figures = [found for series in chart.series for found in series.values if found is not None]
    if figures and min(figures) >= 0 and chart.kind is not ChartKind.LINES:
        value.minimum_scale = 0
    if not any(figures):
        value.maximum_scale = 1
    elif (
        chart.kind is not ChartKind.STACKED and max(figures) <= MOST_COUNTED and all(one == int(one) for one in figures)
    ):
        value.major_unit = 1  # what is counted has no halves


def _labels(plot: Any, chart: Chart, width: float, *, stacked: bool) -> None:
    if not labelled(chart, width):
        return
    plot.has_data_labels = True
    labels = plot.data_labels
    labels.number_format, labels.number_format_is_linked = chart.number_format, False
    labels.font.size = Pt(10)
    labels.show_value = True
    if chart.kind is ChartKind.LINES:
        labels.position = XL_LABEL_POSITION.ABOVE
    elif not stacked:
        labels.position = XL_LABEL_POSITION.OUTSIDE_END


def _paint(series: Any, number: int, *, line: bool, nth: int) -> None:
    name = "tx1" if line and nth == 0 and number else FILLS[number % len(FILLS)]
    fill = f'<a:solidFill {NS}><a:schemeClr val="{name}"/></a:solidFill>'
    properties = series._element.get_or_add_spPr()
    for child in list(properties):
        properties.remove(child)
    if not line:
        properties.append(parse_xml(fill))
        return
    dash = DASHES[nth % len(DASHES)]
    properties.append(parse_xml(f'<a:ln {NS} w="28575" cap="rnd">{fill}<a:prstDash val="{dash}"/><a:round/></a:ln>'))
    marker = parse_xml(
        f'<c:marker {CNS}><c:symbol val="{("circle", "diamond", "triangle", "square")[nth % 4]}"/><c:size val="7"/>'
        f"<c:spPr>{fill}<a:ln><a:noFill/></a:ln></c:spPr></c:marker>"
    )
    for old in series._element.findall(f"{{{C}}}marker"):
        series._element.remove(old)
    properties.addnext(marker)


def _lines_over(native: Any, numbers: Sequence[int]) -> None:
    """Makes those series of a column chart lines over the others, on the same axes."""
    bars = native._chartSpace.find(f".//{{{C}}}barChart")
    drawn = parse_xml(f'<c:lineChart {CNS}><c:grouping val="standard"/><c:varyColors val="0"/></c:lineChart>')
    every = bars.findall(f"{{{C}}}ser")
    for number in numbers:
        series = every[number]
        bars.remove(series)
        for name in ("invertIfNegative", "dLbls"):
            for child in series.findall(f"{{{C}}}{name}"):
                series.remove(child)
        etree.SubElement(series, f"{{{C}}}smooth").set("val", "0")
        drawn.append(series)
    etree.SubElement(drawn, f"{{{C}}}marker").set("val", "1")
    for axis in bars.findall(f"{{{C}}}axId"):
        drawn.append(copy.deepcopy(axis))
    bars.addnext(drawn)


def _text_colour(native: Any, ink: Ink) -> None:
    """All text of the chart in the theme's font and colour: without it some programs write black on black."""
    for properties in native._chartSpace.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}defRPr"):
        _coloured(properties, ink.text)
    for properties in native._chartSpace.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}rPr"):
        _coloured(properties, ink.text)


def _coloured(properties: Any, fill: str) -> None:
    a = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
    if properties.find(f"{a}solidFill") is None:
        properties.insert(0, _parsed(fill))
    if properties.find(f"{a}latin") is None:
        properties.append(parse_xml(f'<a:latin {NS} typeface="+mn-lt"/>'))


def _stroke(line: Any, fill: str, width: float) -> None:
    for child in list(line):
        line.remove(child)
    if width:
        line.set("w", str(round(width * 12_700)))
    line.append(_parsed(fill))


def _parsed(xml: str) -> Any:
    """A piece of XML written without its name spaces."""
    return parse_xml(re.sub(r"[\s/>]", lambda found: f" {NS}{found.group()}", xml, count=1))


def _language(space: Any, tag: str) -> None:
    for old in space.findall(f"{{{C}}}lang") + space.findall(f"{{{C}}}roundedCorners"):
        space.remove(old)
    first = space.find(f"{{{C}}}date1904")
    square = parse_xml(f'<c:roundedCorners {CNS} val="0"/>')
    language = parse_xml(f'<c:lang {CNS} val="{tag}"/>')
    if first is not None:
        first.addnext(language)
    else:
        space.insert(0, language)
    language.addnext(square)
