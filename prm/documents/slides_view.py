"""Slides as pages show them: the same places, texts and figures as the PPTX, for the preview and the PDF."""

from __future__ import annotations

from dataclasses import dataclass, replace

from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from prm.charts.svg import PAPER, Palette, clean
from prm.documents.pptx_text import first_is_right_to_left
from prm.documents.slide_frame import (
    HEADING,
    Box,
    Drawing,
    Figure,
    Frame,
    Page,
    Placed,
    Sheet,
    Text,
    foot_text,
    heading_height,
    logo_places,
)
from prm.documents.slide_layout import pages
from prm.documents.slide_svg import draw
from prm.documents.slide_table import gutter
from prm.documents.slide_text import SIGNS, one_line
from prm.documents.slides import Cell, Deck, Point, Slide, Tone

WHOLE = Box(0, 0, 960, 540)
COVER = Frame(WHOLE, Box(84, 140, 780, 150), Box(84, 308, 780, 150))
CONTENT = Frame(WHOLE, Box(36, 22, 700, 66), Box(36, 100, 888, 392))


@dataclass(frozen=True)
class Mark:
    """A status: its sign, word and class."""

    sign: str
    word: str
    tone: str


@dataclass(frozen=True)
class Line:
    """A line of a list, a cell: text, and its status or none. `turned`: it is read from the right. `beside`: figures end where it begins."""

    text: str
    mark: Mark | None = None
    turned: bool = False
    number: bool = False
    beside: bool = False


@dataclass(frozen=True)
class Part:
    """Something on the slide, where it stands. `kind` says which of the rest is there: text, figure, sheet or drawing."""

    kind: str
    box: Box
    heading: str = ""
    size: str = ""  # of its text, in points
    lines: tuple[Line, ...] = ()
    signed: bool = False
    muted: bool = False
    figure: Figure | None = None
    mark: Mark | None = None
    heads: tuple[Line, ...] = ()
    rows: tuple[tuple[Line, ...], ...] = ()
    widths: tuple[float, ...] = ()
    total: bool = False
    drawing: SafeString | str = ""

    @property
    def shares(self) -> list[int]:
        """The columns' widths in whole per cent, 100 together."""
        found: list[int] = []
        total, done = sum(self.widths), 0.0
        for width in self.widths:
            done += width
            found.append(max(round(100 * done / total) - sum(found), 1))
        return found


@dataclass(frozen=True)
class Logo:
    """`align`: to which side it stands in its box, as SVG says it; `words`: what it shows."""

    address: str
    words: str
    box: Box
    align: str


@dataclass(frozen=True)
class View:
    """One slide, ready to be shown. `id` is unique on the page that shows it."""

    id: str
    key: str
    title: str
    title_box: Box
    title_size: str
    parts: tuple[Part, ...]
    foot: str
    number: int
    cover: bool = False
    mark: str = ""
    notes: tuple[str, ...] = ()
    logos: tuple[Logo, ...] = ()


def views(
    deck: Deck, *, palette: Palette = PAPER, start: str = "slide", logos: tuple[str, str] = ("", "")
) -> list[View]:
    """All slides of the deck, numbered as in the file; ids begin with `start`. `logos`: addresses of the vendor's and the
    partner's, "" for none."""
    with translation.override(deck.language or None):
        return [
            _view(deck, page, number, f"{start}-{number}", palette, logos)
            for number, page in enumerate(pages(deck, COVER, CONTENT), start=1)
        ]


def preview(deck: Deck, slide: Slide, *, number: int = 1, logos: tuple[str, str] = ("", "")) -> list[View]:
    """One slide of a draft on as many pages as it takes, numbered from `number`, for `qbr/slide.html`."""
    alone = replace(deck, slides=(slide,))
    found = views(alone, start=f"slide-{slide.key.replace('_', '-')}", logos=logos)
    return [replace(view, number=view.number + number - 1) for view in found]


def _view(deck: Deck, page: Page, number: int, id: str, palette: Palette, logos: tuple[str, str]) -> View:
    parts = tuple(_part(placed, f"{id}-{n}", palette) for n, placed in enumerate(page.placed))
    return View(
        id, page.key, page.title, (COVER if page.cover else CONTENT).title, f"{page.title_size:g}", parts,
        foot_text(deck, page), number, page.cover, clean(deck.marked), page.notes,
        _logos(deck, logos, cover=page.cover),
    )  # fmt: skip


def _logos(deck: Deck, addresses: tuple[str, str], *, cover: bool) -> tuple[Logo, ...]:
    found = [(address, name) for address, name in zip(addresses, (deck.vendor, deck.partner), strict=True) if address]
    places = logo_places(len(found), WHOLE, cover=cover)
    return tuple(
        Logo(address, _("Logo of %(name)s") % {"name": clean(name)}, place, "xMinYMid" if cover else "xMaxYMid")
        for (address, name), place in zip(found, places, strict=True)
    )


def _part(placed: Placed, id: str, palette: Palette) -> Part:
    match placed:
        case Text():
            return Part(
                "text", placed.box, placed.heading, f"{placed.size:g}", tuple(map(_point, placed.points)),
                signed=not placed.commentary, muted=placed.muted,
            )  # fmt: skip
        case Figure():
            return Part(
                "figure", placed.box, placed.label, f"{placed.size:g}", figure=placed,
                mark=_mark(placed.tile.tone, placed.tile.word),
            )  # fmt: skip
        case Sheet():
            grid = placed.grid
            head = one_line(grid.title, placed.box.width, (HEADING,), bold=True)[0]
            return Part(
                "sheet", placed.box, head if heading_height(grid.title, 1) else "", f"{grid.size:g}",
                heads=tuple(
                    replace(Line(text, number=n in grid.numeric), beside=bool(gutter(grid.numeric, n)))
                    for n, text in enumerate(grid.heads)
                ),
                rows=tuple(
                    tuple(
                        replace(_cell(cell, number=n in grid.numeric), beside=bool(gutter(grid.numeric, n)))
                        for n, cell in enumerate(row)
                    )
                    for row in grid.rows
                ),
                widths=grid.widths, total=grid.total,
            )  # fmt: skip
        case Drawing():
            return Part("drawing", placed.box, drawing=draw(placed.chart, placed.box, id, palette))


def _point(point: Point) -> Line:
    text, mark = clean(point.text), _mark(point.tone, point.word)
    return Line("" if mark and mark.word == text else text, mark, first_is_right_to_left(f"{point.word} {text}"))


def _cell(cell: Cell, *, number: bool) -> Line:
    text, mark = clean(cell.text), _mark(cell.tone, cell.word)
    return Line("" if mark and mark.word == text else text, mark, first_is_right_to_left(text), number)


def _mark(tone: Tone, word: str) -> Mark | None:
    if not word and tone is Tone.NONE:
        return None
    return Mark(SIGNS[tone], clean(word), tone.value)
