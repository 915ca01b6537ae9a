"""The statement behind the trend: sums of each month of a fiscal year."""

from collections.abc import Sequence
from decimal import Decimal

from django.core.exceptions import EmptyResultSet

from pipeline.facts import LACK, REVENUE, TARGET
from prm.common.fiscal import Month
from scorecards.performance_rollups.figures import Slot, Sums
from scorecards.performance_rollups.reading import Reader, Scope, glue, joined, live
from scorecards.performance_rollups.spans import Part, Period, Span
from scorecards.rollups.sql import Sql, read

COUNTS = ("won_count", "lost_count")


def by_month(scope: Scope, months: Sequence[Month]) -> tuple[dict[Month, Sums], dict[Month, dict[str, int]]]:
    """Of each of these months in a row: its actual (of this one so far), its plan, the same month a year before, and the COUNTS
    of deals closed."""
    sums: dict[Month, tuple[dict[Slot, Decimal], dict[Slot, str]]] = {month: ({}, {}) for month in months}
    counts: dict[Month, dict[str, int]] = {month: {} for month in months}
    statement = _statement(scope, months)
    for number, name, value, lack in read(statement):
        month = months[number]
        if name in COUNTS:
            counts[month][name] = int(value or 0)
            continue
        amounts, lacks = sums[month]
        amounts[Slot(name)] = amounts.get(Slot(name), Decimal(0)) + (value or 0)
        if lack:
            lacks[Slot(name)] = min(lack, lacks.get(Slot(name), lack))
    return {month: Sums(*parts) for month, parts in sums.items()}, counts


def _statement(scope: Scope, months: Sequence[Month]) -> Sql | None:
    before = Span(months[0].shift(-12).start, months[-1].shift(-12).end)
    whole = Span(months[0].start, months[-1].end)
    reader = Reader(scope, Period("", "", whole, Span(before.first, whole.last), current=False), "partner_id")
    try:
        ctes = reader.segments()
    except EmptyResultSet:
        return None
    past = [month for month in months if month.end <= scope.day]
    begun = [month for month in months if month.start <= scope.day]
    parts = [
        _sums(scope, name, metric, [(months.index(month), month.shift(shift)) for month in of])
        for name, metric, of, shift in (
            (Slot.PLAN, TARGET, months, 0),
            (Slot.BEFORE, REVENUE, months, -12),
            (Slot.ACTUAL, REVENUE, past, 0),
            *((name, name, begun, 0) for name in COUNTS),
        )
        if of
    ]
    for month in begun:
        if month not in past:
            own = Sql("%s", (scope.reporting,))
            parts.append(
                glue(
                    f"""SELECT {months.index(month)}, '{Slot.ACTUAL}', sum(l.amount) FILTER (WHERE l.currency = {{}}),
                        min(l.currency || ' ' || to_char(l.day, 'YYYY-MM')) FILTER (WHERE l.currency <> {{}})
                    FROM ({{}}) l JOIN seg s ON s.partner_id = l.partner_id AND '{month.start}' BETWEEN s.first AND s.last""",
                    own, own, live(scope, Part(month, scope.day.day, month.days)),
                )
            )  # fmt: skip
    return glue("WITH RECURSIVE {} {}", joined(", ", ctes), joined(" UNION ALL ", parts))


def _sums(scope: Scope, name: str, metric: str, months: Sequence[tuple[int, Month]]) -> Sql:
    """One row a month, by its number: read month by month, as the index has them; then what of it has no rate."""
    numbered = ", ".join("(%s, %s::date)" for _month in months)
    given = [value for number, month in months for value in (number, month.start)]
    currency = "" if name in COUNTS else scope.reporting
    joined = (
        "" if scope.everybody else "JOIN seg s ON s.partner_id = f.partner_id AND m.month BETWEEN s.first AND s.last"
    )
    text = f"""SELECT m.n, '{name}', x.value, NULL::text FROM (VALUES {numbered}) m(n, month) CROSS JOIN LATERAL (
            SELECT sum(f.value) AS value FROM partners_fact f {joined}
            WHERE f.metric = %s AND f.month = m.month AND f.currency = %s) x"""
    values = [*given, metric, currency]
    if name not in COUNTS:
        text += f""" UNION ALL SELECT m.n, '{name}', 0, min(f.currency || ' ' || to_char(f.month, 'YYYY-MM'))
            FROM (VALUES {numbered}) m(n, month) JOIN partners_fact f ON f.month = m.month AND f.metric = %s {joined} GROUP BY 1"""
        values += [*given, metric + LACK]
    return Sql(text, tuple(values))
