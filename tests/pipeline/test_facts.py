"""Facts of sales: equal to what is recorded, after each change and after the night."""

import datetime as dt
from datetime import UTC
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.permissions import Role
from partners import facts
from partners.facts import Written
from partners.models import Fact
from pipeline import actions, tasks
from pipeline.models import Deal, DealShare, DealStage, SalesResult, TargetMonth, TargetVersion
from prm.common import actions as settings
from prm.common.models import Policy

SEP, OCT, NOV, DEC = (dt.date(2026, month, 1) for month in (9, 10, 11, 12))


@pytest.fixture(autouse=True)
def today(monkeypatch):
    moment = dt.datetime(2026, 11, 22, 12, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    """with commits(): what is to happen after the commit happens at its end."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def stored(metric):
    rows = Fact.everything.filter(metric=metric).values_list("partner_id", "month", "currency", "value")
    return {(pk, month, currency): value for pk, month, currency, value in rows}


def sold(partner, on, amount, currency="USD"):
    return SalesResult.everything.create(partner=partner, on=on, amount=amount, currency=currency)


def targeted(partner, source, number, first_month, months, currency="USD"):
    version = TargetVersion.everything.create(partner=partner, source=source, number=number, first_month=first_month)
    for month, value in months.items():
        TargetMonth.everything.create(version=version, month=month, value=value, currency=currency)


def deal(partner, stage, amount, *, shares=None, closed_on=None, expected_close=None, currency="USD"):
    made = Deal.everything.create(
        partner=partner, name="Deal", stage=DealStage.objects.get(key=stage), amount=amount, currency=currency,
        created_on=SEP, stage_since=SEP, closed_on=closed_on, expected_close=expected_close,
    )  # fmt: skip
    for owner, percent in (shares or {partner: 100}).items():
        DealShare.everything.create(deal=made, partner=owner, percent=percent)
    return made


def test_a_result_typed_in_shows_once_it_is_committed_and_goes_with_it(acme, commits):
    a, by = acme.partner_a, acme.users[Role.OPERATIONS]
    with commits():
        first = actions.add_result(by=by, partner=a, on=OCT, amount=Decimal("10.50"), currency="USD")
    with commits():
        actions.add_result(by=by, partner=a, on=dt.date(2026, 10, 31), amount=Decimal(-4), currency="USD")
    assert stored("revenue") == {(a.pk, OCT, "USD"): Decimal("6.5")}
    with commits():
        actions.remove_result(by=by, result=first)
    assert stored("revenue") == {(a.pk, OCT, "USD"): -4}


def test_each_result_is_converted_at_the_rate_of_its_day(acme, commits):
    by, a = acme.users[Role.OPERATIONS], acme.partner_a
    for on, rate in (("2026-01-01", "1.1"), ("2026-10-15", "1.2")):
        settings.add_rate(by=by, currency="EUR", on=dt.date.fromisoformat(on), rate=Decimal(rate))
    for day, amount in (("2026-10-14", 10), ("2026-10-15", 10), ("2025-12-31", 7)):
        sold(a, day, amount, "EUR")
    facts.refresh()
    assert stored("revenue") == {(a.pk, OCT, "USD"): 23}
    assert stored("revenue.lack") == {(a.pk, dt.date(2025, 12, 1), "EUR"): 7}


def test_a_new_rate_converts_what_had_none(acme, commits, monkeypatch):
    a = acme.partner_a
    sold(a, "2026-10-14", 10, "CHF")
    facts.refresh()
    assert stored("revenue") == {}
    monkeypatch.setattr(tasks.count_anew, "apply_async", tasks.count_anew.run)
    with commits():
        settings.add_rate(by=acme.users[Role.ADMIN], currency="CHF", on=SEP, rate=Decimal(2))
    assert stored("revenue") == {(a.pk, OCT, "USD"): 20}
    assert stored("revenue.lack") == {}


def test_running_totals_go_on_as_far_as_roll_ups_look(acme):
    a = acme.partner_a
    for day, amount in (("2026-09-30", 5), ("2026-11-01", 7)):
        sold(a, day, amount)
    facts.refresh()
    found = {month: value for (_pk, month, _currency), value in stored("revenue.sum").items()}
    assert [found[month] for month in (SEP, OCT, NOV, DEC)] == [5, 5, 12, 12]
    assert max(found) == dt.date(2028, 2, 1)
    assert len(found) == 18


def test_which_target_is_in_force_month_by_month(acme):
    """A commitment from October on takes September's import away from nobody; it leaves December to the others."""
    a = acme.partner_a
    targeted(a, "import", 1, SEP, {SEP: 1, OCT: 2, NOV: 3, DEC: 4})
    targeted(a, "import", 2, DEC, {DEC: 40})
    targeted(a, "operations", 1, NOV, {NOV: 30})
    targeted(a, "commitment", 1, SEP, {SEP: 100, OCT: 200, NOV: 300, DEC: 400})
    targeted(a, "commitment", 2, OCT, {OCT: 2000})
    facts.refresh()
    found = {month: value for (_pk, month, _currency), value in stored("target.revenue").items()}
    assert found == {SEP: 100, OCT: 2000, NOV: 30, DEC: 40}


def test_a_target_is_converted_at_the_rate_of_the_fiscal_years_first_day(acme):
    a, by = acme.partner_a, acme.users[Role.OPERATIONS]
    settings.update_settings(by=by, fiscal_start_month=7)
    for on, rate in (("2026-01-01", "1.1"), ("2026-07-02", "1.5")):
        settings.add_rate(by=by, currency="EUR", on=dt.date.fromisoformat(on), rate=Decimal(rate))
    targeted(a, "import", 1, OCT, {OCT: 100}, "EUR")
    targeted(acme.partner_b, "import", 1, OCT, {OCT: 100}, "CHF")
    facts.refresh()
    assert stored("target.revenue") == {(a.pk, OCT, "USD"): 110}
    assert stored("target.revenue.lack") == {(acme.partner_b.pk, OCT, "CHF"): 100}


def test_a_shared_deal_counts_for_each_by_its_share(acme):
    a, b = acme.partner_a, acme.partner_b
    deal(a, "won", 200, shares={a: 75, b: 25}, closed_on=OCT)
    deal(b, "lost", 999, closed_on=NOV)
    facts.refresh()
    assert stored("won") == {(a.pk, OCT, "USD"): 150, (b.pk, OCT, "USD"): 50}
    assert stored("won_count") == {(a.pk, OCT, ""): 1, (b.pk, OCT, ""): 1}
    assert stored("lost_count") == {(b.pk, NOV, ""): 1}
    assert stored("revenue") == {}  # a won deal is no sales result
    Policy.objects.create(kind="actuals", starts_on=SEP, data={"from": "won_deals"})
    facts.refresh()
    assert stored("revenue") == stored("won")


def test_pipeline_is_what_closes_from_today_to_the_years_end(acme):
    a, b = acme.partner_a, acme.partner_b
    for day in ("2026-11-21", "2026-11-22", "2026-12-31", "2027-01-01", None):
        deal(a, "proof", 100, expected_close=day, shares={a: 60, b: 40})
    deal(a, "won", 1000, expected_close="2026-12-01", closed_on=NOV)
    targeted(a, "import", 1, NOV, {NOV: 300, dt.date(2027, 1, 1): 900})
    sold(a, "2026-01-01", 30)
    sold(a, "2026-11-23", 500)  # tomorrow's
    facts.refresh()
    assert stored("pipeline") == {(a.pk, NOV, "USD"): 120, (b.pk, NOV, "USD"): 80}
    assert stored("coverage.target") == {(a.pk, NOV, "USD"): 300}
    assert stored("coverage.done") == {(a.pk, NOV, "USD"): 30}


def test_the_next_four_quarters_take_broken_months_by_their_days(acme):
    """22 of November's 30 days a year ahead, 8 of this one's."""
    Policy.objects.create(kind="coverage", starts_on=SEP, data={"index": 3, "window": "next"})
    a = acme.partner_a
    targeted(a, "import", 1, NOV, {NOV: 300, DEC: 50, dt.date(2027, 11, 1): 600, dt.date(2027, 12, 1): 7000})
    sold(a, "2026-11-01", 30)
    deal(a, "proof", 100, expected_close="2027-11-22")
    deal(a, "proof", 100, expected_close="2027-11-23")
    facts.refresh()
    assert stored("coverage.target") == {(a.pk, NOV, "USD"): 80 + 50 + 440}
    assert stored("coverage.done") == {}
    assert stored("pipeline") == {(a.pk, NOV, "USD"): 100}


def test_running_it_again_changes_nothing(acme):
    sold(acme.partner_a, OCT, "10.1234")
    targeted(acme.partner_a, "import", 1, OCT, {OCT: 100})
    deal(
        acme.partner_a, "proof", "99.99", shares={acme.partner_a: "33.33", acme.partner_b: "66.67"}, expected_close=DEC
    )
    assert facts.refresh().written > 10
    assert facts.refresh() == Written(0, 0)
