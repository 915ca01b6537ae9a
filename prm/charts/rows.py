"""Charts of one bar per row: compared figures, a bridge from one figure to another, a make-up by status.

On a wide drawing the label stands left of the bar and the figure right of it; on a narrow one both stand above it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prm.charts.base import BREAK
from prm.charts.figures import (
    widest,
)
from prm.charts.svg import LINE, SIZE, Canvas, clean, cut, rag_word, wrap
from prm.common.rag import Rag

BAR = 12.0
BOLD = 1.12  # bold text is about so much wider
MIDDLE = SIZE * 0.36  # from the middle of a line of text down to its baseline


@dataclass(frozen=True)
class Row:
    """What stands around a bar: its label, its figure, a word on it."""

    label: str
    figure: str
    full_figure: str = ""
    rag: Rag | None = None
    detail: str = ""

    @property
    def remark(self) -> str:
        return " · ".join(clean(part) for part in (rag_word(self.rag) if self.rag else "", self.detail) if part)


class Rows:
    """The common frame of row charts: places labels and figures, and says where each bar goes."""

    def __init__(self, canvas: Canvas, rows: Sequence[Row]) -> None:
        self.canvas = canvas
        self.rows = [(row, clean(row.label), row.remark) for row in rows]
        width = canvas.width
        self.beside = width >= BREAK
        self.figure_width = widest(clean(row.figure) for row in rows) * BOLD
        remark = widest(remark + ("----" if row.rag else "") for row, _label, remark in self.rows)
        self.remark_width = min(remark, width * (0.24 if self.beside else 0.42))
        self.right = self.figure_width + (self.remark_width + 10 if self.remark_width else 0)
        self.label_width = min(widest(label for _row, label, _remark in self.rows), width * 0.3) if self.beside else 0.0
        self.plot_start = self.label_width + 12 if self.beside else 1.0
        self.plot_end = width - self.right - 12 if self.beside else width - 1.0
        self.height = 0.0

    def draw(self, bar: Callable[[int, float, float], None]) -> None:
        """Draw all rows, calling `bar(index, top, height)` where each bar goes."""
        for index, (row, label, remark) in enumerate(self.rows):
            if self.beside:
                lines = len(wrap(label, self.label_width))
                height = 26.0 if lines == 1 else 38.0
                middle = self.height + height / 2
                self.canvas.block(0, middle, label, self.label_width)
                bar(index, middle - BAR / 2, BAR)
            else:
                room = self.canvas.width - self.right - 10
                extra = (len(wrap(label, room)) - 1) * LINE
                height = 44.0 + extra
                middle = self.height + 12
                self.canvas.block(0, middle + extra / 2, label, room)
                bar(index, middle + 11 + extra, BAR)
            self._figure(row, remark, middle)
            self.height += height

    def _figure(self, row: Row, remark: str, middle: float) -> None:
        start = self.canvas.width - self.right
        self.canvas.text(
            start + self.figure_width,
            middle + MIDDLE,
            row.figure,
            anchor="end",
            bold=True,
            full=row.full_figure or row.figure,
        )
        x = start + self.figure_width + 10
        room = self.remark_width
        if row.rag:
            self.canvas.icon(row.rag, x + 5, middle)
            x, room = x + 14, room - 14
        if remark:
            self.canvas.text(x, middle + MIDDLE, cut(remark, room), ink="muted", full=remark)


def empty(canvas: Canvas, why: str = "") -> SafeString:
    """A drawing of nothing that says so."""
    canvas.text(0, 22, why or _("No figures yet"), ink="muted")
    return canvas.finish(34)
