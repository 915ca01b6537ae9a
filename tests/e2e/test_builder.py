"""Making a questionnaire in Chromium: by keyboard only, the order too; by mouse once; by file; and the looks of its pages."""

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from accounts.permissions import Role
from scorecards import catalogue, drafts, editing
from scorecards.editing import Level
from scorecards.models import Questionnaire
from tests.e2e.eyes import ALL, looked_at
from tests.scorecards.conftest import example

ROOT = "/settings/questionnaires/"


@pytest.fixture
def admin(site):
    connection.set_tenant(site.acme.vendor)
    return site.acme.users[Role.OPERATIONS]


def content(key: str):
    draft = catalogue.draft_of(Questionnaire.objects.get(key=key))
    assert draft is not None
    return draft.content


def tab_to(page: Page, name: str, *, role: str = "") -> None:
    """Tab until what has the focus has this name."""
    for _press in range(150):
        page.keyboard.press("Tab")
        found = page.evaluate(
            """() => { const e = document.activeElement;
                const label = e.getAttribute("aria-label") || e.labels?.[0]?.textContent || e.textContent;
                return [label.trim().replace(/\\s*\\*.*$/s, ""), e.tagName]; }"""
        )
        if found[0] == name and (not role or found[1] == role):
            return
    raise AssertionError(f"Tab leads to no {name}")


def field(page: Page, name: str, text: str) -> None:
    tab_to(page, name)
    page.keyboard.press("Control+a")
    page.keyboard.type(text)


def save(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")


def follow(page: Page, name: str, *, role: str = "") -> None:
    tab_to(page, name, role=role)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_by_keyboard_from_nothing_to_a_published_version(site, admin, page_as):
    page = page_as(admin, ROOT)
    follow(page, "New questionnaire")
    tab_to(page, "What the columns mean")  # past the form for files, which asks for a name too
    for name, text in (("Name", "Cloud check"), ("First category", "Skills"), ("Its first topic", "People"),
                       ("The topic’s first question", "Who is certified?")):  # fmt: skip
        field(page, name, text)
    follow(page, "Go on to the questions")
    expect(page.get_by_role("heading", name="Cloud check", level=1)).to_be_visible()

    follow(page, "People", role="A")
    follow(page, "Add a question")
    field(page, "Question", "Who covers presales?")
    expect(page.get_by_role("textbox", name="Key")).to_have_attribute("placeholder", "who-covers-presales")
    field(page, "Weight", "2")
    save(page)
    follow(page, "Next question")
    field(page, "Question", "Which clouds?")
    tab_to(page, "Answered by")
    page.keyboard.press("ArrowDown")  # Scored: choose any
    field(page, "Option 1", "None of these")
    save(page)
    expect(page.get_by_text("it is chosen alone")).to_be_visible()
    assert editing.keys(content("cloud-check"), Level.QUESTION) == [
        "who-is-certified", "who-covers-presales", "which-clouds",
    ]  # fmt: skip

    follow(page, "Skills", role="A")
    follow(page, "Add a topic")
    field(page, "Name", "Growth")
    field(page, "Target", "75")
    field(page, "Its first question", "How fast?")
    save(page)
    expect(page.locator(".outline [aria-current]")).to_have_text("Growth")

    # Alt and arrows in the outline: up within the topic, then over its edge into the next topic.
    tab_to(page, "Which clouds?", role="A")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator(".toast, #toasts .banner").last).to_contain_text("Which clouds?: now 2 of 3")
    expect(page.locator("#outline a:focus")).to_have_text("Which clouds?")
    assert editing.keys(content("cloud-check"), Level.QUESTION)[:3] == [
        "who-is-certified", "which-clouds", "who-covers-presales",
    ]  # fmt: skip
    page.keyboard.press("Alt+ArrowDown")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("[data-key=growth] > ol > li").first).to_contain_text("Which clouds?")
    expect(page.locator("#outline a:focus")).to_have_text("Which clouds?")
    assert [question.key for question in content("cloud-check").categories[0].topics[1].questions] == [
        "which-clouds", "how-fast",
    ]  # fmt: skip

    follow(page, "Review and publish")
    tab_to(page, "Publish …", role="BUTTON")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Publish version 1?")).to_be_visible()
    looked_at(page, "questionnaire-publish")
    follow(page, "Publish", role="BUTTON")
    expect(page.get_by_text("Version 1 is published.")).to_be_visible()
    questionnaire = Questionnaire.objects.get(key="cloud-check")
    assert questionnaire.versions.get().status == "published"


@pytest.fixture
def draft(admin):
    """A questionnaire with a published version and a draft that has changed a little."""
    questionnaire = Questionnaire.objects.filter(key="dragged").first()
    if questionnaire is None:
        version = drafts.save_draft(by=admin, key="dragged", content=example(internal=True), new=True)
        questionnaire = version.questionnaire
        drafts.publish_draft(by=admin, questionnaire=questionnaire)
        drafts.open_draft(by=admin, questionnaire=questionnaire)
        drafts.change_draft(
            by=admin,
            questionnaire=questionnaire,
            change=lambda now: editing.duplicate(now, Level.TOPIC, "a2", "%s (copy)")[0],
        )
    return questionnaire


def drag(page: Page, moved: str, onto: str, place: float) -> None:
    """By the grip of one line to a place on another: 0 its upper edge, 1 its lower one."""
    grip = page.locator(f"#outline [data-key='{moved}'] > .outline-line .outline-grip").bounding_box()
    line = page.locator(f"#outline [data-key='{onto}'] > .outline-line").bounding_box()
    assert grip
    assert line
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(line["x"] + 60, line["y"] + line["height"] / 2)
    page.mouse.move(line["x"] + 60, line["y"] + line["height"] * place)
    page.mouse.up()


def test_by_mouse_a_question_goes_to_another_topic_and_what_is_typed_stays(site, admin, page_as, draft):
    page = page_as(admin, f"{ROOT}{draft.pk}/draft/question/a1q1/")
    page.get_by_label("Help").fill("Being written")
    drag(page, "a1q2", "b1q2", 0.1)
    expect(page.locator("[data-key=b1] > ol > li").nth(1)).to_contain_text("a1q2")
    expect(page.get_by_label("Help")).to_have_value("Being written")
    assert [question.key for question in content("dragged").categories[1].topics[0].questions] == [
        "b1q1",
        "a1q2",
        "b1q2",
    ]
    drag(page, "a1q2", "a1", 0.5)  # onto a topic: its first
    expect(page.locator("[data-key=a1] > ol > li").first).to_contain_text("a1q2")
    drag(page, "t1q1", "b1", 0.5)
    expect(page.locator("#toasts")).to_contain_text("It is the only one there")
    assert editing.keys(content("dragged"), Level.QUESTION)[:2] == ["a1q2", "a1q1"]
    with page.expect_navigation():
        page.get_by_label("Help").press("Control+Enter")
    assert editing.find(content("dragged"), Level.QUESTION, "a1q1").help == "Being written"


def test_lines_of_options_come_as_they_are_needed(site, admin, page_as, draft):
    page = page_as(admin, f"{ROOT}{draft.pk}/draft/question/b1q1/")
    lines = page.locator(".option-line:visible")
    expect(lines).to_have_count(6)
    page.get_by_label("Option 6", exact=True).fill("More")
    expect(lines).to_have_count(7)
    page.get_by_label("Answered by").select_option("text")
    expect(page.locator("#options")).to_be_hidden()


PAGES = {
    "questionnaires": "",
    "questionnaire-new": "new/",
    "questionnaire": "{pk}/",
    "questionnaire-preview": "{pk}/versions/2/?stage=accelerate&type=reseller",
    "builder": "{pk}/draft/",
    "builder-category": "{pk}/draft/category/T/",
    "builder-topic": "{pk}/draft/topic/a1/",
    "builder-question": "{pk}/draft/question/b1q2/",
    "builder-add-category": "{pk}/draft/add/category/",
    "builder-add-question": "{pk}/draft/add/question/?in=a1",
}


@pytest.mark.parametrize("name", PAGES)
def test_the_looks(site, admin, page_as, draft, name):
    looked_at(page_as(admin, ROOT + PAGES[name].format(pk=draft.pk)), name, ALL)


def test_mistakes_are_shown_where_they_are(site, admin, page_as, draft, trouble):
    trouble.allow("422")
    page = page_as(admin, f"{ROOT}{draft.pk}/draft/question/b1q2/")
    page.get_by_label("Points of option 2").fill("101")
    with page.expect_navigation():
        page.get_by_label("Points of option 2").press("Enter")
    expect(page.get_by_text("The score must be 0 to 100")).to_be_visible()
    looked_at(page, "builder-mistake")

    page = page_as(admin, f"{ROOT}{draft.pk}/")
    data = b"name: X\nkind: capability\ncategories:\n- key: a b\n  name: A\n  weight: 0\n  colour: red\n"
    page.get_by_label("XLSX or YAML").set_input_files({"name": "x.yaml", "mimeType": "text/yaml", "buffer": data})
    with page.expect_navigation():
        page.get_by_role("button", name="Make it the draft").click()
    expect(page.get_by_role("row", name="6 categories[0].weight The weight must be above 0, not 0.")).to_be_visible()
    looked_at(page, "questionnaire-mistakes")
