"""Slide "next": what the next quarter is to bring, and who promised what by when; as of the build."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from pipeline import target_grid
from pipeline.forms import period_name
from pipeline.target_grid import Cell as TargetCell
from pipeline.target_grid import Grid
from prm.common.fiscal import Period
from prm.common.templatetags.numbers import MISSING, format_number, format_quantity
from prm.documents.slides import Cell, Slide, Table
from qbr import commentary_plan as commentary
from qbr import queries
from qbr.content.ground import Ground
from qbr.content.registry import slide
from qbr.content.words import day
from qbr.models import Commitment

KEY = "next"
MOST_MEASURES = 6


@slide(KEY)
def make(on: Ground) -> Slide:
    ahead = on.quarter.next
    title = _("Next quarter: %(quarter)s") % {"quarter": ahead.label}
    grid = target_grid.grid(on.partner, ahead.fiscal_year)
    agreed = queries.agreed(on.partner, on.quarter)
    targets = _targets(on, grid)
    if targets is None and not agreed:
        words = _("There are no targets for %(quarter)s and nothing was agreed yet.") % {"quarter": ahead.label}
        return Slide(KEY, title, on.today, missing=words)
    blocks: list[Any] = [] if targets is None else [targets]
    blocks.append(_commitments(agreed))
    facts = commentary.Next(
        quarter=ahead.label,
        targets=[commentary.Target(row[0].text, row[1].text) for row in (targets.rows if targets else ())],
        commitments=len(agreed),
        first=min((row.due_on for row in agreed), default=None),
    )
    told = tuple(commentary.following(facts))
    return Slide(KEY, title, on.today, tuple(blocks), told, (*told, *_notes(agreed)))


def _targets(on: Ground, grid: Grid) -> Table | None:
    """The quarter of each metric that has a target, and its months; None without any. Of a deck for the partner no internal ones."""
    ahead = on.quarter.next
    wanted: list[Period] = [ahead, *ahead.months]
    lines = {line.period: line.cells for line in grid.lines}
    rows = []
    for number, measure in enumerate(grid.measures):
        if on.shared and measure.internal:
            continue
        cells = [lines[period][number] for period in wanted]
        if any(cell.value is not None or cell.mixed for cell in cells):
            rows.append((Cell(measure.name), *(Cell(_amount(cell)) for cell in cells)))
    if not rows:
        return None
    return Table(
        title=_("Targets of %(quarter)s") % {"quarter": ahead.label},
        heads=(_("Metric"), ahead.label, *(period_name(month) for month in ahead.months)),
        rows=tuple(rows[:MOST_MEASURES]),
        numeric=frozenset({1, 2, 3, 4}),
    )


def _amount(cell: TargetCell) -> str:
    if cell.mixed:
        return _("several currencies")
    return MISSING if cell.value is None else format_quantity(cell.value, cell.currency)


def _commitments(agreed: list[Commitment]) -> Table:
    return Table(
        title=_("Commitments"),
        heads=(_("Commitment"), _("Owner"), _("Side"), _("By")),
        rows=tuple(
            (Cell(row.text), Cell(row.who or MISSING), Cell(str(row.get_side_display())), Cell(day(row.due_on)))
            for row in agreed
        ),
        empty=_("To be agreed in the meeting: what, who, by when."),
    )


def _notes(agreed: list[Commitment]) -> list[str]:
    if agreed:
        return [_("Read each commitment aloud: is the owner in the room, does the date stand?")]
    words = _("Agree on up to %(n)s commitments, each with an owner and a date; enter them on this page.")
    return [words % {"n": format_number(5)}]
