"""The distribution: how many stand where."""

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prm.charts.base import Cell, Chart, DataTable
from prm.charts.figures import show
from prm.charts.rows import MIDDLE, Row, Rows, empty
from prm.charts.svg import PAPER, Canvas, KeyItem, Palette, text_width
from prm.common.rag import Rag


@dataclass(frozen=True)
class Part:
    """Part of a whole: how many, and their status (None: without one, such as not yet scored)."""

    label: str
    count: int
    rag: Rag | None = None
    href: str = ""


@dataclass(frozen=True)
class Mix:
    """One stacked bar: its label and parts."""

    label: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True)
class Distribution(Chart):
    """Counts by status, each row a bar of full length. A part too short for its count shows it on hovering only."""

    rows: tuple[Mix, ...]

    def svg(self, width: int = 760, palette: Palette = PAPER) -> SafeString:
        canvas = Canvas(self.id, self.title, self.describe(), width, palette)
        totals = [sum(part.count for part in mix.parts) for mix in self.rows]
        if not any(totals):
            return empty(canvas)
        frame = Rows(canvas, [Row(mix.label, show(total), "") for mix, total in zip(self.rows, totals, strict=True)])

        def draw(index: int, top: float, height: float) -> None:
            at = frame.plot_start
            for part in self.rows[index].parts:
                length = (frame.plot_end - frame.plot_start) * part.count / (totals[index] or 1)
                self._part(canvas, part, at, top - 3, length, height + 6)
                at += length

        frame.draw(draw)
        items = {part.label: part for mix in self.rows for part in mix.parts if part.count}
        key = [PartKey(self._key_label(part), "grey", rag=part.rag) for part in items.values()]
        height = frame.height + 12
        return canvas.finish(height + canvas.key(frame.plot_start, height, canvas.width - frame.plot_start, key) - 4)

    def _key_label(self, part: Part) -> str:
        """With its count where there is but one row, as a short part has no room for it."""
        return f"{part.label} {show(part.count)}" if len(self.rows) == 1 else str(part.label)

    def _part(self, canvas: Canvas, part: Part, x: float, top: float, length: float, height: float) -> None:
        if not part.count:
            return
        ink = part.rag.name.lower() if part.rag else "track"
        canvas.rect(x, top, max(length - 1.5, 1), height, ink, title=f"{part.label}: {show(part.count)}")
        text, middle = show(part.count), top + height / 2
        inside = "surface" if part.rag else "text"
        if length > text_width(text) + 28 and part.rag:
            canvas.icon(part.rag, x + 11, middle, 8, ink=inside)
            canvas.text(x + 19, middle + MIDDLE, text, ink=inside, bold=True)
        elif part.rag and length > 13:
            canvas.icon(part.rag, x + (length - 1.5) / 2, middle, 8, ink=inside)
        elif not part.rag and length > text_width(text) + 6:
            canvas.text(x + (length - 1.5) / 2, middle + MIDDLE, text, ink=inside, anchor="middle", bold=True)

    def table(self) -> DataTable:
        labels = list(dict.fromkeys(str(part.label) for mix in self.rows for part in mix.parts))
        rows = []
        for mix in self.rows:
            parts = {str(part.label): Cell(show(part.count), part.href) for part in mix.parts}
            total = sum(part.count for part in mix.parts)
            row = (parts.get(label, Cell(show(0))) for label in labels)
            rows.append((Cell(str(mix.label)), *row, Cell(show(total))))
        return DataTable(self.title, (_("Name"), *labels, _("Total")), tuple(rows))


@dataclass(frozen=True)
class PartKey(KeyItem):
    """A key entry that shows the status's shape too."""

    rag: Rag | None = None

    def swatch(self, canvas: Canvas, x: float, y: float) -> None:
        if self.rag:
            canvas.icon(self.rag, x + 8, y, 10)
        else:
            canvas.rect(x + 3, y - 5, 10, 10, "track")
