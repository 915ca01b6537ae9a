"""What a partner used of funds, from the dated ledger: today what the overview says, and of a day gone by what it said then."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.permissions import Role
from marketing import spent as paid
from marketing.models import Activity
from mdf import actions, overview
from mdf.models import Account, Entry, Line
from mdf.queries import past
from prm.common.models import CurrencyRate
from prm.common.vendor import today
from tests.mdf.asking import approved, cam, claimed, lines
from tests.mdf.funding import give, make_fund

pytestmark = pytest.mark.django_db


@pytest.fixture
def days(acme, monkeypatch):
    """6,000 approved on the first day, 2,000 of it claimed on the second, 1,500 on the third; partner B has 1,000 of the same fund."""
    first = today()

    def on(day):
        monkeypatch.setattr(
            timezone, "now", lambda: dt.datetime.combine(first + dt.timedelta(days=day), dt.time(12), dt.UTC)
        )

    fund = make_fund(acme, budget="50000")
    give(acme, fund, "10000", partner=acme.partner_a)
    line = lines(approved(acme, fund, "6000"))[0]
    approved(acme, fund, "1000", partner=acme.partner_b)
    for day, amount in ((1, "4000"), (2, "3000")):
        on(day)
        actions.decide_claim(by=cam(acme), claim=claimed(acme, line, amount))
    return first, line


def figures(found):
    return found.reserved, found.spent, found.available


def test_each_day_is_told_as_it_was(acme, days):
    first, line = days
    second, third = first + dt.timedelta(days=1), first + dt.timedelta(days=2)
    assert figures(past.used(acme.partner_a, first, first)) == (6000, 0, 4000)
    assert figures(past.used(acme.partner_a, first, second)) == (4000, 2000, 4000)
    assert figures(past.used(acme.partner_a, first, third)) == (2500, 3500, 4000)
    assert figures(past.used(acme.partner_a, third, third)) == (2500, 1500, 4000), (
        "spent counts from the first day asked for"
    )
    assert past.used(acme.partner_a, first, first - dt.timedelta(days=1)).is_nothing
    activities = Activity.everything.filter(pk=line.activity_id)
    assert paid.of(activities, second) == {line.activity_id: Decimal(2000)}
    assert paid.of(activities, third) == paid.of(activities) == {line.activity_id: Decimal(3500)}


def test_today_it_is_what_the_overview_says(acme, days):
    first, _line = days
    for partner in (acme.partner_a, acme.partner_b):
        user = acme.users[Role.MARKETING]
        of = Line.objects.visible_to(user).filter(request__partner=partner)
        told = overview.overview(overview.PARTNER, of, Account.objects.visible_to(user).filter(partner=partner)).total
        found = past.used(partner, first, today())
        assert (found.currency, found.reserved, found.spent) == ("EUR", told.reserved, told.spent)
        assert found.available == told.available


def test_what_was_taken_back_counts_from_the_day_it_was(acme, days, monkeypatch):
    first, line = days
    third = first + dt.timedelta(days=2)
    entry = Entry.everything.filter(hold=line.pk, kind=Entry.Kind.SPEND).order_by("pk").first()
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime.combine(third + dt.timedelta(days=1), dt.time(12), dt.UTC))
    actions.reverse(by=acme.users[Role.MARKETING], entry=entry, reason="Paid twice")
    assert figures(past.used(acme.partner_a, first, third)) == (2500, 3500, 4000)
    assert figures(past.used(acme.partner_a, first, third + dt.timedelta(days=1))) == (4500, 1500, 4000)


def test_in_several_currencies_it_is_in_the_reporting_one(acme, days):
    first, _line = days
    CurrencyRate.objects.create(on=dt.date(2020, 1, 1), currency="EUR", rate=Decimal("1.1"))
    dollars = make_fund(acme, budget="5000", name="Dollars", currency="USD")
    give(acme, dollars, "500", partner=acme.partner_a)
    found = past.used(acme.partner_a, first, today())
    assert (found.currency, found.lack) == ("USD", "")
    assert figures(found) == (Decimal("2750"), Decimal("3850"), Decimal("4900"))
