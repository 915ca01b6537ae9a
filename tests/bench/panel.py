"""How soon the result of a business plan follows a change, in Chromium: from the key to the new figures on the screen."""

import os
import shutil
import statistics
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from playwright.sync_api import Page, sync_playwright

from accounts.permissions import Role
from planning.actions import drafting
from planning.models import BusinessPlan
from tests import database
from tests.bench import data, load
from tests.world import make_world, session_of

CHANGES = int(os.environ.get("CHANGES", "60"))  # counted, of each field; ten before them are not
WARM_UP = 10
LINES = 10
BUDGET = 300  # ms at the median
FIELDS = (("lines", "lines-0-margin"), ("sellers", "sellers-0-cost"), ("result", "scenarios-bleak-margin"))

# Each time: from the input event to the frame after the panel was put in its place.
WATCH = """() => {
  window.times = [];
  let started = 0;
  document.addEventListener("input", () => { started = performance.now(); }, true);
  new MutationObserver((changes) => {
    const fresh = changes.some((change) => [...change.addedNodes].some((node) => node.id === "result"));
    if (fresh && started) requestAnimationFrame(() => { window.times.push(performance.now() - started); started = 0; });
  }).observe(document.querySelector(".planning-zones"), { childList: true });
}"""


def main() -> int:
    """Prints median, 95th percentile and worst of each field; fails above the budget only where a change never shows."""
    name = f"bench_panel_{os.getpid()}"
    database.copy(name)
    try:
        os.environ["BENCH_DATABASE"] = name
        data.use(name)
        return _measure()
    finally:
        connection.close()
        database.drop(name)


def _measure() -> int:
    call_command("collectstatic", "--noinput", "--clear", "--verbosity=0")
    world = make_world("acme")
    user = world.users[Role.CAM]
    plan = large_plan(world.partner_a, user)
    session = session_of(user)
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with load.serving(world.host) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        site = f"http://{world.host}:{server.port}"
        cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        print(f"{LINES} product lines, {CHANGES} changes of each field, load {os.getloadavg()[0]:.1f}")
        print(f"{'field':26} {'median':>8} {'p95':>8} {'worst':>8}   ms")
        for step, field in FIELDS:
            page.goto(f"{site}/plans/{plan.pk}/steps/{step}/")
            times = sorted(follow(page, field))
            median, p95 = statistics.median(times), times[int(len(times) * 0.95)]
            over = "  over budget" if median > BUDGET else ""
            print(f"{field:26} {median:8.0f} {p95:8.0f} {times[-1]:8.0f}{over}", flush=True)
        browser.close()
    return 0


def follow(page: Page, field: str) -> list[float]:
    """Milliseconds of each change of the field, each typed as one key after the panel followed the one before."""
    page.evaluate(WATCH)
    control = page.locator(f"[name='{field}']")
    for number in range(WARM_UP + CHANGES):
        control.press("End")
        control.press("Backspace" if number % 2 else "1")
        page.wait_for_function("(count) => window.times.length >= count", arg=number + 1)
    found: list[float] = page.evaluate("window.times")
    return found[WARM_UP:]


def large_plan(partner: Any, user: Any) -> BusinessPlan:
    """A draft with ten product lines of all kinds, and people and costs as they are prefilled."""
    plan = drafting.start(partner=partner, by=user)
    lines = [
        {
            "key": f"l{number}", "name": f"Line {number}", "start": number + 1,
            "deals": {"kind": "ramp", "first": "2", "growth": "3", "cap": "9"} if number % 2 else {"kind": "capacity", "share": "8"},
            "sale": {"kind": "recurring", "price": "90", "churn": "1.5", "opening_base": "12"} if number % 3 else {"kind": "one_time", "deal_size": "9000"},
            "margin": "2", "rebate": "3",
            "services": {"attach": "40", "lag": 1, "price": "2000", "margin": "35", "managed_price": "50", "managed_margin": "40"},
        }
        for number in range(LINES)
    ]  # fmt: skip
    return drafting.save(plan=plan, by=user, parts={"lines": lines})
