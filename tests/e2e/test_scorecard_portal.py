"""The partner's way by the mailed link, on a phone: no password, by touch."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from accounts.permissions import Role
from prm.common.models import OutgoingMail
from scorecards import actions, queries
from scorecards.definition import applicable_keys
from scorecards.models import Assessment, QuestionnaireVersion
from tests.e2e.eyes import PHONE, looked_at, no_overflow, touchable
from tests.e2e.hands import Hands

MOST = 25  # questions that may apply to a partner


def with_most_questions(site) -> QuestionnaireVersion:
    """The default questionnaire with so many questions for this partner: those of other life stages fill it up."""
    partner = site.acme.partner_a
    content = queries.published()[0].content
    asked = applicable_keys(content, partner.stage.key, partner.partner_type.key)
    spare = [question.key for question in content.questions() if question.key not in asked][: MOST - len(asked)]

    def opened(question):
        return (
            replace(question, life_stages=frozenset(), partner_types=frozenset()) if question.key in spare else question
        )

    categories = tuple(
        replace(
            category,
            topics=tuple(replace(t, questions=tuple(opened(q) for q in t.questions)) for t in category.topics),
        )
        for category in content.categories
    )
    return actions.publish(by=None, key="capability", content=replace(content, categories=categories))


@pytest.fixture(scope="module")
def mailed(site) -> str:
    """The path of the link in the mail."""
    world = site.acme
    seller = world.users_a[Role.PARTNER_SELLER]
    actions.invite_partner_to_self_score(
        partner=world.partner_a, version=with_most_questions(site), user=seller, by=world.users[Role.CAM]
    )
    found = re.search(r"http://acme\.localhost(?::\d+)?(/\S+)", OutgoingMail.objects.get().text)
    assert found
    return found[1]


def test_by_touch_on_a_phone(site, page_as, mailed, capsys):
    page = page_as(None, mailed, variant=PHONE)
    hands = Hands(page)
    looked_at(page, "portal-answering")
    asked = page.locator("fieldset.question").count()
    assert asked == MOST
    assert page.viewport_size == {"width": 360, "height": 740}
    answered = 0
    while answered < asked:
        topic = page.locator("section.topic:visible")
        no_overflow(page)
        touchable(page)
        for number, question in enumerate(topic.locator("fieldset.question").all()):
            hands.reads(question.get_attribute("data-question") or "")
            hands.thinks()
            hands.tap(question.locator("label.option").nth(number % 4 + 1))
            answered += 1
        if answered < asked:
            hands.tap(topic.get_by_role("button", name="Confirm and go on"))
        else:
            with hands.waiting():
                hands.tap(topic.get_by_role("button", name="Confirm and review"))
    no_overflow(page)
    touchable(page)
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
