"""`manage.py demo`: makes the vendors once, then only says how to sign in."""

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django_tenants.utils import schema_context

from demo.management.commands import demo as command
from demo.profiles import ACME, GLOBEX, PASSWORD
from partners.models import Partner


@pytest.fixture
def small(monkeypatch):
    vendors = (replace(ACME, partners=20, cams=2), replace(GLOBEX, partners=20, cams=2))
    monkeypatch.setattr(command, "VENDORS", vendors)
    return vendors


def run() -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("demo", stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_everybody_it_names_can_sign_in(db, small):
    logins, progress = run()
    assert "20 of 20 partners" in progress
    emails = [word for word in logins.split() if "@" in word]
    assert len(emails) == 2 * 11
    for email in emails:
        vendor = "acme" if email in logins.split("Globex Software:")[0] else "globex"
        client = Client(headers={"host": f"{vendor}.localhost"})
        answer = client.post("/login/", {"login": email, "password": PASSWORD})
        assert answer.status_code == 302, email


def test_a_second_time_makes_nothing(db, small):
    logins, _progress = run()
    with schema_context("acme"):
        before = list(Partner.everything.values_list("pk", "name"))
    again, progress = run()
    assert again == logins
    assert progress == ""
    with schema_context("acme"):
        assert list(Partner.everything.values_list("pk", "name")) == before


def test_it_is_refused_where_customers_are(db, settings):
    settings.ALLOWED_HOSTS = [".cadence.example"]
    with pytest.raises(CommandError, match="one's own machine"):
        run()
