"""Registrations in Chromium: from a target and a lead with nothing typed again, by the mailed link, and side by side to the decision."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from accountplans.models import AccountTarget
from accounts import links
from accounts.permissions import Role
from dealdesk import actions
from dealdesk.letters import REGISTER
from dealdesk.models import Registration
from leads.models import Lead, LeadSource
from pipeline.models import Customer, ProductLine
from prm.common.vendor import today
from tests.dealdesk.making import approved, drafted, line, submitted
from tests.e2e.eyes import looked_at
from tests.e2e.hands import Hands

LONG = "Bartholomew Featherstonehaugh-Cholmondeley & Sons"


@pytest.fixture(scope="module")
def filled(site, django_db_blocker):
    """A list with each state; a target and a lead to make something of; two of one company; a policy year to try on."""
    connection.set_tenant(site.acme.vendor)
    world = site.acme
    for order, name in enumerate(("Servers", "Network and wireless", "Backup", "Managed security services")):
        ProductLine.objects.get_or_create(key=name.lower().replace(" ", "-"), defaults={"name": name, "order": order})
    submitted(world, customer_name=LONG, domain="", country="GB")
    approved(world, customer_name="Litware", domain="litware.example", days=9)
    drafted(world, customer_name="Proseware, Inc.", domain="", country="US")
    first = submitted(world, world.partner_b, customer_name="Contoso AG", amount=Decimal(1_250_000))
    actions.give_back(by=world.users[Role.OPERATIONS], registration=first, reason="Which of the two sites is it for?")
    submitted(world, customer_name="Contoso GmbH")
    return world


def made(name: str) -> Registration:
    connection.set_schema("acme")
    return Registration.everything.get(customer_name=name)


def test_a_target_and_a_lead_become_registrations_by_keyboard(filled, site, page_as):
    seller, due = filled.users_a[Role.PARTNER_SELLER], today() + dt.timedelta(days=40)
    customer = Customer.objects.create(
        partner=filled.partner_a, name="Fourth Coffee", domain="fourth.example", country="FR"
    )
    AccountTarget.objects.create(
        customer=customer, product_line=line(), next_step="Show them the trial", due_on=due, amount=Decimal(40_000), currency="EUR"
    )  # fmt: skip
    page = page_as(seller, reverse("accountplans:portal_cell", args=[customer.pk, line().pk]))
    page.get_by_role("link", name="Register").first.press("Enter")
    page.get_by_text("Filled in from the target").wait_for()
    looked_at(page, "portal-registration-new")
    page.get_by_role("button", name="Submit registration").press("Enter")
    page.get_by_text("is submitted. You have an answer by").wait_for()
    assert (made("Fourth Coffee").state, made("Fourth Coffee").amount) == ("submitted", 40_000)
    source = LeadSource.objects.get_or_create(key="web", defaults={"name": "Web"})[0]
    lead = Lead.everything.create(
        company="Lucerne Publishing", domain="lucerne.example", country="CH", need="More space", person="Ana Rossi", source=source,
        score=80, grade="A", holder="partner", partner=filled.partner_a, state="qualified", created_at=timezone.now(),
        accepted_at=timezone.now(),
    )  # fmt: skip
    lead.product_lines.add(line())
    page.goto(site.url(f"/portal/registrations/new/?lead={lead.pk}"))
    page.get_by_label("Amount").focus()
    page.keyboard.type("9000")
    page.get_by_label("Expected close").fill(due.isoformat())
    page.get_by_text("Saved ").wait_for()
    page.get_by_role("button", name="Submit registration").press("Enter")
    page.get_by_text("is submitted. You have an answer by").wait_for()
    assert (made("Lucerne Publishing").lead, made("Lucerne Publishing").contact_name) == (lead, "Ana Rossi")
    page.get_by_role("link", name="Registrations").first.press("Enter")
    page.get_by_role("heading", name="Registrations").wait_for()
    looked_at(page, "portal-registrations")
    page.get_by_role("link", name="Litware").press("Enter")
    page.get_by_text("9 days left").wait_for()
    looked_at(page, "portal-registration")


def to_field(page: Page, hands: Hands, name: str) -> None:
    """By Tab to the field or button of this name."""
    for _ in range(30):
        hands.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    raise AssertionError(name)


def test_by_the_mailed_link_without_a_login_in_seven_fields(filled, page_as):
    seller, close = filled.users_a[Role.PARTNER_SELLER], today() + dt.timedelta(days=30)
    link = links.make(user=seller, purpose=REGISTER, target_id=filled.partner_a.pk, days=9)
    page = page_as(None, f"/l/{links.token(link)}/")
    hands = Hands(page)
    typed = {
        "customer_name": "Alpine Ski House", "domain": "alpineskihouse.example", "country": "Austria", "product_lines": " ",
        "amount": "12000", "expected_close": f"{close:%m%d%Y}", "need": "A second site needs servers",
    }  # fmt: skip
    for name, text in typed.items():
        to_field(page, hands, name)
        hands.reads(name)
        if name == "product_lines":
            hands.thinks()
            hands.press("Space")
        else:
            hands.type(text)
    looked_at(page, "registration-by-link")
    to_field(page, hands, "go")
    with hands.waiting():
        hands.press("Enter")
    page.get_by_role("heading", name="is submitted").wait_for()
    print(f"\nregistration by the mailed link, keyboard only: {hands}")
    assert (len(typed), hands.seconds < 120) == (7, True)
    looked_at(page, "registration-by-link-done")
    found = made("Alpine Ski House")
    assert (found.channel, found.created_by, found.expected_close, found.country) == ("link", seller, close, "AT")


def test_side_by_side_to_the_decision_and_the_policy_tried(filled, site, page_as):
    admin = filled.users[Role.ADMIN]
    page = page_as(admin, "/registrations/?state=submitted")
    looked_at(page, "registrations")
    page.get_by_role("link", name="Contoso GmbH").press("Enter")
    page.get_by_role("link", name="Decide").press("Enter")
    page.get_by_role("columnheader", name="came first").wait_for()
    looked_at(page, "registration-decide")
    page.get_by_label("Reason").focus()
    page.keyboard.type("They know the customer best")
    page.get_by_label("Approve it all the same").press("Space")
    page.get_by_role("button", name="Approve").press("Enter")
    page.get_by_text("is approved.").wait_for()
    looked_at(page, "registration-of-partner")
    assert made("Contoso GmbH").state == "approved"
    page.goto(site.url("/settings/registrations/"))
    page.get_by_label("Smallest amount").fill("30000")
    page.get_by_role("button", name="Try it on last year").press("Enter")
    page.get_by_role("heading", name="Tried on last year").wait_for()
    looked_at(page, "registration-policy")
