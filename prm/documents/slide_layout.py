"""Where everything on a slide stands, so that it fits: the same places for the PPTX, its PDF and the preview.

Distances are points (1/72 inch) from the slide's top left corner.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from prm.charts.svg import clean
from prm.documents import slide_table, slide_tiles
from prm.documents.slide_frame import GAP, HEADING, Box, Drawing, Frame, Page, Placed, Sheet, Text, heading_height
from prm.documents.slide_text import LEADING, fit, lines, one_line, paragraph, shortened
from prm.documents.slides import Block, Chart, Deck, Point, Points, Slide, Table, Tiles

COMMENTARY = (20.0, 18.0, 17.0, 16.0, 15.0, 14.0, 13.0, 12.0)
LIST = (20.0, 18.0, 17.0, 16.0, 15.0, 14.0, 13.0, 12.0, 11.0)
TITLE = (28.0, 26.0, 24.0, 22.0, 20.0, 18.0)
LARGEST = 16.0  # of text that isn't alone on its slide
LEAST_COVER = 32.0  # of a title in one line
LEAST_CHART = 150.0
MOST_PARTS = 3  # slides a long table may take
BESIDE = 0.62  # of the width, for what stands beside the commentary


@dataclass
class _Pages:
    """Rows of blocks, page by page; what a table leaves over goes to pages of its own."""

    frame: Frame
    pages: list[list[Placed]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def pages(deck: Deck, cover: Frame, frame: Frame) -> list[Page]:
    """All slides of a deck. One without any is its title."""
    slides = list(deck.slides)
    found: list[Page] = [] if slides else [_cover(deck, None, cover)]
    for slide in slides:
        found += [_cover(deck, slide, cover)] if slide.key == "title" else lay_out(slide, frame)
    return found


def _cover(deck: Deck, slide: Slide | None, frame: Frame) -> Page:
    fitting = [s for s in (40.0, 36.0, 32.0, 28.0, 24.0) if _rows(deck.title, frame.title, s) <= frame.title.height]
    lone = [s for s in fitting if s >= LEAST_COVER and _rows(deck.title, frame.title, s) < 2 * LEADING * s]
    size = next(iter([*lone, *fitting]), 24.0)  # a little smaller rather than one word on a line of its own
    title = shortened(
        deck.title, frame.title.width, size, max(int(frame.title.height / (LEADING * size)), 1), bold=True
    )
    lines_ = list(slide.commentary) if slide and slide.commentary else [deck.subtitle]
    if slide:
        lines_ += [point.text for block in slide.blocks if isinstance(block, Points) for point in block.points]
    points = tuple(map(Point, dict.fromkeys(filter(None, map(clean, lines_)))))  # what is said twice stands once
    placed: tuple[Placed, ...] = ()
    if points:
        fitted = fit(points, frame.area.width, frame.area.height, (20.0, 18.0, 16.0, 14.0, 12.0), signed=False)
        placed = (Text(frame.area, fitted.points, fitted.size, commentary=True),)
    return Page(
        slide.key if slide else "title",
        title,
        size,
        slide.as_of if slide else None,
        placed,
        tuple(map(clean, slide.notes)) if slide else (),
        cover=True,
    )


def _rows(text: str, box: Box, size: float) -> float:
    return lines(text, box.width, size, bold=True) * LEADING * size


def lay_out(slide: Slide, frame: Frame) -> list[Page]:
    """A slide on as many pages as it needs: one, unless a table is long or the blocks have no room together."""
    room = _Pages(frame)
    _place(room, _arranged(slide, frame.area))
    count = len(room.pages)
    found = []
    for number, placed in enumerate(room.pages, start=1):
        title = slide.title
        if count > 1:
            title = _("%(title)s (%(number)s/%(count)s)") % {"title": clean(title), "number": number, "count": count}
        size = next(
            (s for s in TITLE if _rows(title, frame.title, s) <= min(frame.title.height, 1.3 * LEADING * s)), 0.0
        )
        if not size:
            size = next((s for s in TITLE[2:] if _rows(title, frame.title, s) <= frame.title.height), TITLE[-1])
        most = max(int(frame.title.height / (LEADING * size)), 1)
        notes = list(slide.notes) if number == 1 else []
        if number == 1 and room.left_out:
            notes += [_("Left out on the slide for want of room:"), *room.left_out]
        found.append(
            Page(
                slide.key,
                shortened(title, frame.title.width, size, most, bold=True),
                size,
                slide.as_of,
                tuple(placed),
                tuple(clean(note) for note in notes if clean(note)),
            )
        )
    return found


# ── Which stands beside which ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Stack:
    """Blocks on top of each other, beside something else."""

    parts: tuple[Block, ...]


_Row = list[Block | _Stack]


def _arranged(slide: Slide, area: Box) -> list[_Row]:
    """The blocks in rows from top to bottom. Commentary is a block of points without a heading, told by its identity."""
    width = area.width
    sentences = [clean(text) for text in slide.commentary if clean(text)]
    blocks = [_shown(block) for block in slide.blocks]
    if not sentences and not blocks:
        return [[_Commentary("", (Point(clean(slide.missing) or _("Nothing to show.")),), muted=True)]]
    said = _Commentary("", tuple(map(Point, sentences)))
    tiles: list[_Row] = [
        [part] for block in blocks if isinstance(block, Tiles) for part in slide_tiles.parted(block, area)
    ]
    others: list[Block] = [block for block in blocks if not isinstance(block, Tiles)]
    if sentences and len(others) == 1 and _goes_beside(others[0], width) and len(tiles) < 2:
        return [*tiles, [others[0], said]]
    rows = [*tiles]
    if _stand_beside(others, width):
        rows.append([others[0], _Stack(tuple(others[1:]))])
        others = []
    while others:
        count = 3 if len(others) == 3 and all(isinstance(block, Points) for block in others) else 2
        if len(others) < count or any(_wide(block, width / count - GAP) for block in others[:count]):
            count = 1
        rows.append([*others[:count]])
        others = others[count:]
    return [[said], *rows] if sentences else rows


@dataclass(frozen=True)
class _Commentary(Points):
    muted: bool = False


def _shown(block: Block) -> Block:
    """A table or chart without anything in it is said in words."""
    if isinstance(block, Table) and (not block.rows or not block.heads):
        return Points(block.title, (), block.empty or _("Nothing to show."))
    if isinstance(block, Chart) and not (block.categories and any(_has_figures(s.values) for s in block.series)):
        return Points(block.title, (), _("No figures yet"))
    return block


def _has_figures(values: Sequence[object]) -> bool:
    return any(value is not None for value in values)


def _stand_beside(blocks: Sequence[Block], width: float) -> bool:
    """Whether the first of three has the other two at its side: two lists, or beside a chart its table and a list."""
    if len(blocks) != 3 or isinstance(blocks[0], Points) or not isinstance(blocks[2], Points):
        return False
    second = isinstance(blocks[1], Points) or (isinstance(blocks[0], Chart) and isinstance(blocks[1], Table))
    return second and not any(_wide(block, width / 2 - GAP) for block in blocks)


def _goes_beside(block: Block, width: float) -> bool:
    return not isinstance(block, Points) and not _wide(block, width * BESIDE - GAP)


def _wide(block: Block, width: float) -> bool:
    """Whether the block needs more than the width."""
    if isinstance(block, Table):
        return slide_table.natural(block, 12) > width * 1.25
    return False


# ── How high each row is ─────────────────────────────────────────────────────────────────────────────────────────────


def _place(room: _Pages, rows: list[_Row]) -> None:
    area = room.frame.area
    while rows:
        count = len(rows)
        while count > 1 and sum(_least(row, area) for row in rows[:count]) + GAP * (count - 1) > area.height:
            count -= 1
        now, rows = rows[:count], rows[count:]
        least = [_least(row, area) for row in now]
        wanted = [_wanted(row, area) for row in now]
        alone = not room.pages and not rows and count == 1 and len(now[0]) == 1
        heights = [area.height] if alone else _shared(now, least, wanted, area.height - GAP * (count - 1))
        page: list[Placed] = []
        later: list[list[Placed]] = []
        top = area.top
        for row, height in zip(now, heights, strict=True):
            box = Box(area.left, top, area.width, height)
            for block, place in zip(row, _columns(row, box), strict=True):
                page += _put(room, block, place, later, alone=alone)
            top += height + GAP
        room.pages += [page, *later]


def _shared(rows: list[_Row], least: list[float], wanted: list[float], room: float) -> list[float]:
    """Each row's height: what it needs, then what texts wish for, then what tables and charts do."""
    heights = [min(need, room) for need in least]
    texts = [all(isinstance(block, Points | Tiles | _Stack) for block in row) for row in rows]
    for kind in (True, False):
        free = max(room - sum(heights), 0)
        wishes = [
            max(want - need, 0) if text is kind else 0 for want, need, text in zip(wanted, least, texts, strict=True)
        ]
        share = min(free / (sum(wishes) or 1), 1)
        heights = [height + wish * share for height, wish in zip(heights, wishes, strict=True)]
    return heights


def _columns(row: _Row, box: Box) -> list[Box]:
    beside = len(row) == 2 and isinstance(row[1], _Commentary)
    shares = [BESIDE, 1 - BESIDE] if beside else [1 / len(row)] * len(row)
    width = box.width - GAP * (len(row) - 1)
    found, left = [], box.left
    for share in shares:
        found.append(Box(left, box.top, width * share, box.height))
        left += width * share + GAP
    return found


def _widths(row: _Row, area: Box) -> list[float]:
    return [box.width for box in _columns(row, area)]


def _least(row: _Row, area: Box) -> float:
    return max(
        _height(block, width, area.height, small=True) for block, width in zip(row, _widths(row, area), strict=True)
    )


def _wanted(row: _Row, area: Box) -> float:
    return max(
        _height(block, width, area.height, small=False) for block, width in zip(row, _widths(row, area), strict=True)
    )


def _height(block: Block | _Stack, width: float, most: float, *, small: bool) -> float:
    """The height a block needs in this width, at its smallest or as it likes it best."""
    match block:
        case _Stack():
            every = [_height(part, width, most, small=small) for part in block.parts]
            return min(sum(every) + GAP * (len(every) - 1), most)
        case Points():
            size = (12.0 if isinstance(block, _Commentary) else LIST[-1]) if small else _best(block)[0]
            signed = not isinstance(block, _Commentary)
            body = sum(paragraph(point, width, size, signed=signed) for point in _lines_of(block))
            full = heading_height(block.heading, width) + body
            return min(full, most * 0.45 if small else most)
        case Tiles():
            return min(slide_tiles.tiles_height(block, width), most)
        case Table():
            sizes = (slide_table.SIZES[-1],) if small else (slide_table.SIZES[0],)
            found = slide_table.grid(block, width, most, sizes)
            head = heading_height(block.title, width)
            if small:
                return min(head + sum(found.heights[:5]), most)
            return min(head + found.height, most)
        case Chart():
            return min(LEAST_CHART if small else most, most)


def _best(block: Points, *, alone: bool = False) -> tuple[float, ...]:
    sizes = COMMENTARY if isinstance(block, _Commentary) else LIST
    return sizes if alone else tuple(size for size in sizes if size <= LARGEST)


def _lines_of(block: Points) -> tuple[Point, ...]:
    return block.points or (Point(block.empty or _("Nothing to show.")),)


# ── The blocks ───────────────────────────────────────────────────────────────────────────────────────────────────────


def _put(room: _Pages, block: Block | _Stack, box: Box, later: list[list[Placed]], *, alone: bool) -> list[Placed]:
    match block:
        case _Stack():
            placed: list[Placed] = []
            for part, place in zip(block.parts, _stacked(block, box), strict=True):
                placed += _put(room, part, place, later, alone=False)
            return placed
        case Points():
            return [_text(room, block, box, alone=alone)]
        case Tiles():
            return list(slide_tiles.figures(block, box))
        case Table():
            return [_table(room, block, box, later)]
        case Chart():
            return [Drawing(box, block)]


def _stacked(stack: _Stack, box: Box) -> list[Box]:
    """A place for each part: as high as it likes, or its share."""
    least, wanted = (
        [_height(part, box.width, box.height, small=small) for part in stack.parts] for small in (True, False)
    )
    room = box.height - GAP * (len(stack.parts) - 1)
    found, top = [], box.top
    for height in _shared([[part] for part in stack.parts], least, wanted, room):
        found.append(Box(box.left, top, box.width, height))
        top += height + GAP
    return found


def _text(room: _Pages, block: Points, box: Box, *, alone: bool) -> Text:
    said = isinstance(block, _Commentary)
    head = heading_height(block.heading, box.width)
    fitted = fit(_lines_of(block), box.width, box.height - head, _best(block, alone=alone), signed=not said)
    room.left_out += fitted.left_out
    heading = one_line(block.heading, box.width, (HEADING,), bold=True)[0]
    muted = block.muted if isinstance(block, _Commentary) else not block.points
    return Text(box, fitted.points, fitted.size, heading, said, muted)


def _table(room: _Pages, table: Table, box: Box, later: list[list[Placed]]) -> Sheet:
    area = room.frame.area
    head = heading_height(table.title, box.width)
    first = slide_table.grid(table, box.width, box.height - head)
    if first.height <= box.height - head:
        return Sheet(replace(box, height=head + first.height), first)
    whole_width = abs(box.width - area.width) < 1
    if whole_width:
        grids = slide_table.parts(table, box.width, box.height - head, area.height - head, MOST_PARTS)
    else:
        # Beside something else: what has no room goes on in the whole width.
        narrow = slide_table.parts(table, box.width, box.height - head, area.height - head, 2)
        shown = len(narrow[0].rows)
        rest = replace(table, rows=table.rows[shown:])
        grids = [
            narrow[0],
            *slide_table.parts(rest, area.width, area.height - head, area.height - head, MOST_PARTS - 1),
        ]
    later += [[Sheet(Box(area.left, area.top, area.width, head + more.height), more)] for more in grids[1:]]
    return Sheet(replace(box, height=head + grids[0].height), grids[0])
