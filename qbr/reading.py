"""A draft as it is now: every slide read afresh, with what people chose; and the deck that a build freezes."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from time import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.models import User
from prm.common import accent
from prm.common.kept import kept
from prm.common.vendor import today, vendor_settings
from prm.documents import slides_view
from prm.documents.slides import Deck, Slide
from prm.documents.slides_view import View
from qbr import candidates, content
from qbr.candidates import Group
from qbr.choices import Usual, choices_of, usual
from qbr.content import Choices, Ground, ground
from qbr.frozen import freeze, thaw
from qbr.labels import SLIDES
from qbr.models import PartnerLogo, Qbr, Version
from qbr.naming import quarter_of

READ, KEPT = 50, 600  # seconds: so long a draft counts as just read, so long it is shown while it is read anew
TITLE, COMMITMENTS = "title", "next"  # slides: the one that opens without the others, the one that commitments are on


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
    groups: Mapping[str, list[Group]] = field(default_factory=dict)  # what can be chosen on a slide, where it was read
    settled: bool = True

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


def shown_draft(qbr: Qbr, user: User, asked: str = "", *, anew: bool = False) -> Draft:
    """The draft for a page that opens the slide `asked` ("": the first), at once: as it was last read within ten minutes, but for what
    people chose, which always counts. Where it wasn't read yet, its first slide is read alone and the others are there by name; any other
    slide needs them all. A draft that isn't `settled` by this wants to be asked for `anew`, which the page does by itself.
    """
    chosen = choices_of(qbr, usual(today()))
    keeps, key = bool(settings.FIGURES_KEPT), _kept_under(qbr, user, chosen)
    found: _Read | None = cache.get(key) if keeps else None
    old = found is None or time() - found.at > READ
    on = ground(qbr.partner, quarter_of(qbr), eyes=user, vendor_copy=False, chosen=chosen)
    if found is None and keeps and not anew and _opens_alone(asked, chosen):
        return _begun(qbr, on)
    if found is None or (anew and old):
        found, old = _Read(time(), freeze(Deck("", "", "", "", "", slides=content.proposed(on))), _groups(on)), False
        if keeps:
            cache.set(key, found, KEPT)
    slides = tuple(thaw(found.deck).slides)
    if asked == COMMITMENTS:  # what was just promised shows at once
        fresh = content.proposed_alone(on, asked)
        slides = tuple(fresh if slide.key == asked else slide for slide in slides)
    return Draft(qbr, chosen, slides, found.groups, settled=not old)


@dataclass(frozen=True)
class _Read:
    """What is kept of a draft that was read: when, its slides, and what can be chosen on them."""

    at: float
    deck: dict[str, Any]
    groups: dict[str, list[Group]]


def _kept_under(qbr: Qbr, user: User, chosen: Choices) -> str:
    """By all that what is proposed depends on, whoever's eyes it is read with; edited words aren't among it."""
    picked = [
        None if each is None else sorted(map(str, each))
        for each in (chosen.wins, chosen.concerns, chosen.deals, chosen.actions)
    ]
    named = (qbr.pk, user.pk, translation.get_language(), today(), chosen.order, sorted(chosen.on), sorted(chosen.off))
    return f"qbr:{hashlib.sha256(repr((named, picked)).encode()).hexdigest()}"


def _groups(on: Ground) -> dict[str, list[Group]]:
    return {key: candidates.on_slide(on, key) for key in dict.fromkeys(candidates.SLIDES.values())}


def _opens_alone(asked: str, chosen: Choices) -> bool:
    first = content.ordered(chosen.order)[0]
    return asked in ("", first) and first == TITLE and first not in chosen.off


def _begun(qbr: Qbr, on: Ground) -> Draft:
    """The first slide, and the names of the others."""
    rest = [Slide(key, str(SLIDES[key]), on.today) for key in content.ordered(on.chosen.order)[1:]]
    return Draft(qbr, on.chosen, (content.proposed_alone(on, TITLE), *rest), settled=False)


def order_of(qbr: Qbr) -> list[str]:
    """The keys of all slides, in the draft's order."""
    return content.ordered(choices_of(qbr, usual(today())).order)


def deck(qbr: Qbr, user: User, *, kind: str) -> tuple[Deck, dt.date]:
    """What is built now, and the day it was read."""
    vendor_copy = kind == Version.Kind.VENDOR
    found = draft(qbr, user, vendor_copy=vendor_copy)
    return deck_of(qbr, found.standing, marked=_("Vendor copy: not for the partner") if vendor_copy else ""), today()


def deck_of(qbr: Qbr, slides: Sequence[Slide], *, marked: str = "") -> Deck:
    vendor, quarter = vendor_settings(), quarter_of(qbr)
    span = {"first": date_format(quarter.start), "last": date_format(quarter.end)}
    return Deck(
        title=_("Quarterly business review %(quarter)s") % {"quarter": quarter.label},
        subtitle=_("%(partner)s, %(first)s to %(last)s") % {"partner": qbr.partner.name, **span},
        vendor=vendor.name,
        partner=qbr.partner.name,
        language=translation.get_language() or "en",
        slides=tuple(slides),
        accent=vendor.accent or accent.DEFAULT,
        vendor_logo=_file(vendor.logo),
        partner_logo=_partner_logo(qbr),
        marked=marked,
    )


def previews(qbr: Qbr, found: Draft, line: Line) -> list[View]:
    """One slide of a draft as it will be in the file, on as many pages as it takes; one that is off as if it were on."""
    whole = deck_of(qbr, found.standing)
    keys = [slide.key for slide in found.standing]
    number = keys.index(line.key) + 1 if line.key in keys else len(keys) + 1
    return slides_view.preview(
        whole, line.slide, number=number, logos=(_address(whole.vendor_logo), _address(whole.partner_logo))
    )


def pages_of(version: Version) -> SafeString:
    """All slides of a version, drawn for a page. What it keeps says what they show: as long as that is the same, they are drawn once a minute."""
    content = json.dumps(version.content, sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()

    def drawn() -> SafeString:
        return render_to_string("qbr/slides.html", {"views": slides_view.views(thaw(version.content))})

    return kept(drawn, "qbr version", digest, translation.get_language())


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
