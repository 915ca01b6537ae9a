"""A lead in Chromium: brought in and given out by keyboard, accepted from the mailed link on a phone without signing in."""

import pytest
from django.db import connection
from playwright.sync_api import expect

from accounts import links
from accounts.models import SignedLink
from accounts.permissions import Role
from leads.mailing import OFFER_LINK
from leads.models import Lead
from tests.e2e.eyes import ALL, DARK, LIGHT, PHONE, looked_at, touchable
from tests.e2e.hands import Hands
from tests.leads.given import direct, held, offered, waiting


@pytest.fixture(scope="module")
def filled(site, django_db_blocker):
    """Leads in every place, with long words."""
    connection.set_tenant(site.acme.vendor)
    world = site.acme
    need = (
        "Replacement of the storage in both data centres before the maintenance contract ends; a tender is being prepared. "
        * 3
    )
    for number in range(7):
        held(
            world, f"Bartholomew Featherstonehaugh-Cholmondeley & Sons No. {number}", score=90 - 12 * number, need=need
        )
    offered(world, "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft", need=need)
    held(world, "Elsewhere", partner=world.partner_b)
    direct(world, "Ours")
    waiting(world, "Nobody's", score=5)
    return world


def test_the_lists_and_the_report_are_sound(filled, page_as):
    looked_at(page_as(filled.users[Role.OPERATIONS], "/leads/"), "leads", ALL)
    looked_at(page_as(filled.users[Role.OPERATIONS], "/leads/fairness/"), "leads-fairness", (LIGHT, DARK, PHONE))
    looked_at(page_as(filled.users_a[Role.PARTNER_SELLER], "/portal/leads/"), "portal-leads", ALL)


def test_from_a_new_lead_to_the_first_contact(filled, page_as, capsys):
    page = page_as(filled.users[Role.MARKETING], "/leads/new/")
    hands = Hands(page)
    page.get_by_label("Company").focus()
    hands.type("Tundra Hospitals")
    page.get_by_label("Need").focus()
    hands.type("Forty servers")
    page.get_by_label("Source").select_option("Web")
    page.get_by_label("Score").focus()
    hands.type("80")
    page.get_by_label("Person").focus()
    hands.type("Wilma Contact")
    page.get_by_role("button", name="Add to the queue only").focus()
    with hands.waiting():
        hands.press("Enter")
    expect(page.get_by_text("Tundra Hospitals was added: grade A.")).to_be_visible()
    page.get_by_role("button", name="Give out by the rules").focus()
    with hands.waiting():
        hands.press("Enter")
    expect(page.get_by_text("Offered to").first).to_be_visible()
    expect(page.get_by_text("chosen")).to_be_visible()
    looked_at(page, "lead-given-out", (LIGHT, DARK, PHONE))
    with capsys.disabled():
        print(f"\nLead brought in and given out: {hands}")
    lead = Lead.everything.get(company="Tundra Hospitals")
    made = SignedLink.objects.filter(purpose=OFFER_LINK, target_id=str(lead.offers.get().pk)).latest("created_at")
    page = page_as(None, f"/l/{links.token(made)}/", variant=PHONE)
    hands = Hands(page)
    looked_at(page, "lead-offered", (LIGHT, PHONE))
    touchable(page)
    expect(page.get_by_text("Wilma Contact")).to_have_count(0)
    for fact in ("company", "need", "grade", "place"):
        hands.reads(fact)
    hands.thinks()
    with hands.waiting():
        hands.tap(page.get_by_role("button", name="Accept the lead"))
    expect(page.get_by_text("Wilma Contact")).to_be_visible()
    looked_at(page, "lead-accepted", (LIGHT, DARK, PHONE))
    hands.reads("person")
    with hands.waiting():
        hands.tap(page.get_by_role("button", name="Contacted"))
    expect(page.get_by_text("Contacted. Well done.")).to_be_visible()
    with capsys.disabled():
        print(f"Lead accepted and contacted by the mailed link: {hands}")
    assert hands.seconds < 60
    lead.refresh_from_db()
    assert (lead.state, lead.partner) == ("contacted", lead.offers.get().partner)
