"""Where leads and deals came from, and what came of activities, by API."""

from decimal import Decimal

import pytest

from accounts.permissions import Role
from marketing import spent
from marketing.actions import attributing
from marketing.models import How
from prm.common.vendor import fiscal_calendar, today
from tests.marketing.approved import activity, deal, lead, plan, verified


@pytest.fixture(autouse=True)
def _no_funds(monkeypatch):
    """Where nobody keeps funds, what was approved counts as paid."""
    monkeypatch.setattr(spent, "_sources", [])


@pytest.fixture
def webinar(acme):
    return activity(plan(acme.partner_a))


def test_a_lead_with_a_code_and_what_came_of_it(acme, api_for, webinar, django_capture_on_commit_callbacks):
    ops = api_for(acme.users[Role.OPERATIONS])
    with django_capture_on_commit_callbacks(execute=True):
        made = ops.post(
            "/leads",
            {"company": "Contoso", "source": "web", "campaign": f"?utm_source=x&utm_campaign={webinar.code}"},
        )
    assert made.status_code == 201, made.content
    found = ops.get(f"/leads/{made.json()['id']}/source").json()
    assert (found["source"]["activity"], found["source"]["how"], found["influences"]) == (webinar.pk, "utm", [])
    actuals = ops.get(f"/marketing/activities/{webinar.pk}/actuals").json()
    assert (actuals["inquiries"], actuals["mqls"], actuals["revenue"]) == (1, 0, "0")


def test_a_deals_source_is_changed_with_a_reason(acme, api_for, webinar):
    cam, ours = api_for(acme.users[Role.CAM]), deal("Servers", acme.partner_a, won=True, amount=500)
    event = activity(webinar.plan, kind="event")
    path = f"/deals/{ours.pk}/source"
    assert cam.put(path, {"activity": webinar.pk}).json()["source"]["how"] == "choice"
    assert cam.put(path, {"activity": event.pk}).json()["errors"][0]["field"] == "reason"
    assert cam.put(path, {"activity": event.pk, "reason": "The fair"}).json()["source"]["activity"] == event.pk
    theirs = activity(plan(acme.partner_b))
    assert cam.put(path, {"activity": theirs.pk, "reason": "X"}).status_code == 422
    assert cam.get(f"/marketing/activities/{event.pk}/actuals").json()["revenue"] == "500"


def test_of_another_partners_activity_only_that_there_is_one_is_told(acme, api_for):
    came = lead("Contoso", acme.partner_a)
    attributing.touch(activity=activity(plan(acme.partner_b)), how=How.LINK, lead=came)
    found = api_for(acme.users[Role.CAM]).get(f"/leads/{came.pk}/source").json()
    assert found["source"]["activity"] is None


def test_forecast_against_actual(acme, api_for):
    before = fiscal_calendar().quarter_of(today()).previous.start
    webinar = activity(plan(acme.partner_a, before), mdf_approved=Decimal(4000))
    verified(webinar)
    found = api_for(acme.users[Role.MARKETING]).get("/marketing/returns", by="partner").json()
    (row,) = found["rows"]
    assert (row["key"], row["verified"], row["not_verified"]) == (str(acme.partner_a.pk), 1, 0)
    assert row["forecast"]["mgos"]["value"] == "48.0"
    assert row["forecast"]["revenue_roi"]["value"] == "23"
    assert row["actual"]["revenue_roi"]["value"] == "10.25"
    assert row["mdf_roi"]["value"] == "14.75"
    assert len(found["next_six_months"]) == 6
    assert api_for(acme.users[Role.MARKETING]).get("/marketing/returns", by="nonsense").status_code == 422


def test_the_roll_up(acme, api_for):
    found = api_for(acme.users[Role.CHIEF]).get("/rollups/marketing", by="tier").json()
    assert found["together"]["partners"] == 2
    assert found["together"]["needed"] == {"value": None, "reason": "No program worksheet is kept for the period."}
