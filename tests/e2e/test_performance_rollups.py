"""The channel chief's way through performance: from a region's figure to its partners, through the tabs."""

import datetime as dt

from playwright.sync_api import expect

from accounts.permissions import Role
from partners import facts
from pipeline.models import SalesResult, TargetMonth, TargetVersion
from prm.common.vendor import today
from tests.e2e.eyes import axe, looked_at


def test_from_a_region_to_its_partners_and_through_the_tabs(site, page_as):
    world = site.acme
    month = today().replace(day=1)
    for partner, amount in ((world.partner_a, 900), (world.partner_b, 100)):
        for day in (month, (month - dt.timedelta(days=200))):
            SalesResult.everything.create(partner=partner, on=day, amount=amount, currency="USD")
        version = TargetVersion.everything.create(partner=partner, source="import", number=1, first_month=month)
        TargetMonth.everything.create(version=version, month=month, value=1000, currency="USD")
    facts.refresh()
    page = page_as(world.users[Role.CHIEF], "/performance/roll-up/")
    expect(page.locator(".chart-title")).to_contain_text("Performance to plan by region")
    page.get_by_role("combobox", name="Rows").select_option("tier")
    expect(page.locator(".chart-title")).to_contain_text("by tier")
    page.get_by_role("combobox", name="Rows").select_option("region")
    expect(page.locator(".chart-title")).to_contain_text("by region")
    looked_at(page, "performance-overview")
    page.get_by_role("row", name="West").get_by_role("link").first.click()
    expect(page.get_by_role("link", name=world.partner_a.name)).to_be_visible()
    expect(page.get_by_role("link", name=world.partner_b.name)).to_have_count(0)
    for tab in ("Overview", "Trend", "Concentration", "Movers", "Ranking"):
        page.get_by_role("navigation", name="Performance roll-ups").get_by_role("link", name=tab, exact=True).click()
        expect(page.get_by_role("navigation", name="Performance roll-ups").locator("[aria-current]")).to_have_text(tab)
        looked_at(page, f"performance-{tab.lower()}")
        axe(page)
