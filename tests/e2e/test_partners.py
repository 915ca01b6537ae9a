"""Partners in Chromium: each page looked at, and the main things done by keyboard only."""

import datetime as dt
import re

import pytest
from django.db import connection
from playwright.sync_api import expect

from accounts.permissions import Role
from partners import actions
from partners.models import Action, Partner, Tier, Touch
from prm.common.vendor import today
from tests.e2e.eyes import ALL, DARK, LIGHT, PHONE, looked_at


@pytest.fixture(scope="module")
def filled(site, django_db_blocker):
    """Two dozen partners of the CAM's; the first has contacts, touches, actions, a branch and a past."""
    connection.set_tenant(site.acme.vendor)
    world = site.acme
    ops, cam = world.users[Role.OPERATIONS], world.users[Role.CAM]
    first = world.partner_a
    usual = {"partner_type": first.partner_type, "stage": first.stage, "region": first.region, "cam": cam}
    for number in range(24):
        actions.create_partner(
            by=ops, name=f"Alpine Managed Service Partners No. {number:02} GmbH & Co. KG", city="Garmisch-Partenkirchen",
            country="DE", parent=first if number < 2 else None, **usual,
        )  # fmt: skip
    for name, main in (("Ana Berg", True), ("Bartholomew Featherstonehaugh-Cholmondeley", False)):
        email = f"{name.split()[0].lower()}@northwind.example"
        actions.add_contact(by=cam, partner=first, name=name, email=email, title="Head of sales", is_primary=main)
    for days in (3, 20, 90):
        actions.add_touch(
            by=cam, partner=first, on=today() - dt.timedelta(days=days), note="Two stuck renewals", minutes=30
        )
    for days in (-5, 10):
        due = today() + dt.timedelta(days=days)
        actions.add_action(by=cam, partner=first, title="Book the deployment bootcamp", owner=cam, due_on=due)
    done = actions.add_action(by=cam, partner=first, title="Name an executive sponsor")
    actions.set_action_status(by=cam, action=done, status="done")
    silver = Tier.objects.get(key="silver")
    rows = Partner.objects.visible_to(ops).filter(pk=first.pk)
    actions.move_partners(by=ops, partners=rows, what="tier", value=silver, reason="Missed the yearly target")
    return world


PAGES = {
    "partners": "/partners/",
    "partners-filtered": "/partners/?q=alpine&region=west&cam=none&cam=1&stage=accelerate",
    "partners-none": "/partners/?q=zzz",
    "partners-mistake": "/partners/?region=mars&branches_of=x",
    "partner-create": "/partners/new/",
    "partner": "/partners/{pk}/",
    "partner-edit": "/partners/{pk}/edit/",
    "partner-stage": "/partners/{pk}/stage/",
    "partner-people": "/partners/{pk}/people/",
    "partner-contact": "/partners/{pk}/people/new/",
    "partner-actions": "/partners/{pk}/actions/",
    "partner-action": "/partners/{pk}/actions/new/",
    "partner-history": "/partners/{pk}/history/",
    "actions": "/actions/",
    "search": "/search?q=alpine",
    "search-none": "/search?q=qqqq",
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_the_vendors_side(filled, page_as, name):
    address = PAGES[name].format(pk=filled.partner_a.pk)
    looked_at(page_as(filled.users[Role.OPERATIONS], address), name, ALL)


def test_what_the_partner_sees(filled, page_as):
    looked_at(page_as(filled.users_a[Role.PARTNER_EXECUTIVE], "/portal/actions/"), "portal-actions", ALL)


def test_marketings_directory(filled, page_as):
    looked_at(page_as(filled.users[Role.MARKETING], f"/partners/{filled.partner_a.pk}/"), "partner-marketing")


def test_from_the_search_to_a_touch_by_keyboard(filled, page_as):
    page = page_as(filled.users[Role.CAM], "/")
    page.keyboard.press("/")
    page.keyboard.type("northwind")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=northwind")
    page.locator("main a:focus").wait_for()  # the first hit
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Note a touch").wait_for()
    page.get_by_label("Note", exact=True).focus()
    page.keyboard.type("Agreed on two more engineers")
    page.keyboard.press("Enter")
    page.get_by_text("Noted.").wait_for()
    assert Touch.everything.filter(note="Agreed on two more engineers", created_by=filled.users[Role.CAM]).exists()


def test_a_filter_by_keyboard_changes_the_list_and_the_address(filled, page_as):
    page = page_as(filled.users[Role.OPERATIONS], "/partners/")
    menu = page.locator(".check-menu", has_text="Tier")
    menu.locator("summary").press("Enter")
    looked_at(page, "partners-menu", (LIGHT, DARK, PHONE))
    menu.get_by_label("Silver").press("Space")
    page.wait_for_url("**/partners/?*tier=silver*")
    page.get_by_text("1–1 of 1").wait_for()
    expect(menu.locator("summary")).to_contain_text("Silver")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.get_by_role("link", name="Remove filter Tier: Silver").press("Enter")
    page.get_by_text("of 26").wait_for()


def test_many_at_once_by_keyboard(filled, page_as, trouble):
    trouble.allow("422")
    page = page_as(filled.users[Role.OPERATIONS], "/partners/?q=alpine")
    page.get_by_label("Select Alpine Managed Service Partners No. 03 GmbH & Co. KG").press("Space")
    looked_at(page, "partners-bulk-bar")
    page.get_by_label("All 24 that match").press("Space")
    page.get_by_role("button", name="Tier …").press("Enter")
    page.get_by_role("heading", name="Change 24 partners").wait_for()
    looked_at(page, "partners-bulk", ALL)
    page.get_by_label("Reason").fill("New program year")
    page.get_by_label("New tier").select_option("Platinum")
    page.get_by_label("Reason").press("Enter")
    page.get_by_text("24 partners changed.").wait_for()
    assert Partner.everything.filter(tier__key="platinum").count() == 24


def test_an_action_is_done_by_one_key(filled, page_as):
    page = page_as(filled.users[Role.CAM], f"/partners/{filled.partner_a.pk}/actions/")
    before = Action.everything.filter(status="done").count()
    page.get_by_role("button", name=re.compile("^Done ?: Book the deployment")).first.press("Enter")
    page.wait_for_load_state()
    page.get_by_role("heading", name="Closed").wait_for()
    assert Action.everything.filter(status="done").count() == before + 1


def test_the_second_of_two_editors_is_told_and_loses_nothing(filled, page_as, trouble):
    trouble.allow("422")
    address = f"/partners/{filled.partner_a.pk}/edit/"
    first, second = (page_as(filled.users[role], address) for role in (Role.OPERATIONS, Role.CAM))
    first.get_by_label("City").fill("Lyon")
    first.get_by_role("button", name="Save").press("Enter")
    first.get_by_text("Saved.").wait_for()
    second.get_by_label("City").fill("Leeds")
    second.get_by_label("Phone").fill("+44 113")
    second.get_by_role("button", name="Save").press("Enter")
    second.get_by_text("Operations ACME changed this to “Lyon”").first.wait_for()
    looked_at(second, "partner-conflict", ALL)
    expect(second.get_by_label("City")).to_have_value("Leeds")
    second.get_by_role("button", name="Save").press("Enter")
    second.get_by_text("Saved.").wait_for()
    row = Partner.everything.get(pk=filled.partner_a.pk)
    assert (row.city, row.phone) == ("Leeds", "+44 113")


def test_a_parent_is_found_while_typing(filled, page_as):
    page = page_as(filled.users[Role.CAM], "/partners/new/")
    field = page.get_by_label("Parent partner")
    field.focus()
    page.keyboard.type("northw", delay=20)
    option = page.locator("#parent-options option").first
    option.wait_for(state="attached")
    assert option.get_attribute("value") == f"Northwind ACME-A (#{filled.partner_a.pk})"
