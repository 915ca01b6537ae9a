"""The channel chief's way: from the heat map down to a partner, through the tabs, and a view to come back to."""

import re

from playwright.sync_api import expect

from accounts.permissions import Role
from scorecards import actions, queries
from tests.e2e.eyes import axe, looked_at


def test_from_the_heat_map_to_a_partner(site, page_as):
    world = site.acme
    cam, chief = world.users[Role.CAM], world.users[Role.CHIEF]
    draft = actions.start_assessment(partner=world.partner_a, version=queries.published()[0], mode="cam", by=cam)
    for question in draft.version.content.questions():
        if question.key in draft.applicable:
            given = actions.Given(options=(question.options[0].key,))
            actions.save_answer(assessment=draft, question_key=question.key, given=given, by=cam)
    actions.submit(assessment=draft, by=cam)
    page = page_as(chief, "/scorecards/roll-up/")
    page.get_by_role("combobox", name="Columns").select_option("tier")
    expect(page.locator(".chart-title")).to_contain_text("Overall by region and tier")
    looked_at(page, "rollup-two-ways")
    page.get_by_role("link", name=re.compile(r"1 of 1")).first.click()
    expect(page.get_by_text("How this figure came about")).to_be_visible()
    expect(page.locator(".explained")).to_contain_text("÷ 1 =")
    looked_at(page, "rollup-list")
    page.get_by_role("link", name=world.partner_a.name).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(world.partner_a.name)


def test_a_change_of_the_filter_goes_with_one_through_the_tabs(site, page_as):
    page = page_as(site.acme.users[Role.CHIEF], "/scorecards/roll-up/distribution/")
    page.get_by_role("combobox", name="Rows").select_option("tier")
    expect(page.locator(".chart-title")).to_contain_text("Overall by tier")
    for tab in ("Completion", "Time", "Movers", "Investment", "Heat map", "Distribution"):
        page.get_by_role("navigation", name="Roll-ups").get_by_role("link", name=tab, exact=True).click()
        expect(page.get_by_role("navigation", name="Roll-ups").locator("[aria-current]")).to_have_text(tab)
        axe(page)
    page.get_by_role("navigation", name="Roll-ups").get_by_role("link", name="Completion", exact=True).click()
    page.get_by_role("combobox", name="Rows").select_option("cam")
    expect(page.locator(".chart-title")).to_contain_text("by CAM")
    page.get_by_text("Save this view").click()
    page.get_by_label("Name", exact=True).fill("Who is behind")
    axe(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="Who is behind")).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="Manage views").click()
    looked_at(page, "saved-views")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No views yet")).to_be_visible()
