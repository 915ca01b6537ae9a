"""The builder: cards as plain forms, and figures that follow each change."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from marketing import actions
from marketing.models import Activity, MarketingPlan, Play, Tactic
from tests.guards.test_fragments import differences
from tests.marketing.making import added, approved, fresh, parts, started, verified
from tests.marketing.sending import sent

LIVE = {"HX-Request": "true"}


@pytest.fixture
def cam(acme, client_for):
    return client_for(acme.users[Role.CAM])


@pytest.fixture
def plan(acme):
    return started(acme, by=acme.users[Role.CAM])


@pytest.fixture
def activity(acme, plan):
    """The worked example: 400, 160, 96, 48, 12."""
    return added(plan, by=acme.users[Role.CAM], title="Webinar", mdf_asked="4500")


def build(plan):
    return f"/marketing/plans/{plan.pk}/build/"


def card(activity):
    return f"/marketing/activities/{activity.pk}/"


def form_of(client, activity):
    return sent(client, build(activity.plan), card(activity))


def name(activity, field):
    return f"a{activity.pk}-{field}"


def test_it_shows_the_waterfall_as_it_is_computed(cam, plan, activity):
    page = cam.get(build(plan)).content.decode()
    for text in ("20,000", "400.0", "160.0", "96.0", "48.0", "12.0", "216,000.00", "64,800.00", "23.0", "6.2"):
        assert text in page
    assert 'value="2"' in page
    assert 'value="40"' in page


def test_untouched_it_changes_nothing(cam, activity):
    before = fresh(activity)
    answer = cam.post(card(activity), {**form_of(cam, activity), "keep": "1"}, headers=LIVE)
    assert answer.status_code == 200
    assert "Saved" in answer.content.decode()
    after = fresh(activity)
    assert (after.revision, after.sources, after.response) == (before.revision, before.sources, before.response)


def test_what_is_typed_shows_at_once_and_is_kept_when_asked(cam, activity):
    form = form_of(cam, activity) | {name(activity, "response"): "4", name(activity, "lines-0-amount"): "18,000"}
    shown = cam.post(card(activity), form, headers=LIVE).content.decode()
    assert "800.0" in shown
    assert "432,000.00" in shown
    assert "23.0" in shown
    assert "Saved" not in shown
    assert fresh(activity).response == Decimal("0.02")
    kept = cam.post(card(activity), {**form, "keep": "1"}, headers=LIVE).content.decode()
    assert "432,000.00" in kept
    assert "Saved" in kept
    row = fresh(activity)
    assert (row.response, row.budget.get().amount) == (Decimal("0.04"), 18000)
    assert f'value="{row.revision}"' in kept  # the form goes on from here


def test_another_tactic_fills_the_rates_in_again(cam, acme, plan):
    row = actions.add_activity(plan=plan, by=acme.users[Role.CAM], tactic=Tactic.objects.get(key="email"))
    event = Tactic.objects.get(key="event")
    form = form_of(cam, row) | {name(row, "tactic"): str(event.pk), "keep": "1"}
    kept = cam.post(card(row), form, headers=LIVE).content.decode()
    assert f'id="field-{row.pk}-inquiries"' in kept
    assert 'value="40"' in kept  # of an event, not the e-mail's 2
    # The card as it stands now changes nothing more.
    before = fresh(row)
    cam.post(card(row), {**form_of(cam, row), "keep": "1"}, headers=LIVE)
    assert (fresh(row).revision, fresh(row).sources["response"]) == (before.revision, {"from": "tactic"})


def test_the_budget_line_to_come_becomes_one(cam, activity):
    form = form_of(cam, activity) | {
        name(activity, "lines-1-what"): "Telephone calls",
        name(activity, "lines-1-amount"): "1000.50",
        name(activity, "lines-1-payer"): "mdf",
    }
    cam.post(card(activity), {**form, "keep": "1"}, headers=LIVE)
    lines = [(line.what, line.amount, line.payer) for line in fresh(activity).budget.all()]
    assert lines == [("Agency", 9000, "partner"), ("Telephone calls", Decimal("1000.5"), "mdf")]
    emptied = form_of(cam, activity) | {name(activity, "lines-0-what"): "", name(activity, "lines-0-amount"): ""}
    cam.post(card(activity), emptied | {"keep": "1"}, headers=LIVE)
    assert [line.what for line in fresh(activity).budget.all()] == ["Telephone calls"]


def test_mdf_asked_follows_what_mdf_pays_until_it_is_something_else(cam, acme, plan):
    row = added(plan, by=acme.users[Role.CAM], budget=[{"what": "Room", "amount": "600", "payer": "mdf"}])
    assert row.mdf_asked == 600
    form = form_of(cam, row) | {name(row, "lines-0-amount"): "700"}
    shown = cam.post(card(row), form, headers=LIVE).content.decode()
    assert "700.00" in shown
    kept = cam.post(card(row), {**form, "keep": "1"}, headers=LIVE).content.decode()
    assert fresh(row).mdf_asked == 700
    assert 'value="700"' in kept
    cam.post(card(row), form_of(cam, row) | {name(row, "mdf_asked"): "500", "keep": "1"}, headers=LIVE)
    cam.post(card(row), form_of(cam, row) | {name(row, "lines-0-amount"): "900", "keep": "1"}, headers=LIVE)
    assert fresh(row).mdf_asked == 500


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("win", "101", "A rate is at most 100%."),
        ("win", "-1", "A rate is at least 0%."),
        ("reach", "many", "Enter a number."),
        ("reach", "1.5", "A whole number."),
        ("lines-0-amount", "1.234", "At most 2 decimals."),
        ("title", "", "This field is required."),
        ("starts_on", "2001-01-01", "in the plan’s quarter"),
        ("assets", "page http://plain.example", "https://"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(cam, activity, field, typed, message):
    form = form_of(cam, activity) | {name(activity, field): typed, "keep": "1"}
    live = cam.post(card(activity), form, headers=LIVE)
    assert live.status_code == 422
    assert f'data-for="id_{name(activity, field)}"' in live.content.decode()
    assert message in live.content.decode()
    whole = cam.post(card(activity), form)
    assert whole.status_code == 422
    assert message in whole.content.decode()
    assert typed in whole.content.decode()
    assert fresh(activity).revision == activity.revision


def test_of_two_who_change_the_same_card_the_second_is_told(cam, acme, activity):
    form = form_of(cam, activity) | {name(activity, "win"): "30"}
    actions.change_activity(activity=activity, by=acme.users[Role.MARKETING], fields={"win": "0.2"})
    live = cam.post(card(activity), {**form, "keep": "1"}, headers=LIVE)
    assert live.status_code == 409
    whole = cam.post(card(activity), {**form, "stay": "1"})
    assert whole.status_code == 422
    assert "Somebody changed this while you were typing" in whole.content.decode()
    assert 'value="30"' in whole.content.decode()
    assert fresh(activity).win == Decimal("0.2")
    again = form | {name(activity, "revision"): str(fresh(activity).revision), "stay": "1"}
    assert cam.post(card(activity), again).status_code == 302
    assert fresh(activity).win == Decimal("0.3")


def test_cards_are_added_moved_and_removed(cam, acme, plan, activity):
    cam.post(f"/marketing/plans/{plan.pk}/activities/", {"tactic": "event"})
    first, second = parts(plan)
    assert (first.pk, second.tactic.key) == (activity.pk, "event")
    answer = cam.post(card(second), form_of(cam, second) | {"move": "up"})
    assert answer["Location"].endswith(f"#activity-{second.pk}")
    assert [row.pk for row in parts(plan)] == [second.pk, first.pk]
    cam.post(card(first), form_of(cam, first) | {"remove": "1"})
    assert [row.pk for row in parts(plan)] == [second.pk]


def test_rates_of_the_vendors_own_are_offered_with_count_and_range_and_taken(cam, acme, client_for):
    for n in range(5):
        row = parts(approved(acme, activities=1))[0]
        verified(acme, row, inquiries=200 + 100 * n)
    plan = started(acme, by=acme.users[Role.CAM])
    row = added(plan, by=acme.users[Role.CAM])
    page = cam.get(build(plan)).content.decode()
    assert "5 verified activities of Webinar had" in page
    assert "4.0%" in page
    assert "2.0%–6.0%" in page.replace("(", "").replace(")", "")
    cam.post(card(row), form_of(cam, row) | {"accept": "history"})
    assert fresh(row).sources["response"]["from"] == "history"
    assert fresh(row).response == Decimal("0.04")
    assert "verified activities of Webinar" not in cam.get(build(plan)).content.decode()


def test_goals_are_kept_and_compared_with_the_forecast(cam, plan, activity):
    form = sent(cam, build(plan), build(plan)) | {
        "goals-revenue_goal": "432,000",
        "goals-message": "Back up",
        "goals-vendor_note": "Ours",
    }
    answer = cam.post(build(plan), {**form, "keep": "1"}, headers=LIVE)
    assert answer.status_code == 200
    assert "50%" in answer.content.decode()
    row = fresh(plan)
    assert (row.revenue_goal, row.message, row.vendor_note) == (432_000, "Back up", "Ours")


def test_the_partner_builds_the_same_plan_without_what_the_vendor_notes(acme, client_for, plan, activity):
    actions.save(plan=plan, by=acme.users[Role.CAM], fields={"vendor_note": "INTERNAL"})
    marketer = client_for(acme.users_a[Role.PARTNER_MARKETER])
    address = f"/portal/marketing/plans/{plan.pk}/build/"
    assert marketer.get(address).status_code == 404
    actions.share(plan=plan, by=acme.users[Role.CAM])
    page = marketer.get(address).content.decode()
    assert "216,000.00" in page
    assert "INTERNAL" not in page
    assert "vendor_note" not in page
    seller = client_for(acme.users_a[Role.PARTNER_SELLER])
    assert seller.get(address).status_code == 403
    assert seller.get(f"/portal/marketing/plans/{plan.pk}/").status_code == 200
    assert client_for(acme.users_b[Role.PARTNER_MARKETER]).get(address).status_code == 404


def test_from_a_play_in_two_clicks(cam, acme):
    start = f"/partners/{acme.partner_a.pk}/marketing/start/"
    play = Play.objects.first()
    form = sent(cam, start, "")
    answer = cam.post(start, {**form, "play": play.key})
    plan = MarketingPlan.everything.get()
    assert answer["Location"] == build(plan)
    assert [row.title for row in parts(plan)] == [part.title for part in play.activities.all()]
    again = cam.post(start, {**form, "copy": "1", "quarters": "2"})
    copied = MarketingPlan.everything.exclude(pk=plan.pk).get()
    assert again["Location"] == build(copied)
    assert copied.quarters == 2
    assert Activity.everything.filter(plan=copied).count() == play.activities.count()


def test_a_submitted_plan_is_read_not_changed(cam, acme, plan, activity):
    form = form_of(cam, activity) | {name(activity, "win"): "30", "keep": "1"}
    actions.submit(plan=plan, by=acme.users[Role.CAM])
    assert cam.get(build(plan))["Location"] == f"/marketing/plans/{plan.pk}/?read=1"
    assert cam.post(card(activity), form, headers=LIVE).status_code == 409
    page = cam.get(f"/marketing/plans/{plan.pk}/").content.decode()
    assert "216,000.00" in page
    assert "Submitted" in page


@pytest.mark.parametrize("keep", [{}, {"keep": "1"}], ids=["shown", "kept"])
def test_following_a_change_asks_no_more_of_the_database_with_more_activities(cam, acme, plan, activity, keep):
    def cost():
        form = form_of(cam, activity) | {name(activity, "win"): "30"} | keep
        with CaptureQueriesContext(connection) as asked:
            cam.post(card(activity), form, headers=LIVE)
        return len(asked)

    cost()  # the first time the site's settings are read
    one = cost()
    for _number in range(3):
        added(plan, by=acme.users[Role.CAM])
    assert cost() == one


@pytest.mark.parametrize("side", ["marketing", "portal/marketing"])
def test_what_follows_a_change_is_what_the_page_then_shows(acme, client_for, plan, activity, side):
    actions.share(plan=plan, by=acme.users[Role.CAM])
    person = acme.users[Role.CAM] if side == "marketing" else acme.users_a[Role.PARTNER_MARKETER]
    client, page = client_for(person), f"/{side}/plans/{plan.pk}/build/"
    address = f"/{side}/activities/{activity.pk}/"
    form = sent(client, page, address) | {name(activity, "win"): "30", "keep": "1"}
    kept = client.post(address, form, headers=LIVE).content.decode()
    assert "259,200.00" in kept
    assert differences(kept, client.get(page).content.decode()) == []
    form = sent(client, page, page) | {"goals-revenue_goal": "300000", "keep": "1"}
    kept = client.post(page, form, headers=LIVE).content.decode()
    assert "300,000.00" in kept
    assert differences(kept, client.get(page).content.decode()) == []
