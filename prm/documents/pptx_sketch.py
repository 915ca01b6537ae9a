"""How a template's slides look, as small drawings for the page where it is uploaded: its ground, its bars and pictures, and
where title and content will stand. Nothing of the file is served as it is: pictures are decoded and drawn anew."""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from lxml import etree
from PIL import Image
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.opc.constants import RELATIONSHIP_TYPE as RT

from prm.charts.svg import clean, cut
from prm.common import accent
from prm.common.uploads import MOST_PIXELS
from prm.documents.pptx_template import POINT, Role, frame, layouts, opened
from prm.documents.slide_frame import Box

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
MOST_SHAPES = 60
PICTURE = (480, 270)  # no finer than this: it is a sketch


@dataclass(frozen=True)
class Sketch:
    role: Role
    name: str  # of the layout
    drawing: SafeString  # an SVG as wide as its place

    @property
    def label(self) -> str:
        return self.role.label


def sketches(content: bytes) -> list[Sketch]:
    """One drawing for each role of a template that fits. Raises BadTemplate."""
    presentation = opened(content)
    return [
        Sketch(role, clean(layout.name), _drawn(presentation, layout, role))
        for role, layout in layouts(presentation).items()
    ]


def _drawn(presentation: Any, layout: Any, role: Role) -> SafeString:
    room = frame(presentation, layout, cover=role is Role.COVER)
    colours = _Colours(layout.slide_master)
    words = _("%(role)s on the layout %(name)s") % {"role": role.label, "name": clean(layout.name)}
    size = {"viewBox": f"0 0 {_n(room.slide.width)} {_n(room.slide.height)}", "class": "slide-sketch"}
    root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "aria-label": words, **size})
    ground = colours.ground(layout)
    _rect(root, room.slide, ground)
    sources = [layout] if layout._element.get("showMasterSp") == "0" else [layout.slide_master, layout]
    for source in sources:
        for shape in list(source.shapes)[:MOST_SHAPES]:
            _shape(root, shape, colours)
    ink = accent.text_on(ground)
    _place(root, room.title, _("Title"), ink, 26)
    _place(root, room.area, _("Subtitle") if role is Role.COVER else _("Text, charts and tables"), ink, 18)
    return mark_safe(ET.tostring(root, encoding="unicode"))


def _shape(root: ET.Element, shape: Any, colours: _Colours) -> None:
    if shape.is_placeholder or None in (shape.left, shape.top, shape.width, shape.height):
        return
    box = Box(shape.left / POINT, shape.top / POINT, shape.width / POINT, shape.height / POINT)
    if shape.shape_type == MSO_SHAPE_TYPE.PICTURE:
        address = _picture(shape)
        if address:
            ET.SubElement(root, "image", {**_at(box), "href": address, "preserveAspectRatio": "none"})
        return
    fill = colours.first(shape._element.find("{*}spPr"))
    if fill:
        _rect(root, box, fill)


def _picture(shape: Any) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(shape.image.blob), formats=("PNG", "JPEG", "GIF", "BMP")) as image:
                if image.width * image.height > MOST_PIXELS:
                    return ""
                picture = image.convert("RGBA")
    except Exception:  # linked, a vector drawing, or broken: a sketch does without
        return ""
    picture.thumbnail(PICTURE)
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}"


class _Colours:
    """The theme's, as the master names them."""

    def __init__(self, master: Any) -> None:
        self.master = master
        root = etree.fromstring(master.part.part_related_by(RT.THEME).blob)
        self.theme = dict(_scheme(root))
        mapped = master.element.find("{*}clrMap")
        self.names = dict(mapped.attrib) if mapped is not None else {}

    def of(self, name: str) -> str:
        return self.theme.get(self.names.get(name, name), "")

    def first(self, holder: Any) -> str:
        """The colour a shape is filled with, if it is one."""
        fill = holder.find(f"{A}solidFill") if holder is not None else None
        if fill is None:
            return ""
        for found in fill:
            if found.tag == f"{A}srgbClr":
                return _hex(found.get("val"))
            if found.tag == f"{A}schemeClr":
                return self.of(found.get("val", ""))
        return ""

    def ground(self, layout: Any) -> str:
        for source in (layout, self.master):
            for holder in source.element.xpath("./p:cSld/p:bg/p:bgPr"):
                if found := self.first(holder):
                    return found
            for name in source.element.xpath("./p:cSld/p:bg/p:bgRef/a:schemeClr/@val"):
                if found := self.of(name):
                    return found
        return self.of("bg1") or accent.WHITE


def _scheme(root: Any) -> Iterator[tuple[str, str]]:
    for scheme in root.iter(f"{A}clrScheme"):
        for entry in scheme:
            for child in entry:
                found = _hex(child.get("lastClr") or child.get("val"))
                if found:
                    yield entry.tag.removeprefix(A), found


def _hex(value: str | None) -> str:
    text = (value or "").lower()
    return f"#{text}" if len(text) == 6 and set(text) <= set("0123456789abcdef") else ""


def _at(box: Box) -> dict[str, str]:
    return {"x": _n(box.left), "y": _n(box.top), "width": _n(max(box.width, 0)), "height": _n(max(box.height, 0))}


def _rect(root: ET.Element, box: Box, fill: str) -> None:
    ET.SubElement(root, "rect", {**_at(box), "fill": fill})


def _place(root: ET.Element, box: Box, words: str, ink: str, size: float) -> None:
    ET.SubElement(
        root, "rect", {**_at(box), "fill": "none", "stroke": ink, "stroke-dasharray": "6 4", "stroke-opacity": "0.6"}
    )
    text = {"x": _n(box.left + 8), "y": _n(box.top + min(size + 6, box.height - 4)), "fill": ink, "font-size": _n(size)}
    ET.SubElement(root, "text", {**text, "font-family": "sans-serif"}).text = cut(words, box.width - 16, size)


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
