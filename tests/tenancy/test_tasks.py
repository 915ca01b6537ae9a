"""Tasks run in their vendor's schema or not at all."""

import pytest
from celery import shared_task
from django.db import connection

from prm.common import schedule
from prm.common.schedule import run_round
from prm.tenancy.models import TEMPLATE_SCHEMA, Vendor
from prm.tenancy.tasks import HEADER, WrongVendor, dispatch, ready_schemas

ran: list[str] = []


@shared_task(name="tests.where")
def where() -> None:
    ran.append(connection.schema_name)


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran.clear()


def send(schema=None):
    headers = {HEADER: schema} if schema else None
    return where.apply(headers=headers, throw=True)


def test_a_task_runs_in_the_schema_it_was_sent_in_and_leaves_none_behind(acme):
    connection.set_schema_to_public()
    send("acme")
    send("globex")
    assert ran == ["acme", "globex"]
    assert connection.schema_name == "public"


def test_the_schema_goes_with_the_message(acme, monkeypatch):
    from celery import Task

    sent = {}
    monkeypatch.setattr(Task, "apply_async", lambda self, args, kwargs, **options: sent.update(options))
    where.delay()
    assert sent["headers"] == {HEADER: "acme"}


@pytest.mark.parametrize("schema", [None, "public", "nobody", TEMPLATE_SCHEMA + "x"])
def test_a_task_of_no_vendor_doesnt_run(acme, schema):
    connection.set_schema_to_public()
    with pytest.raises(WrongVendor):
        send(schema)
    assert ran == []


@pytest.mark.parametrize("state", [s for s in Vendor.State if s != Vendor.State.READY])
def test_a_task_of_a_vendor_that_isnt_ready_doesnt_run(acme, state):
    connection.set_schema_to_public()
    Vendor.objects.filter(schema_name="acme").update(state=state)
    with pytest.raises(WrongVendor, match="not ready"):
        send("acme")
    assert ran == []


def test_a_task_started_in_another_vendors_schema_is_refused(acme, globex):
    with globex, pytest.raises(WrongVendor, match=r"acme.*globex"):
        send("acme")
    assert ran == []


def test_beat_dispatches_to_ready_vendors_only_spread_out(acme, monkeypatch):
    connection.set_schema_to_public()
    Vendor.objects.filter(schema_name="globex").update(state=Vendor.State.SUSPENDED)
    sent = []
    monkeypatch.setattr(
        run_round, "apply_async", lambda args, countdown: sent.append((connection.schema_name, args, countdown))
    )
    assert ready_schemas() == ["acme"]
    dispatch.apply(args=("nightly",), throw=True)
    ((schema, args, countdown),) = sent
    assert (schema, args) == ("acme", ("nightly",))
    assert 0 <= countdown <= 600


def test_a_round_goes_on_when_a_part_of_it_fails(acme, monkeypatch):
    def broken():
        raise ZeroDivisionError

    monkeypatch.setitem(schedule._rounds, "sweep", [broken, lambda: ran.append(connection.schema_name)])
    run_round.apply(args=("sweep",), headers={HEADER: "acme"}, throw=True)
    assert ran == ["acme"]


def test_the_real_rounds_run_twice_without_harm(acme):
    for which in ("sweep", "nightly", "sweep", "nightly"):
        run_round.apply(args=(which,), headers={HEADER: "acme"}, throw=True)
