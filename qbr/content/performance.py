"""Slides "performance" and "pipeline": the partner's scorecard of performance, as its own page tells it.

Performance is as of the quarter's last day, the pipeline as of the day the deck is read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.deals import queries as deals
from pipeline.models import DealStage
from prm.common.explain import Explanation
from prm.common.rag import Rag
from prm.common.templatetags.numbers import MISSING, format_money, format_number, format_percent
from prm.common.vendor import rates
from prm.documents.slides import Cell, Chart, ChartKind, Series, Slide, Table, Tile, Tiles
from qbr import commentary
from qbr.commentary import Figure, Finding, Plan
from qbr.content import words
from qbr.content.ground import Ground
from qbr.content.registry import Area, Findings, findings, slide
from scorecards.performance.coverage import Pipeline, by_month, size_of
from scorecards.performance.figures import shown
from scorecards.performance.inputs import Inputs
from scorecards.performance.quarters import YTD
from scorecards.performance.quarters import Cell as Quarter
from scorecards.performance.telling import exact
from scorecards.performance_page import dials
from scorecards.performance_page.addresses import PORTAL, VENDOR
from scorecards.performance_page.page import Page
from scorecards.performance_page.table import Cell as Shown
from scorecards.performance_page.words import amount, told

ROWS = 8  # of the table
FULL = 100


def page(ground: Ground, day: dt.date) -> Page:
    """The scorecard's page of a day, as the deck's readers see it."""
    side = PORTAL if ground.shared else VENDOR
    return ground.once(f"performance {day}", lambda: Page(ground.eyes, ground.partner, day, side, shared=ground.shared))


# ── Performance to plan ──────────────────────────────────────────────────────────────────────────────────────────────


@slide("performance")
def performance(ground: Ground) -> Slide:
    found = page(ground, ground.quarter_day)
    whole = Slide("performance", _("Performance to plan"), ground.quarter_day)
    cells = [cell for cell in found.card.quarters[0].cells if cell.key != YTD]
    if not any(cell.actual or cell.full_target for cell in cells):
        return replace(
            whole, missing=_("There are no results and no targets in %(year)s.") % {"year": found.year.label}
        )
    growth = _figure(found.told.explain("growth"))
    said = commentary.plan(_plan(ground, found, ground.quarter.key), _plan(ground, found, YTD), growth)
    return replace(
        whole, blocks=(_by_quarter(ground, found, cells), _table(ground, found)), commentary=said, notes=tuple(_points(found))
    )  # fmt: skip


def _by_quarter(ground: Ground, found: Page, cells: list[Quarter]) -> Chart:
    unit = found.told.inputs.unit
    year = {quarter.key: quarter.label for quarter in found.year.quarters}
    title = _("Actual and target by quarter, %(unit)s") % {"unit": unit or _("deals")}
    return Chart(
        title=title,
        kind=ChartKind.COLUMNS,
        categories=tuple(year[cell.key] for cell in cells),
        series=(
            Series(_("Actual"), tuple(cell.actual for cell in cells)),
            Series(_("Target"), tuple(cell.full_target for cell in cells), line=True),
        ),
        alt=" ".join([title + ":", *_told_by_quarter(found, cells)]),
    )


def _told_by_quarter(found: Page, cells: list[Quarter]) -> Iterator[str]:
    unit = found.told.inputs.unit
    for cell, quarter in zip(cells, found.year.quarters, strict=True):
        words = {
            "quarter": quarter.label, "actual": amount(cell.actual, unit), "target": amount(cell.full_target, unit),
        }  # fmt: skip
        yield _("%(quarter)s: %(actual)s of %(target)s.") % words


def _table(ground: Ground, found: Page) -> Table:
    rows = [
        (Cell(row.name), *_of(cell))
        for row in found.rows[:ROWS]
        for cell in row.cells
        if cell.column.key == ground.quarter.key
    ]
    title = _("The quarter, amounts in %(currency)s") % {"currency": found.currency}
    if len(found.rows) > ROWS:
        title = _("%(what)s (%(n)s of %(all)s)") % {"what": title, "n": ROWS, "all": len(found.rows)}
    return Table(
        title=title,
        heads=(_("Figure"), ground.quarter.label, _("Target"), _("Attained")),
        rows=tuple(rows),
        numeric=frozenset({1, 2, 3}),
    )


def _of(cell: Shown) -> tuple[Cell, Cell, Cell]:
    attained = MISSING if cell.shown is None else format_percent(cell.shown)
    return Cell(cell.actual or MISSING), Cell(cell.target or MISSING), words.cell(attained, cell.rag)


def _plan(ground: Ground, found: Page, key: str) -> Plan:
    """The plan's row in a column, for the rules."""
    cell = next(each for each in found.card.quarters[0].cells if each.key == key)
    period = ground.quarter.label if key == ground.quarter.key else found.year.label
    inputs = found.told.inputs
    gap = None if cell.actual is None or cell.target is None else abs(cell.actual - cell.target)
    return Plan(
        period,
        _amount(cell.actual, inputs),
        _amount(cell.target, inputs),
        _amount(gap, inputs),
        cell.shown,
        MISSING if cell.shown is None else format_percent(cell.shown),
    )


def _amount(value: Decimal | None, inputs: Inputs) -> Figure | None:
    """An amount of what the plan is in: money, or deals where they are counted."""
    if value is None:
        return None
    text = amount(value, inputs.unit)
    if inputs.counts_deals:
        text = ngettext("%(n)s deal", "%(n)s deals", 1 if value == 1 else 2) % {"n": text}
    return Figure(value, text)


def _figure(explanation: Explanation | None) -> Figure | None:
    """A percent, its sign left to the sentence."""
    if explanation is None or explanation.result is None:
        return None
    return Figure(explanation.result, format_percent(abs(explanation.result), 1))


def _points(found: Page) -> list[str]:
    """The page's own notes for the conversation."""
    return [point.text for point in found.points]


@findings("performance")
def of_performance(ground: Ground) -> Findings:
    found = page(ground, ground.quarter_day)
    of_quarter = _plan(ground, found, ground.quarter.key)
    told_year = found.told.explain("performance_to_plan")
    assert told_year is not None  # a dial
    rag = found.told.rag(told_year)
    area = Area(
        _("Performance to plan"), words.tone(rag), words.word(rag) or str(told_year.why_missing or ""), _percent(told_year)
    )  # fmt: skip
    wins: list[Finding] = []
    concerns: list[Finding] = []
    if of_quarter.percent is not None:
        sentence = commentary.against_plan(of_quarter)
        if of_quarter.percent >= FULL:
            wins.append(Finding("plan", sentence, 90))
        elif found.told.rules.thresholds.rag(of_quarter.percent) is not Rag.GREEN:
            concerns.append(Finding("plan", sentence, 90))
    growth = found.told.explain("growth")
    if growth is not None and growth.result:
        said = commentary.plan(Plan(""), Plan(""), _figure(growth))
        (wins if growth.result > 0 else concerns).append(Finding("growth", said[0], 60))
    return Findings(area, tuple(wins), tuple(concerns))


def _percent(explanation: Explanation) -> str:
    return format_percent(shown(explanation))


# ── Pipeline to target ───────────────────────────────────────────────────────────────────────────────────────────────


@slide("pipeline")
def pipeline(ground: Ground) -> Slide:
    found = page(ground, ground.today)
    whole = Slide("pipeline", _("Pipeline to target"), ground.today)
    window = found.told.pipeline()
    stages = _by_stage(ground)
    if not stages.rows and window.remaining.result is None:
        return replace(whole, missing=_("There is no open deal, and no target to hold one against."))
    blocks = (_tiles(found, window), _by_month(found, window), stages)
    return replace(
        whole,
        blocks=tuple(block for block in blocks if block is not None),
        commentary=commentary.coverage(_coverage(found, window)),
        notes=tuple(_pipeline_notes(found, window)),
    )


def _tiles(found: Page, window: Pipeline) -> Tiles:
    rag = found.told.rag(window.percent)
    line = dials.lines(found.told, found.level)[dials.PIPELINE]
    return Tiles(
        (
            Tile(
                _("Pipeline to target"), _percent(window.percent), str(window.percent.why_missing or line), words.tone(rag),
                words.word(rag),
            ),
            _tile(_("Open pipeline"), window.pipeline),
            _tile(_("Remaining target"), window.remaining),
            _tile(_("Overdue pipeline"), window.overdue),
        )
    )  # fmt: skip


def _tile(label: str, explanation: Explanation) -> Tile:
    return Tile(label, told(explanation), str(explanation.why_missing or ""))


def _by_month(found: Page, window: Pipeline) -> Chart | None:
    """The open pipeline of the window by the month it is expected to close in: the terms of its explanation, each month shown."""
    inputs, day = found.told.inputs, found.day
    ahead = [
        deal
        for deal in inputs.deals
        if deal.counts and deal.is_open(day) and deal.expected_close and day <= deal.expected_close <= window.last
    ]
    if not ahead or window.pipeline.result is None:
        return None
    of_months = by_month(inputs, ahead)
    month, last = inputs.calendar.month_of(day), inputs.calendar.month_of(window.last)
    months = [month]
    while months[-1] < last:
        months.append(months[-1].next)
    values = tuple(exact(size_of(inputs, of_months[each])) if each in of_months else Decimal(0) for each in months)
    unit = inputs.unit
    title = _("Expected to close, %(unit)s") % {"unit": unit or _("deals")}
    names = tuple(date_format(each.start, "M y") for each in months)
    said = [
        _("%(month)s: %(amount)s.") % {"month": name, "amount": amount(value, unit)}
        for name, value in zip(names, values, strict=True)
        if value
    ]
    return Chart(
        title=title,
        kind=ChartKind.COLUMNS,
        categories=names,
        series=(Series(_("Open pipeline"), values),),
        alt=" ".join([title + ":", *said]),
    )


def _by_stage(ground: Ground) -> Table:
    """The partner's part of all its open deals, as the board of deals adds them up."""
    rows = deals.of_partner(deals.deals(ground.eyes, ground.today), ground.partner, ground.eyes)
    rows = rows.filter(stage__outcome=DealStage.Outcome.OPEN)
    known = rates(ground.settings)
    sums = deals.totals_by_stage(rows, known, ground.today, by_share=True)
    stages = [stage for stage in DealStage.objects.all() if stage.pk in sums]
    lines = [_stage(ground, str(stage), sums[stage.pk]) for stage in stages]
    if lines:
        lines.append(_stage(ground, _("All open deals"), deals.together(sums.values(), known)))
    return Table(
        title=_("Open deals by stage, amounts in %(currency)s") % {"currency": ground.currency},
        heads=(_("Stage"), _("Deals"), _("Amount"), *([] if ground.shared else [_("Weighted")])),
        rows=tuple(lines),
        numeric=frozenset({1, 2} if ground.shared else {1, 2, 3}),
        total=bool(lines),
        empty=_("No deal is open."),
    )


def _stage(ground: Ground, name: str, sums: deals.Totals) -> tuple[Cell, ...]:
    """How likely a deal is is the vendor's own view: its portal has no weighted amounts, and the partner's deck none either."""
    texts = [name, format_number(sums.deals), format_money(sums.amount, ground.currency)]
    if not ground.shared:
        texts.append(format_money(sums.weighted, ground.currency))
    return words.texts(*texts)


def _coverage(found: Page, window: Pipeline) -> commentary.Coverage:
    inputs, index = found.told.inputs, found.told.rules.index
    left, have, times = window.remaining.result, window.pipeline.result, window.coverage.result
    short = None if left is None or have is None else exact(Fraction(left) * Fraction(index) - Fraction(have))
    return commentary.Coverage(
        pipeline=_amount(have, inputs),
        remaining=_amount(left, inputs),
        times=None if times is None else Figure(times, _times(times)),
        wanted=Figure(index, _times(index)),
        short=_amount(short, inputs) if short is not None and short > 0 else None,
        overdue=_amount(window.overdue.result, inputs),
        until=words.day(window.last),
        met=window.met,
    )


def _times(value: Decimal) -> str:
    return f"{format_number(value, 0 if value == value.to_integral_value() else 1)}×"


def _pipeline_notes(found: Page, window: Pipeline) -> list[str]:
    inputs = found.told.inputs
    undated = sum(1 for deal in inputs.deals if deal.counts and deal.is_open(found.day) and not deal.expected_close)
    notes = [_("Weighted by probability the open pipeline is %(amount)s.") % {"amount": told(window.weighted)}]
    if undated:
        text = ngettext("%(n)s open deal has no expected close.", "%(n)s open deals have no expected close.", undated)
        notes.append(text % {"n": undated})
    return notes if window.weighted.result is not None else notes[1:]


@findings("pipeline")
def of_pipeline(ground: Ground) -> Findings:
    found = page(ground, ground.today)
    window = found.told.pipeline()
    rag = found.told.rag(window.percent)
    area = Area(
        _("Pipeline to target"), words.tone(rag), words.word(rag) or str(window.percent.why_missing or ""), _percent(window.percent)
    )  # fmt: skip
    said = commentary.coverage(_coverage(found, window))
    if not said or rag is None:
        return Findings(area)
    if rag is Rag.GREEN:
        return Findings(area, wins=(Finding("coverage", said[0], 70),))
    return Findings(area, concerns=(Finding("coverage", said[0], 85 if rag is Rag.RED else 65),))
