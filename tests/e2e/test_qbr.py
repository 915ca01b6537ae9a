"""QBRs in Chromium with a worker at work: a deck in three clicks, an edited one by keyboard within five minutes, a shared one in the portal."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Browser, Locator, Page, expect
from pptx import Presentation

from accounts.models import User
from accounts.permissions import Role
from partners import actions as partner_actions
from partners.models import Action, Partner
from prm.common.models import OutgoingMail
from prm.common.vendor import fiscal_calendar, today
from qbr.actions.drafting import usual_quarter
from qbr.models import Attendee, Commitment, Qbr, Version
from tests.common.test_worker import kill, start_worker, taken_by_workers
from tests.e2e.conftest import Site
from tests.e2e.eyes import PHONE, looked_at
from tests.e2e.hands import Hands
from tests.e2e.test_scorecard_cam import tab_to
from tests.scorecards.test_performance_page import aim, sell, strike
from tests.world import World, make_partner, make_team

FIVE = 5 * 60
SAID = {
    "summary": "A strong quarter, carried by two customers in healthcare.",
    "performance": "The gap to plan closes with the two orders of October.",
    "next": "We meet once a month until the pipeline stands.",
}
AGREED = ("Send two engineers to the course", "A campaign for hospitals")


@dataclass
class Partnership:
    """A partner of the CAM with a quarter behind it, and its people."""

    world: World
    partner: Partner
    cam: User
    team: dict[Role, User] = field(default_factory=dict)


@pytest.fixture(scope="module")
def at_work(site: Site, tmp_path_factory) -> Iterator[None]:
    """A worker for the site's database that reads and writes the site's files."""
    folder = tmp_path_factory.mktemp("worker")
    files = {"TEST_MEDIA_ROOT": str(settings.MEDIA_ROOT), "DJANGO_SETTINGS_MODULE": "tests.imports.worker_settings"}
    with taken_by_workers():
        process = start_worker(folder / "worker.log", **files)
        yield
        kill(process)


@pytest.fixture
def partnership(site: Site, at_work: None, request: pytest.FixtureRequest) -> Partnership:
    """Of each test its own, so that they don't meet in one review."""
    connection.set_tenant(site.acme.vendor)
    name, cam = request.param, site.acme.users[Role.CAM]
    partner = make_partner(site.acme, name[0], name=name, cam=cam)
    aim(partner, "100")
    sell(partner, "250.50")
    sell(partner, "80", usual_quarter().end)
    strike(partner, "Clinics of the north")
    return Partnership(site.acme, partner, cam, make_team(site.acme, partner, name[0]))


@contextmanager
def counted(hands: Hands) -> Iterator[None]:
    """What the machine takes inside is waited for."""
    started = time.monotonic()
    yield
    hands.waited += time.monotonic() - started


def built(page: Page, hands: Hands) -> Locator:
    """The page says by itself when the deck is there."""
    file = page.get_by_role("link", name="Download PPTX")
    with counted(hands):
        expect(file).to_be_visible(timeout=60_000)
        expect(page.locator("#build[hx-get]")).to_have_count(0)
        page.wait_for_load_state()
    return file


def opens(file: Path, version: Version) -> None:
    """A presentation with the version's slides, one after the other, each under its title."""
    deck = Presentation(str(file))
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    one_each = [title for title, _pages in groupby(re.sub(r" \(\d+/\d+\)$", "", title) for title in titles)]
    assert one_each == [version.content["title"], *(slide["title"] for slide in version.content["slides"][1:])]
    assert version.slides == len(one_each) > 8


def newest(partner: Partner) -> Version:
    return Version.everything.filter(qbr__partner=partner).latest("number")


# ── Three clicks ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("partnership", ["Quick"], indirect=True)
def test_from_the_partner_page_to_the_file_in_three_clicks(site, partnership, page_as, tmp_path, capsys):
    partner = partnership.partner
    page = page_as(partnership.cam, partner.get_absolute_url())
    hands = Hands(page)
    with hands.waiting():
        hands.click(page.get_by_role("link", name="QBR", exact=True))
    looked_at(page, "qbr-partner")
    with hands.waiting():
        hands.click(page.get_by_role("button", name="Build the deck"))
    file = built(page, hands)
    with page.expect_download() as downloading:
        hands.click(file)
    downloading.value.save_as(tmp_path / "deck.pptx")
    with capsys.disabled():
        print(f"\nQBR from the partner page to the file, nothing edited: {hands}")
    assert (hands.clicks, hands.keys) == (3, 0)
    assert partner.name in downloading.value.suggested_filename
    version = newest(partner)
    assert version.qbr.quarter == usual_quarter().key
    opens(tmp_path / "deck.pptx", version)
    looked_at(page, "qbr-deck")
    page.goto(site.url(reverse("qbr:version", args=[version.pk])))
    looked_at(page, "qbr-version")


# ── Five minutes, and the meeting ────────────────────────────────────────────────────────────────────────────────────


def to_field(page: Page, hands: Hands, name: str) -> None:
    for _step in range(30):
        if page.evaluate("document.activeElement.name ?? ''") == name:
            return
        hands.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab")


def says(page: Page, hands: Hands, text: str) -> None:
    """Puts a sentence before those proposed, and saves."""
    hands.thinks()
    hands.press("e", "Control+Home")
    hands.keys += 1  # two at once
    hands.type(text)
    hands.press("Enter")
    tab_to(page, hands, "Save")
    with hands.waiting():
        hands.press("Enter")


def promises(page: Page, hands: Hands, text: str, owner: str) -> None:
    """A commitment of somebody, on the slide that is open, by the day that is proposed."""
    hands.thinks()
    hands.press("e")
    to_field(page, hands, "text")
    hands.type(text)
    to_field(page, hands, "owner")
    hands.thinks()
    hands.type(owner)  # "": who is proposed, the CAM
    tab_to(page, hands, "Add")
    with hands.waiting():
        hands.press("Enter")


def through_the_slides(page: Page, hands: Hands) -> None:
    """Each slide is read; three get a sentence, two commitments are added on the last but one."""
    place = page.locator(".qbr-outline a[aria-current]")
    while True:
        key = re.search(r"slide=(\w+)", place.get_attribute("href") or "")[1]  # type: ignore[index]
        hands.reads(key)
        if key in SAID:
            says(page, hands, SAID[key])
        if key == "next":
            promises(page, hands, AGREED[0], "Partner_Ch")
            promises(page, hands, AGREED[1], "")
            looked_at(page, "qbr-slide-next")
        elif key == "performance":
            looked_at(page, "qbr-slide-performance")
        if not page.locator("#qbr-draft[data-after]").count():
            return
        with hands.waiting():
            hands.press("j")


@pytest.mark.parametrize("partnership", ["Thorough"], indirect=True)
def test_edited_built_held_and_shared(site, partnership, page_as, browser, tmp_path, capsys):
    partner, cam, champion = partnership.partner, partnership.cam, partnership.team[Role.PARTNER_CHAMPION]
    page = page_as(cam, reverse("qbr:partner", args=[partner.pk]))
    hands = Hands(page)
    tab_to(page, hands, "Go through the slides")
    with hands.waiting():
        hands.press("Enter")
    through_the_slides(page, hands)
    tab_to(page, hands, "Build the deck")
    with hands.waiting():
        hands.press("Enter")
    file = built(page, hands)
    tab_to(page, hands, "Download PPTX")
    with page.expect_download() as downloading:
        hands.press("Enter")
    downloading.value.save_as(tmp_path / "deck.pptx")
    with capsys.disabled():
        print(f"\nQBR, every slide read, three sentences and two commitments added, built, downloaded: {hands}")
    assert hands.seconds < FIVE
    assert hands.clicks == 0
    version = newest(partner)
    opens(tmp_path / "deck.pptx", version)
    spoken = {slide["key"]: slide["commentary"] for slide in version.content["slides"]}
    assert {key: spoken[key][0] for key in SAID} == SAID
    assert file.is_visible()

    _meeting(site, page, partner, cam, champion)
    _sharing(page, partner)
    _in_the_portal(site, page_as, browser, partner, champion, tmp_path)
    _the_quarter_after(site, page, partner)


def press(page: Page, role: str, name: str) -> None:
    """By keyboard, and the page that it leads to."""
    with page.expect_event("load"):
        page.get_by_role(role, name=name, exact=True).press("Enter")  # type: ignore[arg-type]


def _meeting(site: Site, page: Page, partner: Partner, cam: User, champion: User) -> None:
    press(page, "link", "It was held")
    expect(page.get_by_role("checkbox", name=cam.display_name, exact=True)).to_be_checked()
    looked_at(page, "qbr-held")
    page.get_by_role("checkbox", name=champion.display_name, exact=True).press("Space")
    page.get_by_label("Others of the partner’s side").fill("Pat Example")
    press(page, "button", "Save")
    expect(page.get_by_text("The commitments are actions of the partner’s plan now")).to_be_visible()
    connection.set_tenant(site.acme.vendor)
    names = Attendee.everything.filter(qbr__partner=partner).values_list("side", "name")
    assert set(names) == {("vendor", cam.display_name), ("partner", champion.display_name), ("partner", "Pat Example")}
    actions = Action.everything.filter(partner=partner, origin="qbr").order_by("pk")
    assert [(row.title, row.owner, row.shared) for row in actions] == [
        (AGREED[0], champion, True),
        (AGREED[1], cam, True),
    ]
    page.goto(site.url(reverse("partners:actions", args=[partner.pk])))
    expect(page.get_by_text(AGREED[0]).first).to_be_visible()
    page.goto(site.url(reverse("qbr:deck", args=[Qbr.everything.get(partner=partner).pk])))


def _sharing(page: Page, partner: Partner) -> None:
    press(page, "link", "Share it")
    looked_at(page, "qbr-share")
    page.get_by_label("Message").fill("Thank you for the morning")
    press(page, "button", "Share")
    expect(page.get_by_text("the partner finds it in the portal")).to_be_visible()
    looked_at(page, "qbr-deck-shared")


def _in_the_portal(site: Site, page_as, browser: Browser, partner: Partner, champion: User, folder: Path) -> None:
    connection.set_tenant(site.acme.vendor)
    page = page_as(champion, reverse("qbr:portal_list"))
    looked_at(page, "portal-qbrs", (PHONE,))
    press(page, "link", usual_quarter().label)
    expect(page.get_by_text(AGREED[1]).first).to_be_visible()
    expect(page.get_by_text(SAID["summary"]).first).to_be_visible()
    looked_at(page, "portal-qbr")
    _both_files(page, newest(partner), folder)
    connection.set_tenant(site.acme.vendor)
    letter = OutgoingMail.objects.get(to=champion.email, subject__contains=usual_quarter().label)
    assert "Thank you for the morning" in letter.text
    link = re.search(r"http://\S+(/l/\S+)", letter.text)[1]  # type: ignore[index]
    page = page_as(None, link)
    expect(page.get_by_text(AGREED[0]).first).to_be_visible()
    looked_at(page, "qbr-from-the-mail")
    _both_files(page, newest(partner), folder)


def _both_files(page: Page, version: Version, folder: Path) -> None:
    with page.expect_download() as downloading:
        page.get_by_role("link", name="PPTX").press("Enter")
    downloading.value.save_as(folder / "portal.pptx")
    opens(folder / "portal.pptx", version)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="PDF").press("Enter")
    downloading.value.save_as(folder / "portal.pdf")
    assert (folder / "portal.pdf").read_bytes()[:5] == b"%PDF-"


def _the_quarter_after(site: Site, page: Page, partner: Partner) -> None:
    """One of both was done meanwhile: the next review opens with them."""
    connection.set_tenant(site.acme.vendor)
    done = Commitment.everything.select_related("action", "owner").get(qbr__partner=partner, text=AGREED[0])
    partner_actions.update_action(by=done.owner, action=done.action, changes={"status": "done"})
    page.goto(site.url(reverse("qbr:partner", args=[partner.pk])))
    page.get_by_label("Quarter").select_option(fiscal_calendar().quarter_of(today()).key)
    press(page, "button", "Open the draft")
    with page.expect_event("load"):
        page.locator("#to-commitments").press("Enter")
    slide = page.locator(".slide-frame").first
    expect(slide).to_contain_text(AGREED[0])
    expect(slide.locator("tr", has_text=AGREED[0])).to_contain_text("Done")
    expect(slide.locator("tr", has_text=AGREED[1])).to_contain_text("Open")
    looked_at(page, "qbr-slide-commitments")
