"""What every chart is drawn with: an SVG canvas that escapes all text, and text that fits.

Colours stand twice: as a class, which the page's stylesheet turns into light or dark, and as an attribute, which holds
where no stylesheet reaches (PDF, a saved picture). Nothing uses a `style` attribute, which the page's policy forbids.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from xml.etree import ElementTree as ET

from django.template.defaultfilters import capfirst
from django.utils.safestring import SafeString, mark_safe

from prm.common.rag import Rag

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'DejaVu Sans', Arial, sans-serif"
SIZE = 12.5  # of all text but a dial's figure; stays above 11 px at the smallest scale a page shows a drawing at
LINE = 15.5  # from one line of text to the next


@dataclass(frozen=True)
class Palette:
    """Literal colours, for where the page's custom properties don't reach."""

    text: str = "#1b1f24"
    muted: str = "#57606a"
    line: str = "#e1e4e8"
    track: str = "#e6e9ec"
    accent: str = "#3355cc"
    soft: str = "#99aae5"
    grey: str = "#7d8590"
    surface: str = "#ffffff"
    green: str = "#1a6f36"
    amber: str = "#7f5200"
    red: str = "#b0241b"


PAPER = Palette()

_UNWRITABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NARROW = frozenset("iljtfrI.,:;'|!()[]{}/\\ \u00a0\u202f")
_WIDE = frozenset("mwMW@%—…−+=<>~")


def clean(text: object) -> str:
    """Text in one line, without the characters XML can't hold."""
    return " ".join(_UNWRITABLE.sub("\ufffd", str(text)).split())


def text_width(text: str, size: float = SIZE) -> float:
    """About how wide the text is, in user units: a wide sans-serif font, so rather more than less."""
    return round(sum(map(_advance, text)) * size, 6)


@cache
def _advance(char: str) -> float:
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Mn", "Me"):
        return 0
    if unicodedata.east_asian_width(char) in "WF":
        return 1.05
    if char in _NARROW:
        return 0.38
    if char in _WIDE:
        return 0.97
    return 0.72 if char.isupper() else 0.62


def cut(text: str, width: float, size: float = SIZE) -> str:
    """The text if it fits, else as much of it as fits with an ellipsis."""
    if text_width(text, size) <= width:
        return text
    room = width - text_width("…", size)
    for end, char in enumerate(text):
        room -= _advance(char) * size
        if room < 0:
            return text[:end].rstrip() + "…"
    return text


def wrap(text: str, width: float, lines: int = 2) -> list[str]:
    """The text in at most `lines` lines, broken between words; what doesn't fit is cut."""
    words, found = text.split(" "), [""]
    while words:
        longer = f"{found[-1]} {words[0]}".strip()
        if text_width(longer) > width and found[-1]:
            if len(found) == lines:
                return [*found[:-1], cut(" ".join([found[-1], *words]), width)]
            found.append("")
        elif text_width(longer) > width:
            # A word wider than the line, or in a script without spaces: broken anywhere.
            end = next(n for n in range(len(longer), 0, -1) if text_width(longer[:n]) <= width or n == 1)
            if len(found) == lines:
                return [*found[:-1], cut(" ".join([longer, *words[1:]]), width)]
            found[-1], words[0] = longer[:end], longer[end:]
            found.append("")
            if not words[0]:
                words.pop(0)
        else:
            found[-1] = longer
            words.pop(0)
    return found if found[-1] or len(found) == 1 else found[:-1]


class Canvas:
    """One drawing of `width` × `height` user units. The root's `height` may be set after drawing."""

    def __init__(self, id: str, title: str, desc: str, width: float, palette: Palette = PAPER) -> None:
        self.width = width
        self.palette = palette
        self.id = f"{id}-{width:g}"
        self.root = ET.Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "class": "chart-svg",
                "role": "img",
                "aria-labelledby": f"{self.id}-title {self.id}-desc",
                "font-family": FONT,
                "font-size": _n(SIZE),
                "direction": "ltr",
            },
        )
        ET.SubElement(self.root, "title", {"id": f"{self.id}-title"}).text = clean(title)
        ET.SubElement(self.root, "desc", {"id": f"{self.id}-desc"}).text = clean(desc)

    def finish(self, height: float) -> SafeString:
        """The drawing as markup."""
        self.root.set("width", _n(self.width))
        self.root.set("height", _n(height))
        self.root.set("viewBox", f"0 0 {_n(self.width)} {_n(height)}")
        return mark_safe(ET.tostring(self.root, encoding="unicode"))

    def add(self, tag: str, title: str = "", **attributes: Any) -> ET.Element:
        """An element; `title` is what shows on hovering over it."""
        names = {key.strip("_").replace("_", "-"): _n(value) for key, value in attributes.items() if value is not None}
        element = ET.SubElement(self.root, tag, names)
        if title:
            ET.SubElement(element, "title").text = clean(title)
        return element

    def fill(self, ink: str) -> dict[str, str]:
        return {"class_": f"ch-{ink}", "fill": getattr(self.palette, ink)}

    def stroke(self, ink: str) -> dict[str, str]:
        return {"class_": f"ch-stroke-{ink}", "stroke": getattr(self.palette, ink), "fill": "none"}

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        ink: str = "text",
        anchor: str = "start",
        size: float | None = None,
        bold: bool = False,
        full: str = "",
    ) -> None:
        """One line of text on the baseline `y`; `full` is shown on hovering where `text` is a cut of it."""
        text, full = clean(text), clean(full)
        element = self.add(
            "text",
            x=x,
            y=y,
            text_anchor=None if anchor == "start" else anchor,
            font_size=size,
            font_weight="600" if bold else None,
            **self.fill(ink),
        )
        element.text = text
        if full and full != text:
            ET.SubElement(element, "title").text = full

    def block(self, x: float, y: float, text: str, width: float, *, lines: int = 2, ink: str = "text") -> None:
        """Text in up to `lines` lines, centred on the height `y`."""
        text = clean(text)
        found = wrap(text, width, lines)
        top = y + SIZE * 0.36 - (len(found) - 1) * LINE / 2
        for number, line in enumerate(found):
            self.text(x, top + number * LINE, line, ink=ink, full=text if "…" in line else "")

    def centred(self, x: float, y: float, text: str, width: float, *, lines: int = 2) -> None:
        """Muted text in up to `lines` lines about the vertical x, the first line's baseline at `y`."""
        text = clean(text)
        for number, line in enumerate(wrap(text, width, lines)):
            self.text(x, y + number * LINE, line, ink="muted", anchor="middle", full=text if "…" in line else "")

    def rect(
        self, x: float, y: float, width: float, height: float, ink: str, *, round: float = 2, title: str = ""
    ) -> None:
        self.add("rect", title, x=x, y=y, width=max(width, 0), height=max(height, 0), rx=round, **self.fill(ink))

    def line(
        self, x1: float, y1: float, x2: float, y2: float, ink: str, *, width: float = 1, dash: str = "", title: str = ""
    ) -> None:
        self.add(
            "line",
            title,
            x1=x1,
            y1=y1,
            x2=x2,
            y2=y2,
            stroke_width=width,
            stroke_dasharray=dash or None,
            **self.stroke(ink),
        )

    def path(self, points: Iterable[tuple[float, float]], ink: str, *, width: float = 2, dash: str = "") -> None:
        """A line through the points."""
        d = " ".join(f"{'L' if n else 'M'}{_n(x)} {_n(y)}" for n, (x, y) in enumerate(points))
        self.add(
            "path", d=d, stroke_width=width, stroke_dasharray=dash or None, stroke_linejoin="round", **self.stroke(ink)
        )

    def dot(self, x: float, y: float, radius: float, ink: str, *, title: str = "") -> None:
        self.add("circle", title, cx=x, cy=y, r=radius, **self.fill(ink))

    def icon(self, rag: Rag, x: float, y: float, size: float = 9, *, ink: str = "") -> None:
        """The status's shape centred at x, y, in its colour unless `ink` says otherwise."""
        points = " ".join(f"{_n(x + size * dx)},{_n(y + size * dy)}" for dx, dy in SHAPES[rag.name])
        self.add("polygon", points=points, **self.fill(ink or rag_ink(rag)))

    def key(self, x: float, y: float, width: float, items: Sequence["KeyItem"]) -> float:
        """A key in as many lines as it needs, its first line's middle at `y`; returns the height it took."""
        at, top = x, y
        for item in items:
            label = cut(clean(item.label), width - 22)
            taken = 20 + text_width(label) + 14
            if at > x and at + taken - 14 > x + width:
                at, top = x, top + LINE + 2
            item.swatch(self, at, top)
            self.text(at + 20, top + SIZE * 0.36, label, ink="muted", full=item.label)
            at += taken
        return top - y + LINE


@dataclass(frozen=True)
class KeyItem:
    """One entry of a key: a short sample of the mark and its name."""

    label: str
    ink: str
    mark: str = "box"  # box | line | dashed | dotted | tick | ticks
    weight: float = 2

    def swatch(self, canvas: Canvas, x: float, y: float) -> None:
        if self.mark == "box":
            canvas.rect(x + 2, y - 5, 10, 10, self.ink)
        elif self.mark in ("tick", "ticks"):
            canvas.line(
                x + 7, y - 7, x + 7, y + 7, self.ink, width=self.weight, dash=DOTS if self.mark == "ticks" else ""
            )
        else:
            dash = {"dashed": DASHES, "dotted": DOTS}.get(self.mark, "")
            canvas.line(x, y, x + 14, y, self.ink, width=self.weight, dash=dash)


DASHES = "5 3"
DOTS = "2 2"

# Corners as fractions of the size: a status must be told by its shape alone.
SHAPES = {
    "GREEN": [(0, -0.5), (0.55, 0.45), (-0.55, 0.45)],
    "AMBER": [(0, -0.58), (0.58, 0), (0, 0.58), (-0.58, 0)],
    "RED": [(-0.55, -0.45), (0.55, -0.45), (0, 0.5)],
}


def rag_word(rag: Rag) -> str:
    return capfirst(str(rag.word))


def rag_ink(rag: Rag) -> str:
    return rag.name.lower()


def _n(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
