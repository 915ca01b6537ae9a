"""Columns: figures by period, beside one another, against a target for each."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prm.charts.base import Chart, DataTable, Tone, cells
from prm.charts.figures import Formatter, Value, compact, number, reason, show, span, tell, whole, widest
from prm.charts.plot import Plot, plot
from prm.charts.rows import empty
from prm.charts.svg import PAPER, Canvas, KeyItem, Palette


@dataclass(frozen=True)
class ColumnSeries:
    """One column in each group; a value per period."""

    name: str
    values: tuple[Value, ...]
    tone: Tone = Tone.MAIN


@dataclass(frozen=True, kw_only=True)
class Columns(Chart):
    """Groups of columns from zero, one group per period; each of `targets` is a thin dark line over its group.

    `hrefs` leads from each period to its records. ValueError where anything doesn't have a value per period.
    """

    periods: tuple[str, ...]
    series: tuple[ColumnSeries, ...]
    targets: tuple[Value, ...] = ()
    target_name: str = ""
    hrefs: tuple[str, ...] = ()
    formatter: Formatter = whole

    def __post_init__(self) -> None:
        check_lengths(self.periods, *(s.values for s in self.series), *filter(None, (self.targets, self.hrefs)))

    def svg(self, width: int = 760, palette: Palette = PAPER) -> SafeString:
        canvas = Canvas(self.id, self.title, self.describe(), width, palette)
        if not self.periods or not self.series:
            return empty(canvas)
        top = canvas.key(0, 8, width, self._key()) + 8 if self._key() else 0.0
        lo, hi = span([number(v) for values in (*(s.values for s in self.series), self.targets) for v in values])
        frame = plot(canvas, lo, hi, self.formatter, top=top + 18, height=min(190.0, width * 0.45))
        band = (frame.right - frame.left) / len(self.periods)
        centres = [frame.left + band * (n + 0.5) for n in range(len(self.periods))]
        gap = 2.0 if band > 20 else 0.5
        column = min((band * 0.72 + gap) / len(self.series) - gap, 44.0)
        labels = self._labels(column + gap)
        for at, series in enumerate(self.series):
            offset = (at - (len(self.series) - 1) / 2) * (column + gap)
            for n, value in enumerate(series.values):
                self._column(frame, series, n, value, centres[n] + offset, column, labels.get((at, n), ""))
        reach = (column * len(self.series) + gap * (len(self.series) - 1)) / 2 + 3
        for n, target in enumerate(self.targets):
            found = number(target)
            if found is not None:
                y, tip = frame.y(found), f"{self.periods[n]}, {self.target_label}: {show(target, self.formatter)}"
                canvas.line(centres[n] - reach, y, centres[n] + reach, y, "text", width=2, title=tip)
        frame.periods([str(period) for period in self.periods], centres)
        return canvas.finish(frame.bottom + 24)

    def _column(
        self, frame: Plot, series: ColumnSeries, n: int, value: Value, x: float, width: float, label: str
    ) -> None:
        found, zero = number(value), frame.y(Decimal(0))
        what = f"{self.periods[n]}, {series.name}: {tell(value, self.formatter)}"
        if found is None:
            frame.canvas.text(x, zero - 5, "–", ink="muted", anchor="middle", full=reason(value))
            return
        y = frame.y(found)
        if found:
            height = max(abs(y - zero), 1.5)
            frame.canvas.rect(
                x - width / 2, zero - height if found > 0 else zero, width, height, series.tone.ink, round=1, title=what
            )
        if label:
            target = number(self.targets[n]) if self.targets else None
            # The figure stands clear of the target's line.
            if found >= 0 and target is not None and y - 18 < frame.y(target) < y + 2:
                y = frame.y(target)
            frame.canvas.text(x, y - 5 if found >= 0 else y + 14, label, anchor="middle")

    def _labels(self, room: float) -> dict[tuple[int, int], str]:
        """A figure for each column, if they all fit above theirs; in full, else short, else none."""
        found = {
            (at, n): value
            for at, series in enumerate(self.series)
            for n, value in enumerate(map(number, series.values))
            if value is not None
        }
        for write in (lambda value: show(value, self.formatter), compact):
            texts = {place: write(value) for place, value in found.items()}
            if widest(texts.values()) <= room:
                return texts
        return {}

    @property
    def target_label(self) -> str:
        return str(self.target_name or _("Target"))

    def _key(self) -> list[KeyItem]:
        items = [KeyItem(series.name, series.tone.ink) for series in self.series]
        if any(number(target) is not None for target in self.targets):
            items.append(KeyItem(self.target_label, "text", "line"))
        return items if len(items) > 1 else []

    def table(self) -> DataTable:
        columns = [(str(series.name), series.values) for series in self.series]
        if self.targets:
            columns.append((self.target_label, self.targets))
        return period_table(self.title, self.periods, columns, self.formatter, self.hrefs)


def period_table(
    title: str,
    periods: tuple[str, ...],
    columns: list[tuple[str, tuple[Value, ...]]],
    formatter: Formatter,
    hrefs: tuple[str, ...] = (),
) -> DataTable:
    """A row per period, a column per series."""
    rows = tuple(
        cells(period, *(tell(values[n], formatter) for _name, values in columns), href=hrefs[n] if hrefs else "")
        for n, period in enumerate(periods)
    )
    return DataTable(title, (_("Period"), *(name for name, _values in columns)), rows)


def check_lengths(periods: tuple[str, ...], *values: tuple[object, ...]) -> None:
    for found in values:
        if len(found) != len(periods):
            raise ValueError(f"{len(found)} values for {len(periods)} periods")
