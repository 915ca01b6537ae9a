"""Slide "deals": what was won and lost in the quarter, and the largest open ones on its last day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.deals import queries, tables
from pipeline.deals.rules import WHOLE
from pipeline.models import Deal, DealStage, StageChange
from prm.common.templatetags.numbers import MISSING, format_money
from prm.common.vendor import rates
from prm.documents.slides import Slide, Table
from qbr import commentary
from qbr.commentary import Closed, Finding
from qbr.content import words
from qbr.content.ground import Ground
from qbr.content.performance import page
from qbr.content.registry import Findings, findings, slide
from scorecards.performance.coverage import total_of
from scorecards.performance.telling import exact
from scorecards.performance_page.words import amount

SHOWN = 4  # of each of the three lists, where nobody chose
MOST = 6
WON, LOST = DealStage.Outcome.WON, DealStage.Outcome.LOST


@dataclass(frozen=True)
class Of:
    """The deals of a list, the largest first, with what falls to the partner of each as its list of deals writes it; and all of them
    added up in the reporting currency ("" where that can't be done)."""

    rows: tuple[Any, ...]
    total: str

    @property
    def n(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class OfQuarter:
    won: Of
    lost: Of
    open: Of
    stages: dict[int, str]  # of the open ones, on the day


def of_quarter(ground: Ground) -> OfQuarter:
    return ground.once("deals", lambda: _read(ground))


def _read(ground: Ground) -> OfQuarter:
    inputs = page(ground, ground.quarter_day).told.inputs
    sizes = {deal.pk: deal.amount or Decimal(0) for deal in inputs.deals}
    every = queries.of_partner(queries.deals(ground.eyes, ground.quarter_day), ground.partner, ground.eyes)
    closed = every.filter(closed_on__range=(ground.quarter.start, ground.quarter_day))
    standing = [deal for deal in inputs.deals if deal.counts and deal.is_open(ground.quarter_day)]
    open_ones = [deal.pk for deal in standing]
    known = "" if any(deal.lack for deal in standing) else amount(exact(total_of(standing)), inputs.currency)
    return OfQuarter(
        won=_of(ground, closed.filter(stage__outcome=WON), sizes),
        lost=_of(ground, closed.filter(stage__outcome=LOST), sizes),
        open=_of(ground, every.filter(pk__in=open_ones), sizes, known),
        stages=_stages(ground, open_ones),
    )


def _of(ground: Ground, rows: QuerySet[Deal], sizes: dict[int, Decimal], total: str | None = None) -> Of:
    if total is None:
        added = queries.totals(rows, rates(ground.settings), ground.quarter_day, by_share=True)
        total = "" if added.lacks else format_money(added.amount)
    found = sorted(rows, key=lambda deal: (-sizes.get(deal.pk, Decimal(0)), deal.name, deal.pk))
    return Of(tuple(found), total)


def _stages(ground: Ground, deals: Sequence[int]) -> dict[int, str]:
    """The stage each was in on the quarter's last day."""
    steps = StageChange.objects.visible_to(ground.eyes).filter(deal__in=deals, on__lte=ground.quarter_day)
    rows = steps.select_related("to_stage").order_by("deal_id", "on", "pk")
    return {step.deal_id: str(step.to_stage) for step in rows}


def part(deal: Any) -> str:
    """What falls to the partner, as its list of deals writes it."""
    return format_money(tables.part(deal))


@slide("deals")
def deals(ground: Ground) -> Slide:
    whole = Slide("deals", _("Deals"), ground.quarter_day)
    found = of_quarter(ground)
    if not (found.won.n or found.lost.n or found.open.n):
        return replace(
            whole, missing=_("No deal was closed in %(quarter)s, and none is open.") % {"quarter": ground.quarter.label}
        )
    return replace(
        whole,
        blocks=(_won(ground, found.won), _lost(ground, found.lost), _open(ground, found)),
        commentary=commentary.closed(_closed(found)),
        notes=tuple(_notes(found)),
    )


def _won(ground: Ground, found: Of) -> Table:
    rows = _shown(ground, found)
    return Table(
        title=_title(_("Won"), found, len(rows)),
        heads=(_("Deal"), _("Customer"), _part(rows), _("Closed")),
        rows=tuple(
            words.texts(deal.name, deal.customer_name or MISSING, part(deal), words.day(deal.closed_on))
            for deal in rows
        ),
        numeric=frozenset({2}),
        empty=_("No deal was won in the quarter."),
    )


def _lost(ground: Ground, found: Of) -> Table:
    rows = _shown(ground, found)
    return Table(
        title=_title(_("Lost"), found, len(rows)),
        heads=(_("Deal"), _("Customer"), _part(rows), _("Why lost")),
        rows=tuple(
            words.texts(deal.name, deal.customer_name or MISSING, part(deal), deal.lost_reason or _("No reason given"))
            for deal in rows
        ),
        numeric=frozenset({2}),
        empty=_("No deal was lost in the quarter."),
    )


def _open(ground: Ground, found: OfQuarter) -> Table:
    rows = _shown(ground, found.open)
    return Table(
        title=_title(_("Open"), found.open, len(rows)),
        heads=(_("Deal"), _("Stage"), _part(rows), _("Expected close")),
        rows=tuple(
            words.texts(deal.name, found.stages.get(deal.pk, MISSING), part(deal), words.day(deal.expected_close))
            for deal in rows
        ),
        numeric=frozenset({2}),
        empty=_("No deal is open."),
    )


def _part(rows: Sequence[Any]) -> str:
    """The head of the amounts: they are what falls to the partner."""
    return _("Partner’s part") if any(deal.share != WHOLE for deal in rows) else _("Amount")


def _shown(ground: Ground, found: Of) -> list[Any]:
    """Those chosen, or the largest."""
    chosen = ground.chosen.deals
    if chosen is None:
        return list(found.rows[:SHOWN])
    return [deal for deal in found.rows if deal.pk in chosen][:MOST]


def _title(name: str, found: Of, shown: int) -> str:
    """ "Won: 9 deals, USD 1,200.00 (4 of them here)"."""
    text = ngettext("%(name)s: %(n)s deal", "%(name)s: %(n)s deals", found.n) % {"name": name, "n": found.n}
    if found.n and found.total:
        text = _("%(what)s, %(amount)s") % {"what": text, "amount": found.total}
    return text if shown == found.n else _("%(what)s (%(n)s of them here)") % {"what": text, "n": shown}


def _closed(found: OfQuarter) -> Closed:
    reasons = Counter(deal.lost_reason for deal in found.lost.rows if deal.lost_reason)
    largest = found.won.rows[0] if found.won.rows else None
    return Closed(
        won=found.won.n,
        won_amount=found.won.total,
        lost=found.lost.n,
        lost_amount=found.lost.total,
        largest=largest.name if largest else "",
        largest_amount=part(largest) if largest else "",
        reasons=sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])),
    )


def _notes(found: OfQuarter) -> list[str]:
    """What to ask for: the reasons of all lost deals, then the open ones whose day has passed."""
    notes = [
        _("Lost, %(name)s: %(reason)s") % {"name": deal.name, "reason": deal.lost_reason}
        for deal in found.lost.rows
        if deal.lost_reason
    ]
    notes += [
        _("Overdue, %(name)s: expected to close on %(day)s.")
        % {"name": deal.name, "day": words.day(deal.expected_close)}
        for deal in found.open.rows
        if deal.is_overdue
    ]
    return notes[:8]


@findings("deals")
def of_deals(ground: Ground) -> Findings:
    found = of_quarter(ground)
    wins: list[Finding] = []
    concerns: list[Finding] = []
    for place, deal in enumerate(found.won.rows[:3]):
        text = _("Won: %(name)s, %(amount)s.") % {"name": deal.name, "amount": part(deal)}
        wins.append(Finding(f"deal:{deal.pk}", text, 75 - 10 * place))
    for place, deal in enumerate(found.lost.rows[:2]):
        said = {"name": deal.name, "amount": part(deal), "reason": deal.lost_reason}
        text = _("Lost: %(name)s, %(amount)s (%(reason)s).") if deal.lost_reason else _("Lost: %(name)s, %(amount)s.")
        concerns.append(Finding(f"deal:{deal.pk}", text % said, 55 - 10 * place))
    return Findings(None, tuple(wins), tuple(concerns))
