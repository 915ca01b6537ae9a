"""What the home pages of the vendor's side show of the cadence: whom to call now and for what; who holds their conversations."""

import datetime as dt
from collections import defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from django.db.models.functions import Lower

from accounts.models import User
from cadence import queries, tools
from cadence.matrix import LATE, Cell, Item, cell, first_open
from cadence.models import DueItem
from partners.models import Partner

CALLS = 8
ROWS = 120  # partners in the matrix; who has more finds the rest in the list
ONE_COLUMN = 24  # as many rows stand under one another before there are two columns, whose names are cut short
SHOWN_CAMS = 10
SHOWN_UNASSIGNED = 6

Chased = dict[int, dict[str, tools.Chase]]  # by partner and task


@dataclass(frozen=True)
class Reason:
    """One conversation to have: the task in words, how it stands, and where it is had. `text`: what is stuck, said instead."""

    label: str
    cell: Cell
    url: str
    text: str = ""


@dataclass(frozen=True)
class Call:
    """A partner to call: for what, and the one button that starts it."""

    partner: Partner
    reasons: list[Reason]
    url: str
    button: str

    @property
    def late(self) -> bool:
        return self.reasons[0].cell.state == "late"


@dataclass(frozen=True)
class Line:
    """A row of the matrix: for each tool its short name and its task in words, how it stands, and where the tool is opened."""

    partner: Partner
    cells: list[tuple[str, str, Cell, str]]


@dataclass(frozen=True)
class CamHome:
    """`halves`: the lines of the matrix in its columns; `more`: partners that don't fit in it."""

    partners: int
    held: queries.Held
    calls: list[Call]
    tools: list[tools.Tool]
    halves: list[list[Line]]
    more: int


def cam_home(user: User, day: dt.date) -> CamHome:
    """The reader's partners: those who have lapsed only while something is still open with them."""
    rows = queries.looked_after(user).select_related("tier", "stage").order_by(Lower("name"), "pk")
    everybody = {partner.pk: partner for partner in rows}
    items: dict[int, list[Item]] = defaultdict(list)
    for item in queries.standing_now(user, everybody, day):
        items[item.partner].append(item)
    chased = chases(user, day, everybody)
    partners = [p for p in everybody.values() if not p.stage.is_lapsed or first_open(items[p.pk]) or p.pk in chased]
    asked = {item.task for found in items.values() for item in found}
    asked |= {key for found in chased.values() for key in found} & {tool.task for tool in tools.tools()}
    seen = [tool for tool in tools.seen_by(user) if tool.task in asked or not asked]
    named = [(tool, str(tool.short), tool.label) for tool in seen]
    lines = [_line(partner, named, items[partner.pk], chased.get(partner.pk, {}), day) for partner in partners[:ROWS]]
    return CamHome(
        partners=sum(not partner.stage.is_lapsed for partner in everybody.values()),
        held=queries.held(user, queries.looked_after(user), day),
        calls=_calls(user, {partner: items[partner.pk] for partner in partners}, chased, day),
        tools=seen,
        halves=_columns(lines),
        more=len(partners) - len(lines),
    )


def chases(user: User, day: dt.date, partners: Container[int] | None = None) -> Chased:
    """What is stuck with these partners (None: all the user sees), by partner and task, or what else is watched."""
    found: Chased = defaultdict(dict)
    for key, chase in tools.stuck(user, day):
        if partners is None or chase.partner in partners:
            found[chase.partner][key] = chase
    return dict(found)


def _line(
    partner: Partner,
    named: Sequence[tuple[tools.Tool, str, str]],
    items: Sequence[Item],
    stuck: Mapping[str, tools.Chase],
    day: dt.date,
) -> Line:
    cells = [
        (short, label, *_standing(tool, partner, items, stuck.get(tool.task), day)) for tool, short, label in named
    ]
    return Line(partner, cells)


def _standing(
    tool: tools.Tool, partner: Partner, items: Sequence[Item], chase: tools.Chase | None, day: dt.date
) -> tuple[Cell, str]:
    """How one conversation stands, and where it is opened; what is stuck goes before what is due."""
    if chase:
        return _late(chase, day), chase.url
    return cell((item for item in items if item.task == tool.task), day), tool.url(partner.pk)


def _late(chase: tools.Chase, day: dt.date) -> Cell:
    return Cell(LATE, (day - chase.due_on).days, chase.due_on)


def _columns(lines: list[Line]) -> list[list[Line]]:
    if len(lines) <= ONE_COLUMN:
        return [lines] if lines else []
    half = (len(lines) + 1) // 2
    return [lines[:half], lines[half:]]


def _calls(user: User, items: dict[Partner, list[Item]], chased: Chased, day: dt.date) -> list[Call]:
    """The partners with something open or stuck, the one whose oldest is due first before the others."""
    known = {tool.task: tool for tool in tools.tools()}
    waiting = [
        (partner, found)
        for partner, all_of in items.items()
        if (found := _opened(first_open(all_of), chased.get(partner.pk, {}), known))
    ]
    chosen = sorted(waiting, key=lambda pair: (pair[1][0].due_on, pair[0].name, pair[0].pk))[:CALLS]
    ids = [partner.pk for partner, _found in chosen]
    under_way = {task: tool.under_way(user, ids) for task, tool in known.items()} if ids else {}
    calls = []
    for partner, found in chosen:
        first = found[0]
        reasons = [_reason(each, partner, known, day) for each in found]
        if isinstance(first, tools.Chase):
            calls.append(Call(partner, reasons, first.url, first.button))
            continue
        tool = known[first.task]
        begun = under_way[tool.task].get(partner.pk)
        calls.append(Call(partner, reasons, begun or tool.url(partner.pk), "" if begun else str(tool.button)))
    return calls


def _opened(
    items: list[Item], stuck: Mapping[str, tools.Chase], known: dict[str, tools.Tool]
) -> list[Item | tools.Chase]:
    """What to talk about, the oldest first. Of what is stuck the item itself says no more."""
    open_items = [item for item in items if item.task in known and item.task not in stuck]
    return sorted([*open_items, *stuck.values()], key=lambda each: each.due_on)


def _reason(each: Item | tools.Chase, partner: Partner, known: dict[str, tools.Tool], day: dt.date) -> Reason:
    if isinstance(each, tools.Chase):
        return Reason(each.words, _late(each, day), each.url, each.words)
    tool = known[each.task]
    return Reason(str(tool.short), cell([each], day), tool.url(partner.pk))


@dataclass(frozen=True)
class Overview:
    """For those without partners of their own: how the conversations stand, by CAM, and what nobody looks after.

    `more`: CAMs that aren't shown; `nobodys`: None where each partner with something due has a CAM.
    """

    held: queries.Held
    cams: list[queries.OfCam]
    more: int
    nobodys: queries.Held | None
    unassigned: list[tuple[DueItem, Cell]]


def overview(user: User, day: dt.date) -> Overview:
    rows = queries.held_by_cam(user, day)
    cams = [row for row in rows if row.cam is not None]
    nobodys = next((row.held for row in rows if row.cam is None), None)
    first = queries.unassigned(user, at_most=SHOWN_UNASSIGNED) if nobodys else []
    return Overview(
        held=queries.total([row.held for row in rows]),
        cams=cams[:SHOWN_CAMS],
        more=max(len(cams) - SHOWN_CAMS, 0),
        nobodys=nobodys,
        unassigned=[(row, of_item(row, day)) for row in first],
    )


def of_item(row: DueItem, day: dt.date) -> Cell:
    """How one item stands."""
    return cell([Item(row.pk, row.partner_id, row.task, row.due_on, row.state, row.done_on)], day)
