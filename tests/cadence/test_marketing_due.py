"""Marketing plans in the cadence: due each quarter, held when one is submitted, open again when it is taken back."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.permissions import Role
from cadence import actions
from cadence.models import DueItem
from marketing import actions as marketing
from partners.models import Placement
from prm.common.models import Policy
from tests.marketing.making import added, marketer, started

DAY = dt.date(2026, 9, 10)


@pytest.fixture
def cam(acme, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: dt.datetime.combine(DAY, dt.time(12), dt.UTC))
    Policy.objects.filter(kind="cadence").update(starts_on="2025-01-01")
    DueItem.everything.all().delete()
    Placement.everything.create(
        partner=acme.partner_a, starts_on="2025-01-01", tier=acme.partner_a.tier, stage=acme.partner_a.stage
    )
    actions.make_due(on=DAY)
    return acme.users[Role.CAM]


def state(partner):
    rows = DueItem.everything.filter(partner=partner, task="marketing_plan", period="2026Q3")
    return list(rows.values_list("state", "done_on", "by"))


def test_submitting_closes_it_and_taking_it_back_opens_it(acme, cam, django_capture_on_commit_callbacks):
    assert state(acme.partner_a) == [("open", None, None)]
    plan = started(acme)
    added(plan, by=cam)
    assert state(acme.partner_a) == [("open", None, None)]
    with django_capture_on_commit_callbacks(execute=True):
        marketing.submit(plan=plan, by=cam)
    assert state(acme.partner_a) == [("done", DAY, cam.pk)]
    with django_capture_on_commit_callbacks(execute=True):
        marketing.recall(plan=plan, by=marketer(acme))
    assert state(acme.partner_a) == [("open", None, None)]


def test_the_matrix_opens_the_draft_else_the_partners_plans(acme, cam, client_for):
    DueItem.everything.exclude(task="marketing_plan").delete()
    home = client_for(cam).get("/").content.decode()
    assert f'href="/partners/{acme.partner_a.pk}/marketing/"' in home
    plan = started(acme)
    assert f'href="{plan.get_absolute_url()}"' in client_for(cam).get("/").content.decode()
