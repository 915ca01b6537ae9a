"""The pages of people, settings, jobs and mails in Chromium: their main thing by keyboard, axe, pictures."""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from accounts import actions, links, tokens
from accounts.models import SignedLink, User
from accounts.permissions import Role
from partners import users
from partners.models import Region, RegionLimit
from prm.common import actions as common
from prm.common import mail
from prm.common.models import AuditEntry, Holiday, Job, Notification, OutgoingMail, Policy
from prm.common.rag import Thresholds
from prm.common.vendor import today
from tests.e2e.eyes import ALL, looked_at

NEW_PASSWORD = "purple monkey dishwasher"


@pytest.fixture(scope="module")
def filled(site, django_db_blocker):
    """What the pages show when a vendor has been at work for a while."""
    connection.set_tenant(site.acme.vendor)
    world = site.acme
    admin, cam = world.users[Role.ADMIN], world.users[Role.CAM]
    users.invite_to_vendor(
        by=admin, email="nina.novakova@acme.example", name="Nina Nováková", roles=[Role.CAM, Role.CHIEF]
    )
    RegionLimit.objects.create(user=world.users[Role.CHIEF], region=Region.objects.get(key="west"))
    actions.deactivate(by=admin, user=world.users_b[Role.PARTNER_MARKETER])
    for number, (days, name) in enumerate([(-30, "All Saints’ Day"), (34, "Christmas Day"), (41, "New Year’s Day")]):
        Holiday.objects.create(on=today() + dt.timedelta(days=days), name=name)
        AuditEntry.objects.filter(pk=number).update(at=timezone.now())
    for currency, on, rate in [
        ("EUR", "2025-01-01", "1.04"),
        ("EUR", "2026-01-01", "1.085"),
        ("JPY", "2026-01-01", "0.0066"),
    ]:
        common.add_rate(by=admin, currency=currency, on=dt.date.fromisoformat(on), rate=rate)
    for days, green in ((0, 80), (60, 85)):
        pair = {"capability": Thresholds(green=green, amber=50), "attainment": Thresholds(green=90, amber=70)}
        common.set_thresholds(by=admin, starts_on=today() + dt.timedelta(days=days), families=pair)
    users.change(by=admin, user=cam, roles=[Role.CAM, Role.MARKETING])
    users.change(by=admin, user=cam, roles=[Role.CAM])
    tokens.create(admin, "CRM sync", ["partners:read", "partners:write"], 90)
    token, _plain = tokens.create(admin, "Old report", ["scorecards:read"], 30)
    tokens.revoke(token, admin)
    return world


def job(user: User, state: str, **fields) -> Job:
    now = timezone.now()
    usual = {"started_at": now - dt.timedelta(seconds=74), "finished_at": now if state not in Job.OPEN else None}
    return Job.objects.create(kind="e2e", title="Import of partners from resellers.xlsx", state=state, created_by=user, **usual | fields)  # fmt: skip


PAGES = {
    "users": "/settings/users/",
    "users-none": "/settings/users/?q=zzz&role=cam",
    "invite": "/settings/users/invite/",
    "invite-partner": "/settings/users/invite-partner/",
    "settings-general": "/settings/general/",
    "settings-lists": "/settings/lists/",
    "settings-holidays": "/settings/calendar/",
    "settings-currencies": "/settings/currencies/",
    "settings-thresholds": "/settings/thresholds/",
    "audit": "/settings/audit/",
    "profile": "/profile/",
    "tokens": "/profile/tokens/",
    "jobs-none": "/jobs/",
    "notifications": "/notifications/",
    "password-change": "/password/change/",
}


@pytest.mark.parametrize("name", PAGES)
def test_pages_of_the_vendors_side(filled, page_as, name):
    looked_at(page_as(filled.users[Role.ADMIN], PAGES[name]), name, ALL)


@pytest.mark.parametrize("name", ["team", "team/invite", "profile"])
def test_pages_of_the_portal(filled, page_as, name):
    path = "/profile/" if name == "profile" else f"/portal/{name}/"
    looked_at(page_as(filled.users_a[Role.PARTNER_CHAMPION], path), f"portal-{name.replace('/', '-')}", ALL)


def test_a_users_page(filled, page_as):
    admin = filled.users[Role.ADMIN]
    invited = User.objects.get(email="nina.novakova@acme.example")
    looked_at(page_as(admin, f"/settings/users/{invited.pk}/"), "user-invited", ALL)
    page = page_as(admin, f"/settings/users/{filled.users_a[Role.PARTNER_SELLER].pk}/")
    page.get_by_role("button", name="Deactivate …").click()
    looked_at(page, "user-deactivate")


def test_pages_before_signing_in(site, filled, page_as, trouble):
    trouble.allow("404")
    looked_at(page_as(None, "/login/"), "login", ALL)
    looked_at(page_as(None, "/password/reset/"), "password-reset")
    looked_at(page_as(None, "/l/nonsense/"), "link-dead", ALL)
    looked_at(page_as(None, "/", vendor="nobody"), "unknown-host")


def test_a_dead_link_is_renewed_with_one_key(site, filled, page_as, trouble):
    trouble.allow("404")
    seller = filled.users_a[Role.PARTNER_SELLER]
    link = links.make(user=seller, purpose="e2e", target_id=1, days=3)
    past = timezone.now() - dt.timedelta(days=9)
    SignedLink.objects.filter(pk=link.pk).update(created_at=past, expires_at=past + dt.timedelta(days=3))
    page = page_as(None, f"/l/{links.token(link)}/")
    page.get_by_role("button", name="Send me a new link").press("Enter")
    page.get_by_role("heading", name="Look into your mail").wait_for()
    looked_at(page, "link-renewed")
    assert OutgoingMail.objects.filter(to=seller.email).exists()


def test_an_invitation_by_keyboard_from_the_admin_to_the_first_page(site, filled, page_as, trouble):
    trouble.allow("422")
    page = page_as(filled.users[Role.ADMIN], "/settings/users/invite/")
    page.get_by_label("Name").focus()
    page.keyboard.type("Otto Ok")
    page.keyboard.press("Tab")
    page.keyboard.type("otto@acme.example")
    page.get_by_label("Channel account manager").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    page.get_by_text("The invitation is on its way to otto@acme.example.").wait_for()

    text = OutgoingMail.objects.get(to="otto@acme.example").text
    path = re.search(r"http://acme\.localhost(/l/\S+)", text).group(1)
    visitor = page_as(None, path)
    looked_at(visitor, "accept-invitation", ALL)
    visitor.get_by_label("Password").fill("short")
    visitor.keyboard.press("Enter")
    visitor.get_by_text("This password is too short").first.wait_for()
    looked_at(visitor, "accept-invitation-refused")
    visitor.get_by_label("Password").fill(NEW_PASSWORD)
    visitor.keyboard.press("Enter")
    visitor.get_by_role("button", name="Account of Otto Ok").wait_for()


def test_a_token_is_shown_once(site, filled, page_as):
    page = page_as(filled.users[Role.CHIEF], "/profile/tokens/")
    looked_at(page, "tokens-none")
    page.get_by_label("Name").fill("Reports")
    page.get_by_label(str(tokens.Scope.SCORECARDS_READ.label)).press("Space")
    page.get_by_role("button", name="Make the token").press("Enter")
    page.get_by_text("Copy it now").wait_for()
    looked_at(page, "token-new", ALL)


def test_a_refused_form_says_where(site, filled, page_as, trouble):
    trouble.allow("422")
    page = page_as(filled.users[Role.ADMIN], "/settings/thresholds/")
    page.get_by_label("Capability scores: amber from").fill("90")
    page.get_by_label("In force from").fill("2020-01-01")
    page.get_by_role("button", name="Set", exact=True).press("Enter")
    page.get_by_text("Amber has to begin below green").first.wait_for()
    looked_at(page, "settings-thresholds-refused")


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        ("queued", {"started_at": None}),
        ("running", {"done": 412, "total": 701, "step": "Checking rows"}),
        ("done", {"result": {"created": 690, "unchanged": 11}, "result_url": "/partners/"}),
        ("failed", {"error": "The background service can't be reached, so nothing was started. Nothing is lost: run it again in a minute."}),
        ("cancelled", {}),
        ("interrupted", {"error": "The worker stopped in the middle. Nothing was changed: you can run it again."}),
    ],
)  # fmt: skip
def test_a_jobs_page_in_each_state(site, filled, page_as, state, fields, monkeypatch):
    monkeypatch.setattr("prm.common.jobs.mark_if_interrupted", lambda job: None)
    cam = filled.users[Role.CAM]
    page = page_as(cam, f"/jobs/{job(cam, state, **fields).pk}/")
    looked_at(page, f"job-{state}", ALL)


def test_an_open_jobs_page_follows_it_to_its_end_without_a_reload(site, filled, page_as, monkeypatch):
    monkeypatch.setattr("prm.common.jobs.mark_if_interrupted", lambda job: None)
    cam = filled.users[Role.CAM]
    running = job(cam, "running", done=1, total=10, step="Writing rows")
    page = page_as(cam, f"/jobs/{running.pk}/")
    page.get_by_text("1 of 10").wait_for()
    Job.objects.filter(pk=running.pk).update(done=7)
    page.get_by_text("7 of 10").wait_for()
    Job.objects.filter(pk=running.pk).update(state="done", finished_at=timezone.now(), result_url="/partners/")
    page.get_by_role("link", name="See the result").wait_for()
    page.locator("#toasts").get_by_text("resellers.xlsx: done").wait_for()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


def test_the_list_of_jobs_and_the_bell(site, filled, page_as):
    cam = filled.users[Role.CAM]
    for words in ("Import of partners from resellers.xlsx: done", "Users: 1,204 rows as XLSX: failed"):
        Notification.objects.create(user=cam, text=words, url="/jobs/")
    looked_at(page_as(cam, "/jobs/"), "jobs", ALL)
    page = page_as(cam, "/profile/")
    page.get_by_role("link", name="2 new notifications").press("Enter")
    page.get_by_text("resellers.xlsx: done").wait_for()
    looked_at(page, "notifications-new", ALL)


def test_the_pages_of_the_machine(site, filled, page_as, trouble):
    settings.EMAIL_BACKEND, before = "django.core.mail.backends.filebased.EmailBackend", settings.EMAIL_BACKEND
    for waiting in OutgoingMail.objects.filter(sent_at=None):
        mail.deliver_one(waiting.pk)
    settings.EMAIL_BACKEND = before
    connection.set_schema_to_public()
    trouble.allow("404")
    page = page_as(None, "/", vendor="nobody")
    page.goto(f"http://localhost:{site.port}/")
    looked_at(page, "public-welcome", ALL)
    page.get_by_role("link", name="Mails sent on this machine").press("Enter")
    page.get_by_role("heading", name="Mails sent").wait_for()
    looked_at(page, "public-mails", ALL)
    page.get_by_role("link", name=re.compile("invites you")).first.press("Enter")
    page.get_by_text("The link is for you alone").wait_for()
    looked_at(page, "public-mail")
    connection.set_tenant(site.acme.vendor)


def test_a_colour_and_a_logo_of_the_vendors_own(site, filled, page_as, tmp_path):
    from PIL import Image

    Image.new("RGBA", (600, 160), "#e4007f").save(tmp_path / "logo.png")
    page = page_as(filled.users[Role.ADMIN], "/settings/general/")
    page.get_by_label("Accent colour").fill("#ffcc00")
    page.keyboard.press("Enter")
    page.get_by_text("The settings are saved.").wait_for()
    page.get_by_label("New logo").set_input_files(tmp_path / "logo.png")
    page.get_by_role("button", name="Upload").press("Enter")
    page.get_by_text("The logo is saved.").wait_for()
    looked_at(page, "settings-own-look", ALL)
    assert Policy.objects.exists()
