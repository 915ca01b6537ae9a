"""Facts of business plans, by partner and month, for roll-ups; see `partners.facts`.

plan.revenue    what the partner committed to, in the reporting currency at the rate of the day of commitment: of the newest
                committed plan that begins on or before the month, as targets in force follow it
plan.target     the vendor's own target, of operations or an import, commitments left aside, at the rate of its fiscal year's
                first day; with `.sum` from the first month through this one, with `.lack` what has no rate, in its own currency
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import connection

from partners.facts import FactRow, source
from pipeline.events import TargetsChanged
from pipeline.facts import LACK, SUM, month_of, of_fiscal_years, running
from planning.events import PlanCommitted
from prm.common.events import Event
from prm.common.vendor import today, vendor_settings

PLAN, TARGET = "plan.revenue", "plan.target"
MONTHS_AHEAD = 36  # to which running totals go on: as far as the roll-up looks
ON_TARGETS: dict[type[Event], Callable[[Any], Sequence[int]]] = {TargetsChanged: lambda event: event.partner_ids}

_PLAN = """SELECT p.partner_id, m.month, m.revenue_reporting
    FROM planning_businessplan p JOIN planning_planmonth m ON m.plan_id = p.id
    WHERE p.status IN ('committed', 'superseded') AND p.partner_id = ANY(%s) AND m.month >= coalesce(%s::date, '-infinity')
        AND NOT EXISTS (SELECT FROM planning_businessplan n WHERE n.partner_id = p.partner_id
            AND n.status IN ('committed', 'superseded') AND n.number > p.number AND n.first_month <= m.month)"""
_TARGET = """SELECT DISTINCT ON (v.partner_id, m.month) v.partner_id, m.month, m.value, m.currency
    FROM pipeline_targetversion v JOIN pipeline_targetmonth m ON m.version_id = v.id
    WHERE v.metric = 'revenue' AND v.source <> 'commitment' AND v.partner_id = ANY(%s)
        AND m.month >= coalesce(%s::date, '-infinity')
    ORDER BY v.partner_id, m.month, CASE v.source WHEN 'operations' THEN 0 ELSE 1 END, v.number DESC"""


@source(PLAN, on={PlanCommitted: lambda event: (event.partner_id,)})
def plan_months(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
    reporting = vendor_settings().reporting_currency
    for pk, month, value in _read(_PLAN, partner_ids, since):
        yield pk, month, value, reporting


@source(TARGET, on=ON_TARGETS)
def target_months(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
    reporting = vendor_settings().reporting_currency
    return (row for row in _targets(partner_ids, since) if row[3] == reporting)


@source(TARGET + LACK, on=ON_TARGETS)
def target_lacks(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
    reporting = vendor_settings().reporting_currency
    return (row for row in _targets(partner_ids, since) if row[3] != reporting)


@source(TARGET + SUM, on=ON_TARGETS)
def target_sums(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
    reporting = vendor_settings().reporting_currency
    totals = running(target_months(partner_ids, None), reporting, month_of(today(), MONTHS_AHEAD))
    return (row for row in totals if since is None or row[1] >= since)


def _targets(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
    return of_fiscal_years(_read(_TARGET, partner_ids, since))


def _read(statement: str, partner_ids: list[int], since: dt.date | None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, (partner_ids, since))
        return cursor.fetchall()
