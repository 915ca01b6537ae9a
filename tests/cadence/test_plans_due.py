"""Business plan and re-forecast in the cadence: what asks for them, what closes them."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.permissions import Role
from cadence import actions
from cadence.models import DueItem
from partners.models import Placement
from planning.actions import reforecasting
from prm.common.models import Policy
from tests.planning.committed import committed
from tests.planning.conftest import begin, sign_both

DAY = dt.date(2026, 9, 10)


@pytest.fixture(autouse=True)
def on(monkeypatch):
    def set_day(day):
        monkeypatch.setattr(timezone, "now", lambda: dt.datetime.combine(day, dt.time(12), dt.UTC))

    set_day(DAY)
    return set_day


@pytest.fixture
def cam(acme):
    Policy.objects.filter(kind="cadence").update(starts_on="2025-01-01")
    DueItem.everything.all().delete()
    Placement.everything.create(
        partner=acme.partner_a, starts_on="2025-01-01", tier=acme.partner_a.tier, stage=acme.partner_a.stage
    )
    return acme.users[Role.CAM]


def items(partner, task):
    rows = DueItem.everything.filter(partner=partner, task=task, starts_on__year=2026).order_by("starts_on")
    return {period: (state, done_on) for period, state, done_on in rows.values_list("period", "state", "done_on")}


def test_a_plan_is_due_each_year_and_done_when_both_have_signed(acme, cam, django_capture_on_commit_callbacks):
    actions.make_due(on=DAY)
    assert items(acme.partner_a, "business_plan") == {"2026": ("open", None)}
    plan = begin(acme.partner_a, cam)
    with django_capture_on_commit_callbacks(execute=True):
        sign_both(acme, plan, sides=("vendor",))
    assert items(acme.partner_a, "business_plan") == {"2026": ("open", None)}
    with django_capture_on_commit_callbacks(execute=True):
        sign_both(acme, plan, sides=("partner",))
    assert items(acme.partner_a, "business_plan") == {"2026": ("done", DAY)}
    assert DueItem.everything.get(partner=acme.partner_a, task="business_plan", period="2026").by == cam


def test_a_re_forecast_is_asked_for_from_the_first_whole_quarter_with_a_plan_on(acme, cam, on):
    actions.make_due(on=DAY)
    assert items(acme.partner_a, "reforecast") == {}
    committed(acme, acme.partner_a, on=dt.date(2026, 5, 3))
    actions.make_due(on=DAY)
    assert items(acme.partner_a, "reforecast") == {"2026Q3": ("open", None)}
    assert items(acme.partner_b, "reforecast") == {}


def test_confirming_it_closes_it(acme, cam, django_capture_on_commit_callbacks):
    plan = committed(acme, acme.partner_a, on=dt.date(2026, 5, 3))
    actions.make_due(on=DAY)
    with django_capture_on_commit_callbacks(execute=True):
        reforecasting.confirm(plan=plan, by=cam)
    assert items(acme.partner_a, "reforecast") == {"2026Q3": ("done", DAY)}


def test_the_matrix_opens_the_draft_and_the_re_forecast(acme, cam, client_for):
    plan = begin(acme.partner_a, cam)
    actions.make_due(on=DAY)
    DueItem.everything.exclude(task="business_plan").delete()
    page = client_for(cam).get("/").content.decode()
    assert f'href="/plans/{plan.pk}/"' in page  # goes on where the draft was left
    assert f'href="/partners/{acme.partner_a.pk}/plan/"' in page
    nowhere = client_for(cam).get(f"/partners/{acme.partner_a.pk}/re-forecast/")
    assert nowhere.url == f"/partners/{acme.partner_a.pk}/plan/"
    made = committed(acme, acme.partner_a, number=2)
    there = client_for(cam).get(f"/partners/{acme.partner_a.pk}/re-forecast/")
    assert there.url == f"/plans/{made.pk}/re-forecast/"
