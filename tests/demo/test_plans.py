"""The demo's business plans are as the actions leave them, fit what was sold, and show each state there is."""

import datetime as dt

from accounts.models import User
from accounts.permissions import Permission
from pipeline.models import TargetMonth
from planning import signing
from planning.chasing import unsigned
from planning.following import follow
from planning.models import BusinessPlan, PlanSignature, Reforecast, SignatureRequest
from planning.queries import works_on_plans
from planning.reading import read
from tests.demo.conftest import TODAY

COMMITTED = BusinessPlan.Status.COMMITTED


def test_each_state_is_there_and_every_plan_can_be_read(demo):
    plans = BusinessPlan.everything.all()
    assert {plan.status for plan in plans} == {"draft", "committed", "superseded"}
    for plan in plans:
        read(plan)
        plan.clean_fields()
    assert plans.filter(follows__isnull=False, status=COMMITTED).exists()
    assert not plans.filter(committed_on__gte=TODAY).exists()


def test_what_was_signed_is_what_stands_there(demo):
    for plan in BusinessPlan.everything.filter(status__in=BusinessPlan.FIXED):
        assert signing.content_hash(plan) == plan.content_hash
        signatures = PlanSignature.everything.filter(plan=plan)
        assert {row.side for row in signatures} == {"vendor", "partner"}
        assert all(
            works_on_plans(row.user) and row.user.can(Permission.PLAN_BUSINESS) == (row.side == "partner")
            for row in signatures
        )
        assert SignatureRequest.everything.filter(plan=plan).count() == 2


def test_targets_follow_from_the_plan_in_force(demo):
    for plan in BusinessPlan.everything.filter(status=COMMITTED):
        for metric in ("revenue", "deals"):
            rows = TargetMonth.everything.filter(
                version__partner=plan.partner,
                version__source="commitment",
                version__number=plan.number,
                version__metric=metric,
            )
            assert dict(rows.values_list("month", "value")) == dict(plan.months.values_list("month", metric))


def test_they_are_in_reach_of_what_partners_sell(demo):
    """Else every figure of plan against actual in the demo is absurd."""
    found = []
    for plan in BusinessPlan.everything.filter(status=COMMITTED):
        held = follow(plan, TODAY).held
        if held.months > 2 and held.attainment is not None:
            found.append(held.attainment)
    assert found
    assert 50 < sorted(found)[len(found) // 2] < 170


def test_one_waits_too_long_and_some_were_re_forecast(demo, profile):
    cam = User.objects.get(email=f"cam@{profile.domain}")
    (waits,) = unsigned(cam, TODAY)
    assert waits.days == 31
    rows = Reforecast.everything.all()
    assert rows
    for row in rows:
        assert row.figures == follow(row.plan, row.on).figures()
        assert row.plan.committed_on < row.on < TODAY + dt.timedelta(days=1)
