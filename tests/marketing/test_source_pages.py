"""The tracking link, and the choice of a source on the pages of leads and deals."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.permissions import Role
from marketing.actions import attributing
from marketing.models import Activity, Attribution, Clicks, How, MarketingPlan
from tests.marketing.approved import activity, deal, lead, plan


@pytest.fixture
def webinar(acme):
    return activity(plan(acme.partner_a))


def link(code) -> str:
    return reverse("marketing:go", args=[code])


def test_the_link_leads_to_the_activitys_own_page_with_its_code_and_is_counted(acme, client_for, webinar):
    client = client_for()
    for _n in range(2):
        response = client.get(link(webinar.code))
    assert response.status_code == 302
    assert response["Location"] == (
        f"https://northwind.example/webinar?lang=en&utm_medium=webinar&utm_campaign={webinar.code}"
    )
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies
    client.head(link(webinar.code))
    assert Clicks.everything.get().number == 2


@pytest.mark.parametrize(
    "assets",
    [[], [{"label": "", "url": "http://northwind.example/"}], [{"label": "", "url": "javascript:alert(1)"}]],
)
def test_without_an_https_page_of_its_own_a_link_leads_nowhere(acme, client_for, webinar, assets):
    Activity.everything.filter(pk=webinar.pk).update(assets=assets)
    assert client_for().get(link(webinar.code)).status_code == 404
    assert not Clicks.everything.exists()


def test_the_address_says_nothing_of_where_to_go(acme, client_for, webinar):
    response = client_for().get(f"{link(webinar.code)}?next=https://evil.example/&url=https://evil.example/")
    assert "evil" not in response["Location"]


def test_a_link_of_a_draft_or_of_nothing_is_a_404(acme, client_for):
    draft = activity(plan(acme.partner_a, state=MarketingPlan.State.DRAFT), decision=Activity.Decision.UNDECIDED)
    for code in (draft.code, "nothing23"):
        assert client_for().get(link(code)).status_code == 404


def test_a_cam_says_where_a_deal_came_from(acme, client_for, webinar):
    ours = deal("Servers", acme.partner_a)
    other = activity(plan(acme.partner_b), kind="event", title="Event ACME-B")
    client, url = client_for(acme.users[Role.CAM]), reverse("marketing:deal_source", args=[ours.pk])
    page = client.get(url).content.decode()
    assert webinar.title in page
    assert "ACME-B" not in page
    assert client.post(url, {"activity": other.pk}).status_code == 422
    assert client.post(url, {"activity": webinar.pk}).status_code == 302
    assert Attribution.everything.get(deal=ours).how == How.CHOICE
    refused = client.post(url, {"activity": "", "reason": ""})
    assert refused.status_code == 422
    assert "Say why" in refused.content.decode()
    assert client.post(url, {"activity": "", "reason": "Wrong one"}).status_code == 302
    assert Attribution.everything.get(deal=ours).activity is None


def test_the_menu_holds_the_source_there_is(acme, client_for, webinar):
    """One that ended long ago is offered no more; saving the form as it stands must not take it away."""
    old = activity(plan(acme.partner_a, dt.date(2020, 2, 1)), kind="event", title="Long ago")
    ours = deal("Servers", acme.partner_a)
    attributing.touch(activity=old, how=How.CODE, deal=ours)
    client, url = client_for(acme.users[Role.CAM]), reverse("marketing:deal_source", args=[ours.pk])
    assert f'<option value="{old.pk}" selected>' in client.get(url).content.decode()
    assert client.post(url, {"activity": old.pk, "reason": ""}).status_code == 302
    assert Attribution.everything.get(deal=ours).activity == old


def test_a_source_one_does_not_see_cannot_be_taken_away(acme, client_for):
    ours = deal("Servers", acme.partner_a)
    attributing.touch(activity=activity(plan(acme.partner_b)), how=How.CODE, deal=ours)
    client, url = client_for(acme.users[Role.CAM]), reverse("marketing:deal_source", args=[ours.pk])
    assert "Save the source" not in client.get(url).content.decode()
    assert client.post(url, {"activity": "", "reason": "Gone"}).status_code == 403


def test_the_source_stands_on_the_page_of_the_deal_and_of_the_lead(acme, client_for, webinar):
    ours, came = deal("Servers", acme.partner_a), lead("Contoso", acme.partner_a)
    client = client_for(acme.users[Role.OPERATIONS])
    for name, thing in (("deal", ours), ("lead", came)):
        attributing.touch(activity=webinar, how=How.CODE, **{name: thing})
        url = reverse(f"marketing:{name}_source", args=[thing.pk])
        home = reverse({"deal": "pipeline:deal", "lead": "leads:lead"}[name], args=[thing.pk])
        assert f'hx-get="{url}"' in client.get(home).content.decode()
        fragment = client.get(url, headers={"HX-Request": "true"}).content.decode()
        assert webinar.title in fragment
        assert "<html" not in fragment


def test_of_another_partners_activity_nothing_is_named(acme, client_for):
    """The lead came from B's event; A's CAM sees the lead, since A holds it."""
    event = activity(plan(acme.partner_b), title="Event ACME-B")
    came = lead("Contoso", acme.partner_a)
    attributing.touch(activity=event, how=How.CHOICE, lead=came, by=acme.cam_b)
    page = client_for(acme.users[Role.CAM]).get(reverse("marketing:lead_source", args=[came.pk])).content.decode()
    assert "An activity that you don’t see" in page
    assert "ACME-B" not in page


def test_who_may_not(acme, client_for, webinar):
    ours, came = deal("Servers", acme.partner_a), lead("Contoso", acme.partner_a)
    deal_url, lead_url = (
        reverse("marketing:deal_source", args=[ours.pk]),
        reverse("marketing:lead_source", args=[came.pk]),
    )
    assert client_for(acme.cam_b).get(deal_url).status_code == 404
    assert client_for(acme.users[Role.CHIEF]).post(deal_url, {"activity": webinar.pk}).status_code == 403
    assert client_for(acme.users[Role.CAM]).post(lead_url, {"activity": webinar.pk}).status_code == 403
    assert client_for(acme.users_a[Role.PARTNER_SELLER]).get(lead_url).status_code == 403
