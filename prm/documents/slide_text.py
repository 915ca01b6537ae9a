"""How much text a box takes: measured with a wide font, so that it fits in whatever font the reader's program has.

Distances and sizes are points (1/72 inch).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from django.utils.translation import ngettext

from prm.charts.svg import SIZE, clean, cut, text_width, wrap
from prm.documents.slides import Point, Tone

LEADING = 1.22  # from one line to the next, in sizes
AFTER = 0.38  # below a paragraph
BOLD = 1.2  # how much wider bold letters are
SAFE = 1.04  # figures of the widest fonts are a little wider than they are measured
INDENT = 1.3  # of the text beside its sign, in sizes
MOST_LINES = 10_000
SIGNS = {Tone.GOOD: "▲", Tone.WATCH: "◆", Tone.BAD: "▼", Tone.NONE: ""}


@dataclass(frozen=True)
class Fitted:
    """Lines that fit at `size`. `left_out`: texts that had no room, whole; the last line then says how many."""

    points: tuple[Point, ...]
    size: float
    height: float
    left_out: tuple[str, ...] = ()


def status(tone: Tone, word: str) -> str:
    """The sign and the word of a status: "▲ On plan"."""
    return " ".join(filter(None, (SIGNS[tone], clean(word))))


def said(text: str, tone: Tone, word: str) -> str:
    """A figure or line with its status behind it, as one text."""
    text, mark = clean(text), status(tone, word)
    if not mark or clean(word) == text:
        return mark if mark and text else text
    return f"{text} {mark}".strip()


def lines(text: str, width: float, size: float, *, bold: bool = False) -> int:
    """In how many lines the text stands."""
    return len(broken(text, width, size, bold=bold))


def broken(text: str, width: float, size: float, *, bold: bool = False, most: int = MOST_LINES) -> tuple[str, ...]:
    """The text in lines, at most `most`; what is more is cut with "…"."""
    return _wrapped(clean(text), round(max(width, size) * SIZE / size / (BOLD if bold else SAFE), 3), most)


@lru_cache(maxsize=8192)  # the same text is tried again and again until it fits
def _wrapped(text: str, width: float, most: int) -> tuple[str, ...]:
    return tuple(wrap(text, width, most))


def shortened(text: str, width: float, size: float, most: int, *, bold: bool = False) -> str:
    """As much of the text as stands in `most` lines."""
    text = clean(text)
    found = broken(text, width, size, bold=bold, most=most)
    if not found[-1].endswith("…") or text.endswith("…"):
        return text
    # Lines that end within a word are joined as they were: the program that shows them breaks them anew.
    kept = ""
    for line in found[:-1]:
        kept += line
        if text[len(kept) : len(kept) + 1] == " ":
            kept += " "
    return kept + found[-1]


def one_line(text: str, width: float, sizes: Sequence[float], *, bold: bool = False) -> tuple[str, float]:
    """The text at the largest of the sizes at which it stands in one line; cut at the smallest."""
    text, room = clean(text), width / (BOLD if bold else SAFE)
    for size in sizes:
        if text_width(text, size) <= room:
            return text, size
    return cut(text, room, sizes[-1]), sizes[-1]


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    return text_width(clean(text), size) * (BOLD if bold else SAFE)


def paragraph(point: Point, width: float, size: float, *, signed: bool) -> float:
    """How high a line of a list stands."""
    room = width - INDENT * size if signed else width
    text = f"{clean(point.word)} {clean(point.text)}" if point.word else point.text
    # The word is bold: a little more.
    extra = 0.15 * width_of(point.word, size) if point.word else 0
    return lines(text, room - extra, size) * LEADING * size + AFTER * size


def fit(points: Sequence[Point], width: float, height: float, sizes: Sequence[float], *, signed: bool) -> Fitted:
    """The points at the largest size at which all have room; at the smallest, the first of them and how many more."""
    for size in sizes:
        total = sum(paragraph(point, width, size, signed=signed) for point in points)
        if total <= height:
            return Fitted(tuple(points), size, total)
    size = sizes[-1]
    kept: list[Point] = []
    used, more = 0.0, LEADING * size + AFTER * size
    for number, point in enumerate(points):
        tall = paragraph(point, width, size, signed=signed)
        rest = more if number < len(points) - 1 else 0
        if used + tall + rest > height:
            break
        kept.append(point)
        used += tall
    if not kept:
        first, *others = points
        kept = [_cut_to(first, width, height - (more if others else 0), size, signed=signed)]
        used = paragraph(kept[0], width, size, signed=signed)
        left = [first.text, *(point.text for point in others)]
        count = len(others)
    else:
        left = [point.text for point in points[len(kept) :]]
        count = len(left)
    if count:
        kept.append(Point(and_more(count)))
        used += more
    return Fitted(tuple(kept), size, used, tuple(map(clean, left)))


def and_more(count: int) -> str:
    return ngettext("… and %(number)s more", "… and %(number)s more", count) % {"number": count}


def _cut_to(point: Point, width: float, height: float, size: float, *, signed: bool) -> Point:
    """As much of a point as stands in the height: one line at the least."""
    most = max(int((height - AFTER * size) / (LEADING * size)), 1)
    room = (width - INDENT * size if signed else width) - 1.15 * width_of(point.word, size) / most
    return replace(point, text=shortened(point.text, room, size, most))
