"""Slides "title", "agenda", "glance" and "summary"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from partners.certified import State
from partners.learning import queries as learning
from partners.models import Contact, Membership
from prm.common.templatetags.numbers import MISSING, format_number
from prm.documents.slides import Cell, Point, Points, Slide, Table, Tile, Tiles, Tone
from qbr import commentary
from qbr.commentary import Finding
from qbr.content import words
from qbr.content.ground import Ground
from qbr.content.registry import Area, Findings, finders, slide

PEOPLE = 6  # of each side
CERTIFICATES = 5
PICKED = 3  # wins, concerns
OFFERED = 12


# ── Title and agenda ─────────────────────────────────────────────────────────────────────────────────────────────────


@slide("title")
def title(ground: Ground) -> Slide:
    quarter = ground.quarter
    span = _("%(quarter)s: %(first)s to %(last)s") % {
        "quarter": quarter.label, "first": words.day(quarter.start), "last": words.day(quarter.end),
    }  # fmt: skip
    both = _("%(partner)s and %(vendor)s") % {"partner": ground.partner.name, "vendor": ground.settings.name}
    notes = []
    if quarter.end > ground.today:
        notes.append(
            _("The quarter isn't over: its figures are as of %(day)s.") % {"day": words.day(ground.quarter_day)}
        )
    return Slide("title", _("Quarterly business review"), ground.today, commentary=(both, span), notes=tuple(notes))


def agenda(ground: Ground, standing: Sequence[Slide]) -> Slide:
    """What follows: the titles of the slides that go into the file."""
    titles = [each.title for each in standing if each.key not in ("title", "agenda")]
    points = Points(_("Today"), tuple(words.point(each) for each in titles))
    whole = Slide("agenda", _("Agenda"), ground.today)
    if not titles:
        return replace(whole, missing=_("No other slide has anything to show."))
    text = ngettext("%(n)s topic to go through.", "%(n)s topics to go through.", len(titles))
    return replace(whole, blocks=(points,), notes=(text % {"n": len(titles)},))


# ── The partner at a glance ──────────────────────────────────────────────────────────────────────────────────────────


@slide("glance")
def glance(ground: Ground) -> Slide:
    whole = Slide("glance", _("The partner at a glance"), ground.today)
    blocks = (_facts(ground), _people(ground), _certificates(ground))
    return replace(whole, blocks=blocks, commentary=_said(ground), notes=tuple(_glance_notes(ground)))


def _facts(ground: Ground) -> Tiles:
    partner = ground.partner
    held = _held(ground)
    valid = sum(row.state in (State.VALID, State.EXPIRING) for row in held)
    soon = sum(row.state == State.EXPIRING for row in held)
    ending = ngettext("%(n)s expires soon", "%(n)s expire soon", soon) % {"n": soon} if soon else ""
    return Tiles(
        (
            Tile(_("Tier"), str(partner.tier) if partner.tier else MISSING, "" if partner.tier else _("No tier assigned.")),
            Tile(_("Life stage"), str(partner.stage)),
            Tile(_("Valid certifications"), format_number(valid), ending),
            Tile(
                _("Sales people"), format_number(partner.sales_reps),
                "" if partner.sales_reps is not None else _("Not known."),
            ),
        )
    )  # fmt: skip


def _held(ground: Ground) -> list[Any]:
    return ground.once("certifications", lambda: list(learning.of_partner(ground.partner, ground.eyes, ground.today)))


def _people(ground: Ground) -> Table:
    """Who works with whom: the partner's users and main contacts, the vendor's CAM and cover."""
    partner = ground.partner
    ours = [
        (person, role) for person, role in ((partner.cam, _("Account manager")), (partner.cover, _("Cover"))) if person
    ]
    rows = [words.texts(_("Vendor"), person.display_name, role) for person, role in ours]
    theirs = _team(ground)
    rows += [words.texts(_("Partner"), name, role) for name, role in theirs[:PEOPLE]]
    title = _("People on both sides")
    if len(theirs) > PEOPLE:
        title = _("People on both sides (%(n)s of %(all)s of the partner's)") % {"n": PEOPLE, "all": len(theirs)}
    return Table(
        title=title,
        heads=(_("Side"), _("Name"), _("Role")),
        rows=tuple(rows),
        empty=_("Nobody is named on either side."),
    )


def _team(ground: Ground) -> list[tuple[str, str]]:
    """The partner's contacts, the main one first, then its users who are none of them, each with what they do."""
    contacts = list(Contact.objects.visible_to(ground.eyes).filter(partner=ground.partner))
    found = [(row.name, row.title or str(row.get_function_display())) for row in contacts]
    known = {row.email.lower() for row in contacts if row.email}
    members = Membership.objects.visible_to(ground.eyes).filter(partner=ground.partner, user__is_active=True)
    for member in members.select_related("user").prefetch_related("user__groups").order_by("user__name", "pk"):
        if member.user.email.lower() not in known:
            roles = sorted(str(role.label) for role in member.user.roles)
            found.append((member.user.display_name, ", ".join(roles)))
    return found


def _certificates(ground: Ground) -> Table:
    """Valid ones by certificate: how many hold it, and the first day one expires."""
    by_name: dict[str, list[Any]] = {}
    for row in _held(ground):
        if row.state in (State.VALID, State.EXPIRING):
            by_name.setdefault(str(row.certificate), []).append(row)
    rows = []
    for name, held in list(by_name.items())[:CERTIFICATES]:
        ends = min((row.expires_on for row in held if row.expires_on), default=None)
        rows.append(words.texts(name, format_number(len(held)), words.day(ends) if ends else _("never")))
    title = _("Certifications")
    if len(by_name) > CERTIFICATES:
        title = _("Certifications (%(n)s of %(all)s)") % {"n": CERTIFICATES, "all": len(by_name)}
    return Table(
        title=title,
        heads=(_("Certificate"), _("Valid"), _("First expires")),
        rows=tuple(rows),
        numeric=frozenset({1}),
        empty=_("No certification is valid."),
    )


def _said(ground: Ground) -> tuple[str, ...]:
    partner = ground.partner
    if partner.signed_on is None or partner.signed_on > ground.today:
        return ()
    return (_("Partners since %(day)s.") % {"day": words.day(partner.signed_on)},)


def _glance_notes(ground: Ground) -> list[str]:
    return [
        _("Expires on %(day)s: %(name)s, %(who)s.")
        % {"day": words.day(row.expires_on), "name": row.certificate, "who": row.person or ground.partner.name}
        for row in _held(ground)
        if row.state == State.EXPIRING
    ]


# ── Executive summary ────────────────────────────────────────────────────────────────────────────────────────────────


def found_by(ground: Ground) -> list[Findings]:
    """What each tool has for the summary, in the order of the slides."""
    from qbr.content import KEYS, know_all

    know_all()
    return ground.once("findings", lambda: [finders[key](ground) for key in KEYS if key in finders])


def offered_wins(ground: Ground) -> tuple[Finding, ...]:
    """What may stand among the wins, the best first."""
    return commentary.pick((each for found in found_by(ground) for each in found.wins), OFFERED)


def offered_concerns(ground: Ground) -> tuple[Finding, ...]:
    return commentary.pick((each for found in found_by(ground) for each in found.concerns), OFFERED)


@slide("summary")
def summary(ground: Ground) -> Slide:
    whole = Slide("summary", _("Executive summary"), ground.today)
    areas = [found.area for found in found_by(ground) if found.area is not None]
    wins = _chosen(ground.chosen.wins, offered_wins(ground))
    concerns = _chosen(ground.chosen.concerns, offered_concerns(ground))
    if not any(area.tone is not Tone.NONE for area in areas) and not wins and not concerns:
        return replace(whole, missing=_("No area has a figure yet."))
    blocks = (
        _areas(areas),
        Points(_("Wins"), tuple(Point(text, Tone.GOOD, _("Win")) for text in wins), empty=_("No win stands out.")),
        Points(
            _("Concerns"), tuple(Point(text, Tone.WATCH, _("Concern")) for text in concerns),
            empty=_("No concern stands out."),
        ),
    )  # fmt: skip
    days = _("Figures of the quarter are as of %(day)s, the others as of %(today)s.") % {
        "day": words.day(ground.quarter_day), "today": words.day(ground.today),
    }  # fmt: skip
    said = (*_overall(areas), *([days] if ground.quarter_day < ground.today else []))
    return replace(whole, blocks=blocks, commentary=said, notes=(days, *wins, *concerns))


def _chosen(chosen: tuple[str, ...] | None, offered: Sequence[Finding]) -> tuple[str, ...]:
    return tuple(each.text for each in offered[:PICKED]) if chosen is None else chosen


def _areas(areas: Sequence[Area]) -> Table:
    return Table(
        title=_("Where each area stands"),
        heads=(_("Area"), _("Status"), _("Figure")),
        rows=tuple((Cell(area.name), Cell("", area.tone, area.word or MISSING), Cell(area.figure)) for area in areas),
        empty=_("No area has a figure yet."),
    )


def _overall(areas: Sequence[Area]) -> tuple[str, ...]:
    return commentary.overall([area.tone for area in areas])
