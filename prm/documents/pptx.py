"""A deck as a PowerPoint file: native charts and tables, placeholders, notes, a reading order; on a vendor's template or our base.

Everything stands where `slide_layout` put it. Nothing is fetched, and nothing of a template's own slides gets in.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from pptx.enum.shapes import MSO_SHAPE, PP_PLACEHOLDER
from pptx.oxml import parse_xml

from prm.charts.svg import clean
from prm.documents import pptx_chart, pptx_template, pptx_theme
from prm.documents.pptx_shapes import (
    cloned,
    coloured,
    corners,
    describe,
    edges,
    emu,
    name_it,
    near,
    own_places,
    picture_box,
    place_of,
    put_at,
    shape_box,
    spaced,
    text_box,
)
from prm.documents.pptx_template import POINT, Role
from prm.documents.pptx_text import NS, Ink, Run, Words
from prm.documents.slide_frame import (
    COVER_LOGO,
    HEADING,
    LOGO,
    PAD,
    Box,
    Drawing,
    Figure,
    Frame,
    Page,
    Sheet,
    Text,
    foot_text,
    heading_height,
    logo_places,
)
from prm.documents.slide_layout import pages
from prm.documents.slide_table import ABOVE, ASIDE, gutter
from prm.documents.slide_text import LEADING, one_line, status
from prm.documents.slides import Cell, Deck, Point

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
NO_STYLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"  # PowerPoint's "No style, no grid": what is drawn is ours
MARK = 22.0  # how high the mark of a vendor copy is
SMALL = 10.0


def write(deck: Deck, template: bytes | None = None) -> bytes:
    """The deck as .pptx. `template`: a vendor's own .pptx or .potx; raises pptx_template.BadTemplate where it can't be used."""
    with translation.override(deck.language or None):
        return _Writer(deck, template).bytes()


class _Writer:
    def __init__(self, deck: Deck, template: bytes | None) -> None:
        self.deck = deck
        self.own = template is None
        self.presentation = pptx_template.base() if template is None else pptx_template.opened(template)
        if template is None:
            pptx_theme.put_accent(self.presentation, deck.accent)
        self.layouts = pptx_template.layouts(self.presentation)
        self.frames = {
            role: pptx_template.frame(self.presentation, layout, cover=role is Role.COVER)
            for role, layout in self.layouts.items()
        }
        if not _same_title(self.frames[Role.PLAIN], self.frames[Role.CONTENT]):  # titles don't jump from slide to slide
            self.layouts[Role.PLAIN] = self.layouts[Role.CONTENT]
        if deck.marked:
            self.frames = {role: _below_mark(frame) for role, frame in self.frames.items()}
        self.words = Words(deck.language, Ink(dark=pptx_theme.is_dark(self.presentation)))
        self.logos = [
            (content, words)
            for content, words in (
                (deck.vendor_logo, _("Logo of %(name)s") % {"name": clean(deck.vendor)}),
                (deck.partner_logo, _("Logo of %(name)s") % {"name": clean(deck.partner)}),
            )
            if content
        ]

    def bytes(self) -> bytes:
        for page in pages(self.deck, self.frames[Role.COVER], self.frames[Role.CONTENT]):
            self._page(page)
        core = self.presentation.core_properties
        core.title, core.author, core.subject = (
            clean(self.deck.title)[:255],
            clean(self.deck.vendor)[:255],
            clean(self.deck.subtitle)[:255],
        )
        core.keywords, core.comments, core.category, core.last_modified_by = "", "", "", clean(self.deck.vendor)[:255]
        core.language = self.words.tag
        day = max((slide.as_of for slide in self.deck.slides), default=None)
        if day:
            core.created = core.modified = dt.datetime(day.year, day.month, day.day)
        out = io.BytesIO()
        self.presentation.save(out)
        return out.getvalue()

    # ── One slide ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _page(self, page: Page) -> None:
        lines = next((placed for placed in page.placed if isinstance(placed, Text)), None)
        role = Role.COVER if page.cover else Role.CONTENT if lines else Role.PLAIN
        layout = self.layouts[role]
        slide = self.presentation.slides.add_slide(layout)
        title, body = own_places(slide)
        frame = self.frames[role if page.cover else Role.CONTENT]
        self._title(slide, title, page, frame)
        if self.deck.marked:
            self._mark(slide, frame.slide)
        if lines:
            self._text(slide, lines, body)
            if page.cover and body is not None and not self.own:  # as the template stands its subtitle
                for properties in body._element.iter(f"{A}pPr"):
                    properties.attrib.pop("algn", None)
        elif body is not None:
            body._element.getparent().remove(body._element)
        for placed in page.placed:
            match placed:
                case Text() if placed is not lines:
                    self._text(slide, placed, None)
                case Figure():
                    self._figure(slide, placed)
                case Sheet():
                    self._sheet(slide, placed)
                case Drawing():
                    self._drawing(slide, placed)
        self._logos(slide, layout, page, frame)
        self._foot(slide, layout, page, frame)
        if page.notes:
            slide.notes_slide.notes_text_frame.text = "\n".join(page.notes)

    def _title(self, slide: Any, title: Any, page: Page, frame: Frame) -> None:
        if title is None:
            title = text_box(slide, frame.title, _("Title"))
        else:
            name_it(title, _("Title"))
            left, top, right, bottom = pptx_template.insets(title)
            room = frame.title
            wanted = Box(room.left - left, room.top - top, room.width + left + right, room.height + top + bottom)
            if not near(wanted, shape_box(title)):
                put_at(title, wanted)
        paragraph = self.words.paragraph([Run(page.title, bold=True)], page.title_size, after=0)
        if not self.own:  # a template's own way with its titles
            paragraph.find(f"{A}pPr").attrib.pop("algn")
            for run in paragraph.iter(f"{A}rPr"):
                run.attrib.pop("b")
        self.words.fill(title._element.txBody, [paragraph], flat=False)

    def _text(self, slide: Any, text: Text, body: Any) -> None:
        shape = body if body is not None else text_box(slide, text.box, clean(text.heading) or _("Text"))
        if body is not None:
            name_it(shape, clean(text.heading) or (_("Commentary") if text.commentary else _("Text")))
            put_at(shape, text.box)
        ink, found = self.words.ink, []
        if text.heading:
            found.append(self._heading(text.heading))
        for point in text.points:
            found.append(self._point(point, text))
        self.words.fill(shape._element.txBody, found, anchor="t")
        if text.muted:
            for run in shape._element.txBody.iter(f"{A}rPr"):
                coloured(run, ink.muted)

    def _heading(self, heading: str) -> Any:
        after = heading_height(heading, 1) - LEADING * HEADING
        return self.words.paragraph([Run(heading, bold=True)], HEADING, after=after)

    def _point(self, point: Point, text: Text) -> Any:
        runs = [Run(clean(point.text))]
        if point.word and clean(point.word) != clean(point.text):
            runs.insert(0, Run(clean(point.word) + "  ", self.words.ink.status(point.tone), bold=True))
        elif point.word:
            runs = [Run(clean(point.word), self.words.ink.status(point.tone), bold=True)]
        return self.words.paragraph(runs, text.size, sign=None if text.commentary else point.tone)

    # ── Tiles, tables, charts ────────────────────────────────────────────────────────────────────────────────────────

    def _figure(self, slide: Any, figure: Figure) -> None:
        shape = slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, *emu(figure.box))
        name_it(shape, figure.label)
        shape.adjustments[0] = 0.06
        style = shape._element.find(f"{P}style")
        if style is not None:
            shape._element.remove(style)
        properties = shape._element.spPr
        properties.append(parse_xml(spaced(self.words.ink.panel)))
        properties.append(parse_xml(f"<a:ln {NS}><a:noFill/></a:ln>"))
        ink = self.words.ink
        found = [
            self.words.paragraph([Run(figure.label, ink.muted)], 12, after=0),
            self.words.paragraph([Run(figure.value, ink.text, bold=True)], figure.size, after=0),
        ]
        mark = status(figure.tile.tone, figure.tile.word)
        if mark:
            found.append(self.words.paragraph([Run(mark, ink.status(figure.tile.tone), bold=True)], 12, after=0))
        if figure.note:
            found.append(self.words.paragraph([Run(figure.note, ink.muted)], 11, after=0))
        self.words.fill(shape._element.txBody, found, anchor="t")
        inner = shape._element.txBody.find(f"{A}bodyPr")
        for side in ("lIns", "tIns", "rIns", "bIns"):
            inner.set(side, str(round(PAD * POINT)))

    def _sheet(self, slide: Any, sheet: Sheet) -> None:
        grid, ink = sheet.grid, self.words.ink
        head = heading_height(grid.title, sheet.box.width)
        if head:
            shown = one_line(grid.title, sheet.box.width, (HEADING,), bold=True)[0]
            heading = text_box(slide, Box(sheet.box.left, sheet.box.top, sheet.box.width, head), shown)
            self.words.fill(heading._element.txBody, [self._heading(shown)], anchor="t")
        place = Box(sheet.box.left, sheet.box.top + head, sheet.box.width, grid.height)
        frame = slide.shapes.add_table(len(grid.rows) + 1, len(grid.heads), *emu(place))
        name_it(frame, clean(grid.title) or _("Table"))
        describe(frame, _("Table: %(title)s, %(rows)s rows") % {"title": clean(grid.title), "rows": len(grid.rows)})
        table = frame._element.graphic.graphicData.tbl
        properties = table.tblPr
        properties.set("firstRow", "1")
        properties.set("bandRow", "0")
        if grid.total:
            properties.set("lastRow", "1")
        if self.words.right_to_left:
            properties.set("rtl", "1")
        for old in properties.findall(f"{A}tableStyleId"):
            old.text = NO_STYLE
        for column, width in zip(table.tblGrid.gridCol_lst, grid.widths, strict=True):
            column.set("w", str(int(width * POINT)))
        for number, (row, height) in enumerate(zip(table.tr_lst, grid.heights, strict=True)):
            row.set("h", str(int(height * POINT)))
            total = grid.total and number == len(grid.rows)
            cells: Sequence[Cell] = grid.rows[number - 1] if number else [Cell(text) for text in grid.heads]
            for column, (tc, cell) in enumerate(zip(row.tc_lst, cells, strict=True)):
                align = "end" if column in grid.numeric else "start"
                self._cell(
                    tc, cell, grid.size, align=align, strong=number == 0 or total, before=gutter(grid.numeric, column)
                )
                edge, width = (ink.accent, 1.5) if number == 0 else (ink.line, 0.75)
                edges(tc, below=(edge, width), above=(ink.text, 1.0) if total else None)

    def _cell(self, tc: Any, cell: Cell, size: float, *, align: str, strong: bool, before: float) -> None:
        ink, text, mark = self.words.ink, clean(cell.text), status(cell.tone, cell.word)
        runs = [Run(text, ink.text, bold=strong)]
        if mark and clean(cell.word) == text:
            runs = [Run(mark, ink.status(cell.tone), bold=True)]
        elif mark:
            runs.append(Run((" " if text else "") + mark, ink.status(cell.tone), bold=True))
        body = tc.get_or_add_txBody()
        self.words.fill(body, [self.words.paragraph(runs, size, align=align, after=0)], flat=False)
        for child in list(body.find(f"{A}bodyPr")):
            body.find(f"{A}bodyPr").remove(child)
        body.find(f"{A}bodyPr").attrib.clear()
        properties = tc.get_or_add_tcPr()
        left, right = (0.0, before) if self.words.right_to_left else (before, 0.0)
        for name, value in (("marL", ASIDE + left), ("marR", ASIDE + right), ("marT", ABOVE), ("marB", ABOVE)):
            properties.set(name, str(round(value * POINT)))
        properties.set("anchor", "t")

    def _drawing(self, slide: Any, drawing: Drawing) -> None:
        frame = pptx_chart.add(slide, drawing, self.words)
        chart = drawing.chart
        name_it(frame, clean(chart.title) or _("Chart"))
        describe(frame, clean(chart.alt) or _("Chart: %(title)s") % {"title": clean(chart.title)})

    # ── What stands on every slide ───────────────────────────────────────────────────────────────────────────────────

    def _mark(self, slide: Any, whole: Box) -> None:
        text, size = one_line(self.deck.marked, whole.width * 0.6, (12.0, 11.0, 10.0, 9.0), bold=True)
        box = Box(whole.width * 0.5 - whole.width * 0.32, 0, whole.width * 0.64, MARK - 4)
        shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *emu(box))
        name_it(shape, text)
        shape._element.remove(shape._element.find(f"{P}style"))
        shape._element.spPr.append(parse_xml(f'<a:solidFill {NS}><a:srgbClr val="B0241B"/></a:solidFill>'))
        shape._element.spPr.append(parse_xml(f"<a:ln {NS}><a:noFill/></a:ln>"))
        white = '<a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill>'
        paragraph = self.words.paragraph([Run(text, white, bold=True)], size, align="center", after=0)
        self.words.fill(shape._element.txBody, [paragraph], anchor="ctr")

    def _foot(self, slide: Any, layout: Any, page: Page, frame: Frame) -> None:
        whole, ink = frame.slide, self.words.ink
        text = foot_text(self.deck, page)
        footer, number = place_of(layout, PP_PLACEHOLDER.FOOTER), place_of(layout, PP_PLACEHOLDER.SLIDE_NUMBER)
        low = Box(whole.width * 0.04, whole.height - 26, whole.width * 0.7, 16)
        if text:
            width = (footer.width / POINT - 4) if footer is not None and footer.width else low.width
            shown, size = _foot_line(self.deck, page, width, cut=self.own)
            shape = cloned(slide, footer) if footer is not None else text_box(slide, low, _("Footer"))
            paragraph = self.words.paragraph([Run(shown, "" if footer is not None else ink.muted)], size, after=0)
            if footer is not None:
                paragraph.find(f"{A}pPr").attrib.pop("algn")
            self.words.fill(
                shape.find(f"{P}txBody") if footer is not None else shape._element.txBody,
                [paragraph],
                flat=footer is None,
            )
        align = "" if number is not None else ' algn="r"'
        field = (
            f'<a:p {NS}><a:pPr{align}/><a:fld id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}}" type="slidenum">'
            f'<a:rPr lang="{self.words.tag}" sz="1000"/><a:t>{len(self.presentation.slides)}</a:t></a:fld></a:p>'
        )
        if number is not None:
            body = cloned(slide, number).find(f"{P}txBody")
        else:
            body = text_box(
                slide, Box(whole.width * 0.9, low.top, whole.width * 0.06, 16), _("Slide number")
            )._element.txBody
        self.words.fill(body, [parse_xml(field)], flat=number is None)

    def _logos(self, slide: Any, layout: Any, page: Page, frame: Frame) -> None:
        """Where nothing else stands: on our base at its top, on a template in the first free corner, or not at all."""
        room = Box(0, 0, *(COVER_LOGO if page.cover else LOGO))
        logos = self.logos if self.own else self.logos[-1:] if self.deck.partner_logo else []
        taken = [shape_box(shape) for shape in (*slide.shapes, *layout.shapes, *layout.slide_master.shapes)]
        if self.own:
            places = logo_places(len(logos), frame.slide, cover=page.cover)
        else:
            places = corners(frame.slide, room, [box for box in taken if box])[: len(logos)]
        for (content, words), place in zip(logos, places, strict=False):
            fitted = picture_box(content, place, left=page.cover and self.own)
            if fitted is None:
                continue
            picture = slide.shapes.add_picture(io.BytesIO(content), *emu(fitted))
            name_it(picture, words)
            describe(picture, words)


def _foot_line(deck: Deck, page: Page, width: float, *, cut: bool) -> tuple[str, float]:
    """What is at the bottom, and its size. In a template's narrow place names are left out rather than written too small to be read."""
    sizes = (SMALL, 9.0, 8.0)
    if not cut:
        for less in (deck, replace(deck, vendor=""), replace(deck, vendor="", partner="")):
            text = foot_text(less, page)
            shown, size = one_line(text, width, sizes)
            if shown == text:
                return shown, size
    return one_line(foot_text(deck, page), width, (*sizes, 7.0))


def _same_title(one: Frame, other: Frame) -> bool:
    return near(one.title, other.title)


def _below_mark(frame: Frame) -> Frame:
    """The frame with its title below the mark of a vendor copy."""
    top = max(frame.title.top, MARK)
    title = replace(frame.title, top=top, height=max(frame.title.bottom - top, 20.0))
    return replace(frame, title=title)
