"""Leads in the portal: what a partner may know before it accepts, one click for what comes next, by mailed links too."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts import links
from accounts.permissions import Role
from leads import actions
from leads.mailing import LEAD_LINK, OFFER_LINK
from leads.models import LeadOffer
from tests.leads.given import SECRETS, fresh, held, offered


@pytest.fixture
def seller(acme, client_for):
    return client_for(acme.users_a[Role.PARTNER_SELLER])


def test_before_it_accepts_a_partner_reads_company_need_grade_and_place_and_no_person(acme, seller):
    offer = offered(acme)
    for address in ("/portal/leads/", f"/portal/leads/offers/{offer.pk}/"):
        page = seller.get(address).content.decode()
        for word in ("Umbrella", "Forty new servers", "Ulm, DE", "Grade A", "answer by"):
            assert word in page, address
        for secret in SECRETS:
            assert secret not in page, address
    assert seller.get(f"/portal/leads/{offer.lead_id}/").status_code == 404


def test_once_it_has_accepted_it_reads_whom_to_talk_to_and_by_when(acme, seller):
    offer = offered(acme)
    page = seller.post(f"/portal/leads/offers/{offer.pk}/accept/", follow=True).content.decode()
    for word in (*SECRETS, "contact by", "Web form"):
        assert word in page
    assert fresh(offer.lead).partner == acme.partner_a
    listed = seller.get("/portal/leads/").content.decode()
    assert "Wilma" in listed
    assert "Offered to you" not in listed


def test_the_score_is_the_vendors_the_grade_is_told(acme, seller, client_for):
    lead = held(acme, score=81)
    ours = client_for(acme.users[Role.OPERATIONS])
    told = ("81 · grade A", '<span class="muted">81</span>')
    assert told[0] in ours.get(f"/leads/{lead.pk}/").content.decode()
    assert told[1] in ours.get("/leads/").content.decode()
    assert "Score" in ours.get("/leads/export/csv/").getvalue().decode()
    for address in (f"/portal/leads/{lead.pk}/", "/portal/leads/"):
        page = seller.get(address).content.decode()
        assert "Grade A" in page
        assert not any(words in page for words in told)
    assert "Score" not in seller.get("/portal/leads/export/csv/").getvalue().decode()


def test_too_late_it_is_refused_and_told_why(acme, seller):
    offer = offered(acme, at=timezone.now() - dt.timedelta(days=9))
    actions.time_out(offer=offer)
    page = seller.post(f"/portal/leads/offers/{offer.pk}/accept/", follow=True).content.decode()
    assert seller.get(f"/portal/leads/offers/{offer.pk}/").context["offer"].why_not in page
    assert "Accept the lead" not in page
    for secret in SECRETS:
        assert secret not in page
    assert fresh(offer.lead).holder == "queue"


def test_a_decline_needs_a_reason_and_it_goes_on(acme, seller):
    offer = offered(acme)
    refused = seller.post(f"/portal/leads/offers/{offer.pk}/decline/", {"reason": ""})
    assert refused.status_code == 422
    page = seller.post(
        f"/portal/leads/offers/{offer.pk}/decline/", {"reason": "Too small"}, follow=True
    ).content.decode()
    assert "It goes to somebody else." in page
    assert (LeadOffer.everything.get().state, LeadOffer.everything.get().reason) == ("declined", "Too small")


def test_one_click_says_how_it_went(acme, seller):
    lead = held(acme)
    page = seller.get("/portal/leads/").content.decode()
    assert f'formaction="/portal/leads/{lead.pk}/contacted/?to=list"' in page
    assert seller.post(f"/portal/leads/{lead.pk}/contacted/?to=list")["Location"] == "/portal/leads/"
    assert fresh(lead).state == "contacted"
    assert seller.post(f"/portal/leads/{lead.pk}/qualified/", {"note": "Wants an offer"}).status_code == 302
    assert fresh(lead).state == "qualified"
    assert "Wants an offer" in seller.get(f"/portal/leads/{lead.pk}/").content.decode()
    assert seller.post(f"/portal/leads/{lead.pk}/disqualified/").status_code == 422
    seller.post(f"/portal/leads/{lead.pk}/disqualified/", {"reason": "No budget"})
    assert fresh(lead).close_reason == "No budget"
    seller.post(f"/portal/leads/{lead.pk}/reopen/")
    assert fresh(lead).state == "qualified"


def test_only_who_sells_answers_and_others_of_the_partner_read(acme, client_for):
    offer, lead = offered(acme), held(acme, "Held")
    executive = client_for(acme.users_a[Role.PARTNER_EXECUTIVE])
    page = executive.get("/portal/leads/").content.decode()
    assert "Umbrella" in page
    assert "/accept/" not in page
    assert executive.post(f"/portal/leads/offers/{offer.pk}/accept/").status_code == 403
    assert executive.post(f"/portal/leads/{lead.pk}/contacted/").status_code == 403


def test_another_partners_offers_and_leads_are_not_there(acme, seller):
    offer, lead = offered(acme, partner=acme.partner_b), held(acme, "Held", partner=acme.partner_b)
    page = seller.get("/portal/leads/").content.decode()
    assert "Umbrella" not in page
    for address in (f"offers/{offer.pk}/", f"{lead.pk}/"):
        assert seller.get(f"/portal/leads/{address}").status_code == 404
    assert seller.post(f"/portal/leads/offers/{offer.pk}/accept/").status_code == 404
    assert seller.post(f"/portal/leads/{lead.pk}/contacted/").status_code == 404


def test_by_the_mailed_link_without_signing_in(acme, client_for):
    offer = offered(acme)
    user = acme.users_a[Role.PARTNER_SELLER]
    made = links.make(user=user, purpose=OFFER_LINK, target_id=offer.pk, days=1)
    client = client_for(None)
    page = client.get(f"/l/{links.token(made)}/", follow=True).content.decode()
    assert "Accept the lead" in page
    assert fresh(offer.lead).state == "offered"  # a program that follows links accepts nothing
    for secret in SECRETS:
        assert secret not in page
    page = client.post(f"/portal/leads/offers/{offer.pk}/accept/", follow=True).content.decode()
    assert "Wilma" in page
    assert fresh(offer.lead).partner == acme.partner_a
    client.post(f"/portal/leads/{offer.lead_id}/contacted/")
    assert fresh(offer.lead).state == "contacted"
    assert client.get("/portal/leads/")["Location"].startswith("/login/")
    other = held(acme, "Other")
    assert client.get(f"/portal/leads/{other.pk}/").status_code == 404


def test_the_link_of_a_reminder_opens_the_lead_and_one_click_says_how_it_went(acme, client_for):
    lead = held(acme)
    user = acme.users_a[Role.PARTNER_CHAMPION]
    made = links.make(user=user, purpose=LEAD_LINK, target_id=lead.pk, days=1)
    client = client_for(None)
    client.get(f"/l/{links.token(made)}/")
    page = client.post(f"/portal/leads/{lead.pk}/contacted/?to=list", follow=True).content.decode()
    assert "Well done" in page
    assert fresh(lead).state == "contacted"


def test_how_leads_are_given_out_with_the_partners_own_numbers(acme, seller):
    held(acme)
    held(acme, "Other", partner=acme.partner_b)
    page = seller.get("/portal/leads/fairness/").content.decode()
    assert "has 2 working days to accept" in page
    assert "1 of 1 accepted, 0 won" in page
    assert "1 of 10 taken" in page
    assert "is shown once five others hold leads" in page
    assert acme.partner_b.name not in page


def test_the_portals_home_asks_those_who_sell_for_an_answer(acme, seller, client_for):
    offered(acme)
    offered(acme, "Second")
    page = seller.get("/portal/").content.decode()
    assert "Answer the leads offered to you: 2" in page
    assert "answer by" in page
    executive = client_for(acme.users_a[Role.PARTNER_EXECUTIVE])
    assert "Answer the leads" not in executive.get("/portal/").content.decode()
