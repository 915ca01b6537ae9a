"""What speaks for a request: what a partner's verified activities brought."""

import datetime as dt
from decimal import Decimal

from mdf.queries import merit
from prm.common.models import CurrencyRate
from prm.common.vendor import fiscal_calendar, today
from tests.marketing.approved import activity, plan, verified


def test_a_partners_verified_roi(acme):
    before = fiscal_calendar().quarter_of(today()).previous.start
    assert merit.verified(acme.partner_a) == merit.Verified(None, 0, "not_verified")
    verified(activity(plan(acme.partner_a, before)), revenue=1000, cost=100)
    verified(activity(plan(acme.partner_a, before, currency="EUR")), revenue=0, cost=50)
    verified(activity(plan(acme.partner_b, before)), revenue=99_999, cost=1)
    assert merit.verified(acme.partner_a) == merit.Verified(None, 2, "no_rate", ("EUR", before))
    CurrencyRate.objects.create(on=dt.date(2020, 1, 1), currency="EUR", rate=Decimal(2))
    assert merit.verified(acme.partner_a) == merit.Verified(4, 2)  # (1,000 − 100 − 2 × 50) ÷ 200
