"""The manager's way by keyboard: score a CAM who has scored itself, then read where the two differ; and the other kinds' pages."""

import pytest
from playwright.sync_api import expect

from accounts.permissions import Role
from partners.models import LifeStage, Partner
from scorecards import actions, queries
from tests.e2e.eyes import axe, looked_at
from tests.e2e.hands import Hands
from tests.scorecards.test_kinds import answered, more_partners, says, screened, version_of


@pytest.fixture(scope="module")
def people(site):
    return site.acme.users


@pytest.fixture(scope="module")
def own(people):
    """The CAM's own view, at 75 in everything."""
    cam = people[Role.CAM]
    return answered(actions.start_review(version=version_of("cam"), cam=cam, by=cam), cam, 3)


def test_the_manager_scores_a_cam_by_keyboard(site, page_as, people, own):
    chief, cam = people[Role.CHIEF], people[Role.CAM]
    page = page_as(chief, "/scorecards/cams/")
    looked_at(page, "kinds-cams")
    hands = Hands(page)
    page.get_by_role("link", name=cam.name, exact=True).focus()
    with hands.waiting():
        hands.press("Enter")
    expect(page.get_by_text("Nothing to compare yet")).to_be_visible()
    page.get_by_role("button", name="Score this CAM").focus()
    with hands.waiting():
        hands.press("Enter")
    looked_at(page, "kinds-answering")
    asked = page.locator("fieldset.question").count()
    assert asked == 12
    for number in range(asked):
        key = page.locator(".question.current").get_attribute("data-question")
        hands.press("3")
        expect(page.locator(f"[data-question='{key}'] input:checked")).to_have_count(1)
        topic = page.locator("section.topic:visible")
        if topic.locator("fieldset.question").last.get_attribute("data-question") == key:
            if number + 1 < asked:
                hands.press("Enter")
                expect(page.locator(".question.current")).not_to_have_attribute("data-question", key or "")
            else:
                with hands.waiting():
                    hands.press("Enter")
    page.get_by_role("button", name="Submit").focus()
    with hands.waiting():
        hands.press("Enter")
    looked_at(page, "kinds-summary")
    axe(page)
    page.goto(site.url(f"/scorecards/cams/{cam.pk}/"))
    expect(page.get_by_role("heading", name="Where you see it differently")).to_be_visible()
    expect(page.locator("tbody tr").first).to_contain_text("+25")
    looked_at(page, "kinds-cam")


def test_the_pages_of_the_other_kinds(site, page_as, people):
    world, chief, cam = site.acme, people[Role.CHIEF], people[Role.CAM]
    for place, (partner, user) in enumerate(more_partners(world, 5)):
        says(partner, user, place)
    Partner.everything.filter(pk=world.partner_a.pk).update(stage=LifeStage.objects.get(key="recruit"))
    world.partner_a.refresh_from_db()
    fit = screened(world.partner_a, cam, 3)
    answered(actions.start_program(version=queries.published("program")[0], by=chief), chief, 1)
    for user, path, name, said in (
        (chief, "/scorecards/satisfaction/", "satisfaction", "Averages by CAM"),
        (chief, "/scorecards/program/", "program", "What to do first"),
        (cam, "/scorecards/candidates/", "candidates", "Northwind ACME-A"),
        (cam, "/scorecards/skills/", "skills", "Average of 5 partners"),
        (cam, f"/scorecards/{fit.pk}/", "verdict", "Move to Onboard"),
    ):
        page = page_as(user, path)
        expect(page.get_by_text(said).first).to_be_visible()
        looked_at(page, f"kinds-{name}")
        axe(page)
