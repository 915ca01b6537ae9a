"""What came of an activity: entered, closed, verified by somebody else, opened again."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.permissions import Role
from marketing import actions, delivered, queries, reading, spent
from marketing.models import ActivityResult
from marketing.waterfall import Lack
from tests.marketing.making import RESULTS, approved, closed, fresh, marketer, parts, submitted, verified


def test_results_are_saved_as_they_are_typed_and_then_closed(acme):
    activity = parts(approved(acme))[0]
    by = marketer(acme)
    with pytest.raises(actions.NotReady):
        actions.close_activity(activity=activity, by=by)
    actions.save_results(activity=activity, by=by, fields={"reach": "100", "inquiries": 10})
    result = actions.save_results(activity=activity, by=by, fields={**RESULTS, "remark": "It rained"})
    assert ActivityResult.everything.count() == 1
    assert reading.actual(activity, result).revenue_roi.value * 8500 == 90_000 - 8_500
    actions.close_activity(activity=activity, by=by)
    assert (fresh(activity).state, fresh(result).state, fresh(activity.plan).state) == ("closed", "closed", "approved")
    with pytest.raises(actions.Closed):
        actions.save_results(activity=activity, by=by, fields={"wins": 0})


@pytest.mark.parametrize(
    ("field", "given"),
    [("inquiries", {"inquiries": 10_001}), ("wins", {"wins": 21}), ("sals", {"mqls": 39}), ("reach", {"reach": -1}),
     ("revenue", {"revenue": "-1"}), ("cost", {"cost": "x"}), ("mgos", {"mgos": "1.5"}), ("clicks", {"clicks": 1})],
)  # fmt: skip
def test_results_that_cannot_be_are_refused_in_their_field(acme, field, given):
    activity = parts(approved(acme))[0]
    with pytest.raises(ValidationError) as refused:
        actions.save_results(activity=activity, by=marketer(acme), fields={**RESULTS, **given})
    assert set(refused.value.message_dict) == {field}
    assert not ActivityResult.everything.exists()


def test_only_approved_activities_of_plans_in_hand_are_closed(acme):
    with pytest.raises(actions.Closed):
        closed(acme, parts(submitted(acme))[0])
    plan = submitted(acme)
    one, two = parts(plan)
    actions.decide(activity=one, decision="denied", by=acme.users[Role.MARKETING], reason="No")
    actions.decide(activity=two, decision="as_asked", by=acme.users[Role.MARKETING])
    actions.finish_review(plan=plan, by=acme.users[Role.MARKETING])
    with pytest.raises(actions.Closed):
        closed(acme, one)
    for stranger in (acme.cam_b, acme.users_a[Role.PARTNER_SELLER], acme.users[Role.CHIEF]):
        with pytest.raises(actions.NotAllowed):
            closed(acme, two, by=stranger)
    # With the last of those approved the plan is closed.
    assert closed(acme, two).plan.state == "closed"


def test_nobody_verifies_what_they_entered_or_closed(acme):
    cam, other = acme.users[Role.CAM], acme.users[Role.MARKETING]
    one, two = parts(approved(acme))
    closed(acme, one, by=cam)
    actions.save_results(activity=two, by=other, fields=RESULTS)
    actions.close_activity(activity=two, by=marketer(acme))
    for activity, by in (
        (one, cam),
        (two, other),
        (one, marketer(acme)),
        (one, acme.cam_b),
        (one, acme.users[Role.CHIEF]),
    ):
        assert not queries.may_verify(by, fresh(activity))
        with pytest.raises(actions.NotAllowed):
            actions.verify(activity=activity, by=by)
    assert queries.may_verify(other, fresh(one))
    actions.verify(activity=one, by=other, note="Receipts seen")
    assert fresh(one.plan).state == "closed"
    actions.verify(activity=two, by=cam)
    plan = fresh(one.plan)
    assert (plan.state, plan.verified_at is not None) == ("verified", True)
    with pytest.raises(actions.Closed):
        actions.verify(activity=one, by=cam)


def test_opened_again_the_old_results_stay_with_the_reason(acme):
    plan = approved(acme, activities=1)
    activity = verified(acme, parts(plan)[0])
    assert fresh(plan).state == "verified"
    for stranger in (marketer(acme), acme.cam_b):
        with pytest.raises(actions.NotAllowed):
            actions.reopen(activity=activity, by=stranger, reason="Wrong")
    with pytest.raises(ValidationError):
        actions.reopen(activity=activity, by=acme.users[Role.CAM], reason=" ")
    actions.reopen(activity=activity, by=acme.users[Role.CAM], reason="A deal was lost after all")
    assert (fresh(activity).state, fresh(plan).state, fresh(plan).verified_at) == ("planned", "running", None)
    new, old = ActivityResult.everything.filter(activity=activity)
    assert (old.state, old.wins, old.reopened_reason, new.state, new.wins) == (
        "reopened", 5, "A deal was lost after all", "draft", 5,
    )  # fmt: skip
    actions.close_activity(activity=activity, by=marketer(acme), fields={"wins": 4})
    actions.verify(activity=fresh(activity), by=acme.users[Role.CAM])
    assert queries.current_result(activity).wins == 4
    assert fresh(plan).state == "verified"
    with pytest.raises(actions.Closed):
        actions.reopen(activity=parts(approved(acme))[0], by=acme.users[Role.CAM], reason="Nothing to open")


def test_the_return_on_mdf_is_that_on_what_was_paid(acme, monkeypatch, client_for):
    """4,000 were approved, 1,000 claimed: the page of the plan says what the report does."""
    activity = closed(acme, parts(approved(acme))[0])
    result = queries.current_result(activity)
    monkeypatch.setattr(spent, "_sources", [lambda rows: spent.Paid({activity.pk: Decimal(1000)})])
    # (90,000 × 0.7 − 1,000) ÷ 1,000
    assert delivered.actual(activity, result).mdf_roi.value == 62
    page = client_for(acme.users[Role.CAM]).get(f"/marketing/plans/{activity.plan_id}/?read=1").content.decode()
    assert "62.0" in page
    monkeypatch.setattr(spent, "_sources", [lambda rows: spent.Paid({}, {activity.pk: "CHF"})])
    assert delivered.actual(activity, result).mdf_roi.lack == Lack.NO_RATE


def test_who_only_reads_sees_results_and_enters_none(acme, client_for):
    activity = closed(acme, parts(approved(acme))[0])
    for user, base in (
        (acme.users[Role.CHIEF], "/marketing"), (acme.users_a[Role.PARTNER_EXECUTIVE], "/portal/marketing"),
    ):  # fmt: skip
        client, url = client_for(user), f"{base}/activities/{activity.pk}/results/"
        page = client.get(url)
        assert page.status_code == 200
        assert "90,000" in page.content.decode()
        assert client.post(url, {**RESULTS, "close": "1"}).status_code == 403


def test_results_are_seen_with_the_plan_and_by_nobody_else(acme):
    activity = closed(acme, parts(approved(acme))[0])
    seen = {
        user: queries.results(user).count()
        for user in (marketer(acme), acme.users_a[Role.PARTNER_EXECUTIVE], acme.users[Role.CAM], acme.users[Role.CHIEF])
    }
    assert set(seen.values()) == {1}
    assert not queries.results(marketer(acme, acme.partner_b)).exists()
    assert not queries.results(acme.cam_b).exists()
    assert activity.state == "closed"
