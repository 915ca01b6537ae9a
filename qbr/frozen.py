"""A deck as JSON and back: what a version keeps. Numbers are decimal strings, days ISO 8601; logos are not in it, they are in the files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from prm.documents.slides import (
    Block,
    Cell,
    Chart,
    ChartKind,
    Deck,
    Point,
    Points,
    Series,
    Slide,
    Table,
    Tile,
    Tiles,
    Tone,
)

_WORDS = ("title", "subtitle", "vendor", "partner", "language", "accent", "marked")


def freeze(deck: Deck) -> dict[str, Any]:
    """All that the deck says."""
    return {**{name: getattr(deck, name) for name in _WORDS}, "slides": [_slide(slide) for slide in deck.slides]}


def thaw(kept: Mapping[str, Any]) -> Deck:
    """The deck of what `freeze` gave, without logos."""
    slides = tuple(_read_slide(slide) for slide in kept["slides"])
    return Deck(**{name: kept[name] for name in _WORDS}, slides=slides)


def _slide(slide: Slide) -> dict[str, Any]:
    return {
        "key": slide.key,
        "title": slide.title,
        "as_of": slide.as_of.isoformat(),
        "blocks": [_block(block) for block in slide.blocks],
        "commentary": list(slide.commentary),
        "notes": list(slide.notes),
        "missing": slide.missing,
    }


def _read_slide(kept: Mapping[str, Any]) -> Slide:
    return Slide(
        key=kept["key"],
        title=kept["title"],
        as_of=dt.date.fromisoformat(kept["as_of"]),
        blocks=tuple(_read_block(block) for block in kept["blocks"]),
        commentary=tuple(kept["commentary"]),
        notes=tuple(kept["notes"]),
        missing=kept["missing"],
    )


def _marked(row: Point | Cell) -> list[str]:
    return [row.text, row.tone.value, row.word]


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Points):
        return {
            "kind": "points",
            "heading": block.heading,
            "points": [_marked(point) for point in block.points],
            "empty": block.empty,
        }
    if isinstance(block, Tiles):
        tiles = [[tile.label, tile.value, tile.note, tile.tone.value, tile.word] for tile in block.tiles]
        return {"kind": "tiles", "tiles": tiles}
    if isinstance(block, Table):
        return {
            "kind": "table",
            "title": block.title,
            "heads": list(block.heads),
            "rows": [[_marked(cell) for cell in row] for row in block.rows],
            "numeric": sorted(block.numeric),
            "total": block.total,
            "empty": block.empty,
        }
    series = [
        {"name": row.name, "values": [None if value is None else str(value) for value in row.values], "line": row.line}
        for row in block.series
    ]
    return {
        "kind": "chart",
        "title": block.title,
        "drawn": block.kind.value,
        "categories": list(block.categories),
        "series": series,
        "number_format": block.number_format,
        "alt": block.alt,
    }


def _read_block(kept: Mapping[str, Any]) -> Block:
    match kept["kind"]:
        case "points":
            points = tuple(Point(text, Tone(tone), word) for text, tone, word in kept["points"])
            return Points(kept["heading"], points, kept["empty"])
        case "tiles":
            return Tiles(
                tuple(Tile(label, value, note, Tone(tone), word) for label, value, note, tone, word in kept["tiles"])
            )
        case "table":
            return Table(
                title=kept["title"],
                heads=tuple(kept["heads"]),
                rows=tuple(tuple(Cell(text, Tone(tone), word) for text, tone, word in row) for row in kept["rows"]),
                numeric=frozenset(kept["numeric"]),
                total=kept["total"],
                empty=kept["empty"],
            )
    series = tuple(
        Series(row["name"], tuple(None if value is None else Decimal(value) for value in row["values"]), row["line"])
        for row in kept["series"]
    )
    return Chart(
        title=kept["title"],
        kind=ChartKind(kept["drawn"]),
        categories=tuple(kept["categories"]),
        series=series,
        number_format=kept["number_format"],
        alt=kept["alt"],
    )
