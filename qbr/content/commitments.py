"""Slide "commitments": what both sides promised at the last review that was held, and whether it was done by the quarter's last day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext as _

from partners.models import Action
from prm.common.templatetags.numbers import MISSING
from prm.documents.slides import Cell, Slide, Table, Tone
from qbr import commentary, queries
from qbr.commentary import Finding, Kept
from qbr.content import words
from qbr.content.ground import Ground
from qbr.content.registry import Area, Findings, findings, slide
from qbr.models import Commitment


def agreed(ground: Ground) -> list[Commitment]:
    return ground.once("commitments", lambda: queries.agreed_before(ground.partner, ground.quarter))


@slide("commitments")
def commitments(ground: Ground) -> Slide:
    whole = Slide("commitments", _("Last quarter's commitments"), ground.quarter_day)
    found = agreed(ground)
    if not found:
        return replace(whole, missing=_("Nothing was agreed at an earlier review."))
    table = Table(
        title=_("What was agreed, and where it stood on %(day)s") % {"day": words.day(ground.quarter_day)},
        heads=(_("Commitment"), _("Side"), _("Owner"), _("Due"), _("Status")),
        rows=tuple(
            (
                Cell(row.text), Cell(str(row.get_side_display())), Cell(row.who or MISSING), Cell(words.day(row.due_on)), _status(ground, row),
            )
            for row in found
        ),
    )  # fmt: skip
    open_ones = [row for row in found if _state(ground, row) == Action.Status.OPEN]
    return replace(
        whole,
        blocks=(table,),
        commentary=commentary.kept(counted(ground, found)),
        notes=tuple(
            _("Still open: %(text)s (%(who)s, due on %(day)s).")
            % {"text": row.text, "who": row.who or MISSING, "day": words.day(row.due_on)}
            for row in open_ones
        ),
    )


def counted(ground: Ground, found: Sequence[Commitment]) -> Kept:
    states = [_state(ground, row) for row in found]
    return Kept(
        all=len(found),
        done=states.count(Action.Status.DONE),
        late=sum(_is_late(ground, row) for row in found),
    )


def _state(ground: Ground, row: Commitment) -> str:
    """Done, dropped or open at the end of the quarter's last day: what was closed later was open then."""
    action = row.action
    if action is None or action.closed_at is None or ground.day_of(action.closed_at) > ground.quarter_day:
        return str(Action.Status.OPEN)
    return str(action.status)


def _is_late(ground: Ground, row: Commitment) -> bool:
    return _state(ground, row) == Action.Status.OPEN and row.due_on < ground.quarter_day


def _status(ground: Ground, row: Commitment) -> Cell:
    state = _state(ground, row)
    if state == Action.Status.DONE:
        return Cell("", Tone.GOOD, _("Done"))
    if state == Action.Status.DROPPED:
        return Cell("", Tone.NONE, _("Dropped"))
    return Cell("", Tone.BAD, _("Late")) if _is_late(ground, row) else Cell("", Tone.NONE, _("Open"))


@findings("commitments")
def of_commitments(ground: Ground) -> Findings:
    found = agreed(ground)
    if not found:
        return Findings()
    kept = counted(ground, found)
    said = commentary.kept(kept)
    tone, word = Tone.WATCH, _("Open")
    if kept.done == kept.all:
        tone, word = Tone.GOOD, _("Done")
    elif kept.late:
        tone, word = Tone.BAD, _("Late")
    area = Area(_("Commitments"), tone, word, _("%(done)s of %(n)s done") % {"done": kept.done, "n": kept.all})
    if kept.done == kept.all:
        return Findings(area, wins=(Finding("commitments", said[0], 68),))
    return Findings(area, concerns=(Finding("commitments", said[1], 72),) if kept.late else ())
