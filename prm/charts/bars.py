"""Bars: figures compared with one another, with best practice and with peers."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prm.charts.base import Chart, DataTable, cells
from prm.charts.figures import Formatter, Scale, Value, number, reason, show, span, tell, whole
from prm.charts.rows import MIDDLE, Row, Rows, empty
from prm.charts.svg import PAPER, Canvas, KeyItem, Palette, cut, rag_word
from prm.common.rag import Rag


@dataclass(frozen=True)
class Bar:
    """One bar. `best` and `peers` are marked on it, `detail` stands beside the figure, `href` leads to its records."""

    label: str
    value: Value
    rag: Rag | None = None
    best: Value = None
    peers: Value = None
    detail: str = ""
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Bars(Chart):
    """Horizontal bars from zero. With a `maximum` (100 for scores) each lies on a track of that length."""

    bars: tuple[Bar, ...]
    maximum: Decimal | int | None = None
    formatter: Formatter = whole
    value_name: str = ""
    best_name: str = ""
    peers_name: str = ""

    def svg(self, width: int = 760, palette: Palette = PAPER) -> SafeString:
        canvas = Canvas(self.id, self.title, self.describe(), width, palette)
        if not self.bars:
            return empty(canvas)
        frame = Rows(canvas, [self._row(bar, width) for bar in self.bars])
        everything = [number(v) for bar in self.bars for v in (bar.value, bar.best, bar.peers)]
        lo, hi = span(everything, at_least=None if self.maximum is None else Decimal(self.maximum))
        scale = Scale(lo, hi, frame.plot_start, frame.plot_end)

        def draw(index: int, top: float, height: float) -> None:
            self._bar(canvas, scale, self.bars[index], top, height, track=self.maximum is not None)

        frame.draw(draw)
        height = frame.height
        if self._key():
            height += 14 + canvas.key(frame.plot_start, height + 14, width - frame.plot_start, self._key()) - 6
        return canvas.finish(height)

    def _row(self, bar: Bar, width: float) -> Row:
        figure = show(bar.value, self.formatter, width * 0.3)
        return Row(bar.label, figure, tell(bar.value, self.formatter), bar.rag, bar.detail)

    def _bar(self, canvas: Canvas, scale: Scale, bar: Bar, top: float, height: float, *, track: bool) -> None:
        value, zero, middle = number(bar.value), scale(Decimal(0)), top + height / 2
        if value is None:
            room = scale.end - scale.start
            canvas.text(scale.start, middle + MIDDLE, cut(reason(bar.value), room), ink="muted", full=reason(bar.value))
            return
        if track:
            canvas.rect(scale.start, top, scale.end - scale.start, height, "track")
        else:
            canvas.line(zero, top - 4, zero, top + height + 4, "line")
        at = scale(value)
        if value:
            length = max(abs(at - zero), 2)
            start = min(zero, scale.end - length) if value > 0 else max(zero - length, scale.start)
            canvas.rect(start, top, length, height, "accent")
        for mark, name, dash in ((bar.peers, self.peers_label, "2 2"), (bar.best, self.best_label, "")):
            found = number(mark)
            if found is not None:
                x, tip = scale(found), f"{name}: {show(mark, self.formatter)}"
                canvas.line(x, top - 4, x, top + height + 4, "surface", width=5)
                canvas.line(x, top - 4, x, top + height + 4, "text", width=2, dash=dash, title=tip)

    @property
    def best_label(self) -> str:
        return str(self.best_name or _("Best practice"))

    @property
    def peers_label(self) -> str:
        return str(self.peers_name or _("Peers, median"))

    def _key(self) -> list[KeyItem]:
        items = []
        if any(number(bar.best) is not None for bar in self.bars):
            items.append(KeyItem(self.best_label, "text", "tick"))
        if any(number(bar.peers) is not None for bar in self.bars):
            items.append(KeyItem(self.peers_label, "text", "ticks"))
        return items

    def table(self) -> DataTable:
        """Columns only for what at least one bar has."""
        columns: list[tuple[str, Callable[[Bar], str]]] = [
            (str(self.value_name or _("Figure")), lambda bar: tell(bar.value, self.formatter))
        ]
        if any(bar.rag for bar in self.bars):
            columns.append((_("Status"), lambda bar: rag_word(bar.rag) if bar.rag else ""))
        if any(bar.best is not None for bar in self.bars):
            columns.append((self.best_label, lambda bar: tell(bar.best, self.formatter)))
        if any(bar.peers is not None for bar in self.bars):
            columns.append((self.peers_label, lambda bar: tell(bar.peers, self.formatter)))
        if any(bar.detail for bar in self.bars):
            columns.append((_("Remark"), lambda bar: str(bar.detail)))
        rows = tuple(cells(bar.label, *(get(bar) for _name, get in columns), href=bar.href) for bar in self.bars)
        return DataTable(self.title, (_("Name"), *(name for name, _get in columns)), rows)
