"""The statements over single partners, or families as one: ranking, curve of concentration, movers."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from scorecards.performance_rollups.figures import Slot, Sums
from scorecards.performance_rollups.reading import UNIT, Reader, Scope, column, sums_of
from scorecards.performance_rollups.spans import Period
from scorecards.rollups import sql
from scorecards.rollups.sql import Sql

# Of a unit's sums; null where `figures.Sums` has no such figure.
_KNOWN = {
    "plan": "CASE WHEN plan_lack IS NULL AND plan <> 0 THEN plan END",
    "full": "CASE WHEN full_lack IS NULL AND full_ <> 0 THEN full_ END",
    "actual": "CASE WHEN actual_lack IS NULL THEN coalesce(actual, 0) END",
    "before": "CASE WHEN before_lack IS NULL THEN coalesce(before, 0) END",
    "attainment": "CASE WHEN actual_lack IS NULL AND plan_lack IS NULL AND plan <> 0 THEN coalesce(actual, 0) * 100 / plan END",
    "attainment_before": """CASE WHEN before_lack IS NULL AND plan_before_lack IS NULL AND plan_before <> 0
        THEN coalesce(before, 0) * 100 / plan_before END""",
    "growth": "CASE WHEN actual_lack IS NULL AND before_lack IS NULL AND before > 0 THEN coalesce(actual, 0) / before END",
    "pipeline": "CASE WHEN pipeline_lack IS NULL THEN coalesce(pipeline, 0) END",
    # Who has met the target stands above all who have something to cover.
    "coverage": """CASE WHEN ahead_lack IS NOT NULL OR done_lack IS NOT NULL OR ahead IS NULL OR ahead = 0 THEN NULL
        WHEN ahead <= coalesce(done, 0) THEN 'Infinity'
        WHEN pipeline_lack IS NULL THEN coalesce(pipeline, 0) / (ahead - coalesce(done, 0)) END""",
}
CHANGES = {
    "": (f"{_KNOWN['actual']} - {_KNOWN['before']}", (Slot.ACTUAL, Slot.BEFORE)),
    "attainment": (
        f"{_KNOWN['attainment']} - {_KNOWN['attainment_before']}",
        (Slot.ACTUAL, Slot.BEFORE, Slot.PLAN, Slot.PLAN_BEFORE),
    ),
}
DIRECTIONS = {"up": "> 0", "down": "< 0", "same": "= 0"}
POINTS = 200  # of a curve, however many partners there are


@dataclass(frozen=True)
class Place:
    """One unit: the partner that stands for it, how many branches are added, its place, its sums, and its change."""

    root: int
    branches: int
    place: int
    sums: Sums


@dataclass(frozen=True)
class Ranked:
    """A page of `count` units, and all of them together."""

    rows: list[Place]
    count: int
    total: Sums


def _statement(
    scope: Scope, period: Period, slots: Sequence[Slot], body: str, params: Sequence[Any] = ()
) -> Sql | None:
    """`body` reads from `units`, whose `unit` is the partner that stands for it."""
    return Reader(scope, period, UNIT).statement(slots, Sql(body, tuple(params)))


def ranked(
    scope: Scope,
    period: Period,
    slots: Sequence[Slot],
    *,
    sort: str,
    moved: str = "",
    top: int = 0,
    number: int = 1,
    size: int,
) -> Ranked:
    """Page `number` of the units by `sort` (a figure or "name", with "-" before it for the largest first), the last page where
    there is no such. `moved`: only those of one direction ("up", "attainment-down"); `top`: only the largest that make so many
    percent of the actuals."""
    name, descending = sort.removeprefix("-"), sort.startswith("-")
    key = "lower(p.name)" if name == "name" else _KNOWN[name]
    order = f"{key} {'DESC' if descending else 'ASC'} NULLS LAST, lower(p.name), u.unit"
    where = ["true"]
    if moved:
        kind, _dash, direction = moved.rpartition("-")
        where.append(f"{CHANGES[kind][0]} {DIRECTIONS[direction]}")
    inner = "units"
    if top:
        size_of = f"greatest(coalesce({_KNOWN['actual']}, 0), 0)"
        inner = f"""(SELECT units.*, sum({size_of}) OVER () AS whole, {size_of} AS own,
            sum({size_of}) OVER (ORDER BY {size_of} DESC, unit) AS running FROM units)"""
        where.append("own > 0 AND running - own < whole * %s / 100")
    columns = ", ".join(f"u.{column(slot)}, u.{slot}_lack" for slot in slots)
    sums = ", ".join(f"sum({column(slot)}), min({slot}_lack)" for slot in slots)
    statement = _statement(
        scope,
        period,
        slots,
        f""", chosen AS MATERIALIZED (
            SELECT u.*, row_number() OVER (ORDER BY {order}) AS place
            FROM {inner} u JOIN partners_partner p ON p.id = u.unit WHERE {" AND ".join(where)})
        SELECT NULL, count(*), NULL, {sums} FROM chosen
        UNION ALL (SELECT u.unit, u.branches, u.place, {columns} FROM chosen u, (
            SELECT least((%s - 1)::bigint, greatest(count(*) - 1, 0) / %s) * %s AS skipped FROM chosen) c
            WHERE u.place > skipped AND u.place <= skipped + %s ORDER BY u.place)""",
        (*((top,) if top else ()), number, size, size, size),
    )
    rows = sql.read(statement)
    if not rows:
        return Ranked([], 0, Sums())
    (_root, count, _place, *total), *found = rows
    places = [Place(root, branches, place, sums_of(slots, values)) for root, branches, place, *values in found]
    return Ranked(sorted(places, key=lambda each: each.place), count, sums_of(slots, total))


@dataclass(frozen=True)
class Concentration:
    """How much the largest make of the actuals now, or of the same days a year before.

    `points`: cumulative shares in percent, from (0, 0); negative amounts count as 0. `needed` of `members` make `share` percent.
    `whole`: what all come to; `lacking`: how many count as 0 because something of theirs has no rate.
    """

    members: int
    needed: int
    lacking: int
    whole: Decimal
    points: tuple[tuple[Decimal, Decimal], ...]


def concentration(scope: Scope, period: Period, share: int) -> tuple[Concentration, Concentration]:
    """Of the period, and of the same days a year before."""
    slots = (Slot.ACTUAL, Slot.BEFORE)
    size = {slot: f"greatest(coalesce({_KNOWN[slot.value]}, 0), 0)" for slot in slots}
    each = " UNION ALL ".join(
        f"SELECT '{slot}' AS slot, {size[slot]} AS own, {slot}_lack AS lack FROM units" for slot in slots
    )
    statement = _statement(
        scope,
        period,
        slots,
        f""", sized AS (
            SELECT slot, lack, row_number() OVER w AS n, count(*) OVER (PARTITION BY slot) AS members, own,
                sum(own) OVER w AS running, sum(own) OVER (PARTITION BY slot) AS whole
            FROM ({each}) e WINDOW w AS (PARTITION BY slot ORDER BY own DESC ROWS UNBOUNDED PRECEDING)),
        marked AS (SELECT *, count(lack) OVER (PARTITION BY slot) AS lacking, whole > 0 AND running >= whole * %s / 100 AND running - own < whole * %s / 100 AS reached FROM sized)
        SELECT slot, n, members, CASE WHEN whole > 0 THEN running * 100 / whole END, reached,
            lacking, whole
        FROM marked WHERE reached OR n = members OR n %% greatest((members + %s) / %s, 1) = 0
            OR n * 10 %% members = 0 OR n * 10 / members < (n + 1) * 10 / members ORDER BY slot, n""",
        (share, share, POINTS - 1, POINTS),
    )
    found: dict[str, list[tuple[Any, ...]]] = {slot.value: [] for slot in slots}
    for slot, *values in sql.read(statement):
        found[slot].append(tuple(values))
    now, before = (_concentration(found[slot.value]) for slot in slots)
    return now, before


def _concentration(rows: list[tuple[Any, ...]]) -> Concentration:
    members = rows[0][1] if rows else 0
    needed = next((n for n, _members, _running, reached, *_rest in rows if reached), 0)
    points = [(Decimal(n) * 100 / members, running) for n, _members, running, *_rest in rows if running is not None]
    start = [(Decimal(0), Decimal(0))] if points else []
    lacking, whole = rows[0][4:] if rows else (0, Decimal(0))
    return Concentration(members, needed, lacking, whole, tuple(start + points))


@dataclass(frozen=True)
class Moves:
    """How many rose, fell and stayed, and a page of those who rose and of those who fell, the largest change first."""

    counts: dict[str, int]
    up: list[Place]
    down: list[Place]


def movers(scope: Scope, period: Period, of: str, *, up: int = 1, down: int = 1, size: int) -> Moves:
    """By the change `of` ("" actual, "attainment") against the same days a year before. One that had nothing to compare with
    is no mover."""
    change, slots = CHANGES[of]
    columns = ", ".join(f"{column(slot)}, {slot}_lack" for slot in slots)
    statement = _statement(
        scope,
        period,
        slots,
        f""", changed AS (SELECT units.*, {change} AS change FROM units),
        sides AS (SELECT changed.*, sign(change)::int AS side, count(*) OVER (PARTITION BY sign(change)) AS n,
            row_number() OVER (PARTITION BY sign(change) ORDER BY abs(change) DESC, unit) AS place
            FROM changed WHERE change IS NOT NULL)
        SELECT side, n, unit, branches, place, {columns} FROM sides CROSS JOIN LATERAL (
            SELECT least(CASE side WHEN 1 THEN %s ELSE %s END - 1, (n - 1) / %s) * %s AS skipped) before_it
        WHERE CASE side WHEN 0 THEN place = 1 ELSE place > skipped AND place <= skipped + %s END ORDER BY side, place""",
        (up, down, size, size, size),
    )
    counts, sides = dict.fromkeys(DIRECTIONS, 0), {1: "up", -1: "down", 0: "same"}
    found: dict[str, list[Place]] = {name: [] for name in DIRECTIONS}
    for side, count, root, branches, place, *values in sql.read(statement):
        counts[sides[side]] = count
        found[sides[side]].append(Place(root, branches, place, sums_of(slots, values)))
    return Moves(counts, found["up"], found["down"])
