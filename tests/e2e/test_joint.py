"""Filled in together: the CAM and the partner each in a browser of their own, on one scorecard."""

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.permissions import Role
from scorecards import actions, queries
from scorecards.actions import Given
from scorecards.definition import Category
from scorecards.models import Answer, AnswerChange, Assessment
from tests.e2e.eyes import PHONE, axe, looked_at

TWO_SECONDS = 2_000


@pytest.fixture(scope="module")
def joint(site) -> Assessment:
    """A joint draft of a questionnaire with an internal category, started by the CAM."""
    cam = site.acme.users[Role.CAM]
    version = queries.published()[0]
    secret = version.content.categories[-1]
    topic = secret.topics[0]
    asked = type(topic.questions[0])(
        key="secret1", text="INTERNAL question", options=topic.questions[0].options, required=False
    )
    hidden = Category(
        "secret", "INTERNAL category", (type(topic)("secret", "INTERNAL topic", (asked,)),), internal=True
    )
    content = type(version.content)(version.content.name, version.content.kind, (*version.content.categories, hidden))
    version = actions.publish(by=cam, key=version.questionnaire.key, content=content)
    return actions.start_assessment(partner=site.acme.partner_a, version=version, mode="joint", by=cam)


@pytest.fixture
def cam(site, page_as, joint) -> Page:
    return page_as(site.acme.users[Role.CAM], f"/scorecards/{joint.pk}/answer/")


@pytest.fixture
def seller(site, page_as, joint) -> Page:
    return page_as(site.acme.users_a[Role.PARTNER_SELLER], f"/portal/scorecards/{joint.pk}/answer/")


def questions(page: Page) -> list[str]:
    return [
        key or "" for key in page.locator("fieldset.question").evaluate_all("all => all.map(q => q.dataset.question)")
    ]


def option(page: Page, key: str, number: int) -> Locator:
    return page.locator(f"[data-question='{key}'] input[data-digit='{number}']")


def state(page: Page, key: str) -> Locator:
    return page.locator(f"#state-{key}")


def topic_of(page: Page, key: str) -> None:
    """Goes to the topic of a question by the list of topics."""
    name = page.locator(f"section.topic:has([data-question='{key}'])").get_attribute("data-topic")
    page.locator(f"#topics a[data-go='{name}']").click()


def test_the_vendor_starts_and_the_partner_finds_it(site, page_as, joint):
    page = page_as(site.acme.users[Role.CAM], f"/partners/{site.acme.partner_a.pk}/scorecards/")
    looked_at(page, "joint-start")
    page.get_by_role("link", name="Go on together").click()
    expect(page.locator(".question.current")).to_be_visible()
    portal = page_as(site.acme.users_a[Role.PARTNER_SELLER], "/portal/scorecards/")
    looked_at(portal, "joint-portal")
    portal.get_by_role("link", name="Go on together").click()
    expect(portal.locator(".question.current")).to_be_visible()


def test_each_sees_the_others_change_within_two_seconds_and_who_made_it(site, cam, seller):
    first, second = questions(seller)[:2]
    option(cam, first, 2).check(force=True)
    expect(option(seller, first, 2)).to_be_checked(timeout=TWO_SECONDS)
    expect(state(seller, first)).to_contain_text("Cam ACME,")
    expect(state(seller, first)).to_contain_text("Vendor")
    expect(state(cam, first)).not_to_contain_text("Vendor")
    topic_of(seller, second)
    option(seller, second, 3).check(force=True)
    expect(option(cam, second, 3)).to_be_checked(timeout=TWO_SECONDS)
    expect(state(cam, second)).to_contain_text("Partner_Seller ACME-A,")
    expect(state(cam, second).locator(".badge")).to_have_text("Partner")
    topic_of(seller, first)
    option(seller, first, 4).check(force=True)  # the last change wins on both
    expect(option(cam, first, 4)).to_be_checked(timeout=TWO_SECONDS)
    expect(option(cam, first, 2)).not_to_be_checked()
    expect(cam.locator("#progress")).to_contain_text("2 of")
    expect(seller.locator("#progress")).to_contain_text("2 of")
    for page, name in ((cam, "joint-cam"), (seller, "joint-seller")):
        looked_at(page, name)
    state(cam, first).get_by_role("link", name="History").click()
    expect(cam.get_by_role("table")).to_contain_text("Partner_Seller ACME-A Partner")
    looked_at(cam, "joint-history")
    cam.go_back()


def test_what_one_is_typing_stays_and_the_others_choice_comes(cam, seller, joint):
    key = questions(seller)[2]
    topic_of(cam, key)
    topic_of(seller, key)
    cam.locator(f"#q-{key} summary").click()
    cam.locator(f"#c-{key}").press_sequentially("as they said on the ca")
    option(seller, key, 3).check(force=True)
    expect(option(cam, key, 3)).to_be_checked(timeout=TWO_SECONDS)
    expect(cam.locator(f"#c-{key}")).to_have_value("as they said on the ca")
    cam.locator(f"#c-{key}").press_sequentially("ll")
    cam.keyboard.press("Escape")
    expect(seller.locator(f"#c-{key}")).to_have_value("as they said on the call", timeout=TWO_SECONDS)
    answer = Answer.everything.get(assessment=joint, question_key=key)
    assert (answer.comment, answer.by.name) == ("as they said on the call", "Partner_Seller ACME-A")
    expect(option(seller, key, 3)).to_be_checked()


def test_nothing_is_lost_when_one_line_is_cut_and_comes_back(cam, seller, joint, trouble):
    trouble.allow("ERR_INTERNET_DISCONNECTED")
    keys = questions(seller)[3:8]
    mine, theirs, both = keys[:2], keys[2:4], keys[4]
    expect(seller.locator(".question.current")).to_be_visible()
    seller.context.set_offline(True)
    for key in (*mine, both):
        topic_of(seller, key)
        option(seller, key, 2).check(force=True)
    expect(seller.get_by_text("Connection lost.")).to_be_visible()
    for key in (*theirs, both):
        topic_of(cam, key)
        option(cam, key, 3).check(force=True)
        expect(state(cam, key)).to_contain_text("Cam ACME,")
    assert not Answer.everything.filter(assessment=joint, question_key__in=mine).exists()
    expect(option(seller, both, 2)).to_be_checked()
    seller.context.set_offline(False)
    for key in theirs:
        expect(option(seller, key, 3)).to_be_checked()
    for key in (*mine, both):
        expect(option(cam, key, 2)).to_be_checked()
        expect(state(cam, key)).to_contain_text("Partner_Seller ACME-A,")
        expect(option(seller, key, 2)).to_be_checked()
    changes = AnswerChange.everything.filter(assessment=joint, question_key=both).order_by("id")
    assert [change.by.name for change in changes] == ["Cam ACME", "Partner_Seller ACME-A"]
    assert changes[1].before["options"] == changes[0].after["options"] != changes[1].after["options"]


def test_a_reload_in_the_middle_of_a_cut_keeps_what_waits(cam, seller, joint, trouble):
    trouble.allow("ERR_INTERNET_DISCONNECTED")
    key = questions(seller)[8]
    topic_of(seller, key)
    seller.context.set_offline(True)
    option(seller, key, 1).check(force=True)
    expect(seller.locator("#saved")).to_contain_text("Not saved yet")
    seller.context.set_offline(False)
    seller.reload()
    expect(option(seller, key, 1)).to_be_checked()
    expect(option(cam, key, 1)).to_be_checked()
    expect(state(cam, key)).to_contain_text("Partner_Seller ACME-A,")


CUT_BEFORE_THE_REPLY = """(key) => {
  const real = window.fetch;
  Object.assign(window, { arrived: 0, cut: true });
  window.fetch = async (address, options) => {
    if (!String(address).includes(`/answer/${key}/`)) return real(address, options);
    if (window.arrived === 0) window.arrived = (await real(address, options)).status;
    if (window.cut) throw new TypeError("cut");
    return real(address, options);
  };
}"""


def test_an_answer_whose_reply_was_lost_does_not_come_back_over_a_later_one(cam, seller, joint):
    """The line is cut between the answer and its reply: the page sends it again, but it is not given again."""
    key = questions(seller)[9]
    topic_of(cam, key)
    topic_of(seller, key)
    seller.evaluate(CUT_BEFORE_THE_REPLY, key)
    option(seller, key, 2).check(force=True)
    expect(option(cam, key, 2)).to_be_checked()
    option(cam, key, 4).check(force=True)
    expect(state(cam, key)).to_contain_text("Cam ACME,")
    expect(seller.locator("#saved")).to_contain_text("Not saved yet")
    seller.evaluate("window.cut = false")
    expect(seller.get_by_text("Connected again.")).to_be_visible()
    expect(option(seller, key, 4)).to_be_checked()
    expect(option(cam, key, 4)).to_be_checked()
    assert seller.evaluate("window.arrived") == 200
    changes = AnswerChange.everything.filter(assessment=joint, question_key=key).order_by("id")
    assert [change.by.name for change in changes] == ["Partner_Seller ACME-A", "Cam ACME"]


def test_the_partner_never_gets_what_is_internal(cam, seller, joint):
    heard = []
    seller.on("response", lambda response: heard.append(response) if "/changes/" in response.url else None)
    topic_of(cam, "secret1")
    option(cam, "secret1", 1).check(force=True)
    expect(state(cam, "secret1")).to_contain_text("Cam ACME,")
    key = questions(seller)[0]
    topic_of(cam, key)
    option(cam, key, 3).check(force=True)
    expect(option(seller, key, 3)).to_be_checked(timeout=TWO_SECONDS)
    bodies = [response.text() for response in heard if response.status == 200]
    assert bodies
    assert not any("INTERNAL" in body or "secret1" in body for body in bodies)
    assert "INTERNAL" not in seller.content()


def test_whoever_submits_the_others_page_says_so_and_leads_on(site, cam, seller, joint, page_as):
    user = site.acme.users[Role.CAM]
    for question in queries.content_for(user, joint).questions():
        if question.key in joint.applicable and question.options:
            actions.save_answer(
                assessment=joint, question_key=question.key, given=Given(options=(question.options[0].key,)), by=user
            )
    seller.locator("#result").get_by_role("link", name="Review and submit").click()
    seller.get_by_role("button", name="Submit").click()
    expect(seller.get_by_text("Submitted.", exact=False).first).to_be_visible()
    expect(cam.get_by_text("Submitted by Partner_Seller ACME-A")).to_be_visible()
    expect(cam.locator(".topic:visible button.main")).to_be_disabled()
    axe(cam)
    looked_at(cam, "joint-ended")
    cam.get_by_role("link", name="See the summary").click()
    looked_at(cam, "joint-summary")
    cam.get_by_role("link", name="All answers with comments").click()
    expect(cam.get_by_text("as they said on the call")).to_be_visible()
    looked_at(cam, "joint-answers")
    answers = page_as(site.acme.users_a[Role.PARTNER_SELLER], f"/portal/scorecards/{joint.pk}/answers/", variant=PHONE)
    looked_at(answers, "joint-answers-portal")
