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
from scorecards.performance_rollups.figures import COVERAGE, Slot
from scorecards.performance_rollups.spans import Part, Period, Span
from scorecards.rollup import DIMENSIONS
from scorecards.rollups.sql import Sql

UNIT = "root"  # a family, or each partner where families aren't looked at as one


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
    """Builds one statement over the facts of a scope for a period; `unit` is what rows are added up by: a dimension, or UNIT."""

    scope: Scope
    period: Period
    unit: str
    parts: list[str] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)

    def statement(self, slots: Sequence[Slot], body: str, params: Sequence[Any] = ()) -> Sql | None:
        """`body` reading from `stream` (unit, slot, value, lack) and `seg`; None where the filter can hold nobody."""
        try:
            ctes, values = self.segments()
        except EmptyResultSet:
            return None
        for slot in slots:
            self._slot(slot)
        stream = " UNION ALL ".join(self.parts) or f"SELECT {self.unit}, '', 0, NULL FROM seg WHERE false"
        text = f"WITH RECURSIVE {ctes}, stream(unit, slot, value, lack) AS ({stream}) {body}"
        return Sql(text, (*values, *self.params, *params))

    # ── Who stood where, and when ────────────────────────────────────────────────────────────────────────────────────

    def segments(self) -> tuple[str, list[Any]]:
        """`seg`: by partner the stretches of months in which it stood in one place, of those places asked for."""
        scope = self.scope
        columns = ("id", "parent_id", *DIMENSIONS.values())
        text, own = scope.partners.order_by().values(*columns).query.sql_with_params()
        values: list[Any] = [*own]
        parts = [f"scope({', '.join(columns)}) AS MATERIALIZED ({text})"]
        if scope.family:
            text, own = scope.visible.order_by().values("id", "parent_id").query.sql_with_params()
            values += own
            parts += [
                f"visible(id, parent_id) AS NOT MATERIALIZED ({text})",
                """climb(id, at, parent_id, depth) AS (
                    SELECT id, id, parent_id, 0 FROM scope WHERE parent_id IS NOT NULL
                    UNION ALL SELECT c.id, v.id, v.parent_id, c.depth + 1
                    FROM climb c JOIN visible v ON v.id = c.parent_id WHERE c.depth < 50)""",
                "roots AS (SELECT DISTINCT ON (id) id, at FROM climb ORDER BY id, depth DESC)",
            ]
        of_scope = ", ".join(f"s.{column} AS {name}" for name, column in DIMENSIONS.items())
        whole = (
            f"SELECT s.id AS partner_id, {of_scope}, '-infinity'::date AS first, 'infinity'::date AS last FROM scope s"
        )
        if scope.then:
            earliest = (self.period.before or self.period.whole).first
            values += [Month(earliest.year, earliest.month).next.start, scope.day, scope.day]
            parts.append(
                """steps AS MATERIALIZED (
                    SELECT DISTINCT ON (p.partner_id, date_trunc('month', p.starts_on)) p.partner_id,
                        date_trunc('month', p.starts_on)::date AS month, p.region_id, p.cam_id, p.tier_id, p.stage_id
                    FROM partners_placement p WHERE p.partner_id IN (
                        SELECT partner_id FROM partners_placement WHERE starts_on >= %s AND starts_on <= %s)
                    AND p.starts_on <= %s AND p.partner_id IN (SELECT id FROM scope)
                    ORDER BY p.partner_id, date_trunc('month', p.starts_on), p.starts_on DESC)"""
            )
            of_steps = of_scope.replace("s.", "m.").replace("m.partner_type_id", "s.partner_type_id")
            placed = f"""{whole} WHERE s.id NOT IN (SELECT partner_id FROM steps)
                UNION ALL SELECT s.id, {of_steps},
                    CASE WHEN lag(m.month) OVER own IS NULL THEN '-infinity' ELSE m.month END,
                    coalesce((lead(m.month) OVER own - interval '1 month')::date, 'infinity')
                FROM steps m JOIN scope s ON s.id = m.partner_id WINDOW own AS (PARTITION BY m.partner_id ORDER BY m.month)"""
        else:
            placed = whole
        root = "coalesce(r.at, p.partner_id)" if scope.family else "p.partner_id"
        joined = "LEFT JOIN roots r ON r.id = p.partner_id" if scope.family else ""
        where, own_values = self._places()
        values += own_values
        parts.append(f"seg AS MATERIALIZED (SELECT p.*, {root} AS root FROM ({placed}) p {joined} WHERE {where})")
        return ", ".join(parts), values

    def _places(self) -> tuple[str, list[Any]]:
        terms, values = ["true"], []
        for name, ids in self.scope.placed.items():
            none = f" OR p.{name} IS NULL" if None in ids else ""
            terms.append(f"(p.{name} = ANY(%s){none})")
            values.append([pk for pk in ids if pk is not None])
        return " AND ".join(terms), values

    def overlapping(self) -> Sql:
        """The condition on `seg`: it has a month in the period, or in the same days a year before."""
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
            self._lacks(slot, REVENUE, *span.full)
        if span.broken:
            self.live(slot, span.broken)

    def _targets(self, slot: Slot, span: Span) -> None:
        if span.full:
            self._running(slot, TARGET, *span.full)
            self._lacks(slot, TARGET, *span.full)
        if broken := span.broken:
            month = broken.month.start
            self._add(
                slot,
                f"f.value * {broken.days} / {broken.of}",
                "partners_fact f JOIN seg s ON s.partner_id = f.partner_id",
                "f.metric = %s AND f.month = %s AND f.currency = %s AND s.first <= %s AND s.last >= %s",
                (TARGET, month, self.scope.reporting, month, month),
            )
            self._lacks(slot, TARGET, broken.month, broken.month)

    def _running(self, slot: Slot, metric: str, first: Month, last: Month) -> None:
        """The months from `first` to `last`: totals at the ends of the stretches of time less those before they begin."""
        a, b = first.start, last.start
        joined = "partners_fact f JOIN seg s ON s.partner_id = f.partner_id"
        where = "f.metric = %s AND f.month = %s AND f.currency = %s AND s.first <= %s AND s.last >= %s"
        own, reporting = metric + SUM, self.scope.reporting
        self._add(slot, "f.value", joined, where, (own, b, reporting, b, b))
        self._add(slot, "-f.value", joined, where, (own, first.previous.start, reporting, a, a))
        if self.scope.then and a < b:
            # Few partners moved in between; one look-up for each end.
            for sign, month, inside in (
                ("", "s.last", "s.last >= %s AND s.last < %s"),
                ("-", "(s.first - interval '1 month')::date", "s.first > %s AND s.first <= %s"),
            ):
                look_up = f"""seg s CROSS JOIN LATERAL (SELECT value FROM partners_fact f WHERE f.partner_id = s.partner_id
                    AND f.metric = %s AND f.month = {month} AND f.currency = %s LIMIT 1) f"""
                self._add(slot, f"{sign}f.value", look_up, inside, (own, reporting, a, b))

    def live(self, slot: Slot, part: Part) -> None:
        """The first days of a month, from the records."""
        month, reporting = part.month.start, self.scope.reporting
        rows = actuals.rows(self.scope.origin, reporting, first=month, last=part.last)
        self.parts.append(
            f"""SELECT s.{self.unit}, '{slot}', CASE WHEN a.currency = %s THEN a.amount END,
                CASE WHEN a.currency <> %s THEN a.currency || ' ' || to_char(a.day, 'YYYY-MM') END
            FROM ({rows.text}) a JOIN seg s ON s.partner_id = a.partner_id AND s.first <= %s AND s.last >= %s"""
        )
        self.params += [reporting, reporting, *rows.params, month, month]

    def _lacks(self, slot: Slot, metric: str, first: Month, last: Month) -> None:
        self._lacking(
            slot, "to_char(f.month, 'YYYY-MM')", "f.metric = %s AND f.month BETWEEN %s AND %s AND f.month BETWEEN s.first AND s.last",
            (metric + LACK, first.start, last.start),
        )  # fmt: skip

    def _snapshot(self, slot: Slot) -> None:
        """Of partners as they stand today: coverage looks ahead."""
        today = "f.metric = %s AND s.last = 'infinity'"
        self._add(
            slot, "f.value", "partners_fact f JOIN seg s ON s.partner_id = f.partner_id",
            f"{today} AND f.currency = %s", (_SNAPSHOTS[slot], self.scope.reporting),
        )  # fmt: skip
        self._lacking(slot, "to_char(f.month, 'YYYY-MM')", today, (_SNAPSHOTS[slot] + LACK,))

    def _lacking(self, slot: Slot, when: str, where: str, params: tuple[Any, ...]) -> None:
        self.parts.append(
            f"""SELECT s.{self.unit}, '{slot}', NULL, f.currency || ' ' || {when}
            FROM partners_fact f JOIN seg s ON s.partner_id = f.partner_id WHERE {where}"""
        )
        self.params += params

    def _add(self, slot: Slot, value: str, source: str, where: str, params: tuple[Any, ...]) -> None:
        # The parameters of a look-up stand before those of its condition, in the order they are given.
        self.parts.append(f"SELECT s.{self.unit}, '{slot}', {value}, NULL::text FROM {source} WHERE {where}")
        self.params += params
