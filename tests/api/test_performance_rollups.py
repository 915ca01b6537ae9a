"""The roll-ups of performance by the API: the figures of their pages, for whom they are."""

import datetime as dt
from datetime import UTC
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.permissions import Role
from accounts.tokens import Scope
from partners import facts
from pipeline.models import SalesResult, TargetMonth, TargetVersion


@pytest.fixture
def sold(acme, monkeypatch):
    """It is 22 November 2026; A sold 90 of 100 in October and 50 the October before, B 30 without a target."""
    moment = dt.datetime(2026, 11, 22, 12, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    a, b = acme.partner_a, acme.partner_b
    for partner, day, amount in ((a, "2026-10-03", 90), (a, "2025-10-30", 50), (b, "2026-10-31", 30)):
        SalesResult.everything.create(partner=partner, on=day, amount=amount, currency="USD")
    version = TargetVersion.everything.create(partner=a, source="import", number=1, first_month="2026-10-01")
    TargetMonth.everything.create(version=version, month="2026-10-01", value=100, currency="USD")
    facts.refresh()
    return acme


def value(figure):
    return figure["value"] and Decimal(figure["value"])


def test_each_says_what_its_page_says(sold, api_for):
    api = api_for(sold.users[Role.CHIEF], scopes=[Scope.SALES_READ])
    found = api.get("/rollups/performance", by="region").json()
    assert (found["first"], found["last"], found["currency"]) == ("2026-01-01", "2026-11-22", "USD")
    west, east = (row["figures"] for row in found["rows"])
    assert (value(west["actual"]), value(west["plan"]), value(west["attainment"]), west["rag"]) == (
        90,
        100,
        90,
        "green",
    )
    assert value(west["growth"]) == 80
    assert east["attainment"] == {"value": None, "reason": "No target for these months."}
    assert (value(found["together"]["actual"]), value(found["together"]["attainment"])) == (120, 120)

    months = {row["month"]: row for row in api.get("/rollups/performance/trend").json()["months"]}
    assert value(months["2026-10"]["actual"]) == 120
    assert value(months["2026-10"]["before"]) == 50
    assert months["2026-12"]["actual"] is None

    now = api.get("/rollups/performance/concentration").json()["now"]
    assert (now["partners"], now["needed"]) == (2, 2)
    assert [(Decimal(x), Decimal(y)) for x, y in now["curve"]] == [(0, 0), (50, 75), (100, 100)]

    movers = api.get("/rollups/performance/movers").json()
    assert [(row["name"], value(row["change"])) for row in movers["up"]] == [
        (sold.partner_a.name, 40), (sold.partner_b.name, 30),
    ]  # fmt: skip

    ranking = api.get("/rollups/performance/partners", sort="actual", limit=1, page=2).json()
    assert (ranking["count"], value(ranking["together"]["actual"])) == (2, 120)
    assert [(row["place"], row["partner_id"]) for row in ranking["items"]] == [(2, sold.partner_a.pk)]


def test_a_cam_finds_their_own_partners_and_others_are_refused(sold, api_for):
    own = api_for(sold.users[Role.CAM]).get("/rollups/performance/partners").json()
    assert [row["name"] for row in own["items"]] == [sold.partner_a.name]
    for role in (Role.MARKETING,):
        assert api_for(sold.users[role]).get("/rollups/performance").status_code == 403
    assert api_for(sold.users_a[Role.PARTNER_EXECUTIVE]).get("/rollups/performance").status_code == 403
    token = api_for(sold.users[Role.CHIEF], scopes=[Scope.SCORECARDS_READ])
    assert token.get("/rollups/performance").status_code == 403


def test_a_period_that_is_none_is_an_error(sold, api_for):
    api = api_for(sold.users[Role.CHIEF])
    for query in ({"period": "soon"}, {"by": "colour"}, {"family": "some"}, {"sort": "-actual", "page": 0}):
        path = "/rollups/performance/partners" if "sort" in query else "/rollups/performance"
        assert api.get(path, **query).status_code == 422
