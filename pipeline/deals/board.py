"""Deals as a board: a column for each stage with its sum, its cards in pages of their own."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.http import QueryDict

from accounts.models import User
from accounts.permissions import Permission
from partners.models import Partner
from pipeline.deals import queries, tables
from pipeline.deals.filters import DealFilter, DealListFilter, PortalDealFilter
from pipeline.deals.queries import Totals
from pipeline.models import DealStage
from prm.common.addresses import of_row
from prm.common.money import Money, Rates
from prm.common.vendor import rates, today, vendor_settings

CARDS = 20  # of a column's page
FEW = 2_000  # deals that are sooner read once than looked through for each column
OPEN, LOST = DealStage.Outcome.OPEN, DealStage.Outcome.LOST


@dataclass(frozen=True)
class Card:
    """A deal on the board. `days` in its stage, None where it is won or lost; `back` and `on`: the stages beside its own, for
    whoever may move it, by a form sent to `move`."""

    deal: Any
    url: str
    move: str
    amount: Money
    days: int | None
    writable: bool = False
    back: DealStage | None = None
    on: DealStage | None = None


@dataclass(frozen=True)
class Column:
    """A stage with one page of its cards; `first` to `last` of `totals.deals`. The addresses are "" where there is no such page."""

    stage: DealStage
    totals: Totals
    cards: list[Card]
    first: int
    previous: str
    next: str

    @property
    def last(self) -> int:
        return self.first + len(self.cards) - 1


@dataclass(frozen=True)
class Board:
    """`targets`: stages that are no column here, where a card can be dropped."""

    filter: DealFilter
    columns: list[Column]
    totals: Totals
    targets: list[DealStage]
    by_share: bool
    can_write: bool


def vendor_board(user: User, query: QueryDict) -> Board:
    """The deals this user sees, filtered as the list of deals is."""
    chosen = DealListFilter(query, user=user)
    day = today(vendor_settings())
    rows = chosen.apply(queries.deals(user, day))
    return _board(chosen, rows, query, day, "pipeline:deal", can_write=user.can(Permission.EDIT_DEALS))


def portal_board(user: User, query: QueryDict) -> Board:
    """The deals in which the user's own partner has a share, to read; sums are what falls to it."""
    chosen = PortalDealFilter(query, user=user)
    day = today(vendor_settings())
    own = Partner.objects.visible_to(user).get()
    rows = chosen.apply(queries.of_partner(queries.deals(user, day), own, user))
    return _board(chosen, rows, query, day, "pipeline:portal_deal", by_share=True)


def _board(
    chosen: DealFilter,
    rows: QuerySet[Any],
    query: QueryDict,
    day: dt.date,
    page: str,
    *,
    by_share: bool = False,
    can_write: bool = False,
) -> Board:
    found: Rates = rates()
    shown = chosen.stages_asked() if chosen.is_valid() else []
    sums = queries.totals_by_stage(rows, found, day, by_share=by_share)
    none = queries.together([], found)
    pages = {stage.pk: _page(query, stage, sums.get(stage.pk, none).deals) for stage in shown}
    wanted = _keys(
        rows, {pk: page for pk, page in pages.items() if pk in sums}, sum(each.deals for each in sums.values())
    )
    deals = {row.pk: row for row in rows.filter(pk__in=[pk for keys in wanted.values() for pk in keys])}
    beside = _beside(list(chosen.stages.values()))

    def card(deal: Any) -> Card:
        writable = can_write and deal.partner_name is not None
        return Card(
            deal=deal,
            url=of_row(page, deal.pk),
            move=of_row("pipeline:deal_board_move", deal.pk) if writable else "",
            amount=tables.part(deal) if by_share else tables.amount(deal),
            days=(day - deal.stage_since).days if deal.stage.outcome == OPEN else None,
            writable=writable,
            **(beside[deal.stage_id] if writable else {}),
        )

    columns = [
        _column(stage, sums.get(stage.pk, none), pages[stage.pk], query,
                [card(deals[pk]) for pk in wanted.get(stage.pk, []) if pk in deals])
        for stage in shown
    ]  # fmt: skip
    targets = [stage for stage in chosen.stages.values() if stage not in shown] if can_write else []
    return Board(chosen, columns, queries.together(sums.values(), found), targets, by_share, can_write)


def _column(stage: DealStage, totals: Totals, page: int, query: QueryDict, cards: list[Card]) -> Column:
    more = totals.deals > page * CARDS
    return Column(
        stage=stage,
        totals=totals,
        cards=cards,
        first=(page - 1) * CARDS + 1,
        previous=_address(query, stage, page - 1) if page > 1 else "",
        next=_address(query, stage, page + 1) if more else "",
    )


def _page(query: QueryDict, stage: DealStage, deals: int) -> int:
    """The page of a column that the address asks for, the nearest there is."""
    asked = query.get(_name(stage), "")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else 1
    return max(1, min(number, -(-deals // CARDS)))


def _name(stage: DealStage) -> str:
    return f"page-{stage.key}"


def _address(query: QueryDict, stage: DealStage, page: int) -> str:
    changed = query.copy()
    changed[_name(stage)] = str(page)
    return f"?{changed.urlencode()}#stage-{stage.key}"


def _keys(rows: QuerySet[Any], pages: Mapping[int, int], deals: int) -> dict[int, list[int]]:
    """Which deals stand on the page of each column: those to close first, first. `deals`: how many there are in all."""
    ordered = rows.order_by(F("expected_close").asc(nulls_last=True), "pk")
    found: dict[int, list[int]] = {stage: [] for stage in pages}
    if deals <= FEW:
        for stage, pk in ordered.filter(stage__in=pages).values_list("stage_id", "pk"):
            found[stage].append(pk)
    else:
        for stage, page in pages.items():
            found[stage] = list(ordered.filter(stage=stage).values_list("pk", flat=True)[: page * CARDS])
    return {stage: keys[(pages[stage] - 1) * CARDS : pages[stage] * CARDS] for stage, keys in found.items()}


def _beside(stages: list[DealStage]) -> Mapping[int, Mapping[str, DealStage | None]]:
    """For each stage the one before and after it: from open ones as far as won, from closed ones back to the last open one. What
    was lost needs its reason, which a button doesn't ask for."""
    ways = [stage for stage in stages if stage.outcome == OPEN]
    won = next((stage for stage in stages if stage.outcome == DealStage.Outcome.WON), None)

    def at(n: int) -> DealStage | None:
        return ways[n] if 0 <= n < len(ways) else None

    found: dict[int, Mapping[str, DealStage | None]] = {
        stage.pk: {"back": at(n - 1), "on": at(n + 1) or won} for n, stage in enumerate(ways)
    }
    closed = {stage.pk: {"back": at(len(ways) - 1), "on": None} for stage in stages if stage.outcome != OPEN}
    return {**found, **closed}
