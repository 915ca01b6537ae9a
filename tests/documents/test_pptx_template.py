"""A vendor's own template: what is taken, what is refused and why, and that decks are written on it."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from openxml_audit import validate_pptx
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.opc.constants import RELATIONSHIP_TYPE as RT
from pptx.util import Inches, Pt

from prm.documents import pptx_template
from prm.documents.pptx import write
from prm.documents.pptx_sketch import sketches
from prm.documents.pptx_template import BadTemplate, Report, Role, check
from tests.documents import sample_deck as sample

MAIN = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
TEMPLATE = MAIN.replace("presentation.main", "template.main")
RELS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def plain(change: Callable[[Any], None] = lambda prs: None) -> bytes:
    """The library's own template (4:3, eleven layouts), changed."""
    presentation = Presentation()
    change(presentation)
    out = io.BytesIO()
    presentation.save(out)
    return out.getvalue()


def rewritten(content: bytes, parts: dict[str, bytes | Callable[[bytes], bytes]]) -> bytes:
    """The package with parts changed or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            change = parts.get(name)
            new.writestr(
                name, old.read(name) if change is None else change(old.read(name)) if callable(change) else change
            )
        for name, content_ in parts.items():
            if name not in old.namelist():
                assert isinstance(content_, bytes)
                new.writestr(name, content_)
    return out.getvalue()


def link(kind: str, target: str, mode: str = "External") -> Callable[[bytes], bytes]:
    """Adds a link to a part's links."""
    added = f'<Relationship Id="rId99" Type="{RELS}/{kind}" Target="{target}"{f" TargetMode={mode!r}" if mode else ""}/></Relationships>'
    return lambda old: old.replace(b"</Relationships>", added.replace("'", '"').encode())


def look(content: bytes) -> Report:
    return check(io.BytesIO(content))


# ── What is taken ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_layouts_are_found_for_each_role() -> None:
    report = look(plain())
    assert report.fits
    assert dict(report.roles) == {
        Role.COVER: "Title Slide",
        Role.CONTENT: "Title and Content",
        Role.PLAIN: "Title Only",
    }
    assert len(report.layouts) == 11
    assert report.ratio == "4:3"
    assert "4:3" in " ".join(report.remarks)


def test_our_own_base_is_a_template_that_fits() -> None:
    report = look(pptx_template.BASE.read_bytes())
    assert (report.refusals, report.remarks, report.ratio) == ((), (), "16:9")


def test_layouts_under_other_names_are_found_by_what_they_are() -> None:
    def rename(presentation: Any) -> None:
        for number, layout in enumerate(presentation.slide_layouts):
            layout.name = f"ACME_{number}_v2"

    assert dict(look(plain(rename)).roles) == {
        Role.COVER: "ACME_0_v2",
        Role.CONTENT: "ACME_1_v2",
        Role.PLAIN: "ACME_5_v2",
    }


def test_layouts_without_a_kind_are_found_by_their_places() -> None:
    def strip(presentation: Any) -> None:
        for number, layout in enumerate(presentation.slide_layouts):
            layout.name = f"Layout {number}"
            layout._element.attrib.pop("type", None)

    report = look(plain(strip))
    assert dict(report.roles) == {Role.COVER: "Layout 0", Role.CONTENT: "Layout 1", Role.PLAIN: "Layout 5"}


def test_one_layout_serves_for_all_and_the_report_says_so() -> None:
    def keep_one(presentation: Any) -> None:
        for layout in list(presentation.slide_layouts):
            if layout.name != "Title and Content":
                presentation.slide_layouts.remove(layout)

    content = plain(keep_one)
    report = look(content)
    assert {name for _role, name in report.roles} == {"Title and Content"}
    assert any("title slide" in remark for remark in report.remarks)
    found = Presentation(io.BytesIO(write(sample.ordinary(), content)))
    assert found.slides[0].shapes.title.text_frame.text == "Quarterly business review Q3 2026"


def test_a_template_file_is_taken_as_a_presentation() -> None:
    potx = rewritten(plain(), {"[Content_Types].xml": lambda old: old.replace(MAIN.encode(), TEMPLATE.encode())})
    assert look(potx).fits
    assert Presentation(io.BytesIO(write(sample.ordinary(), potx))).slides


def own_slides(presentation: Any) -> None:
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Secret merger"
    slide.notes_slide.notes_text_frame.text = "Secret note"
    out = io.BytesIO(sample.logo("#123456"))
    slide.shapes.add_picture(out, 0, 0)


def test_its_own_slides_and_notes_never_enter_a_deck() -> None:
    content = plain(own_slides)
    report = look(content)
    assert report.slides == 1
    assert any("left out" in remark for remark in report.remarks)
    with zipfile.ZipFile(io.BytesIO(write(sample.ordinary(), content))) as package:
        for name in package.namelist():
            assert b"Secret" not in package.read(name), name


def telling(presentation: Any) -> None:
    properties = presentation.core_properties
    for name in (
        "author",
        "category",
        "comments",
        "content_status",
        "identifier",
        "keywords",
        "subject",
        "title",
        "version",
    ):
        setattr(properties, name, f"Secret {name}")


def test_what_it_says_of_itself_stays_behind() -> None:
    """The properties of a file name its slides, show the first, and say who wrote it."""
    types = b'<Override PartName="/docProps/custom.xml" ContentType="application/vnd.openxmlformats-officedocument.custom-properties+xml"/></Types>'
    content = rewritten(
        plain(telling),
        {
            "docProps/app.xml": lambda old: old.replace(
                b"</Properties>", b"<Manager>Secret boss</Manager></Properties>"
            ),
            "docProps/thumbnail.jpeg": b"\xff\xd8\xff Secret picture",
            "docProps/custom.xml": b'<?xml version="1.0"?><Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"><!-- Secret label --></Properties>',
            "_rels/.rels": link("custom-properties", "docProps/custom.xml", mode=""),
            "[Content_Types].xml": lambda old: old.replace(b"</Types>", types),
        },
    )
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        assert sum(b"Secret" in package.read(name) for name in package.namelist()) == 4
    assert look(content).fits
    with zipfile.ZipFile(io.BytesIO(write(sample.ordinary(), content))) as package:
        assert [name for name in package.namelist() if b"Secret" in package.read(name)] == []
        assert sample.ordinary().vendor.encode() in package.read("docProps/core.xml")


def test_a_chart_on_a_slide_of_its_own_is_no_hindrance() -> None:
    content = write(sample.ordinary())
    report = look(content)
    assert report.fits
    assert report.slides == 12
    assert len(Presentation(io.BytesIO(write(sample.ordinary(), content))).slides) == 12


# ── Decks on it ──────────────────────────────────────────────────────────────────────────────────────────────────────


def wide(presentation: Any) -> None:
    """A company's: 16:9, other fonts by the theme, a picture in a corner, the title low and to the right, dark."""
    presentation.slide_width, presentation.slide_height = Inches(13.333), Inches(7.5)
    master = presentation.slide_master
    for shape in master.placeholders:
        kind = shape.placeholder_format.type.name
        if kind == "TITLE":
            shape.left, shape.top, shape.width, shape.height = Pt(200), Pt(60), Pt(700), Pt(60)
        if kind == "BODY":
            shape.left, shape.top, shape.width, shape.height = Pt(100), Pt(140), Pt(820), Pt(340)
    for layout in presentation.slide_layouts:
        for shape in layout.placeholders:
            if shape.placeholder_format.type.name in ("TITLE", "OBJECT"):
                for xfrm in shape._element.xpath("./p:spPr/a:xfrm"):
                    xfrm.getparent().remove(xfrm)


def test_a_deck_stands_where_the_template_says_in_its_colours_and_fonts() -> None:
    found = Presentation(io.BytesIO(write(sample.ordinary(), plain(wide))))
    slide = found.slides[4]
    assert slide.slide_layout.name == "Title and Content"
    body = next(s for s in slide.placeholders if s.placeholder_format.idx == 1)
    chart = next(s for s in slide.shapes if s.has_chart)
    for shape in (body, chart):
        assert shape.left >= Pt(100)
        assert shape.top >= Pt(140)
        assert shape.left + shape.width <= Pt(921)
        assert shape.top + shape.height <= Pt(481)
    assert slide.shapes.title.top == Pt(60)
    theme = found.slide_master.part.part_related_by(RT.THEME).blob
    assert b"4F81BD" in theme  # its own, not the vendor's accent
    assert b"3355CC" not in theme
    assert not slide.shapes._spTree.xpath(".//a:latin")


@pytest.mark.parametrize("change", [lambda prs: None, wide], ids=["4:3", "16:9"])
@pytest.mark.parametrize("deck", [sample.ordinary, sample.extreme])
def test_on_a_template_nothing_leaves_the_slide_or_covers_another(change: Any, deck: Any, tmp_path: Path) -> None:
    content = write(deck(), plain(change))
    found = Presentation(io.BytesIO(content))
    for number, slide in enumerate(found.slides, start=1):
        boxes = [(s.name, s.left, s.top, s.left + s.width, s.top + s.height) for s in slide.shapes]
        for at, (name, left, top, right, bottom) in enumerate(boxes):
            assert left >= 0, (number, name)
            assert right <= found.slide_width + 5, (number, name)
            assert bottom <= found.slide_height + 5, (number, name)
            for other, left2, top2, right2, bottom2 in boxes[at + 1 :]:
                across, down = min(right, right2) - max(left, left2), min(bottom, bottom2) - max(top, top2)
                assert across <= 6350 or down <= 6350, (number, name, other)
    path = tmp_path / "deck.pptx"
    path.write_bytes(content)
    assert [
        (error.part_uri, error.description) for error in validate_pptx(str(path)).errors if "/slides/" in error.part_uri
    ] == []


def test_in_a_narrow_place_the_day_stands_at_the_bottom_and_names_that_have_room() -> None:
    deck = sample.ordinary()
    for names, expected in (
        ("Acme Software", "As of Sept. 30, 2026 · Brightwater Solutions"),
        (sample.LONG, "As of Sept. 30, 2026"),
    ):
        made = replace(deck, vendor=names, partner=deck.partner if names == deck.vendor else names)
        slide = Presentation(io.BytesIO(write(made, plain()))).slides[1]
        foot = next(s for s in slide.placeholders if s.placeholder_format.type.name == "FOOTER")
        assert foot.text_frame.text == expected


def test_a_cover_stands_as_the_templates_does() -> None:
    cover = Presentation(io.BytesIO(write(sample.ordinary(), plain()))).slides[0]
    assert {
        p.alignment for shape in (cover.shapes.title, cover.placeholders[1]) for p in shape.text_frame.paragraphs
    } == {None}


def test_a_layout_without_number_and_footer_gets_them_all_the_same() -> None:
    def strip(presentation: Any) -> None:
        for layout in presentation.slide_layouts:
            for shape in list(layout.placeholders):
                if shape.placeholder_format.type.name in ("FOOTER", "SLIDE_NUMBER", "DATE"):
                    shape._element.getparent().remove(shape._element)

    content = plain(strip)
    assert len(look(content).remarks) == 3
    for slide in Presentation(io.BytesIO(write(sample.ordinary(), content))).slides:
        assert slide.shapes._spTree.xpath('.//a:fld[@type="slidenum"]')
        assert any(s.has_text_frame and s.text_frame.text.startswith("As of") for s in slide.shapes)


def test_on_dark_slides_a_status_is_light() -> None:
    def darken(presentation: Any) -> None:
        mapped = presentation.slide_master.element.find("{*}clrMap")
        mapped.set("bg1", "dk1")
        mapped.set("tx1", "lt1")

    slide = Presentation(io.BytesIO(write(sample.ordinary(), plain(darken)))).slides[3]
    assert "1A6F36" not in slide.shapes._spTree.xml
    assert "5FD082" in slide.shapes._spTree.xml


def test_the_partners_logo_stands_in_a_free_corner_only() -> None:
    def fill(presentation: Any) -> None:
        for place in ((0, 0), (9, 0), (0, 6.6), (9, 6.6)):
            presentation.slide_layouts[1].shapes._spTree.append(_block(presentation, *place))

    crowded = Presentation(io.BytesIO(write(sample.ordinary(), plain(fill)))).slides[4]
    assert not [s for s in crowded.shapes if s.shape_type == MSO_SHAPE_TYPE.PICTURE]


def _block(presentation: Any, left: float, top: float) -> Any:
    other = Presentation()
    slide = other.slides.add_slide(other.slide_layouts[6])
    return slide.shapes.add_shape(1, Inches(left), Inches(top), Inches(1), Inches(0.9))._element


# ── What is refused ──────────────────────────────────────────────────────────────────────────────────────────────────

MACRO = b"application/vnd.ms-powerpoint.presentation.macroEnabled.main+xml"
LAYOUT_RELS = "ppt/slideLayouts/_rels/slideLayout2.xml.rels"
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "isn’t a PowerPoint"),
    "a text": (lambda: b"hello", "isn’t a PowerPoint"),
    "old or locked": (lambda: b"\xd0\xcf\x11\xe0" + b"\x00" * 600, "without a password"),
    "a zip of something else": (lambda: _zip({"a.txt": b"x"}), "isn’t a PowerPoint"),
    "cut short": (lambda: plain()[:9000], "damaged"),
    "a spreadsheet": (lambda: _zip({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": b"<x/>"}), "isn’t a PowerPoint"),
    "too large": (lambda: plain() + b"\x00" * (20 * 1024 * 1024), "larger than 20 MB"),
    "macros by type": (lambda: rewritten(plain(), {"[Content_Types].xml": lambda old: old.replace(MAIN.encode(), MACRO)}), "macros"),
    "macros by part": (lambda: rewritten(plain(), {"ppt/vbaProject.bin": b"x"}), "macros"),
    "a control": (lambda: rewritten(plain(), {"ppt/activeX/activeX1.xml": b"<x/>"}), "macros"),
    "an old document inside": (lambda: rewritten(plain(), {"ppt/embeddings/a.bin": b"\xd0\xcf\x11\xe0 old"}), "OLE"),
    "an object's link": (lambda: rewritten(plain(), {LAYOUT_RELS: link("oleObject", "../embeddings/a.bin", "")}), "OLE"),
    "a document on a layout": (lambda: rewritten(plain(), {LAYOUT_RELS: link("package", "../embeddings/a.docx", "")}), "OLE"),
    "a program": (lambda: rewritten(plain(), {"ppt/media/x.png": b"MZ\x90"}), "program"),
    "a picture from elsewhere": (lambda: rewritten(plain(), {LAYOUT_RELS: link("image", "http://evil.example/pixel.png")}), "fetches"),
    "a film from elsewhere": (lambda: rewritten(plain(), {LAYOUT_RELS: link("video", "https://evil.example/x.mp4")}), "fetches"),
    "a file as link": (lambda: rewritten(plain(), {LAYOUT_RELS: link("hyperlink", "file:///etc/passwd")}), "fetches"),
    "a script as link": (lambda: rewritten(plain(), {LAYOUT_RELS: link("hyperlink", "javascript:alert(1)")}), "fetches"),
    "a template of its own": (lambda: rewritten(plain(), {LAYOUT_RELS: link("attachedTemplate", "//evil/x.potm")}), "OLE"),
    "an entity": (
        lambda: rewritten(plain(), {"ppt/presProps.xml": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'}),
        "never writes",
    ),
    "an entity late in a long part": (lambda: rewritten(plain(), {"ppt/presProps.xml": b" " * 200_000 + b"<!DOCTYPE x><x/>"}), "never writes"),
    "an entity in wide letters": (
        lambda: rewritten(plain(), {"ppt/presProps.xml": '\ufeff<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'.encode("utf-16-le")}),
        "never writes",
    ),
    "an entity in a part of another name": (lambda: rewritten(plain(), {"ppt/presProps.bin": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'}), "never writes"),
    "two hundred megabytes of xml": (lambda: rewritten(plain(), {f"ppt/theme/theme{n}.xml": b" " * 1_000_000 for n in range(9, 219)}), "more XML"),
    "millions of tags": (lambda: rewritten(plain(), {f"ppt/theme/theme{n}.xml": b"<x>" + b"<a/>" * 250_000 + b"</x>" for n in range(9, 19)}), "more XML"),
    "a bomb": (lambda: rewritten(plain(), {"ppt/theme/theme9.xml": b" " * (30 * 1024 * 1024)}), "unpacks"),
    "too many parts": (lambda: _zip({"[Content_Types].xml": b"", "ppt/presentation.xml": b"", **{f"a{n}": b"" for n in range(4100)}}), "unpacks"),
    "a scripted drawing": (lambda: rewritten(plain(), {"ppt/media/x.svg": b"<svg><script>1</script></svg>"}), "script"),
    "broken xml": (lambda: rewritten(plain(), {"ppt/slideLayouts/slideLayout1.xml": b"<p:sldLayout"}), "damaged"),
    "a missing part": (lambda: rewritten(plain(), {"ppt/_rels/presentation.xml.rels": lambda old: old.replace(b"slideMaster1", b"slideMaster7")}), "damaged"),
    "no title": (lambda: plain(lambda prs: [prs.slide_layouts.remove(x) for x in list(prs.slide_layouts) if x.name != "Blank"]), "title"),
}  # fmt: skip


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("name", BAD)
def test_it_is_refused_with_the_reason(name: str) -> None:
    make, reason = BAD[name]
    content = make()
    report = look(content)
    assert not report.fits
    assert reason in report.refusals[0]
    with pytest.raises(BadTemplate, match=reason.replace("(", r"\(")):
        write(sample.ordinary(), content)


def test_addresses_people_may_follow_are_no_hindrance() -> None:
    content = rewritten(plain(), {LAYOUT_RELS: link("hyperlink", "https://acme.example/")})
    assert look(content).fits


def test_the_file_is_left_at_its_beginning() -> None:
    file = io.BytesIO(plain())
    check(file)
    assert file.tell() == 0


# ── How it looks, before it is used ──────────────────────────────────────────────────────────────────────────────────


def test_a_sketch_for_each_role_shows_ground_pictures_and_places() -> None:
    def dress(presentation: Any) -> None:
        layout = presentation.slide_layouts[1]
        slide = presentation.slides.add_slide(presentation.slide_layouts[6])
        picture = slide.shapes.add_picture(io.BytesIO(sample.logo("#123456", (2000, 900))), 0, 0, Inches(1), Inches(1))
        _image, name = layout.part.get_or_add_image_part(io.BytesIO(sample.logo("#123456", (2000, 900))))
        picture._element.xpath(".//a:blip")[0].set(f"{{{RELS}}}embed", name)
        layout.shapes._spTree.append(picture._element)

    found = sketches(plain(dress))
    assert [sketch.role for sketch in found] == [Role.COVER, Role.CONTENT, Role.PLAIN]
    content = found[1].drawing
    assert 'viewBox="0 0 720 540"' in content
    assert 'fill="#ffffff"' in content
    assert "data:image/png;base64," in content
    assert len(content) < 20_000  # made small
    assert "Title and Content" in content
    assert "style=" not in content


def test_a_layouts_name_cannot_break_the_page() -> None:
    def rename(presentation: Any) -> None:
        presentation.slide_layouts[1].name = '"><script>alert(1)</script>'

    assert "<script" not in "".join(sketch.drawing for sketch in sketches(plain(rename)))


def test_what_is_refused_has_no_sketch() -> None:
    with pytest.raises(BadTemplate):
        sketches(b"no")
