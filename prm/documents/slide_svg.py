"""A slide's chart as a drawing of exactly the room it has: for the preview and the PDF, with the figures the PPTX has."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from django.utils.safestring import SafeString

from prm.charts.figures import Scale, span, tick_texts, ticks, widest
from prm.charts.plot import MIDDLE, Plot, plot
from prm.charts.svg import LINE, PAPER, Canvas, KeyItem, Palette, clean, cut, wrap
from prm.documents.slide_chart import figure, labelled, short
from prm.documents.slide_frame import HEADING, Box
from prm.documents.slide_text import one_line
from prm.documents.slides import Chart, ChartKind, Series

INKS = ("accent", "grey", "soft", "text", "muted", "track")


def draw(chart: Chart, box: Box, id: str, palette: Palette = PAPER) -> SafeString:
    """The chart with its title, `box.width` by `box.height` units. `id` must be unique on the page."""
    canvas = Canvas(id, clean(chart.title), clean(chart.alt), box.width, palette)
    top = 0.0
    if chart.title:
        text = one_line(chart.title, box.width, (HEADING,), bold=True)[0]
        canvas.text(0, HEADING, text, size=HEADING, bold=True)
        top = HEADING + 10
    items = _key(chart)
    below = 24.0
    if items:
        below += canvas.key(0, box.height - (LINE + 2) * _key_lines(items, box.width) + LINE / 2, box.width, items)
    if chart.kind is ChartKind.BARS:
        _bars(canvas, chart, top, box.height - below)
    else:
        _columns(canvas, chart, top + 8, box.height - below - top - 14)
    return canvas.finish(box.height)


def ink(chart: Chart, number: int) -> str:
    """The colour of a series: a line over columns is dark."""
    return "text" if _over(chart) and chart.series[number].line else INKS[number % len(INKS)]


def _over(chart: Chart) -> bool:
    """Whether some series are lines over columns."""
    lines = [series.line for series in chart.series]
    return chart.kind in (ChartKind.COLUMNS, ChartKind.STACKED) and any(lines) and not all(lines)


def _lines(chart: Chart) -> list[int]:
    if chart.kind is ChartKind.LINES:
        return list(range(len(chart.series)))
    return [number for number, series in enumerate(chart.series) if series.line] if _over(chart) else []


def _key(chart: Chart) -> list[KeyItem]:
    lines = _lines(chart)
    found = [
        KeyItem(clean(series.name), ink(chart, number), "line" if number in lines else "box")
        for number, series in enumerate(chart.series)
    ]
    return found if len(found) > 1 else []


def _key_lines(items: Sequence[KeyItem], width: float) -> int:
    """In how many lines the key stands."""
    probe = Canvas("probe", "", "", width)
    return max(round(probe.key(0, 0, width, items) / (LINE + 2)), 1)


def _columns(canvas: Canvas, chart: Chart, top: float, height: float) -> None:
    lines = _lines(chart)
    parts = [number for number in range(len(chart.series)) if number not in lines]
    lo, hi = span(_extent(chart, parts, lines))
    frame = plot(canvas, lo, hi, lambda value: short(chart, value), top=top, height=max(height, 20))
    band = (frame.right - frame.left) / len(chart.categories)
    centres = [frame.left + band * (n + 0.5) for n in range(len(chart.categories))]
    write = labelled(chart, canvas.width)
    for n, centre in enumerate(centres):
        if chart.kind is ChartKind.STACKED:
            _stack(frame, chart, parts, n, centre, min(band * 0.62, 90.0))
        else:
            _group(frame, chart, parts, n, centre, band * 0.66, write=write)
    for number in lines:
        _line(frame, chart, number, centres, write=write and chart.kind is ChartKind.LINES)
    frame.periods([clean(category) for category in chart.categories], centres)


def _extent(chart: Chart, parts: Sequence[int], lines: Sequence[int]) -> list[Decimal | None]:
    alone = lines if chart.kind is ChartKind.STACKED else [*parts, *lines]
    found = [_value(chart.series[number], n) for number in alone for n in range(len(chart.categories))]
    if chart.kind is ChartKind.STACKED:
        for n in range(len(chart.categories)):
            values = [_value(chart.series[number], n) or Decimal(0) for number in parts]
            found += [sum((v for v in values if v > 0), Decimal(0)), sum((v for v in values if v < 0), Decimal(0))]
    return found


def _value(series: Series, n: int) -> Decimal | None:
    value = series.values[n] if n < len(series.values) else None
    return value if value is not None and value.is_finite() else None


def _tip(chart: Chart, number: int, n: int, value: Decimal) -> str:
    return f"{chart.categories[n]}, {chart.series[number].name}: {figure(chart, value)}"


def _group(frame: Plot, chart: Chart, parts: Sequence[int], n: int, centre: float, room: float, *, write: bool) -> None:
    gap = 2.0
    wide = min((room + gap) / max(len(parts), 1) - gap, 56.0)
    zero = frame.y(Decimal(0))
    for at, number in enumerate(parts):
        value = _value(chart.series[number], n)
        if value is None:
            continue
        x = centre + (at - (len(parts) - 1) / 2) * (wide + gap)
        y = frame.y(value)
        if value:
            tall = max(abs(y - zero), 1.0)
            frame.canvas.rect(
                x - wide / 2, zero - tall if value > 0 else zero, wide, tall, ink(chart, number), round=1,
                title=_tip(chart, number, n, value),
            )  # fmt: skip
        if write:
            frame.canvas.text(x, y - 4 if value >= 0 else y + 12, figure(chart, value), anchor="middle", size=10)


def _stack(frame: Plot, chart: Chart, parts: Sequence[int], n: int, centre: float, wide: float) -> None:
    above = below = Decimal(0)
    for number in parts:
        value = _value(chart.series[number], n)
        if not value:
            continue
        start = above if value > 0 else below
        one, other = frame.y(start), frame.y(start + value)
        frame.canvas.rect(
            centre - wide / 2, min(one, other), wide, max(abs(one - other), 1), ink(chart, number), round=0,
            title=_tip(chart, number, n, value),
        )  # fmt: skip
        if value > 0:
            above += value
        else:
            below += value


def _line(frame: Plot, chart: Chart, number: int, centres: Sequence[float], *, write: bool) -> None:
    series = chart.series[number]
    points = [(x, value) for n, x in enumerate(centres) for value in (_value(series, n),)]
    for there, run in groupby(points, key=lambda point: point[1] is not None):
        if there:
            frame.canvas.path([(x, frame.y(v)) for x, v in run if v is not None], ink(chart, number), width=2.25)
    for n, (x, value) in enumerate(points):
        if value is None:
            continue
        frame.canvas.dot(x, frame.y(value), 3.5, ink(chart, number), title=_tip(chart, number, n, value))
        if write:
            frame.canvas.text(x, frame.y(value) - 8, figure(chart, value), anchor="middle", size=10)


def _bars(canvas: Canvas, chart: Chart, top: float, bottom: float) -> None:
    lo, hi = span([_value(series, n) for series in chart.series for n in range(len(chart.categories))])
    names = [clean(category) for category in chart.categories]
    left = min(widest(names) + 8, canvas.width * 0.4)
    values = ticks(lo, hi)
    write = labelled(chart, canvas.width)
    x = Scale(values[0], values[-1], left, canvas.width - (44 if write else 14))
    for value, text in zip(values, tick_texts(values, lambda value: short(chart, value)), strict=True):
        at = round(x(value)) + 0.5
        canvas.line(at, top, at, bottom, "line" if value else "grey")
        canvas.text(at, bottom + 15, text, ink="muted", anchor="middle", size=11)
    band = (bottom - top) / len(names)
    thick = min((band * 0.72) / len(chart.series), 26.0)
    for n, name in enumerate(names):
        middle = top + band * (n + 0.5)
        found = wrap(name, left - 8, 2 if band > 2 * LINE else 1)
        for number, line in enumerate(found):
            y = middle + MIDDLE + (number - (len(found) - 1) / 2) * LINE
            canvas.text(left - 8, y, cut(line, left - 8), anchor="end", full=name)
        for number, series in enumerate(chart.series):
            reached = _value(series, n)
            if reached is None:
                continue
            y = middle + (number - len(chart.series) / 2) * thick
            start, end = sorted((x(Decimal(0)), x(reached)))
            canvas.rect(
                start, y, end - start, thick - 2, ink(chart, number), round=1, title=_tip(chart, number, n, reached)
            )
            if write:
                canvas.text(
                    end + 4 if reached >= 0 else start - 4,
                    y + thick / 2 + 3,
                    figure(chart, reached),
                    size=10,
                    anchor="start" if reached >= 0 else "end",
                )
