"""The audit log: what is written, who reads it, what finds it."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.permissions import Role
from partners.models import Region, RegionLimit
from prm.common import audit
from prm.common.models import AuditEntry


@pytest.fixture
def admin(acme):
    AuditEntry.objects.all().delete()  # what a vendor starts with has lines of its own
    return acme.users[Role.ADMIN]


def test_a_line_says_who_did_what_to_what_as_it_was_then(acme, admin):
    audit.record(
        by=admin,
        verb="partner.changed",
        target=acme.partner_a,
        changes={"signed_on": [None, date(2026, 1, 5)], "annual_revenue": [Decimal("1.50"), 2], "tier": ["Gold", ""]},
        note="by import",
    )
    admin.name = "Somebody Else"
    admin.save()
    entry = AuditEntry.objects.get()
    assert entry.actor_name == "Admin ACME"
    assert entry.target_name == acme.partner_a.name
    assert entry.partner_id == acme.partner_a.pk
    assert entry.changes == {"signed_on": [None, "2026-01-05"], "annual_revenue": ["1.50", 2], "tier": ["Gold", ""]}


def test_changes_between_are_the_fields_that_differ():
    assert audit.changes_between({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": 4}) == {"b": [2, 3], "c": [None, 4]}


def test_the_line_stays_when_its_person_is_gone(acme, admin):
    audit.record(by=acme.cam_b, verb="x.done", target=acme.partner_a)
    acme.partner_b.cam = None
    acme.partner_b.save()
    acme.cam_b.delete()
    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.actor_name) == (None, "Camilla ACME-B")


@pytest.fixture
def entries(acme, admin):
    now = timezone.now()
    made = [
        audit.record(by=admin, verb="partner.created", target=acme.partner_a),
        audit.record(
            by=acme.users[Role.CAM], verb="partner.changed", target=acme.partner_b, changes={"city": ["", "Oslo"]}
        ),
        audit.record(by=None, verb="user.invited", target=admin),
    ]
    for days, entry in enumerate(made):
        AuditEntry.objects.filter(pk=entry.pk).update(at=now - timedelta(days=days * 10))
    return made


def found(client, **query) -> set[str]:
    response = client.get("/settings/audit/", query)
    assert response.status_code == 200
    return {row.name for row in response.context["listing"].page}


def test_the_log_is_found_by_person_verb_object_and_dates(acme, client_for, admin, entries):
    client = client_for(admin)
    created, changed, invited = map(str, entries)
    assert found(client) == {created, changed, invited}
    assert found(client, person=admin.pk) == {created}
    assert found(client, person="system") == {invited}
    assert found(client, verb=["partner.changed", "user.invited"]) == {changed, invited}
    assert found(client, q="fabrikam") == {changed}
    day = timezone.localdate()
    assert found(client, since=day - timedelta(days=12), until=day - timedelta(days=8)) == {changed}
    assert found(client, since="nonsense") == set(), "an unreadable filter finds nothing rather than everything"


def test_the_log_goes_out_as_it_is_filtered(acme, client_for, admin, entries):
    body = client_for(admin).get("/settings/audit/export/csv/", {"verb": "partner.changed"}).content.decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(body))
    assert head == ["When", "Who", "What", "Object", "Changes"]
    assert row[1:] == ["Cam ACME", "Partner: changed", "Fabrikam ACME-B", "city: – → Oslo"]
    assert client_for(admin).get("/settings/audit/export/xlsx/").content[:2] == b"PK"


def test_a_chief_of_some_regions_reads_of_those_regions_partners_only(acme, client_for, entries):
    chief = acme.users[Role.CHIEF]
    RegionLimit.objects.create(user=chief, region=Region.objects.get(key="west"))
    assert found(client_for(chief)) == {str(entries[0])}
    assert "Fabrikam" not in client_for(chief).get("/settings/audit/export/csv/").content.decode()


def test_who_may_read_it(acme, client_for):
    for role, user in acme.users.items():
        allowed = role in (Role.ADMIN, Role.OPERATIONS, Role.CHIEF)
        assert client_for(user).get("/settings/audit/").status_code == (200 if allowed else 403)


def test_the_log_costs_the_same_for_more_lines(acme, client_for, admin, entries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            found(client_for(admin))
        return len(queries)

    before = cost()
    for _more in range(5):
        audit.record(
            by=admin, verb="partner.changed", target=acme.partner_a, changes={"city": ["a", "b"], "name": ["", "c"]}
        )
    assert cost() == before
