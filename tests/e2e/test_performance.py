"""The performance scorecard: the CAM goes through it with the partner by keyboard, the partner reads it on a phone."""

import datetime as dt

import pytest
from django.db import connection
from playwright.sync_api import expect

from accounts.permissions import Role
from prm.common.vendor import today
from scorecards.models import PerformanceReview
from tests.e2e.eyes import DARK, PHONE, axe, looked_at, no_overflow, touchable
from tests.e2e.hands import Hands
from tests.guards.furnish import furnish, furnish_vendor


@pytest.fixture(scope="module")
def sold(site):
    """Partner A with something of everything."""
    world = site.acme
    connection.set_tenant(world.vendor)
    furnish_vendor(world)
    furnish(world, world.partner_a, world.users_a)
    return world.partner_a


def test_the_cam_goes_from_home_to_reviewed_by_keyboard(site, page_as, sold, capsys):
    page = page_as(site.acme.users[Role.CAM], "/")
    hands = Hands(page)
    hands.press("/")
    hands.type("Northwind")
    with hands.waiting():
        hands.press("Enter")
    hit = page.get_by_role("link", name=sold.name).first
    hit.focus()
    with hands.waiting():
        hands.press("Tab", "Enter") if not hit.is_visible() else hands.press("Enter")
    tab = page.get_by_role("navigation").get_by_role("link", name="Performance", exact=True)
    tab.focus()
    with hands.waiting():
        hands.press("Enter")
    expect(page.get_by_role("heading", name="Program level")).to_be_visible()
    looked_at(page, "performance")
    hands.reads("page")
    hands.press("r")
    note = page.locator("#review textarea")
    expect(note).to_be_focused()
    axe(page)
    hands.type("Two joint visits agreed")
    hands.press("Tab", "Tab", "Tab")
    expect(page.get_by_role("button", name="Note the review")).to_be_focused()
    with hands.waiting():
        hands.press("Enter")
    expect(page.get_by_text("Two joint visits agreed")).to_be_visible()
    expect(page.get_by_text("Noted, with the figures of that day.")).to_be_visible()
    connection.set_tenant(site.acme.vendor)
    review = PerformanceReview.everything.get(on=today())
    assert "performance_to_plan" in review.figures["figures"]
    with capsys.disabled():
        print(f"\nperformance reviewed: {hands}")
    assert hands.seconds < 300


def test_a_refused_review_keeps_what_was_typed(site, page_as, sold, trouble):
    trouble.allow("422")
    page = page_as(site.acme.users[Role.CAM], f"/partners/{sold.pk}/performance/")
    page.get_by_role("button", name="Reviewed with partner").click()
    tomorrow = today() + dt.timedelta(days=1)
    page.locator("#review form").evaluate("form => form.noValidate = true")
    page.locator("#review input[type=date]").fill(tomorrow.isoformat())
    page.locator("#review textarea").fill("kept words")
    page.get_by_role("button", name="Note the review").click()
    expect(page.get_by_text("something that has happened").first).to_be_visible()
    expect(page.locator("textarea")).to_have_value("kept words")
    looked_at(page, "performance-review-refused")


def test_in_the_dark(site, page_as, sold):
    page = page_as(site.acme.users[Role.CAM], f"/partners/{sold.pk}/performance/", variant=DARK)
    axe(page)
    page.get_by_role("button", name="Mail").click()
    expect(page.locator("#mail select")).to_be_visible()
    axe(page)


def test_the_partner_reads_it_on_a_phone(site, page_as, sold):
    page = page_as(site.acme.users_a[Role.PARTNER_EXECUTIVE], "/portal/performance/", variant=PHONE)
    expect(page.get_by_role("heading", name="Quarter by quarter")).to_be_visible()
    expect(page.get_by_text("Growth potential")).to_have_count(0)
    no_overflow(page)
    touchable(page)
    looked_at(page, "portal-performance", (PHONE,))
    page.locator("#quarters a").first.tap()
    expect(page.get_by_text("With these numbers")).to_be_visible()
    no_overflow(page)
