"""Marketing plans through the API: the worked example to the cent, a plan's way, who may and sees what."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.permissions import Role
from accounts.tokens import Scope
from marketing import actions, spent
from marketing.models import MarketingPlan
from prm.common.vendor import fiscal_calendar, today
from tests.api.conftest import problem
from tests.marketing.making import RESULTS, added, approved, closed, marketer, parts, started, submitted, verified

SKETCH = {
    "reach": 20000, "response": "0.02", "mql": "0.4", "sal": "0.6", "sql": "0.5", "win": "0.25", "deal_size": "18000",
    "margin": "0.3", "cost": "9000", "starts_on": "2027-01-10", "ends_on": "2027-02-05",
}  # fmt: skip


@pytest.fixture
def partner(acme, api_for):
    return api_for(marketer(acme))


@pytest.fixture
def cam(acme, api_for):
    return api_for(acme.users[Role.CAM])


def test_the_worked_example(partner):
    found = partner.post(
        "/marketing/waterfall", {"activities": [SKETCH, {**SKETCH, "cost": "1000", "mdf": "400"}]}
    ).json()
    one = found["activities"][0]
    assert {name: one[name] for name in ("reach", "inquiries", "mqls", "sals", "mgos", "wins")} == {
        "reach": "20000.0", "inquiries": "400.0", "mqls": "160.0", "sals": "96.0", "mgos": "48.0", "wins": "12.0",
    }  # fmt: skip
    assert (one["revenue"], one["gross_margin"], one["cost"]) == ("216000.00", "64800.00", "9000.00")
    assert (one["revenue_roi"], one["margin_roi"], one["cost_per_win"]) == ("23", "6.2", "750.00")
    assert (one["mdf_roi"], set(one["reasons"])) == (None, {"mdf_roi"})
    months = {each["month"]: each for each in one["timing"]["months"]}
    assert (months["2027-01"]["mgos"], months["2027-04"]["revenue"], one["timing"]["lag_months"]) == (
        "24.0",
        "108000.00",
        3,
    )
    both = found["totals"]
    # (432,000 − 10,000) ÷ 10,000; (432,000 × 0.7 − 400) ÷ 400
    assert (both["wins"], both["revenue_roi"], both["mdf_roi"], both["left_out"]) == ("24.0", "42.2", "755", 0)


def test_what_cannot_be_computed_is_null_and_says_why(partner):
    sketch = {"reach": 100, "response": "0", "deal_size": None}
    one = partner.post("/marketing/waterfall", {"activities": [sketch], "currency": "JPY", "horizon": 3}).json()[
        "activities"
    ][0]
    assert (one["inquiries"], one["mqls"], one["revenue"], one["cost"]) == ("0.0", None, None, "0")
    assert one["reasons"]["mqls"] == "No MQL rate"
    assert one["reasons"]["cost_per_inquiry"] == "No cost planned"
    assert one["timing"]["months"] == []


def test_revenue_of_a_month_is_null_where_none_is_known(partner):
    found = partner.post("/marketing/waterfall", {"activities": [{**SKETCH, "win": None}]}).json()["totals"]
    assert (found["revenue"], found["reasons"]["revenue"]) == (None, "No win rate")
    assert {each["revenue"] for each in found["timing"]["months"]} == {None}
    assert (found["timing"]["later"]["revenue"], found["left_out"]) == (None, 1)


def test_a_return_of_any_size_is_computed(partner):
    huge = {**SKETCH, "deal_size": "9999999999999999999", "cost": "0.01"}
    answer = partner.post("/marketing/waterfall", {"activities": [huge]})
    assert answer.status_code == 200
    # (12 × (10^19 − 1) − 0.01) ÷ 0.01
    assert answer.json()["totals"]["revenue_roi"] == str(1200 * (10**19 - 1) - 1)


def test_results_reckon_with_what_was_paid(acme, cam, monkeypatch):
    activity = closed(acme, parts(approved(acme))[0])
    monkeypatch.setattr(spent, "_sources", [lambda rows: spent.Paid({activity.pk: Decimal(1000)})])
    one = cam.get(f"/marketing/activities/{activity.pk}").json()
    (listed,) = (each for each in cam.get("/marketing/activities").json()["items"] if each["id"] == activity.pk)
    for shown in (one["result"]["actual"], listed["result"]["actual"]):
        # (90,000 × 0.7 − 1,000) ÷ 1,000
        assert (shown["mdf"], shown["mdf_roi"]) == ("1000.00", "62")


def test_rates_over_a_hundred_percent_are_refused_in_their_place(partner):
    sent = [SKETCH, {**SKETCH, "win": "1.01", "cost": "-1"}, {**SKETCH, "ends_on": "2026-01-01"}]
    refused = problem(partner.post("/marketing/waterfall", {"activities": sent}), 422)
    assert {each["field"] for each in refused["errors"]} == {
        "activities.1.win",
        "activities.1.cost",
        "activities.2.ends_on",
    }
    problem(partner.post("/marketing/waterfall", {"activities": []}), 422)
    problem(partner.post("/marketing/waterfall", {"activities": [{"reech": 1}]}), 422)


def test_from_a_play_to_a_draft_that_shows_the_same_figures(acme, partner):
    now = fiscal_calendar().quarter_of(today())
    body = {"first_quarter": now.key, "play": "webinar-nurture-telemarketing", "title": "Autumn"}
    made = partner.post(f"/partners/{acme.partner_a.pk}/marketing/plans", body)
    assert made.status_code == 201
    plan = made.json()
    assert made["Location"].endswith(f"/marketing/plans/{plan['id']}")
    assert (plan["status"], plan["approved"], plan["may_edit"], plan["missing"], "vendor_note" in plan) == (
        "draft", None, True, [], False,
    )  # fmt: skip
    first = plan["activities"][0]
    address = f"/marketing/activities/{first['id']}"
    changed = {**SKETCH, "starts_on": now.start.isoformat(), "ends_on": now.start.isoformat(), "budget": [
        {"what": "Agency", "amount": "4500", "payer": "mdf"}, {"what": "Own time", "amount": "4500"},
    ]}  # fmt: skip
    changed.pop("cost")
    kept = partner.patch(address, {**changed, "revision": first["revision"]}).json()
    forecast = kept["forecast"]
    assert (forecast["wins"], forecast["revenue_roi"], forecast["margin_roi"], forecast["mdf_roi"]) == (
        "12.0",
        "23",
        "6.2",
        "32.6",
    )
    assert (kept["mdf_asked"], kept["cost"], kept["sources"]["response"]) == ("4500", "9000", {"from": "typed"})
    again = problem(partner.patch(address, {"reach": 1, "revision": first["revision"]}), 412)
    assert again["type"].endswith("changed-meanwhile")
    whole = partner.get(f"/marketing/plans/{plan['id']}").json()
    sent = [
        {name: row[name] for name in (*SKETCH, "cycle_days")} | {"mdf": row["mdf_asked"]} for row in whole["activities"]
    ]
    computed = partner.post("/marketing/waterfall", {"activities": sent, "first_month": now.months[0].key}).json()
    assert computed["totals"] == whole["totals"]
    order = [row["id"] for row in reversed(whole["activities"])]
    turned = partner.post(f"/marketing/plans/{plan['id']}/order", {"activities": order}).json()
    assert [row["id"] for row in turned["activities"]] == order
    assert partner.delete(f"/marketing/activities/{order[0]}").status_code == 204
    added_one = partner.post(f"/marketing/plans/{plan['id']}/activities", {"tactic": "event", "reach": 50})
    assert (added_one.status_code, added_one.json()["reach"], added_one.json()["response"]) == (201, 50, "0.4")
    problem(partner.post(f"/marketing/plans/{plan['id']}/activities", {"tactic": "none"}), 422)


def test_a_figure_explains_itself(acme, partner, cam):
    activity = added(started(acme), by=marketer(acme))
    found = cam.get(f"/marketing/activities/{activity.pk}/figures/revenue_roi").json()
    assert (found["result"], found["formula"]) == ("23.0", "(Revenue − Cost) ÷ Cost")
    assert found["with_numbers"] == "(216000.000000 − 9000.000000) ÷ 9000.000000"
    of_plan = partner.get(f"/marketing/plans/{activity.plan_id}/figures/mdf_roi").json()
    assert (of_plan["result"], of_plan["why_missing"]) == (None, "No MDF asked")
    problem(partner.get(f"/marketing/plans/{activity.plan_id}/figures/luck"), 404)


def test_a_rate_over_a_hundred_percent_is_refused_with_its_own_message(acme, partner):
    activity = added(started(acme), by=marketer(acme))
    refused = problem(partner.patch(f"/marketing/activities/{activity.pk}", {"mql": "1.2"}), 422)
    assert [(each["field"], each["message"]) for each in refused["errors"]] == [("mql", "A rate can’t be over 100 %.")]


def test_what_is_submitted_is_closed_and_kept(acme, partner, cam):
    plan = submitted(acme)
    assert problem(partner.patch(f"/marketing/plans/{plan.pk}", {"message": "x"}), 409)["type"].endswith("closed")
    assert problem(partner.delete(f"/marketing/plans/{plan.pk}"), 409)["type"].endswith("closed")
    kept = cam.get(f"/marketing/plans/{plan.pk}/snapshots").json()["items"]
    assert [each["number"] for each in kept] == [1]
    assert len(kept[0]["content"]["activities"]) == 2
    note = cam.get(f"/marketing/plans/{plan.pk}").json()
    assert (note["status"], note["vendor_note"], note["may_edit"]) == ("submitted", "", False)


def test_results_are_entered_closed_and_verified_by_somebody_else(acme, partner, cam, api_for):
    plan = approved(acme)
    one, two = (f"/marketing/activities/{row.pk}" for row in parts(plan))
    refused = problem(partner.patch(f"{one}/results", {"reach": 10, "inquiries": 11}), 422)
    assert [each["field"] for each in refused["errors"]] == ["inquiries"]
    assert problem(partner.post(f"{one}/close", {}), 409)["type"].endswith("not-ready")
    saved = partner.patch(f"{one}/results", RESULTS).json()
    assert (saved["result"]["status"], saved["result"]["actual"]["revenue_roi"]) == ("draft", "9.5882")
    assert partner.post(f"{one}/close", {}).json()["status"] == "closed"
    problem(partner.post(f"{one}/verify", {}), 403)
    assert cam.post(f"{one}/verify", {"note": "Receipts seen"}).json()["status"] == "verified"
    assert cam.post(f"{two}/close", RESULTS).json()["status"] == "closed"
    problem(cam.post(f"{two}/verify", {}), 403)
    marketing = api_for(acme.users[Role.MARKETING])
    assert marketing.post(f"{two}/verify", {}).json()["status"] == "verified"
    assert cam.get(f"/marketing/plans/{plan.pk}").json()["status"] == "verified"
    problem(cam.post(f"{two}/reopen", {"reason": ""}), 422)
    again = cam.post(f"{two}/reopen", {"reason": "Not all receipts"}).json()
    assert (again["status"], again["result"]["status"]) == ("planned", "draft")
    assert cam.get(f"/marketing/plans/{plan.pk}").json()["status"] == "running"


def test_rates_of_verified_activities_are_offered_with_count_and_range(acme, partner):
    wins = iter([1, 2, 3, 4, 5])
    for activity in parts(approved(acme, activities=5)):
        verified(acme, activity, wins=next(wins))
    draft = added(started(acme), by=marketer(acme))
    address = f"/marketing/activities/{draft.pk}/history-rates"
    offered = partner.get(address).json()
    assert offered["win"] == {"rate": "0.15", "count": 5, "low": "0.05", "high": "0.25", "sum_in": 100, "sum_out": 15}
    taken = partner.post(address, {"rates": ["win"]}).json()
    assert (taken["win"], taken["response"], taken["forecast"]["wins"]) == ("0.15", "0.02", "7.2")
    assert taken["sources"]["win"]["from"] == "history"


def test_lists_are_filtered_and_scoped(acme, partner, cam, api_for):
    mine, theirs, later = started(acme), submitted(acme, acme.partner_b), started(acme, quarter=None)
    everything = api_for(acme.users[Role.CHIEF])

    def ids(caller, path="/marketing/plans", **query):
        return {row["id"] for row in caller.get(path, **query).json()["items"]}

    assert ids(everything) == {mine.pk, theirs.pk, later.pk}
    assert ids(partner) == ids(cam) == {mine.pk, later.pk}
    assert ids(everything, status="submitted") == ids(everything, partner=acme.partner_b.pk) == {theirs.pk}
    assert ids(cam, quarter=later.first_quarter) == {later.pk}
    assert ids(cam, running_on=(later.ends_on - dt.timedelta(days=1)).isoformat()) == {later.pk}
    activities = ids(everything, "/marketing/activities", tactic="webinar")
    assert activities == {row.pk for row in parts(theirs)} == ids(everything, "/marketing/activities", plan=theirs.pk)
    problem(partner.get(f"/marketing/plans/{theirs.pk}"), 404)
    problem(partner.get(f"/marketing/activities/{min(activities)}"), 404)
    problem(partner.get("/marketing/plans", colour="red"), 422)


def test_a_list_costs_the_same_with_one_and_three(acme, cam):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost(path):
        with CaptureQueriesContext(connection) as found:
            assert cam.get(path).status_code == 200
        return len(found)

    closed(acme, parts(approved(acme))[0])
    cost("/marketing/plans")  # the first one also writes when the token was used
    once = [
        cost(path) for path in ("/marketing/plans", "/marketing/activities", "/marketing/tactics", "/marketing/plays")
    ]
    for _n in range(2):
        closed(acme, parts(approved(acme, activities=3))[0])
    again = [
        cost(path) for path in ("/marketing/plans", "/marketing/activities", "/marketing/tactics", "/marketing/plays")
    ]
    assert once == again


def test_tactics_and_plays_are_the_vendors_to_change(acme, partner, api_for):
    rules = api_for(acme.users[Role.MARKETING])
    made = rules.post(
        "/marketing/tactics",
        {
            "name": "Podcast",
            "kind": "other",
            "cost": "500",
            "currency": "EUR",
            "win": "0.3",
            "proofs": ["Link", "Link", " "],
        },
    )
    assert (made.status_code, made.json()["key"], made.json()["proofs"]) == (201, "podcast", ["Link"])
    refused = problem(rules.patch("/marketing/tactics/podcast", {"win": "3", "cost": "0.001", "name": "webinar"}), 422)
    assert {each["field"] for each in refused["errors"]} == {"win", "cost", "name"}
    problem(rules.post("/marketing/tactics", {"name": "Radio", "kind": "other", "cost": "5"}), 422)
    body = {"name": "Two", "currency": "EUR", "activities": [
        {"tactic": "podcast", "offset_days": 10, "length_days": 5, "budget": [{"what": "Studio", "amount": "300", "payer": "mdf"}]},
        {"tactic": "email"},
    ]}  # fmt: skip
    play = rules.post("/marketing/plays", body).json()
    assert rules.get(f"/marketing/plays/{play['key']}").json() == play
    assert partner.get("/marketing/tactics/podcast").json()["key"] == "podcast"
    assert partner.get("/marketing/tactics/nothing").status_code == 404
    assert [part["title"] for part in play["activities"]] == ["Podcast", "E-mail"]
    wrong = {"activities": [{"tactic": "none"}, {"tactic": "email", "budget": [{"what": "A", "amount": "-1"}]}]}
    refused = problem(rules.patch(f"/marketing/plays/{play['key']}", wrong), 422)
    assert {each["field"] for each in refused["errors"]} == {"activities.0.tactic", "activities.1.budget.0.amount"}
    problem(rules.delete("/marketing/tactics/podcast"), 422)
    assert rules.patch("/marketing/tactics/podcast", {"active": False}).json()["active"] is False
    assert rules.delete(f"/marketing/plays/{play['key']}").status_code == 204
    assert rules.delete("/marketing/tactics/podcast").status_code == 204
    problem(partner.post("/marketing/tactics", {"name": "Mine", "kind": "other"}), 403)
    problem(api_for(acme.users[Role.CAM]).delete("/marketing/plays/digital-demand"), 403)


def test_a_token_needs_the_scope(acme, api_for):
    reader = api_for(marketer(acme), [Scope.MARKETING_READ])
    assert reader.get("/marketing/plans").status_code == 200
    problem(reader.post(f"/partners/{acme.partner_a.pk}/marketing/plans", {}), 403)
    problem(api_for(marketer(acme), [Scope.PLANS_READ]).get("/marketing/plans"), 403)


def test_the_vendor_shares_what_it_began(acme, partner, cam):
    made = cam.post(f"/partners/{acme.partner_a.pk}/marketing/plans", {}).json()
    assert (made["shared"], made["first_quarter"]) == (False, fiscal_calendar().quarter_of(today()).next.key)
    address = f"/marketing/plans/{made['id']}"
    cam.patch(address, {"vendor_note": "Careful", "pipeline_goal": "1000.5"})
    problem(partner.get(address), 404)
    assert cam.post(f"{address}/share").json()["shared"]
    seen = partner.get(address)
    assert (seen.json()["pipeline_goal"], b"Careful" in seen.content) == ("1000.5", False)
    problem(partner.patch(address, {"vendor_note": "?"}), 422)
    copy = partner.post(f"/partners/{acme.partner_a.pk}/marketing/plans", {"copy_of": made["id"]}).json()
    assert copy["pipeline_goal"] == "1000.5"
    assert MarketingPlan.everything.get(pk=copy["id"]).copied_from_id == made["id"]
    assert actions.scope_of(MarketingPlan.everything.get(pk=copy["id"])) is None
