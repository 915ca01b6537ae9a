"""The account plan in Chromium, by keyboard: from the matrix to a target, to the list of targets and to the best chances."""

import pytest
from playwright.sync_api import Locator, Page, expect

from accountplans import actions, basis
from accountplans.models import AccountTarget, ComplementaryProduct, Vertical
from accountplans.opportunity import Thing
from accounts.permissions import Role
from pipeline.models import ProductLine
from tests.accountplans.conftest import customers, open_deal, won
from tests.e2e.eyes import looked_at

NAMES = ("Alpine Dairy AG", "Coastal Ferries Ltd", "Fjord Clinics AS", "Harbour Insurance plc", "Lindgren Castings AB")


def tab_to(page: Page, wanted: Locator) -> None:
    """Goes there by Tab, as somebody without a mouse does."""
    for _step in range(120):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached by Tab")


@pytest.fixture
def planned(site):
    """Five customers in every state, and another partner's that the scores stand on."""
    world = site.acme
    if ProductLine.objects.filter(key="servers").exists():
        return
    lines = [
        ProductLine.objects.create(key=key, name=name, order=order)
        for order, (key, name) in enumerate(
            [
                ("servers", "Servers"),
                ("backup", "Backup"),
                ("cloud", "Cloud platform"),
                ("support", "Support services"),
            ],
            1,
        )
    ]
    erp = ComplementaryProduct.objects.create(key="erp", name="ERP system")
    other, seller = world.users_b[Role.PARTNER_SELLER], world.users_a[Role.PARTNER_SELLER]
    actions.share(by=other, partner=world.partner_b, level="counts")
    for row in customers(world.partner_b, 25):
        owned = {Thing.complementary(erp.pk): None, Thing.line(lines[row.pk % 2].pk): None}
        actions.set_owned(by=other, customer=row, owned=owned, gone=frozenset())
    for line, amount in zip(lines, (60_000, 25_000, 40_000, 9_000), strict=True):
        won(world.partner_b, None, line, amount)
    finance = Vertical.objects.get(key="finance")
    rows = [
        actions.add_account(
            by=seller,
            partner=world.partner_a,
            name=name,
            vertical=finance,
            size="large",
            relationship=relationship,
            country="NO",
        )
        for name, relationship in zip(NAMES, ("strong", "known", "none", "known", "strong"), strict=True)
    ]
    for row in rows[:3]:
        actions.set_owned(by=seller, customer=row, owned={Thing.complementary(erp.pk): None}, gone=frozenset())
    open_deal(world.partner_a, rows[0], lines[1])
    won(world.partner_a, rows[1], lines[0])
    actions.set_target(
        by=seller, customer=rows[2], product_line=lines[0], next_step="Call the head of IT", owner=seller
    )
    actions.set_target(by=seller, customer=rows[3], product_line=lines[2], state="ruled_out", reason="Has its own")
    basis.keep()


def test_a_cell_becomes_a_target_by_keyboard(site, page_as, planned):
    world = site.acme
    page = page_as(world.users_a[Role.PARTNER_SELLER], "/portal/accounts/")
    looked_at(page, "accounts-matrix")
    row = page.get_by_role("row", name="Lindgren Castings AB")
    tab_to(page, row.get_by_role("link", name="Backup: chance"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Lindgren Castings AB: Backup")
    looked_at(page, "accounts-cell")
    tab_to(page, page.get_by_label("Next step"))
    page.keyboard.type("Invite to the lab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    target = AccountTarget.everything.get(customer__name="Lindgren Castings AB")
    assert (target.product_line.name, target.next_step) == ("Backup", "Invite to the lab")
    tab_to(page, page.get_by_role("link", name="Accounts", exact=True).last)
    page.keyboard.press("Enter")
    tab_to(page, page.get_by_role("link", name="Targets"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="Account targets")).to_contain_text("Invite to the lab")
    looked_at(page, "accounts-targets")
    tab_to(page, page.get_by_role("link", name="Opportunities"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("table", name="Opportunities")).to_contain_text("Alpine Dairy AG")
    looked_at(page, "accounts-opportunities")
