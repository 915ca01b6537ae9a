"""The rules of approval: set, tried on last year's requests; and delegations."""

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.permissions import Role
from mdf import trial
from mdf.approval_rules import rules_on
from mdf.models import Delegation, Request
from mdf.steps import Level, Rules, Step
from prm.common.vendor import today, work_calendar
from tests.mdf.asking import cam, submitted
from tests.mdf.funding import make_fund
from tests.mdf.test_request_pages import text

pytestmark = pytest.mark.django_db

SENT = {"cam": "on", "marketing": "2000", "chief": "9000", "sla_days": "2", "escalation_days": "1"}


def test_a_version_is_saved_and_holds_from_its_day(acme, client_for):
    client, day = client_for(acme.users[Role.ADMIN]), today() + dt.timedelta(days=30)
    assert client.post("/settings/mdf/", {**SENT, "starts_on": day.isoformat(), "save": "1"}).status_code == 302
    assert rules_on(None, today()) == Rules()
    assert rules_on(None, day).needed(Decimal(2001)) == (Level.CAM, Level.MARKETING)
    assert (rules_on(None, day).sla_days, rules_on(None, day).escalation_days) == (2, 1)


def test_a_fund_has_rules_of_its_own(acme, client_for):
    fund = make_fund(acme)
    client = client_for(acme.users[Role.ADMIN])
    client.post(f"/settings/mdf/?fund={fund.pk}", {**SENT, "chief": "", "starts_on": today().isoformat(), "save": "1"})
    assert rules_on(fund, today()).needed(Decimal(10**6)) == (Level.CAM, Level.MARKETING)
    assert rules_on(None, today()) == Rules()
    assert "Rules of Growth fund" in text(client.get(f"/settings/mdf/?fund={fund.pk}"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"chief": "1000"}, "above what the marketing manager decides"),
        ({"cam": "", "marketing": "", "chief": ""}, "Somebody has to decide"),
        ({"cam": ""}, "enter 0"),
        ({"marketing": "0"}, "above 0"),
        ({"sla_days": "0"}, "greater than or equal to 1"),
    ],
)
def test_rules_that_leave_a_gap_are_refused(acme, client_for, changes, said):
    sent = {**SENT, "starts_on": today().isoformat(), "save": "1", **changes}
    page = client_for(acme.users[Role.ADMIN]).post(
        "/settings/mdf/", {key: value for key, value in sent.items() if value}
    )
    assert (page.status_code, said in text(page)) == (422, True)


def test_tried_on_last_years_requests_it_says_which_go_another_way(acme, client_for):
    fund = make_fund(acme, budget="90000")
    small, again = submitted(acme, fund, "3000"), submitted(acme, fund, "1500")
    page = client_for(acme.users[Role.ADMIN]).post(
        "/settings/mdf/", {**SENT, "starts_on": today().isoformat(), "try": "1"}
    )
    assert page.status_code == 200
    said = text(page)
    assert (small.reference in said, again.reference in said, "Nothing is saved yet" in said) == (True, True, True)
    assert rules_on(None, today()) == Rules()
    past = {row.id: row.asked for row in trial.last_year(timezone.now(), None)}
    assert past == {small.pk: 3000, again.pk: 4500}  # with what was asked in the quarter before


def test_a_step_decided_too_late_by_the_tried_rules_is_counted(acme):
    friday = dt.datetime(2027, 3, 5, 16, tzinfo=dt.UTC)
    past = trial.Past(1, "M-1", "P", "Plan", Decimal(100), "EUR", friday, ((friday, friday + dt.timedelta(days=5)),))
    calendar = work_calendar()
    slow, quick = Rules(sla_days=3), Rules(sla_days=1)
    assert trial.judge(past, slow, calendar).late == 0
    assert trial.judge(past, quick, calendar).late == 1
    found = trial.Trial([past], slow, Rules((Step(Level.MARKETING, Decimal(0)),), sla_days=1), calendar)
    assert [(line.before, line.after) for line in found.changed] == [
        ("Channel account manager", "Channel marketing manager")
    ]


def test_a_delegate_decides_while_the_other_is_away(acme, client_for):
    asked = submitted(acme, make_fund(acme, budget="50000"), "3000")
    away, other = cam(acme), acme.cam_b
    client = client_for(other)
    assert client.get(f"/mdf/requests/{asked.pk}/decide/").status_code == 404
    sent = {"delegate": other.pk, "starts_on": today().isoformat(), "ends_on": ""}
    assert client_for(away).post("/mdf/delegations/", sent).status_code == 302
    assert asked.reference in text(client.get("/mdf/approvals/"))
    client.post(f"/mdf/requests/{asked.pk}/approve/", {"reason": ""})
    found = Request.everything.get(pk=asked.pk)
    assert (found.state, found.decided_by) == ("approved", other)
    (row,) = Delegation.objects.all()
    assert client_for(acme.users[Role.CHIEF]).post(f"/mdf/delegations/{row.pk}/end/").status_code == 403
    assert Delegation.objects.filter(pk=row.pk).exists()
    client_for(away).post(f"/mdf/delegations/{row.pk}/end/")
    assert not Delegation.objects.exists()


def test_nobody_names_a_delegate_for_somebody_else_but_the_admin(acme, client_for):
    sent = {"person": acme.cam_b.pk, "delegate": acme.users[Role.CHIEF].pk, "starts_on": today().isoformat()}
    client_for(cam(acme)).post("/mdf/delegations/", sent)
    assert Delegation.objects.get().person == cam(acme)
    client_for(acme.users[Role.ADMIN]).post("/mdf/delegations/", sent)
    assert Delegation.objects.filter(person=acme.cam_b).exists()
