"""A deck drawn: as PPTX on the vendor's template or the product's own, and as PDF; and templates checked."""

from __future__ import annotations

import io
from typing import Any

from django.core.exceptions import ValidationError

from prm.documents import pptx, pptx_template, slides_pdf
from prm.documents.slides import Deck
from qbr.models import Template


def template_in_use() -> bytes | None:
    """The vendor's own, if one is in use."""
    row = Template.objects.filter(active=True).first()
    return None if row is None else content_of(row)


def content_of(template: Template) -> bytes:
    with template.file.open("rb") as file:
        return bytes(file.read())


def draw_pptx(deck: Deck, template: bytes | None) -> bytes:
    return pptx.write(deck, template)


def draw_pdf(deck: Deck) -> bytes:
    return slides_pdf.write(deck)


def checked_template(content: bytes) -> dict[str, Any]:
    """What the check found, as JSON. ValidationError with the reasons where the file is refused."""
    report = pptx_template.check(io.BytesIO(content))
    if not report.fits:
        raise ValidationError({"file": list(report.refusals)})
    return {
        "ratio": report.ratio,
        "remarks": list(report.remarks),
        "slides": report.slides,
        "roles": [[role.value, role.label, name] for role, name in report.roles],
        "layouts": [
            {
                "name": layout.name,
                "title": layout.title,
                "body": layout.body,
                "footer": layout.footer,
                "number": layout.number,
            }
            for layout in report.layouts
        ],
    }
