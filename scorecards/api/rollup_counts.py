"""The roll-ups of capabilities that count partners, topics and times, as their pages show them."""

from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import Field

from partners.api.common import PartnerQuery, check_filter
from partners.filters import NOBODY
from prm.api.auth import Request
from prm.api.schemas import Out
from scorecards.api.common import ROLLS_UP
from scorecards.api.rollups import OF, PERIOD, Dimension, head, thing, understood
from scorecards.rollups.completion import OLD, STATES, CompletionPage
from scorecards.rollups.distribution import COLOURS, DistributionPage
from scorecards.rollups.investment import InvestmentPage
from scorecards.rollups.movers import PAGE, MoversPage
from scorecards.rollups.times import TimePage, Times

router = Router(tags=["Roll-ups"])

# ── Distribution ─────────────────────────────────────────────────────────────────────────────────────────────────────


class DistributionRowOut(Out):
    """Partners of a group by the colour of their displayed score; `none`: not assessed."""

    key: str
    name: str | None
    partners: int
    green: int
    amber: int
    red: int
    none: int


class DistributionOut(Out):
    questionnaire: str | None
    period: str
    by: Dimension
    of: str
    rows: list[DistributionRowOut]


class DistributionQuery(PartnerQuery):
    by: Dimension = Field("region", description="What rows stand for.")
    of: str = Field("", description=OF)
    period: str = Field("", description=PERIOD)


@router.get("/rollups/distribution", response=DistributionOut, auth=ROLLS_UP)
def get_distribution_rollup(request: Request, query: Annotated[DistributionQuery, Query()]) -> Any:
    """How many of the partners one sees are on track, to watch, at risk and not assessed, by group."""
    shown = understood(request, DistributionPage(request.user, request.GET))
    rows = []
    for group in shown.groups:
        key, name = thing(shown, group.id, shown.filter.dimension)
        rows.append(
            {"key": key, "name": name, "partners": group.partners, **{colour: group.of[colour] for colour in COLOURS}}
        )
    return {**head(shown), "by": shown.filter.dimension, "of": shown.measure.text, "rows": rows}


# ── Movers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


class MoveOut(Out):
    """The change of a partner's unrounded score, from the assessment `before_id` to `now_id`."""

    partner_id: int
    partner: str
    before: str
    before_id: int
    now: str
    now_id: int
    change: str


class MoversOut(Out):
    """Between the ends of `before` and of `period`: how many rose, fell and stayed, and a page of 25 of each way, the
    largest change first."""

    questionnaire: str | None
    period: str
    before: str
    of: str
    rose: int
    fell: int
    stayed: int
    up: list[MoveOut]
    down: list[MoveOut]


class MoversQuery(PartnerQuery):
    since: Literal["", "year"] = Field(
        "", description="`year`: against a year before; else against the quarter before."
    )
    of: str = Field("", description=OF)
    period: str = Field("", description=PERIOD)
    up: int = Field(1, ge=1, le=100_000, description=f"Page of those who rose, {PAGE} each.")
    down: int = Field(1, ge=1, le=100_000, description=f"Page of those who fell, {PAGE} each.")


@router.get("/rollups/movers", response=MoversOut, auth=ROLLS_UP)
def get_movers_rollup(request: Request, query: Annotated[MoversQuery, Query()]) -> Any:
    """Whose score rose and fell most, of the partners one sees. Who has but one assessment is no mover."""
    shown = MoversPage(request.user, request.GET)
    check_filter(request, shown.filter, "up", "down")
    counts = shown.moves.counts
    return {
        **head(shown),
        "before": shown.earlier.key,
        "of": shown.measure.text,
        "rose": counts["up"],
        "fell": counts["down"],
        "stayed": counts["same"],
        "up": [_move(shown, move) for move in shown.moves.up],
        "down": [_move(shown, move) for move in shown.moves.down],
    }


def _move(shown: MoversPage, move: Any) -> dict[str, Any]:
    return {
        "partner_id": move.partner_id,
        "partner": shown.partners_shown[move.partner_id].name,
        "before": format(move.then, "f"),
        "before_id": move.then_id,
        "now": format(move.now, "f"),
        "now_id": move.now_id,
        "change": format(move.change, "f"),
    }


# ── Investment ───────────────────────────────────────────────────────────────────────────────────────────────────────


class GainOut(Out):
    """A topic: the points all partners below its target would gain in their overall scores together, and their means."""

    key: str
    name: str
    points: str
    partners: int
    mean_gap: str
    mean_score: str


class InvestmentOut(Out):
    """`counted`: partners with an assessment that counts."""

    questionnaire: str | None
    period: str
    counted: int
    topics: list[GainOut]


class InvestmentQuery(PartnerQuery):
    period: str = Field("", description=PERIOD)


@router.get("/rollups/investment", response=InvestmentOut, auth=ROLLS_UP)
def get_investment_rollup(request: Request, query: Annotated[InvestmentQuery, Query()]) -> Any:
    """Topics by what the partners one sees would gain if they reached best practice, the largest first."""
    shown = understood(request, InvestmentPage(request.user, request.GET))
    topics = [
        {
            "key": gain.key,
            "name": shown.topic_name(gain.key),
            "points": format(gain.impact, "f"),
            "partners": gain.partners,
            "mean_gap": format(gain.mean_gap, "f"),
            "mean_score": format(gain.mean_score, "f"),
        }
        for gain in shown.gains
    ]
    return {**head(shown), "counted": shown.counted, "topics": topics}


# ── Completion ───────────────────────────────────────────────────────────────────────────────────────────────────────


class CompletionRowOut(Out):
    """Partners of a group by how far they are: each in one of `done` (assessed in the period), `draft`, `asked` and `none`;
    `old` are those whose latest assessment is older than 12 months."""

    key: str
    name: str | None
    partners: int
    done: int
    draft: int
    asked: int
    none: int
    old: int


class CompletionOut(Out):
    questionnaire: str | None
    period: str
    by: Dimension
    rows: list[CompletionRowOut]


class CompletionQuery(PartnerQuery):
    by: Dimension = Field("region", description="What rows stand for.")
    period: str = Field("", description=PERIOD)


@router.get("/rollups/completion", response=CompletionOut, auth=ROLLS_UP)
def get_completion_rollup(request: Request, query: Annotated[CompletionQuery, Query()]) -> Any:
    """How far the partners one sees are with the period's assessments, by group."""
    shown = understood(request, CompletionPage(request.user, request.GET))
    rows = []
    for group in shown.groups:
        key, name = thing(shown, group.id, shown.filter.dimension)
        counts = {state: group.of[state] for state in (*STATES, OLD)}
        rows.append({"key": key, "name": name, "partners": group.partners, **counts})
    return {**head(shown), "by": shown.filter.dimension, "rows": rows}


# ── Time on task ─────────────────────────────────────────────────────────────────────────────────────────────────────

TimeDimension = Literal["region", "cam", "tier", "type", "stage", "mode", "turn"]


class TimeOut(Out):
    """Of the timed assessments of some partners: median, and the time nine in ten stay within, in seconds; `under`: how many
    took less than five minutes."""

    key: str
    name: str | None
    assessments: int
    partners: int
    median: str
    ninety: str
    under: int


class TimesOut(Out):
    """`all` is null where nothing was timed in the period."""

    questionnaire: str | None
    period: str
    by: TimeDimension
    rows: list[TimeOut]
    all: TimeOut | None


class TimesQuery(PartnerQuery):
    by: TimeDimension = Field(
        "region", description="What rows stand for; `mode`: by whom, `turn`: first time or with earlier answers."
    )
    period: str = Field("", description=PERIOD)


@router.get("/rollups/time", response=TimesOut, auth=ROLLS_UP)
def get_time_rollup(request: Request, query: Annotated[TimesQuery, Query()]) -> Any:
    """How long the assessments finished in the period took, of the partners one sees."""
    shown = understood(request, TimePage(request.user, request.GET))
    rows = [_time(group, shown.group_key(group), shown.group_name(group)) for group in shown.groups]
    everything = _time(shown.everything, "all", None) if shown.everything else None
    return {**head(shown), "by": shown.filter.dimension, "rows": rows, "all": everything}


def _time(group: Times, key: str, name: str | None) -> dict[str, Any]:
    return {
        "key": key,
        "name": None if key == NOBODY else name,
        "assessments": group.assessments,
        "partners": group.partners,
        "median": format(group.median, "f"),
        "ninety": format(group.ninety, "f"),
        "under": group.under,
    }
