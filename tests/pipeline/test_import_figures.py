"""Values of metrics in."""

import datetime as dt
from decimal import Decimal

import pytest

from accounts.permissions import Role
from pipeline.models import Metric, MetricValue
from prm.imports import engine
from prm.imports.fields import NEW_CHOICE
from tests.imports.support import checked, csv, imported, tables, undone
from tests.imports.test_engine import reasons

pytestmark = pytest.mark.django_db
KIND = "metric_value"


@pytest.fixture
def admin(acme):
    return acme.users[Role.ADMIN]


def test_values_come_in_once_change_and_go_again(acme, admin, monkeypatch):
    monkeypatch.setattr(engine, "PIECE", 2)
    Metric.objects.create(key="arr", name="Recurring revenue", unit="money", order=1)
    before = tables()
    a, b = acme.partner_a, acme.partner_b
    lines = (
        "Partner,Metric,As of,Value,Currency",
        f"{a.external_id},Recurring revenue,2026-06-30,1200.5,EUR",
        f"{a.external_id},App users,2026-06-30,17,EUR",
        f"{b.external_id},app  users,2026-06-30,-0.123456,",
        f"{b.external_id},app users,2026-06-30,5,",
    )
    said = {
        "meanings": {"metric": dict.fromkeys(("App users", "app  users", "app users"), NEW_CHOICE)},
        "defaults": {"source": "telemetry", "currency": "USD"},
    }
    run = checked(csv(*lines), admin, KIND, **said)
    assert reasons(run) == [(5, "As of", "The same Date as in row 4, but not the same values.")]
    run = imported(csv(*lines[:4]), admin, KIND, **said)
    found = {
        (row.partner, row.metric.name): row
        for row in MetricValue.objects.unscoped("the test's").select_related("metric", "partner")
    }
    assert {key: (row.value, row.currency, row.source, row.on) for key, row in found.items()} == {
        (a, "Recurring revenue"): (Decimal("1200.5"), "EUR", "telemetry", dt.date(2026, 6, 30)),
        (a, "App users"): (17, "", "telemetry", dt.date(2026, 6, 30)),
        (b, "App users"): (Decimal("-0.123456"), "", "telemetry", dt.date(2026, 6, 30)),
    }
    assert Metric.objects.get(name="App users").unit == "number"
    again = checked(csv(*lines[:4]), admin, KIND, defaults=said["defaults"])
    assert (again.counts["unchanged"], again.to_write) == (3, 0)
    changed = imported(csv(*lines[:2], lines[4]), admin, KIND, defaults=said["defaults"])
    assert (changed.counts["changed"], changed.counts["unchanged"]) == (1, 1)
    undone(changed, admin)
    run = undone(run, admin)
    assert run.state == "undone", run.job.error
    assert tables() == before
