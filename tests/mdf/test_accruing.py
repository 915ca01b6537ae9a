"""Accruals: what results bring, month by month, and what is taken back."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.permissions import Role
from mdf import actions
from mdf.actions.accruing import accrue_all
from mdf.models import Account, Accrual, Entry, Fund
from mdf.queries import funds as queries
from mdf.refusals import Closed, NotAllowed
from pipeline.models import SalesResult
from planning.models import BusinessPlan
from prm.common.models import CurrencyRate
from prm.common.vendor import vendor_settings
from tests.mdf.funding import figures, give


@pytest.fixture
def april(acme, monkeypatch):
    """It is 2 April 2026."""
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime(2026, 4, 2, 12, tzinfo=dt.UTC))


@pytest.fixture
def fund(acme, april):
    """2 % of the results of fiscal 2026, good for three months."""
    return actions.create_fund(
        by=acme.users[Role.MARKETING], name="Accruals", period="2026", currency=vendor_settings().reporting_currency,
        kind=Fund.Kind.ACCRUAL, accrual_rate=Decimal("0.02"), accrual_months=3,
    )  # fmt: skip


def sell(partner, on, amount, currency=None):
    SalesResult.everything.create(
        partner=partner, on=on, amount=Decimal(amount), currency=currency or vendor_settings().reporting_currency
    )


def account_of(fund, partner):
    return Account.everything.get(fund=fund, partner=partner)


def test_each_month_that_is_over_brings_its_share_once(acme, fund):
    if fund.starts_on > dt.date(2026, 2, 1):
        pytest.fail("the fiscal year of these tests begins in January")
    sell(acme.partner_a, dt.date(2026, 2, 10), "10000.25")
    sell(acme.partner_a, dt.date(2026, 3, 31), "5000")
    sell(acme.partner_a, dt.date(2026, 4, 1), "7000")  # April isn't over
    accrue_all()
    accrue_all()
    account = account_of(fund, acme.partner_a)
    assert figures(account) == ("300.01", "0", "0", "0")  # 200.005 is 200.01, and 100
    assert [(row.month, row.booked) for row in Accrual.everything.order_by("month")] == [
        ("2026-02", Decimal("200.01")),
        ("2026-03", Decimal("100.00")),
    ]
    assert not Account.everything.filter(fund=fund, partner=acme.partner_b).exists()
    figure = queries.figures([fund.pk])[fund.pk]
    assert (figure.budget, figure.accrued) == (0, Decimal("300.01"))
    assert queries.adds_up(fund)


def test_results_that_come_late_bring_the_difference(acme, fund):
    sell(acme.partner_a, dt.date(2026, 2, 10), "10000")
    accrue_all()
    sell(acme.partner_a, dt.date(2026, 2, 27), "500")
    actions.change_fund(by=acme.users[Role.MARKETING], fund=fund, accrual_rate=Decimal("0.5"))
    accrue_all()  # at the rate that month was first reckoned with
    assert figures(account_of(fund, acme.partner_a)) == ("210", "0", "0", "0")


def test_negative_results_take_back_what_is_available_and_carry_the_rest(acme, fund, monkeypatch):
    sell(acme.partner_a, dt.date(2026, 2, 10), "10000")
    accrue_all()
    account = account_of(fund, acme.partner_a)
    actions.reserve(account=account, amount=Decimal(150), hold=1, subject=fund, partner=acme.partner_a, by=None)
    sell(acme.partner_a, dt.date(2026, 3, 5), "-6000")  # −120, of which 50 are there
    accrue_all()
    assert figures(account) == ("0", "150", "0", "0")
    assert account.carried == 70
    assert Entry.everything.filter(kind="accrue").latest("id").amount == -50
    sell(acme.partner_a, dt.date(2026, 4, 5), "5000")  # 100, less the 70
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC))
    accrue_all()
    assert figures(account) == ("30", "150", "0", "0")
    assert account.carried == 0
    assert queries.adds_up(fund)


def test_what_is_carried_is_taken_in_a_month_without_results_too(acme, fund, monkeypatch):
    sell(acme.partner_a, dt.date(2026, 2, 10), "1000")  # 20
    sell(acme.partner_a, dt.date(2026, 3, 10), "-2500")  # −50
    accrue_all()
    account = account_of(fund, acme.partner_a)
    assert account.carried == 30
    actions.change_budget(by=acme.users[Role.MARKETING], fund=fund, amount=Decimal(100), reason="more")
    give(acme, fund, "100", partner=acme.partner_a)
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC))
    accrue_all()
    assert figures(account) == ("70", "0", "0", "0")


def test_the_oldest_accrual_is_used_first_and_expires_first(acme, fund, monkeypatch):
    sell(acme.partner_a, dt.date(2026, 1, 10), "10000")  # 200, to the end of April
    sell(acme.partner_a, dt.date(2026, 2, 10), "5000")  # 100, to the end of May
    accrue_all()
    account = account_of(fund, acme.partner_a)
    one = {"subject": fund, "by": None}
    actions.reserve(account=account, amount=Decimal(50), hold=1, partner=acme.partner_a, **one)
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC))
    actions.reserve(account=account, amount=Decimal(60), hold=2, partner=acme.partner_a, **one)
    assert figures(account) == ("40", "110", "0", "150")  # what was left of January went first
    # What line 1 held was January's: released in May it is gone; line 2 held February's.
    assert [entry.kind for entry in actions.release(hold=1, **one)] == ["release", "expire"]
    assert [entry.kind for entry in actions.release(hold=2, **one)] == ["release"]
    assert figures(account) == ("100", "0", "0", "200")
    assert queries.adds_up(fund)


def test_results_in_other_currencies_count_at_the_rates_of_their_day(acme, april):
    own = vendor_settings().reporting_currency
    other, fund_currency = [code for code in ("EUR", "USD", "GBP") if code != own][:2]
    CurrencyRate.objects.create(currency=other, on=dt.date(2026, 1, 1), rate=Decimal("2"))
    CurrencyRate.objects.create(currency=fund_currency, on=dt.date(2026, 1, 1), rate=Decimal("4"))
    made = actions.create_fund(
        by=acme.users[Role.MARKETING], name="Abroad", period="2026", currency=fund_currency, kind=Fund.Kind.BOTH,
        accrual_rate=Decimal("0.1"), budget=Decimal(100),
    )  # fmt: skip
    sell(acme.partner_a, dt.date(2026, 3, 1), "1000", other)
    sell(acme.partner_b, dt.date(2026, 3, 1), "1000", "JPY")  # no rate: it waits
    accrue_all()
    assert figures(account_of(made, acme.partner_a)) == ("50", "0", "0", "0")  # 1,000 × 2 ÷ 4 × 10 %
    assert not Account.everything.filter(fund=made, partner=acme.partner_b).exists()


def test_a_fund_may_ask_for_a_signed_plan(acme, fund):
    actions.change_fund(by=acme.users[Role.MARKETING], fund=fund, needs_signed_plan=True)
    BusinessPlan.everything.create(
        partner=acme.partner_a, number=1, status="committed", first_month=dt.date(2026, 3, 1), shared=True,
        currency="EUR", committed_at=timezone.now(), committed_on=dt.date(2026, 3, 15), content_hash="x",
    )  # fmt: skip
    for partner in (acme.partner_a, acme.partner_b):
        sell(partner, dt.date(2026, 2, 10), "1000")
        sell(partner, dt.date(2026, 3, 10), "1000")
    accrue_all()
    assert list(Accrual.everything.values_list("partner", "month")) == [(acme.partner_a.pk, "2026-03")]


def test_an_expired_fund_accrues_no_more_and_only_who_edits_funds_may_ask(acme, fund, monkeypatch):
    with pytest.raises(NotAllowed):
        actions.accrue(fund=fund, by=acme.users[Role.CAM])
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime(2028, 5, 1, 12, tzinfo=dt.UTC))
    with pytest.raises(Closed):
        actions.accrue(fund=fund, by=acme.users[Role.MARKETING])
