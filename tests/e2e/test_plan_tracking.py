"""What follows a plan, in Chromium: from the CAM's home to a confirmed re-forecast by keyboard; from a region's figure to its partners."""

import datetime as dt
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.permissions import Role
from cadence.models import DueItem
from partners import facts
from planning.models import BusinessPlan, Reforecast
from prm.common.fiscal import Month
from prm.common.vendor import today
from tests.e2e.eyes import looked_at
from tests.planning.committed import committed, sold


def tab_to(page: Page, wanted: Locator) -> None:
    """Goes there by Tab, as somebody without a mouse does."""
    for _step in range(80):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached by Tab")


@pytest.fixture
def plan(site):
    """In force for three months that are over; a re-forecast of it is due."""
    world, day = site.acme, today()
    if there := BusinessPlan.everything.filter(partner=world.partner_a, number=900).first():
        return there
    first = Month(day.year, day.month).shift(-3)
    made = committed(world, world.partner_a, first=first.start, on=first.previous.start, number=900)
    for n, amount in enumerate(("900", "1300", "1150")):
        sold(world.partner_a, first.shift(n).start, amount)
    DueItem.everything.create(
        partner=world.partner_a, task="reforecast", period="2001Q1", starts_on=day, ends_on=day, due_on=day - dt.timedelta(days=3)
    )  # fmt: skip
    facts.refresh()
    return made


def test_a_re_forecast_is_confirmed_by_keyboard_from_the_home_page(site, page_as, plan):
    page = page_as(site.acme.users[Role.CAM], "/")
    tab_to(page, page.get_by_role("link", name=re.compile(r"^Confirm\b")))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Business plan of")
    looked_at(page, "plan-reforecast")
    tab_to(page, page.get_by_label("Note"))
    page.keyboard.type("One project slipped")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The re-forecast is confirmed.")).to_be_visible()
    expect(page.get_by_role("table", name="Confirmed re-forecasts")).to_contain_text("One project slipped")
    assert Reforecast.everything.get(plan=plan).note == "One project slipped"
    tab_to(page, page.get_by_role("link", name="Against actual"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("3,350.00 of 3,600.00")).to_be_visible()
    looked_at(page, "plan-actuals")


def test_from_a_region_to_its_partners(site, page_as, plan):
    page = page_as(site.acme.users[Role.CHIEF], "/plans/roll-up/")
    expect(page.locator(".chart-title")).to_contain_text("Partners with a signed plan, by region")
    looked_at(page, "commitment")
    page.get_by_role("row", name="West").get_by_role("link").nth(1).click()
    expect(page.get_by_role("link", name=site.acme.partner_a.name)).to_be_visible()
    expect(page.get_by_role("link", name=site.acme.partner_b.name)).to_have_count(0)
    looked_at(page, "commitment-partners")
