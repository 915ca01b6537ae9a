"""A vendor's own PowerPoint file as template: whether it may be taken, and which of its layouts serves for what.

Only masters, layouts, theme and their pictures are used: the file's own slides, notes and comments never enter a deck.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER

from prm.common.uploads import MEGABYTE, MOST_BYTES
from prm.documents.pptx_package import OLD_OFFICE, BadTemplate, as_presentation, look_into
from prm.documents.slide_frame import Box, Frame

BASE = Path(__file__).with_name("base.pptx")
MOST_LAYOUTS = 200
POINT = 12_700
MARGIN = 0.04  # of the slide, where a layout says nothing
SIDE, ENDS = 7.2, 3.6  # what PowerPoint leaves free inside a box, unless told otherwise

_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
_BODIES = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.SUBTITLE)
_FOOTERS = (PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.SLIDE_NUMBER)


class Role(StrEnum):
    """What a layout serves for."""

    COVER = "cover"  # the first slide: title and subtitle
    CONTENT = "content"  # a title, and a place for text
    PLAIN = "plain"  # a title alone

    @property
    def label(self) -> str:
        return str(_LABELS[self])


_LABELS = {
    Role.COVER: gettext_lazy("Title slide"),
    Role.CONTENT: gettext_lazy("Slides with text"),
    Role.PLAIN: gettext_lazy("Slides without text"),
}

# What PowerPoint calls its own layouts, in the languages it is sold in most; compared without case.
_NAMES = {
    Role.COVER: ("title slide", "cover", "titelfolie", "diapositive de titre", "diapositiva de título", "diapositiva titolo", "slide de título", "titeldia"),
    Role.CONTENT: ("title and content", "titel und inhalt", "titre et contenu", "título y objetos", "titolo e contenuto", "título e conteúdo", "titel en object"),
    Role.PLAIN: ("title only", "nur titel", "titre seul", "solo el título", "solo titolo", "somente título", "alleen titel"),
}  # fmt: skip
_TYPES = {Role.COVER: ("title",), Role.CONTENT: ("obj", "tx"), Role.PLAIN: ("titleOnly",)}


@dataclass(frozen=True)
class Layout:
    """A layout of the file: its name and what it has places for, in words."""

    name: str
    title: bool
    body: bool
    footer: bool
    number: bool


@dataclass(frozen=True)
class Report:
    """What was found. `refusals`: why the file can't be taken, none where it can; `roles`: which layout serves for what, by
    name; `remarks`: what will be different from what somebody might expect."""

    refusals: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    layouts: tuple[Layout, ...] = ()
    roles: tuple[tuple[Role, str], ...] = ()
    width: float = 0.0  # of a slide, in points
    height: float = 0.0
    slides: int = 0  # of its own, which are left out

    @property
    def fits(self) -> bool:
        return not self.refusals

    @property
    def ratio(self) -> str:
        """The slides' shape as people say it."""
        share = self.width / self.height if self.height else 0
        known = {"16:9": 16 / 9, "4:3": 4 / 3, "16:10": 1.6, "A4": 1.414}
        return next((name for name, value in known.items() if abs(share - value) < 0.02), f"{share:.2f}:1")


def check(file: BinaryIO) -> Report:
    """Looks into a file of at most 20 MB without running or fetching anything of it. It is left at its beginning."""
    try:
        file.seek(0)
        content = file.read(MOST_BYTES + 1)
        file.seek(0)
        presentation = opened(content)
        found = layouts(presentation)
    except BadTemplate as error:
        return Report(refusals=(str(error),))
    return _report(presentation, found, _own_slides(content))


def opened(content: bytes) -> Any:
    """The presentation without its own slides and properties; a .potx is taken as a .pptx. Raises BadTemplate."""
    if len(content) > MOST_BYTES:
        raise BadTemplate(
            _("The file is larger than %(most)s MB. Compress its pictures and send it again.")
            % {"most": MOST_BYTES // MEGABYTE}
        )
    if content[:4] != b"PK\x03\x04":
        if content.startswith(OLD_OFFICE):
            raise BadTemplate(
                _("This is an old .ppt, or a file locked with a password. Save it as .pptx without a password.")
            )
        raise BadTemplate(_("This isn’t a PowerPoint file (.pptx or .potx), whatever it is called."))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            look_into(package)
            ready = as_presentation(package)
        presentation = Presentation(io.BytesIO(ready))
        _without_slides(presentation)
        _without_properties(presentation)
        if not list(presentation.slide_layouts):
            raise BadTemplate(_("The file has no slide layouts."))
        for layout in presentation.slide_layouts:  # a part that can't be read shows here rather than in a deck
            list(layout.placeholders)
    except BadTemplate:
        raise
    except Exception as error:  # a broken file breaks its readers in more ways than they name
        raise BadTemplate(_("The file is damaged: PowerPoint itself would have to repair it.")) from error
    return presentation


def base() -> Any:
    """Our own, for vendors without a template."""
    return Presentation(io.BytesIO(_base()))


@cache
def _base() -> bytes:
    return BASE.read_bytes()


# ── What is left out ─────────────────────────────────────────────────────────────────────────────────────────────────


def _own_slides(content: bytes) -> int:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return sum(bool(re.fullmatch(r"ppt/slides/slide\d+\.xml", name)) for name in package.namelist())


def _without_slides(presentation: Any) -> None:
    ids = presentation.slides._sldIdLst
    for entry in list(ids):
        presentation.part.drop_rel(entry.rId)
        ids.remove(entry)
    # Sections, shows and comments speak of slides that are gone.
    for tag in ("extLst", "custShowLst"):
        for element in presentation.element.findall(f"{{*}}{tag}"):
            presentation.element.remove(element)
    for name, rel in list(presentation.part._rels.items()):
        if rel.reltype.rsplit("/", 1)[-1] in ("commentAuthors", "authors", "printerSettings", "tags", "customXml"):
            if rel.reltype.endswith("/tags"):
                for element in presentation.element.findall("{*}custDataLst"):
                    presentation.element.remove(element)
            presentation.part._rels.pop(name)


def _without_properties(presentation: Any) -> None:
    """What a file says of itself speaks of its own slides, too: their titles, a picture of the first, who wrote them, labels."""
    package = presentation.part.package
    for name, rel in list(package._rels.items()):
        if not rel.reltype.endswith("/officeDocument"):
            package.drop_rel(name)


# ── Which layout serves for what ─────────────────────────────────────────────────────────────────────────────────────


def layouts(presentation: Any) -> dict[Role, Any]:
    """The layout for each role: by PowerPoint's own kind, then by name, then by the places it has. Raises BadTemplate."""
    found = list(presentation.slide_layouts)[:MOST_LAYOUTS]
    chosen: dict[Role, Any] = {}
    for role in Role:
        fitting = [layout for layout in found if _serves(layout, role)]
        named = [layout for layout in fitting if (layout.name or "").strip().lower() in _NAMES[role]]
        typed = [layout for layout in fitting if layout._element.get("type") in _TYPES[role]]
        for candidate in (*named, *typed, *fitting):
            chosen[role] = candidate
            break
    if Role.CONTENT not in chosen and Role.PLAIN not in chosen:
        raise BadTemplate(_("No layout of the file has a title. Each deck needs one: add “Title and Content”."))
    content = chosen.get(Role.CONTENT) or chosen[Role.PLAIN]
    return {
        Role.COVER: chosen.get(Role.COVER, content),
        Role.CONTENT: content,
        Role.PLAIN: chosen.get(Role.PLAIN, content),
    }


def _serves(layout: Any, role: Role) -> bool:
    kinds = _kinds(layout)
    titles = sum(kind in _TITLES for kind in kinds)
    bodies = sum(kind in (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT) for kind in kinds)
    if titles != 1:
        return False
    match role:
        case Role.COVER:
            return PP_PLACEHOLDER.SUBTITLE in kinds or PP_PLACEHOLDER.CENTER_TITLE in kinds
        case Role.CONTENT:
            return bodies == 1 and PP_PLACEHOLDER.PICTURE not in kinds and PP_PLACEHOLDER.CENTER_TITLE not in kinds
        case Role.PLAIN:
            return not [kind for kind in kinds if kind not in (*_TITLES, *_FOOTERS)] and PP_PLACEHOLDER.TITLE in kinds


def _kinds(layout: Any) -> list[Any]:
    return [shape.placeholder_format.type for shape in layout.placeholders]


def frame(presentation: Any, layout: Any, *, cover: bool = False) -> Frame:
    """The room of a layout: where its title stands, and where all else may."""
    slide = Box(0, 0, presentation.slide_width / POINT, presentation.slide_height / POINT)
    title_shape = next((shape for shape in layout.placeholders if shape.placeholder_format.type in _TITLES), None)
    title = _inside(title_shape, slide) or _at_top(slide)
    body_shape = next((shape for shape in layout.placeholders if shape.placeholder_format.type in _BODIES), None)
    body = _inside(body_shape, slide)
    if body and not body.meets(title) and (cover or _roomy(body, slide)):
        return Frame(slide, title, body)
    foot = min(
        (
            box.top
            for shape in layout.placeholders
            if shape.placeholder_format.type in _FOOTERS and (box := _box(shape)) and box.top > slide.height * 0.7
        ),
        default=slide.height * (1 - 1.5 * MARGIN),
    )
    foot -= slide.height * 0.01
    top = title.bottom + slide.height * 0.02
    if foot - top < slide.height * 0.3:  # a title in the middle, as section slides have it: it moves up
        title = _at_top(slide)
        top = title.bottom + slide.height * 0.02
    left = min(title.left, slide.width * 0.25)
    return Frame(slide, title, Box(left, top, slide.width - 2 * left, foot - top))


def _at_top(slide: Box) -> Box:
    """Where a title stands if the layout doesn't say."""
    return Box(slide.width * MARGIN, slide.height * MARGIN, slide.width * (1 - 2 * MARGIN), slide.height * 0.14)


def _roomy(box: Box, slide: Box) -> bool:
    return box.width > slide.width * 0.6 and box.height > slide.height * 0.4


def _box(shape: Any) -> Box | None:
    if shape is None or shape.left is None or shape.width is None or shape.top is None or shape.height is None:
        return None
    return Box(shape.left / POINT, shape.top / POINT, shape.width / POINT, shape.height / POINT)


def _inside(shape: Any, slide: Box) -> Box | None:
    """The room for text in a placeholder, as far as it is on the slide."""
    box = _box(shape)
    if not box or box.width < 72 or box.height < 14:
        return None
    left, top, right, bottom = insets(shape)
    x, y = max(box.left, 0) + left, max(box.top, 0) + top
    return Box(x, y, min(box.right, slide.width) - right - x, min(box.bottom, slide.height) - bottom - y)


def insets(shape: Any) -> tuple[float, float, float, float]:
    """What stays free inside a placeholder: said by itself, by what it stands on, or PowerPoint's own."""
    found = {"lIns": SIDE, "tIns": ENDS, "rIns": SIDE, "bIns": ENDS}
    chain = [shape]
    while (above := getattr(chain[-1], "_base_placeholder", None)) is not None:
        chain.append(above)
    for holder in reversed(chain):
        for properties in holder._element.iter("{http://schemas.openxmlformats.org/drawingml/2006/main}bodyPr"):
            found |= {name: int(value) / POINT for name in found if (value := properties.get(name))}
    return found["lIns"], found["tIns"], found["rIns"], found["bIns"]


def _report(presentation: Any, found: dict[Role, Any], slides: int) -> Report:
    every = tuple(_described(layout) for layout in list(presentation.slide_layouts)[:MOST_LAYOUTS])
    width, height = presentation.slide_width / POINT, presentation.slide_height / POINT
    remarks = list(_remarks(found))
    report = Report(
        layouts=every,
        roles=tuple((role, layout.name) for role, layout in found.items()),
        width=width,
        height=height,
        slides=slides,
    )
    if report.ratio != "16:9":
        remarks.append(_("Its slides are %(ratio)s: decks will be, too.") % {"ratio": report.ratio})
    if slides:
        remarks.append(
            ngettext("Its own slide is left out.", "Its own %(count)s slides are left out.", slides) % {"count": slides}
        )
    return Report(**{**report.__dict__, "remarks": tuple(remarks)})


def _remarks(found: dict[Role, Any]) -> Iterable[str]:
    content = found[Role.CONTENT]
    if found[Role.COVER] is content:
        yield _("It has no layout for the title slide: the one for text serves for it.")
    if not _described(content).body:
        yield _("No layout has a place for text: texts stand in boxes of their own.")
    if not _described(content).number:
        yield _("Its layout has no slide number: one is put at the bottom.")
    if not _described(content).footer:
        yield _("Its layout has no footer: the day of the figures is put at the bottom.")


def _described(layout: Any) -> Layout:
    kinds = _kinds(layout)
    return Layout(
        layout.name,
        any(kind in _TITLES for kind in kinds),
        any(kind in _BODIES for kind in kinds),
        PP_PLACEHOLDER.FOOTER in kinds,
        PP_PLACEHOLDER.SLIDE_NUMBER in kinds,
    )
