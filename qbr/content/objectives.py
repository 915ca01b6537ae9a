"""Slide "objectives": what the partner wants to reach by its own yardstick and what the vendor wants with it, and what the partner thinks of
the vendor; as of the build.

What a partner answers about the vendor and its CAM is for channel management: a deck that the CAM reads says only that it answered. A vendor
copy tells its builder as much as the page of satisfaction does.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from partners.objectives import queries
from partners.objectives.progress import Standing
from partners.objectives.queries import Board, Line
from partners.objectives.words import figure, way
from prm.common.templatetags.numbers import MISSING, format_number, format_percent
from prm.documents.slides import Cell, Point, Points, Slide, Table, Tone
from qbr import commentary_plan as commentary
from qbr.commentary import Finding
from qbr.content.ground import Ground
from qbr.content.registry import Area, Findings, findings, slide
from qbr.content.words import day, point
from scorecards import queries as scorecards
from scorecards import satisfaction, scoring
from scorecards.models import Assessment

KEY = "objectives"


def _board(on: Ground) -> Board:
    return on.once(KEY, lambda: queries.for_plan(on.eyes, on.partner, on.quarter.year))


@slide(KEY)
def make(on: Ground) -> Slide:
    board, heard = _board(on), _heard(on)
    title = _("Objectives for %(year)s") % {"year": board.year.label}
    if not board.lines and heard is None:
        missing = _("No objectives are set for %(year)s.") % {"year": board.year.label}
        return Slide(KEY, title, on.today, missing=missing)
    blocks: list[Any] = [_table(on, number, _whose(on)[number]) for number in (0, 1) if board.columns[number].lines]
    if heard is not None:
        blocks.append(heard)
    told = tuple(commentary.objectives(_facts(on)))
    return Slide(KEY, title, on.today, tuple(blocks), told, (*told, *_notes(board)))


def _whose(on: Ground) -> tuple[str, str]:
    """In words for both sides: the partner's own, the vendor's."""
    return (
        _("%(partner)s’s own") % {"partner": on.partner.name},
        _("%(vendor)s’s with %(partner)s") % {"vendor": on.settings.name, "partner": on.partner.name},
    )


def _table(on: Ground, number: int, title: str) -> Table:
    return Table(
        title=title,
        heads=(_("Objective"), _("From → to"), _("Reached"), _("Of the way"), _("As of")),
        rows=tuple(_row(line) for line in _board(on).columns[number].lines),
        numeric=frozenset({1, 2, 3}),
    )


def _row(line: Line) -> tuple[Cell, ...]:
    now, objective = line.standing, line.objective
    quarter = f"Q{now.quarter}" if now.quarter else MISSING
    return (
        Cell(objective.title), Cell(way(objective) or MISSING), Cell(figure(objective, now.value)), _of_the_way(now), Cell(quarter),
    )  # fmt: skip


def _of_the_way(now: Standing) -> Cell:
    if now.display is None:
        return Cell(MISSING, Tone.NONE, _("Nothing entered"))
    text = format_percent(now.display)
    return Cell(text, Tone.GOOD, _("Met")) if now.met else Cell(text, Tone.NONE, _("Not met yet"))


# ── What they think of the vendor ────────────────────────────────────────────────────────────────────────────────────


def _heard(on: Ground) -> Points | None:
    """None where nothing was ever asked."""
    heading = _("What %(partner)s thinks of %(vendor)s") % {"partner": on.partner.name, "vendor": on.settings.name}
    points = _told_to(on) if on.vendor_copy else _answered(on)
    return Points(heading, points) if points else None


def _answered(on: Ground) -> tuple[Point, ...]:
    rows = Assessment.objects.visible_to(on.eyes).filter(
        partner=on.partner, questionnaire__kind=satisfaction.KIND, status__in=Assessment.COUNTED
    )
    last = rows.order_by("-finished_at", "-id").first()
    if last is None:
        return ()
    words = _("Answered on %(day)s. The answers are for channel management; say in the meeting what you want to say.")
    return (Point(words % {"day": day(last.finished_on)}),)


def _told_to(on: Ground) -> tuple[Point, ...]:
    """What the builder of a vendor copy may know: the answer, or of a CAM's own partners the average of five and more."""
    last = satisfaction.spoken(on.builder).filter(partner=on.partner).order_by("-finished_at", "-id").first()
    if last is not None and last.overall is not None:
        shown = scoring.display(last.overall)
        rag = scorecards.thresholds().rag(shown)
        text = _("%(score)s of 100, answered on %(day)s") % {
            "score": format_number(shown),
            "day": day(last.finished_on),
        }
        return (point(text, rag),)
    if on.partner.cam_id != on.builder.pk:
        return ()
    heard = satisfaction.heard_by(on.builder, on.today)
    if heard.overall is None:
        return ()
    words = _("Your partners together: %(score)s of 100, the average of %(n)s of them")
    return (Point(words % {"score": format_number(heard.overall), "n": format_number(heard.partners)}),)


# ── Words ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _facts(on: Ground) -> commentary.Objectives:
    board = _board(on)
    sides = [
        commentary.Side(column.tally.objectives, column.tally.entered, column.tally.met) for column in board.columns
    ]
    behind = _behind(board)
    return commentary.Objectives(
        partner=on.partner.name,
        vendor=on.settings.name,
        year=board.year.label,
        own=sides[0],
        vendors=sides[1],
        behind=behind.objective.title if behind else "",
        behind_percent=behind.standing.display if behind else None,
    )


def _behind(board: Board) -> Line | None:
    """The one that is furthest from its goal, of those not met."""
    known = [
        (line.standing.percent, line)
        for line in board.lines
        if line.standing.percent is not None and not line.standing.met
    ]
    return min(known, key=lambda pair: pair[0], default=(None, None))[1]


def _notes(board: Board) -> list[str]:
    found = [_("Ask what would bring each objective that isn’t met to its goal, and who does it.")]
    if any(line.standing.percent is None for line in board.lines):
        found.append(_("Enter the progress that is missing together, now."))
    return found


@findings(KEY)
def found(on: Ground) -> Findings:
    board = _board(on)
    every = [column.tally for column in board.columns]
    count, met = sum(tally.objectives for tally in every), sum(tally.met for tally in every)
    if not count:
        return Findings()
    tone, word = (Tone.GOOD, _("All met")) if met == count else (Tone.NONE, "")
    said = _("%(met)s of %(n)s met") % {"met": format_number(met), "n": format_number(count)}
    own = board.columns[0].tally
    wins = []
    if own.all_met:
        words = ngettext(
            "%(partner)s has met its %(n)s own objective for %(year)s.",
            "%(partner)s has met all %(n)s of its own objectives for %(year)s.",
            own.objectives,
        )
        facts = {"partner": on.partner.name, "n": format_number(own.objectives), "year": board.year.label}
        wins.append(Finding(KEY, words % facts, 55))
    return Findings(Area(_("Objectives"), tone, word, said), tuple(wins))
