"""Objectives through the API."""

import pytest

from accounts.permissions import Role
from partners.models import Objective
from partners.objectives import actions, queries


@pytest.fixture
def cam(acme, api_for):
    return api_for(acme.users[Role.CAM])


@pytest.fixture
def theirs(acme, api_for):
    return api_for(acme.users_a[Role.PARTNER_EXECUTIVE])


def wrong(response):
    assert response.status_code == 422, response.content
    return {error["field"] for error in response.json()["errors"]}


def test_an_objective_from_setting_it_to_having_met_it(acme, cam, theirs):
    at = f"/partners/{acme.partner_a.pk}/objectives"
    made = theirs.post(at, {"title": "Win", "yardstick": "Deals won", "unit": "deals", "baseline": "2", "goal": "12"})
    assert made.status_code == 201
    row = made.json()
    assert (row["side"], row["state"], row["percent"], row["met"]) == ("partner", "none", None, None)
    assert made["Location"].endswith(f"/api/v1/objectives/{row['id']}")
    entered = cam.put(f"/objectives/{row['id']}/progress/1", {"value": "7", "note": "Half"}).json()
    assert (entered["percent"], entered["display"], entered["met"], entered["state"]) == (
        "50.000000000000", 50, False, "open",
    )  # fmt: skip
    assert entered["progress"] == [
        {
            "quarter": 1,
            "value": "7.00",
            "percent": "50.000000000000",
            "note": "Half",
            "on": entered["progress"][0]["on"],
        }
    ]
    kept = theirs.put(f"/objectives/{row['id']}/progress/1", {"value": "12", "was": "7"}).json()
    assert (kept["met"], kept["progress"][0]["note"]) == (True, "Half")
    clash = cam.put(f"/objectives/{row['id']}/progress/1", {"value": "3", "was": "7"})
    assert clash.status_code == 409
    assert clash.json()["type"].endswith("changed")
    assert cam.delete(f"/objectives/{row['id']}").status_code == 422
    assert cam.delete(f"/objectives/{row['id']}/progress/1").status_code == 204
    assert cam.delete(f"/objectives/{row['id']}").status_code == 204
    assert not Objective.everything.exists()


def test_what_is_wrong_is_named(acme, cam, theirs):
    at = f"/partners/{acme.partner_a.pk}/objectives"
    body = {"title": "Win", "yardstick": "Deals"}
    assert wrong(cam.post(at, {**body, "goal": "3"})) == {"baseline"}
    assert wrong(cam.post(at, {**body, "baseline": "3", "goal": "3"})) == {"goal"}
    assert wrong(cam.post(at, {**body, "fiscal_year": 1950})) == {"fiscal_year"}
    assert wrong(cam.post(at, {**body, "goal": "1" * 30, "baseline": "1"})) == {"goal"}
    assert wrong(cam.post(at, {"title": "Win"})) == {"yardstick"}
    assert theirs.post(at, {**body, "side": "vendor"}).status_code == 403
    pk = cam.post(at, {**body, "side": "vendor"}).json()["id"]
    assert theirs.patch(f"/objectives/{pk}", {"title": "No"}).status_code == 403
    assert wrong(cam.put(f"/objectives/{pk}/progress/1", {"value": "1001"})) == {"value"}
    assert cam.put(f"/objectives/{pk}/progress/5", {"value": "1"}).status_code == 422
    assert wrong(cam.patch(f"/objectives/{pk}", {"dropped": True})) == {"dropped_reason"}
    assert wrong(cam.patch(f"/objectives/{pk}", {"dropped_reason": "x"})) == {"dropped_reason"}
    dropped = cam.patch(f"/objectives/{pk}", {"dropped": True, "dropped_reason": "No market"}).json()
    assert (dropped["state"], dropped["dropped_reason"]) == ("dropped", "No market")
    assert cam.patch(f"/objectives/{pk}", {"dropped": False, "unit": "%"}).json()["state"] == "none"


def test_little_to_do_and_far_surpassed_is_told_exactly(acme, cam, client_for):
    at = f"/partners/{acme.partner_a.pk}/objectives"
    body = {"title": "Win", "yardstick": "Deals won", "baseline": "0", "goal": "0.01"}
    pk = cam.post(at, body).json()["id"]
    most = "99999999999999.99"
    entered = cam.put(f"/objectives/{pk}/progress/1", {"value": most})
    assert entered.status_code == 200
    assert entered.json()["percent"] == "999999999999999900.000000000000"
    assert cam.get("/objectives").json()["items"][0]["percent"] == entered.json()["percent"]
    client = client_for(acme.users[Role.CAM])
    for page in ("/objectives/", "/objectives/export/csv/", "/objectives/export/xlsx/"):
        assert client.get(page).status_code == 200, page


def test_a_change_that_is_refused_in_part_is_refused_as_a_whole(acme, cam):
    pk = cam.post(f"/partners/{acme.partner_a.pk}/objectives", {"title": "Win", "yardstick": "Deals"}).json()["id"]
    assert wrong(cam.patch(f"/objectives/{pk}", {"title": "Lose", "dropped": True})) == {"dropped_reason"}
    assert cam.get(f"/objectives/{pk}").json()["title"] == "Win"


def test_the_list_is_of_a_year_and_narrowed_like_partners(acme, cam, theirs):
    year = queries.this_year().year
    admin = acme.users[Role.ADMIN]
    for partner in (acme.partner_a, acme.partner_b):
        for side in ("partner", "vendor"):
            for then in (year, year - 1):
                actions.add_objective(
                    by=admin, partner=partner, side=side, fiscal_year=then, title=f"{side} {then}", yardstick="Any"
                )
    seen = cam.get("/objectives").json()["items"]
    assert {(row["partner"], row["fiscal_year"]) for row in seen} == {(acme.partner_a.pk, year)}
    assert len(seen) == 2
    assert len(theirs.get("/objectives", year=str(year - 1), side="vendor").json()["items"]) == 1
    assert cam.get("/objectives", region="east").json()["items"] == []
    assert cam.get("/objectives", state="nonsense").status_code == 422
    assert len(cam.get(f"/partners/{acme.partner_a.pk}/objectives").json()["items"]) == 4
    assert cam.get(f"/partners/{acme.partner_b.pk}/objectives").status_code == 404


def test_last_years_are_proposed_and_taken_over(acme, cam, theirs):
    year = queries.this_year().year
    admin = acme.users[Role.ADMIN]
    old = {
        side: actions.add_objective(
            by=admin, partner=acme.partner_a, side=side, fiscal_year=year - 1, title="Win", yardstick="Deals",
            baseline=0, goal=10,
        )
        for side in ("partner", "vendor")
    }  # fmt: skip
    at = f"/partners/{acme.partner_a.pk}/objectives"
    proposed = theirs.get(f"{at}/proposals").json()["items"]
    assert [(row["before"], row["baseline"], row["goal"]) for row in proposed] == [(old["partner"].pk, "0.00", "10.00")]
    assert len(cam.get(f"{at}/proposals", fiscal_year=year).json()["items"]) == 2
    assert wrong(theirs.post(f"{at}/take-over", {"objectives": [old["vendor"].pk]})) == {"objectives"}
    assert wrong(cam.post(f"{at}/take-over", {"fiscal_year": 2999})) == {"fiscal_year"}
    added = cam.post(f"{at}/take-over", {}).json()["items"]
    assert [(row["side"], row["fiscal_year"], row["title"]) for row in added] == [
        ("partner", year, "Win"), ("vendor", year, "Win"),
    ]  # fmt: skip
    assert cam.post(f"{at}/take-over", {}).json()["items"] == []
