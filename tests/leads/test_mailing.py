"""Mails about leads: to whom, with which link, and nothing of the person before the partner has accepted."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts import links
from accounts.models import SignedLink
from accounts.permissions import Role
from leads import actions
from leads.mailing import LEAD_LINK, OFFER_LINK
from prm.common.models import OutgoingMail
from tests.leads.given import SECRETS, direct, held, offered

LONG_AGO = dt.timedelta(days=40)


@pytest.fixture
def committing(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def mails():
    return {mail.to: mail for mail in OutgoingMail.objects.all()}


def test_an_offer_is_mailed_to_each_who_can_accept_with_a_link_of_their_own(acme, committing):
    with committing():
        offer = offered(acme)
    sent, team = mails(), acme.users_a
    assert set(sent) == {team[role].email for role in (Role.PARTNER_SELLER, Role.PARTNER_CHAMPION)}
    for mail in sent.values():
        link = SignedLink.objects.get(user__email=mail.to, purpose=OFFER_LINK, target_id=str(offer.pk))
        assert links.token(link) in mail.text
        assert links.token(link) in mail.html
        assert link.expires_at > offer.answer_by
        for word in ("Umbrella", "Forty new servers", "grade A", "Ulm, DE"):
            assert word in mail.text + mail.subject, word
        for secret in SECRETS:
            assert secret not in mail.text + mail.html + mail.subject


def test_an_offer_that_has_ended_by_then_is_not_mailed(acme, committing):
    with committing():
        offer = offered(acme)
        actions.withdraw(by=acme.users[Role.OPERATIONS], lead=offer.lead, reason="A mistake")
        offered(acme, "Long ago", at=timezone.now() - LONG_AGO)
    assert not mails()


def test_a_reminder_goes_to_those_who_can_work_on_it_and_says_until_when(acme, committing):
    lead = held(acme, at=timezone.now() - LONG_AGO)
    with committing():
        actions.nudge(lead=lead)
    lead.refresh_from_db()
    sent = mails()
    assert set(sent) == {acme.users_a[role].email for role in (Role.PARTNER_SELLER, Role.PARTNER_CHAMPION)}
    for mail in sent.values():
        link = SignedLink.objects.get(user__email=mail.to, purpose=LEAD_LINK, target_id=str(lead.pk))
        assert links.token(link) in mail.text
        assert "it is taken back" in mail.text
        for secret in SECRETS:
            assert secret not in mail.text + mail.html


def test_of_a_direct_lead_its_person_is_reminded_with_the_address_of_the_page(acme, committing):
    marketer = acme.users[Role.MARKETING]
    lead = direct(acme, person=marketer)
    with committing():
        actions.nudge(lead=lead, at=timezone.now() + LONG_AGO)
    (mail,) = mails().values()
    assert mail.to == marketer.email
    assert f"/leads/{lead.pk}/" in mail.text
    assert "taken back" not in mail.text
    assert not SignedLink.objects.exists()


def test_what_is_taken_back_is_told_without_a_link(acme, committing):
    lead = held(acme)
    with committing():
        actions.pull_back(lead=lead, by=acme.users[Role.OPERATIONS], reason="They asked for it")
    sent = mails()
    assert set(sent) == {acme.users_a[role].email for role in (Role.PARTNER_SELLER, Role.PARTNER_CHAMPION)}
    for mail in sent.values():
        assert "Taken back: Umbrella" in mail.subject
        assert "http" not in mail.text
    assert not SignedLink.objects.exists()
