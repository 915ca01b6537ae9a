"""Both views are in: the CAM compares them, settles by keyboard and agrees; the partner reads it, and agrees a goal."""

import pytest
from django.db import connection
from playwright.sync_api import expect

from accounts.permissions import Role
from scorecards import actions, queries
from scorecards.actions import Given
from scorecards.models import Assessment, Goal
from tests.e2e.eyes import looked_at
from tests.e2e.hands import Hands
from tests.world import World


@pytest.fixture
def cam(site):
    return site.acme.users[Role.CAM]


@pytest.fixture
def seller(site):
    return site.acme.users_a[Role.PARTNER_SELLER]


@pytest.fixture(scope="module")
def pair(site) -> tuple[Assessment, Assessment]:
    """The partner's view and the vendor's of this quarter: the first three choices differ."""
    world: World = site.acme
    connection.set_tenant(world.vendor)
    version = queries.published()[0]
    made = []
    for by, differs in ((world.users_a[Role.PARTNER_SELLER], -1), (world.users[Role.CAM], 1)):
        mode = queries.own_mode(by)
        draft = actions.start_assessment(partner=world.partner_a, version=version, mode=mode, by=by)
        chosen = 0
        for question in version.content.questions(internal=mode == "cam"):
            if question.key not in draft.applicable or not question.type.has_options:
                continue
            place = differs if chosen < 3 and len(question.options) > 2 else 2
            chosen += 1
            option = question.options[min(place, len(question.options) - 1)]
            given = Given((option.key,), comment="We have two people for it" if place == differs else "")
            actions.save_answer(assessment=draft, question_key=question.key, given=given, by=by)
        made.append(actions.submit(assessment=draft, by=by))
    return made[0], made[1]


def test_the_cam_settles_by_keyboard_and_agrees(site, page_as, cam, seller, pair):
    own, theirs = pair
    portal = page_as(seller, f"/portal/scorecards/{own.pk}/compare/")
    expect(portal.locator("#compare input[type=radio]")).to_have_count(0)
    looked_at(portal, "compare-portal")
    page = page_as(cam, f"/scorecards/{theirs.pk}/")
    page.get_by_role("link", name="Compare").click()
    looked_at(page, "compare")
    hands = Hands(page)
    differing = page.locator("fieldset[data-differs]")
    count = differing.count()
    assert count == 3
    expect(page.locator("[data-open]")).to_have_text("3")
    hands.press("ArrowDown")
    first = page.locator(".compare-question.current")
    expect(first).to_have_count(1)
    hands.press("2")
    expect(page.locator("[data-open]")).to_have_text("2")
    hands.press("3")
    expect(page.locator(".other select:focus")).to_have_count(1)
    hands.press("ArrowDown", "ArrowDown")
    hands.press("Enter")
    expect(page.locator("[data-open]")).to_have_text("1")
    hands.press("c")
    hands.type("agreed: 1 2 3")
    hands.press("Escape")
    hands.press("1")
    expect(page.locator("[data-open]")).to_have_text("0")
    expect(page.locator("[data-agree]")).to_be_focused()
    with hands.waiting():
        hands.press("Enter")
    expect(page.get_by_text("Agreed. This scorecard takes the place of both views.")).to_be_visible()
    looked_at(page, "agreed")
    agreed = Assessment.everything.get(partner=site.acme.partner_a, mode="joint")
    assert agreed.status == "agreed"
    assert agreed.answers.filter(comment="agreed: 1 2 3").count() == 1
    assert Assessment.everything.filter(pk__in=[own.pk, theirs.pk], superseded_by=agreed).count() == 2
    page.goto(site.url(f"/scorecards/{own.pk}/compare/"))
    looked_at(page, "compare-agreed")
    portal.goto(site.url(f"/portal/scorecards/{agreed.pk}/"))
    expect(portal.get_by_text("Agreed by both sides on")).to_be_visible()


def test_what_was_left_open_is_named_and_has_the_focus(site, page_as, cam, pair, trouble):
    """The same two, as if they were not agreed yet; sent without script's help."""
    trouble.allow("422")
    own, _theirs = pair
    agreed = Assessment.everything.get(partner=site.acme.partner_a, mode="joint")
    Assessment.everything.filter(superseded_by=agreed).update(status="submitted", superseded_by=None)
    agreed.delete()
    page = page_as(cam, f"/scorecards/{own.pk}/compare/")
    page.locator("fieldset[data-differs]").first.get_by_text("Vendor", exact=True).click()
    with page.expect_navigation():
        page.get_by_role("button", name="Agree").click()
    expect(page.get_by_text("2 questions are still to settle")).to_be_visible()
    expect(page.locator("#errors")).to_be_focused()
    expect(page.locator("input[value=cam]:checked")).to_have_count(1)
    looked_at(page, "compare-refused")


def test_a_goal_is_set_and_agreed(site, page_as, cam, seller, pair):
    page = page_as(cam, f"/scorecards/{pair[1].pk}/")
    page.get_by_role("link", name="Set a goal").click()
    looked_at(page, "goal-set")
    page.get_by_label("Score to reach").fill("100")
    page.get_by_label("By").fill("2099-03-31")
    page.get_by_role("button", name="Set the goal").click()
    expect(page.get_by_text("the other side is asked to agree")).to_be_visible()
    looked_at(page, "summary-goals")
    portal = page_as(seller, "/portal/")
    portal.get_by_role("link", name="Agree a goal").click()
    looked_at(portal, "goal-portal")
    portal.get_by_role("button", name="Agree", exact=True).click()
    expect(portal.get_by_text("The goal is agreed.")).to_be_visible()
    looked_at(portal, "portal-scorecards-goals")
    assert Goal.everything.get().is_agreed
    page.goto(site.url(f"/partners/{site.acme.partner_a.pk}/scorecards/"))
    looked_at(page, "partner-goals")
