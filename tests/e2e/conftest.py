"""Real pages in real Chromium: a server on a database of its own, filled anew for each module.

    def test_something(site, page_as):
        page = page_as(site.acme.users[Role.CAM], "/partners/")

A page that logs an error, breaks the content security policy or throws fails its test.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page, Response, sync_playwright

from accounts.models import User
from tests import database
from tests.e2e.eyes import LIGHT, Variant
from tests.world import World, make_world, session_of

# Playwright keeps an event loop in this thread; the ORM is used between its calls, never inside them.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(django_db_setup: None) -> Iterator[int]:
    """The port of a server that reads whatever database the settings name at that moment."""
    thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield thread.port
    thread.terminate()


@dataclass
class Site:
    """The two vendors as the browser reaches them."""

    acme: World
    globex: World
    port: int

    def url(self, path: str, vendor: str = "acme") -> str:
        return f"http://{vendor}.localhost:{self.port}{path}"


@pytest.fixture(scope="module")
def site(server: int, django_db_blocker) -> Iterator[Site]:
    """Both vendors in a database of the module's own; what a test writes is there for the next one."""
    with django_db_blocker.unblock(), database.own("e2e"):
        globex = make_world("globex")
        yield Site(make_world("acme"), globex, server)


@dataclass
class Trouble:
    """What went wrong on the pages of a test."""

    seen: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def allow(self, text: str) -> None:
        """A trouble that holds this text is meant: the test cuts the line or asks for what isn't there."""
        self.allowed.append(text)

    @property
    def unmeant(self) -> list[str]:
        return [line for line in self.seen if not any(text in line for text in self.allowed)]


@pytest.fixture
def trouble() -> Iterator[Trouble]:
    found = Trouble()
    yield found
    assert not found.unmeant


PageAs = Callable[..., Page]


@pytest.fixture
def page_as(site: Site, browser: Browser, trouble: Trouble) -> Iterator[PageAs]:
    """page_as(user, "/path", vendor="acme", variant=Variant()) → the page, opened as this user (None: nobody)."""
    contexts = []

    def opened(user: User | None, path: str, *, vendor: str = "acme", variant: Variant = LIGHT) -> Page:
        context = browser.new_context(
            viewport={"width": variant.width, "height": variant.height},
            color_scheme=variant.scheme,  # type: ignore[arg-type]
            has_touch=variant.touch,
            locale="en-GB",
            reduced_motion="reduce",
        )
        contexts.append(context)
        if user is not None:
            cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": site.url("/", vendor)}
            context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.set_default_timeout(10_000)
        watch(page, trouble)
        page.goto(site.url(path, vendor))
        return page

    yield opened
    for context in contexts:
        context.close()


def watch(page: Page, trouble: Trouble) -> None:
    def answered(response: Response) -> None:
        if response.status >= 500:
            trouble.seen.append(f"{response.status} {response.url}")

    page.on("console", lambda message: trouble.seen.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: trouble.seen.append(str(error)))
    page.on("response", answered)
