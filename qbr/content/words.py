"""How slides say things: statuses, money, dates; the same functions that pages use."""

from __future__ import annotations

import datetime as dt

from django.template.defaultfilters import capfirst
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from prm.common.rag import Rag
from prm.documents.slides import Cell, Point, Tone

TONES = {Rag.GREEN: Tone.GOOD, Rag.AMBER: Tone.WATCH, Rag.RED: Tone.BAD, None: Tone.NONE}


def tone(rag: Rag | str | None) -> Tone:
    """Of a status, or of its name; of nothing none."""
    return TONES[Rag(rag) if rag else None]


def word(rag: Rag | str | None) -> str:
    """What a status says: "On track"; "" for none."""
    return capfirst(str(Rag(rag).word)) if rag else ""


def cell(text: str, rag: Rag | str | None = None) -> Cell:
    return Cell(text, tone(rag), word(rag))


def texts(*values: str) -> tuple[Cell, ...]:
    return tuple(Cell(value) for value in values)


def point(text: str, rag: Rag | str | None = None) -> Point:
    return Point(text, tone(rag), word(rag))


def day(value: dt.date | None) -> str:
    """A day as pages write it; "–" for none."""
    return date_format(value, "DATE_FORMAT") if value else "–"


def more(n: int) -> str:
    """What stands at the end of a list that was cut."""
    return _("… and %(n)s more") % {"n": n}
