"""Lines over time: a trend, scenarios, actual against plan; and the small trend without axes."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prm.charts.base import BREAK, Chart, DataTable, Tone
from prm.charts.columns import check_lengths, period_table
from prm.charts.figures import Formatter, Scale, Value, number, show, span, whole
from prm.charts.plot import MIDDLE, Plot, plot
from prm.charts.rows import empty
from prm.charts.svg import DASHES, LINE, PAPER, Canvas, KeyItem, Palette, clean, cut, text_width

WEIGHTS = {Tone.MAIN: 2.25, Tone.DARK: 1.5, Tone.SOFT: 2.0, Tone.GREY: 1.5, Tone.DASHED: 2.0}


@dataclass(frozen=True)
class Series:
    """One line; a value per period. It breaks where a value is missing."""

    name: str
    values: tuple[Value, ...]
    tone: Tone = Tone.MAIN


@dataclass(frozen=True)
class Mark:
    """A point of a line that matters: its series and period by number, and what it is."""

    series: int
    period: int
    text: str


@dataclass(frozen=True, kw_only=True)
class Lines(Chart):
    """Lines over the same periods, named at their ends. `zero` False lets the axis start above zero.

    ValueError where a series doesn't have a value per period. `hrefs` leads from each period to its records.
    """

    periods: tuple[str, ...]
    series: tuple[Series, ...]
    zero: bool = True
    hrefs: tuple[str, ...] = ()
    formatter: Formatter = whole
    marks: tuple[Mark, ...] = ()

    def __post_init__(self) -> None:
        check_lengths(self.periods, *(s.values for s in self.series), *filter(None, (self.hrefs,)))

    def svg(self, width: int = 760, palette: Palette = PAPER) -> SafeString:
        canvas = Canvas(self.id, self.title, self.describe(), width, palette)
        values = [number(value) for series in self.series for value in series.values]
        if not any(value is not None for value in values):
            return empty(canvas)
        beside = width >= BREAK
        names = [self._end_label(series) for series in self.series]
        right = min(max(map(text_width, names)), width * 0.3) + 12 if beside else 6.0
        top = 8.0 if beside else canvas.key(0, 8, width, self._key()) + 12
        frame = plot(
            canvas, *span(values, zero=self.zero), self.formatter, top=top, height=min(190.0, width * 0.5), right=right
        )
        xs = self._xs(frame)
        for series in self.series:
            self._line(frame, series, xs)
        for mark in self.marks:
            self._mark(frame, mark, xs)
        if beside:
            self._name_ends(frame, right - 12)
        frame.periods([str(period) for period in self.periods], xs)
        return canvas.finish(frame.bottom + 24)

    def _xs(self, frame: Plot) -> list[float]:
        count = len(self.periods)
        first, last = frame.left + 10, frame.right - 8
        return [first + (last - first) * n / (count - 1) if count > 1 else (first + last) / 2 for n in range(count)]

    def _line(self, frame: Plot, series: Series, xs: list[float]) -> None:
        weight, dash = WEIGHTS[series.tone], DASHES if series.tone is Tone.DASHED else ""
        for run in _runs(series.values):
            points = [(xs[n], frame.y(value)) for n, value in run]
            if len(points) > 1:
                frame.canvas.path(points, series.tone.ink, width=weight, dash=dash)
            else:
                frame.canvas.dot(*points[0], 2.5, series.tone.ink)
        last = max((n for run in _runs(series.values) for n, _value in run), default=None)
        for n, value in ((n, value) for run in _runs(series.values) for n, value in run):
            tip = f"{self.periods[n]}, {series.name}: {show(value, self.formatter)}"
            # Every point answers to the pointer; only the last one shows.
            if n == last:
                frame.canvas.dot(xs[n], frame.y(value), 3, series.tone.ink, title=tip)
            elif len(self.periods) <= 40:
                frame.canvas.add("circle", tip, cx=xs[n], cy=frame.y(value), r=7, fill="none", pointer_events="all")

    def _mark(self, frame: Plot, mark: Mark, xs: list[float]) -> None:
        series = self.series[mark.series]
        value = number(series.values[mark.period])
        if value is not None:
            x, y = xs[mark.period], frame.y(value)
            frame.canvas.dot(x, y, 6, "surface")
            frame.canvas.dot(x, y, 4, series.tone.ink, title=f"{series.name}: {mark.text}")

    def _end_label(self, series: Series) -> str:
        found = [value for value in series.values if number(value) is not None]
        return f"{clean(series.name)} {show(found[-1], self.formatter, 80)}" if found else clean(series.name)

    def _name_ends(self, frame: Plot, room: float) -> None:
        """Names beside the lines' ends, moved apart where they would touch."""
        ends = []
        for series in self.series:
            found = [value for value in map(number, series.values) if value is not None]
            if found:
                ends.append((frame.y(found[-1]), series))
        ends.sort(key=lambda end: end[0])
        heights = spread([y for y, _series in ends], LINE, frame.y.end, frame.y.start)
        for y, (_y, series) in zip(heights, ends, strict=True):
            label = self._end_label(series)
            ink = series.tone.ink if series.tone in (Tone.MAIN, Tone.DARK) else "muted"
            frame.canvas.text(frame.right + 8, y + MIDDLE, cut(label, room), ink=ink, full=label)

    def _key(self) -> list[KeyItem]:
        return [
            KeyItem(
                series.name, series.tone.ink, "dashed" if series.tone is Tone.DASHED else "line", WEIGHTS[series.tone]
            )
            for series in self.series
        ]

    def table(self) -> DataTable:
        columns = [(str(series.name), series.values) for series in self.series]
        return period_table(self.title, self.periods, columns, self.formatter, self.hrefs)


@dataclass(frozen=True, kw_only=True)
class Sparkline(Chart):
    """A trend in the height of a line of text, its last figure marked; for cells of tables."""

    values: tuple[Value, ...]
    periods: tuple[str, ...] = ()
    formatter: Formatter = whole

    widths: ClassVar[tuple[int, ...]] = (96,)

    def __post_init__(self) -> None:
        check_lengths(self.periods or tuple(map(str, self.values)), self.values)

    def svg(self, width: int = 96, palette: Palette = PAPER) -> SafeString:
        canvas = Canvas(self.id, self.title, self.describe(), width, palette)
        values = [number(value) for value in self.values]
        found = [value for value in values if value is not None]
        if not found:
            canvas.text(width / 2, 16, "–", ink="muted", anchor="middle")
            return canvas.finish(24)
        y = Scale(*span(found, zero=False), 20, 4)
        step = (width - 8) / max(len(values) - 1, 1)
        for run in _runs(self.values):
            canvas.path([(4 + n * step, y(value)) for n, value in run], "grey", width=1.5)
        last = max(n for n, value in enumerate(values) if value is not None)
        canvas.dot(4 + last * step, y(found[-1]), 2.5, "accent")
        return canvas.finish(24)

    def table(self) -> DataTable:
        periods = self.periods or tuple(str(n + 1) for n in range(len(self.values)))
        return period_table(self.title, periods, [(_("Figure"), self.values)], self.formatter)


def _runs(values: tuple[Value, ...]) -> Iterator[list[tuple[int, Decimal]]]:
    """Unbroken runs of (index, number)."""
    run: list[tuple[int, Decimal]] = []
    for n, value in enumerate(map(number, values)):
        if value is not None:
            run.append((n, value))
        elif run:
            yield run
            run = []
    if run:
        yield run


def spread(heights: list[float], gap: float, top: float, bottom: float) -> list[float]:
    """The sorted heights, each at least `gap` below the one before, between top and bottom where there is room."""
    found: list[float] = []
    for height in heights:
        found.append(max(height, found[-1] + gap if found else top))
    limit = bottom
    for n in range(len(found) - 1, -1, -1):
        found[n] = min(found[n], limit)
        limit = found[n] - gap
    return found
