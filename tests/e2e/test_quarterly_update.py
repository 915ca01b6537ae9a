"""The quarterly update: what moved is asked, and the rest is confirmed by one key."""

import pytest
from playwright.sync_api import Page, expect

from accounts.permissions import Role
from partners.actions import add_action
from scorecards import actions, queries
from scorecards.actions import Given
from scorecards.models import Answer, Assessment
from tests.e2e.eyes import PHONE, looked_at, no_overflow, touchable
from tests.e2e.hands import Hands
from tests.e2e.test_scorecard_cam import submit_and_plan, tab_to

LIMIT = 5 * 60
BELOW = ("openness", "pre-sales", "support", "co-sell", "renewals")


@pytest.fixture(scope="module")
def source(site) -> Assessment:
    """A submitted scorecard of each side, with five topics below best practice."""
    world = site.acme
    for mode, by in (("self", world.users_a[Role.PARTNER_SELLER]), ("cam", world.users[Role.CAM])):
        version = queries.published()[0]
        draft = actions.start_assessment(partner=world.partner_a, version=version, mode=mode, by=by)
        for category in version.content.categories:
            for topic in category.topics:
                for question in topic.questions:
                    if question.key in draft.applicable and question.options:
                        option = question.options[1 if topic.key in BELOW else -1]
                        given = Given(options=(option.key,))
                        actions.save_answer(assessment=draft, question_key=question.key, given=given, by=by)
        done = actions.submit(assessment=draft, by=by)
    add_action(
        by=world.users[Role.CAM],
        partner=world.partner_a,
        origin="topic",
        origin_key="investment",
        title="Train",
        shared=True,
    )
    return done


def answer_what_is_asked(page: Page, hands: Hands) -> int:
    """Reads each asked question again and changes every other one; returns how many were asked."""
    asked = 0
    while page.locator("section.rest").is_hidden():
        topic = page.locator("section.topic:visible")
        key = topic.get_attribute("data-topic")
        for question in topic.locator("fieldset.question").all():
            hands.reads(question.get_attribute("data-question") or "", filled=True)
            hands.thinks()
            hands.press(str(asked % 2 + 3))
            asked += 1
        hands.press("Enter")
        expect(page.locator(f"#topic-{key}")).to_be_hidden()
    return asked


def test_the_rest_is_one_key(site, page_as, source, capsys):
    page = page_as(site.acme.users[Role.CAM], "/")
    hands = Hands(page)
    with hands.waiting():
        hands.press("g", "c")
    tab_to(page, hands, "Northwind ACME-A")
    with hands.waiting():
        hands.press("Enter")
    looked_at(page, "update-start")
    tab_to(page, hands, "Quarterly update (")
    with hands.waiting():
        hands.press("Enter")
    expect(page.locator(".question.current")).to_be_visible()
    looked_at(page, "update-answering")
    draft = Assessment.everything.get(partner=site.acme.partner_a, status="draft")
    assert set(draft.focus) == {*BELOW, "investment"}
    asked = answer_what_is_asked(page, hands)
    assert asked < draft.of
    expect(page.get_by_role("heading", name="Everything else is as it was")).to_be_visible()
    expect(page.locator("#saved")).to_contain_text("Saved")
    expect(page.locator("#result")).to_contain_text("Provisional")
    looked_at(page, "update-rest")
    assert Answer.everything.filter(assessment=draft, confirmed=False).count() == draft.of - asked
    hands.thinks()
    with hands.waiting():
        hands.press("Enter")  # the one key
    assert not Answer.everything.filter(assessment=draft, confirmed=False).exists()
    submit_and_plan(page, hands)
    draft.refresh_from_db()
    assert draft.status == "submitted"
    assert (draft.result["done"], draft.result["of"]) == (draft.of, draft.of)
    with capsys.disabled():
        print(f"\nQuarterly update by the CAM, {asked} of {draft.of} questions: {hands}")
    assert hands.seconds < LIMIT


def test_on_a_phone_by_touch_a_topic_opens_after_all(site, page_as, source, capsys):
    page = page_as(site.acme.users_a[Role.PARTNER_SELLER], "/portal/scorecards/", variant=PHONE)
    hands = Hands(page)
    with hands.waiting():
        hands.tap(page.get_by_role("button", name="Quarterly update").first)
    asked = 0
    while page.locator("section.rest").is_hidden():
        topic = page.locator("section.topic:visible")
        no_overflow(page)
        touchable(page)
        for question in topic.locator("fieldset.question").all():
            hands.reads(question.get_attribute("data-question") or "", filled=True)
            hands.thinks()
            hands.tap(question.locator("label.option").nth(3))
            asked += 1
        hands.tap(topic.get_by_role("button", name="Confirm and go on"))
    no_overflow(page)
    touchable(page)
    page.locator(".rest-list a").first.tap()
    opened = page.locator("section.topic:visible")
    opened.locator("label.option").nth(0).tap()
    opened.get_by_role("button", name="Confirm and go on").tap()
    expect(page.locator("section.rest")).to_be_visible()
    hands.thinks()
    with hands.waiting():
        hands.tap(page.get_by_role("button", name="Confirm all and review"))
    with hands.waiting():
        hands.tap(page.get_by_role("button", name="Submit"))
    expect(page.get_by_text("Submitted.")).to_be_visible()
    done = Assessment.everything.filter(partner=site.acme.partner_a, mode="self").latest("id")
    assert done.status == "submitted"
    assert not Answer.everything.filter(assessment=done, confirmed=False).exists()
    with capsys.disabled():
        print(f"\nQuarterly update by the partner on a phone, {asked} of {done.of} questions: {hands}")
    assert hands.seconds < LIMIT
