"""The colours of a presentation's theme: our base's made the vendor's, and whether text stands light on dark."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree
from pptx.opc.constants import RELATIONSHIP_TYPE as RT

from prm.common import accent
from prm.documents.colours import mixed, visible

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"


def put_accent(presentation: Any, colour: str) -> None:
    """The vendor's accent as the theme's first colour, with what goes with it."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour or ""):
        return
    strong = visible(colour)
    part = presentation.slide_master.part.part_related_by(RT.THEME)
    root = etree.fromstring(part.blob)
    values = {
        "accent1": strong,
        "accent3": mixed(strong, "#ffffff", 0.5),
        "accent4": mixed(strong, "#000000", 0.4),
        "hlink": strong,
    }
    for name, value in values.items():
        for entry in root.iter(f"{A}{name}"):
            for child in entry.findall(f"{A}srgbClr"):
                child.set("val", value.lstrip("#").upper())
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def is_dark(presentation: Any) -> bool:
    """Whether text stands light on dark: by the theme's ground colour, as the master maps it."""
    master = presentation.slide_master
    mapped = master.element.find(f"{P}clrMap")
    name = mapped.get("bg1", "lt1") if mapped is not None else "lt1"
    ground = _scheme_colour(master, name)
    reference = master.element.xpath("./p:cSld/p:bg//a:schemeClr/@val")
    if reference and mapped is not None:
        ground = _scheme_colour(master, mapped.get(reference[0], reference[0])) or ground
    literal = master.element.xpath("./p:cSld/p:bg/p:bgPr/a:solidFill/a:srgbClr/@val")
    if literal:
        ground = f"#{literal[0]}"
    return bool(ground) and accent.contrast(ground, accent.WHITE) > accent.contrast(ground, accent.BLACK)


def _scheme_colour(master: Any, name: str) -> str:
    root = etree.fromstring(master.part.part_related_by(RT.THEME).blob)
    for entry in root.iter(f"{A}{name}"):
        for child in entry:
            return f"#{child.get('lastClr') or child.get('val')}"
    return ""
