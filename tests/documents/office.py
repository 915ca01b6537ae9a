"""Decks as LibreOffice shows them: what stands where, word by word, held against the shapes of the file."""

import io
import re
import shutil
import subprocess
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation

POINT = 12_700
SIGNS = str.maketrans("", "", "▲◆▼•‹›#")

office = pytest.mark.office
poppler = pytest.mark.skipif(not shutil.which("pdftotext"), reason="pdftotext is missing")


@dataclass(frozen=True)
class Word:
    text: str
    left: float
    top: float
    right: float
    bottom: float

    def inside(self, room: "Room") -> bool:
        """Whether its middle is."""
        x, y = (self.left + self.right) / 2, (self.top + self.bottom) / 2
        return room.left - 1 <= x <= room.right + 1 and room.top - 1 <= y <= room.bottom + 1


@dataclass(frozen=True)
class Room:
    """A place for text: a shape, or a cell of a table. `text`: what it holds; None where a program writes it (a chart)."""

    name: str
    text: str | None
    left: float
    top: float
    right: float
    bottom: float


def shown(files: Mapping[str, bytes], folder: Path) -> dict[str, list[list[Word]]]:
    """The words on each page, by file; all files in one go."""
    paths = {name: folder / f"deck{number}.pptx" for number, name in enumerate(files)}
    for name, path in paths.items():
        path.write_bytes(files[name])
    home = f"-env:UserInstallation=file://{folder}/home"
    command = [str(shutil.which("soffice")), home, "--headless", "--convert-to", "pdf", "--outdir", str(folder)]
    subprocess.run([*command, *map(str, paths.values())], check=True, capture_output=True, timeout=300)
    return {name: list(_pages(path.with_suffix(".pdf"))) for name, path in paths.items()}


def _pages(path: Path) -> Iterator[list[Word]]:
    boxes = path.with_suffix(".boxes")
    subprocess.run([str(shutil.which("pdftotext")), "-bbox", str(path), str(boxes)], check=True)
    for page in boxes.read_text("utf-8").split("<page ")[1:]:
        found = re.finditer(r'xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<]*)<', page)
        yield [Word(unescape(word.group(5)), *map(float, word.groups()[:4])) for word in found]


def faults(content: bytes, pages: list[list[Word]]) -> list[str]:
    """What is wrong with where words stand: outside every shape, over the edge of their own, lost, or another's in it."""
    slides = list(Presentation(io.BytesIO(content)).slides)
    if len(slides) != len(pages):
        return [f"{len(slides)} slides on {len(pages)} pages"]
    return [
        f"{number}: {fault}"
        for number, (slide, words) in enumerate(zip(slides, pages, strict=True), start=1)
        for fault in _faults(list(_rooms(slide)), words)
    ]


def _faults(rooms: list[Room], words: list[Word]) -> Iterator[str]:
    for word in words:
        found = [room for room in rooms if word.inside(room)]
        if not found:
            yield f"“{word.text}” stands nowhere"
        elif not any(room.left - 3 <= word.left and word.right <= room.right + 3 for room in found):
            yield f"“{word.text}” leaves {found[0].name}"
    for room in rooms:
        if room.text is None or not room.text.isascii():  # letters of other scripts come out of a PDF in other shapes
            continue
        here = _letters("".join(word.text for word in words if word.inside(room)))
        wanted = _letters(room.text)
        if here != wanted:
            yield f"{room.name}: “{room.text}” lost {dict(wanted - here)}, gained {dict(here - wanted)}"


def _letters(text: str) -> Counter[str]:
    return Counter(re.sub(r"\s", "", unicodedata.normalize("NFKC", text).translate(SIGNS)))


def _rooms(slide: Any) -> Iterator[Room]:
    for shape in slide.shapes:
        left, top = shape.left / POINT, shape.top / POINT
        right, bottom = left + shape.width / POINT, top + shape.height / POINT
        if shape.has_table:
            yield from _cells(shape, left, top)
        elif shape.has_text_frame:
            yield Room(shape.name, shape.text_frame.text.translate(SIGNS), left, top, right, bottom)
        else:
            yield Room(shape.name, None, left, top, right, bottom)


def _cells(shape: Any, left: float, top: float) -> Iterator[Room]:
    for row in shape.table.rows:
        at, low = left, top + row.height / POINT
        for column, cell in zip(shape.table.columns, row.cells, strict=True):
            end = at + column.width / POINT
            yield Room(f"{shape.name}, {cell.text[:20]!r}", cell.text.translate(SIGNS), at, top, end, low)
            at = end
        top = low
