"""Facts that coverage is added up from: what is in the pipeline today, and what remains of the targets ahead.

    pipeline          open deals expected to close from today to the window's end: the partner's share, unweighted
    coverage.target   targets of the window (the fiscal year's, or those of the twelve months after today)
    coverage.done     actuals of the fiscal year so far; none where the window is the next four quarters

Each with .lack: what of it has no rate, in its own currency.

They stand for today, whatever month they were written in. Source: "Pipeline to target" in the product's description.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal

from django.db import connection

from partners.facts import FactRow, source
from pipeline import actuals
from pipeline.events import DealsChanged, ResultsChanged, TargetsChanged
from pipeline.facts import LACK, month_of, of_actuals, target_months
from pipeline.policies import actuals_on
from prm.common.events import Event
from prm.common.fiscal import Month
from prm.common.vendor import fiscal_calendar, policy, today, vendor_settings
from scorecards.performance_rollups.spans import Window, ahead

PIPELINE, TARGET, DONE = "pipeline", "coverage.target", "coverage.done"

_OPEN = f"""SELECT a.partner_id, sum(coalesce(a.amount * x.rate, a.amount)),
        CASE WHEN a.currency = %s OR x.rate IS NOT NULL THEN %s ELSE a.currency END
    FROM (SELECT h.partner_id, d.currency, sum(d.amount * h.percent / 100) AS amount
        FROM pipeline_dealshare h JOIN pipeline_deal d ON d.id = h.deal_id
        JOIN pipeline_dealstage t ON t.id = d.stage_id AND t.outcome = 'open'
        WHERE h.partner_id = ANY(%s) AND d.expected_close BETWEEN %s AND %s GROUP BY 1, 2) a
    LEFT JOIN LATERAL ({actuals.rate("a.currency", "%s::date")}) x ON true GROUP BY 1, 3"""


def window_on(day: dt.date) -> Window:
    """How far coverage looks ahead, by the policy in force."""
    return Window(policy("coverage", on=day, default={}).get("window", Window.REST))


def _opened(partner_ids: list[int]) -> list[tuple[int, Decimal, str]]:
    settings = vendor_settings()
    day, reporting = today(settings), settings.reporting_currency
    _first, last = ahead(window_on(day), day, fiscal_calendar(settings))
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [reporting, reporting, partner_ids, day, last, day])
        return cursor.fetchall()


def _targets(partner_ids: list[int]) -> list[tuple[int, Decimal, str]]:
    """The targets of the window, broken months by their days."""
    day, calendar = today(), fiscal_calendar()
    first, last = ahead(window_on(day), day, calendar)
    total: dict[tuple[int, str], Decimal] = defaultdict(Decimal)
    for pk, start, value, currency in target_months(partner_ids):
        month = Month(start.year, start.month)
        days = (min(last, month.end) - max(first, month.start)).days + 1
        if days > 0:
            total[pk, currency] += Decimal(value) * days / month.days
    return [(pk, value, currency) for (pk, currency), value in total.items()]


def _done(partner_ids: list[int]) -> list[tuple[int, Decimal, str]]:
    settings = vendor_settings()
    day = today(settings)
    if window_on(day) is Window.NEXT:
        return []
    every = actuals.rows(
        actuals_on(day).origin, settings.reporting_currency, partner_ids=partner_ids,
        first=fiscal_calendar(settings).year_of(day).start, last=day,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT partner_id, sum(amount), currency FROM ({every.text}) a GROUP BY 1, 3", list(every.params)
        )
        return cursor.fetchall()


Rows = list[tuple[int, Decimal, str]]


def _register(
    metric: str, read: Callable[[list[int]], Rows], on: dict[type[Event], Callable[..., tuple[int, ...]]]
) -> None:
    """What is converted, and what could not be."""

    @source(metric, on=on)
    def converted(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
        return _today(read(partner_ids), since, converted=True)

    @source(metric + LACK, on=on)
    def lacking(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
        return _today(read(partner_ids), since, converted=False)


def _today(rows: Rows, since: dt.date | None, *, converted: bool) -> Iterator[FactRow]:
    settings = vendor_settings()
    month = month_of(today(settings))
    for pk, value, currency in rows if since is None or month >= since else ():
        if (currency == settings.reporting_currency) is converted:
            yield pk, month, value, currency


_register(PIPELINE, _opened, {DealsChanged: lambda event: event.partner_ids})
_register(TARGET, _targets, {TargetsChanged: lambda event: event.partner_ids})
_register(DONE, _done, {ResultsChanged: of_actuals, DealsChanged: of_actuals})
