"""What a deck says, apart from how it is drawn: the same value gives the preview on the page, the PPTX and its PDF.

A slide has a title, up to three blocks, notes for whoever speaks, and the day its figures are of. All texts are ready to be read:
translated, numbers in the reader's format; the numbers of charts are the exact ones, for the workbook inside the file.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum


class Tone(StrEnum):
    """A status: drawn as a letter or sign with a colour, never the colour alone."""

    GOOD = "good"
    WATCH = "watch"
    BAD = "bad"
    NONE = "none"


@dataclass(frozen=True)
class Point:
    """A line of a list; `mark` with its word ("On plan") where it has a status."""

    text: str
    tone: Tone = Tone.NONE
    word: str = ""


@dataclass(frozen=True)
class Points:
    heading: str
    points: tuple[Point, ...]
    empty: str = ""  # what is said where there is none


@dataclass(frozen=True)
class Tile:
    """A figure on its own. `value` "–" with its reason in `note` where it can't be computed."""

    label: str
    value: str
    note: str = ""
    tone: Tone = Tone.NONE
    word: str = ""


@dataclass(frozen=True)
class Tiles:
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Cell:
    text: str
    tone: Tone = Tone.NONE
    word: str = ""


@dataclass(frozen=True)
class Table:
    """`numeric`: the columns, from 0, that stand to the right. `total`: the last row is one. `title` says what it lists, for readers
    who don't see it."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()
    total: bool = False
    empty: str = ""


class ChartKind(StrEnum):
    COLUMNS = "columns"  # side by side
    STACKED = "stacked"
    BARS = "bars"  # lying: categories with long names
    LINES = "lines"


@dataclass(frozen=True)
class Series:
    """`values`: exact; None where there is none. `line`: drawn as a line over the columns of the others."""

    name: str
    values: tuple[Decimal | None, ...]
    line: bool = False


@dataclass(frozen=True)
class Chart:
    """`number_format`: as spreadsheets write it. `alt`: what it shows, in a sentence or two with its main figures."""

    title: str
    kind: ChartKind
    categories: tuple[str, ...]
    series: tuple[Series, ...]
    number_format: str = "#,##0"
    alt: str = ""


Block = Points | Tiles | Table | Chart


@dataclass(frozen=True)
class Slide:
    """`key`: which of the default set it is. `commentary`: sentences proposed by rules, or edited. `missing`: why it has nothing to
    show; such a slide is left out unless somebody switches it on. `as_of`: the day its figures are of."""

    key: str
    title: str
    as_of: dt.date
    blocks: tuple[Block, ...] = ()
    commentary: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    missing: str = ""


@dataclass(frozen=True)
class Deck:
    """`accent`: "#rrggbb" of the vendor. Logos: PNG or JPEG, or none. `marked`: words on every slide of a vendor copy."""

    title: str
    subtitle: str
    vendor: str
    partner: str
    language: str
    slides: Sequence[Slide] = field(default_factory=tuple)
    accent: str = ""
    vendor_logo: bytes = b""
    partner_logo: bytes = b""
    marked: str = ""
