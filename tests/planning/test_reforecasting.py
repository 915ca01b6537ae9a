"""A committed plan against its partner's actuals through the database, and re-forecasts confirmed."""

import datetime as dt
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.permissions import Role
from planning.actions import reforecasting
from planning.events import ReforecastConfirmed
from planning.following import fixed, follow, reforecasts
from planning.models import BusinessPlan, Reforecast
from planning.refusals import Closed, NotAllowed
from prm.common import events
from prm.common.models import AuditEntry, CurrencyRate, Policy
from tests.planning.committed import committed, draft, sold, won

DAY = dt.date(2026, 9, 10)


@pytest.fixture
def on(monkeypatch):
    def set_day(day):
        monkeypatch.setattr(timezone, "now", lambda: dt.datetime.combine(day, dt.time(12), dt.UTC))

    set_day(DAY)
    return set_day


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def plan(acme, on):
    """From July on 1,200 a month and two deals; sold 900 in July, 1,500 in August, 70 so far in September."""
    CurrencyRate.objects.create(on="2020-01-01", currency="EUR", rate="1.5")
    made = committed(acme, acme.partner_a)
    for day, amount in (
        (dt.date(2026, 7, 31), "900"),
        (dt.date(2026, 8, 1), "1000"),
        (dt.date(2026, 9, 10), "70"),
        (dt.date(2026, 6, 30), "5000"),
    ):
        sold(acme.partner_a, day, amount)
    sold(acme.partner_a, dt.date(2026, 8, 20), "400", "EUR")
    sold(acme.partner_a, dt.date(2026, 8, 21), "-100")
    sold(acme.partner_b, dt.date(2026, 7, 31), "77777")
    for day in (dt.date(2026, 7, 3), dt.date(2026, 8, 3), dt.date(2026, 8, 4), dt.date(2026, 9, 4)):
        won(acme.partner_a, day)
    return made


def test_actuals_are_those_of_the_performance_scorecard_month_by_month(plan):
    found = follow(plan)
    assert [line.actual and (line.actual.revenue, line.actual.deals) for line in found.lines[:4]] == [
        (D("900"), 1), (D("1500"), 2), (D("70"), 1), None,
    ]  # fmt: skip
    assert found.held.plan.revenue == D("2400")
    assert found.held.attainment == 100
    assert found.held.deals_attainment == 75
    assert found.outlook.reforecast.revenue == D("43200")  # 900 + 1500 + 34 × 1200


def test_won_deals_are_the_actuals_where_the_vendor_counts_those(plan):
    Policy.objects.create(kind="actuals", starts_on="2020-01-01", data={"from": "won_deals"})
    assert [line.actual.revenue for line in follow(plan).over] == [D("1000"), D("2000")]


def test_confirmed_it_is_kept_as_it_stood(acme, plan, cam, django_capture_on_commit_callbacks):
    heard = []
    events.on(ReforecastConfirmed)(heard.append)
    with django_capture_on_commit_callbacks(execute=True):
        made = reforecasting.confirm(plan=plan, by=cam, note=" Two big ones slipped ")
    assert heard == [ReforecastConfirmed(acme.partner_a.pk, plan.pk, DAY)]
    assert (made.as_of, made.on, made.by, made.note) == (dt.date(2026, 9, 1), DAY, cam, "Two big ones slipped")
    assert made.figures[:3] == [
        {"month": "2026-07", "revenue": "900", "deals": "1", "actual": True},
        {"month": "2026-08", "revenue": "1500", "deals": "2", "actual": True},
        {"month": "2026-09", "revenue": "1200", "deals": "2", "actual": False},
    ]
    assert len(made.figures) == 36
    assert AuditEntry.objects.filter(verb="plan.reforecast", partner_id=acme.partner_a.pk, actor=cam).exists()
    sold(acme.partner_a, dt.date(2026, 7, 5), "50")
    made.refresh_from_db()
    assert made.figures[0]["revenue"] == "900"


def test_the_same_figures_are_kept_once_a_month_and_others_anew(acme, plan, cam, on):
    first = reforecasting.confirm(plan=plan, by=cam)
    assert reforecasting.confirm(plan=plan, by=cam).pk == first.pk
    sold(acme.partner_a, dt.date(2026, 9, 11), "999")  # of the month that runs: the plan stands for it
    assert reforecasting.confirm(plan=plan, by=cam).pk == first.pk
    sold(acme.partner_a, dt.date(2026, 8, 30), "1")
    second = reforecasting.confirm(plan=plan, by=cam)
    assert second.pk != first.pk
    assert list(reforecasts(cam, plan)) == [second, first]
    on(dt.date(2026, 10, 1))
    third = reforecasting.confirm(plan=plan, by=cam)
    assert (third.as_of, third.figures[2]["actual"]) == (dt.date(2026, 10, 1), True)


def test_before_its_first_month_it_is_confirmed_once_a_month_all_the_same(acme, cam, on):
    plan = committed(acme, acme.partner_a, first=dt.date(2027, 1, 1))
    first = reforecasting.confirm(plan=plan, by=cam)
    assert first.as_of == dt.date(2027, 1, 1)
    on(dt.date(2026, 10, 1))
    assert reforecasting.confirm(plan=plan, by=cam).pk != first.pk


def test_figures_that_changed_since_they_were_seen_are_not_confirmed(acme, plan, cam):
    mark = reforecasting.seen(follow(plan).figures())
    sold(acme.partner_a, dt.date(2026, 8, 30), "1")
    with pytest.raises(ValidationError, match="changed while you looked"):
        reforecasting.confirm(plan=plan, by=cam, mark=mark)
    assert not Reforecast.everything.exists()
    assert reforecasting.confirm(plan=plan, by=cam, mark=reforecasting.seen(follow(plan).figures()))


def test_what_has_no_rate_is_named_and_not_confirmed(acme, plan, cam):
    sold(acme.partner_a, dt.date(2026, 8, 30), "10", "CHF")
    with pytest.raises(ValidationError, match="CHF"):
        reforecasting.confirm(plan=plan, by=cam)


def test_only_the_plan_in_force_and_only_by_who_builds_plans(acme, plan, cam):
    with pytest.raises(NotAllowed):
        reforecasting.confirm(plan=plan, by=acme.users[Role.CHIEF])
    with pytest.raises(NotAllowed):
        reforecasting.confirm(plan=plan, by=acme.users_a[Role.PARTNER_EXECUTIVE])
    with pytest.raises(BusinessPlan.DoesNotExist):
        reforecasting.confirm(plan=plan, by=acme.cam_b)
    BusinessPlan.everything.filter(pk=plan.pk).update(status="superseded")
    with pytest.raises(Closed):
        reforecasting.confirm(plan=plan, by=cam)


def test_only_what_was_committed_is_followed_and_only_by_who_sees_it(acme, plan):
    draft(acme, acme.partner_b)
    assert list(fixed(acme.users[Role.CHIEF])) == [plan]
    assert list(fixed(acme.users_a[Role.PARTNER_SELLER])) == [plan]
    assert not fixed(acme.users_b[Role.PARTNER_EXECUTIVE]).exists()
    assert not fixed(acme.cam_b).exists()
