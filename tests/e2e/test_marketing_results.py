"""The program worksheet by keyboard, and what came of marketing, in Chromium."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from playwright.sync_api import expect

from accounts.permissions import Role
from marketing.models import Worksheet
from partners import facts
from prm.common.vendor import fiscal_calendar, today
from tests.e2e.eyes import ALL, DARK, LIGHT, PHONE, looked_at
from tests.marketing.approved import activity, plan, verified

NUMBERS = {"mql": "10", "sal": "80", "sql": "40", "win": "10", "deal": "100000"}


@pytest.fixture(scope="module")
def filled(site, django_db_blocker):
    """A quarter of activities of both partners, most of them verified, and one that runs."""
    connection.set_tenant(site.acme.vendor)
    world = site.acme
    before = fiscal_calendar().quarter_of(today()).previous.start
    for n, partner in enumerate((world.partner_a, world.partner_b, world.partner_a)):
        of = plan(partner, before - dt.timedelta(days=60 * n))
        for kind in ("webinar", "event", "telemarketing", "email"):
            made = activity(of, kind=kind, cost=4000 + 900 * n, mdf_approved=Decimal(2000))
            if (n, kind) != (1, "email"):
                verified(made, mgos=20 + 7 * n, revenue=40_000 + 31_000 * n)
    activity(plan(world.partner_a))
    facts.refresh()
    return world


def test_a_worksheet_follows_what_is_typed(filled, page_as):
    """Each change is saved and answered at once; the bleak column follows until it has a number of its own."""
    page = page_as(filled.users[Role.MARKETING], "/marketing/worksheet/")
    page.get_by_label("Revenue wanted").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("10000000")
    for name, value in NUMBERS.items():
        field = page.locator(f"#id_base_{name}")
        field.focus()
        page.keyboard.press("Control+a")
        page.keyboard.type(value)
    page.locator("#id_base_response").focus()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.press("Tab")
    needs = page.get_by_role("table", name="What the revenue needs, from the wins back to the reach")
    expect(needs.get_by_role("row", name="Inquiries MQLs")).to_contain_text("31,250")
    expect(needs.get_by_role("row", name="Reach inquiries")).to_contain_text("–")
    expect(page.locator("#saved")).to_contain_text("Saved")
    expect(page.locator("#id_bleak_win")).to_have_value("8")
    page.locator("#id_bleak_win").fill("5")
    page.keyboard.press("Tab")
    expect(needs.get_by_role("row", name="MGOs ÷ the")).to_contain_text("2,500")
    looked_at(page, "marketing-worksheet", ALL)
    kept = Worksheet.objects.get(period=fiscal_calendar().year_of(today()).key)
    assert kept.content["base"] == {
        "response": None, "mql": "0.1", "sal": "0.8", "sql": "0.4", "win": "0.1", "deal": "100000",
    }  # fmt: skip
    assert kept.content["own"] == {"bleak": {"win": "0.05"}}


def test_the_report_and_the_roll_up_are_sound(filled, page_as):
    page = page_as(filled.users[Role.MARKETING], "/marketing/returns/?by=tactic")
    expect(page.get_by_role("table", name="Forecast and actual by tactic")).to_contain_text("Together")
    looked_at(page, "marketing-returns", ALL)
    looked_at(
        page_as(filled.users[Role.MARKETING], "/marketing/activities/"), "marketing-activities", (LIGHT, DARK, PHONE)
    )
    looked_at(page_as(filled.users[Role.CHIEF], "/rollups/marketing/"), "marketing-roll-up", (LIGHT, DARK, PHONE))
