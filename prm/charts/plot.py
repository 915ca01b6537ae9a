"""The frame of charts over periods: an axis of round numbers on the left, the periods below, muted lines between."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from prm.charts.figures import Formatter, Scale, tick_texts, ticks, widest
from prm.charts.svg import SIZE, Canvas, clean, cut, text_width

MIDDLE = SIZE * 0.36


@dataclass(frozen=True)
class Plot:
    """Where things go on the canvas: `y` maps figures to heights, `left`…`right` is the room for the periods."""

    canvas: Canvas
    y: Scale
    left: float
    right: float
    bottom: float

    def periods(self, labels: Sequence[str], centres: Sequence[float]) -> None:
        """Write the labels below; where they would touch, only every second, third … (the last one always)."""
        room = max(self.right / max(len(labels), 1), 120.0)
        texts = [cut(clean(label), room) for label in labels]
        places = [self._within(x, text_width(text)) for x, text in zip(centres, texts, strict=True)]
        for every in range(1, len(texts) + 1):
            chosen = range(len(texts) - 1, -1, -every)
            ends = [(places[n], places[n] + text_width(texts[n])) for n in chosen]
            if all(left[1] + 6 <= right[0] for right, left in pairwise(ends)):
                break
        for n in chosen:
            x = places[n] + text_width(texts[n]) / 2
            self.canvas.text(x, self.bottom + 17, texts[n], ink="muted", anchor="middle", full=labels[n])

    def _within(self, centre: float, width: float) -> float:
        """Where text of this width starts to be centred there and yet on the canvas."""
        return min(max(centre - width / 2, 0), self.canvas.width - width)


def plot(
    canvas: Canvas, lo: Decimal, hi: Decimal, formatter: Formatter, *, top: float, height: float, right: float = 0
) -> Plot:
    """Draw gridlines and axis labels for lo…hi; `right` is kept free beside the plot."""
    values = ticks(lo, hi)
    texts = tick_texts(values, formatter)
    left = min(widest(texts), canvas.width * 0.25) + 8
    end = canvas.width - right
    y = Scale(values[0], values[-1], top + height, top)
    for value, text in zip(values, texts, strict=True):
        at = round(y(value)) + 0.5
        canvas.line(left, at, end, at, "line" if value else "grey")
        canvas.text(left - 8, at + MIDDLE, text, ink="muted", anchor="end")
    return Plot(canvas, y, left, end, top + height)
