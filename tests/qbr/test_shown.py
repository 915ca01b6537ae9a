"""The draft on a page: it answers at once with what was read some minutes ago, or its first slide, and is put right by a request of its own."""

import json

import pytest
from django.urls import reverse

from accounts.permissions import Role
from prm.common.vendor import today
from qbr import actions, reading
from qbr.actions.drafting import usual_quarter
from tests.qbr.making import built
from tests.scorecards.test_performance_page import aim, sell

pytestmark = pytest.mark.django_db
ANEW = "anew=1"


@pytest.fixture(autouse=True)
def kept(settings):
    settings.FIGURES_KEPT = 60


@pytest.fixture
def qbr(acme):
    aim(acme.partner_a, "100")
    sell(acme.partner_a, "71.57", usual_quarter().end)
    return actions.start(partner=acme.partner_a, by=acme.users[Role.CAM])


@pytest.fixture
def shown(acme, client_for, qbr):
    """shown("performance", anew=1) → the page."""
    browser = client_for(acme.users[Role.CAM])

    def page(slide="", **query):
        response = browser.get(reverse("qbr:qbr", args=[qbr.pk]), {"slide": slide, **query})
        assert response.status_code == 200
        return response.content.decode()

    return page


def test_the_first_look_is_at_the_first_slide_and_the_others_follow_by_name(shown):
    page = shown()
    assert "Quarterly business review" in page
    assert ANEW in page
    assert "Deals" in page
    assert "nothing to show" not in page, "nobody knows yet"
    whole = shown("title", anew=1)
    assert ANEW not in whole
    assert "nothing to show" in whole
    assert "nothing to show" in shown(), "from now on it is known"


def test_who_begins_at_another_slide_sees_that_one_whole(shown):
    page = shown("performance")
    assert "71.57" in page
    assert ANEW not in page


def test_figures_of_before_are_shown_until_they_are_read_anew(acme, shown, monkeypatch):
    assert "71.57" in shown("performance")
    sell(acme.partner_a, "20", usual_quarter().end)
    assert ANEW not in shown("performance"), "it was read just now"
    monkeypatch.setattr(reading, "READ", -1)  # some minutes later
    page = shown("performance")
    assert "71.57" in page
    assert "91.57" not in page
    assert ANEW in page
    assert "91.57" in shown("performance", anew=1)


def test_what_is_chosen_counts_at_once(acme, qbr, shown):
    cam = acme.users[Role.CAM]
    shown("performance")
    actions.change(qbr=qbr, by=cam, commentary={"performance": ["Said just now."]}, switched={"leads": True})
    assert "Said just now." in shown("performance")
    shown("next")
    actions.commit(qbr=qbr, by=cam, side="vendor", owner=cam, text="Promised just now", due_on=today())
    assert shown("next").count("Promised just now") > 1, "in the list, and on the slide"


def test_links_lead_to_slides_from_a_page_that_refuses_too(acme, client_for, qbr):
    browser = client_for(acme.users[Role.CAM])
    refused = browser.post(reverse("qbr:commentary", args=[qbr.pk, "glance"]), {"lines": "\n".join("123456789")})
    assert refused.status_code == 422
    assert f'href="{reverse("qbr:qbr", args=[qbr.pk])}?slide=title"' in refused.content.decode()


def test_a_version_that_is_drawn_once_says_what_it_keeps_now(acme, client_for, qbr):
    cam = acme.users[Role.CAM]
    version, browser = built(acme, cam), client_for(cam)
    url = reverse("qbr:version", args=[version.pk])
    assert cam.display_name in browser.get(url).content.decode().partition("qbr-pages")[2]
    erased = json.loads(json.dumps(version.content).replace(cam.display_name, "Person 17"))
    type(version).everything.filter(pk=version.pk).update(content=erased)
    slides = browser.get(url).content.decode().partition("qbr-pages")[2]
    assert "Person 17" in slides
    assert cam.display_name not in slides
