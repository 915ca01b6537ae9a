"""Tiles that fit on slides: how many stand side by side, how high they are, and how large their figures. In points."""

from __future__ import annotations

from dataclasses import replace

from prm.charts.svg import clean
from prm.documents.slide_frame import GAP, PAD, Box, Figure
from prm.documents.slide_text import LEADING, lines, shortened, status, width_of
from prm.documents.slides import Tile, Tiles

FIGURE = (28.0, 26.0, 24.0, 22.0, 20.0, 18.0, 16.0, 14.0, 12.0, 10.0)
NARROWEST = 132.0


def _tile_columns(block: Tiles, width: float) -> int:
    count = len(block.tiles)
    most = max(int((width + GAP) / (NARROWEST + GAP)), 1)
    rows = -(-count // most)
    return max(-(-count // max(rows, 1)), 1)


def parted(block: Tiles, area: Box) -> list[Tiles]:
    """The tiles in as many blocks as have room on a slide each."""
    columns = _tile_columns(block, area.width)
    tall = _tile_height(block, _tile_width(block, area.width))
    most = max(int((area.height + GAP) / (tall + GAP)), 1) * columns
    return [Tiles(block.tiles[at : at + most]) for at in range(0, len(block.tiles), most)]


def _tile_width(block: Tiles, width: float) -> float:
    columns = _tile_columns(block, width)
    return (width - GAP * (columns - 1)) / columns


def tiles_height(block: Tiles, width: float) -> float:
    if not block.tiles:
        return 0.0
    rows = -(-len(block.tiles) // _tile_columns(block, width))
    return rows * _tile_height(block, _tile_width(block, width)) + GAP * (rows - 1)


def _tile_height(block: Tiles, width: float) -> float:
    room = width - 2 * PAD
    tall = 0.0
    for tile in block.tiles:
        figure = _figure(tile, Box(0, 0, width, 0))
        text = (
            lines(figure.label, room, 12) * LEADING * 12
            + lines(figure.value, room, figure.size, bold=True) * LEADING * figure.size
        )
        mark = status(figure.tile.tone, figure.tile.word)
        if mark:
            text += lines(mark, room, 12, bold=True) * LEADING * 12
        if figure.note:
            text += lines(figure.note, room, 11) * LEADING * 11
        tall = max(tall, text)
    return tall + 2 * PAD


def figures(block: Tiles, box: Box) -> list[Figure]:
    if not block.tiles:
        return []
    columns, width = _tile_columns(block, box.width), _tile_width(block, box.width)
    height = _tile_height(block, width)
    found = []
    for number, tile in enumerate(block.tiles):
        row, column = divmod(number, columns)
        place = Box(box.left + column * (width + GAP), box.top + row * (height + GAP), width, height)
        found.append(_figure(tile, place))
    return found


def _figure(tile: Tile, box: Box) -> Figure:
    room = box.width - 2 * PAD
    value = clean(tile.value) or "–"
    # A figure is never cut: one without room even at the smallest size stands in two lines.
    size = next((s for s in FIGURE if width_of(value, s, bold=True) <= room), 0.0)
    if not size:
        size = next((s for s in FIGURE[4:] if lines(value, room, s, bold=True) <= 2), FIGURE[-1])
        # Four lines hold a hundred digits: what is longer is no figure.
        value = shortened(value, room, size, 4, bold=True)
    tile = replace(tile, word=shortened(tile.word, room - 1.3 * 12, 12, 2, bold=True))
    return Figure(box, shortened(tile.label, room, 12, 2), value, shortened(tile.note, room, 11, 3), tile, size)
