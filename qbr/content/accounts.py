"""Slide "accounts": the partner's account plan as far as the partner shares it with the vendor, whoever reads; as of the build.

What isn't shared is in no deck that both sides look at: a deck for the partner is made by the vendor.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from accountplans import queries
from accountplans.models import AccountTarget, Sharing
from accountplans.tables import Opportunities, amount
from accountplans.whitespace import Cell as MatrixCell
from accountplans.whitespace import State
from prm.common.templatetags.numbers import MISSING, format_money, format_number
from prm.documents.slides import Cell, Chart, ChartKind, Point, Points, Series, Slide, Table, Tile, Tiles, Tone
from qbr import commentary_marketing as commentary
from qbr.commentary import Finding
from qbr.content.ground import Ground
from qbr.content.registry import Findings, findings, slide
from qbr.content.words import day

KEY = "accounts"
TARGETS_SHOWN, CHANCES_SHOWN, LINES_SHOWN = 6, 5, 12
SHOWN: tuple[tuple[State, Any], ...] = (
    (State.OWNED, lambda: _("Owned")),
    (State.PIPELINE, lambda: _("In the pipeline")),
    (State.TARGET, lambda: _("Target")),
    (State.RULED_OUT, lambda: _("Ruled out")),
    (State.EMPTY, lambda: _("Open")),
)


class _Shared:
    """What is read of the plan, at the level at which it is shared."""

    def __init__(self, on: Ground) -> None:
        self.on = on
        self.level = queries.level(on.partner)
        self.counts = None
        if self.level != Sharing.Level.HIDDEN:
            self.counts = queries.counts(on.eyes, on.partner, queries.partner_shares(on.eyes, on.partner))
        self.targets: list[AccountTarget] = []
        if self.level in (Sharing.Level.TARGETS, Sharing.Level.ALL):
            rows = queries.targets(on.eyes).filter(customer__partner=on.partner, state=AccountTarget.State.TARGET)
            self.targets = list(rows)
        self.chances: list[MatrixCell] = []
        self.cells: list[MatrixCell] = []
        if self.level == Sharing.Level.ALL and self.counts and self.counts.customers:
            found = Opportunities(on.eyes, on.partner, QueryDict("show=empty"))
            self.cells = [one for row in found.whitespace.rows for one in row.cells]
            self.chances = found.cells

    @property
    def late(self) -> list[AccountTarget]:
        return [row for row in self.targets if row.due_on is not None and row.due_on < self.on.today]

    @property
    def undated(self) -> list[AccountTarget]:
        return [row for row in self.targets if row.due_on is None]


def _read(on: Ground) -> _Shared:
    return on.once(KEY, lambda: _Shared(on))


@slide(KEY)
def make(on: Ground) -> Slide:
    shared, title = _read(on), _("Accounts and targets")
    if shared.counts is None:
        return Slide(KEY, title, on.today, missing=_("The partner doesn’t share its account plan."))
    if not shared.counts.customers:
        return Slide(KEY, title, on.today, missing=_("The account plan has no customers yet."))
    blocks: list[Any] = [Tiles(_tiles(shared))]
    if shared.targets:
        blocks.append(_targets(on, shared))
    if shared.cells:
        blocks.append(_chart(shared))
    elif not shared.targets:
        blocks.append(_owners(shared))
    told = tuple(commentary.accounts(_facts(shared)))
    return Slide(KEY, title, on.today, tuple(blocks), told, (*told, *_notes(shared)))


def _tiles(shared: _Shared) -> tuple[Tile, ...]:
    assert shared.counts is not None
    last = queries.reviews(shared.on.eyes, shared.on.partner).first()
    return (
        Tile(_("Customers"), format_number(shared.counts.customers)),
        Tile(_("Targets"), format_number(shared.counts.targets)),
        Tile(_("Ruled out"), format_number(shared.counts.ruled_out)),
        Tile(_("Plan last gone through"), day(last.on if last else None), "" if last else _("Not yet.")),
    )


def _targets(on: Ground, shared: _Shared) -> Table:
    """The first to come, as the list of targets has them."""

    def row(target: AccountTarget) -> tuple[Cell, ...]:
        late = target.due_on is not None and target.due_on < on.today
        due = Cell(day(target.due_on), Tone.BAD, _("Late")) if late else Cell(day(target.due_on))
        return (
            Cell(target.customer.name), Cell(target.product_line.name), Cell(target.next_step or MISSING), due,
            Cell(target.owner.display_name if target.owner else MISSING), Cell(format_money(amount(target), on.currency)),
        )  # fmt: skip

    title = _("Targets")
    if len(shared.targets) > TARGETS_SHOWN:
        title = _("Targets: the first %(n)s of %(all)s by date") % {
            "n": format_number(TARGETS_SHOWN),
            "all": format_number(len(shared.targets)),
        }
    return Table(
        title=title,
        heads=(
            _("Customer"),
            _("Product line"),
            _("Next step"),
            _("By"),
            _("Owner"),
            _("Amount, %(currency)s") % {"currency": on.currency},
        ),
        rows=tuple(row(target) for target in shared.targets[:TARGETS_SHOWN]),
        numeric=frozenset({5}),
    )


def _chart(shared: _Shared) -> Chart:
    """How many customers stand where, by product line: the sums of the matrix."""
    counted = Counter((one.line.pk, one.state) for one in shared.cells)
    lines = list({one.line.pk: one.line for one in shared.cells}.values())[:LINES_SHOWN]
    series = tuple(Series(name(), tuple(Decimal(counted[line.pk, state]) for line in lines)) for state, name in SHOWN)
    totals = ", ".join(
        f"{name()} {format_number(sum(counted[line.pk, state] for line in lines))}" for state, name in SHOWN
    )
    return Chart(
        title=_("Customers by product line: what they own, and what is open"),
        kind=ChartKind.STACKED,
        categories=tuple(line.name for line in lines),
        series=series,
        alt=_("Stacked columns by product line, of customers: %(figures)s.") % {"figures": totals},
    )


def _owners(shared: _Shared) -> Points:
    owners = queries.owners_by_line(shared.on.partner)
    return Points(
        _("What customers own"),
        tuple(Point(f"{line.name}: {format_number(count)}") for line, count in owners[:CHANCES_SHOWN]),
        _("Nothing is known of what customers own."),
    )


def _facts(shared: _Shared) -> commentary.Accounts:
    assert shared.counts is not None
    seen = shared.level in (Sharing.Level.TARGETS, Sharing.Level.ALL)
    best = shared.chances[0] if shared.chances else None
    return commentary.Accounts(
        customers=shared.counts.customers,
        targets=shared.counts.targets,
        ruled_out=shared.counts.ruled_out,
        late=len(shared.late) if seen else None,
        undated=len(shared.undated) if seen else None,
        best=_named(best) if best else "",
        points=best.points if best else None,
    )


def _named(chance: MatrixCell) -> str:
    return _("%(line)s at %(customer)s") % {"line": chance.line.name, "customer": chance.customer.name}


def _notes(shared: _Shared) -> list[str]:
    found = [
        _("Best chance: %(what)s, %(points)s points.") % {"what": _named(one), "points": format_number(one.points)}
        for one in shared.chances[:CHANCES_SHOWN]
    ]
    found.append(_("Choose which of these become targets, who owns them, and the next step."))
    return found


@findings(KEY)
def found(on: Ground) -> Findings:
    late = len(_read(on).late)
    if not late:
        return Findings()
    return Findings(concerns=(Finding(f"{KEY}:late", commentary.late_targets(late), 30),))
