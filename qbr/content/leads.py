"""Slide "leads": what came in in the quarter and went to the partner, and what it made of it; as of the quarter's day."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from leads import fairness
from leads.fairness import Made
from leads.fairness_page import percent, span_words
from leads.policies import GRADES
from leads.templatetags.fairness import share
from prm.common.templatetags.numbers import format_number
from prm.documents.slides import Cell, Chart, ChartKind, Series, Slide, Table, Tile, Tiles, Tone
from qbr import commentary_marketing as commentary
from qbr.commentary import Finding
from qbr.content.drawn import attained
from qbr.content.ground import Ground
from qbr.content.registry import Area, Findings, findings, slide

KEY = "leads"
FEW = 3  # offers below which a share says little


def _made(on: Ground) -> dict[str, Made]:
    """By grade, "" for all."""
    span = (on.quarter.start, on.quarter.end)
    return on.once(KEY, lambda: fairness.of_partner_then(on.partner, *span, on.quarter_day))


@slide(KEY)
def make(on: Ground) -> Slide:
    made = _made(on)
    every = made[""]
    title = _("Leads of %(quarter)s") % {"quarter": on.quarter.label}
    if not every.given and not every.offers:
        missing = _("No lead that came in in %(quarter)s was offered to this partner.")
        return Slide(KEY, title, on.quarter_day, missing=missing % {"quarter": on.quarter.label})
    blocks = (Tiles(_tiles(every)), _table(made), _chart(made))
    told = tuple(commentary.leads(_facts(on)))
    return Slide(KEY, title, on.quarter_day, blocks, told, (*told, *_notes(every)))


def _tiles(made: Made) -> tuple[Tile, ...]:
    none = "" if made.offers else _("No offer was answered or ran out.")
    return (
        Tile(_("Offers"), format_number(made.offers), _("answered or run out")),
        Tile(_("Accepted"), format_number(made.accepted), none or share(made.acceptance)),
        Tile(_("Held"), format_number(made.given), _("contacted: %(n)s") % {"n": format_number(made.contacted)}),
        Tile(_("Converted"), format_number(made.converted), _of_held(made.conversion)),
        Tile(_("Won"), format_number(made.won), _of_held(made.win)),
    )


def _of_held(part: Fraction | None) -> str:
    return _("No lead is held.") if part is None else _("%(share)s of those held") % {"share": share(part)}


def _table(made: dict[str, Made]) -> Table:
    def row(name: str, one: Made) -> tuple[Cell, ...]:
        texts = (
            name, format_number(one.offers), share(one.acceptance), format_number(one.given), span_words(one.contact),
            share(one.conversion), share(one.win),
        )  # fmt: skip
        return tuple(Cell(text) for text in texts)

    return Table(
        title=_("What was made of the leads, by grade"),
        heads=(_("Grade"), _("Offers"), _("Acceptance"), _("Held"), _("First contact"), _("Conversion"), _("Win")),
        rows=(*(row(grade, made[grade]) for grade in GRADES), row(_("All"), made[""])),
        numeric=frozenset(range(1, 7)),
        total=True,
    )


def _chart(made: dict[str, Made]) -> Chart:
    every = made[""]
    steps = (
        (_("Accepted"), every.accepted), (_("Contacted"), every.contacted), (_("Converted"), every.converted), (_("Won"), every.won),
    )  # fmt: skip
    said = ", ".join(f"{name} {format_number(count)}" for name, count in steps)
    return Chart(
        title=_("From the offer to the win"),
        kind=ChartKind.BARS,
        categories=tuple(name for name, _count in steps),
        series=(Series(_("Leads"), tuple(Decimal(count) for _name, count in steps)),),
        alt=_("Bars, how many leads came how far: %(figures)s.") % {"figures": said},
    )


def _facts(on: Ground) -> commentary.Leads:
    one = _made(on)[""]
    return commentary.Leads(
        partner=on.partner.name,
        given=one.given,
        offers=one.offers,
        accepted=one.accepted,
        contacted=one.contacted,
        converted=one.converted,
        won=one.won,
        acceptance=percent(one.acceptance),
        conversion=percent(one.conversion),
        contact="" if one.contact is None else span_words(one.contact),
    )


def _notes(made: Made) -> list[str]:
    found = []
    if made.accepted < made.offers:
        found.append(_("Ask why the others weren’t accepted: too far, wrong product, no time?"))
    if made.contacted < made.given:
        found.append(_("Ask who contacts the leads nobody has talked to yet, and by when."))
    found.append(_("Ask which leads helped most, so that the rules can send more of that kind."))
    return found


@findings(KEY)
def found(on: Ground) -> Findings:
    one = _made(on)[""]
    if one.acceptance is None:
        return Findings()
    tone, word = attained(percent(one.acceptance) if one.offers >= FEW else None, on)
    said = _("%(accepted)s of %(offers)s accepted, %(converted)s converted") % {
        "accepted": format_number(one.accepted),
        "offers": format_number(one.offers),
        "converted": format_number(one.converted),
    }
    wins = []
    if one.won:
        words = _("%(won)s of the leads given in the quarter were won already.") % {"won": format_number(one.won)}
        wins.append(Finding(f"{KEY}:won", words, 45))
    concerns = []
    if tone is Tone.BAD:
        words = _("Only %(share)s of the leads offered were accepted.") % {"share": share(one.acceptance)}
        concerns.append(Finding(f"{KEY}:accepted", words, 50))
    return Findings(Area(_("Leads"), tone, word, said), tuple(wins), tuple(concerns))
