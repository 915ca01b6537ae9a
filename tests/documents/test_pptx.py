"""Decks as PowerPoint files: read again by the library, by a validator, and by LibreOffice."""

import io
import re
import zipfile
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openxml_audit import validate_pptx
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER

from prm.documents.pptx import write
from prm.documents.slides import Chart, ChartKind, Deck, Point, Points, Series, Slide
from tests.documents import sample_deck as sample

POINT = 12_700
DECKS = {"ordinary": sample.ordinary, "extreme": sample.extreme}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return {name: write(make()) for name, make in DECKS.items()}


def read(content: bytes) -> Any:
    return Presentation(io.BytesIO(content))


def deck_of(*slides: Slide, **fields: Any) -> Deck:
    return Deck("QBR", "Subtitle", "Acme", "Brightwater", fields.pop("language", "en"), slides, **fields)


def one(*blocks: Any, **fields: Any) -> Any:
    """The first slide of a deck of one."""
    return read(write(deck_of(sample.slide("x", *blocks, **fields)))).slides[0]


def charts(slide: Any) -> list[Any]:
    return [shape.chart for shape in slide.shapes if shape.has_chart]


def book(chart: Any) -> list[list[Any]]:
    """The figures in the workbook inside."""
    sheet = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob)).active
    return [list(row) for row in sheet.iter_rows(values_only=True)]


# ── The file ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", DECKS)
def test_a_validator_of_the_format_finds_nothing(files: dict[str, bytes], name: str, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.pptx"
    path.write_bytes(files[name])
    found = validate_pptx(str(path))
    assert [(error.part_uri, error.description) for error in found.errors] == []


@pytest.mark.parametrize("name", DECKS)
def test_every_part_is_reached_and_every_link_leads_somewhere(files: dict[str, bytes], name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(files[name])) as package:
        names = package.namelist()
        assert len(names) == len(set(names))
        types = package.read("[Content_Types].xml").decode()
        for part in names:
            if not part.endswith((".rels", "[Content_Types].xml")):
                assert f'PartName="/{part}"' in types or f'Extension="{part.rpartition(".")[2]}"' in types, part
        targets = set()
        for rels in (part for part in names if part.endswith(".rels")):
            folder = Path("/" + rels).parent.parent
            for target in re.findall(r'Target="([^"]+)"', package.read(rels).decode()):
                parts: list[str] = []
                for step in (target if target.startswith("/") else f"{folder}/{target}").split("/"):
                    if step == "..":
                        parts.pop()
                    elif step:
                        parts.append(step)
                targets.add("/".join(parts))
                assert "/".join(parts) in names, (rels, target)
    assert {part for part in names if not part.endswith((".rels", "[Content_Types].xml"))} == targets


@pytest.mark.parametrize("name", DECKS)
def test_shapes_have_numbers_of_their_own(files: dict[str, bytes], name: str) -> None:
    for slide in read(files[name]).slides:
        ids = Counter(slide.shapes._spTree.xpath(".//p:cNvPr/@id"))
        assert max(ids.values()) == 1


def test_it_is_wide_and_says_whose_it_is_and_in_which_language(files: dict[str, bytes]) -> None:
    found = read(files["ordinary"])
    assert round(found.slide_width / found.slide_height, 3) == 1.778
    assert found.core_properties.title == "Quarterly business review Q3 2026"
    assert found.core_properties.author == "Acme Software"
    assert found.core_properties.language == "en-US"
    assert set(found.slides[1].shapes._spTree.xpath(".//a:rPr/@lang")) == {"en-US"}


def test_the_same_deck_gives_the_same_slides() -> None:
    def slides(content: bytes) -> dict[str, bytes]:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            return {
                name: package.read(name)
                for name in package.namelist()
                if re.match(r"ppt/(slides|charts)/[^/]+xml", name)
            }

    assert slides(write(sample.ordinary())) == slides(write(sample.ordinary()))


# ── What each slide has ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", DECKS)
def test_every_slide_has_a_title_first_a_number_and_the_day_of_its_figures(files: dict[str, bytes], name: str) -> None:
    for slide in read(files[name]).slides:
        shapes = list(slide.shapes)
        assert shapes[0].placeholder_format.type in (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
        assert shapes[0].text_frame.text
        kinds = [shape.placeholder_format.type for shape in slide.placeholders]
        assert PP_PLACEHOLDER.SLIDE_NUMBER in kinds
        footer = next(s for s in slide.placeholders if s.placeholder_format.type == PP_PLACEHOLDER.FOOTER)
        assert footer.text_frame.text.startswith("As of Sept. 30, 2026")


def test_no_placeholder_is_left_empty(files: dict[str, bytes]) -> None:
    for content in files.values():
        for slide in read(content).slides:
            assert all(shape.text_frame.text.strip() for shape in slide.placeholders)


def test_commentary_stands_in_the_place_for_text_and_is_read_after_the_title() -> None:
    slide = one(sample.COLUMNS, words=sample.SENTENCES)
    body = list(slide.shapes)[1]
    assert body.placeholder_format.type in (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT)
    assert [p.text for p in body.text_frame.paragraphs] == list(sample.SENTENCES)


def test_two_lists_stand_on_top_of_each_other_beside_their_table() -> None:
    slide = one(replace(sample.DEALS, heads=sample.DEALS.heads[:2], rows=tuple(row[:2] for row in sample.DEALS.rows[:2])),
                replace(sample.POINTS, heading="Wins"), replace(sample.POINTS, heading="Concerns"))  # fmt: skip
    places = {shape.name: shape for shape in slide.shapes}
    wins, concerns = places["Wins"], places["Concerns"]
    table = next(shape for shape in slide.shapes if shape.has_table)
    assert wins.left == concerns.left > table.left + table.width
    assert wins.top + wins.height <= concerns.top


def test_a_cover_says_nothing_twice() -> None:
    cover = read(write(deck_of(sample.slide("title", words=("Acme and Brightwater", "Q3"))))).slides[0]
    assert [p.text for p in cover.placeholders[1].text_frame.paragraphs] == ["Acme and Brightwater", "Q3"]


def test_notes_are_for_who_speaks(files: dict[str, bytes]) -> None:
    found = read(files["ordinary"])
    assert (
        found.slides[4].notes_slide.notes_text_frame.text == "Ask what made the third quarter.\nPlan is the signed one."
    )
    assert not found.slides[1].has_notes_slide


@pytest.mark.parametrize("name", DECKS)
def test_charts_tables_and_pictures_say_what_they_show(files: dict[str, bytes], name: str) -> None:
    seen = Counter()
    for slide in read(files[name]).slides:
        for shape in slide.shapes:
            if shape.has_chart or shape.has_table or shape.shape_type == MSO_SHAPE_TYPE.PICTURE:
                assert shape._element.xpath(".//p:cNvPr/@descr")[0].strip()
                seen[str(shape.shape_type)] += 1
    assert len(seen) == 3


def test_a_status_is_sign_word_and_colour() -> None:
    slide = one(sample.POINTS, sample.DEALS)
    xml = slide.shapes._spTree.xml if hasattr(slide.shapes._spTree, "xml") else ""
    for sign, word, colour in (("▲", "Won", "1A6F36"), ("▼", "Missing", "B0241B")):
        assert f'char="{sign}"' in xml
        run = slide.shapes._spTree.xpath(f'.//a:r[starts-with(a:t, "{word}")]')[0]
        assert run.xpath("./a:rPr/a:solidFill/a:srgbClr/@val") == [colour]
    cells = [cell.text for shape in slide.shapes if shape.has_table for row in shape.table.rows for cell in row.cells]
    assert "◆ Watch" in cells


def test_a_vendor_copy_says_so_on_every_slide_and_no_other_does(files: dict[str, bytes]) -> None:
    for slide in read(files["extreme"]).slides:
        assert any(s.has_text_frame and s.text_frame.text.startswith("Vendor copy") for s in slide.shapes)
    for slide in read(files["ordinary"]).slides:
        assert not any(s.has_text_frame and "copy" in s.text_frame.text for s in slide.shapes)


def test_logos_of_both_stand_on_every_slide(files: dict[str, bytes]) -> None:
    for slide in read(files["ordinary"]).slides:
        names = [s.name for s in slide.shapes if s.shape_type == MSO_SHAPE_TYPE.PICTURE]
        assert names == ["Logo of Acme Software", "Logo of Brightwater Solutions"]


def test_a_logo_that_is_no_picture_is_left_out() -> None:
    found = read(write(replace(sample.ordinary(), vendor_logo=b"<svg/>", partner_logo=b"\x89PNG broken")))
    assert not [s for slide in found.slides for s in slide.shapes if s.shape_type == MSO_SHAPE_TYPE.PICTURE]


@pytest.mark.parametrize(("accent", "expected"), [("#0b7a75", "0B7A75"), ("", "3355CC"), ("red", "3355CC")])
def test_the_vendors_colour_is_the_themes_first(accent: str, expected: str) -> None:
    found = read(write(deck_of(sample.slide("x", sample.COLUMNS), accent=accent)))
    theme = next(rel.target_part for rel in found.slide_master.part.rels.values() if rel.reltype.endswith("/theme"))
    assert f'<a:accent1><a:srgbClr val="{expected}"/>' in theme.blob.decode()
    series = charts(found.slides[0])[0].plots[0].series[0]
    assert series._element.xpath(".//c:spPr/a:solidFill/a:schemeClr/@val") == ["accent1"]


def test_a_colour_too_light_to_be_seen_is_darkened() -> None:
    found = read(write(deck_of(accent="#ffee00")))
    theme = next(rel.target_part for rel in found.slide_master.part.rels.values() if rel.reltype.endswith("/theme"))
    assert "FFEE00" not in theme.blob.decode()


# ── Charts ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "chart", [sample.COLUMNS, sample.COMBO, sample.STACKED, sample.BARS, sample.LINES], ids=lambda c: c.title
)
def test_a_chart_is_native_with_the_exact_figures_in_its_workbook(chart: Chart) -> None:
    native = charts(one(chart))[0]
    head, *rows = book(native)
    assert head[1:] == [series.name for series in chart.series]
    assert [row[0] for row in rows] == list(chart.categories)
    for n, series in enumerate(chart.series, start=1):
        written = [None if row[n] is None else Decimal(str(row[n])) for row in rows]
        assert written == list(series.values)
    shown = {s.name: list(s.values) for plot in native.plots for s in plot.series}
    assert shown == {s.name: [None if v is None else float(v) for v in s.values] for s in chart.series}


def test_a_line_over_columns_is_a_line_on_the_same_axes() -> None:
    native = charts(one(sample.COMBO))[0]
    kinds = [type(plot).__name__ for plot in native.plots]
    assert kinds == ["BarPlot", "LinePlot"]
    axes = native._chartSpace.xpath(".//c:barChart/c:axId/@val"), native._chartSpace.xpath(".//c:lineChart/c:axId/@val")
    assert axes[0] == axes[1]


def test_what_is_not_known_is_a_gap_and_not_nought() -> None:
    native = charts(one(sample.LINES))[0]
    assert native._chartSpace.xpath(".//c:dispBlanksAs/@val") == ["gap"]
    assert len(native._chartSpace.xpath(".//c:val//c:pt")) == 3


def test_a_chart_without_any_figure_is_said_in_words() -> None:
    empty = Chart("Sales", ChartKind.COLUMNS, ("Q1",), (Series("Actual", (None,)),))
    slide = one(empty)
    assert not charts(slide)
    assert any("No figures yet" in s.text_frame.text for s in slide.shapes if s.has_text_frame)


def test_figures_stand_at_the_marks_only_where_they_have_room() -> None:
    assert charts(one(sample.COLUMNS))[0].plots[0].has_data_labels
    huge = replace(
        sample.COLUMNS, series=tuple(replace(s, values=sample.numbers(*[10**15] * 4)) for s in sample.COLUMNS.series)
    )
    assert not charts(one(huge, huge))[0].plots[0].has_data_labels


def test_figures_that_a_line_would_cross_are_left_out() -> None:
    assert not charts(one(sample.COMBO))[0].plots[0].has_data_labels  # 118,000 below a plan of 130,000
    low = replace(sample.PLAN, values=sample.numbers(9000, 9000, 9000, 9000), line=True)
    below = replace(sample.COMBO, series=(sample.COMBO.series[0], low))
    assert charts(one(below))[0].plots[0].has_data_labels


def test_an_axis_of_few_counted_things_has_no_halves() -> None:
    few = replace(sample.BARS, series=(Series("Leads", sample.numbers(3, 1, 1, 0)),))
    assert charts(one(few))[0].value_axis.major_unit == 1
    assert charts(one(sample.BARS))[0].value_axis.major_unit is None


# ── What has no room ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_long_table_goes_on_and_says_how_many_are_left_out() -> None:
    found = read(write(deck_of(sample.slide("deals", sample.long_table(120, total=True)))))
    assert [slide.shapes.title.text_frame.text for slide in found.slides] == [f"Deals ({n}/3)" for n in (1, 2, 3)]
    rows = [
        [c.text for c in row.cells]
        for slide in found.slides
        for s in slide.shapes
        if s.has_table
        for row in s.table.rows
    ]
    deals = [row for row in rows if row[0].startswith("Deal No.")]
    assert [row[0] for row in deals] == [f"Deal No. {n}" for n in range(1, len(deals) + 1)]
    assert rows[-2][0] == f"… and {120 - len(deals)} more"
    assert rows[-1][0] == "Total"


def test_a_table_that_ends_on_its_second_slide_loses_no_row() -> None:
    found = read(write(deck_of(sample.slide("deals", sample.long_table(30), sample.POINTS))))
    rows = [row.cells[0].text for slide in found.slides for s in slide.shapes if s.has_table for row in s.table.rows]
    assert [row for row in rows if row != "Deal"] == [f"Deal No. {n}" for n in range(1, 31)]


def test_points_without_room_are_counted_and_stand_in_the_notes() -> None:
    points = tuple(Point(f"Point {n}: " + "word " * 60) for n in range(20))
    slide = one(Points("Many", points), notes=("Say this.",))
    text = " ".join(s.text_frame.text for s in slide.shapes if s.has_text_frame)
    shown = sum(f"Point {n}:" in text for n in range(20))
    assert 0 < shown < 20
    assert f"… and {20 - shown} more" in text
    notes = slide.notes_slide.notes_text_frame.text
    assert notes.startswith("Say this.")
    assert all(f"Point {n}:" in notes for n in range(shown, 20))


def test_figures_of_a_table_are_never_cut() -> None:
    found = read(write(sample.extreme()))
    cells = [
        c.text for slide in found.slides for s in slide.shapes if s.has_table for row in s.table.rows for c in row.cells
    ]
    assert "1,234,567,890,123,456" in cells
    assert cells.count("123,456,789,012,345") == 66


def test_a_slide_without_data_says_why() -> None:
    slide = read(write(deck_of(Slide("x", "Leads", sample.DAY, missing="No lead was given this quarter.")))).slides[0]
    assert "No lead was given this quarter." in [s.text_frame.text for s in slide.placeholders]


def test_a_deck_without_slides_is_its_title() -> None:
    found = read(write(deck_of()))
    assert [slide.shapes.title.text_frame.text for slide in found.slides] == ["QBR"]


def test_names_written_from_the_right_read_from_the_right() -> None:
    slide = one(Points(sample.HEBREW, (Point(sample.ARABIC), Point("Northwind"))))
    ways = {p.text: p._p.pPr.get("rtl") for s in slide.shapes if s.has_text_frame for p in s.text_frame.paragraphs}
    assert (ways[sample.HEBREW], ways[sample.ARABIC], ways["Northwind"]) == ("1", "1", "0")
    assert slide.shapes._spTree.xpath(f'.//a:r[a:t="{sample.ARABIC}"]/a:rPr/@lang') == ["ar-SA"]


def test_a_deck_in_a_language_written_from_the_right_is_turned() -> None:
    slide = read(write(deck_of(sample.slide("x", sample.DEALS, words=("שלום",)), language="he"))).slides[0]
    assert set(slide.shapes.title._element.xpath(".//a:pPr/@rtl")) == {"1"}
    assert slide.shapes._spTree.xpath(".//a:tblPr/@rtl") == ["1"]


def test_characters_a_file_cannot_hold_do_not_break_it() -> None:
    slide = one(Points("Control\x0b", (Point("bad \x00 \ud800 & <b>"),)))
    assert any("bad" in s.text_frame.text and "& <b>" in s.text_frame.text for s in slide.shapes if s.has_text_frame)


@pytest.mark.parametrize("name", DECKS)
def test_nothing_leaves_the_slide_or_covers_another(files: dict[str, bytes], name: str) -> None:
    found = read(files[name])
    for number, slide in enumerate(found.slides, start=1):
        boxes = [(s.name, s.left, s.top, s.left + s.width, s.top + s.height) for s in slide.shapes]
        for at, (one_name, left, top, right, bottom) in enumerate(boxes):
            assert left >= 0
            assert top >= 0
            assert right <= found.slide_width + 5
            assert bottom <= found.slide_height + 5
            for other_name, left2, top2, right2, bottom2 in boxes[at + 1 :]:
                across = min(right, right2) - max(left, left2)
                down = min(bottom, bottom2) - max(top, top2)
                assert across <= POINT / 2 or down <= POINT / 2, (number, one_name, other_name)
