"""A registration says which marketing activity it came from, and its deal gets it."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.permissions import Role
from dealdesk import actions
from dealdesk.models import Registration
from leads.models import Lead
from marketing.actions import attributing
from marketing.models import Activity, Attribution, How, Influence
from tests.dealdesk.making import approved, drafted, fresh, seller, values
from tests.marketing.approved import activity, lead, plan


@pytest.fixture
def webinar(acme):
    return activity(plan(acme.partner_a))


def test_the_deal_of_an_approved_registration_came_from_what_was_chosen(acme, webinar):
    made = approved(acme, activity_id=webinar.pk)
    row = Attribution.everything.get(deal=made.deal)
    assert (row.activity, row.how, row.by) == (webinar, How.CHOICE, seller(acme))


def test_without_a_choice_it_came_from_nothing(acme, webinar):
    approved(acme)
    assert not Attribution.everything.exists()


def test_the_leads_source_comes_first_and_a_choice_beside_it_is_influence(acme, webinar):
    event = activity(webinar.plan, kind="event")
    came = lead("Contoso GmbH", acme.partner_a)
    attributing.touch(activity=event, how=How.CODE, lead=came)
    draft = actions.save_draft(
        by=seller(acme),
        partner=acme.partner_a,
        values=values(activity_id=webinar.pk),
        lead=Lead.everything.get(pk=came.pk),
    )
    made = actions.submit(by=seller(acme), registration=draft)
    actions.check(made.pk)
    made = actions.approve(by=acme.users[Role.OPERATIONS], registration=made, reason="Fits", override=True)
    row = Attribution.everything.get(deal=fresh(made).deal)
    assert (row.activity, row.how) == (event, How.LEAD)
    assert Influence.everything.get().activity == webinar


def test_another_partners_activity_cannot_be_chosen(acme, webinar):
    theirs = activity(plan(acme.partner_b))
    with pytest.raises(ValidationError) as refused:
        drafted(acme, activity_id=theirs.pk)
    assert "activity_id" in refused.value.message_dict


def test_one_that_is_not_approved_cannot_be_chosen(acme, webinar):
    Activity.everything.filter(pk=webinar.pk).update(decision=Activity.Decision.DENIED)
    with pytest.raises(ValidationError):
        drafted(acme, activity_id=webinar.pk)


def test_the_form_offers_the_partners_own_and_keeps_the_choice(acme, client_for, webinar):
    activity(plan(acme.partner_b), title="Event ACME-B")
    client = client_for(seller(acme))
    url = reverse("dealdesk:portal_new")
    page = client.get(url).content.decode()
    assert webinar.title in page
    assert "ACME-B" not in page
    sent = values()
    sent["product_lines"] = [line.pk for line in sent["product_lines"]]
    response = client.post(url, {**sent, "activity_id": webinar.pk, "go": "submit"})
    assert response.status_code == 302, response.content.decode()[:3000]
    made = Registration.everything.get()
    assert made.activity == webinar
    assert webinar.title in client.get(response["Location"]).content.decode()


def test_a_registration_made_of_a_lead_begins_with_its_source(acme, client_for, webinar):
    came = lead("Contoso GmbH", acme.partner_a)
    attributing.touch(activity=webinar, how=How.CODE, lead=came)
    page = client_for(seller(acme)).get(f"{reverse('dealdesk:portal_new')}?lead={came.pk}").content.decode()
    assert f'<option value="{webinar.pk}" selected>' in page


def test_a_partner_without_activities_is_not_asked(acme, client_for):
    page = client_for(seller(acme)).get(reverse("dealdesk:portal_new")).content.decode()
    assert 'name="activity_id"' not in page
