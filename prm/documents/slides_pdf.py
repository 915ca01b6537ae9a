"""A deck as PDF: a page a slide, 16:9, with the places, texts and figures of its PPTX."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

from django.template.loader import render_to_string
from django.utils import translation

from prm.charts.svg import PAPER, Palette
from prm.common.accent import DEFAULT
from prm.documents import pdf
from prm.documents.colours import mixed, visible
from prm.documents.slides import Deck
from prm.documents.slides_view import views


def write(deck: Deck) -> bytes:
    """The deck as PDF, tagged for screen readers. Raises pdf.PdfUnavailable."""
    logos = (_address(deck.vendor_logo), _address(deck.partner_logo))
    palette = paper(deck.accent)
    with translation.override(deck.language or None):
        context = {"deck": deck, "accent": palette.accent, "slides": views(deck, palette=palette, logos=logos)}
        return pdf.render_slides(render_to_string("pdf/deck.html", context))


def paper(accent: str) -> Palette:
    """The colours of charts for a vendor's accent."""
    strong = visible(accent if re.fullmatch(r"#[0-9a-fA-F]{6}", accent or "") else DEFAULT)
    return replace(PAPER, accent=strong, soft=mixed(strong, "#ffffff", 0.5))


def _address(picture: bytes) -> str:
    if not picture:
        return ""
    kind = "png" if picture.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"
