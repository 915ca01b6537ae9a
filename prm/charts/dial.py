"""The dial: one figure on a scale, its status, its target, its change."""

from dataclasses import dataclass
from decimal import Decimal
from math import cos, radians, sin
from typing import ClassVar

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prm.charts.base import Chart, DataTable, cells
from prm.charts.figures import Formatter, Scale, Value, number, reason, show, signed, tell, whole
from prm.charts.svg import LINE, PAPER, SIZE, Canvas, Palette, cut, rag_ink, rag_word, text_width, wrap
from prm.common.rag import Rag

START, END = 150.0, 390.0  # degrees clockwise from three o'clock: a dial open at the bottom
RADIUS, THICK = 56.0, 9.0


@dataclass(frozen=True, kw_only=True)
class Dial(Chart):
    """A score or percentage from 0 to `maximum`; beyond either end the hand stays there and the figure says the rest.

    `delta` is the change, `since` says against what ("since Q2").
    """

    value: Value
    rag: Rag | None = None
    target: Value = None
    delta: Value = None
    since: str = ""
    maximum: Decimal | int = 100
    formatter: Formatter = whole

    widths: ClassVar[tuple[int, ...]] = (140,)

    def svg(self, width: int = 140, palette: Palette = PAPER) -> SafeString:
        canvas = Canvas(self.id, self.title, self.describe(), width, palette)
        x, y = width / 2, 68.0
        scale = Scale(Decimal(0), Decimal(self.maximum), START, END)
        value, target = number(self.value), number(self.target)
        canvas.add(
            "path", d=_arc(x, y, START, END), stroke_width=THICK, stroke_linecap="round", **canvas.stroke("track")
        )
        if value is not None and value > 0:
            ink = rag_ink(self.rag) if self.rag else "accent"
            end = max(scale(value), START + 1)
            canvas.add(
                "path", d=_arc(x, y, START, end), stroke_width=THICK, stroke_linecap="round", **canvas.stroke(ink)
            )
        if target is not None:
            angle = radians(scale(target))
            inner, outer = RADIUS - 8, RADIUS + 8
            ends = (x + inner * cos(angle), y + inner * sin(angle), x + outer * cos(angle), y + outer * sin(angle))
            canvas.line(*ends, "surface", width=5)
            canvas.line(*ends, "text", width=2, title=_("Target: %(value)s") % {"value": self._show(self.target)})
        text = show(self.value, self.formatter, width=2.9 * SIZE * 2)
        size = min(28.0, 28 * 72 / max(text_width(text, 28), 1))
        canvas.text(x, y + size * 0.3, text, anchor="middle", size=size, bold=True, full=self._show(self.value))
        more = self._captions(canvas, x, y, width, value is None)
        return canvas.finish(y + 66 + more)

    def _captions(self, canvas: Canvas, x: float, y: float, width: float, missing: bool) -> float:
        """Writes what stands under the figure; returns the height it takes beyond the usual one."""
        if missing:
            canvas.centred(x, y + 42, reason(self.value), width, lines=2)
            return 0
        if self.rag:
            word = cut(rag_word(self.rag), 90)
            left = x - (text_width(word) + 14) / 2
            canvas.icon(self.rag, left + 5, y + 33.5)
            canvas.text(left + 14, y + 38, word)
        if number(self.delta) is None:
            return 0
        text = f"{signed(self.delta)} {self.since}".strip()
        canvas.centred(x, y + 58, text, width)
        return LINE * (len(wrap(text, width)) - 1)

    def table(self) -> DataTable:
        rows = [cells(_("Now"), tell(self.value, self.formatter), rag_word(self.rag) if self.rag else "")]
        if self.target is not None:
            rows.append(cells(_("Target"), tell(self.target, self.formatter), ""))
        if number(self.delta) is not None:
            rows.append(cells(_("Change"), f"{signed(self.delta)} {self.since}".strip(), ""))
        return DataTable(self.title, (_("Measure"), _("Figure"), _("Status")), tuple(rows))

    def _show(self, value: Value) -> str:
        return show(value, self.formatter)


def _arc(x: float, y: float, start: float, end: float) -> str:
    (x1, y1), (x2, y2) = ((x + RADIUS * cos(radians(a)), y + RADIUS * sin(radians(a))) for a in (start, end))
    return f"M{x1:.2f} {y1:.2f}A{RADIUS:g} {RADIUS:g} 0 {int(end - start > 180)} 1 {x2:.2f} {y2:.2f}"
