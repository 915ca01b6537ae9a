"""Slides in the preview and the PDF: the same texts, figures and places as the PowerPoint file."""

import io
import re
from dataclasses import replace
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html
from pptx import Presentation
from pypdf import PdfReader

from prm.documents import slides_pdf
from prm.documents.pptx import write
from prm.documents.slide_chart import figure
from prm.documents.slide_frame import Box, Frame
from prm.documents.slide_layout import lay_out
from prm.documents.slide_svg import draw
from prm.documents.slides import Cell, Chart, ChartKind, Deck, Point, Points, Series, Slide, Table, Tile, Tiles, Tone
from prm.documents.slides_view import CONTENT, COVER, preview, views
from tests.documents import sample_deck as sample


def shown(deck: Deck) -> Any:
    return lxml_html.fromstring(
        "<div>" + "".join(render_to_string("qbr/slide.html", {"slide": v, "level": 2}) for v in views(deck)) + "</div>"
    )


def words(text: str) -> list[str]:
    return re.findall(r"[\w,.%]+", text)


# ── The preview ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_our_base_has_the_room_the_preview_draws() -> None:
    from prm.documents import pptx_template

    base = pptx_template.base()
    for role, frame in ((pptx_template.Role.COVER, COVER), (pptx_template.Role.CONTENT, CONTENT)):
        found = pptx_template.frame(base, pptx_template.layouts(base)[role], cover=role is pptx_template.Role.COVER)
        for mine, theirs in ((found.title, frame.title), (found.area, frame.area), (found.slide, frame.slide)):
            assert (mine.left, mine.top, mine.width, mine.height) == pytest.approx(
                (theirs.left, theirs.top, theirs.width, theirs.height), abs=0.01
            )


def test_it_says_what_the_file_says() -> None:
    deck = sample.ordinary()
    file = Presentation(io.BytesIO(write(deck)))
    found = shown(deck).xpath('//*[local-name()="svg"][@class="slide-paper"]')
    assert len(found) == len(file.slides)
    for page, slide in zip(found, file.slides, strict=True):
        text = " ".join(page.itertext())
        for shape in slide.shapes:
            if shape.has_text_frame:
                assert set(words(shape.text_frame.text)) <= set(words(text)), shape.name
            if shape.has_table:
                for row in shape.table.rows:
                    for cell in row.cells:
                        assert set(words(cell.text)) <= set(words(text))
            if shape.has_chart:
                assert set(words(" ".join(shape.chart.plots[0].categories))) <= set(words(text))


def test_a_charts_exact_figures_are_in_it() -> None:
    deck = sample.ordinary()
    drawing = next(part.drawing for v in views(deck) for part in v.parts if part.kind == "drawing")
    for text in ("131,501", "120,000", "152,250", "Q3 2026, Plan: 150,000"):
        assert text in drawing


def test_it_needs_no_inline_style_or_script() -> None:
    markup = "".join(render_to_string("qbr/slide.html", {"slide": v, "level": 2}) for v in views(sample.extreme()))
    assert " style=" not in markup
    assert "<script" not in markup
    assert "{#" not in markup


def test_titles_are_headings_of_the_level_the_page_asks_for() -> None:
    view = views(sample.ordinary())[1]
    page = lxml_html.fromstring(render_to_string("qbr/slide.html", {"slide": view, "level": 3}))
    assert [h.text for h in page.xpath("//h3")] == ["Agenda"]
    assert page.get("aria-labelledby") == page.xpath("//h3/@id")[0]


def test_ids_are_unique_over_all_slides() -> None:
    ids = shown(sample.extreme()).xpath("//@id")
    assert len(ids) == len(set(ids))


def test_what_people_type_stays_text() -> None:
    deck = replace(
        sample.ordinary(), slides=(sample.slide("x", Points("<b>h</b>", (Point("<script>1</script>"),)), title="<i>"),)
    )
    assert not shown(deck).xpath("//script | //i | //foreignobject//b[text()='h']")


def test_one_slide_of_a_draft_with_the_number_it_will_have() -> None:
    deck = sample.ordinary()
    found = preview(deck, sample.slide("deals", sample.long_table(30), sample.POINTS), number=7)
    assert [(v.number, v.title) for v in found] == [(7, "Deals (1/2)"), (8, "Deals (2/2)")]


def test_a_column_takes_its_share_of_the_width() -> None:
    for view in views(sample.extreme()):
        for part in view.parts:
            if part.kind == "sheet":
                assert sum(part.shares) == 100


# ── The PDF ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.pdf
@pytest.mark.parametrize("make", [sample.ordinary, sample.extreme])
def test_the_pdf_has_a_wide_page_for_each_slide_with_its_title_and_day(make: Any) -> None:
    deck = make()
    found = PdfReader(io.BytesIO(slides_pdf.write(deck)))
    pages = views(deck)
    assert len(found.pages) == len(pages)
    for page, view in zip(found.pages, pages, strict=True):
        assert round(float(page.mediabox.width / page.mediabox.height), 2) == 1.78
        text = page.extract_text()
        assert "As of Sept. 30, 2026" in text
        if view.title.isascii() and len(view.title) < 60:
            assert view.title in text.replace("\n", " ")
        assert ("Vendor copy" in text) is bool(deck.marked)


@pytest.mark.pdf
def test_the_pdf_says_the_figures_of_tiles_tables_and_charts() -> None:
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(slides_pdf.write(sample.ordinary()))).pages)
    for part in (
        "USD 402,000",
        "1,234,567,890,123,456",
        "152,250",
        "On plan",
        "Certified people",
        "Renewed the largest customer",
    ):
        assert part in text, part


@pytest.mark.pdf
def test_the_pdf_is_tagged_titled_and_has_a_language() -> None:
    found = PdfReader(io.BytesIO(slides_pdf.write(sample.ordinary())))
    assert found.metadata is not None
    assert found.metadata.title == "Quarterly business review Q3 2026"
    assert found.trailer["/Root"]["/Lang"] == "en"  # type: ignore[index]
    assert "/StructTreeRoot" in found.trailer["/Root"]  # type: ignore[operator]


@pytest.mark.parametrize(("accent", "expected"), [("#0b7a75", "#0b7a75"), ("", "#3355cc"), ("url(x)", "#3355cc")])
def test_charts_on_paper_have_the_vendors_colour(accent: str, expected: str) -> None:
    assert slides_pdf.paper(accent).accent == expected
    assert expected in draw(sample.COLUMNS, Box(0, 0, 400, 200), "x", slides_pdf.paper(accent))


# ── Figures and places ───────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "value", "expected"),
    [
        ("#,##0", "131500.5", "131,501"),
        ("#,##0.00", "1234.5", "1,234.50"),
        ("0%", "0.825", "83%"),
        ("0.0%", "0.825", "82.5%"),
        ('0"%"', "82", "82%"),
        ('"USD "#,##0', "1200", "USD 1,200"),
        ("#,##0;[Red]-#,##0", "-1200", "−1,200"),
        ("General", "12", "12"),
    ],
)
def test_a_figure_is_written_as_its_format_says(code: str, value: str, expected: str) -> None:
    chart = replace(sample.COLUMNS, number_format=code)
    assert figure(chart, sample.numbers(value)[0]) == expected  # type: ignore[arg-type]


TEXTS = st.text(st.characters(codec="utf-8"), max_size=120)
SHORT = st.text(st.characters(codec="utf-8"), max_size=30)
TONES = st.sampled_from(list(Tone))
POINTS = st.builds(Points, SHORT, st.lists(st.builds(Point, TEXTS, TONES, SHORT), max_size=12).map(tuple))
TILES = st.builds(
    Tiles, st.lists(st.builds(Tile, SHORT, SHORT, TEXTS, TONES, SHORT), min_size=1, max_size=9).map(tuple)
)


@st.composite
def tables(draw: Any) -> Table:
    columns = draw(st.integers(1, 8))
    rows = draw(st.lists(st.tuples(*[st.builds(Cell, TEXTS, TONES, SHORT)] * columns), max_size=25))
    heads = tuple(draw(SHORT) for _ in range(columns))
    return Table(draw(SHORT), heads, tuple(rows), frozenset({columns - 1}), draw(st.booleans()))


CHARTS = st.builds(
    lambda title, kind, values: Chart(
        title, kind, tuple(f"c{n}" for n in range(len(values))), (Series("s", tuple(values)),)
    ),
    SHORT,
    st.sampled_from(list(ChartKind)),
    st.lists(st.none() | st.decimals(-(10**15), 10**15, places=2), max_size=12),
)
SLIDES = st.builds(
    Slide, st.just("x"), TEXTS, st.just(sample.DAY), st.lists(POINTS | TILES | tables() | CHARTS, max_size=3).map(tuple),
    st.lists(TEXTS, max_size=5).map(tuple),
)  # fmt: skip
FOUR_BY_THREE = Frame(Box(0, 0, 720, 540), Box(36, 22, 648, 90), Box(43, 130, 634, 350))


@settings(max_examples=60, deadline=None)
@given(SLIDES, st.sampled_from([CONTENT, FOUR_BY_THREE]))
def test_whatever_a_slide_holds_its_blocks_stay_in_their_area_and_apart(slide: Slide, frame: Frame) -> None:
    for page in lay_out(slide, frame):
        boxes = [placed.box for placed in page.placed]
        for at, box in enumerate(boxes):
            assert box.left >= frame.area.left - 0.01
            assert box.top >= frame.area.top - 0.01
            assert box.right <= frame.area.right + 0.01
            assert box.bottom <= frame.area.bottom + 0.01
            small = Box(box.left + 0.01, box.top + 0.01, box.width - 0.02, box.height - 0.02)
            assert not any(small.meets(other) for other in boxes[at + 1 :])
