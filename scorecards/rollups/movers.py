"""Whose score rose and fell most, between the ends of two periods."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from partners.models import Partner
from prm.common.fiscal import FiscalQuarter
from prm.documents.table import Column, Table
from scorecards import scoring
from scorecards.models import Questionnaire
from scorecards.rollup import Window, window
from scorecards.rollups import figures, sql
from scorecards.rollups.grid import decimal
from scorecards.rollups.page import Rollup
from scorecards.rollups.sql import Measure, Sql

PAGE, ALL = 25, 10**9  # rows
DIRECTIONS = {"up": "> 0", "down": "< 0", "same": "= 0"}


@dataclass(frozen=True)
class Move:
    """One partner's two scores, and the assessments they are of."""

    partner_id: int
    then_id: int
    then: Decimal
    now_id: int
    now: Decimal

    @property
    def change(self) -> Decimal:
        return self.now - self.then


@dataclass(frozen=True)
class Moves:
    """How many rose, fell and stayed, and a page of those who rose and of those who fell, the largest change first."""

    counts: dict[str, int]
    up: list[Move]
    down: list[Move]


def period_before(quarter: FiscalQuarter, since: str) -> FiscalQuarter:
    return quarter.shift(-4 if since == "year" else -1)


def _moved(
    user: User, questionnaire: Questionnaire, now: Window, then: Window, measure: Measure, **more: Any
) -> dict[str, Any]:
    """The part `moved`: (partner_id, then_id, score_then, now_id, score_now). One with only one assessment hasn't moved."""
    return more | {
        "latest": sql.counting(user, questionnaire, now),
        "earlier": sql.counting(user, questionnaire, then),
        "scored": sql.scores(measure, now),
        "scored_then": sql.scores(measure, then, "earlier"),
        "moved": Sql(
            """SELECT n.partner_id, t.id AS then_id, t.score AS score_then, n.id AS now_id, n.score AS score_now
            FROM scored n JOIN scored_then t ON t.partner_id = n.partner_id WHERE t.id <> n.id"""
        ),
    }


def movers(
    user: User,
    partners: QuerySet[Partner],
    questionnaire: Questionnaire,
    now: Window,
    then: Window,
    measure: Measure,
    *,
    up: int = 1,
    down: int = 1,
    size: int,
) -> Moves:
    """The pages `up` and `down`, of `size` rows, of who rose and who fell; the last page where there is no such."""
    statement = sql.compose(
        """SELECT side, n, partner_id, then_id, score_then, now_id, score_now FROM sides CROSS JOIN LATERAL (
            SELECT least(CASE side WHEN 1 THEN %s ELSE %s END - 1, (n - 1) / %s) * %s AS skipped) before_it
        WHERE CASE side WHEN 0 THEN place = 1 ELSE place > skipped AND place <= skipped + %s END
        ORDER BY side, place""",
        (up, down, size, size, size),
        **_moved(user, questionnaire, now, then, measure, scope=sql.scope(partners)),
        sides=Sql(
            """SELECT moved.*, sign(score_now - score_then)::int AS side,
                row_number() OVER by_size AS place, count(*) OVER (PARTITION BY sign(score_now - score_then)) AS n
            FROM moved JOIN scope ON scope.id = moved.partner_id WINDOW by_size AS (
                PARTITION BY sign(score_now - score_then) ORDER BY abs(score_now - score_then) DESC, partner_id)"""
        ),
    )
    counts, sides = dict.fromkeys(DIRECTIONS, 0), {1: "up", -1: "down", 0: "same"}
    found: dict[str, list[Move]] = {name: [] for name in DIRECTIONS}
    for side, count, *move in sql.read(statement):
        counts[sides[side]] = count
        found[sides[side]].append(Move(*move))
    return Moves(counts, found["up"], found["down"])


def behind(
    user: User, questionnaire: Questionnaire, now: Window, then: Window, measure: Measure, direction: str
) -> Sql | None:
    """Ids of the partners that moved in one direction."""
    return sql.compose(
        f"SELECT partner_id FROM moved WHERE score_now - score_then {DIRECTIONS[direction]}",
        **_moved(user, questionnaire, now, then, measure),
    )


def compared(
    user: User, partners: QuerySet[Partner], questionnaire: Questionnaire, now: Window, then: Window, measure: Measure
) -> int:
    """How many of these partners have two assessments to compare."""
    found = sql.read(
        sql.compose(
            "SELECT count(*) FROM moved JOIN scope ON scope.id = moved.partner_id",
            **_moved(user, questionnaire, now, then, measure, scope=sql.scope(partners)),
        )
    )
    return int(found[0][0]) if found else 0


class MoversPage(Rollup):
    tab = "movers"
    template = "scorecards/rollup_movers.html"
    own = ("since", "of")

    def __init__(self, user: User, query: Any) -> None:
        super().__init__(user, query)
        self.moves = self.read(size=PAGE, up=_number(query.get("up")), down=_number(query.get("down")))

    def read(self, *, size: int, **page: int) -> Moves:
        if self.questionnaire is None:
            return Moves(dict.fromkeys(DIRECTIONS, 0), [], [])
        return movers(
            self.user, self.partners, self.questionnaire, self.window, self.then, self.measure, size=size, **page
        )

    @property
    def since(self) -> str:
        return "year" if self.filter.data.get("since") == "year" else "quarter"

    @property
    def earlier(self) -> FiscalQuarter:
        return period_before(self.quarter, self.since)

    @property
    def then(self) -> Window:
        return window(self.earlier, self.today)

    @cached_property
    def partners_shown(self) -> dict[int, Partner]:
        shown = [move.partner_id for move in (*self.moves.up, *self.moves.down)]
        rows = Partner.objects.visible_to(self.user).select_related("cam", "tier").filter(pk__in=shown)
        return {partner.pk: partner for partner in rows}

    @property
    def lists(self) -> list[dict[str, Any]]:
        """Who rose and who fell, each with its page of all."""
        return [
            self._list_of("up", _("Rose most"), _("Nobody rose.")),
            self._list_of("down", _("Fell most"), _("Nobody fell.")),
        ]

    def _list_of(self, direction: str, title: str, nobody: str) -> dict[str, Any]:
        moves = getattr(self.moves, direction)
        page: Page[Any] = Paginator(range(self.moves.counts[direction]), PAGE).get_page(self.query.get(direction))
        rows = [
            {
                "partner": self.partners_shown[move.partner_id],
                "move": move,
                "was": self.limits.rag(scoring.display(move.then)),
                "is": self.limits.rag(scoring.display(move.now)),
                "shown_then": scoring.display(move.then),
                "shown_now": scoring.display(move.now),
            }
            for move in moves
        ]
        return {"name": direction, "title": title, "nobody": nobody, "rows": rows, "page": page}

    @property
    def tiles(self) -> list[dict[str, Any]]:
        """How many rose, fell and stayed, each with the way to them."""
        names = {"up": _("Rose"), "down": _("Fell"), "same": _("Stayed the same")}
        return [
            {"label": label, "value": self.moves.counts[key], "url": self._url(key) if self.moves.counts[key] else ""}
            for key, label in names.items()
        ]

    def _url(self, direction: str) -> str:
        assert self.questionnaire is not None
        return self.list_url(
            figure=figures.text("moved", self.questionnaire, self.quarter, self.measure.text, self.since, direction)
        )

    @property
    def lead(self) -> str:
        return _("%(what)s: %(now)s against %(then)s.") % {
            "what": self.measure.name, "now": self.quarter.label, "then": self.earlier.label,
        }  # fmt: skip

    @property
    def how(self) -> list[str]:
        return [
            _("A partner’s change is its latest score at the end of %(now)s (today, while it runs) less its latest score at the end of %(then)s; each at most twelve months old by then. It is taken from the unrounded scores.") % {"now": self.quarter.label, "then": self.earlier.label},
            _("A partner with only one assessment in both is no mover. Both scores lead to the assessments they are from."),
        ]  # fmt: skip

    @property
    def total_rows(self) -> int:
        return self.moves.counts["up"] + self.moves.counts["down"]

    def sheets(self) -> list[Table]:
        everything = self.read(size=ALL)
        self.moves = everything
        columns = [
            Column(_("Partner")), Column(_("CAM")), decimal(self.earlier.label), decimal(self.quarter.label), decimal(_("Change")),
        ]  # fmt: skip
        return [
            Table(title, [*columns], self._sheet_rows(moves))
            for title, moves in ((_("Rose"), everything.up), (_("Fell"), everything.down))
        ]

    def _sheet_rows(self, moves: list[Move]) -> list[list[Any]]:
        partners = self.partners_shown
        return [
            [
                partners[move.partner_id].name, str(getattr(partners[move.partner_id].cam, "display_name", "")),
                round(move.then, 9), round(move.now, 9), round(move.change, 9),
            ]
            for move in moves
        ]  # fmt: skip


def _number(text: str | None) -> int:
    """The page asked for; the first where that is nonsense."""
    return max(1, int(text)) if text and text.isascii() and text.isdigit() and len(text) < 7 else 1
