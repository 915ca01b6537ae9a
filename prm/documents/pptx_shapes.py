"""Shapes of a PPTX: placed in points, named, described; placeholders taken over from a layout; logos where nothing else stands."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from lxml import etree
from PIL import Image
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml import parse_xml
from pptx.util import Pt

from prm.charts.svg import clean
from prm.documents.pptx_template import POINT
from prm.documents.pptx_text import NS
from prm.documents.slide_frame import Box

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
_BODIES = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.SUBTITLE)


def near(one: Box, other: Box | None) -> bool:
    """Whether two boxes are the same but for rounding."""
    if other is None:
        return False
    sides = ((one.left, other.left), (one.top, other.top), (one.right, other.right), (one.bottom, other.bottom))
    return all(abs(a - b) < 1 for a, b in sides)


def emu(box: Box) -> tuple[int, int, int, int]:
    return Pt(box.left), Pt(box.top), Pt(box.width), Pt(box.height)


def put_at(shape: Any, box: Box) -> None:
    shape.left, shape.top, shape.width, shape.height = emu(box)


def text_box(slide: Any, box: Box, name: str) -> Any:
    shape = slide.shapes.add_textbox(*emu(box))
    name_it(shape, name)
    return shape


def name_it(shape: Any, name: str) -> None:
    shape._element.xpath(".//p:cNvPr")[0].set("name", clean(name)[:120] or _("Shape"))


def describe(shape: Any, words: str) -> None:
    shape._element.xpath(".//p:cNvPr")[0].set("descr", clean(words))


def coloured(properties: Any, fill: str) -> None:
    for old in properties.findall(f"{A}solidFill"):
        properties.remove(old)
    properties.insert(0, parse_xml(spaced(fill)))


def spaced(xml: str) -> str:
    return re.sub(r"[\s/>]", lambda found: f" {NS}{found.group()}", xml, count=1)


def edges(tc: Any, *, below: tuple[str, float], above: tuple[str, float] | None) -> None:
    properties = tc.get_or_add_tcPr()
    for name, edge in (("lnT", above), ("lnB", below)):
        if edge:
            fill, width = edge
            properties.append(parse_xml(f'<a:{name} {NS} w="{round(width * POINT)}">{fill}</a:{name}>'))


def own_places(slide: Any) -> tuple[Any, Any]:
    """The title and the place for text among the placeholders the slide got; the others are taken away."""
    title = body = None
    for shape in list(slide.placeholders):
        kind = shape.placeholder_format.type
        if title is None and kind in _TITLES:
            title = shape
        elif body is None and kind in _BODIES:
            body = shape
        else:
            shape._element.getparent().remove(shape._element)
    if title is not None:  # read first
        tree = slide.shapes._spTree
        tree.remove(title._element)
        tree.insert(2, title._element)
    return title, body


def place_of(layout: Any, kind: Any) -> Any:
    return next((shape for shape in layout.placeholders if shape.placeholder_format.type == kind), None)


def cloned(slide: Any, holder: Any) -> Any:
    """A footer or number of the layout on the slide: where it stands and how it looks is the layout's."""
    ph = holder._element.xpath(".//p:nvPr/p:ph")[0]
    number = max([int(found) for found in slide.shapes._spTree.xpath(".//p:cNvPr/@id")], default=1) + 1
    name = _("Footer") if ph.get("type") == "ftr" else _("Slide number")
    shape = parse_xml(
        f'<p:sp {NS}><p:nvSpPr><p:cNvPr id="{number}" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr/></p:nvSpPr>'
        "<p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/><a:p/></p:txBody></p:sp>"
    )
    copied = etree.SubElement(shape.find(f"{P}nvSpPr/{P}nvPr"), f"{P}ph")
    for key, value in ph.attrib.items():
        copied.set(key, value)
    slide.shapes._spTree.append(shape)
    return shape


def shape_box(shape: Any) -> Box | None:
    if shape.left is None or shape.width is None or shape.top is None or shape.height is None:
        return None
    return Box(shape.left / POINT, shape.top / POINT, shape.width / POINT, shape.height / POINT)


def corners(whole: Box, room: Box, taken: Sequence[Box]) -> list[Box]:
    """The first corner of the slide with nothing in it, if there is one. What fills the whole slide is its ground."""
    edge = whole.width * 0.02
    right, low = whole.width - edge - room.width, whole.height - edge - room.height
    places = [Box(right, edge, room.width, room.height), Box(right, low, room.width, room.height),
              Box(edge, edge, room.width, room.height), Box(edge, low, room.width, room.height)]  # fmt: skip
    solid = [box for box in taken if box.width * box.height < whole.width * whole.height * 0.9]
    return [place for place in places if not any(place.meets(box) for box in solid)][:1]


def picture_box(content: bytes, place: Box, *, left: bool) -> Box | None:
    """The picture as large as has room in the place, in its own shape; None where it is no picture."""
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
            width, height = image.size
    except (OSError, ValueError, SyntaxError):
        return None
    scale = min(place.width / width, place.height / height)
    wide, tall = width * scale, height * scale
    x = place.left if left else place.right - wide
    return Box(x, place.top + (place.height - tall) / 2, wide, tall)
