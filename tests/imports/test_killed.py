"""A worker killed in the middle of an import: nothing of it is left, its page says so, and it can be run again."""

import os
import signal

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.permissions import Role
from partners.models import Partner
from prm.imports import engine
from prm.imports.models import ImportRun
from tests.common.test_worker import acme, until, worker  # noqa: F401  fixtures: a committed database, real workers
from tests.imports.support import checked, csv, tables

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'common_auditentry'::regclass"


@pytest.fixture
def files(monkeypatch):
    """What is uploaded here, the worker can read."""
    monkeypatch.setenv("TEST_MEDIA_ROOT", str(settings.MEDIA_ROOT))
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "tests.imports.worker_settings")


@pytest.fixture
def audit_log_held(acme):  # noqa: F811
    """Nobody writes to the audit log until this is rolled back: an import stops there, its records written."""
    side = connection.copy()
    side.set_schema("acme")
    side.set_autocommit(False)
    with side.cursor() as cursor:
        cursor.execute("LOCK TABLE common_auditentry IN SHARE MODE")
    yield side
    side.close()


def ask(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def test_killed_in_the_middle(files, acme, worker, audit_log_held):  # noqa: F811
    admin = acme.users[Role.ADMIN]
    lines = [f"X-{n},New Co {n}" for n in range(50)]
    run = checked(csv("id,name", *lines), admin, defaults={"partner_type": "reseller", "stage": "recruit"})
    before = tables()
    process = worker()
    engine.commit(run, by=admin)
    until(lambda: ask(WAITING) == 1)
    assert tables() == before, "what it has written is seen by nobody"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    audit_log_held.rollback()

    client = Client(headers={"host": "acme.localhost"})
    client.force_login(admin)
    url = reverse("imports:run", args=[run.pk])
    until(lambda: "The worker stopped in the middle. Nothing was changed" in client.get(url).content.decode())
    connection.set_tenant(acme.vendor)
    assert tables() == before
    assert ImportRun.objects.get(pk=run.pk).state == "checked"

    worker()
    client.post(reverse("imports:again", args=[run.pk]))
    connection.set_tenant(acme.vendor)
    until(lambda: ImportRun.objects.get(pk=run.pk).state == "committed")
    assert Partner.objects.unscoped("the test's").filter(external_id__startswith="X-").count() == 50
