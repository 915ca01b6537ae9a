"""The CAM's way by keyboard: partner, questions, submit, action plan; the first time and filled in from last time."""

import pytest
from playwright.sync_api import Page, expect

from accounts.permissions import Role
from partners.models import Action
from scorecards.models import Answer, Assessment
from tests.e2e.eyes import axe, looked_at, pictures
from tests.e2e.hands import Hands
from tests.world import PASSWORD

LIMIT = 5 * 60


@pytest.fixture
def cam(site):
    return site.acme.users[Role.CAM]


def tab_to(page: Page, hands: Hands, name: str) -> None:
    """Goes to a control by Tab, as somebody without a mouse does."""
    for _step in range(80):
        if page.evaluate("document.activeElement.textContent.trim()").startswith(name):
            return
        hands.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab")


def start(page: Page, hands: Hands) -> None:
    with hands.waiting():
        hands.press("g", "c")
    tab_to(page, hands, "Northwind ACME-A")
    with hands.waiting():
        hands.press("Enter")
    tab_to(page, hands, "Start: Partner capabilities")
    with hands.waiting():
        hands.press("Enter")
    expect(page.locator(".question.current")).to_be_visible()


def answer_all(page: Page, hands: Hands) -> int:
    """Reads and answers question by question; returns how many."""
    asked = page.locator("fieldset.question").count()
    for number in range(asked):
        question = page.locator(".question.current")
        key = question.get_attribute("data-question")
        hands.reads(key or "")
        hands.thinks()
        hands.press(str(number % 4 + 2))
        expect(page.locator(f"[data-question='{key}'] input:checked")).to_have_count(1)
        topic = page.locator("section.topic:visible")
        if topic.locator("fieldset.question").last.get_attribute("data-question") == key:
            if number + 1 < asked:
                hands.press("Enter")
                expect(page.locator(".question.current")).not_to_have_attribute("data-question", key or "")
            else:
                with hands.waiting():
                    hands.press("Enter")
    return asked


def submit_and_plan(page: Page, hands: Hands) -> None:
    tab_to(page, hands, "Submit")
    with hands.waiting():
        hands.press("Enter")
    expect(page.get_by_text("Submitted.")).to_be_visible()
    tab_to(page, hands, "Plan actions")
    hands.press("Enter")
    tab_to(page, hands, "Add what is ticked")
    with hands.waiting():
        hands.press("Enter")
    expect(page.get_by_text("in the plan")).to_be_visible()


def sign_in(page: Page, hands: Hands, email: str) -> None:
    for name, text in (("login", email), ("password", PASSWORD)):
        while page.evaluate("document.activeElement.name") != name:
            hands.press("Tab")
        hands.type(text)
    with hands.waiting():
        hands.press("Enter")


def test_the_first_time(site, page_as, cam, capsys):
    page = page_as(None, "/login/")
    hands = Hands(page)
    sign_in(page, hands, cam.email)
    start(page, hands)
    looked_at(page, "scorecard-answering")
    asked = answer_all(page, hands)
    assert asked <= 25
    looked_at(page, "scorecard-review")
    submit_and_plan(page, hands)
    looked_at(page, "scorecard-summary")
    assessment = Assessment.everything.get(partner=site.acme.partner_a)
    assert assessment.status == "submitted"
    assert Answer.everything.filter(assessment=assessment, confirmed=True).count() == asked
    assert Action.everything.filter(partner=site.acme.partner_a, origin="topic").count() == 3
    with capsys.disabled():
        print(f"\nScorecard by the CAM, first time, {asked} questions: {hands}")


def test_filled_in_from_last_time(site, page_as, cam, capsys):
    page = page_as(cam, "/")
    hands = Hands(page)
    start(page, hands)
    pictures(page, "scorecard-prefilled")
    asked = page.locator("fieldset.question").count()
    topics = page.locator("section.topic").count()
    for number in range(topics):
        topic = page.locator("section.topic:visible")
        for question in topic.locator("fieldset.question").all():
            hands.reads(question.get_attribute("data-question") or "", filled=True)
        hands.thinks()
        if number % 4 == 0:  # one answer in a few has changed
            hands.thinks()
            hands.press("5")
        if number + 1 < topics:
            key = topic.get_attribute("data-topic")
            hands.press("Enter")
            expect(page.locator("section.topic:visible")).not_to_have_attribute("data-topic", key or "")
        else:
            with hands.waiting():
                hands.press("Enter")
    submit_and_plan(page, hands)
    looked_at(page, "scorecard-trend")
    second = Assessment.everything.filter(partner=site.acme.partner_a).latest("id")
    assert second.status == "submitted"
    assert Answer.everything.filter(assessment=second, confirmed=True).count() == asked
    with capsys.disabled():
        print(f"\nScorecard by the CAM, filled in from last time, {asked} questions: {hands}")
    assert hands.seconds < LIMIT


def test_the_pages_around_it(site, page_as, cam):
    page = page_as(cam, "/scorecards/")
    looked_at(page, "scorecard-list")
    page.goto(site.url(f"/partners/{site.acme.partner_a.pk}/scorecards/"))
    looked_at(page, "scorecard-partner")
    latest = Assessment.everything.filter(partner=site.acme.partner_a).latest("id")
    page.goto(site.url(f"/scorecards/{latest.pk}/explain/overall/-/"))
    looked_at(page, "scorecard-explain")
    page.goto(site.url("/scorecards/roll-up/"))
    looked_at(page, "scorecard-rollup")


def test_all_on_one_page_is_kept(site, page_as, cam):
    page = page_as(cam, f"/partners/{site.acme.partner_a.pk}/scorecards/")
    page.get_by_role("button", name="Start: Partner capabilities").click()
    page.get_by_role("link", name="All on one page").click()
    expect(page.locator("fieldset.question").last).to_be_visible()
    assert page.locator("fieldset.question:visible").count() == page.locator("fieldset.question").count() > 10
    page.reload()
    expect(page.locator("fieldset.question").last).to_be_visible()
    axe(page)
    pictures(page, "scorecard-all")
    page.get_by_role("link", name="One topic at a time").click()
    expect(page.locator("section.topic:visible")).to_have_count(1)


def test_what_is_answered_without_a_line_is_sent_when_it_is_back(site, page_as, cam, trouble):
    trouble.allow("ERR_INTERNET_DISCONNECTED")
    draft = Assessment.everything.get(partner=site.acme.partner_a, status="draft")
    page = page_as(cam, f"/scorecards/{draft.pk}/answer/")
    expect(page.locator(".question.current")).to_be_visible()
    question = page.locator(".question.current").get_attribute("data-question") or ""
    page.context.set_offline(True)
    page.keyboard.press("1")
    expect(page.get_by_text("Connection lost.")).to_be_visible()
    expect(page.locator("#saved")).to_contain_text("Not saved yet")
    assert Answer.everything.get(assessment=draft, question_key=question).prefilled
    page.context.set_offline(False)
    expect(page.get_by_text("Connected again.")).to_be_visible()
    expect(page.locator("#saved")).to_contain_text("Saved")
    answer = Answer.everything.get(assessment=draft, question_key=question)
    assert answer.confirmed
    assert answer.options == [page.locator(f"[data-question='{question}'] input[data-digit='1']").input_value()[2:]]


def test_keys_for_na_comment_and_arrows(site, page_as, cam):
    draft = Assessment.everything.get(partner=site.acme.partner_a, status="draft")
    page = page_as(cam, f"/scorecards/{draft.pk}/answer/?topic=philosophy")
    expect(page.locator(".question.current")).to_be_visible()
    first = page.locator(".question.current").get_attribute("data-question") or ""
    page.keyboard.press("c")
    page.keyboard.type("said on the call: 1 2 3")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    assert page.locator(".question.current").get_attribute("data-question") != first
    page.keyboard.press("ArrowUp")
    assert page.locator(".question.current").get_attribute("data-question") == first
    expect(page.locator("#saved")).to_contain_text("Saved")
    assert Answer.everything.get(assessment=draft, question_key=first).comment == "said on the call: 1 2 3"
    page.keyboard.press("ArrowRight")
    expect(page.locator("section.topic:visible")).not_to_have_attribute("data-topic", "philosophy")
