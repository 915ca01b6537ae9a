"""Slide "level": where the partner stands in the program, as the scorecard of performance tells it."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext as _

from prm.common.rag import Rag
from prm.common.templatetags.numbers import MISSING, format_number
from prm.documents.slides import Cell, Points, Slide, Table, Tile, Tiles
from qbr import commentary
from qbr.commentary import Finding
from qbr.content import words
from qbr.content.ground import Ground
from qbr.content.performance import page
from qbr.content.registry import Area, Findings, findings, slide
from scorecards.performance.figures import shown
from scorecards.performance_page.level import Level, Need, in_words

STEPS = 4


def level_of(ground: Ground) -> Level:
    return page(ground, ground.today).level


@slide("level")
def level(ground: Ground) -> Slide:
    found = level_of(ground)
    whole = Slide("level", _("Program level"), ground.today)
    if found.reason:
        return replace(whole, missing=found.reason)
    return replace(
        whole,
        blocks=tuple(block for block in (_tiles(found), _needs(found), _path(found)) if block is not None),
        commentary=commentary.standing(_standing(found)),
        notes=tuple(_("%(name)s: %(missing)s") % {"name": need.name, "missing": need.missing} for need in found.unmet),
    )


def _tiles(found: Level) -> Tiles:
    return Tiles(
        (
            Tile(_("Assigned tier"), found.assigned),
            Tile(_("Qualifies for"), found.qualified),
            Tile(_("Next tier"), found.next or MISSING, "" if found.next else _("The highest tier is reached.")),
            Tile(_("Requirements met"), _met(found), _("of %(tier)s") % {"tier": found.next or found.qualified}),
        )
    )


def _met(found: Level) -> str:
    return _("%(met)s of %(n)s") % {"met": format_number(found.met), "n": format_number(found.required)}


def _needs(found: Level) -> Table | None:
    if not found.needs:
        return None
    return Table(
        title=_("What %(tier)s asks for") % {"tier": found.next},
        heads=(_("Requirement"), _("Stands at"), _("Missing"), _("Met")),
        rows=tuple(_need(need) for need in found.needs),
    )


def _need(need: Need) -> tuple[Cell, ...]:
    rag = Rag.GREEN if need.met else Rag.RED
    state = _("Met") if need.met else _("Missing")
    return Cell(need.name), Cell(need.has or MISSING), Cell(need.missing or MISSING), Cell("", words.tone(rag), state)


def _path(found: Level) -> Points | None:
    if not found.path:
        return None
    steps = tuple(
        words.point(_("%(step)s (%(effort)s)") % {"step": step.text, "effort": step.effort})
        for step in found.path[:STEPS]
    )
    if len(found.path) > STEPS:
        steps = (*steps, words.point(words.more(len(found.path) - STEPS)))
    return Points(_("The shortest way to %(tier)s") % {"tier": found.next}, steps)


def _standing(found: Level) -> commentary.Standing:
    nearest = found.path[0].text if found.path else ""
    return commentary.Standing(
        tier=found.qualified, next=found.next, met=found.met, required=found.required, nearest=nearest
    )


@findings("level")
def of_level(ground: Ground) -> Findings:
    found = level_of(ground)
    name = _("Program level")
    if found.reason:
        return Findings(Area(name, words.tone(None), found.reason, MISSING))
    rag = page(ground, ground.today).told.rag(found.told) if shown(found.told) is not None else None
    area = Area(name, words.tone(rag), words.word(rag), in_words(found))
    sentences = commentary.standing(_standing(found))
    if not found.next:
        return Findings(area, wins=tuple(Finding("level", text, 65) for text in sentences[:1]))
    if rag is Rag.GREEN:
        return Findings(area, wins=(Finding("level", sentences[0], 50),))
    return Findings(area, concerns=(Finding("level", sentences[0], 60 if rag is Rag.RED else 45),))
