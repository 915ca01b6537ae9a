"""Leads through the API: brought in, given out, answered, worked on; the rules; what a partner is told."""

import datetime as dt
import json

import pytest
from django.utils import timezone

from accounts.permissions import Role
from leads import actions
from leads.models import Lead, LeadOffer
from prm.common import jobs
from prm.common.models import VendorSettings
from prm.common.vendor import today
from prm.tenancy.tasks import HEADER
from tests.api.conftest import problem
from tests.leads.conftest import new_lead
from tests.world import make_partner, make_user

SECRETS = ("Pat Secret", "pat@contoso.example", "555 0100", "Asked for a price")
LEAD = {
    "company": "Contoso", "source": "web", "need": "Two servers", "country": "Norway", "score": "80", "person": "Pat Secret",
    "email": "pat@contoso.example", "phone": "+1 555 0100", "consent_from": "Form", "consent_on": "2026-01-02",
    "activity": "Asked for a price", "external_id": "HS-1",
}  # fmt: skip


@pytest.fixture
def admin(acme, api_for):
    return api_for(acme.users[Role.ADMIN])


@pytest.fixture
def partner(acme, api_for):
    return api_for(acme.users_a[Role.PARTNER_SELLER])


def test_from_the_form_to_the_contact(acme, admin, partner):
    made = admin.post("/leads", {**LEAD, "distribute": False}, key="1")
    assert made.status_code == 201
    pk = made.json()["id"]
    assert (made.json()["grade"], made.json()["country"], made.json()["holder"]) == ("A", "NO", "queue")
    assert admin.post("/leads", {**LEAD, "distribute": False}, key="1").json()["id"] == pk
    given = admin.post(f"/leads/{pk}/offer", {"partner": acme.partner_a.pk}).json()
    assert (given["state"], given["offered_to"]) == ("offered", acme.partner_a.pk)
    offer = partner.get("/lead-offers").json()["items"][0]
    shown = [offer, partner.get(f"/lead-offers/{offer['id']}").json(), partner.get("/leads").json()]
    assert not any(secret in json.dumps(shown) for secret in SECRETS)
    assert (offer["company"], offer["lead"], offer["is_open"]) == ("Contoso", None, True)
    assert partner.get(f"/leads/{pk}").status_code == 404
    assert partner.get("/lead-offers", lead=pk).json()["items"] == []
    taken = partner.post(f"/lead-offers/{offer['id']}/accept").json()
    assert (taken["person"], taken["email"], taken["state"]) == ("Pat Secret", "pat@contoso.example", "accepted")
    assert (taken["score"], taken["external_id"], taken["campaign"]) == (None, None, "")
    assert partner.post(f"/leads/{pk}/contacted", {"note": "Called"}).json()["state"] == "contacted"
    assert partner.post(f"/leads/{pk}/qualified", {}).json()["state"] == "qualified"
    assert [step["kind"] for step in partner.get(f"/leads/{pk}/history").json()["items"]] == [
        "offered", "accepted", "contacted", "qualified",
    ]  # fmt: skip
    assert problem(admin.post(f"/leads/{pk}/offer", {"partner": acme.partner_b.pk}), 409)["type"].endswith("not-now")
    assert admin.get("/leads", state="qualified", grade="A", q="conto").json()["items"][0]["id"] == pk
    assert admin.get("/leads", state="new").json()["items"] == []
    assert problem(admin.get("/leads", stat="new"), 422)


def test_what_is_wrong_is_said_by_field(admin):
    body = problem(admin.post("/leads", {**LEAD, "consent_on": None, "email": "pat"}), 422)
    assert {error["field"] for error in body["errors"]} == {"consent_on", "email"}
    assert problem(admin.post("/leads", {**LEAD, "source": "nowhere"}), 422)["errors"][0]["field"] == "source"
    assert admin.post("/leads", LEAD).status_code == 201
    again = problem(admin.post("/leads", LEAD), 422)
    assert "external id" in json.dumps(again)


def test_too_late_says_why(acme, admin, partner):
    lead = new_lead(acme.users[Role.ADMIN])
    offer = actions.offer(by=acme.users[Role.ADMIN], lead=lead, partner=acme.partner_a)
    LeadOffer.everything.filter(pk=offer.pk).update(answer_by=dt.datetime(2026, 1, 7, tzinfo=dt.UTC))
    refused = problem(partner.post(f"/lead-offers/{offer.pk}/accept"), 409)
    assert refused["type"].endswith("too-late")
    assert "time to answer was up" in refused["detail"]


def test_a_run_of_the_rules_is_told_with_its_numbers(acme, admin, api_for):
    pk = admin.post("/leads", LEAD).json()["id"]
    admin.post(f"/leads/{pk}/distribute")
    run = admin.get(f"/leads/{pk}/distributions").json()["items"][0]
    first, second = run["candidates"]
    assert run["weights"] == {"topic": "40", "record": "30", "room": "20", "tier": "10"}
    assert first["partner"] == acme.partner_a.pk
    assert first["parts"] == {"topic": "0.5", "record": "0.25", "room": "1", "tier": second["parts"]["tier"]}
    total = 40 * 0.5 + 30 * 0.25 + 20 + 10 * float(first["parts"]["tier"])
    assert float(first["total"]) == pytest.approx(total)
    masked = api_for(acme.users[Role.CAM]).get(f"/leads/{pk}/distributions").json()["items"][0]
    assert [each["partner"] for each in masked["candidates"]] == [acme.partner_a.pk, None]


def test_a_distributor_reads_no_figures_of_other_partners(acme, admin, partner, api_for, client_for):
    """The candidates of a lead are other companies' scores and records, with or without their names."""
    pk = admin.post("/leads", LEAD).json()["id"]
    admin.post(f"/leads/{pk}/distribute")
    offer = Lead.everything.get(pk=pk).offers.get()
    assert partner.post(f"/lead-offers/{offer.pk}/accept").status_code == 200
    house = make_partner(acme, "H", name="House")
    type(house).everything.filter(pk=acme.partner_a.pk).update(distributor=house)
    user = make_user(acme, "house", Role.DISTRIBUTOR, partner=house)
    api = api_for(user)
    assert api.get(f"/leads/{pk}").status_code == 200
    assert api.get(f"/leads/{pk}/distributions").status_code == 403
    assert api.get("/lead-policy").status_code == 403
    assert "Free places" in client_for(acme.users[Role.ADMIN]).get(f"/leads/{pk}/").content.decode()
    assert "Free places" not in client_for(user).get(f"/leads/{pk}/").content.decode()


def test_the_rules_as_a_document(admin, api_for, acme):
    assert admin.get("/lead-policy").json()["starts_on"] is None
    policy = {"rules": [{"name": "Norway", "when": {"countries": ["NO"]}, "to": {"tiers": ["gold"]}}, {"name": "All"}]}
    day = today().isoformat()
    made = admin.post("/lead-policy/versions", {"starts_on": day, "policy": policy})
    assert made.status_code == 201
    assert admin.get("/lead-policy").json()["policy"]["rules"][0]["to"]["tiers"] == ["gold"]
    assert len(admin.get("/lead-policy/versions").json()["items"]) == 1
    wrong = {**policy, "rules": [{"name": "X", "to": {"tiers": ["diamond"]}}], "grades": {"A": "10"}}
    body = problem(admin.post("/lead-policy/versions", {"starts_on": day, "policy": wrong}), 422)
    assert {error["field"] for error in body["errors"]} == {"rules.0.to.tiers", "grades"}
    assert problem(admin.post("/lead-policy/versions", {"starts_on": "2020-01-01", "policy": policy}), 422)
    assert problem(admin.delete(f"/lead-policy/versions/{made.json()['id']}"), 422)
    assert api_for(acme.users[Role.CAM]).post("/lead-policy/versions", {}).status_code == 403


def test_places_of_a_partner(acme, admin, api_for):
    path = f"/partners/{acme.partner_a.pk}/lead-capacity"
    assert admin.put(path, {"capacity": 3, "turns": 2}).json() == {
        "partner": acme.partner_a.pk, "open": 0, "capacity": 3, "own": True, "turns": 2,
    }  # fmt: skip
    rows = {row["partner"]: row for row in admin.get("/lead-capacities").json()["items"]}
    assert (rows[acme.partner_b.pk]["capacity"], rows[acme.partner_b.pk]["own"]) == (10, False)
    assert [row["partner"] for row in api_for(acme.cam_b).get("/lead-capacities").json()["items"]] == [
        acme.partner_b.pk
    ]


def test_a_trial_and_the_fairness_report(acme, admin, partner):
    pk = admin.post("/leads", LEAD).json()["id"]
    admin.post(f"/leads/{pk}/distribute")
    day = today().isoformat()
    tried = {"rules": [{"name": "B only", "to": {"partners": [acme.partner_b.pk]}}]}
    started = admin.post("/lead-trials", {"policy": tried, "since": day, "until": day})
    assert started.status_code == 202
    assert started.json()["rows"] is None
    jobs.run_job.apply(args=(started.json()["job"],), headers={HEADER: "acme"}, throw=True)
    found = admin.get(f"/lead-trials/{started.json()['id']}").json()
    row = {"before": f"partner:{acme.partner_a.pk}", "after": f"partner:{acme.partner_b.pk}", "rule": "B only"}
    assert (found["changed"], found["rows"]) == (1, [{"lead": pk, **row}])
    assert Lead.everything.get().offers.get().partner == acme.partner_a
    report = admin.get("/leads/fairness").json()
    assert [(cell["to"], cell["grade"], cell["leads"]) for cell in report["cells"]] == [("queue", "A", 1)]
    assert (report["partners"], report["partners_with_good"]) == (2, 0)
    own = partner.get(f"/partners/{acme.partner_a.pk}/lead-fairness").json()
    assert own["everybody"] is None
    assert partner.get(f"/partners/{acme.partner_b.pk}/lead-fairness").status_code == 404
    assert partner.get("/leads/fairness").status_code == 403


def test_taken_back_it_is_given_out_anew(acme, admin, partner):
    pk = admin.post("/leads", LEAD).json()["id"]
    admin.post(f"/leads/{pk}/offer", {"partner": acme.partner_a.pk})
    partner.post(f"/lead-offers/{LeadOffer.everything.get().pk}/accept")
    assert problem(admin.post(f"/leads/{pk}/pull-back", {}), 422)
    assert partner.post(f"/leads/{pk}/pull-back", {"reason": "Not ours"}).status_code == 403
    back = admin.post(f"/leads/{pk}/pull-back", {"reason": "Nobody calls"}).json()
    assert (back["state"], back["holder"], back["partner"]) == ("new", "queue", None)
    assert Lead.everything.get().distribute_at is not None
    assert problem(admin.post(f"/leads/{pk}/pull-back", {"reason": "Again"}), 409)["type"].endswith("not-now")


def test_days_are_the_vendors_and_no_lead_comes_from_the_future(acme, admin):
    zoned = VendorSettings.objects.get()
    zoned.time_zone = "Pacific/Auckland"
    zoned.save()
    admin.post("/leads", LEAD | {"came_in_at": "2026-01-05T20:00:00Z"})  # the 6th in Auckland
    assert len(admin.get("/leads", came_from="2026-01-06", came_to="2026-01-06").json()["items"]) == 1
    assert admin.get("/leads", came_to="2026-01-05").json()["items"] == []
    assert problem(admin.get("/leads", came_to="9999-12-31"), 422)
    later = (timezone.now() + dt.timedelta(minutes=5)).isoformat()
    body = problem(admin.post("/leads", LEAD | {"external_id": "HS-2", "came_in_at": later}), 422)
    assert [error["field"] for error in body["errors"]] == ["came_in_at"]
    assert problem(admin.post("/leads", LEAD | {"came_in_at": "0001-01-01T00:00:00+14:00"}), 422)


def test_a_name_that_nobody_could_read_is_refused_and_any_script_is_taken(admin):
    for name in ("\u200b", "Con\u202etoso", "a\tb"):
        body = problem(admin.post("/leads", LEAD | {"company": name}), 422)
        assert [error["field"] for error in body["errors"]] == ["company"]
    for number, name in enumerate(("株式会社南風", "Łódź & Søn", "شركة", "🙂 GmbH")):
        assert admin.post("/leads", LEAD | {"company": name, "external_id": f"X-{number}"}).json()["company"] == name


def test_days_that_can_not_be_reckoned_with_are_refused(admin, partner, acme):
    for path, asking in (("/leads/fairness", admin), (f"/partners/{acme.partner_a.pk}/lead-fairness", partner)):
        for wrong in ({"until": "9999-12-31"}, {"until": "0001-01-01"}, {"since": "0001-01-01"}):
            assert problem(asking.get(path, **wrong), 422)
