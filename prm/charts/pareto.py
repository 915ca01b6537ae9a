"""The Pareto curve: what share of the whole the largest few make."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prm.charts.base import BREAK, Chart, DataTable, cells
from prm.charts.figures import Scale, Value, number, percent, show
from prm.charts.plot import MIDDLE
from prm.charts.rows import empty
from prm.charts.svg import DOTS, PAPER, Canvas, KeyItem, Palette, cut, text_width

HUNDRED = Decimal(100)
POINTS = 200  # drawn of a curve, however many there are


@dataclass(frozen=True)
class Curve:
    """Cumulative shares, in percent: `points` from (0, 0) to (100, 100), largest first."""

    points: tuple[tuple[Decimal, Decimal], ...]

    @classmethod
    def of(cls, values: "Sequence[Value] | Curve") -> "Curve | None":
        """The curve of the values, missing and negative ones counted as 0. None where nothing is above 0."""
        if isinstance(values, Curve):
            return values
        sizes = sorted((max(number(value) or Decimal(0), Decimal(0)) for value in values), reverse=True)
        total = sum(sizes)
        if not total:
            return None
        sums = enumerate(accumulate(sizes), start=1)
        return cls(
            ((Decimal(0), Decimal(0)), *((HUNDRED * n / len(sizes), HUNDRED * part / total) for n, part in sums))
        )

    def reach(self, share: Decimal) -> Decimal:
        """The least percent of the members who make at least `share` percent of the whole."""
        return next((x for x, y in self.points if y >= share), HUNDRED)

    def at(self, members: Decimal) -> Decimal:
        """The percent of the whole made by the largest `members` percent (a fraction of a member not counted)."""
        return next(y for x, y in reversed(self.points) if x <= members)

    def sample(self) -> list[tuple[Decimal, Decimal]]:
        step = -(-len(self.points) // POINTS)
        found = list(self.points[::step])
        return found if found[-1] == self.points[-1] else [*found, self.points[-1]]


@dataclass(frozen=True, kw_only=True)
class Pareto(Chart):
    """Share of the whole (up) made by the largest share of members (across), against an earlier time.

    `values` is one figure per member in any order; missing and negative figures count as 0. Where members are many, their
    curves come ready made.
    """

    values: tuple[Value, ...] | Curve
    previous: tuple[Value, ...] | Curve = ()
    threshold: Decimal | int = 80
    name: str = ""
    previous_name: str = ""
    members: str = ""
    measure: str = ""

    def svg(self, width: int = 760, palette: Palette = PAPER) -> SafeString:
        canvas = Canvas(self.id, self.title, self.describe(), width, palette)
        curve, before = Curve.of(self.values), Curve.of(self.previous)
        if curve is None:
            return empty(canvas)
        top = canvas.key(0, 8, width, self._key()) + 8 if before else 8.0
        canvas.text(0, top + 8, cut(self.measure_label, width), ink="muted", full=self.measure_label)
        top += 22
        bottom = top + min(220.0, width * 0.6)
        left = text_width(percent(HUNDRED)) + 8
        x, y = Scale(Decimal(0), HUNDRED, left, width - 8), Scale(Decimal(0), HUNDRED, bottom, top)
        for tick in range(0, 101, 25 if width < BREAK else 20):
            at = round(y(Decimal(tick))) + 0.5
            canvas.line(left, at, width - 8, at, "line" if tick else "grey")
            canvas.text(left - 8, at + MIDDLE, percent(Decimal(tick)), ink="muted", anchor="end")
            label = percent(Decimal(tick))
            at = min(x(Decimal(tick)), width - text_width(label) / 2)
            canvas.text(at, bottom + 17, label, ink="muted", anchor="middle")
        if before:
            canvas.path([(x(a), y(b)) for a, b in before.sample()], "grey", width=1.5)
        canvas.path([(x(a), y(b)) for a, b in curve.sample()], "accent", width=2.25)
        self._mark(canvas, curve, x, y)
        canvas.text((left + width - 8) / 2, bottom + 35, cut(self.members_label, width), ink="muted", anchor="middle")
        return canvas.finish(bottom + 42)

    def _mark(self, canvas: Canvas, curve: Curve, x: Scale, y: Scale) -> None:
        """The point where the threshold is reached, and what it says."""
        level = Decimal(self.threshold)
        at, height = x(curve.reach(level)), y(level)
        canvas.line(x.start, height, at, height, "text", dash=DOTS)
        canvas.line(at, height, at, y.start, "text", dash=DOTS)
        canvas.dot(at, height, 3.5, "accent")
        for line, text in enumerate(self._findings()):
            room = max(x.end - at - 14, at - x.start - 14)
            right = x.end - at - 14 >= text_width(text) or at < (x.start + x.end) / 2
            canvas.text(
                at + (12 if right else -12),
                height + 20 + line * 16,
                cut(text, room),
                bold=line == 0,
                ink="muted" if line else "text",
                anchor="start" if right else "end",
                full=text,
            )

    def _findings(self) -> list[str]:
        found = []
        for values, words in ((self.values, _("%(share)s make %(whole)s")), (self.previous, _("was %(share)s"))):
            curve = Curve.of(values)
            if curve:
                whole = percent(Decimal(self.threshold))
                found.append(words % {"share": percent(curve.reach(Decimal(self.threshold))), "whole": whole})
        return found

    @property
    def members_label(self) -> str:
        return str(self.members or _("Share of members, largest first"))

    @property
    def measure_label(self) -> str:
        return str(self.measure or _("Share of the whole"))

    def _names(self) -> tuple[str, str]:
        return str(self.name or _("Now")), str(self.previous_name or _("Before"))

    def _key(self) -> list[KeyItem]:
        name, previous = self._names()
        return [KeyItem(name, "accent", "line", 2.25), KeyItem(previous, "grey", "line", 1.5)]

    def table(self) -> DataTable:
        curve, before = Curve.of(self.values), Curve.of(self.previous)
        if curve is None:
            return DataTable(self.title, (self.members_label, self.measure_label), ())
        curves = [curve, before] if before else [curve]
        rows = [
            cells(percent(Decimal(tenth)), *(show(c.at(Decimal(tenth)), percent) for c in curves))
            for tenth in range(10, 101, 10)
        ]
        name, previous = self._names()
        headers = (self.members_label, *((name, previous) if before else (self.measure_label,)))
        return DataTable(self.title, headers, tuple(rows))

    def describe(self) -> str:
        return ", ".join(self._findings()) or _("No figures yet")
