"""The statements of the commitment roll-up: plans and facts of the partners of a filter, added up by what they are today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from partners.models import Partner
from pipeline.facts import LACK, REVENUE, SUM
from planning.facts import PLAN, TARGET
from planning.rollups.figures import Sums
from planning.rollups.filter import running_since
from prm.common.fiscal import Month
from scorecards.rollups import sql


@dataclass(frozen=True)
class Span:
    """Months looked at, by their first days; `over` is the last of them that is over, before `first` where none is."""

    first: dt.date
    last: dt.date
    over: dt.date
    day: dt.date

    @classmethod
    def of(cls, months: Sequence[Month], day: dt.date) -> Span:
        over = [month.start for month in months if month.end < day]
        before = months[0].previous.start
        return cls(months[0].start, months[-1].start, over[-1] if over else before, day)


_MINE, _PLANNERS = "partner_id IN (SELECT id FROM scope)", "partner_id IN (SELECT partner_id FROM planned)"
# Each partner in the first state it fits; see `filter.state_q`.
_STATE = f"""state AS MATERIALIZED (SELECT b.partner_id,
        bool_or(b.status = 'committed' AND b.first_month >= %(running)s) AS signed,
        bool_or(b.status = 'draft' AND EXISTS (SELECT FROM planning_signaturerequest r WHERE r.plan_id = b.id)) AS waiting,
        bool_or(b.status = 'draft') AS draft
    FROM planning_businessplan b WHERE b.status IN ('committed', 'draft') AND b.{_MINE} GROUP BY 1)"""
_PLANNED = f"""planned AS MATERIALIZED (SELECT partner_id, month, value FROM partners_fact
    WHERE metric = '{PLAN}' AND month BETWEEN %(first)s AND %(last)s AND {_MINE})"""
_SOLD = f"""sold AS MATERIALIZED (SELECT partner_id, month, value FROM partners_fact
    WHERE metric = '{REVENUE}' AND month BETWEEN %(first)s AND %(over)s AND {_PLANNERS}),
lacking AS MATERIALIZED (SELECT partner_id, month, min(currency) AS currency FROM partners_fact
    WHERE metric = '{REVENUE}{LACK}' AND month BETWEEN %(first)s AND %(over)s AND {_PLANNERS} GROUP BY 1, 2)"""
_MONEY = """money AS MATERIALIZED (SELECT p.partner_id, sum(p.value) AS planned,
        coalesce(sum(p.value) FILTER (WHERE p.month <= %(over)s), 0) AS planned_over,
        coalesce(sum(s.value), 0) AS actual, min(l.currency) AS lack
    FROM planned p LEFT JOIN sold s USING (partner_id, month) LEFT JOIN lacking l USING (partner_id, month) GROUP BY 1)"""
_TARGETS = f"""targets AS MATERIALIZED (SELECT partner_id, sum(CASE WHEN month = %(last)s THEN value ELSE -value END) AS target
    FROM partners_fact WHERE metric = '{TARGET}{SUM}' AND month IN (%(last)s, %(before)s) AND {_MINE} GROUP BY 1),
unknown AS MATERIALIZED (SELECT partner_id, min(currency) AS lack FROM partners_fact
    WHERE metric = '{TARGET}{LACK}' AND month BETWEEN %(first)s AND %(last)s AND {_MINE} GROUP BY 1)"""
_COLUMNS = """count(*), count(*) FILTER (WHERE t.signed), count(*) FILTER (WHERE t.waiting AND NOT t.signed),
    count(*) FILTER (WHERE t.draft AND NOT t.waiting AND NOT t.signed),
    coalesce(sum(g.target), 0), coalesce(sum(m.planned), 0), coalesce(sum(m.planned_over), 0), coalesce(sum(m.actual), 0),
    coalesce(min(k.lack), ''), coalesce(min(m.lack), '')"""
_JOINED = """scope s LEFT JOIN state t ON t.partner_id = s.id LEFT JOIN money m ON m.partner_id = s.id
    LEFT JOIN targets g ON g.partner_id = s.id LEFT JOIN unknown k ON k.partner_id = s.id"""


def by_group(partners: QuerySet[Partner], span: Span, dimension: str) -> dict[int | None, Sums]:
    """The sums of these partners by group of a dimension, by the id of what it stands for."""
    values = {
        "first": span.first,
        "last": span.last,
        "over": span.over,
        "before": Month(span.first.year, span.first.month).previous.start,
        "running": running_since(span.day),
    }
    parts = ", ".join((_STATE, _PLANNED, _SOLD, _MONEY, _TARGETS))
    text, params = _positional(f", {parts} SELECT s.grp, {_COLUMNS} FROM {_JOINED} GROUP BY 1", values)
    rows = sql.read(sql.compose(text, params, scope=sql.scope(partners, grp=dimension)))
    return {group: Sums(*sums) for group, *sums in rows}


def _positional(text: str, values: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    """Named places as positional ones, which the statement of the scope has."""
    pieces = text.split("%(")
    params = [values[piece.partition(")s")[0]] for piece in pieces[1:]]
    return pieces[0] + "".join("%s" + piece.partition(")s")[2] for piece in pieces[1:]), tuple(params)
