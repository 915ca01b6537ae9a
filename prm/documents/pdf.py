"""PDF out: an HTML template printed by WeasyPrint, tagged for screen readers (PDF/UA)."""

import logging
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

PAPER = Path(__file__).with_name("paper.css")  # what the page's custom properties are on paper
STYLESHEET = Path(__file__).with_name("pdf.css")


class PdfUnavailable(RuntimeError):
    """The libraries WeasyPrint draws with aren't installed; the message says which package brings them."""


class Paper(StrEnum):
    A4 = "A4"
    LETTER = "letter"


def render(template: str, context: Mapping[str, Any], *, paper: Paper = Paper.A4) -> bytes:
    """Print a template that extends `pdf/base.html`, which reads `title`, `vendor` and `as_of` from the context."""
    return render_html(render_to_string(template, dict(context)), paper=paper)


def render_html(html: str, *, paper: Paper = Paper.A4) -> bytes:
    """Print a whole HTML document with our print stylesheet. Its `<title>` and `lang` become the PDF's.

    Nothing is fetched: images are `data:` addresses, anything else is left out. Raises PdfUnavailable.
    """
    return _print(html, [*_stylesheets(), f"@page {{ size: {paper.value} }}"])


def render_slides(html: str) -> bytes:
    """Print a whole HTML document of slides, each a page 960 by 540 units (16:9). Nothing is fetched. Raises PdfUnavailable."""
    slides = Path(str(finders.find("css/slides.css"))).read_text("utf-8")
    return _print(html, [PAPER.read_text("utf-8"), slides, "@page { size: 960px 540px; margin: 0 } body { margin: 0 }"])


def _print(html: str, stylesheets: Iterable[str]) -> bytes:
    weasyprint = _weasyprint()
    fetcher = weasyprint.URLFetcher(allowed_protocols={"data"})
    styles = [weasyprint.CSS(string=css, url_fetcher=fetcher) for css in stylesheets]
    document = weasyprint.HTML(string=html, url_fetcher=fetcher)
    pdf: bytes = document.write_pdf(stylesheets=styles, pdf_variant="pdf/ua-1")
    return pdf


def _weasyprint() -> ModuleType:
    try:
        weasyprint = import_module("weasyprint")
    except OSError as error:  # the package is there, its shared libraries aren't
        raise PdfUnavailable(
            _(
                "PDF export needs pango: install libpango-1.0-0, libpangoft2-1.0-0 and libharfbuzz-subset0, then restart."
            )
        ) from error
    # It warns of each declaration of the page's stylesheet that means nothing on paper.
    logging.getLogger("weasyprint").setLevel(logging.ERROR)
    return weasyprint


@cache
def _stylesheets() -> tuple[str, ...]:
    charts = Path(str(finders.find("css/charts.css")))
    return PAPER.read_text("utf-8"), STYLESHEET.read_text("utf-8"), charts.read_text("utf-8")
