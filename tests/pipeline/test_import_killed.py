"""A worker killed in the middle of an import that is written piece by piece: nothing of it is left, and it can be run again."""

import os
import signal

from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.permissions import Role
from pipeline.models import Customer, SalesResult
from prm.imports import engine
from prm.imports.models import ImportRun
from tests.common.test_worker import acme, until, worker  # noqa: F401  fixtures: a committed database, real workers
from tests.imports.support import checked, csv, tables
from tests.imports.test_killed import WAITING, ask, audit_log_held, files  # noqa: F401


def test_killed_with_all_pieces_but_the_last_word_written(files, acme, worker, audit_log_held, monkeypatch):  # noqa: F811
    monkeypatch.setattr(engine, "DIRECT_ROWS", 20_000)  # checked here, written by the worker
    admin = acme.users[Role.ADMIN]
    partner = acme.partner_a.external_id
    lines = [f"S-{n},{partner},2026-01-01,{n},Customer {n % 7}" for n in range(2 * engine.PIECE + 1)]
    run = checked(
        csv("id,partner,date,amount,customer", *lines), admin, "result", defaults={"currency": "USD", "source": "erp"}
    )
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
    assert SalesResult.objects.unscoped("the test's").count() == len(lines)
    assert Customer.objects.unscoped("the test's").count() == 7, "a customer of several pieces is made once"
