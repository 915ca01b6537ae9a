"""The statements of the roll-up of marketing: facts of the partners of a filter, and what each needs by the program worksheet."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from typing import Any

from django.db.models import F, QuerySet

from marketing.facts import BUDGET, COST, DELIVERED, LEFT, PLANNED, REVENUE
from marketing.models import Worksheet
from marketing.program import reading
from marketing.program.document import Case, Sheet, read
from marketing.program.reading import Span
from marketing.rollup.figures import Sums
from marketing.worksheet import Stage, backward
from partners.models import Partner
from prm.common.fiscal import FiscalQuarter
from prm.common.vendor import vendor_settings
from scorecards.rollup import DIMENSIONS
from scorecards.rollups import sql

METRICS = (PLANNED, DELIVERED, BUDGET, COST, REVENUE, LEFT)
_OWN = ", ".join(
    f"sum(f.value) FILTER (WHERE f.metric = '{metric}' AND f.currency IN ('', %s)) AS v{n}"
    for n, metric in enumerate(METRICS)
)
_FACTS = f"""facts AS MATERIALIZED (SELECT f.partner_id, {_OWN}, min(f.currency) FILTER (WHERE f.currency NOT IN ('', %s)) AS lack,
        bool_or(f.metric = '{PLANNED}' OR f.metric = '{BUDGET}') AS planning
    FROM partners_fact f WHERE f.metric = ANY(%s) AND f.month BETWEEN %s AND %s AND f.partner_id IN (SELECT id FROM scope)
    GROUP BY 1)"""
_SUMS = ", ".join(f"coalesce(sum(v{n}), 0)" for n in range(len(METRICS)))


def by_group(partners: QuerySet[Partner], span: Span, dimension: str) -> dict[int | None, Sums]:
    """The sums of these partners by group of a dimension, by the id of what it stands for."""
    reporting = vendor_settings().reporting_currency
    text = f""", {_FACTS} SELECT s.grp, count(*), count(*) FILTER (WHERE f.planning), {_SUMS}, coalesce(min(f.lack), '')
        FROM scope s LEFT JOIN facts f ON f.partner_id = s.id GROUP BY 1"""
    params = (*[reporting] * (len(METRICS) + 1), list(METRICS), span.start, span.end)
    rows = sql.read(sql.compose(text, params, scope=sql.scope(partners, grp=dimension)))
    found = {group: _sums(partners, planning, values[:-1], values[-1]) for group, partners, planning, *values in rows}
    need = needs(span)
    if need is not None:
        by_id: Counter[int | None] = Counter()
        for pk, group in partners.order_by().annotate(grp=F(DIMENSIONS[dimension])).values_list("pk", "grp"):
            by_id[group] += need.get(pk, 0)
        found = {group: replace(sums, needed=by_id[group]) for group, sums in found.items()}
    return found


def _sums(partners: int, planning: int, values: list[Any], lack: str) -> Sums:
    planned, delivered, budget, cost, revenue, left = values
    return Sums(partners, planning, None, planned, delivered, budget, cost, revenue, int(left), lack)


def of_partners(partner_ids: list[int], span: Span) -> dict[int, Sums]:
    """Each of these partners' own."""
    rows = Partner.objects.unscoped("the caller has scoped them").filter(pk__in=partner_ids)
    reporting = vendor_settings().reporting_currency
    text = f""", {_FACTS} SELECT s.id, count(*), count(*) FILTER (WHERE f.planning), {_SUMS}, coalesce(min(f.lack), '')
        FROM scope s LEFT JOIN facts f ON f.partner_id = s.id GROUP BY 1"""
    params = (*[reporting] * (len(METRICS) + 1), list(METRICS), span.start, span.end)
    found = sql.read(sql.compose(text, params, scope=rows.order_by().values("id")))
    need = needs(span)
    return {
        pk: replace(_sums(count, planning, values[:-1], values[-1]), needed=None if need is None else need.get(pk, 0))
        for pk, count, planning, *values in found
    }


def needs(span: Span) -> dict[int, int] | None:
    """The MGOs each partner needs by the base of the worksheet of the period, of a quarter without one by its year's; None where
    neither is kept, or it comes to no number."""
    rows = {
        row.period: read(row.content) for row in Worksheet.objects.filter(period__in=(span.key, f"{span.year:04d}"))
    }
    sheet = rows.get(span.key)
    if sheet is not None:
        mgos = _mgos(sheet)
    elif (sheet := rows.get(f"{span.year:04d}")) is not None and isinstance(span, FiscalQuarter):
        whole = _mgos(sheet)
        mgos = None if whole is None else dict(reading.by_quarter(whole, span.fiscal_year))[span]
    else:
        return None
    shares = None if mgos is None else reading.shares(sheet, mgos, span)
    return None if shares is None else {share.partner_id: share.mgos for share in shares}


def _mgos(sheet: Sheet) -> int | None:
    revenue = None if sheet.revenue is None else Fraction(sheet.revenue)
    found = backward(revenue, sheet.column(Case.BASE)).get(Stage.MGO)
    return None if found is None else int(found)
