"""The files of a version, read back: their tables, charts and texts are those that were frozen, and their figures those of the tools' pages."""

import io
import re
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from lxml import html as lxml_html
from openxml_audit import validate_pptx
from pptx import Presentation
from pypdf import PdfReader

from accountplans import actions as plans
from accountplans import basis
from accountplans.models import AccountTarget, Sharing
from accounts.permissions import Role
from marketing.returns.page import ReturnsPage
from mdf.queries import past
from partners.models import Action, Certificate, Contact, Objective, Partner
from pipeline.models import Customer, Deal, ProductLine, SalesResult, TargetMonth
from planning.following import follow
from prm.common.models import Job
from prm.common.templatetags.numbers import format_number, format_percent
from prm.common.vendor import fiscal_calendar, today
from prm.documents.slide_chart import figure
from prm.documents.slide_text import SIGNS, said
from prm.documents.slides import Cell, Chart, Points, Slide, Table, Tiles
from prm.documents.slides_view import views
from qbr import actions
from qbr.content import KEYS
from qbr.frozen import thaw
from qbr.models import Commitment, Version
from scorecards.models import Assessment
from tests.documents.office import faults, office, poppler, shown
from tests.documents.sample_deck import ARABIC, HEBREW, LONG
from tests.guards.furnish import furnish, furnish_vendor
from tests.qbr.making import run

pytestmark = [pytest.mark.django_db, pytest.mark.pdf]


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def version(acme, cam):
    """The deck of this quarter of a partner with something of everything, all slides on."""
    furnish_vendor(acme)
    furnish(acme, acme.partner_a, acme.users_a)
    plans.share(by=acme.users_a[Role.PARTNER_CHAMPION], partner=acme.partner_a, level=Sharing.Level.ALL)
    basis.keep()
    return deck_of(acme.partner_a, cam)


def deck_of(partner: Any, cam: Any) -> Version:
    """Built of this quarter, with every slide on."""
    qbr = actions.start(partner=partner, by=cam, quarter=fiscal_calendar().quarter_of(today()).key)
    qbr = actions.change(qbr=qbr, by=cam, switched=dict.fromkeys(KEYS, True))
    job = run(actions.build(qbr=qbr, by=cam))
    assert job.state == Job.State.DONE, job.error
    return Version.everything.filter(qbr=qbr).latest("number")


def content(file: Any) -> io.BytesIO:
    with file.open("rb") as opened:
        return io.BytesIO(opened.read())


class Found:
    """What stands on the slides of one key, as it is read out of the PPTX."""

    def __init__(self) -> None:
        self.titles: list[str] = []
        self.lines: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.charts: list[Any] = []
        self.boxes: list[list[str]] = []
        self.notes = ""

    def add(self, slide: Any) -> None:
        self.titles.append(slide.shapes.title.text_frame.text)
        if slide.has_notes_slide:
            self.notes += slide.notes_slide.notes_text_frame.text + "\n"
        for shape in slide.shapes:
            if shape.has_table:
                _heads, *rows = [[cell.text for cell in row.cells] for row in shape.table.rows]
                self.tables.setdefault(shape.name, []).extend(rows)
            elif shape.has_chart:
                self.charts.append(shape.chart)
            elif shape.has_text_frame:
                texts = [paragraph.text for paragraph in shape.text_frame.paragraphs]
                self.lines += texts
                self.boxes.append(texts)


def read(version: Version) -> dict[str, Found]:
    found: dict[str, Found] = {}
    slides = Presentation(content(version.pptx)).slides
    for view, slide in zip(views(thaw(version.content)), slides, strict=True):
        found.setdefault(view.key, Found()).add(slide)
    return found


def same(shown: str, whole: str) -> bool:
    """Whether it is the text, or as much of it as had room."""
    whole = " ".join(whole.split())
    return shown == whole or (shown.endswith("…") and whole.startswith(shown[:-1].rstrip()))


def cell_text(cell: Cell) -> str:
    return said(cell.text, cell.tone, cell.word)


def blocks(slide: Slide, kind: type) -> list[Any]:
    return [block for block in slide.blocks if isinstance(block, kind)]


# ── Whatever names and amounts are: each word in its place ───────────────────────────────────────────────────────────


@office
@poppler
def test_long_names_huge_amounts_and_no_data_at_all_stand_in_their_places(acme, version, cam, tmp_path):
    partner, huge = acme.partner_a, D("9999999999999.99")
    for model, field in (
        (Partner, "name"), (Deal, "name"), (Deal, "lost_reason"), (Customer, "name"), (Contact, "name"), (Contact, "title"), (Action, "title"),
        (Objective, "title"), (Commitment, "text"), (AccountTarget, "next_step"), (Certificate, "name"), (ProductLine, "name"),
    ):  # fmt: skip
        most = model._meta.get_field(field).max_length or 200
        for number, row in enumerate(getattr(model, "everything", model.objects).order_by("pk")):
            words = (LONG, HEBREW, ARABIC)[number % 3]
            getattr(model, "everything", model.objects).filter(pk=row.pk).update(
                **{field: f"{number} {words} {LONG}"[:most]}
            )
    Deal.everything.filter(partner=partner).update(amount=huge)
    SalesResult.everything.filter(partner=partner).update(amount=huge)
    TargetMonth.everything.filter(version__partner=partner).update(value=huge)
    files = {}
    for which, eyes in ((partner, cam), (acme.partner_b, acme.cam_b)):
        built = deck_of(Partner.everything.get(pk=which.pk), eyes)
        files[which.external_id] = content(built.pptx).getvalue()
    everything = " ".join(
        text for slide in Presentation(io.BytesIO(files[partner.external_id])).slides for text in _texts(slide)
    )
    for word in (LONG[:40], HEBREW[:12], ARABIC[:12], "9,999,999,999,999.99"):
        assert word in everything
    pages = shown(files, tmp_path)
    assert {name: faults(file, pages[name]) for name, file in files.items()} == {name: [] for name in files}


# ── What was frozen is what stands in the files ──────────────────────────────────────────────────────────────────────


def test_all_files_say_what_was_frozen(version, client_for, cam, tmp_path):
    _same_in_powerpoint(version, tmp_path)
    _same_on_paper_and_screen(version, client_for(cam))


def _same_in_powerpoint(version: Version, tmp_path: Path) -> None:
    path = tmp_path / "deck.pptx"
    path.write_bytes(content(version.pptx).getvalue())
    assert [(error.part_uri, error.description) for error in validate_pptx(str(path)).errors] == []
    deck, found = thaw(version.content), read(version)
    assert [slide.key for slide in deck.slides] == list(KEYS) == list(found)
    assert not [slide.key for slide in deck.slides if slide.missing], "nothing was passed over for want of data"
    for slide in deck.slides:
        here = found[slide.key]
        if slide.key != "title":
            assert all(same(re.sub(r" \(\d/\d\)$", "", title), slide.title) for title in here.titles), slide.key
        for note in slide.notes:
            assert note in here.notes, slide.key
        for sentence in slide.commentary:
            assert any(same(line, sentence) for line in here.lines) or sentence in here.notes, (slide.key, sentence)
        for table in blocks(slide, Table):
            _same_table(slide.key, table, here)
        charts = [chart for chart in blocks(slide, Chart) if any(map(any, (s.values for s in chart.series)))]
        for chart, native in zip(charts, here.charts, strict=True):
            _same_chart(chart, native)
        for tile in (tile for block in blocks(slide, Tiles) for tile in block.tiles):
            shown = next(texts for texts in here.boxes if len(texts) > 1 and same(texts[0], tile.label))
            assert shown[1] == tile.value, (slide.key, tile.label)
            assert not tile.note or same(shown[-1], tile.note), (slide.key, tile.label)
        for point in (point for block in blocks(slide, Points) for point in block.points):
            assert point.text in " ".join([*here.lines, here.notes]), (slide.key, point.text)


def _same_table(key: str, table: Table, here: Found) -> None:
    if not table.rows:
        assert table.empty in here.lines, key
        return
    rows = next(rows for name, rows in here.tables.items() if same(name, table.title) or table.title.startswith(name))
    assert len(rows) == len(table.rows), (key, table.title)
    for written, whole in zip(rows, table.rows, strict=True):
        for column, (text, cell) in enumerate(zip(written, whole, strict=True)):
            if column in table.numeric:
                assert text == cell_text(cell), (key, table.title)
            else:
                assert same(text, cell_text(cell)) or same(text.split(" ▼")[0], cell.text), (key, text, cell)


def _same_chart(chart: Chart, native: Any) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(native.part.chart_workbook.xlsx_part.blob)).active
    heads, *rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert [row[0] for row in rows] == list(chart.categories)
    assert len(heads) == len(chart.series) + 1
    for at, series in enumerate(chart.series, start=1):
        # A workbook holds fifteen digits.
        assert [row[at] for row in rows] == [
            None if value is None else pytest.approx(float(value), rel=1e-15) for value in series.values
        ]
    drawn = {s.name: list(s.values) for plot in native.plots for s in plot.series}
    assert list(drawn.values()) == [[None if v is None else float(v) for v in s.values] for s in chart.series]


def squeezed(text: str) -> str:
    return "".join(text.translate({ord(sign): None for sign in "".join(SIGNS.values())}).split())


def _same_on_paper_and_screen(version: Version, client: Client) -> None:
    """Page by page what the PowerPoint file says."""
    deck = thaw(version.content)
    paper = PdfReader(content(version.pdf)).pages
    response = client.get(reverse("qbr:version", args=[version.pk]))
    screen = lxml_html.fromstring(response.content).xpath('//*[local-name()="svg"][@class="slide-paper"]')
    slides = Presentation(content(version.pptx)).slides
    assert len(paper) == len(screen) == len(slides)
    for number, (page, drawn, slide) in enumerate(zip(paper, screen, slides, strict=True), start=1):
        printed, shown = squeezed(page.extract_text()), squeezed(" ".join(drawn.itertext()))
        for text in _texts(slide):
            assert squeezed(text) in printed, (number, text)
            assert squeezed(text) in shown, (number, text)
    everything = response.content.decode()
    for chart in (chart for slide in deck.slides for chart in blocks(slide, Chart)):
        for value in (value for series in chart.series for value in series.values if value):
            assert figure(chart, value) in everything


def _texts(slide: Any) -> list[str]:
    """Of one slide of the PPTX, part by part."""
    found = []
    for shape in slide.shapes:
        if shape.has_table:
            found += [cell.text for row in shape.table.rows for cell in row.cells]
        elif shape.has_text_frame:
            found += [paragraph.text for paragraph in shape.text_frame.paragraphs]
    return found


# ── What stands in the files is what the tools' pages show ───────────────────────────────────────────────────────────


@pytest.fixture
def page(acme, client_for):
    """page("leads:portal_report", …) → the text of a page, as the partner's champion sees it, or whoever is named."""

    def read_(name, *args, who=None, **query):
        response = client_for(who or acme.users_a[Role.PARTNER_CHAMPION]).get(reverse(name, args=args), query)
        assert response.status_code == 200, name
        return " ".join(lxml_html.fromstring(response.content).itertext())

    return read_


NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def numbers(text: str) -> set[str]:
    """As they are written, but 20,000.00 as 20,000."""
    return {re.sub(r"\.0+$", "", number) for number in NUMBER.findall(text)}


def figures(found: Found, slide: Slide) -> set[str]:
    """The numbers of a slide's file: of figures in tables, of tiles, of charts as they are written there, of amounts and per cents in sentences."""
    labels = [tile.label for block in blocks(slide, Tiles) for tile in block.tiles]
    texts = [box[1] for box in found.boxes if len(box) > 1 and any(same(box[0], label) for label in labels)]
    for table in blocks(slide, Table):
        rows = next((rows for name, rows in found.tables.items() if table.title.startswith(name)), [])
        texts += [row[column] for row in rows for column in table.numeric]
    for chart, native in zip(blocks(slide, Chart), found.charts, strict=False):
        places = 0 if chart.number_format == "0" else 2  # scores are whole on their page
        values = (value for plot in native.plots for series in plot.series for value in series.values if value)
        texts += [format_number(D(str(value)), 0 if value == int(value) else places) for value in values]
    # What is missing to a target is said nowhere else: it is the difference of two figures that are.
    texts += [text for line in found.lines for text in re.findall(r"\d[\d,]*\.\d\d\b(?! (?:ahead|behind))|\d+%", line)]
    return numbers(" ".join(texts))


def test_each_figure_of_the_file_stands_on_the_page_of_its_tool(acme, version, page, cam):
    deck, found = thaw(version.content), read(version)
    partner, quarter, marketer = acme.partner_a, fiscal_calendar().quarter_of(today()), acme.users[Role.MARKETING]
    agreed = Assessment.everything.filter(partner=partner, questionnaire__key="capability", status="agreed").latest(
        "finished_at"
    )
    plan = partner.business_plans.filter(status="committed").latest("pk")
    performance = page("scorecards:portal_performance_own")
    explained = page("scorecards:portal_performance_explain", partner.pk, "pipeline_to_target")
    years = "".join(page("tracking:portal_reforecast", plan.pk, year=year) for year in (1, 2, 3))
    span = {"since": quarter.start.isoformat(), "until": quarter.end.isoformat()}
    returns = {"by": "tactic", "partner": partner.pk, "period": quarter.key}
    report = ReturnsPage(marketer, QueryDict(f"by=tactic&partner={partner.pk}&period={quarter.key}"))
    steps = "".join(
        f" {one.forecast.value:,.1f} {one.actual.value:,.1f} {format_percent(one.share.value)}" for one in report.steps
    )
    used, outlook = past.used(partner, quarter.start, today()), follow(plan).outlook
    pages = {
        "glance": page("partners:portal_learning") + page("partners:hub", partner.pk, who=cam),
        "performance": performance,
        "pipeline": performance + explained + page("pipeline:portal_deals_board"),
        "deals": page("pipeline:portal_deals"),
        "level": performance + page("tiers:portal"),
        "capabilities": page("scorecards:portal_summary", agreed.pk),
        "capability_goals": page("scorecards:portal_list") + page("partners:portal_actions"),
        "marketing": page("marketing:returns", who=marketer, **returns) + steps
        + f" {used.spent:,.2f} {used.reserved:,.2f} {used.available:,.2f}",
        "leads": page("leads:portal_report", **span),
        "objectives": page("partners:portal_objectives"),
        "business_plan": page("tracking:portal_actuals", plan.pk) + years + f" {outlook.plan.deals} {outlook.reforecast.deals}",
        "next": page("pipeline:partner_targets", partner.pk, who=cam, year=quarter.next.year),
    }  # fmt: skip
    strange = {}
    for slide in deck.slides:
        if slide.key in pages:
            strange[slide.key] = figures(found[slide.key], slide) - numbers(pages[slide.key])
    assert {key: sorted(values) for key, values in strange.items() if values} == {}
