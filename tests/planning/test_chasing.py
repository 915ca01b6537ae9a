"""Plans unsigned after 30 days: in the CAM's home and due list, and one line under the bell of who is to sign and who asked."""

import datetime as dt
import html

import pytest
from django.utils import timezone

from accounts.permissions import Role
from cadence.home import cam_home
from cadence.models import TASKS, DueItem
from planning import chasing
from planning.models import PlanSignature, Side, SignatureRequest
from prm.common.models import Notification
from tests.planning.committed import asked, committed, draft

DAY = dt.date(2026, 9, 10)
BEFORE = DAY - dt.timedelta(days=31)


@pytest.fixture(autouse=True)
def on(monkeypatch):
    def set_day(day):
        monkeypatch.setattr(timezone, "now", lambda: dt.datetime.combine(day, dt.time(12), dt.UTC))

    set_day(DAY)
    return set_day


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


@pytest.fixture
def executive(acme):
    return acme.users_a[Role.PARTNER_EXECUTIVE]


@pytest.fixture
def plan(acme, cam, executive):
    """Both asked 31 days ago, by operations."""
    made = draft(acme, acme.partner_a, shared=True)
    for side, user in ((Side.VENDOR, cam), (Side.PARTNER, executive)):
        asked(made, side, user, on=BEFORE, by=acme.users[Role.OPERATIONS])
    return made


def bells(user):
    return list(Notification.objects.filter(user=user).values_list("text", "url"))


def test_after_thirty_days_and_not_before(acme, plan, cam):
    SignatureRequest.everything.update(asked_on=DAY - dt.timedelta(days=30))
    assert chasing.unsigned(cam, DAY) == []
    (found,) = chasing.unsigned(cam, DAY + dt.timedelta(days=1))
    assert (found.plan, found.days, found.due_on) == (plan, 31, DAY)


def test_a_side_that_signed_or_was_asked_anew_is_not_waited_for(acme, plan, cam, executive):
    PlanSignature.everything.create(
        plan=plan, side=Side.VENDOR, name="C", email="c@x.example", user=cam, content_hash="f" * 64
    )
    (found,) = chasing.unsigned(cam, DAY)
    assert found.names == executive.display_name
    PlanSignature.everything.update(voided_at=timezone.now(), void_reason="Changed")
    (found,) = chasing.unsigned(cam, DAY)
    assert found.names == f"{executive.display_name}, {cam.display_name}"
    asked(plan, Side.PARTNER, acme.users_a[Role.PARTNER_CHAMPION], on=DAY - dt.timedelta(days=3))
    (found,) = chasing.unsigned(cam, DAY)
    assert found.names == cam.display_name


def test_signed_and_other_peoples_plans_are_not_chased(acme, plan, cam):
    theirs = draft(acme, acme.partner_b)
    asked(theirs, Side.PARTNER, acme.users_b[Role.PARTNER_EXECUTIVE], on=BEFORE)
    done = committed(acme, acme.partner_a, number=2)
    asked(done, Side.PARTNER, acme.users_a[Role.PARTNER_EXECUTIVE], on=BEFORE)
    assert [found.plan for found in chasing.unsigned(cam, DAY)] == [plan]
    assert [found.plan for found in chasing.unsigned(acme.cam_b, DAY)] == [theirs]
    assert {found.plan for found in chasing.unsigned(acme.users[Role.CHIEF], DAY)} == {plan, theirs}


def test_by_night_each_is_reminded_once_and_anew_when_asked_anew(acme, plan, cam, executive, on):
    assert chasing.remind(on=DAY) == 2
    assert chasing.remind(on=DAY) == 0
    chasing.every_night()
    name, asker = acme.partner_a.name, acme.users[Role.OPERATIONS]
    waited = f"The business plan of {name} has waited for your signature for 31 days"
    assert bells(executive) == [(waited, f"/portal/plans/{plan.pk}/sign/")]
    assert bells(cam) == [(waited, f"/plans/{plan.pk}/sign/")]
    names = f"{executive.display_name}, {cam.display_name}"
    assert bells(asker) == [(f"The business plan of {name} is unsigned after 31 days: {names}", f"/plans/{plan.pk}/")]
    on(DAY + dt.timedelta(days=40))
    assert chasing.remind(on=DAY + dt.timedelta(days=40)) == 0
    SignatureRequest.everything.filter(user=executive).update(asked_on=DAY, reminded_on=None)  # as `ask` does
    assert chasing.remind(on=DAY + dt.timedelta(days=40)) == 1
    assert [len(bells(user)) for user in (executive, cam, asker)] == [2, 1, 2]


def test_who_asked_and_signs_hears_it_once_and_who_left_not_at_all(acme, plan, cam, executive):
    SignatureRequest.everything.update(asked_by=cam)
    executive.is_active = False
    executive.save()
    chasing.remind(on=DAY)
    assert len(bells(cam)) == 1
    assert bells(executive) == []


def test_the_cam_finds_it_among_the_calls_in_the_matrix_and_over_the_due_list(acme, plan, cam, client_for):
    day = DAY + dt.timedelta(days=20)
    DueItem.everything.create(
        partner=acme.partner_a, task="business_plan", period="2026", starts_on=dt.date(2026, 1, 1),
        ends_on=dt.date(2026, 12, 31), due_on=day,
    )  # fmt: skip
    home = cam_home(cam, DAY)
    (call,) = home.calls
    assert [(reason.label, reason.cell.state) for reason in call.reasons] == [("Plan unsigned 31 d", "late")]
    assert (call.url, call.button) == (f"/plans/{plan.pk}/", "Open")
    (line,) = [line for half in home.halves for line in half]
    assert [(label, cell.state, url) for _short, label, cell, url in line.cells] == [
        (str(TASKS["business_plan"]), "late", f"/plans/{plan.pk}/")
    ]
    for path in ("/", "/due/", "/due/?task=business_plan", "/due/?state=late&region=west"):
        assert "Plan unsigned 31 d" in html.unescape(client_for(cam).get(path).content.decode()), path
    for path in ("/due/?state=done", "/due/?task=reforecast", "/due/?region=east"):
        assert "Plan unsigned" not in client_for(cam).get(path).content.decode(), path
    assert "Plan unsigned" not in client_for(acme.cam_b).get("/due/").content.decode()


def test_signed_it_is_no_longer_there(acme, plan, cam, client_for):
    plan.status = "discarded"
    plan.save()
    assert cam_home(cam, DAY).calls == []
    assert "Plan unsigned" not in client_for(cam).get("/due/").content.decode()
