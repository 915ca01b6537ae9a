"""What became of plans, by the API: the figures of the pages, for whom they are."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.utils import timezone

from accounts.permissions import Role
from accounts.tokens import Scope
from partners import facts
from planning.models import Reforecast, Side
from tests.planning.committed import asked, committed, draft, sold, targets, won

DAY = dt.date(2026, 9, 10)
READS = [Scope.PLANS_READ]


@pytest.fixture
def plan(acme, monkeypatch):
    """1,200 and two deals a month from July on; sold 900 in July, 1,260 in August, 70 so far in September."""
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime.combine(DAY, dt.time(12), dt.UTC))
    made = committed(acme, acme.partner_a)
    for day, amount in ((dt.date(2026, 7, 31), "900"), (dt.date(2026, 8, 3), "1260"), (dt.date(2026, 9, 1), "70")):
        sold(acme.partner_a, day, amount)
    won(acme.partner_a, dt.date(2026, 7, 8))
    facts.refresh()
    return made


@pytest.mark.parametrize("who", [lambda w: w.users[Role.CAM], lambda w: w.users_a[Role.PARTNER_SELLER]])
def test_plan_against_actual(acme, plan, api_for, who):
    found = api_for(who(acme), scopes=READS).get(f"/plans/{plan.pk}/actuals").json()
    assert (found["as_of"], found["currency"], len(found["months"])) == ("2026-09", "USD", 36)
    assert found["to_date"] == {
        "months": 2,
        "plan": {"revenue": "2400", "deals": "4", "lacking": None},
        "actual": {"revenue": "2160", "deals": "1", "lacking": None},
        "attainment": "90",
        "deals_attainment": "25",
    }
    assert found["months"][2] == {
        "month": "2026-09",
        "state": "running",
        "plan": {"revenue": "1200", "deals": "2", "lacking": None},
        "actual": {"revenue": "70", "deals": "0", "lacking": None},
        "reforecast": {"revenue": "1200", "deals": "2", "lacking": None},
    }
    assert found["months"][3]["actual"] is None
    assert found["together"]["reforecast"]["revenue"] == "42960"
    assert [year["plan"]["revenue"] for year in found["years"]] == ["14400"] * 3


def test_what_has_no_rate_is_named(acme, plan, api_for):
    sold(acme.partner_a, dt.date(2026, 8, 4), "5", "CHF")
    api = api_for(acme.users[Role.CAM])
    found = api.get(f"/plans/{plan.pk}/actuals").json()
    assert found["to_date"]["actual"] == {"revenue": None, "deals": "1", "lacking": "CHF"}
    assert found["to_date"]["attainment"] is None
    assert api.post(f"/plans/{plan.pk}/reforecasts", {}).status_code == 422


def test_a_re_forecast_is_confirmed_and_listed(acme, plan, api_for):
    api = api_for(acme.users[Role.CAM])
    made = api.post(f"/plans/{plan.pk}/reforecasts", {"note": "Slow start"})
    assert made.status_code == 201
    assert made.json()["months"][0] == {"month": "2026-07", "revenue": "900", "deals": "1", "actual": True}
    assert (made.json()["as_of"], made.json()["on"]) == ("2026-09", "2026-09-10")
    assert api.post(f"/plans/{plan.pk}/reforecasts", {}).json()["id"] == made.json()["id"]
    listed = api_for(acme.users_a[Role.PARTNER_EXECUTIVE]).get(f"/plans/{plan.pk}/reforecasts").json()
    assert listed == {"items": [made.json()], "next": None}
    assert Reforecast.everything.count() == 1


def test_only_a_plan_in_force_is_confirmed_and_a_draft_has_nothing_to_follow(acme, plan, api_for):
    api = api_for(acme.users[Role.CAM])
    own = draft(acme, acme.partner_a, number=2)
    assert api.get(f"/plans/{own.pk}/actuals").status_code == 404
    plan.status = "superseded"
    plan.save()
    refused = api.post(f"/plans/{plan.pk}/reforecasts", {})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:cadence:problem:closed")


def test_what_moved(acme, plan, api_for):
    made = draft(acme, acme.partner_a, number=2, follows=plan, scenario="stretch", currency="EUR")
    api = api_for(acme.users[Role.CAM])
    found = api.get(f"/plans/{made.pk}/comparison").json()
    assert (found["rows"], found["texts"], found["terms"]) == ([], [], None)
    assert found["before"]["revenue"] == "72000.00"
    assert (found["after"]["revenue"], found["after"]["scenario"], found["after"]["currency"]) == (
        "102960.00",
        "stretch",
        "EUR",
    )
    content = made.content
    content["lines"][0]["sale"]["deal_size"] = "1500"
    made.save()
    row = api.get(f"/plans/{made.pk}/comparison", version=1).json()["rows"][0]
    assert row["moved"] == [{"field": "lines.sale.deal_size", "before": "1000", "after": "1500"}]
    assert api.get(f"/plans/{plan.pk}/comparison").status_code == 404
    assert api.get(f"/plans/{made.pk}/comparison", version=7).status_code == 404


def test_who_still_has_to_sign(acme, plan, api_for):
    theirs = draft(acme, acme.partner_b)
    executive = acme.users_b[Role.PARTNER_EXECUTIVE]
    asked(theirs, Side.PARTNER, executive, on=DAY - dt.timedelta(days=31))
    assert api_for(acme.cam_b).get("/plans/unsigned").json()["items"] == [
        {
            "plan": theirs.pk,
            "partner": acme.partner_b.pk,
            "partner_name": acme.partner_b.name,
            "asked_on": "2026-08-10",
            "days": 31,
            "users": [executive.pk],
        }
    ]
    assert api_for(acme.users[Role.CAM]).get("/plans/unsigned").json()["items"] == []


def test_commitment_by_group_and_by_partner(acme, plan, api_for):
    targets(acme.partner_a, "operations", {dt.date(2026, month, 1): 1000 for month in range(1, 13)})
    api = api_for(acme.users[Role.CHIEF], scopes=READS)
    found = api.get("/rollups/commitment", by="region").json()
    assert (found["period"], found["first"], found["last"]) == ("2026", "2026-01-01", "2026-12-31")
    west, east = found["rows"]
    assert (west["key"], west["partners"], west["signed"], east["signed"]) == ("west", 1, 1, 0)
    figures = {name: figure["value"] for name, figure in west["figures"].items() if isinstance(figure, dict)}
    assert {name: D(value) for name, value in figures.items()} == {
        "target": 12000, "plan": 7200, "plan_of_target": 60, "plan_so_far": 2400, "actual": 2160, "attainment": 90, "forecast": 6960,
    }  # fmt: skip
    assert west["figures"]["rag"] == "green"
    assert east["figures"]["plan"] == {"value": None, "reason": "No plan in force for these months."}
    assert found["together"]["signed_share"]["value"] == "50"
    listed = api.get("/rollups/commitment/partners", plan="signed").json()
    assert (listed["count"], listed["items"][0]["partner"], listed["items"][0]["plan"]) == (
        1,
        acme.partner_a.pk,
        plan.pk,
    )
    assert listed["items"][0]["figures"] == west["figures"]
    assert api.get("/rollups/commitment", period="2010").status_code == 422
    assert api.get("/rollups/commitment", moved="up").status_code == 422
