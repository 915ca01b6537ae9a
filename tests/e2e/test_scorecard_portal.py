"""The partner's way by the mailed link, on a phone: no password, by touch."""

import re

import pytest
from playwright.sync_api import expect

from accounts.permissions import Role
from prm.common.models import OutgoingMail
from scorecards import actions, queries
from scorecards.models import Assessment
from tests.e2e.eyes import PHONE, looked_at
from tests.e2e.hands import Hands


@pytest.fixture(scope="module")
def mailed(site) -> str:
    """The path of the link in the mail."""
    world = site.acme
    seller = world.users_a[Role.PARTNER_SELLER]
    actions.invite_partner_to_self_score(
        partner=world.partner_a, version=queries.startable("self")[0], user=seller, by=world.users[Role.CAM]
    )
    found = re.search(r"http://acme\.localhost(?::\d+)?(/\S+)", OutgoingMail.objects.get().text)
    assert found
    return found[1]


def test_by_touch_on_a_phone(site, page_as, mailed, capsys):
    page = page_as(None, mailed, variant=PHONE)
    hands = Hands(page)
    looked_at(page, "portal-answering")
    asked = page.locator("fieldset.question").count()
    assert asked <= 25
    answered = 0
    while answered < asked:
        topic = page.locator("section.topic:visible")
        for number, question in enumerate(topic.locator("fieldset.question").all()):
            hands.reads(question.get_attribute("data-question") or "")
            hands.thinks()
            option = question.locator("label.option").nth(number % 4 + 1)
            box = option.bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= 24
            hands.tap(option)
            answered += 1
        if answered < asked:
            hands.tap(topic.get_by_role("button", name="Confirm and go on"))
        else:
            with hands.waiting():
                hands.tap(topic.get_by_role("button", name="Confirm and review"))
    with hands.waiting():
        hands.tap(page.get_by_role("button", name="Submit"))
    expect(page.get_by_text("Submitted.")).to_be_visible()
    looked_at(page, "portal-summary")
    assert Assessment.everything.get().status == "submitted"
    with capsys.disabled():
        print(f"\nScorecard by the partner on a phone, first time, {asked} questions: {hands}")
    assert hands.seconds < 5 * 60


def test_in_the_portal(site, page_as):
    page = page_as(site.acme.users_a[Role.PARTNER_SELLER], "/portal/scorecards/")
    looked_at(page, "portal-scorecards")
