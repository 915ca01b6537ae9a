"""Leads that a partner leaves unanswered, among the CAM's calls and over the list of what is due."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.permissions import Role
from cadence.home import cam_home
from cadence.watching import unanswered_leads
from leads import actions
from prm.common.vendor import today
from tests.leads.given import held, offered

WEEKS = dt.timedelta(days=21)


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


def test_an_offer_counts_from_the_day_after_and_a_lead_once_its_clock_has_run_out(acme, cam):
    offered(acme, "Today")
    held(acme, "Accepted today")
    assert unanswered_leads(cam, today()) == []
    (found,) = unanswered_leads(cam, today() + dt.timedelta(days=1))
    assert (found.partner, found.words, found.due_on) == (acme.partner_a.pk, "Lead unanswered 1 d", today())
    late = held(acme, "Left lying", at=timezone.now() - WEEKS)
    (found,) = unanswered_leads(cam, today())
    assert found.words == f"Lead unanswered {(today() - late.contact_by.date()).days} d"
    actions.contacted(by=acme.users_a[Role.PARTNER_SELLER], lead=late)
    assert unanswered_leads(cam, today()) == []


def test_one_call_for_all_leads_of_a_partner_and_none_for_others_partners(acme, cam):
    oldest = held(acme, "First", at=timezone.now() - WEEKS)
    held(acme, "Second", at=timezone.now() - WEEKS)
    held(acme, "Not theirs", partner=acme.partner_b, at=timezone.now() - WEEKS)
    home = cam_home(cam, today())
    (call,) = home.calls
    days = (today() - oldest.contact_by.date()).days
    assert [reason.label for reason in call.reasons] == [f"2 leads unanswered, oldest {days} d"]
    assert (call.url, call.button) == (f"/partners/{acme.partner_a.pk}/leads/", "Open")


def test_over_the_due_list_and_by_its_filter(acme, cam, client_for):
    held(acme, "Left lying", at=timezone.now() - WEEKS)
    client = client_for(cam)
    assert "Lead unanswered" in client.get("/").content.decode()
    assert "Lead unanswered" in client.get("/due/").content.decode()
    assert "Lead unanswered" in client.get("/due/?task=leads").content.decode()
    assert "Lead unanswered" not in client.get("/due/?task=capabilities").content.decode()
