"""A deck drawn: as PPTX on the vendor's template or the product's own, and as PDF; and templates checked."""

from __future__ import annotations

import dataclasses
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


def checked_template(name: str, content: bytes) -> dict[str, Any]:
    """What the check found, as JSON. ValidationError with the reason where the file is refused."""
    try:
        report = pptx_template.check(io.BytesIO(content))
    except ValidationError as error:
        raise ValidationError({"file": error.messages}) from error
    return dataclasses.asdict(report)
