"""The cadence through the API: due items, versions of the policy, handovers."""

import datetime as dt

import pytest

from accounts.permissions import Role
from cadence.models import DueItem
from partners.actions import add_action
from prm.common.models import Policy
from prm.common.vendor import fiscal_calendar, today
from scorecards.models import PerformanceReview

ONE = dt.timedelta(days=1)


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


def item(partner, task="performance_review", **more):
    """One that was due five days ago."""
    due_on = today() - 5 * ONE
    values = {"starts_on": due_on.replace(day=1), "ends_on": due_on, "period": f"{due_on:%Y-%m}", **more}
    return DueItem.everything.create(partner=partner, task=task, due_on=due_on, **values)


def test_the_api_lists_items_narrowed_like_partners_and_skips_one(acme, cam, api_for):
    api = api_for(cam)
    mine = item(acme.partner_a)
    done = item(acme.partner_a, "capabilities", state="done", done_on=today(), by=cam)
    item(acme.partner_a, "satisfaction")
    item(acme.partner_b)
    rows = api.get("/due-items").json()["items"]
    assert [(row["id"], row["state"], row["late"], row["closed_by"]) for row in rows] == [
        (mine.pk, "open", True, None),
        (done.pk, "done", False, cam.pk),
    ]
    assert [row["id"] for row in api.get("/due-items", state="late", region="west").json()["items"]] == [mine.pk]
    assert api.get("/due-items", task="nonsense").status_code == 422
    assert api.post(f"/due-items/{mine.pk}/skip", {"reason": " "}).status_code == 422
    skipped = api.post(f"/due-items/{mine.pk}/skip", {"reason": "On holiday"}).json()
    assert (skipped["state"], skipped["skip_reason"], skipped["late"]) == ("skipped", "On holiday", False)
    PerformanceReview.everything.create(partner=acme.partner_a, on=mine.starts_on, by=cam)
    again = api.post(f"/due-items/{mine.pk}/reopen").json()
    assert (again["state"], again["done_on"]) == ("done", mine.starts_on.isoformat())


def test_the_api_sets_versions_for_days_to_come(acme, api_for):
    api = api_for(acme.users[Role.OPERATIONS])
    rule = {"task": "capabilities", "every": "quarter", "tiers": ["gold"], "stages": None, "offset": -2}
    day = (today() + ONE).isoformat()
    made = api.post("/cadence/versions", {"starts_on": day, "rules": [rule]})
    assert made.status_code == 201
    assert made.json()["rules"] == [rule]
    listed = api.get("/cadence/versions").json()["items"]
    assert [(row["starts_on"], row["in_force"]) for row in listed] == [
        (day, False),
        (fiscal_calendar().year_of(today()).start.isoformat(), True),
    ]
    wrong = api.post("/cadence/versions", {"starts_on": day, "rules": [{**rule, "task": "lunch"}]})
    assert wrong.status_code == 422
    assert "There is no tool for this task yet" in wrong.content.decode()
    assert api.delete(f"/cadence/versions/{listed[1]['id']}").status_code == 409
    assert api.delete(f"/cadence/versions/{listed[0]['id']}").status_code == 204
    assert Policy.objects.filter(kind="cadence").count() == 1
    assert api_for(acme.users[Role.CHIEF]).get("/cadence/versions").status_code == 403


def test_the_api_hands_over_and_reads_what_was(acme, cam, api_for):
    partner, seller = acme.partner_a, acme.users_a[Role.PARTNER_SELLER]
    for title, owner in (("Send the price list", cam), ("Name a sponsor", seller)):
        add_action(by=cam, partner=partner, title=title, owner=owner)
    operations, new = api_for(acme.users[Role.OPERATIONS]), api_for(acme.cam_b)
    made = operations.post("/handovers", {"partners": [acme.partner_a.pk], "cam": acme.cam_b.pk, "note": "Mind them"})
    assert made.status_code == 201
    [row] = made.json()["items"]
    assert (row["partner"], row["from_cam"], row["to_cam"]) == (
        acme.partner_a.pk,
        acme.users[Role.CAM].pk,
        acme.cam_b.pk,
    )
    assert [line["title"] for line in row["summary"]["promises"]] == ["Send the price list", "Name a sponsor"]
    assert [line["moved"] for line in row["summary"]["promises"]] == [True, False]
    assert new.get("/handovers").json()["items"] == [row]
    assert new.get(f"/handovers/{row['id']}").json() == row
    assert operations.post("/handovers", {"partners": [10**9], "cam": acme.cam_b.pk}).status_code == 422
    assert (
        api_for(acme.users[Role.CAM])
        .post("/handovers", {"partners": [acme.partner_b.pk], "cam": acme.cam_b.pk})
        .status_code
        == 403
    )
    assert dt.datetime.fromisoformat(row["at"])
