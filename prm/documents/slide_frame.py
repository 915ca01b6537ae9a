"""The places on a slide and what stands in them, as values. Distances are points (1/72 inch) from its top left corner."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from prm.charts.svg import clean
from prm.documents.slide_table import Grid
from prm.documents.slide_text import LEADING
from prm.documents.slides import Chart, Deck, Point, Tile

HEADING = 14.0
GAP = 18.0
PAD = 9.0  # inside a tile
LOGO = (84.0, 34.0)  # the room of a logo
COVER_LOGO = (170.0, 60.0)


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def meets(self, other: Box) -> bool:
        """Whether the two share any room."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True)
class Frame:
    """The room a layout gives: the whole slide, its title, and the area below."""

    slide: Box
    title: Box
    area: Box


@dataclass(frozen=True)
class Text:
    """Lines below a heading (or none). `commentary`: the sentences of the slide, without signs before them."""

    box: Box
    points: tuple[Point, ...]
    size: float
    heading: str = ""
    commentary: bool = False
    muted: bool = False


@dataclass(frozen=True)
class Figure:
    """A tile."""

    box: Box
    label: str
    value: str
    note: str
    tile: Tile
    size: float  # of the figure


@dataclass(frozen=True)
class Sheet:
    box: Box
    grid: Grid


@dataclass(frozen=True)
class Drawing:
    box: Box
    chart: Chart


Placed = Text | Figure | Sheet | Drawing


@dataclass(frozen=True)
class Page:
    """One slide as it is drawn. `cover`: the title is the deck's, `placed` its lines."""

    key: str
    title: str
    title_size: float
    as_of: dt.date | None
    placed: tuple[Placed, ...] = ()
    notes: tuple[str, ...] = ()
    cover: bool = False


def heading_height(heading: str, width: float) -> float:
    """The room a block's heading takes, with what is free below it: one line."""
    return LEADING * HEADING + 5 if clean(heading) else 0.0


def logo_places(count: int, whole: Box, *, cover: bool) -> list[Box]:
    """Where logos stand on our base: side by side at the top."""
    if cover:
        return [Box(84 + n * (COVER_LOGO[0] + 30), 52, *COVER_LOGO) for n in range(count)]
    wide, tall = LOGO
    return [Box(whole.width - 36 - wide - (count - 1 - n) * (wide + 12), 38, wide, tall) for n in range(count)]


def foot_text(deck: Deck, page: Page) -> str:
    """The day its figures are of, and whose they are: what has no room is cut at the end."""
    day = _("As of %(day)s") % {"day": date_format(page.as_of, "DATE_FORMAT")} if page.as_of else ""
    return " · ".join(filter(None, (day, clean(deck.vendor), clean(deck.partner))))
