"""Decks as they are built, and all that can be read of one, by where it stands."""

import json
import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

from django.template.loader import render_to_string

from accounts.models import User
from partners.models import Partner
from prm.common.fiscal import FiscalQuarter
from prm.common.models import Job
from prm.documents.slides_view import View, views
from qbr import actions, frozen
from qbr.models import Commitment, Qbr, Version
from tests.guards.crawl import inside, readable
from tests.guards.furnish import INTERNAL
from tests.qbr.making import run

# Where in a presentation something can stand that a person, a screen reader or another program reads.
PLACES = {
    "slides": "ppt/slides/",
    "notes": "ppt/notesSlides/",
    "charts": "ppt/charts/",
    "workbooks": "ppt/embeddings/",
    "properties": "docProps/",
}


def review(partner: Partner, quarter: FiscalQuarter, by: User) -> Qbr:
    """The partner's review of a quarter, without the words that people of the vendor put on it, which are theirs to answer for."""
    qbr = actions.start(partner=partner, by=by, quarter=quarter.key)
    Qbr.everything.filter(pk=qbr.pk).update(commentary={})
    for row in Commitment.everything.filter(qbr__partner=partner):
        text, owner = (value.replace(f"{INTERNAL} ", "") for value in (row.text, row.owner_name))
        Commitment.everything.filter(pk=row.pk).update(text=text, owner_name=owner)
    qbr.refresh_from_db()
    return qbr


def built(qbr: Qbr, by: User, kind: str = "partner") -> Version:
    job = run(actions.build(qbr=qbr, by=by, kind=kind))
    assert job.state == Job.State.DONE, job.error
    return Version.everything.filter(qbr=qbr, kind=kind).latest("number")


def told(version: Version) -> dict[str, str]:
    """All that a version says: in the places of its PPTX and in the rest of it, in its PDF, on its preview, and as it is kept."""
    pptx, pdf = (_bytes(version, ending) for ending in ("pptx", "pdf"))
    return {
        "kept": json.dumps(version.content, ensure_ascii=False),
        "preview": shown(views(frozen.thaw(version.content))),
        "PDF": readable("application/pdf", pdf),
        **told_in(pptx),
    }


def told_in(pptx: bytes) -> dict[str, str]:
    """What stands in a presentation, by place; "PPTX": in all of its parts, those that no place is named for too."""
    found: dict[str, list[str]] = {name: [] for name in PLACES}
    with zipfile.ZipFile(BytesIO(pptx)) as parts:
        for part in parts.namelist():
            content = parts.read(part)
            for name, folder in PLACES.items():
                if part.startswith(folder):
                    found[name] += inside(content) if content[:2] == b"PK" else [content.decode("utf-8", "replace")]
    said = {name: "\n".join(texts) for name, texts in found.items()}
    said["alt"] = "\n".join(re.findall(r'descr="([^"]*)"', said["slides"]))
    return {**said, "PPTX": "\n".join(inside(pptx))}


def shown(slides: list[View]) -> str:
    """What the preview draws, and the notes beside it."""
    return "\n".join([render_to_string("qbr/slides.html", {"views": slides}), *_notes(slides)])


def _notes(slides: list[View]) -> Iterator[str]:
    for slide in slides:
        yield from slide.notes


def _bytes(version: Version, ending: str) -> bytes:
    with getattr(version, ending).open("rb") as file:
        content: bytes = file.read()
        return content
