"""The statements of performance roll-ups: facts of the partners of a filter, added up by what they were or are.

Past months belong to the CAM, region, tier and stage of that month's end; `then` False counts all as the partners stand today.
Sums of months in a row come from running totals: the total at their end less the total before they begin, for each stretch of
time in which a partner stood in one place. Days of a month that isn't over are added up from the records themselves.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet

from partners.models import Partner
from pipeline import actuals
from pipeline.facts import LACK, REVENUE, SUM, TARGET
from pipeline.policies import Origin
from prm.common.fiscal import Month
from scorecards.performance_rollups import snapshot
from scorecards.performance_rollups.figures import COVERAGE, Slot, Sums
from scorecards.performance_rollups.spans import Part, Period, Span
from scorecards.rollup import DIMENSIONS
from scorecards.rollups.sql import Sql, read

UNIT = "root"  # a family, or each partner where families aren't looked at as one


_CLIMB = """climb(id, at, parent_id, depth) AS (
    SELECT id, id, parent_id, 0 FROM scope WHERE parent_id IS NOT NULL
    UNION ALL SELECT c.id, v.id, v.parent_id, c.depth + 1
    FROM climb c JOIN visible v ON v.id = c.parent_id WHERE c.depth < 50)"""
_ROOTS = "roots AS (SELECT DISTINCT ON (id) id, at FROM climb ORDER BY id, depth DESC)"
_SNAPSHOTS = {Slot.PIPELINE: snapshot.PIPELINE, Slot.AHEAD: snapshot.TARGET, Slot.DONE: snapshot.DONE}


@dataclass(frozen=True)
class Scope:
    """Whose figures: `partners` of those whom the reader sees (`visible`), in the months they stood in `placed`.

    `placed` are ids by dimension, None for partners without one. `family`: a parent and its branches are one.
    """

    partners: QuerySet[Partner]
    visible: QuerySet[Partner]
    placed: Mapping[str, Collection[int | None]]
    then: bool
    family: bool
    day: dt.date
    reporting: str
    origin: Origin

    @property
    def everybody(self) -> bool:
        """Whether no partner and no month is left out."""
        return not self.placed and not self.partners.query.where


@dataclass
class Reader:
    """Builds one statement over the facts of a scope for a period; `unit` is what rows are added up by: a dimension, or UNIT.

    A stretch of time in which a partner stood in one place is a row of `seg`; what it brings to each slot is joined to it.
    """

    scope: Scope
    period: Period
    unit: str
    joins: dict[tuple[str, dt.date], Sql] = field(default_factory=dict)
    sums: dict[Slot, list[Sql]] = field(default_factory=dict)
    lacks: list[Sql] = field(default_factory=list)
    lives: dict[Slot, Sql] = field(default_factory=dict)  # what records of days bring, by unit
    snapshots: list[Sql] = field(default_factory=list)

    def statement(self, slots: Sequence[Slot], body: Sql) -> Sql | None:
        """`body` reading from `units`: unit, how many `partners` (roots) and other `branches` it has, and of each slot its sum
        and, as slot_lack, the first of what has no rate. None where the filter can hold nobody."""
        try:
            ctes = self.segments()
        except EmptyResultSet:
            return None
        for slot in slots:
            self.sums[slot] = []
            self._slot(slot)
        return glue("WITH RECURSIVE {}, {}, {} {}", joined(", ", ctes), self._missing(), self._units(slots), body)

    def _units(self, slots: Sequence[Slot]) -> Sql:
        there = self.overlapping()
        # One row each, unless families are one or somebody moved.
        roots = f"DISTINCT s.{UNIT}" if self.scope.family or self.cut else "*"
        others = "DISTINCT s.partner_id" if self.cut else "*"
        every = [
            glue(
                f"sum({{}}) AS {column(slot)}", joined(" + ", self.sums[slot]) if self.sums[slot] else Sql("0::numeric")
            )
            for slot in slots
        ]
        added = glue(
            f"""SELECT s.{self.unit} AS unit, bool_or({{}}) AS there, count({roots}) FILTER (WHERE {{}}) AS partners,
                count({others}) FILTER (WHERE s.partner_id <> s.{UNIT} AND {{}}) AS branches {{}}
            FROM seg s {{}} GROUP BY 1""",
            there, there, there, joined("", [glue(", {}", each) for each in every]), joined(" ", [*self.joins.values(), *self.snapshots]),
        )  # fmt: skip
        same = "=" if self.unit == UNIT else "IS NOT DISTINCT FROM"
        columns = "".join(
            f", {self._summed(slot)} AS {column(slot)}, k.lacks ->> '{slot}' AS {slot}_lack" for slot in slots
        )
        so_far = [
            glue(f" LEFT JOIN ({{}}) live_{slot} ON live_{slot}.unit {same} a.unit", rows)
            for slot, rows in self.lives.items()
        ]
        return glue(
            f"""units AS MATERIALIZED (SELECT a.unit, a.partners, a.branches {columns}
            FROM ({{}}) a LEFT JOIN missing k ON k.unit {same} a.unit {{}} WHERE a.there)""",
            added,
            joined("", so_far),
        )

    def _summed(self, slot: Slot) -> str:
        return f"a.{column(slot)} + coalesce(live_{slot}.value, 0)" if slot in self.lives else f"a.{column(slot)}"

    def _missing(self) -> Sql:
        rows = joined(" UNION ALL ", self.lacks or [Sql(f"SELECT s.{self.unit}, '', '' FROM seg s WHERE false")])
        return glue(
            """missing(unit, lacks) AS MATERIALIZED (SELECT unit, jsonb_object_agg(slot, lack) FROM (
                SELECT unit, slot, min(lack) AS lack FROM ({}) r(unit, slot, lack) GROUP BY 1, 2) q GROUP BY 1)""",
            rows,
        )

    # ── Who stood where, and when ────────────────────────────────────────────────────────────────────────────────────

    @property
    def places(self) -> list[str]:
        """What it matters where a partner stood."""
        asked = {self.unit, *self.scope.placed} & (DIMENSIONS.keys() - {"type"})
        return sorted(asked) if self.scope.then else []

    @property
    def cut(self) -> bool:
        """Whether a partner may be in several places, each for a time."""
        return bool(self.places)

    def segments(self) -> list[Sql]:
        """The parts of a WITH that end in `seg`: by partner the stretches of months in which it stood in one place, of those
        places asked for."""
        scope = self.scope
        columns = ("id", "parent_id", *DIMENSIONS.values())
        rows = Sql(*scope.partners.order_by().values(*columns).query.sql_with_params())
        parts = [glue(f"scope({', '.join(columns)}) AS MATERIALIZED ({{}})", rows)]
        if scope.family:
            visible = Sql(*scope.visible.order_by().values("id", "parent_id").query.sql_with_params())
            parts += [glue("visible(id, parent_id) AS NOT MATERIALIZED ({})", visible), Sql(_CLIMB), Sql(_ROOTS)]
        of_scope = ", ".join(f"s.{name} AS {dimension}" for dimension, name in DIMENSIONS.items())
        placed = Sql(
            f"SELECT s.id AS partner_id, {of_scope}, '-infinity'::date AS first, 'infinity'::date AS last FROM scope s"
        )
        if self.cut:
            parts.append(self._steps())
            of_steps = of_scope.replace("s.", "m.").replace("m.partner_type_id", "s.partner_type_id")
            placed = Sql(
                f"""{placed.text} WHERE s.id NOT IN (SELECT partner_id FROM steps)
                UNION ALL SELECT s.id, {of_steps},
                    CASE WHEN lag(m.month) OVER own IS NULL THEN '-infinity' ELSE m.month END,
                    coalesce((lead(m.month) OVER own - interval '1 month')::date, 'infinity')
                FROM steps m JOIN scope s ON s.id = m.partner_id WINDOW own AS (PARTITION BY m.partner_id ORDER BY m.month)"""
            )
        root = "coalesce(r.at, p.partner_id)" if scope.family else "p.partner_id"
        climbed = "LEFT JOIN roots r ON r.id = p.partner_id" if scope.family else ""
        parts.append(
            glue(
                f"seg AS MATERIALIZED (SELECT p.*, {root} AS {UNIT} FROM ({{}}) p {climbed} WHERE {{}})",
                placed,
                self._where(),
            )
        )
        return parts

    def _steps(self) -> Sql:
        """From which month on those who moved, in what matters and since the period looked at began, stood where."""
        earliest = (self.period.before or self.period.whole).first
        since = Month(earliest.year, earliest.month).next.start
        differs = " OR ".join(f"p.{DIMENSIONS[name]} IS DISTINCT FROM s.{DIMENSIONS[name]}" for name in self.places)
        return Sql(
            f"""steps AS MATERIALIZED (
                SELECT DISTINCT ON (p.partner_id, date_trunc('month', p.starts_on::timestamp)) p.partner_id,
                    date_trunc('month', p.starts_on::timestamp)::date AS month, p.region_id, p.cam_id, p.tier_id, p.stage_id
                FROM partners_placement p
                WHERE p.starts_on <= %s AND p.partner_id IN (SELECT p.partner_id FROM partners_placement p
                    JOIN scope s ON s.id = p.partner_id WHERE p.starts_on <= %s AND ({differs}))
                AND p.partner_id IN (SELECT partner_id FROM partners_placement WHERE starts_on BETWEEN %s AND %s)
                ORDER BY p.partner_id, date_trunc('month', p.starts_on::timestamp), p.starts_on DESC)""",
            (self.scope.day, self.scope.day, since, self.scope.day),
        )

    def _where(self) -> Sql:
        terms = [Sql("true")]
        for name, ids in self.scope.placed.items():
            none = f" OR p.{name} IS NULL" if None in ids else ""
            terms.append(Sql(f"(p.{name} = ANY(%s){none})", ([pk for pk in ids if pk is not None],)))
        return joined(" AND ", terms)

    def overlapping(self) -> Sql:
        """The condition on `seg`: it has a month in the period, or in the same days a year before."""
        if not self.cut:
            return Sql("true")
        spans = [self.period.whole, *([self.period.before] if self.period.before else [])]
        text = " OR ".join("(s.first <= %s AND s.last >= %s)" for _span in spans)
        return Sql(f"({text})", tuple(day for span in spans for day in (span.last, span.first)))

    # ── What is added up ─────────────────────────────────────────────────────────────────────────────────────────────

    def _slot(self, slot: Slot) -> None:
        gone, before = self.period.gone, self.period.before
        if slot in COVERAGE:
            self._snapshot(slot)
        elif slot is Slot.FULL:
            self._targets(slot, self.period.whole)
        elif gone and before:
            span = before if slot in (Slot.BEFORE, Slot.PLAN_BEFORE) else gone
            if slot in (Slot.ACTUAL, Slot.BEFORE):
                self._actuals(slot, span)
            else:
                self._targets(slot, span)

    def _actuals(self, slot: Slot, span: Span) -> None:
        if span.full:
            self._running(slot, REVENUE, *span.full)
        if part := span.broken:
            standing = self._standing(part.month.start)
            self.lives[slot] = glue(
                f"""SELECT s.{self.unit} AS unit, sum(l.amount) AS value FROM ({{}}) l
                JOIN seg s ON s.partner_id = l.partner_id AND {{}} WHERE l.currency = {{}} GROUP BY 1""",
                live(self.scope, part), standing, Sql("%s", (self.scope.reporting,)),
            )  # fmt: skip
            self.lacks.append(
                glue(
                    f"""SELECT s.{self.unit}, '{slot}', l.currency || ' ' || to_char(l.day, 'YYYY-MM') FROM ({{}}) l
                    JOIN seg s ON s.partner_id = l.partner_id AND {{}} WHERE l.currency <> {{}}""",
                    live(self.scope, part, other_only=True), standing, Sql("%s", (self.scope.reporting,)),
                )
            )  # fmt: skip

    def _targets(self, slot: Slot, span: Span) -> None:
        if span.full:
            self._running(slot, TARGET, *span.full)
        if part := span.broken:
            month = part.month.start
            value = f"coalesce({self._fact(TARGET, month)}.value, 0) * {part.days} / {part.of}"
            self.sums[slot].append(
                glue(f"CASE WHEN {{}} THEN {value} ELSE 0 END", self._standing(month)) if self.cut else Sql(value)
            )
            self._lacking(slot, TARGET, month, month)

    def _running(self, slot: Slot, metric: str, first: Month, last: Month) -> None:
        """The months from `first` to `last`: the running total at the end of the stretch of time less the one before it begins."""
        a, b = first.start, last.start
        end, begin = self._fact(metric + SUM, b), self._fact(metric + SUM, first.previous.start)
        if self.cut:
            # Few moved in between: one look-up each.
            at_end, before = (
                self._look_up(metric + SUM, month) for month in ("s.last", "(s.first - interval '1 month')::date")
            )
            value = glue(
                f"""CASE WHEN s.first > '{b}' OR s.last < '{a}' THEN 0
                ELSE coalesce(CASE WHEN s.last >= '{b}' THEN {end}.value ELSE {{}} END, 0)
                    - coalesce(CASE WHEN s.first <= '{a}' THEN {begin}.value ELSE {{}} END, 0) END""",
                at_end,
                before,
            )
        else:
            value = Sql(f"coalesce({end}.value, 0) - coalesce({begin}.value, 0)")
        self.sums[slot].append(value)
        self._lacking(slot, metric, a, b)

    def _fact(self, metric: str, month: dt.date) -> str:
        """The alias under which the fact of a month is joined."""
        if (metric, month) not in self.joins:
            alias = f"f{len(self.joins)}"
            self.joins[metric, month] = Sql(
                f"""LEFT JOIN partners_fact {alias} ON {alias}.partner_id = s.partner_id AND {alias}.metric = %s
                AND {alias}.month = %s AND {alias}.currency = %s""",
                (metric, month, self.scope.reporting),
            )
        return f"f{list(self.joins).index((metric, month))}"

    def _look_up(self, metric: str, month: str) -> Sql:
        return Sql(
            f"(SELECT f.value FROM partners_fact f WHERE f.partner_id = s.partner_id AND f.metric = %s AND f.month = {month} AND f.currency = %s)",
            (metric, self.scope.reporting),
        )

    def _standing(self, month: dt.date) -> Sql:
        """That a stretch of time holds a month."""
        return Sql(f"s.first <= '{month}' AND s.last >= '{month}'") if self.cut else Sql("true")

    def _snapshot(self, slot: Slot) -> None:
        """Of partners as they stand today: coverage looks ahead."""
        metric, alias = _SNAPSHOTS[slot], f"now_{slot}"
        self.snapshots.append(
            Sql(
                f"""LEFT JOIN (SELECT partner_id, value FROM partners_fact WHERE metric = %s AND currency = %s) {alias}
                ON {alias}.partner_id = s.partner_id AND s.last = 'infinity'""",
                (metric, self.scope.reporting),
            )
        )
        self.sums[slot].append(Sql(f"coalesce({alias}.value, 0)"))
        self.lacks.append(
            Sql(
                f"""SELECT s.{self.unit}, '{slot}', f.currency || ' ' || to_char(f.month, 'YYYY-MM')
                FROM partners_fact f JOIN seg s ON s.partner_id = f.partner_id WHERE f.metric = %s AND s.last = 'infinity'""",
                (metric + LACK,),
            )
        )

    def _lacking(self, slot: Slot, metric: str, first: dt.date, last: dt.date) -> None:
        self.lacks.append(
            Sql(
                f"""SELECT s.{self.unit}, '{slot}', f.currency || ' ' || to_char(f.month, 'YYYY-MM')
                FROM partners_fact f JOIN seg s ON s.partner_id = f.partner_id
                WHERE f.metric = %s AND f.month BETWEEN %s AND %s AND f.month BETWEEN s.first AND s.last""",
                (metric + LACK, first, last),
            )
        )


def column(slot: Slot) -> str:
    """The name of a slot's sum in `units`; FULL is a word of SQL's own."""
    return "full_" if slot is Slot.FULL else slot.value


def by_group(
    scope: Scope, period: Period, dimension: str, slots: Sequence[Slot]
) -> tuple[dict[int | None, tuple[int, Sums]], int]:
    """Of each group of a dimension how many partners (families as one) have a month in it, and their sums; and how many have
    one in any."""
    reader = Reader(scope, period, dimension)
    there = reader.overlapping()
    every = ", ".join(f"{column(slot)}, {slot}_lack" for slot in slots)
    nothing = ", ".join("NULL, NULL" for _slot in slots)
    statement = reader.statement(
        slots,
        glue(
            f"""SELECT false, unit, partners, {every} FROM units
            UNION ALL SELECT true, NULL, (SELECT count(DISTINCT s.{UNIT}) FROM seg s WHERE {{}}), {nothing}""",
            there,
        ),
    )
    found: dict[int | None, tuple[int, Sums]] = {}
    everybody = 0
    for is_total, group, partners, *values in read(statement):
        if is_total:
            everybody = partners
        else:
            found[group] = partners, sums_of(slots, values)
    return found, everybody


def sums_of(slots: Sequence[Slot], values: Sequence[Any]) -> Sums:
    """From alternating amounts and lacks."""
    pairs = list(zip(slots, values[::2], values[1::2], strict=True))
    return Sums(
        {slot: amount for slot, amount, _lack in pairs if amount is not None},
        {slot: lack for slot, _amount, lack in pairs if lack},
    )


def live(scope: Scope, part: Part, *, other_only: bool = False) -> Sql:
    """(partner_id, day, amount, currency) of the first days of a month, from the records; see `pipeline.actuals`."""
    rows = actuals.rows(
        scope.origin, scope.reporting, first=part.month.start, last=part.last,
        of=None if scope.everybody else "SELECT partner_id FROM seg", other_only=other_only,
    )  # fmt: skip
    return Sql(rows.text, rows.params)


def glue(text: str, *parts: Sql) -> Sql:
    """`text` with the parts in place of its {}, and their parameters in that order."""
    return Sql(text.format(*(part.text for part in parts)), tuple(value for part in parts for value in part.params))


def joined(between: str, parts: Sequence[Sql]) -> Sql:
    return Sql(between.join(part.text for part in parts), tuple(value for part in parts for value in part.params))
