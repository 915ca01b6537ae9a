"""Decks in another program: LibreOffice shows every word in its place, on our base and on templates of other shapes and fonts."""

from pathlib import Path
from typing import Any

from pptx.opc.constants import RELATIONSHIP_TYPE as RT

from prm.documents.pptx import write
from tests.documents import sample_deck as sample
from tests.documents.office import faults, office, poppler, shown
from tests.documents.test_pptx_template import plain, wide

pytestmark = [office, poppler]


def in_font(presentation: Any) -> None:
    """16:9, all in a font of wide letters."""
    wide(presentation)
    part = presentation.slide_master.part.part_related_by(RT.THEME)
    part._blob = part.blob.replace(b'typeface="Calibri"', b'typeface="DejaVu Serif"')
    assert b"DejaVu Serif" in part.blob


def test_every_word_stands_in_its_place(tmp_path: Path) -> None:
    templates = {"our base": None, "4:3": plain(), "wide letters": plain(in_font)}
    decks = {"ordinary": sample.ordinary(), "extreme": sample.extreme()}
    files = {
        f"{deck}, {template}": write(made, content)
        for deck, made in decks.items()
        for template, content in templates.items()
    }
    pages = shown(files, tmp_path)
    assert {name: faults(content, pages[name]) for name, content in files.items()} == {name: [] for name in files}
