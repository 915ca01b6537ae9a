"""Every page in Chromium: accessible, nothing wider than the screen, no text cut off; a picture of each is kept, but in CI.

Of pages made of the same templates one, on both screens; the main ones in light and dark. With the marker `full` all, everywhere.
"""

from collections.abc import Callable, Iterator, Sequence

import pytest
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, Page

from accounts import links
from accounts.models import SignedLink, User
from accounts.permissions import Role
from tests.e2e import eyes
from tests.e2e.conftest import Site, Trouble, watch
from tests.guards.addresses import Address, addresses
from tests.guards.furnish import furnish, furnish_vendor
from tests.guards.objects import all_arguments
from tests.world import session_of

MAIN = {
    "account_login",
    "cadence:due",
    "cadence:home",
    "cadence:portal_home",
    "leads:lead",
    "leads:list",
    "leads:portal_list",
    "partners:action_list",
    "partners:hub",
    "partners:list",
    "scorecards:answer",
    "scorecards:portal_answer",
    "scorecards:rollup",
    "scorecards:summary",
}
PEOPLE: dict[str, Callable[[Site], User | None]] = {
    "nobody": lambda site: None,
    "admin": lambda site: site.acme.users[Role.ADMIN],
    "cam": lambda site: site.acme.users[Role.CAM],
    "champion": lambda site: site.acme.users_a[Role.PARTNER_CHAMPION],
}
SIDES = {"nobody": ("open",), "admin": ("vendor", "signed in"), "cam": (), "champion": ("portal",)}
# Pages that the admin has too, but the CAM lives in.
OF_THE_CAM = {"cadence:home", "partners:hub", "scorecards:answer", "scorecards:summary"}
BOTH = (eyes.LIGHT, eyes.PHONE)
PURPOSES = ("accounts.accept_invitation", "scorecards.answer")
ERRORS = {"not-found": "/no/such/page/", "forbidden": "/portal/", "unknown-link": "/l/nothing/"}


@pytest.fixture(scope="module")
def furnished(site: Site) -> Site:
    """Vendor acme with something of everything."""
    world = site.acme
    furnish_vendor(world)
    for partner, team in ((world.partner_a, world.users_a), (world.partner_b, world.users_b)):
        furnish(world, partner, team)
    return site


@pytest.fixture(params=PEOPLE)
def walk(
    request: pytest.FixtureRequest, furnished: Site, browser: Browser, trouble: Trouble
) -> Iterator[tuple[str, Page]]:
    """Each kind of visitor with one open page."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB", reduced_motion="reduce")
    user = PEOPLE[request.param](furnished)
    if user is not None:
        connection.set_tenant(furnished.acme.vendor)
        cookie = {"name": "sessionid", "value": session_of(user), "url": furnished.url("/")}
        context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    page.set_default_timeout(20_000)
    trouble.allow("Failed to load resource: the server responded with a status of 40")
    watch(page, trouble)
    yield request.param, page
    context.close()


def visited(who: str, address: Address) -> bool:
    return (
        address.name in OF_THE_CAM
        if who == "cam"
        else address.access[0] in SIDES[who]
        and address.name != "account_logout"
        and not address.name.endswith(("pdf", "xlsx", "export"))
    )


def pages(site: Site, who: str) -> Iterator[tuple[str, str, bool]]:
    """(name, path, whether it is a main page) of what this visitor can open."""
    for address in addresses():
        if visited(who, address):
            for number, kwargs in enumerate(all_arguments(address, site.acme, site.acme.partner_a)):
                name = address.name.replace(":", "-") + (f"-{number}" if number else "")
                yield name, address.url(**kwargs), address.name in MAIN and not number
    if who == "admin":
        for name, path in ERRORS.items():
            yield name, path, False
    if who == "nobody":  # who came by a mailed link
        for purpose in PURPOSES:
            link = SignedLink.objects.filter(purpose=purpose).earliest("created_at")
            yield f"link-{purpose.replace('.', '-')}", f"/l/{links.token(link)}/", False


def made_of(site: Site, page: Page, path: str) -> frozenset[str]:
    """The templates of the page; none where a browser would show none: a file, a redirect, for POST only."""
    client = Client(headers={"host": "acme.localhost"})
    for cookie in page.context.cookies():
        client.cookies[cookie["name"]] = cookie["value"]
    response = client.get(path, follow=path.startswith("/l/"))
    connection.set_tenant(site.acme.vendor)
    shown = response.status_code == 200 or path in ERRORS.values()
    if response.streaming:
        response.close()
    if not shown or response.streaming or b"<html" not in response.content[:1000]:
        return frozenset()
    return frozenset(str(template.name) for template in response.templates)


COVERED = """() => {
  const words = "h1, h2, h3, th, td, p, li, dt, dd, label, legend, a, button, input, select";
  return [...document.querySelectorAll(`main :is(${words})`)].filter((node) => {
    const box = node.getBoundingClientRect();
    const shown = node.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && box.width > 4 && box.height > 4;
    if (!shown || node.closest("svg, dialog, [inert], .visually-hidden")) return false;
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    for (let around = node.parentElement; around; around = around.parentElement) {
      const clip = around.getBoundingClientRect();
      const scrolls = getComputedStyle(around).overflowX !== "visible";
      if (scrolls && (x < clip.left || x > clip.right || y < clip.top || y > clip.bottom)) return false;
    }
    const top = document.elementFromPoint(x, y);
    const together = top?.closest("label");
    return top && !top.contains(node) && !node.contains(top) && !(together && together === node.closest("label"));
  }).map((node) => `${node.tagName} “${node.textContent.trim().slice(0, 40)}”`);
}"""


def nothing_covered(page: Page) -> None:
    """Nothing lies over something else's middle, when the screen is as tall as the page."""
    before = page.viewport_size
    assert before
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": before["width"], "height": min(height, 20_000)})
    found = page.evaluate(COVERED)
    page.set_viewport_size(before)
    assert not found, found[:8]


def look(page: Page, name: str, variants: Sequence[eyes.Variant], with_axe: Sequence[eyes.Variant]) -> Iterator[str]:
    """What is wrong with the open page in each of these variants; a picture of each is kept."""
    for variant in eyes.screens(page, variants):
        for check in (eyes.axe, eyes.no_overflow, nothing_covered)[0 if variant in with_axe else 1 :]:
            try:
                check(page)
            except AssertionError as error:
                yield f"{name} {variant.name}: {error}"
        eyes.keep(page, name, variant)


def walked(site: Site, walk: tuple[str, Page], *, everything: bool = False) -> list[str]:
    who, page = walk
    connection.set_tenant(site.acme.vendor)
    found: list[str] = []
    seen: set[frozenset[str]] = set()
    for name, path, is_main in list(pages(site, who)):
        templates = made_of(site, page, path)
        if templates and (everything or is_main or templates not in seen):
            seen.add(templates)
            page.goto(site.url(path))
            in_full = everything or is_main
            found += look(page, f"{who}-{name}", eyes.ALL if in_full else BOTH, eyes.ALL if in_full else BOTH[:1])
    assert len(seen) > 2
    return found


def test_every_page(furnished: Site, walk: tuple[str, Page]) -> None:
    assert walked(furnished, walk) == []


@pytest.mark.full
def test_every_page_on_every_screen(furnished: Site, walk: tuple[str, Page]) -> None:
    assert walked(furnished, walk, everything=True) == []
