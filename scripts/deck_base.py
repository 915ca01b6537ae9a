"""Makes prm/documents/base.pptx, what decks are written on where a vendor has no template of its own: 16:9, three layouts.

Run it after a change here: `python scripts/deck_base.py`.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.oxml import parse_xml
from pptx.util import Pt

BASE = Path(__file__).resolve().parent.parent / "prm" / "documents" / "base.pptx"
POINT = 12_700
WIDTH, HEIGHT = 960, 540
KEPT = {"Title Slide", "Title and Content", "Title Only"}
NS = (
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
COLOURS = {
    "dk1": "1B1F24", "lt1": "FFFFFF", "dk2": "2B3037", "lt2": "F1F3F5",
    "accent1": "3355CC", "accent2": "7D8590", "accent3": "99AAE5", "accent4": "1F3380", "accent5": "B5BBC2", "accent6": "4A5560",
    "hlink": "2F4FC4", "folHlink": "57606A",
}  # fmt: skip


def main() -> None:
    prs = Presentation()
    prs.slide_width, prs.slide_height = Pt(WIDTH), Pt(HEIGHT)
    prs.element.find("{*}sldSz").attrib.pop("type", None)
    for layout in list(prs.slide_layouts):
        if layout.name not in KEPT:
            prs.slide_layouts.remove(layout)
    master = prs.slide_master
    _theme(master)
    _shapes(master, [_bar(0, 12), *_master()])
    old = master.element.find("{*}txStyles")
    old.getparent().replace(old, parse_xml(_styles()))
    for layout in prs.slide_layouts:
        _shapes(layout, {"Title Slide": _cover, "Title and Content": _content, "Title Only": _plain}[layout.name]())
    _drop(prs.part.package, {RT.THUMBNAIL})
    _drop(prs.part, {RT.PRINTER_SETTINGS})
    core = prs.core_properties
    core.title, core.author, core.last_modified_by, core.subject, core.keywords = "", "", "", "", ""
    core.created = core.modified = dt.datetime(2026, 1, 1)
    core.revision = 1
    prs.save(str(BASE))


def _drop(part: Any, kinds: set[str]) -> None:
    for name, rel in list(part._rels.items()):
        if rel.reltype in kinds:
            part._rels.pop(name)


def _theme(master: Any) -> None:
    part = master.part.part_related_by(RT.THEME)
    root = etree.fromstring(part.blob)
    a = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
    root.set("name", "Cadence")
    scheme = root.find(f".//{a}clrScheme")
    scheme.set("name", "Cadence")
    for name, value in COLOURS.items():
        entry = scheme.find(f"{a}{name}")
        for child in list(entry):
            entry.remove(child)
        etree.SubElement(entry, f"{a}srgbClr", val=value)
    fonts = root.find(f".//{a}fontScheme")
    fonts.set("name", "Cadence")
    for kind in ("majorFont", "minorFont"):
        fonts.find(f"{a}{kind}/{a}latin").set("typeface", "Arial")
        # Without names for other scripts each program takes its own font for them.
        for font in fonts.findall(f"{a}{kind}/{a}font"):
            fonts.find(f"{a}{kind}").remove(font)
    part._blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def _shapes(holder: Any, shapes: list[str]) -> None:
    tree = holder.shapes._spTree
    for child in list(tree)[2:]:
        tree.remove(child)
    for number, xml in enumerate(shapes, start=2):
        tree.append(parse_xml(xml.replace("%ID%", str(number))))


def _xfrm(left: float, top: float, width: float, height: float) -> str:
    x, y, cx, cy = (round(value * POINT) for value in (left, top, width, height))
    return f'<a:xfrm><a:off x="{x}" y="{y}"/><a:ext cx="{cx}" cy="{cy}"/></a:xfrm>'


def _bar(left: float, width: float) -> str:
    return f"""<p:sp {NS}><p:nvSpPr><p:cNvPr id="%ID%" name="Accent"/><p:cNvSpPr/><p:nvPr userDrawn="1"/></p:nvSpPr>
<p:spPr>{_xfrm(left, 0, width, HEIGHT)}<a:prstGeom prst="rect"><a:avLst/></a:prstGeom><a:solidFill><a:schemeClr val="accent1"/></a:solidFill><a:ln><a:noFill/></a:ln></p:spPr>
<p:txBody><a:bodyPr/><a:lstStyle/><a:p><a:endParaRPr lang="en-US"/></a:p></p:txBody></p:sp>"""


def _line(left: float, top: float, width: float) -> str:
    return f"""<p:cxnSp {NS}><p:nvCxnSpPr><p:cNvPr id="%ID%" name="Line"/><p:cNvCxnSpPr/><p:nvPr userDrawn="1"/></p:nvCxnSpPr>
<p:spPr>{_xfrm(left, top, width, 0)}<a:prstGeom prst="line"><a:avLst/></a:prstGeom><a:ln w="9525"><a:solidFill><a:schemeClr val="bg1"><a:lumMod val="85000"/></a:schemeClr></a:solidFill></a:ln></p:spPr></p:cxnSp>"""


def _holder(
    name: str,
    ph: str,
    place: tuple[float, float, float, float] | None,
    *,
    body: str = "",
    style: str = "",
    text: str = "",
) -> str:
    props = _xfrm(*place) if place else ""
    return f"""<p:sp {NS}><p:nvSpPr><p:cNvPr id="%ID%" name="{name}"/><p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph {ph}/></p:nvPr></p:nvSpPr>
<p:spPr>{props}{'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>' if place else ""}</p:spPr>
<p:txBody><a:bodyPr {body}/><a:lstStyle>{style}</a:lstStyle>{text or "<a:p><a:endParaRPr lang='en-US'/></a:p>"}</p:txBody></p:sp>"""


TITLE = (36, 22, 700, 66)
BODY = (36, 100, 888, 392)
FLAT = 'vert="horz" lIns="0" tIns="0" rIns="0" bIns="0" rtlCol="0"'
SMALL = (
    '<a:lvl1pPr algn="{algn}"><a:defRPr sz="1000"><a:solidFill><a:schemeClr val="tx1"><a:lumMod val="65000"/><a:lumOff val="35000"/>'
    "</a:schemeClr></a:solidFill></a:defRPr></a:lvl1pPr>"
)
TEXTS = "".join(
    f'<a:p><a:pPr lvl="{level}"/><a:r><a:rPr lang="en-US"/><a:t>{words} level</a:t></a:r></a:p>'
    for level, words in enumerate(("First", "Second", "Third", "Fourth", "Fifth"))
)
CLICK = '<a:p><a:r><a:rPr lang="en-US"/><a:t>Title</a:t></a:r></a:p>'
NUMBER = (
    '<a:p><a:fld id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}" type="slidenum"><a:rPr lang="en-US"/><a:t>‹#›</a:t></a:fld>'
    '<a:endParaRPr lang="en-US"/></a:p>'
)


def _footers(placed: bool = True, left: float = 0) -> list[str]:
    footer = (36, 506, 700, 20) if placed else (left, 506, 700, 20) if left else None
    return [
        _holder("Footer", 'type="ftr" sz="quarter" idx="11"' if not placed else 'type="ftr" sz="quarter" idx="3"',
                footer, body=FLAT + ' anchor="ctr"' if placed else "",
                style=SMALL.format(algn="l") if placed else ""),
        _holder("Slide number", 'type="sldNum" sz="quarter" idx="12"' if not placed else 'type="sldNum" sz="quarter" idx="4"',
                (844, 506, 80, 20) if placed else None, body=FLAT + ' anchor="ctr"' if placed else "",
                style=SMALL.format(algn="r") if placed else "", text=NUMBER),
    ]  # fmt: skip


def _master() -> list[str]:
    return [
        _holder("Title", 'type="title"', TITLE, body=FLAT + ' anchor="ctr"', text=CLICK),
        _holder("Body", 'type="body" idx="1"', BODY, body=FLAT, text=TEXTS),
        *_footers(),
        _line(36, 500, 888),
    ]


def _cover() -> list[str]:
    big = '<a:lvl1pPr algn="l"><a:defRPr sz="4000" b="1"/></a:lvl1pPr>'
    sub = (
        '<a:lvl1pPr marL="0" indent="0" algn="l"><a:buNone/><a:defRPr sz="2000"><a:solidFill><a:schemeClr val="tx1">'
        '<a:lumMod val="65000"/><a:lumOff val="35000"/></a:schemeClr></a:solidFill></a:defRPr></a:lvl1pPr>'
    )
    return [
        _bar(0, 36),
        _holder("Title", 'type="ctrTitle"', (84, 140, 780, 150), body=FLAT + ' anchor="b"', style=big, text=CLICK),
        _holder("Subtitle", 'type="subTitle" idx="1"', (84, 308, 780, 150), body=FLAT, style=sub, text=CLICK),
        *_footers(placed=False, left=84),
    ]


def _content() -> list[str]:
    return [
        _holder("Title", 'type="title"', None, text=CLICK),
        _holder("Content", 'idx="1"', None, text=TEXTS),
        *_footers(placed=False),
    ]


def _plain() -> list[str]:
    return [_holder("Title", 'type="title"', None, text=CLICK), *_footers(placed=False)]


def _styles() -> str:
    ink = '<a:solidFill><a:schemeClr val="tx1"/></a:solidFill>'
    fonts = '<a:latin typeface="+{0}-lt"/><a:ea typeface="+{0}-ea"/><a:cs typeface="+{0}-cs"/>'
    levels = "".join(
        f'<a:lvl{level}pPr marL="{228600 * level}" indent="-228600" algn="l" defTabSz="914400" rtl="0" eaLnBrk="1" latinLnBrk="0" hangingPunct="1">'
        f'<a:spcBef><a:spcPts val="600"/></a:spcBef><a:buFont typeface="Arial"/><a:buChar char="•"/>'
        f'<a:defRPr sz="{size}" kern="1200">{ink}{fonts.format("mn")}</a:defRPr></a:lvl{level}pPr>'
        for level, size in enumerate((1800, 1600, 1400, 1200, 1200, 1200, 1200, 1200, 1200), start=1)
    )
    other = "".join(
        f'<a:lvl{level}pPr marL="{457200 * (level - 1)}" algn="l" defTabSz="914400" rtl="0" eaLnBrk="1" latinLnBrk="0" hangingPunct="1">'
        f'<a:defRPr sz="1800" kern="1200">{ink}{fonts.format("mn")}</a:defRPr></a:lvl{level}pPr>'
        for level in range(1, 10)
    )
    return f"""<p:txStyles {NS}><p:titleStyle><a:lvl1pPr algn="l" defTabSz="914400" rtl="0" eaLnBrk="1" latinLnBrk="0" hangingPunct="1"><a:spcBef><a:spcPct val="0"/></a:spcBef><a:buNone/>
<a:defRPr sz="2800" b="1" kern="1200">{ink}{fonts.format("mj")}</a:defRPr></a:lvl1pPr></p:titleStyle><p:bodyStyle>{levels}</p:bodyStyle>
<p:otherStyle><a:defPPr><a:defRPr lang="en-US"/></a:defPPr>{other}</p:otherStyle></p:txStyles>"""


if __name__ == "__main__":
    main()
