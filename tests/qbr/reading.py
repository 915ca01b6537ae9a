"""Decks read for tests: a quarter with something on each slide, and all texts of slides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from accounts.models import User
from partners.models import Partner
from prm.common.fiscal import FiscalQuarter
from prm.common.vendor import fiscal_calendar, today
from prm.documents.slides import Block, Chart, Points, Slide, Table, Tiles
from qbr import content
from qbr.content import Choices


def this_quarter() -> FiscalQuarter:
    return fiscal_calendar().quarter_of(today())


def read(
    partner: Partner,
    builder: User,
    quarter: FiscalQuarter | None = None,
    *,
    vendor_copy: bool = False,
    chosen: Choices | None = None,
) -> dict[str, Slide]:
    """The slides by key."""
    slides = content.read(partner, quarter or this_quarter(), eyes=builder, vendor_copy=vendor_copy, chosen=chosen)
    return {slide.key: slide for slide in slides}


def texts(slides: Iterable[Slide]) -> Iterator[str]:
    """All that a deck says, in words."""
    for slide in slides:
        yield slide.title
        yield slide.missing
        yield from slide.commentary
        yield from slide.notes
        for block in slide.blocks:
            yield from _texts(block)


def _texts(block: Block) -> Iterator[str]:
    if isinstance(block, Points):
        yield block.heading
        for point in block.points:
            yield from (point.text, point.word)
    elif isinstance(block, Tiles):
        for tile in block.tiles:
            yield from (tile.label, tile.value, tile.note, tile.word)
    elif isinstance(block, Table):
        yield block.title
        yield from block.heads
        for row in block.rows:
            for cell in row:
                yield from (cell.text, cell.word)
    else:
        yield from (block.title, block.alt, *block.categories, *(series.name for series in block.series))


def table(slide: Slide, place: int = 0) -> Table:
    """A slide's table, counted among its tables."""
    return [block for block in slide.blocks if isinstance(block, Table)][place]


def rows(of: Table) -> list[list[str]]:
    return [[cell.text or cell.word for cell in row] for row in of.rows]


def chart(slide: Slide) -> Chart:
    return next(block for block in slide.blocks if isinstance(block, Chart))


def tiles(slide: Slide) -> dict[str, str]:
    """Values by label."""
    found = next(block for block in slide.blocks if isinstance(block, Tiles))
    return {tile.label: tile.value for tile in found.tiles}
