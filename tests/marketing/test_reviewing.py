"""A plan's way through the review, as the app above takes it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts.permissions import Role
from marketing import actions, reading, tasks
from marketing.models import Activity, MarketingPlan, Snapshot
from prm.common.vendor import fiscal_calendar, today
from tests.marketing.making import added, fresh, marketer, parts, started, submitted


@pytest.fixture
def reviewer(acme):
    return acme.users[Role.MARKETING]


def test_submitted_it_is_fixed_and_kept_as_it_was(acme):
    plan = submitted(acme)
    assert (plan.state, plan.submitted_by, plan.submitted_on) == ("submitted", marketer(acme), today())
    (kept,) = Snapshot.everything.filter(plan=plan)
    assert [each["mdf_asked"] for each in kept.content["activities"]] == ["4000", "4000"]
    assert kept.content["activities"][0]["budget"] == [{"what": "Agency", "amount": "9000", "payer": "partner"}]
    assert kept.content_hash == reading.hash_of(kept.content)
    activity = parts(plan)[0]
    for refused in (
        lambda by: actions.change_activity(activity=activity, by=by, fields={"mdf_asked": "1"}),
        lambda by: actions.add_activity(plan=plan, by=by, tactic=activity.tactic),
        lambda by: actions.remove_activity(activity=activity, by=by),
        lambda by: actions.save(plan=plan, by=by, fields={"message": "x"}),
        lambda by: actions.submit(plan=plan, by=by),
        lambda by: actions.reorder(plan=plan, by=by, order=[row.pk for row in parts(plan)]),
    ):
        with pytest.raises(actions.Closed):
            refused(marketer(acme))
    changed = actions.change_activity(
        activity=activity, by=marketer(acme), fields={"assets": [{"label": "Page", "url": "https://a.example/x"}]}
    )
    assert changed.assets == [{"label": "Page", "url": "https://a.example/x"}]


def test_a_plan_without_activities_or_asking_more_than_it_costs_is_not_ready(acme):
    plan = started(acme)
    with pytest.raises(actions.NotReady) as refused:
        actions.submit(plan=plan, by=marketer(acme))
    assert len(refused.value.reasons) == 1
    activity = added(plan, by=marketer(acme), mdf_asked="9000.01")
    with pytest.raises(actions.NotReady):
        actions.submit(plan=plan, by=marketer(acme))
    actions.change_activity(activity=activity, by=marketer(acme), fields={"mdf_asked": "9000"})
    assert actions.submit(plan=plan, by=marketer(acme)).state == "submitted"


def test_submitting_shares_it_and_only_who_builds_may(acme):
    plan = started(acme, by=acme.users[Role.CAM])
    added(plan, by=acme.users[Role.CAM])
    for other in (acme.cam_b, acme.users[Role.CHIEF], acme.users_a[Role.PARTNER_EXECUTIVE]):
        with pytest.raises(actions.NotAllowed):
            actions.submit(plan=plan, by=other)
    assert actions.submit(plan=plan, by=acme.users[Role.CAM]).shared


@pytest.mark.parametrize(
    ("decisions", "state", "scope"),
    [
        (["as_asked", "as_asked"], "approved", "all"),
        (["as_asked", "changed"], "approved", "all"),
        (["as_asked", "denied"], "approved", "some"),
        (["denied", "denied"], "rejected", None),
        (["as_asked", "returned"], "changes_requested", None),
        (["denied", "returned"], "changes_requested", None),
    ],
)
def test_what_was_decided_of_the_activities_is_what_the_plan_is(acme, reviewer, decisions, state, scope):
    plan = submitted(acme)
    for activity, decision in zip(parts(plan), decisions, strict=True):
        mdf = Decimal(1500) if decision == "changed" else None
        actions.decide(activity=activity, decision=decision, by=reviewer, mdf=mdf, reason="So it is")
        assert fresh(plan).state == "in_review"
    plan = actions.finish_review(plan=plan, by=reviewer)
    assert (plan.state, actions.scope_of(plan)) == (state, scope)
    wanted = {"as_asked": 4000, "changed": 1500, "denied": 0, "returned": None}
    assert [row.mdf_approved for row in parts(plan)] == [wanted[decision] for decision in decisions]


def test_the_review_ends_when_all_is_decided(acme, reviewer):
    plan = submitted(acme)
    actions.decide(activity=parts(plan)[0], decision="as_asked", by=reviewer)
    with pytest.raises(actions.NotReady):
        actions.finish_review(plan=plan, by=reviewer)
    actions.decide(activity=parts(plan)[0], decision="undecided", by=reviewer)
    assert (parts(plan)[0].decided_by, parts(plan)[0].mdf_approved) == (None, None)


def test_decisions_say_how_much_and_why(acme, reviewer):
    activity = parts(submitted(acme))[0]
    for field, given in (
        ("reason", {"decision": "denied"}), ("reason", {"decision": "returned", "reason": " "}), ("decision", {"decision": "so"}),
        ("mdf", {"decision": "changed"}), ("mdf", {"decision": "changed", "mdf": Decimal(4001)}),
        ("mdf", {"decision": "changed", "mdf": Decimal(-1)}),
    ):  # fmt: skip
        with pytest.raises(ValidationError) as refused:
            actions.decide(activity=activity, by=reviewer, **given)
        assert set(refused.value.message_dict) == {field}
    with pytest.raises(actions.Closed):
        actions.decide(activity=added(started(acme), by=marketer(acme)), decision="as_asked", by=reviewer)


def test_asked_for_changes_it_is_changed_and_submitted_again(acme, reviewer):
    plan = submitted(acme)
    one, two = parts(plan)
    actions.decide(activity=one, decision="as_asked", by=reviewer)
    actions.decide(activity=two, decision="returned", by=reviewer, reason="Too dear")
    actions.finish_review(plan=plan, by=reviewer)
    actions.change_activity(activity=fresh(two), by=marketer(acme), fields={"mdf_asked": "1000"})
    plan = actions.submit(plan=plan, by=marketer(acme))
    assert [row.decision for row in parts(plan)] == ["undecided", "undecided"]
    assert list(Snapshot.everything.filter(plan=plan).values_list("number", flat=True)) == [2, 1]


def test_taken_back_nothing_of_it_is_decided(acme, reviewer):
    plan = submitted(acme)
    actions.change_activity(activity=parts(plan)[0], by=acme.users[Role.CAM], fields={"assets": []})
    plan = actions.recall(plan=plan, by=marketer(acme))
    assert (plan.state, {row.decision for row in parts(plan)}) == ("draft", {"undecided"})
    assert plan.updated_by == marketer(acme)
    with pytest.raises(actions.Closed):
        actions.recall(plan=plan, by=marketer(acme))


def test_once_it_is_reviewed_it_is_not_taken_back(acme, reviewer):
    plan = submitted(acme)
    actions.decide(activity=parts(plan)[0], decision="as_asked", by=reviewer)
    with pytest.raises(actions.Closed):
        actions.recall(plan=fresh(plan), by=marketer(acme))
    assert fresh(plan).state == "in_review"


def test_a_plan_that_goes_nowhere_is_given_up_with_a_reason(acme, reviewer):
    by, draft = marketer(acme), started(acme)
    with pytest.raises(actions.Closed):
        actions.withdraw(plan=draft, by=by, reason="No money")
    plan = actions.recall(plan=submitted(acme), by=by)
    with pytest.raises(ValidationError):
        actions.withdraw(plan=plan, by=by, reason=" ")
    ended = actions.withdraw(plan=plan, by=by, reason="No money")
    assert (ended.state, ended.submitted_on, ended.updated_by) == ("rejected", today(), by)
    other = submitted(acme)
    actions.decide(activity=parts(other)[0], decision="as_asked", by=reviewer)
    actions.decide(activity=parts(other)[1], decision="returned", by=reviewer, reason="Too dear")
    actions.finish_review(plan=other, by=reviewer)
    assert actions.withdraw(plan=other, by=acme.users[Role.CAM], reason="Too late").state == "rejected"


def test_denied_activities_are_not_in_the_totals(acme, reviewer):
    plan = submitted(acme)
    one, two = parts(plan)
    assert reading.totals(plan).revenue.value == 432_000
    actions.decide(activity=one, decision="denied", by=reviewer, reason="No")
    actions.decide(activity=two, decision="changed", by=reviewer, mdf=Decimal(2000))
    found = reading.totals(fresh(plan))
    assert (found.revenue.value, found.cost, found.mdf) == (216_000, 9_000, 2_000)


def test_by_night_approved_plans_begin_on_their_first_day(acme, reviewer):
    later = fiscal_calendar().quarter_of(today()).next
    now, then = submitted(acme), submitted(acme, quarter=later.key)
    for plan in (now, then):
        for activity in parts(plan):
            actions.decide(activity=activity, decision="as_asked", by=reviewer)
        actions.finish_review(plan=plan, by=reviewer)
    tasks.every_night()
    tasks.every_night()
    assert (fresh(now).state, fresh(then).state) == ("running", "approved")
    assert actions.begin_running(on=later.start - dt.timedelta(days=1)) == 0
    assert actions.begin_running(on=later.start) == 1
    assert fresh(then).state == "running"


def test_the_database_holds_that_only_approved_activities_close(acme):
    from django.db import IntegrityError, transaction

    plan = submitted(acme)
    for change in ({"state": "closed"}, {"ends_on": dt.date(2000, 1, 1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Activity.everything.filter(plan=plan).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        MarketingPlan.everything.filter(pk=plan.pk).update(shared=False)
