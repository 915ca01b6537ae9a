"""What partners of a type make per rep in 12 months: one statement over all of them, kept for most of a minute."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal

from django.core.cache import cache
from django.db import connection

from partners.models import Partner, PartnerType
from pipeline.policies import Origin
from prm.common.fiscal import twelve_months_to
from prm.common.money import NoRate, Rates
from scorecards.performance.inputs import EXACT
from scorecards.performance.policies import Policies
from scorecards.performance.potential import Benchmark
from scorecards.performance.telling import exact, ratio

KEPT = 50  # seconds: new data are in figures within a minute

_RESULTS = """SELECT p.id, p.sales_reps, r.currency, CASE WHEN r.currency = %(reporting)s THEN NULL ELSE r.on END, sum(r.amount)
FROM partners_partner p JOIN pipeline_salesresult r ON r.partner_id = p.id
WHERE p.partner_type_id = %(type)s AND p.sales_reps > 0 AND r.on BETWEEN %(first)s AND %(last)s
GROUP BY 1, 2, 3, 4"""

_DEALS = """SELECT p.id, p.sales_reps, d.currency, CASE WHEN d.currency = %(reporting)s THEN NULL ELSE d.closed_on END,
       sum(d.amount * s.percent / 100)
FROM partners_partner p JOIN pipeline_dealshare s ON s.partner_id = p.id JOIN pipeline_deal d ON d.id = s.deal_id
JOIN pipeline_dealstage g ON g.id = d.stage_id
WHERE p.partner_type_id = %(type)s AND p.sales_reps > 0 AND g.outcome = 'won' AND d.closed_on BETWEEN %(first)s AND %(last)s
GROUP BY 1, 2, 3, 4"""


def benchmark(partner: Partner, day: dt.date, rates: Rates, policies: Policies) -> Benchmark:
    """Of the partner's type on a day. Partners whose sales can't be converted are left out."""
    kind: PartnerType = partner.partner_type
    key = f"performance:benchmark:{kind.pk}:{day}"
    per_rep: tuple[Decimal, ...] | None = cache.get(key)
    if per_rep is None:
        per_rep = _read(kind, day, rates, policies.actuals.origin)
        cache.set(key, per_rep, KEPT)
    return Benchmark(kind.name, per_rep, policies.benchmarks.get(kind.key))


def _read(kind: PartnerType, day: dt.date, rates: Rates, origin: Origin) -> tuple[Decimal, ...]:
    first, last = twelve_months_to(day)
    sold: dict[int, Decimal] = defaultdict(Decimal)
    reps: dict[int, int] = {}
    unknown: set[int] = set()
    with connection.cursor() as cursor:
        cursor.execute(
            _RESULTS if origin is Origin.RESULTS else _DEALS,
            {"type": kind.pk, "first": first, "last": last, "reporting": rates.reporting},
        )
        for pk, people, currency, on, amount in cursor.fetchall():
            reps[pk] = people
            try:
                sold[pk] = EXACT.add(sold[pk], EXACT.multiply(amount, rates.rate(currency, on or day)))
            except NoRate:
                unknown.add(pk)
    found = [ratio(sold[pk], reps[pk]) for pk in sold if pk not in unknown and sold[pk] > 0]
    return tuple(sorted(exact(each) for each in found if each is not None))
