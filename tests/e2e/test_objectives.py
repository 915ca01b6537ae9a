"""Objectives in Chromium: each page looked at, and from setting one to its progress by keyboard only."""

from decimal import Decimal

import pytest
from django.db import connection

from accounts.permissions import Role
from partners.models import Objective, ObjectiveProgress
from partners.objectives import actions, queries
from tests.e2e.eyes import ALL, looked_at


@pytest.fixture(scope="module")
def filled(site, django_db_blocker):
    """Both sides' objectives of a partner, this year's and last year's: long names, large numbers, falling ones, percent."""
    connection.set_tenant(site.acme.vendor)
    world = site.acme
    by, year = world.users[Role.OPERATIONS], queries.this_year().year
    wishes = (
        ("Earn more from managed services in all branches and at the head office in Llanfairpwllgwyngyll", "NOK", 1_250_000, 9_750_000, 4_000_000),
        ("Answer customers faster", "hours", 29, 16, 15),
        ("Open the second office", "", None, None, 45),
    )  # fmt: skip
    for then in (year - 1, year):
        for side in Objective.Side.values:
            for title, unit, start, goal, reached in wishes:
                row = actions.add_objective(
                    by=by, partner=world.partner_a, side=side, fiscal_year=then, title=title, unit=unit,
                    yardstick="What the monthly report of the service desk says, averaged over the quarter",
                    baseline=start if start is None else Decimal(start), goal=goal if goal is None else Decimal(goal),
                )  # fmt: skip
                entry = {"value": Decimal(reached), "note": "Two months behind: the hire came in late."}
                actions.enter_progress(
                    by=by, partner=world.partner_a, fiscal_year=then, quarter=1, changes={row.pk: entry}
                )
    return world


PAGES = {
    "objectives": "/partners/{pk}/objectives/",
    "objective-add": "/partners/{pk}/objectives/new/",
    "objective-edit": "/objectives/{objective}/",
    "objectives-progress": "/partners/{pk}/objectives/progress/?quarter=1",
    "objectives-take-over": "/partners/{pk}/objectives/take-over/?year={next}",
    "objectives-of-all": "/objectives/",
    "rollup-objectives": "/objectives/roll-up/?by=tier",
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_the_vendors_side(filled, page_as, name):
    some = Objective.everything.filter(partner=filled.partner_a, fiscal_year=queries.this_year().year).earliest("pk")
    address = PAGES[name].format(pk=filled.partner_a.pk, objective=some.pk, next=queries.this_year().year + 1)
    looked_at(page_as(filled.users[Role.OPERATIONS], address), name, ALL)


@pytest.mark.parametrize("name", ["", "progress/?quarter=1", "new/"])
def test_what_the_partner_sees(filled, page_as, name):
    page = page_as(filled.users_a[Role.PARTNER_EXECUTIVE], f"/portal/objectives/{name}")
    looked_at(page, f"portal-objectives-{name.partition('/')[0] or 'all'}", ALL)


def test_from_an_objective_to_its_progress_by_keyboard(filled, page_as):
    page = page_as(filled.cam_b, f"/partners/{filled.partner_b.pk}/objectives/")
    page.get_by_role("link", name="Add objective").first.press("Enter")
    page.get_by_role("heading", name="Add an objective").wait_for()
    page.keyboard.type("Win hospitals")  # the field has the focus
    page.keyboard.press("Tab")
    page.keyboard.type("New hospitals under contract")
    page.keyboard.press("Tab")
    page.keyboard.type("2")
    page.keyboard.press("Tab")
    page.keyboard.type("6")
    page.keyboard.press("Enter")
    page.get_by_text("Objective added.").wait_for()
    page.get_by_role("link", name="Enter progress").press("Enter")
    page.get_by_label("Win hospitals: reached").focus()
    page.keyboard.type("5")
    page.keyboard.press("Tab")
    page.keyboard.type("One more in spring")
    page.keyboard.press("Enter")
    page.get_by_text("saved.").wait_for()
    page.get_by_text("75%").wait_for()
    entry = ObjectiveProgress.everything.get(objective__title="Win hospitals")
    assert (entry.value, entry.note, entry.by) == (5, "One more in spring", filled.cam_b)
