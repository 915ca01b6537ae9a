"""Stacked columns: what a whole is made of, period by period."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prm.charts.base import Chart, DataTable, cells
from prm.charts.columns import ColumnSeries, check_lengths
from prm.charts.figures import Formatter, compact, number, show, span, tell, whole, widest
from prm.charts.plot import Plot, plot
from prm.charts.rows import empty
from prm.charts.svg import PAPER, Canvas, KeyItem, Palette


@dataclass(frozen=True, kw_only=True)
class Stacked(Chart):
    """Parts of 0 or more on top of one another, the first at the bottom, with the whole above; a part of 0 all along is left
    out of the key. A missing or negative part counts as 0. ValueError where a series doesn't have a value per period."""

    periods: tuple[str, ...]
    series: tuple[ColumnSeries, ...]
    formatter: Formatter = whole

    def __post_init__(self) -> None:
        check_lengths(self.periods, *(series.values for series in self.series))

    def svg(self, width: int = 760, palette: Palette = PAPER) -> SafeString:
        canvas = Canvas(self.id, self.title, self.describe(), width, palette)
        totals = self._totals()
        if not any(totals):
            return empty(canvas)
        top = canvas.key(0, 8, width, self._key()) + 8 if self._key() else 0.0
        frame = plot(canvas, *span(totals), self.formatter, top=top + 18, height=min(190.0, width * 0.45))
        band = (frame.right - frame.left) / len(self.periods)
        centres = [frame.left + band * (n + 0.5) for n in range(len(self.periods))]
        for n, centre in enumerate(centres):
            self._column(frame, n, centre, min(band * 0.72, 56.0))
        labels = [compact(total) for total in totals]
        if widest(labels) <= band - 2:
            for centre, total, label in zip(centres, totals, labels, strict=True):
                canvas.text(centre, frame.y(total) - 5, label, anchor="middle", full=show(total, self.formatter))
        frame.periods([str(period) for period in self.periods], centres)
        return canvas.finish(frame.bottom + 24)

    def _column(self, frame: Plot, n: int, centre: float, width: float) -> None:
        below = Decimal(0)
        for series in self.series:
            part = _part(series, n)
            if part:
                top, bottom = frame.y(below + part), frame.y(below)
                tip = f"{self.periods[n]}, {series.name}: {show(part, self.formatter)}"
                frame.canvas.rect(
                    centre - width / 2, top, width, max(bottom - top, 1), series.tone.ink, round=0, title=tip
                )
                if below:
                    frame.canvas.line(centre - width / 2, bottom, centre + width / 2, bottom, "surface")
                below += part

    def _totals(self) -> list[Decimal]:
        return [sum((_part(series, n) for series in self.series), Decimal(0)) for n in range(len(self.periods))]

    def _key(self) -> list[KeyItem]:
        found = [KeyItem(series.name, series.tone.ink) for series in self.series if any(map(number, series.values))]
        return found if len(found) > 1 else []

    def table(self) -> DataTable:
        rows = tuple(
            cells(
                period, *(tell(series.values[n], self.formatter) for series in self.series), show(total, self.formatter)
            )
            for n, (period, total) in enumerate(zip(self.periods, self._totals(), strict=True))
        )
        names = (str(series.name) for series in self.series)
        return DataTable(self.title, (_("Period"), *names, _("Total")), rows)


def _part(series: ColumnSeries, n: int) -> Decimal:
    return max(number(series.values[n]) or Decimal(0), Decimal(0))
