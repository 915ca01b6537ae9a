"""Certifications and tasks done, in through the engine."""

import datetime as dt

import pytest

from accounts.permissions import Role
from partners.models import Certificate, Certification, Contact, Task, TaskDone
from prm.imports.fields import NEW_CHOICE
from tests.imports.support import checked, csv, imported, tables, undone
from tests.imports.test_engine import reasons

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(acme):
    return acme.users[Role.ADMIN]


def held() -> set[tuple[str, str, str, dt.date, dt.date | None]]:
    rows = Certification.objects.unscoped("the test's").select_related("contact", "certificate", "partner")
    return {
        (
            row.partner.name[-1],
            row.contact.name if row.contact else "",
            row.certificate.name,
            row.earned_on,
            row.expires_on,
        )
        for row in rows
    }


def test_certifications_find_their_people_or_add_them_and_come_in_once(acme, admin):
    a, b = acme.partner_a, acme.partner_b
    ann = Contact.objects.create(partner=a, name="Ann Bell", email="Ann@bell.example")
    Contact.objects.create(partner=a, name="Bo Lund")
    before = tables()
    lines = (
        "Account ID,Learner,Email,Certification Name,Level,Issue Date,Expiration Date",
        f"{a.external_id},A. Bell,ann@bell.example,Engineer,Gold,2026-01-31,2028-01-31",
        f"{a.external_id},bo  LUND,,Engineer,,31.01.2026,",
        f"{a.external_id},Eve Dean,eve@dean.example,Engineer,,2026-02-01,NULL",
        f"{a.external_id},Eve Dean,eve@dean.example,Seller,,2026-02-01,",
        f"{b.external_id},,,Company badge,,2026-03-01,2027-03-01",
    )
    said = {"meanings": {"certificate": dict.fromkeys(("Engineer", "Seller", "Company badge"), NEW_CHOICE)}}
    run = imported(csv(*lines), admin, "certification", **said)
    january, february = dt.date(2026, 1, 31), dt.date(2026, 2, 1)
    assert held() == {
        ("A", "Ann Bell", "Engineer", january, dt.date(2028, 1, 31)),
        ("A", "Bo Lund", "Engineer", january, None),
        ("A", "Eve Dean", "Engineer", february, None),
        ("A", "Eve Dean", "Seller", february, None),
        ("B", "", "Company badge", dt.date(2026, 3, 1), dt.date(2027, 3, 1)),
    }
    assert Contact.objects.unscoped("the test's").get(email="eve@dean.example").partner == a
    assert Certification.objects.unscoped("the test's").get(contact=ann).level == "Gold"
    again = checked(csv(*lines), admin, "certification")
    assert (again.counts["unchanged"], again.to_write, again.left_open) == (5, 0, 0)
    longer = imported(csv(*lines[:1], lines[1].replace("2028", "2029")), admin, "certification")
    assert longer.counts["changed"] == 1
    undone(longer, admin)
    run = undone(run, admin)
    assert run.state == "undone", run.job.error
    assert tables() == before


def test_without_a_column_of_expiry_a_certificate_says_how_long_it_is_valid(acme, admin):
    Certificate.objects.create(key="engineer", name="Engineer", order=1, months_valid=18)
    imported(
        csv("Partner,Person,Certificate,Earned on", f"{acme.partner_a.name},Ann,Engineer,2026-08-31"),
        admin,
        "certification",
    )
    assert held() == {("A", "Ann", "Engineer", dt.date(2026, 8, 31), dt.date(2028, 2, 29))}


def test_each_bad_certification_is_named(acme, admin):
    a = acme.partner_a
    Certificate.objects.create(key="engineer", name="Engineer", order=1)
    for mail in ("one@x.example", "two@x.example"):
        Contact.objects.create(partner=a, name="Twin", email=mail)
    run = checked(
        csv(
            "Partner,Person,Email,Certificate,Earned on,Expires on",
            f"{a.name},Twin,,Engineer,2026-01-01,",
            f"{a.name},Twin,two@x.example,Engineer,2026-01-01,2025-12-31",
            f"{a.name},Ann,,Spaceman,2026-01-01,",
            f"{a.name},Ann,,Engineer,,",
            f"{a.name},Twin,two@x.example,Engineer,2026-01-02,",
        ),
        admin,
        "certification",
    )
    assert reasons(run) == [
        (2, "Person", "“Twin” fits 2 records. Give an id."),
        (3, "Expires on", "It must expire after it was earned."),
        (4, "Certificate", "“Spaceman” is not one of: Engineer."),
        (5, "Earned on", "Earned on is missing."),
    ]


def test_tasks_done_come_in_once(acme, admin):
    Task.objects.create(key="plan", name="Business plan", order=1)
    before = tables()
    lines = ("Partner,Task,Completed on,Completed by", f"{acme.partner_a.name},business plan,2026-05-01,Ann Bell")
    run = imported(csv(*lines), admin, "task_done")
    done = TaskDone.objects.unscoped("the test's").get()
    assert (done.partner, done.task.key, done.on, done.who, done.by) == (
        acme.partner_a,
        "plan",
        dt.date(2026, 5, 1),
        "Ann Bell",
        admin,
    )
    assert checked(csv(*lines), admin, "task_done").counts["unchanged"] == 1
    undone(run, admin)
    assert tables() == before
