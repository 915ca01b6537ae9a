"""The waterfall: how one total becomes another."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prm.charts.base import Chart, DataTable, cells
from prm.charts.figures import Formatter, Scale, Value, number, reason, show, signed, span, tell, whole
from prm.charts.rows import MIDDLE, Row, Rows, empty
from prm.charts.svg import PAPER, Canvas, Palette, cut


class StepKind(StrEnum):
    CHANGE = "change"
    TOTAL = "total"


@dataclass(frozen=True)
class Step:
    """One step of a waterfall: a change (signed), or a total, which starts from zero again."""

    label: str
    value: Value
    kind: StepKind = StepKind.CHANGE
    detail: str = ""
    href: str = ""


@dataclass(frozen=True, kw_only=True)
class Waterfall(Chart):
    """From one total to the next by its changes, each bar starting where the one before ended.

    Totals are drawn as given, not computed; a missing step moves nothing.
    """

    steps: tuple[Step, ...]
    formatter: Formatter = whole

    def svg(self, width: int = 760, palette: Palette = PAPER) -> SafeString:
        canvas = Canvas(self.id, self.title, self.describe(), width, palette)
        if not self.steps:
            return empty(canvas)
        ends = self._ends()
        frame = Rows(canvas, [self._row(step, width) for step in self.steps])
        scale = Scale(*span([end for pair in ends for end in pair]), frame.plot_start, frame.plot_end)
        bottoms: list[float] = []

        def draw(index: int, top: float, height: float) -> None:
            step, (start, end) = self.steps[index], ends[index]
            zero = scale(Decimal(0))
            canvas.line(zero, top - 4, zero, top + height + 4, "line")
            if number(step.value) is None:
                room, why = scale.end - scale.start, reason(step.value)
                canvas.text(scale.start + 4, top + height / 2 + MIDDLE, cut(why, room), ink="muted", full=why)
            else:
                if bottoms and step.kind is StepKind.CHANGE:
                    canvas.line(scale(start), bottoms[-1], scale(start), top, "grey")
                x1, x2 = sorted((scale(start), scale(end)))
                ink = "accent" if step.kind is StepKind.TOTAL else "soft" if end >= start else "grey"
                canvas.rect(min(x1, frame.plot_end - 2), top, max(x2 - x1, 2), height, ink, round=0)
            bottoms.append(top + height)

        frame.draw(draw)
        return canvas.finish(frame.height)

    def _row(self, step: Step, width: float) -> Row:
        return Row(step.label, self._figure(step, width * 0.3), self._figure(step), None, step.detail)

    def _figure(self, step: Step, width: float = 0) -> str:
        write = signed if step.kind is StepKind.CHANGE else show
        return write(step.value, self.formatter, width)

    def _ends(self) -> list[tuple[Decimal, Decimal]]:
        """Where each bar starts and ends."""
        at, ends = Decimal(0), []
        for step in self.steps:
            value = number(step.value)
            start = Decimal(0) if step.kind is StepKind.TOTAL and value is not None else at
            at = start + (value or 0)
            ends.append((start, at))
        return ends

    def table(self) -> DataTable:
        kinds = {StepKind.CHANGE: _("change"), StepKind.TOTAL: _("total")}
        rows = []
        for step in self.steps:
            figure = self._figure(step) if number(step.value) is not None else tell(step.value)
            rows.append(cells(step.label, figure, kinds[step.kind], step.detail, href=step.href))
        return DataTable(self.title, (_("Step"), _("Figure"), _("Kind"), _("Remark")), tuple(rows))
