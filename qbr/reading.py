"""A draft as it is now: every slide read afresh, with what people chose; and the deck that a build freezes."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from prm.common import accent
from prm.common.kept import kept
from prm.common.vendor import today, vendor_settings
from prm.documents import slides_view
from prm.documents.slides import Deck, Slide
from prm.documents.slides_view import View
from qbr import content
from qbr.choices import Usual, choices_of, usual
from qbr.content import Choices
from qbr.frozen import freeze, thaw
from qbr.models import PartnerLogo, Qbr, Version
from qbr.naming import quarter_of


@dataclass(frozen=True)
class Line:
    """A slide of the draft: as the rules propose it, as it stands, whether it goes into the file, and whether that was switched by hand."""

    proposed: Slide
    slide: Slide
    on: bool
    switched: bool
    edited: bool

    @property
    def key(self) -> str:
        return self.slide.key


@dataclass(frozen=True)
class Draft:
    qbr: Qbr
    choices: Choices
    slides: tuple[Slide, ...]  # all of them, in order, as proposed

    @cached_property
    def lines(self) -> list[Line]:
        edited = content.edited(self.slides, self.choices)
        standing = {slide.key for slide in content.standing(edited, self.choices)}
        return [
            Line(proposed, slide, slide.key in standing, slide.key in self.qbr.switched, slide.key in self.qbr.commentary)
            for proposed, slide in zip(self.slides, edited, strict=True)
        ]  # fmt: skip

    def line(self, key: str) -> Line | None:
        return next((line for line in self.lines if line.key == key), None)

    @property
    def standing(self) -> list[Slide]:
        """Those that go into the file."""
        return [line.slide for line in self.lines if line.on]


def draft(qbr: Qbr, user: User, *, vendor_copy: bool = False, standard: Usual | None = None) -> Draft:
    """The draft as it is now. The caller has checked that the user may see it."""
    chosen = choices_of(qbr, standard or usual(today()))
    slides = content.propose(qbr.partner, quarter_of(qbr), eyes=user, vendor_copy=vendor_copy, chosen=chosen)
    return Draft(qbr, chosen, tuple(slides))


def shown_draft(qbr: Qbr, user: User) -> Draft:
    """The same for a page, whose slides may be as old as figures are kept: going from slide to slide reads once. Any choice reads afresh."""
    chosen = choices_of(qbr, usual(today()))

    def make() -> dict[str, object]:
        slides = content.propose(qbr.partner, quarter_of(qbr), eyes=user, chosen=chosen)
        return freeze(Deck("", "", "", "", "", slides=slides))

    named = (qbr.pk, qbr.revision, user.pk, translation.get_language(), today(), chosen)
    return Draft(qbr, chosen, tuple(thaw(kept(make, "qbr", *named)).slides))


def deck(qbr: Qbr, user: User, *, kind: str) -> tuple[Deck, dt.date]:
    """What is built now, and the day it was read."""
    vendor_copy = kind == Version.Kind.VENDOR
    found = draft(qbr, user, vendor_copy=vendor_copy)
    return deck_of(qbr, found.standing, marked=_("Vendor copy: not for the partner") if vendor_copy else ""), today()


def deck_of(qbr: Qbr, slides: Sequence[Slide], *, marked: str = "") -> Deck:
    settings, quarter = vendor_settings(), quarter_of(qbr)
    span = {"first": date_format(quarter.start), "last": date_format(quarter.end)}
    return Deck(
        title=_("Quarterly business review %(quarter)s") % {"quarter": quarter.label},
        subtitle=_("%(partner)s, %(first)s to %(last)s") % {"partner": qbr.partner.name, **span},
        vendor=settings.name,
        partner=qbr.partner.name,
        language=translation.get_language() or "en",
        slides=tuple(slides),
        accent=settings.accent or accent.DEFAULT,
        vendor_logo=_file(settings.logo),
        partner_logo=_partner_logo(qbr),
        marked=marked,
    )


def previews(qbr: Qbr, found: Draft, line: Line) -> list[View]:
    """One slide of a draft as it will be in the file, on as many pages as it takes; one that is off as if it were on."""
    whole = deck_of(qbr, found.standing)
    keys = [slide.key for slide in found.standing]
    number = keys.index(line.key) + 1 if line.key in keys else len(keys) + 1
    return slides_view.preview(whole, line.slide, number=number, logos=(_address(whole.vendor_logo), _address(whole.partner_logo)))


def _address(picture: bytes) -> str:
    """A PNG where a page can show it without another request."""
    return f"data:image/png;base64,{base64.b64encode(picture).decode()}" if picture else ""


def _partner_logo(qbr: Qbr) -> bytes:
    row = PartnerLogo.objects.unscoped("of one partner in reach").filter(partner=qbr.partner_id).first()
    return _file(row.file) if row else b""


def _file(field: object) -> bytes:
    """What a file field holds; nothing where it has none, or storage lost it."""
    if not field:
        return b""
    try:
        with field.open("rb") as file:  # type: ignore[attr-defined]
            return bytes(file.read())
    except FileNotFoundError:
        return b""
