"""The demo's marketing plans are as the actions leave them, in every state, with a closed quarter that says something."""

from collections import Counter

from marketing import actions, queries, reading
from marketing.models import Activity, ActivityResult, MarketingPlan, Snapshot
from tests.demo.conftest import TODAY

PEOPLE = [
    f"{did}_by"
    for did in ("created", "updated", "submitted", "amounts", "decided", "entered", "closed", "verified", "reopened")
]


def test_each_state_is_there_and_every_row_could_be_the_actions_work(demo):
    rows = MarketingPlan.everything.prefetch_related("activities__budget", "activities__results", "snapshots")
    assert {row.state for row in rows} >= {
        "draft", "submitted", "in_review", "approved", "running", "closed", "verified", "rejected",
    }  # fmt: skip
    for row in rows:
        row.clean_fields(exclude=PEOPLE)
        assert (row.submitted_on or TODAY) <= TODAY
        activities = list(row.activities.all())
        assert [each.position for each in activities] == list(range(len(activities)))
        assert row.state in ("draft", "changes_requested") or not actions.not_ready(row)
        assert len(row.snapshots.all()) == (row.state != "draft")
        for activity in activities:
            activity.clean_fields(exclude=PEOPLE)
            _as_the_actions_leave_it(row, activity)
    for kept in Snapshot.everything.all()[:20]:
        assert kept.content_hash == reading.hash_of(kept.content)


def _as_the_actions_leave_it(plan, activity):
    results = list(activity.results.all())
    assert row_decided(plan, activity)
    assert (activity.state == "planned") == (not results)
    if activity.is_approved and plan.state in ("closed", "verified"):
        assert results
    for result in results:
        result.clean_fields(exclude=PEOPLE)
        assert result.state == activity.state
        assert result.verified_by_id not in (result.entered_by_id, result.closed_by_id)
    if plan.state == "verified":
        assert all(result.state == "verified" for result in results)
    mdf = sum(line.amount for line in activity.budget.all() if line.payer == "mdf")
    assert activity.mdf_asked == mdf


def row_decided(plan, activity):
    if plan.state in ("draft", "submitted"):
        return activity.decision == "undecided"
    if plan.state == "rejected":
        return activity.decision == "denied"
    return plan.state == "in_review" or activity.decision != "undecided"


def test_a_closed_quarter_compares_forecast_and_results_by_tactic_and_partner(demo):
    verified = ActivityResult.everything.filter(state="verified").select_related("activity__plan")
    by_tactic = Counter(row.activity.tactic_id for row in verified)
    partners = {row.activity.plan.partner_id for row in verified}
    assert len(by_tactic) >= 5
    assert len(partners) >= 5
    assert any(count >= 5 for count in by_tactic.values())
    assert queries.history()
    waiting = Activity.everything.filter(state="closed")
    assert waiting.exists()
