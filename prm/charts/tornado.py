"""The tornado: which input a result hangs on, each one lowered and raised by itself."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prm.charts.base import Chart, DataTable, cells
from prm.charts.figures import Formatter, Scale, Value, number, show, signed, span, whole
from prm.charts.rows import Row, Rows, empty
from prm.charts.svg import PAPER, Canvas, KeyItem, Palette


@dataclass(frozen=True)
class Swing:
    """An input and what changing it does: `low` and `high` are the effects of less and of more of it, `less` and `more` those
    inputs as text."""

    label: str
    low: Value
    high: Value
    less: str = ""
    more: str = ""

    @property
    def largest(self) -> Decimal:
        return max(abs(number(self.low) or Decimal(0)), abs(number(self.high) or Decimal(0)))


@dataclass(frozen=True, kw_only=True)
class Tornado(Chart):
    """Bars to both sides of no effect, in the order given; the figure is the larger effect, without its sign."""

    swings: tuple[Swing, ...]
    formatter: Formatter = whole
    less_name: str = ""
    more_name: str = ""

    def svg(self, width: int = 760, palette: Palette = PAPER) -> SafeString:
        canvas = Canvas(self.id, self.title, self.describe(), width, palette)
        if not self.swings:
            return empty(canvas)
        key = [KeyItem(self.less_label, "grey"), KeyItem(self.more_label, "accent")]
        frame = Rows(canvas, [self._row(swing, width) for swing in self.swings])
        frame.height = canvas.key(frame.plot_start, 8, width - frame.plot_start, key) + 6
        lo, hi = span([number(value) for swing in self.swings for value in (swing.low, swing.high)])
        reach = max(-lo, hi)
        scale = Scale(-reach, reach, frame.plot_start, frame.plot_end)

        def draw(index: int, top: float, height: float) -> None:
            swing, zero = self.swings[index], scale(Decimal(0))
            # Where both go the same way the longer one is drawn first, else it would hide the other.
            sides = [(swing.low, "grey", self.less_label), (swing.high, "accent", self.more_label)]
            for value, ink, name in sorted(sides, key=lambda side: -abs(number(side[0]) or Decimal(0))):
                found = number(value)
                if found:
                    at = scale(found)
                    tip = f"{swing.label}, {name}: {signed(value, self.formatter)}"
                    canvas.rect(min(at, zero), top, max(abs(at - zero), 1), height, ink, round=0, title=tip)
            canvas.line(zero, top - 4, zero, top + height + 4, "line")

        frame.draw(draw)
        return canvas.finish(frame.height)

    @property
    def less_label(self) -> str:
        return str(self.less_name or _("Less"))

    @property
    def more_label(self) -> str:
        return str(self.more_name or _("More"))

    def _row(self, swing: Swing, width: float) -> Row:
        figure = f"±{show(swing.largest, self.formatter, width * 0.2)}"
        return Row(swing.label, figure, f"±{show(swing.largest, self.formatter)}")

    def table(self) -> DataTable:
        rows = tuple(
            cells(
                swing.label,
                swing.less,
                signed(swing.low, self.formatter),
                swing.more,
                signed(swing.high, self.formatter),
            )
            for swing in self.swings
        )
        effect = _("Effect")
        return DataTable(self.title, (_("Name"), self.less_label, effect, self.more_label, effect), rows)
