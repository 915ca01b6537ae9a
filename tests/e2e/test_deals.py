"""Deals and certifications in Chromium: each page looked at, and the main things done by keyboard only."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection

from accounts.permissions import Role
from partners import actions as partners
from partners.learning import actions as learning
from partners.models import Certificate, Task, TaskDone, Touch
from pipeline.deals import actions
from pipeline.models import Deal, DealStage
from prm.common.vendor import today
from tests.e2e.eyes import ALL, DARK, LIGHT, PHONE, looked_at


@pytest.fixture(scope="module")
def filled(site, django_db_blocker):
    """Two dozen deals of the CAM's partner: stale, overdue, split, without a rate, won and lost; and its people's certifications."""
    connection.set_tenant(site.acme.vendor)
    world, day = site.acme, dt.timedelta(days=1)
    ops, cam, first = world.users[Role.OPERATIONS], world.users[Role.CAM], world.partner_a
    stages = list(DealStage.objects.all())
    for number in range(24):
        stage = stages[number % len(stages)]
        actions.add_deal(
            by=ops, partner=first, name=f"Data centre renewal No. {number:02}, all branches and the head office", stage=stage,
            amount=Decimal(1_250_000 + number), currency="NOK" if number % 7 == 3 else "USD",
            customer_name="Bartholomew Featherstonehaugh-Cholmondeley & Sons", created_on=today() - 45 * day,
            closed_on=today() - day if stage.outcome != "open" else None,
            lost_reason="Too dear for the second year" if stage.outcome == "lost" else "",
            expected_close=today() + (number * 9 - 40) * day,
            shares={first.pk: Decimal("66.67"), world.partner_b.pk: Decimal("33.33")} if number % 5 == 1 else None,
        )  # fmt: skip
    contact = partners.add_contact(by=cam, partner=first, name="Ana Berg", email="ana@northwind.example")
    for order, (name, ends) in enumerate(
        (("Sales professional", 20), ("Support specialist", 400), ("Technical professional", -3))
    ):
        certificate = Certificate.objects.create(key=f"c{order}", name=name, order=order, months_valid=24)
        learning.add_certification(
            by=cam, partner=first, certificate=certificate, contact=contact if order else None, level="Expert",
            earned_on=today() - 300 * day, expires_on=today() + ends * day,
        )  # fmt: skip
    for order, name in enumerate(("Every seller has signed in to the portal", "A customer reference is published")):
        Task.objects.create(key=f"t{order}", name=name, detail="With name, picture and what was gained", order=order)
    learning.do_task(by=cam, partner=first, task=Task.objects.get(key="t0"), who="Ana Berg", note="All three of them")
    return world


PAGES = {
    "deals": "/deals/",
    "deals-closed": "/deals/?state=won&state=lost&look=stale&close=month",
    "deals-board": "/deals/board/",
    "deals-pace": "/deals/pace/",
    "deal-create": "/deals/new/",
    "deal": "/deals/{deal}/",
    "deal-edit": "/deals/{deal}/edit/",
    "partner-deals": "/partners/{pk}/deals/",
    "certifications": "/certifications/",
    "partner-certifications": "/partners/{pk}/certifications/",
    "certification-add": "/partners/{pk}/certifications/new/",
    "required-tasks": "/settings/tasks/",
    "required-task": "/settings/tasks/new/",
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_the_vendors_side(filled, page_as, name):
    split = Deal.everything.filter(shares__partner=filled.partner_b, closed_on=None).earliest("pk")
    address = PAGES[name].format(pk=filled.partner_a.pk, deal=split.pk)
    looked_at(page_as(filled.users[Role.OPERATIONS], address), name, ALL)


@pytest.mark.parametrize("name", ["portal-deals", "portal-deals/board", "portal-certifications"])
def test_what_the_partner_sees(filled, page_as, name):
    page = page_as(filled.users_a[Role.PARTNER_EXECUTIVE], f"/portal/{name.removeprefix('portal-')}/")
    looked_at(page, name.replace("/", "-"), ALL)
    if name == "portal-deals":
        page.locator("a.row-link").first.press("Enter")
        page.get_by_role("heading", name="Stage history").wait_for()
        looked_at(page, "portal-deal", (LIGHT, DARK, PHONE))


def test_from_a_new_deal_to_won_by_keyboard(filled, page_as):
    page = page_as(filled.users[Role.CAM], f"/partners/{filled.partner_a.pk}/deals/new/")
    page.get_by_label("Deal", exact=False).first.focus()
    page.keyboard.type("Tundra rollout")
    page.get_by_label("Amount").focus()
    page.keyboard.type("125000")
    page.keyboard.press("Enter")
    page.get_by_text("Tundra rollout was added.").wait_for()
    page.get_by_label("To stage").select_option("Won")
    page.get_by_role("button", name="Move", exact=True).press("Enter")
    page.get_by_text("Stage: Won.").wait_for()
    page.get_by_label("Note", exact=True).focus()
    page.keyboard.type("Signed by both")
    page.keyboard.press("Enter")
    page.get_by_text("Noted.").wait_for()
    deal = Deal.everything.get(name="Tundra rollout")
    assert (deal.stage.key, deal.amount, deal.created_by) == ("won", 125000, filled.users[Role.CAM])
    assert Touch.everything.filter(note="Signed by both", purpose="deal").exists()


def test_a_card_goes_on_by_keyboard_and_by_drag(filled, page_as):
    deal = actions.add_deal(
        by=filled.users[Role.CAM], partner=filled.partner_a, name="Aurora", amount=Decimal(10), currency="USD",
        expected_close=today() - dt.timedelta(days=400),
    )  # fmt: skip
    page = page_as(filled.users[Role.CAM], "/deals/board/")

    def stands_in(key: str) -> None:
        page.locator(f"#stage-{key} #deal-{deal.pk}").wait_for()
        assert Deal.everything.get(pk=deal.pk).stage.key == key

    page.locator(f"#deal-link-{deal.pk}").focus()
    page.keyboard.press("Shift+ArrowRight")
    stands_in("proof")
    assert page.evaluate("document.activeElement.id") == f"deal-link-{deal.pk}"
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.closest('.board-column').id") == "stage-proposal"
    page.get_by_role("button", name="Move Aurora on to Proposal").press("Enter")
    stands_in("proposal")
    page.locator(f"#deal-{deal.pk}").drag_to(page.locator("#stage-negotiation h2"))
    stands_in("negotiation")
    page.get_by_text("Aurora: Negotiation.").wait_for()
    actions.move_deal(by=filled.users[Role.OPERATIONS], deal=deal, to=DealStage.objects.get(key="qualified"))
    page.locator(f"#back-{deal.pk}").press("Enter")
    page.get_by_text("moved “Aurora” to “Qualified” meanwhile").wait_for()
    stands_in("qualified")


def test_a_required_task_is_done_by_keyboard(filled, page_as):
    page = page_as(filled.users[Role.CAM], f"/partners/{filled.partner_a.pk}/certifications/")
    page.locator(".checklist summary").first.press("Enter")
    page.get_by_label("Done by").first.focus()
    page.keyboard.type("Ana Berg")
    page.keyboard.press("Enter")
    page.get_by_text("Done: A customer reference is published.").wait_for()
    assert TaskDone.everything.get(task__key="t1").who == "Ana Berg"
