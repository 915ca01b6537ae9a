"""MDF in Chromium, by keyboard from the mail: a partner claims with an invoice and a proof, a marketing manager decides line by line."""

import datetime as dt
import re

import pytest
from django.db import connection
from playwright.sync_api import Page

from accounts import links
from accounts.permissions import Role
from marketing.models import Activity
from mdf import actions
from mdf.letters import APPROVE, CLAIM
from mdf.models import Claim, Line, Request
from prm.common.vendor import today
from tests.e2e.eyes import looked_at
from tests.e2e.hands import Hands
from tests.mdf.asking import a_pdf, a_png, approved, lines, marketer, submitted, tactic
from tests.mdf.funding import make_fund


@pytest.fixture(scope="module")
def fund(site, django_db_blocker):
    connection.set_tenant(site.acme.vendor)
    return make_fund(site.acme, budget="90000")


def to_field(page: Page, hands: Hands, name: str) -> None:
    """By Tab to the field or button of this name."""
    for _ in range(40):
        hands.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    raise AssertionError(name)


def chooses(page: Page, hands: Hands, file: dict[str, object]) -> None:
    """Opens the field's dialog by a key, and takes the file there with one more."""
    with page.expect_file_chooser() as chooser:
        hands.press("Space")
    hands.thinks()
    hands.press("ArrowDown")
    chooser.value.set_files(file)  # type: ignore[arg-type]


def test_a_claim_with_its_proof_from_the_mail(site, fund, page_as):
    line = lines(approved(site.acme, fund, "9000", of=tactic("fair", proofs=["Photo of the stand"])))[0]
    yesterday = today() - dt.timedelta(days=1)
    Activity.everything.filter(pk=line.activity_id).update(starts_on=yesterday, ends_on=yesterday)
    Line.everything.filter(pk=line.pk).update(claim_until=yesterday + dt.timedelta(days=60))
    link = links.make(user=marketer(site.acme), purpose=CLAIM, target_id=line.pk, days=9)
    page = page_as(None, f"/l/{links.token(link)}/")
    page.on("filechooser", lambda _chooser: None)  # else the second dialog may come while none is waited for
    hands = Hands(page)
    typed = {
        "receipts_0_supplier": "Messe AG", "receipts_0_number": "2027-17", "receipts_0_dated": f"{today():%m%d%Y}",
        "receipts_0_amount": "8000",
    }  # fmt: skip
    for name, text in typed.items():
        to_field(page, hands, name)
        hands.reads(name)
        hands.type(text)
    invoice = {"name": "invoice.pdf", "mimeType": "application/pdf", "buffer": a_pdf()}
    photo = {"name": "stand.png", "mimeType": "image/png", "buffer": a_png()}
    for name, file in (("receipts_0_file", invoice), ("proof_0", photo)):
        to_field(page, hands, name)
        hands.reads(name)
        chooses(page, hands, file)
    to_field(page, hands, "results")
    hands.reads("results")
    hands.type("Forty visitors, six of them asked")
    looked_at(page, "claim-form")
    to_field(page, hands, "submit")
    with hands.waiting():
        hands.press("Enter")
    page.get_by_text(re.compile(r"C-\w{7}: Submitted")).wait_for()
    print(f"\nclaim from the mailed link, keyboard only: {hands}")
    assert hands.seconds < 120
    connection.set_schema("acme")
    claim = Claim.everything.get(line=line)
    assert (claim.state, claim.claimed, claim.proofs.count()) == ("submitted", 4000, 2)


def test_decided_from_the_mail_and_line_by_line(site, fund, page_as):
    world = site.acme
    asked, other = (submitted(world, fund, "3000", "1500") for _n in range(2))
    manager = world.users[Role.MARKETING]
    for each in (asked, other):
        actions.approve(by=world.users[Role.CAM], request=each)
    link = links.make(user=manager, purpose=APPROVE, target_id=asked.pk, days=9)
    page = page_as(None, f"/l/{links.token(link)}/")
    hands = Hands(page)
    hands.reads("what is asked")
    looked_at(page, "request-approve")
    hands.thinks()
    for _ in range(20):
        if page.evaluate("document.activeElement.innerText") == "Approve":
            break
        hands.press("Tab")
    with hands.waiting():
        hands.press("Enter")
    page.get_by_role("heading", name="Approved").wait_for()
    print(f"\ndecided from the mail, keyboard only: {hands}")
    assert hands.seconds < 60
    page = page_as(manager, "/mdf/approvals/")
    page.get_by_role("link", name=other.plan.title).first.press("Enter")
    first, second = lines(other)
    page.locator(f"[name=decision_{first.pk}]").select_option("changed")
    page.locator(f"[name=amount_{first.pk}]").fill("2000")
    page.locator(f"[name=decision_{second.pk}]").select_option("denied")
    page.locator(f"[name=note_{second.pk}]").fill("Not this year")
    looked_at(page, "request-decide")
    page.get_by_role("button", name="Decide").press("Enter")
    page.get_by_text("Approved in part").wait_for()
    connection.set_schema("acme")
    states = Request.everything.filter(pk__in=[asked.pk, other.pk]).order_by("pk")
    assert list(states.values_list("state", "approved")) == [("approved", 4500), ("approved", 2000)]
    for path, name in (
        ("/mdf/", "mdf"),
        ("/mdf/requests/", "mdf-requests"),
        (f"/mdf/trail/{first.pk}/", "mdf-trail-line"),
    ):
        page.goto(site.url(path))
        looked_at(page, name)
