import io
from datetime import datetime

import pytest
from django.template import Context, Template
from pypdf import PdfReader

from prm.charts import Bar, Bars, HeatCell, HeatMap, HeatRow
from prm.common.rag import Rag
from prm.documents import pdf

pytestmark = pytest.mark.pdf

TEMPLATE = """{% extends "pdf/base.html" %}{% load charts %}{% block content %}
{% chart bars 520 table=False %}{% chart heat %}
<table><thead><tr><th>Metric</th></tr></thead><tbody>{% for n in numbers %}<tr><td>Row {{ n }}</td></tr>{% endfor %}</tbody></table>
{% endblock %}"""


def read(html: str, **options: object) -> PdfReader:
    return PdfReader(io.BytesIO(pdf.render_html(html, **options)))


@pytest.fixture
def html() -> str:
    bars = Bars(id="b", title="Scores by category", bars=(Bar("Fit with strategy", 74, Rag.AMBER),))
    cell = HeatCell(48, Rag.RED, count=14, of=20, href="/x/")
    heat = HeatMap(id="h", title="By region", corner="Region", columns=("Fit",), rows=(HeatRow("EMEA", (cell,)),))
    context = {
        "title": "Scorecard of Müller & Söhne",
        "vendor": "Acme <Software>",
        "as_of": datetime(2026, 11, 21, 9, 30),
        "bars": bars,
        "heat": heat,
        "numbers": range(60),
    }
    return Template(TEMPLATE).render(Context(context))


def test_pages_carry_title_vendor_time_and_number(html: str) -> None:
    pages = [page.extract_text() for page in read(html).pages]
    assert len(pages) >= 2
    for number, text in enumerate(pages, start=1):
        assert "Acme <Software>" in text
        assert "Nov. 21, 2026" in text
        assert f"{number} / {len(pages)}" in text
        assert text.count("Scorecard of Müller & Söhne") == 1


def test_charts_are_in_it_with_status_words(html: str) -> None:
    text = read(html).pages[0].extract_text()
    for part in ("Fit with strategy", "74", "Watch", "EMEA", "48", "14 of 20"):
        assert part in text


def test_it_is_tagged_titled_and_has_a_language(html: str) -> None:
    found = read(html)
    catalog = found.trailer["/Root"]
    assert found.metadata.title == "Scorecard of Müller & Söhne"
    assert catalog["/Lang"] == "en"
    assert catalog["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in catalog


@pytest.mark.parametrize(("paper", "size"), [(pdf.Paper.A4, (595, 842)), (pdf.Paper.LETTER, (612, 792))])
def test_paper(html: str, paper: pdf.Paper, size: tuple[int, int]) -> None:
    box = read(html, paper=paper).pages[0].mediabox
    assert (round(box.width), round(box.height)) == size


def test_nothing_is_fetched(tmp_path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("p::after { content: 'stolen' }")
    html = (
        f'<html lang="en"><title>t</title><link rel="stylesheet" href="{secret.as_uri()}">'
        '<style>@import url("http://169.254.169.254/latest/meta-data");</style>'
        '<p>Text<img src="http://169.254.169.254/x.png" alt="logo"><img src="/etc/passwd" alt="file">'
    )
    text = read(html).pages[0].extract_text()
    assert "Text" in text
    assert "stolen" not in text


def test_an_image_given_as_data_is_drawn() -> None:
    pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    found = read(f'<html lang="en"><title>t</title><img alt="logo" src="data:image/png;base64,{pixel}" width="50">')
    assert len(found.pages[0].images) == 1


def test_without_pango_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise OSError("cannot load library 'libgobject-2.0-0'")

    monkeypatch.setattr(pdf, "import_module", missing)
    with pytest.raises(pdf.PdfUnavailable, match="PDF export needs pango"):
        pdf.render_html("<p>x")
