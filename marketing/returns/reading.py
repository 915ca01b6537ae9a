"""The statement of the report: activities with forecast and verified result, added up by what they are grouped by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q, QuerySet

from marketing import spent
from marketing.models import RATES, Activity, ActivityResult
from marketing.returns.figures import Side, Sums
from pipeline.actuals import rate
from prm.common.vendor import today, vendor_settings
from scorecards.rollups import sql

GROUPS: Mapping[str, str] = {
    "tactic": "tactic_id",
    "partner": "plan__partner_id",
    "region": "plan__partner__region_id",
    "cam": "plan__partner__cam_id",
    "quarter": "plan__first_quarter",
}
STAGES = ("reach", "inquiries", "mqls", "sals", "mgos", "wins")
EXACT = 8  # decimals of sums: far more than are shown
AMOUNTS = ("revenue", "kept", "cost")


def _rate(name: str) -> str:
    """A rate of an activity as what is multiplied by and what is divided by: one accepted from history is Σ out ÷ Σ in, which no column
    can tell exactly."""
    source = f"a.sources->'{name}'"
    known = f"a.{name} IS NOT NULL AND {source}->>'from' = 'history' AND ({source}->>'in')::numeric <> 0"
    return f"""CASE WHEN {known} THEN ({source}->>'out')::numeric ELSE a.{name} END AS r_{name},
        CASE WHEN {known} THEN ({source}->>'in')::numeric ELSE 1 END AS d_{name}"""


def _chain(upto: int) -> str:
    """A stage of the forecast: the audience × the rates up to it, divided once at the end: a third kept in so many digits is less than
    a third."""
    out = " * ".join(["reach::numeric", *(f"r_{name}" for name in RATES[:upto])])
    into = " * ".join(f"d_{name}" for name in RATES[:upto])
    return f"({out}) / ({into})" if into else out


_RATES = ", ".join(_rate(name) for name in RATES)
_NOW, _RESULT_NOW = "a.state = 'verified'", "r.state = 'verified'"
# As it was before a moment: a result once verified keeps its row, and when it was opened again.
_RESULT_THEN = (
    "r.verified_at < (SELECT at FROM moment) AND (r.reopened_at IS NULL OR r.reopened_at >= (SELECT at FROM moment))"
)
_THEN = f"EXISTS (SELECT 1 FROM marketing_activityresult r WHERE r.activity_id = a.id AND {_RESULT_THEN})"
_RATED = f"""rated AS MATERIALIZED (SELECT a.id, s.grp, a.reach, a.deal_size, a.margin, {_RATES}, {{verified}} AS verified,
        NOT {{verified}} AND a.ends_on < %s AS open, p.currency, p.starts_on,
        CASE WHEN p.currency = %s THEN 1 ELSE x.rate END AS money
    FROM scope s JOIN marketing_activity a ON a.id = s.id JOIN marketing_marketingplan p ON p.id = a.plan_id
    LEFT JOIN LATERAL ({rate("p.currency", "p.starts_on")}) x ON true)"""
_STAGED = ", ".join(f"{_chain(n)} AS f_{stage}" for n, stage in enumerate(STAGES))
_FORECAST = f"""forecast AS MATERIALIZED (SELECT *, {_STAGED} FROM rated)"""
_COST = """budgeted AS MATERIALIZED (SELECT b.activity_id, sum(b.amount) AS cost FROM marketing_budgetline b
    WHERE b.activity_id IN (SELECT id FROM rated WHERE verified) GROUP BY 1)"""
_PAID = "paid AS MATERIALIZED (SELECT * FROM unnest(%s::bigint[], %s::numeric[], %s::text[]) AS t(id, amount, lack))"
_V = "FILTER (WHERE f.verified)"
_COLUMNS = ", ".join(
    (
        f"count(*), count(*) {_V}, count(*) FILTER (WHERE f.open), count(*) FILTER (WHERE f.verified AND f.margin IS NULL)",
        # What is divided has so many digits only: three thirds are a whole again.
        *(f"round(coalesce(sum(f.f_{stage}) {_V}, 0), {EXACT})" for stage in STAGES),
        f"round(coalesce(sum(f.f_wins * f.deal_size * f.money) {_V}, 0), {EXACT})",
        f"round(coalesce(sum(f.f_wins * f.deal_size * (1 - f.margin) * f.money) {_V}, 0), {EXACT})",
        f"coalesce(sum(b.cost * f.money) {_V}, 0)",
        *(f"coalesce(sum(r.{stage}) {_V}, 0)" for stage in STAGES),
        f"coalesce(sum(r.revenue * f.money) {_V}, 0)",
        f"coalesce(sum(r.revenue * (1 - f.margin) * f.money) {_V}, 0)",
        f"coalesce(sum(r.cost * f.money) {_V}, 0)",
        f"coalesce(sum(m.amount * f.money) {_V}, 0)",
        "coalesce(min(f.currency) FILTER (WHERE f.verified AND f.money IS NULL), '')",
        f"coalesce(min(m.lack) {_V}, '')",
    )
)
_JOINED = """forecast f LEFT JOIN budgeted b ON b.activity_id = f.id LEFT JOIN paid m ON m.id = f.id
    LEFT JOIN marketing_activityresult r ON r.activity_id = f.id AND {result}"""


def by_group(activities: QuerySet[Activity], dimension: str, *, on: dt.date | None = None) -> dict[Any, Sums]:
    """The sums of these activities by what GROUPS says of the dimension: an id, the key of a quarter, or None. `on`: by what was verified
    and paid at the end of that day; None: by now."""
    scope = activities.order_by().annotate(grp=F(GROUPS[dimension])).values("id", "grp")
    settings = vendor_settings()
    parts: dict[str, Any] = {"scope": scope}
    if on is None:
        verified, result = _NOW, _RESULT_NOW
        paid = spent.of(activities.filter(state=Activity.State.VERIFIED))
    else:
        moment = dt.datetime.combine(on + dt.timedelta(days=1), dt.time(), ZoneInfo(settings.time_zone))
        parts["moment"] = sql.Sql("SELECT %s::timestamptz AS at", (moment,))
        verified, result = _THEN, _RESULT_THEN
        paid = spent.of(activities.filter(pk__in=_verified_before(moment)), on)
    with_parts = (_RATED.format(verified=verified), _FORECAST, _COST, _PAID)
    text = f", {', '.join(with_parts)} SELECT f.grp, {_COLUMNS} FROM {_JOINED.format(result=result)} GROUP BY 1"
    pks = [*paid, *paid.lacks]
    amounts = [*(str(amount) for amount in paid.values()), *(None for _pk in paid.lacks)]
    lacks = [*(None for _pk in paid), *paid.lacks.values()]
    params = (on or today(settings), settings.reporting_currency, pks, amounts, lacks)
    statement = sql.compose(text, params, **parts)
    # Of a day it is for what is written down, and read afresh.
    rows = sql.read(statement) if on is None or statement is None else statement.rows()
    return {group: _sums(row) for group, *row in rows}


def _verified_before(moment: dt.datetime) -> QuerySet[Any, Any]:
    """The activities with a result that was verified before, and not opened again by then."""
    rows = ActivityResult.objects.unscoped("of activities the caller has scoped").filter(verified_at__lt=moment)
    still = rows.filter(Q(reopened_at=None) | Q(reopened_at__gte=moment))
    return still.order_by().values("activity")


def _sums(row: list[Any]) -> Sums:
    names = (*STAGES, *AMOUNTS)
    counts, expected, came, rest = row[:4], row[4 : 4 + len(names)], row[4 + len(names) : 4 + 2 * len(names)], row[-3:]
    approved, verified, open_ones, no_margin = counts

    def side(values: list[Any]) -> Side:
        return Side(**{name: Decimal(value) for name, value in zip(names, values, strict=True)})

    return Sums(approved, verified, open_ones, no_margin, side(expected), side(came), Decimal(rest[0]), *rest[1:])
