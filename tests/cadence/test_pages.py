"""The pages of due items and of the policy."""

import datetime as dt
import html

import pytest

from accounts.permissions import Role
from cadence.models import DueItem
from partners.models import Partner
from prm.common.models import Policy
from prm.common.vendor import today

ONE = dt.timedelta(days=1)


def item(partner, task="performance_review", due_on=None, **more):
    due_on = due_on or today() - 5 * ONE
    values = {"starts_on": due_on.replace(day=1), "ends_on": due_on, "period": f"{due_on:%Y-%m}", **more}
    return DueItem.everything.create(partner=partner, task=task, due_on=due_on, **values)


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


def text(response):
    return html.unescape(response.content.decode())


# ── The list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_list_shows_what_is_open_and_filters_by_state_task_and_partner(acme, client_for):
    chief = client_for(acme.users[Role.CHIEF])
    item(acme.partner_a)
    item(acme.partner_b, "capabilities", today() + 30 * ONE)
    item(acme.partner_b, "satisfaction", state="done", done_on=today())
    item(acme.partner_a, "capabilities", state="skipped", skip_reason="They moved house")
    every = text(chief.get("/due/"))
    assert "5 days late" in every
    assert "due in 30 days" in every
    assert "They moved house" not in every
    assert acme.partner_b.name not in text(chief.get("/due/?state=late"))
    assert acme.partner_a.name not in text(chief.get("/due/?task=capabilities"))
    assert "They moved house" in text(chief.get("/due/?state=skipped"))
    assert "done today" in text(chief.get("/due/?state=done"))
    west = text(chief.get("/due/?region=west&state=late&state=waiting"))
    assert acme.partner_a.name in west
    assert acme.partner_b.name not in west
    assert acme.partner_b.name not in text(chief.get("/due/?due=fortnight"))
    assert "Nothing matches" in text(chief.get("/due/?state=late&task=satisfaction"))


def test_the_files_have_the_rows_of_the_filter(acme, cam, client_for):
    item(acme.partner_a)
    item(acme.partner_b)
    rows = client_for(cam).get("/due/export/csv/").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert rows[1].startswith(f"{acme.partner_a.name},Performance review,")
    assert client_for(cam).get("/due/export/xlsx/?state=late").content[:2] == b"PK"


def test_a_cam_finds_nothing_of_satisfaction_nor_of_others_partners(acme, cam, client_for):
    item(acme.partner_a, "satisfaction")
    item(acme.partner_b)
    page = text(client_for(cam).get("/due/"))
    assert "Nothing is due" in page
    assert "Satisfaction" not in page
    assert client_for(acme.users[Role.MARKETING]).get("/due/").status_code == 403


def test_many_are_skipped_for_a_reason_and_opened_again(acme, cam, client_for):
    client = client_for(cam)
    mine, other = item(acme.partner_a), item(acme.partner_b)
    chosen = {"selected": [mine.pk, other.pk], "query": "state=late"}
    asked = text(client.post("/due/skip/", chosen))
    assert "Skip 1 due item" in asked
    refused = client.post("/due/skip/", {**chosen, "confirmed": "1", "total": "1"})
    assert refused.status_code == 422
    stale = client.post("/due/skip/", {**chosen, "confirmed": "1", "total": "2", "reason": "Closed"})
    assert stale.status_code == 422
    assert "Meanwhile other items match" in text(stale)
    done = client.post("/due/skip/", {**chosen, "confirmed": "1", "total": "1", "reason": "Closed"})
    assert (done.status_code, done["Location"]) == (302, "/due/?state=late")
    assert DueItem.everything.get(pk=mine.pk).state == "skipped"
    assert DueItem.everything.get(pk=other.pk).state == "open"
    client.post("/due/reopen/", {"all_matching": "1", "query": "state=skipped"})
    assert DueItem.everything.get(pk=mine.pk).state == "open"
    assert client_for(acme.users[Role.CHIEF]).post("/due/skip/", chosen).status_code == 403


def test_the_partner_page_says_what_is_due_next(acme, cam, client_for):
    item(acme.partner_a, "capabilities")
    page = text(client_for(cam).get(f"/partners/{acme.partner_a.pk}/"))
    assert f'<a href="/partners/{acme.partner_a.pk}/scorecards/">Capabilities scorecard</a>' in page


# ── The policy ───────────────────────────────────────────────────────────────────────────────────────────────────────


def rules(*lines, initial=0):
    """The formset as the browser sends it."""
    found = {"rules-TOTAL_FORMS": len(lines), "rules-INITIAL_FORMS": initial}
    for number, line in enumerate(lines):
        found |= {f"rules-{number}-{name}": value for name, value in line.items()}
    return found


REVIEW = {"task": "performance_review", "every": "month", "stages": ["mature"], "offset": "-3"}


def test_a_version_is_set_changed_and_removed_until_it_starts(acme, client_for):
    client = client_for(acme.users[Role.OPERATIONS])
    day = today() + 40 * ONE
    page = text(client.get("/settings/cadence/"))
    assert "Performance review" in page
    assert "in force" in page
    sent = client.post("/settings/cadence/", {"starts_on": day, **rules(REVIEW, {"task": "", "every": ""})})
    assert sent.status_code == 302
    made = Policy.objects.get(kind="cadence", starts_on=day)
    assert made.data["rules"] == [
        {"task": "performance_review", "every": "month", "tiers": None, "stages": ["mature"], "offset": -3}
    ]
    assert "3 working days before the last" in text(client.get("/settings/cadence/"))
    later = day + ONE
    two = rules({**REVIEW, "DELETE": "on"}, {"task": "capabilities", "every": "half", "tiers": ["none"]}, initial=1)
    client.post(f"/settings/cadence/{made.pk}/", {"starts_on": later, **two})
    assert not Policy.objects.filter(pk=made.pk).exists()
    changed = Policy.objects.get(kind="cadence", starts_on=later)
    assert [rule["task"] for rule in changed.data["rules"]] == ["capabilities"]
    client.post(f"/settings/cadence/{changed.pk}/remove/")
    assert list(Policy.objects.filter(kind="cadence").values_list("created_by", flat=True)) == [None]


def test_what_is_wrong_is_said_at_its_line_and_what_was_typed_stays(acme, client_for):
    client = client_for(acme.users[Role.OPERATIONS])
    lines = rules({"task": "performance_review", "every": ""}, REVIEW, {"task": "", "every": "year"})
    refused = client.post("/settings/cadence/", {"starts_on": today() + ONE, **lines})
    page = text(refused)
    assert refused.status_code == 422
    assert "Choose how often." in page
    assert "A rule above holds for all these partners already." in page
    assert "Choose a task." in page
    assert 'value="-3"' in page
    early = client.post("/settings/cadence/", {"starts_on": today(), **rules(REVIEW)})
    assert early.status_code == 422
    assert "tomorrow or a later day" in text(early)
    assert Policy.objects.filter(kind="cadence").count() == 1


def test_a_version_in_force_is_not_to_be_changed(acme, client_for):
    client = client_for(acme.users[Role.OPERATIONS])
    first = Policy.objects.get(kind="cadence")
    assert client.get(f"/settings/cadence/{first.pk}/").status_code == 404
    assert "stays" in text(client.post(f"/settings/cadence/{first.pk}/remove/", follow=True))
    assert Policy.objects.filter(pk=first.pk).exists()


def test_partners_keep_their_items_when_they_change_hands(acme, client_for):
    item(acme.partner_a)
    Partner.everything.filter(pk=acme.partner_a.pk).update(cam=acme.cam_b)
    assert acme.partner_a.name in text(client_for(acme.cam_b).get("/due/"))
