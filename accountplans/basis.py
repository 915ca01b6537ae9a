"""What every score stands on, read from the customers of shared plans and from the vendor's own sales.

It holds numbers by product only. It is kept (`models.Basis`) and made again each night; what a partner no longer shares leaves it at
once, as the kept one goes with the change, and until there is a new one it is read afresh.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from accountplans.models import COUNTED, Basis, OwnedProduct
from accountplans.models import Ideal as IdealRow
from accountplans.opportunity import Basis as Numbers
from accountplans.opportunity import Ideal, NoRate, Thing
from pipeline.actuals import rate
from prm.common.vendor import today, vendor_settings

YEARS = 3  # of won deals that make an average
ONLY = 1  # the key of the one row there is

# What counts, and who owns what. A line is owned where the partner says so, where more of it was sold than taken back, and where a
# deal of it was won.
_OWN = """WITH shares AS (SELECT partner_id FROM accountplans_sharing WHERE level = ANY(%(levels)s)),
won AS (SELECT d.customer_id, d.product_line_id FROM pipeline_deal d
    JOIN pipeline_dealstage t ON t.id = d.stage_id AND t.outcome = 'won' WHERE d.customer_id IS NOT NULL),
said AS (SELECT o.customer_id, o.product_line_id, o.complementary_id FROM accountplans_ownedproduct o
    JOIN pipeline_customer c ON c.id = o.customer_id JOIN shares s ON s.partner_id = c.partner_id),
counted AS (SELECT c.id FROM pipeline_customer c JOIN shares s ON s.partner_id = c.partner_id
    UNION SELECT customer_id FROM won
    UNION SELECT customer_id FROM pipeline_salesresult WHERE customer_id IS NOT NULL),
own AS (SELECT customer_id, 'line' AS kind, product_line_id AS thing FROM said WHERE product_line_id IS NOT NULL
    UNION SELECT customer_id, 'complementary', complementary_id FROM said WHERE complementary_id IS NOT NULL
    UNION SELECT customer_id, 'line', product_line_id FROM won WHERE product_line_id IS NOT NULL
    UNION SELECT customer_id, 'line', product_line_id FROM pipeline_salesresult
        WHERE customer_id IS NOT NULL AND product_line_id IS NOT NULL
        GROUP BY customer_id, product_line_id, currency HAVING sum(amount) > 0)
"""
_OWNERS = _OWN + "SELECT 'all', 0, (SELECT count(*) FROM counted) UNION ALL SELECT kind, thing, count(*) FROM own GROUP BY kind, thing"  # fmt: skip
_BOTH = (
    _OWN
    + """SELECT a.kind, a.thing, b.thing, count(*) FROM own a JOIN own b USING (customer_id)
    WHERE b.kind = 'line' AND NOT (a.kind = b.kind AND a.thing = b.thing) GROUP BY 1, 2, 3"""
)
# A deal without a rate for its currency on its day is left out, and that is said: a wrong size is worse than a smaller sample.
_WON = f"""FROM pipeline_deal d JOIN pipeline_dealstage t ON t.id = d.stage_id AND t.outcome = 'won'
    LEFT JOIN LATERAL ({rate("d.currency", "d.closed_on")}) x ON d.currency <> %(reporting)s
    WHERE d.product_line_id IS NOT NULL AND d.closed_on >= %(since)s"""
_AVERAGE = f"""SELECT d.product_line_id, avg(d.amount * CASE WHEN d.currency = %(reporting)s THEN 1 ELSE x.rate END)
    {_WON} AND (d.currency = %(reporting)s OR x.rate IS NOT NULL) GROUP BY 1"""
_LACKS = f"""SELECT d.product_line_id, d.currency, d.closed_on, count(*)
    {_WON} AND d.currency <> %(reporting)s AND x.rate IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"""


def measured() -> Numbers:
    """Read afresh."""
    settings = vendor_settings()
    day = today(settings)
    levels = {"levels": [str(level) for level in COUNTED]}
    since = {"reporting": settings.reporting_currency, "since": day - dt.timedelta(days=round(YEARS * 365.25))}
    counted = _read(_OWNERS, levels)
    lacks: dict[int, list[NoRate]] = defaultdict(list)
    for line, currency, on, deals in _read(_LACKS, since):
        lacks[line].append(NoRate(currency, on, deals))
    return Numbers(
        customers=next(n for kind, _pk, n in counted if kind == "all"),
        owners={Thing(kind, pk): n for kind, pk, n in counted if kind != "all"},
        both={(Thing(kind, pk), line): n for kind, pk, line, n in _read(_BOTH, levels)},
        average={line: Decimal(amount) for line, amount in _read(_AVERAGE, since)},
        lacks=dict(lacks),
        reporting=settings.reporting_currency,
        as_of=timezone.now(),
    )


def _read(statement: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def numbers() -> Numbers:
    """The kept one; where there is none, read afresh."""
    vendor: Any = connection
    kept = Basis.objects.filter(pk=ONLY)
    known = _loaded.get(vendor.schema_name)
    if known is not None and kept.values_list("made_at", flat=True).first() == known.as_of:
        return known
    row = kept.values_list("content", "made_at").first()
    if row is None:
        return measured()
    _loaded[vendor.schema_name] = replace(loaded(row[0]), as_of=row[1])
    return _loaded[vendor.schema_name]


_loaded: dict[str, Numbers] = {}  # by vendor: what this process read last, with the shares it has worked out since


def keep() -> None:
    """Reads it afresh and keeps it."""
    Basis.objects.update_or_create(pk=ONLY, defaults={"content": dumped(measured())})


def forget() -> None:
    """What is kept no longer holds."""
    Basis.objects.all().delete()


def dumped(found: Numbers) -> dict[str, Any]:
    """As JSON can hold it; `loaded` reads it back."""
    return {
        "customers": found.customers,
        "owners": [[thing.kind, thing.pk, n] for thing, n in sorted(found.owners.items())],
        "both": [[thing.kind, thing.pk, line, n] for (thing, line), n in sorted(found.both.items())],
        "average": {str(line): f"{amount:f}" for line, amount in sorted(found.average.items())},
        "lacks": [
            [line, lack.currency, lack.on.isoformat(), lack.deals]
            for line, lacks in sorted(found.lacks.items())
            for lack in lacks
        ],
        "reporting": found.reporting,
    }


def loaded(content: dict[str, Any]) -> Numbers:
    lacks: dict[int, list[NoRate]] = defaultdict(list)
    for line, currency, on, deals in content.get("lacks", ()):
        lacks[line].append(NoRate(currency, dt.date.fromisoformat(on), deals))
    return Numbers(
        customers=content["customers"],
        owners={Thing(kind, pk): n for kind, pk, n in content["owners"]},
        both={(Thing(kind, pk), line): n for kind, pk, line, n in content["both"]},
        average={int(line): Decimal(amount) for line, amount in content["average"].items()},
        lacks=dict(lacks),
        reporting=content.get("reporting", ""),
    )


def thing_of(row: OwnedProduct) -> Thing:
    return Thing.line(row.product_line_id) if row.product_line_id else Thing.complementary(row.complementary_id or 0)


def ideals() -> dict[int, Ideal]:
    """By product line's pk; a line without one is for everybody."""
    rows = IdealRow.objects.prefetch_related("verticals")
    return {
        row.product_line_id: Ideal(frozenset(each.pk for each in row.verticals.all()), frozenset(row.sizes))
        for row in rows
    }
