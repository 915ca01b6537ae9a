"""A marketing plan by keyboard: begun from a play, built with its figures following, submitted for funds; within ten minutes."""

import pytest
from playwright.sync_api import Page, expect

from accounts.permissions import Role
from marketing import actions
from marketing.models import Activity, MarketingPlan
from mdf.models import Request
from tests.e2e.eyes import axe, looked_at
from tests.e2e.hands import Hands
from tests.e2e.test_scorecard_cam import tab_to
from tests.marketing.making import added, started
from tests.mdf.funding import make_fund

TEN = 10 * 60
FIELDS = "#marketing :is(input:not([type=hidden], [type=checkbox]), select, textarea):visible"


@pytest.fixture(autouse=True)
def refusals(trouble):
    """What is wrong or changed meanwhile comes back with 422 and 409, which a browser's console says."""
    trouble.allow("Failed to load resource: the server responded with a status of 4")


def to_field(page: Page, hands: Hands, ending: str) -> None:
    for _step in range(60):
        if page.evaluate("document.activeElement.name ?? ''").endswith(ending):
            return
        hands.press("Tab")
    raise AssertionError(f"{ending} is not reached by Tab")


def writes(page: Page, hands: Hands, ending: str, text: str) -> None:
    to_field(page, hands, ending)
    hands.thinks()
    hands.type(text)


def test_from_empty_to_submitted(site, page_as, capsys):
    make_fund(site.acme, budget="50000", currency="USD")
    marketer = site.acme.users_a[Role.PARTNER_MARKETER]
    page = page_as(marketer, "/")
    hands = Hands(page)
    with hands.waiting():
        hands.press("g", "m")
    tab_to(page, hands, "Start a plan")
    with hands.waiting():
        hands.press("Enter")
    for play in range(5):
        hands.reads(f"play {play}", filled=True)
    looked_at(page, "marketing-start")
    hands.thinks()
    tab_to(page, hands, "Start with Named accounts")
    with hands.waiting():
        hands.press("Enter")
    expect(page.locator("[data-activity]")).to_have_count(2)
    for field in page.locator(FIELDS).all():
        hands.reads(field.get_attribute("name") or "", filled=bool(field.input_value()))
    writes(page, hands, "revenue_goal", "120000")
    writes(page, hands, "message", "Backup that restores within the hour")
    writes(page, hands, "audience", "Heads of IT of law firms")
    for number, reach in (("1", "60"), ("2", "40")):
        hands.press(f"Alt+{number}")
        hands.keys += 1
        writes(page, hands, "reach", reach)
        writes(page, hands, "deal_size", "24000")
        writes(page, hands, "margin", "22")
    expect(page.locator("#saved")).to_contain_text("Saved")
    looked_at(page, "marketing-build")
    with hands.waiting():
        hands.press("Control+Enter")
    hands.keys += 1
    for number in range(3):
        hands.reads(f"submit {number}", filled=True)
    hands.thinks()
    tab_to(page, hands, "Submit for approval")
    with hands.waiting():
        hands.press("Enter")
    plan = MarketingPlan.everything.get(partner=site.acme.partner_a)
    assert plan.state == "submitted"
    assert Request.everything.get(plan=plan).state == "submitted"
    rows = list(Activity.everything.filter(plan=plan).order_by("position"))
    assert [(row.reach, row.deal_size) for row in rows] == [(60, 24000), (40, 24000)]
    assert (plan.revenue_goal, plan.audience) == (120_000, "Heads of IT of law firms")
    with capsys.disabled():
        print(f"\nMarketing plan from a play, every field read, nine changed, submitted: {hands}")
    assert hands.seconds < TEN


def test_figures_follow_what_is_wrong_stays_and_nothing_is_lost(site, page_as, trouble):
    trouble.allow("net::ERR_FAILED")
    cam = site.acme.users[Role.CAM]
    plan = started(site.acme, by=cam)
    row = added(plan, by=cam, title="Webinar", mdf_asked="4500")
    page = page_as(cam, f"/marketing/plans/{plan.pk}/build/")
    win, wins = page.locator(f"[name=a{row.pk}-win]"), page.locator(f"#count-{row.pk}-wins")
    revenue, saved = page.locator("#result .mk-main .figure").first, page.locator("#saved")
    expect(wins).to_have_text("12.0")
    win.focus()
    win.fill("50")
    expect(wins).to_have_text("24.0")
    expect(revenue).to_have_text("432,000.00")
    assert Activity.everything.get(pk=row.pk).win != 0.5  # shown, not kept yet
    page.keyboard.press("Tab")
    expect(saved).to_contain_text("Saved")
    win.fill("120")
    page.keyboard.press("Tab")
    expect(page.locator(f"#id_a{row.pk}-win_error")).to_have_text("A rate is at most 100%.")
    expect(win).to_have_value("120")
    expect(wins).to_have_text("24.0")
    axe(page)
    win.fill("25")
    page.keyboard.press("Enter")  # kept; no button is pressed by it
    expect(page.locator(f"#id_a{row.pk}-win_error")).to_be_hidden()
    # A budget line comes as the last is written in; the line is cut, and what was typed is saved once it is back.
    lines = page.locator(f"#card-{row.pk} .mk-line")
    expect(lines).to_have_count(2)
    page.route("**/activities/*/", lambda route: route.abort())
    lines.nth(1).get_by_label("What").fill("Room")
    lines.nth(1).get_by_label("Amount").fill("500")
    lines.nth(1).get_by_label("Who pays").select_option("mdf")
    expect(saved).to_contain_text("Not saved yet")
    expect(lines).to_have_count(3)
    page.unroute("**/activities/*/")
    expect(saved).to_contain_text("Saved", timeout=20_000)
    assert [line.what for line in Activity.everything.get(pk=row.pk).budget.all()] == ["Agency", "Room"]
    # Somebody else changed the card: the page says so, with what is typed here.
    actions.change_activity(activity=row, by=site.acme.users[Role.MARKETING], fields={"sal": "0.5"})
    win.fill("30")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Somebody changed this while you were typing").first).to_be_visible()
    expect(win).to_have_value("30")
