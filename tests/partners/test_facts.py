"""Facts: equal to their sources after an event and after the night, and not written twice."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.permissions import Role
from partners import actions, facts
from partners.facts import Written
from partners.models import Fact, Touch

pytestmark = pytest.mark.django_db

SEP, OCT, NOV = dt.date(2026, 9, 1), dt.date(2026, 10, 1), dt.date(2026, 11, 1)


@pytest.fixture
def revenue(monkeypatch):
    """A second metric, of money, whose figures a test sets: {(partner, month, currency): value}."""
    figures = {}
    monkeypatch.setattr(facts, "_sources", dict(facts._sources))

    @facts.source("revenue")
    def rows(partner_ids, since):
        for (pk, month, currency), value in figures.items():
            if pk in partner_ids and (since is None or month >= since):
                yield pk, month, value, currency

    return figures


def stored(metric):
    rows = Fact.everything.filter(metric=metric).values_list("partner_id", "month", "currency", "value")
    return {(pk, month, currency): value for pk, month, currency, value in rows}


def test_touches_are_counted_by_month(acme):
    for day in (dt.date(2026, 10, 1), dt.date(2026, 10, 31), dt.date(2026, 11, 1)):
        Touch.everything.create(partner=acme.partner_a, on=day)
    Touch.everything.create(partner=acme.partner_b, on=OCT)
    facts.refresh(metrics=["touches"])
    a, b = acme.partner_a.pk, acme.partner_b.pk
    assert stored("touches") == {(a, OCT, ""): 2, (a, NOV, ""): 1, (b, OCT, ""): 1}


def test_a_touch_noted_shows_in_the_facts_once_it_is_committed(acme, django_capture_on_commit_callbacks):
    cam = acme.users[Role.CAM]
    with django_capture_on_commit_callbacks(execute=True):
        touch = actions.add_touch(by=cam, partner=acme.partner_a, on=OCT)
    assert stored("touches") == {(acme.partner_a.pk, OCT, ""): 1}
    with django_capture_on_commit_callbacks(execute=True):
        actions.remove_touch(by=cam, touch=touch)
    assert stored("touches") == {}


def test_refreshing_writes_what_differs_and_nothing_twice(acme, revenue):
    a, b = acme.partner_a.pk, acme.partner_b.pk
    revenue.update({(a, OCT, "EUR"): Decimal("10.5"), (a, OCT, "USD"): 3, (b, NOV, "EUR"): 7})
    assert facts.refresh(metrics=["revenue"]) == Written(3, 0)
    untouched = Fact.everything.get(partner=b).pk
    assert facts.refresh(metrics=["revenue"]) == Written(0, 0)
    revenue[(a, OCT, "EUR")] = Decimal("11")
    del revenue[(a, OCT, "USD")]
    assert facts.refresh(metrics=["revenue"]) == Written(1, 1)
    assert stored("revenue") == {(a, OCT, "EUR"): 11, (b, NOV, "EUR"): 7}
    assert Fact.everything.get(partner=b).pk == untouched


def test_one_metric_one_partner_and_since_leave_the_rest_alone(acme, revenue):
    a, b = acme.partner_a.pk, acme.partner_b.pk
    revenue.update({(a, SEP, "EUR"): 1, (a, NOV, "EUR"): 1, (b, NOV, "EUR"): 1})
    Touch.everything.create(partner=acme.partner_a, on=OCT)
    facts.refresh()
    for key in revenue:
        revenue[key] = 2
    Touch.everything.all().delete()
    assert facts.refresh(metrics=["revenue"], partner_ids=[a], since=OCT) == Written(1, 0)
    assert stored("revenue") == {(a, SEP, "EUR"): 1, (a, NOV, "EUR"): 2, (b, NOV, "EUR"): 1}
    assert stored("touches") == {(a, OCT, ""): 1}


def test_the_night_repairs_what_was_missed_in_pieces(acme, revenue, monkeypatch):
    monkeypatch.setattr(facts, "CHUNK", 1)
    a, b = acme.partner_a.pk, acme.partner_b.pk
    revenue.update({(a, OCT, "EUR"): 1, (b, OCT, "EUR"): 2})
    Fact.everything.create(partner=acme.partner_b, metric="revenue", month=SEP, value=99, currency="EUR")
    facts.rebuild()
    assert stored("revenue") == revenue


def test_no_partners_no_facts(acme, revenue):
    assert facts.refresh(partner_ids=[]) == Written()
    assert facts.refresh(partner_ids=[10**15]) == Written()


def test_since_is_a_month(acme):
    with pytest.raises(ValueError):
        facts.refresh(since=dt.date(2026, 11, 2))


def test_values_keep_six_decimals(acme, revenue):
    revenue[(acme.partner_a.pk, OCT, "")] = Decimal("61.123456")
    facts.refresh(metrics=["revenue"])
    assert list(stored("revenue").values()) == [Decimal("61.123456")]
    assert facts.refresh(metrics=["revenue"]) == Written(0, 0)
