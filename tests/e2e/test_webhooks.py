"""Webhooks in Chromium: set up by keyboard, a test sent, its message looked at."""

import pytest
from django.db import connection
from django.utils import timezone

from accounts.permissions import Role
from prm.webhooks import actions, news
from prm.webhooks.models import Attempt, Delivery, Endpoint
from tests.e2e.eyes import ALL, looked_at


@pytest.fixture(scope="module")
def filled(site, django_db_blocker):
    """An endpoint whose messages arrived, wait and failed."""
    connection.set_tenant(site.acme.vendor)
    admin = site.acme.users[Role.ADMIN]
    kinds = [kind.key for kind in news.kinds()]
    crm = actions.add_endpoint(
        by=admin,
        name="CRM of the head office",
        url="https://crm.northwind.example/hooks/cadence?team=channel",
        kinds=kinds,
    )
    example = {kind.key: kind.example for kind in news.kinds()}
    states = [("delivered", 1), ("waiting", 3), ("failed", 10), ("delivered", 2)]
    for number, key in enumerate(kinds):
        row = news.write(key, [example[key]], [crm.pk])[0]
        state, tries = states[number % len(states)]
        wrong = "" if state == "delivered" else "It answered 503."
        Delivery.objects.filter(pk=row.pk).update(
            state=state, attempts=tries, last_error=wrong, last_status=503 if wrong else 200,
            next_attempt_at=timezone.now() if state == "waiting" else None,
            delivered_at=None if wrong else timezone.now(),
        )  # fmt: skip
        for _try in range(tries):
            Attempt.objects.create(
                delivery=row, at=timezone.now(), status=503, took_ms=812, answer="<html>Service unavailable, come back later</html>",
                error="It answered 503.",
            )  # fmt: skip
    Endpoint.objects.filter(pk=crm.pk).update(failing_since=timezone.now())
    return site.acme


@pytest.mark.parametrize("name", ["webhooks", "webhook-add", "webhook", "webhook-message"])
def test_pages(filled, page_as, name):
    crm, failed = Endpoint.objects.get(), Delivery.objects.filter(state="failed").first()
    address = {
        "webhooks": "",
        "webhook-add": "new/",
        "webhook": f"{crm.pk}/",
        "webhook-message": f"messages/{failed.pk}/",
    }[name]
    looked_at(page_as(filled.users[Role.ADMIN], f"/settings/webhooks/{address}"), name, ALL)


def test_from_nothing_to_a_test_message_by_keyboard(filled, page_as):
    page = page_as(filled.users[Role.ADMIN], "/settings/webhooks/new/")
    page.get_by_label("Name").focus()
    page.keyboard.type("ERP")
    page.get_by_label("Address").focus()
    page.keyboard.type("https://erp.northwind.example/in")
    page.get_by_label("Deal added").press("Space")
    page.get_by_label("Address").press("Enter")
    page.get_by_text("Copy it now").wait_for()
    assert page.locator("code.token").first.inner_text().startswith("whsec_")
    page.get_by_role("button", name="Send a test").press("Enter")
    page.get_by_text("It is on its way.").wait_for()
    Delivery.objects.filter(kind="webhook.test").update(state="delivered", next_attempt_at=None, attempts=1)
    page.get_by_text("Delivered").wait_for()
