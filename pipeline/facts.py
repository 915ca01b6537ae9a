"""Facts of sales, by partner and month, for roll-ups; see `partners.facts`.

    revenue, target.revenue            a month's actuals and target, in the reporting currency
    revenue.sum, target.revenue.sum    from the first month through this one, so that any months in a row are one subtraction
    revenue.lack, target.revenue.lack  what no rate was found for, in its own currency; it is in none of the others
    won                                won amounts by closing date: the partner's share
    won_count, lost_count              deals with a share of the partner, by closing date

Running totals go on without change for MONTHS_AHEAD months, as far as any roll-up looks.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal

from django.db import connection

from partners.facts import FactRow, source
from pipeline import actuals
from pipeline.actuals import Statement
from pipeline.events import DealsChanged, ResultsChanged, TargetsChanged
from pipeline.policies import Origin, actuals_on
from prm.common import events
from prm.common.fiscal import Month
from prm.common.money import Money, NoRate
from prm.common.vendor import fiscal_calendar, rates, today, vendor_settings

REVENUE, TARGET = "revenue", "target.revenue"
SUM, LACK = ".sum", ".lack"
MONTHS_AHEAD = 15

Monthly = Callable[[list[int]], Iterable[FactRow]]


def of_actuals(event: ResultsChanged | DealsChanged) -> tuple[int, ...]:
    """The partners whose actuals changed with this."""
    wanted = DealsChanged if actuals_on(today()).origin is Origin.WON_DEALS else ResultsChanged
    return event.partner_ids if isinstance(event, wanted) else ()


def month_of(day: dt.date, shift: int = 0) -> dt.date:
    """The first day of its month, or of one so many months later."""
    return Month(day.year, day.month).shift(shift).start


# ── Actuals ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def revenue_months(partner_ids: list[int]) -> list[FactRow]:
    """Actuals by month; what can't be converted under its own currency."""
    settings = vendor_settings()
    origin = actuals_on(today(settings)).origin
    every = actuals.rows(origin, settings.reporting_currency, partner_ids=partner_ids)
    return _read(
        Statement(
            f"""SELECT partner_id, date_trunc('month', day)::date AS month, sum(amount), currency
            FROM ({every.text}) a GROUP BY 1, 2, 4 ORDER BY 1, 2""",
            every.params,
        )
    )


# ── Targets ──────────────────────────────────────────────────────────────────────────────────────────────────────────

# As `pipeline.targets.in_force`: commitments before operations before imports; the newest commitment that begins on or before
# a month decides it, of the others the newest that names it.
_IN_FORCE = """SELECT DISTINCT ON (v.partner_id, m.month) v.partner_id, m.month, m.value, m.currency
    FROM pipeline_targetversion v JOIN pipeline_targetmonth m ON m.version_id = v.id
    WHERE v.metric = 'revenue' AND v.partner_id = ANY(%s) AND (v.source <> 'commitment' OR v.first_month <= m.month
        AND NOT EXISTS (SELECT FROM pipeline_targetversion c WHERE c.partner_id = v.partner_id AND c.metric = v.metric
            AND c.source = 'commitment' AND c.number > v.number AND c.first_month <= m.month))
    ORDER BY v.partner_id, m.month,
        CASE v.source WHEN 'commitment' THEN 0 WHEN 'operations' THEN 1 ELSE 2 END, v.number DESC"""


def target_months(partner_ids: list[int]) -> Iterator[FactRow]:
    """Targets in force, in the reporting currency; what has no rate under its own."""
    return of_fiscal_years(_read(Statement(_IN_FORCE, (partner_ids,))))


def of_fiscal_years(rows: Iterable[FactRow]) -> Iterator[FactRow]:
    """Amounts in the reporting currency at the rate of their fiscal year's first day; what has none as it is."""
    settings = vendor_settings()
    table, calendar = rates(settings), fiscal_calendar(settings)
    for pk, month, value, currency in rows:
        try:
            converted = table.convert(Money(Decimal(value), currency), calendar.year_of(month).start)
        except NoRate:
            yield pk, month, value, currency
        else:
            yield pk, month, converted.amount, converted.currency


# ── The sources ──────────────────────────────────────────────────────────────────────────────────────────────────────


def running(rows: Iterable[FactRow], currency: str, until: dt.date) -> Iterator[FactRow]:
    """Running totals of rows in one currency, from each partner's first month through its last, or `until` where later."""
    by_partner: dict[int, dict[dt.date, Decimal]] = defaultdict(dict)
    for pk, month, value, _currency in rows:
        by_partner[pk][month] = Decimal(value)
    for pk, months in by_partner.items():
        total, month, end = Decimal(0), min(months), max(*months, until)
        while month <= end:
            total += months.get(month, Decimal(0))
            yield pk, month, total, currency
            month = month_of(month, 1)


def _register(metric: str, monthly: Monthly, on: dict[type[events.Event], Callable[..., tuple[int, ...]]]) -> None:
    """The three sources of one kind of money: by month, added up, and what has no rate."""

    @source(metric, on=on)
    def months(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
        return _since(_converted(monthly(partner_ids)), since)

    @source(metric + SUM, on=on)
    def sums(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
        settings = vendor_settings()
        totals = running(
            _converted(monthly(partner_ids)), settings.reporting_currency, month_of(today(settings), MONTHS_AHEAD)
        )
        return _since(totals, since)

    @source(metric + LACK, on=on)
    def lacks(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
        reporting = vendor_settings().reporting_currency
        return _since((row for row in monthly(partner_ids) if row[3] != reporting), since)


def _converted(rows: Iterable[FactRow]) -> Iterator[FactRow]:
    reporting = vendor_settings().reporting_currency
    return (row for row in rows if row[3] == reporting)


def _since(rows: Iterable[FactRow], since: dt.date | None) -> Iterator[FactRow]:
    return (row for row in rows if since is None or row[1] >= since)


_register(REVENUE, revenue_months, {ResultsChanged: of_actuals, DealsChanged: of_actuals})
_register(TARGET, target_months, {TargetsChanged: lambda event: event.partner_ids})


@source("won", on={DealsChanged: lambda event: event.partner_ids})
def won(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
    """Won amounts; what can't be converted under its own currency."""
    every = actuals.rows(Origin.WON_DEALS, vendor_settings().reporting_currency, partner_ids=partner_ids, first=since)
    return iter(
        _read(
            Statement(
                f"""SELECT partner_id, date_trunc('month', day)::date, sum(amount), currency
                FROM ({every.text}) a GROUP BY 1, 2, 4""",
                every.params,
            )
        )
    )


@source("won_count", on={DealsChanged: lambda event: event.partner_ids})
def won_count(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
    return _closed("won", partner_ids, since)


@source("lost_count", on={DealsChanged: lambda event: event.partner_ids})
def lost_count(partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
    return _closed("lost", partner_ids, since)


def _closed(outcome: str, partner_ids: list[int], since: dt.date | None) -> Iterator[FactRow]:
    statement = Statement(
        """SELECT h.partner_id, date_trunc('month', d.closed_on)::date, count(*), ''
        FROM pipeline_deal d JOIN pipeline_dealstage t ON t.id = d.stage_id AND t.outcome = %s
        JOIN pipeline_dealshare h ON h.deal_id = d.id
        WHERE h.partner_id = ANY(%s) AND d.closed_on >= coalesce(%s::date, '-infinity') GROUP BY 1, 2""",
        (outcome, partner_ids, since),
    )
    return iter(_read(statement))


def _read(statement: Statement) -> list[FactRow]:
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.params)
        return cursor.fetchall()
