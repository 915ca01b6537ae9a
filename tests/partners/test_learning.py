"""Certifications and required tasks: what is done with them, and their pages."""

import csv
import datetime as dt
import io

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from partners import catalogue
from partners.catalogue import Entry
from partners.learning import actions, queries
from partners.models import Certificate, Certification, Contact, LifeStage, Task, TaskDone, Tier
from prm.common.models import AuditEntry
from prm.common.vendor import today

DAY = dt.timedelta(days=1)


def url(name, *args):
    return reverse(f"partners:{name}", args=args)


@pytest.fixture
def pro(acme):
    return Certificate.objects.create(key="pro", name="Professional", order=1, months_valid=24)


@pytest.fixture
def ana(acme):
    return Contact.everything.create(partner=acme.partner_a, name="Ana Berg ACME-A")


@pytest.fixture
def cam(acme, client_for):
    return client_for(acme.users[Role.CAM])


@pytest.fixture
def add(acme, pro):
    def make(partner=None, **fields):
        fields.setdefault("earned_on", today() - 100 * DAY)
        fields.setdefault("certificate", pro)
        return actions.add_certification(by=acme.users[Role.ADMIN], partner=partner or acme.partner_a, **fields)

    return make


def refused(field, call, **fields):
    with pytest.raises(ValidationError) as error:
        call(**fields)
    assert field in error.value.message_dict, error.value


# ── Certifications ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_it_expires_as_the_certificate_says_unless_somebody_knows_better(acme, add, ana):
    earned = dt.date(2026, 1, 31)
    assert add(contact=ana, earned_on=earned).expires_on == dt.date(2028, 1, 31)
    assert add(earned_on=earned, expires_on=None).expires_on is None
    assert add(earned_on=earned, level="Expert", expires_on=dt.date(2026, 9, 1)).expires_on == dt.date(2026, 9, 1)
    assert AuditEntry.objects.filter(verb="certification.added", partner_id=acme.partner_a.pk).count() == 3


def test_what_can_not_be_is_refused(acme, add, ana):
    theirs = Contact.everything.create(partner=acme.partner_b, name="Bo")
    refused("contact", add, contact=theirs)
    refused("earned_on", add, earned_on=today() + DAY)
    refused("expires_on", add, expires_on=today() - 100 * DAY)
    refused("person", add, person={"name": "", "email": ""})
    add(contact=ana)
    refused("__all__", add, contact=ana)
    add()
    refused("__all__", add)
    assert Certification.everything.count() == 2


def test_only_who_edits_partners_writes(acme, add, pro):
    row = add()
    task = Task.objects.create(key="t", name="Sign")
    for user in (acme.users[Role.CHIEF], acme.users[Role.MARKETING], acme.users_a[Role.PARTNER_CHAMPION]):
        for call in (
            lambda by: actions.add_certification(by=by, partner=acme.partner_a, certificate=pro, earned_on=today()),
            lambda by: actions.update_certification(by=by, certification=row, changes={"level": "Expert"}),
            lambda by: actions.remove_certification(by=by, certification=row),
            lambda by: actions.do_task(by=by, partner=acme.partner_a, task=task),
            lambda by: actions.undo_task(by=by, partner=acme.partner_a, task=task),
        ):
            with pytest.raises(PermissionDenied):
                call(user)
    with pytest.raises(PermissionDenied):
        actions.save_task(by=acme.users[Role.CAM], task=None, name="Mine")


def test_the_page_says_how_each_stands_in_words(acme, cam, add, ana):
    add(contact=ana)
    add(level="Soon", expires_on=today() + 60 * DAY)
    add(level="Gone", expires_on=today())
    page = cam.get(url("learning", acme.partner_a.pk))
    assert {(row.level, row.state) for row in page.context["certifications"]} == {
        ("", "valid"), ("Soon", "expiring"), ("Gone", "expired"),
    }  # fmt: skip
    text = page.content.decode()
    assert "expiring" in text
    assert "expired" in text
    assert "Ana Berg" in text
    assert "The partner itself" in text


def test_a_certification_is_added_with_its_person(acme, cam, pro):
    fields = {"certificate": pro.pk, "earned_on": "2026-02-01", "new_name": "Bo Dahl", "new_email": "bo@example.com"}
    assert cam.post(url("certification_add", acme.partner_a.pk), fields)["Location"] == url(
        "learning", acme.partner_a.pk
    )
    row = Certification.everything.get()
    assert (row.contact.name, row.contact.email, row.contact.partner) == ("Bo Dahl", "bo@example.com", acme.partner_a)
    assert row.expires_on == dt.date(2028, 2, 1)
    again = cam.post(url("certification_add", acme.partner_a.pk), fields)
    assert again.status_code == 422
    assert "e-mail already" in again.content.decode()
    assert 'value="Bo Dahl"' in again.content.decode()
    assert Certification.everything.count() == Contact.everything.filter(partner=acme.partner_a).count() == 1


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"certificate": "99999999"}, "Select a valid choice"),
        ({"certificate": "abc"}, "Select a valid choice"),
        ({"certificate": ""}, "required"),
        ({"earned_on": "2026-02-31"}, "Enter a valid date"),
        ({"earned_on": "2999-01-01"}, "still to come"),
        ({"expires_on": "2020-01-01"}, "expire after"),
        ({"expires_on": "2030-01-01", "never": "on"}, "There is a day on which it expires"),
        ({"new_email": "bo@example.com"}, "Say whose e-mail this is"),
        ({"new_name": "Bo", "new_email": "nonsense"}, "valid email"),
    ],
)
def test_bad_input_keeps_what_was_typed_and_says_why(acme, cam, pro, fields, message):
    response = cam.post(
        url("certification_add", acme.partner_a.pk),
        {"certificate": pro.pk, "earned_on": "2026-02-01", "level": "Expert 7", **fields},
    )
    page = response.content.decode()
    assert response.status_code == 422
    assert message in page
    assert "Expert 7" in page
    assert not Certification.everything.exists()
    assert not Contact.everything.exists()


def test_another_partners_person_is_no_choice(acme, cam, pro):
    theirs = Contact.everything.create(partner=acme.partner_b, name="Bo ACME-B")
    fields = {"certificate": pro.pk, "earned_on": "2026-02-01", "contact": theirs.pk}
    response = cam.post(url("certification_add", acme.partner_a.pk), fields)
    assert response.status_code == 422
    assert "Bo ACME-B" not in response.content.decode()


def test_changed_and_removed(acme, cam, add, ana):
    row = add(contact=ana)
    shown = {
        "contact": ana.pk,
        "certificate": row.certificate_id,
        "level": "",
        "earned_on": row.earned_on,
        "expires_on": row.expires_on,
    }
    data = {**shown, **{f"initial-{name}": value for name, value in shown.items()}}
    assert cam.post(url("certification_edit", row.pk), {**data, "level": "Expert"}).status_code == 302
    row.refresh_from_db()
    assert row.level == "Expert"
    late = cam.post(url("certification_edit", row.pk), {**data, "level": "Master"})
    assert late.status_code == 422
    assert "changed this to “Expert”" in late.content.decode()
    assert cam.post(url("certification_remove", row.pk)).status_code == 302
    assert cam.post(url("certification_remove", row.pk)).status_code == 404


def test_the_list_of_all_is_filtered_and_exported(acme, cam, client_for, add, ana):
    other = Certificate.objects.create(key="eng", name="Engineer", order=2)
    add(contact=ana)
    add(certificate=other, level="Soon", expires_on=today() + DAY)
    add(acme.partner_b, level="Theirs")

    def found(query, client=cam):
        return {row.name + row.cells for row in client.get(f"{url('certifications')}?{query}").context["listing"].page}

    assert len(found("")) == 2
    assert len(found("", client_for(acme.users[Role.ADMIN]))) == 3
    assert len(found("certificate=eng")) == len(found("state=expiring")) == len(found("holder=partner")) == 1
    assert len(found("q=ana")) == 1
    assert len(found("q=northwind")) == 2
    assert len(found("state=expired")) == len(found("region=east")) == len(found("certificate=nonsense")) == 0
    text = b"".join(cam.get(url("certifications_export", "csv"))).decode().removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert {(row["Person"], row["Certificate"], row["State"]) for row in rows} == {
        ("Ana Berg ACME-A", "Professional", "Valid"), ("", "Engineer", "Expiring"),
    }  # fmt: skip


def test_a_list_costs_the_same_queries_for_many(acme, cam, add, ana):
    def cost():
        with CaptureQueriesContext(connection) as asked:
            assert cam.get(url("certifications")).status_code == 200
            assert cam.get(url("learning", acme.partner_a.pk)).status_code == 200
        return [query["sql"] for query in asked]

    add(contact=ana)
    Task.objects.create(key="t", name="Sign")
    cost()
    one = cost()
    for n in range(5):
        add(contact=Contact.everything.create(partner=acme.partner_a, name=f"Person {n}"))
        Task.objects.create(key=f"t{n}", name=f"Task {n}", tier=Tier.objects.get(key="gold"))
    more = cost()
    assert len(more) <= len(one), "\n".join(more)


def test_certificates_are_one_of_the_vendors_lists(acme, client_for, pro, add):
    admin = client_for(acme.users[Role.ADMIN])
    fields = {
        f"name-{pro.pk}": "Expert",
        f"months_valid-{pro.pk}": "36",
        "name-new": "Engineer",
        "months_valid-new": "",
        "do": "save",
    }
    assert admin.post(url("list_save", "certificates"), fields).status_code == 302
    assert list(Certificate.objects.values_list("name", "months_valid")) == [("Expert", 36), ("Engineer", None)]
    bad = admin.post(url("list_save", "certificates"), {**fields, "name-new": "", f"months_valid-{pro.pk}": "-3"})
    assert bad.status_code == 422
    add()
    with pytest.raises(ValidationError, match="something stands on it"):
        catalogue.remove(by=acme.users[Role.ADMIN], name="certificates", pk=pro.pk)
    catalogue.save_list(
        by=acme.users[Role.ADMIN], name="certificates", entries=[Entry(pro.pk, "Expert", {"months_valid": 12})]
    )
    assert Certificate.objects.get(pk=pro.pk).months_valid == 12


# ── Required tasks ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def tasks(acme):
    gold, silver = Tier.objects.get(key="gold"), Tier.objects.get(key="silver")
    rows = [
        ("any", None, None),
        ("gold", gold, None),
        ("silver", silver, None),
        ("here", None, LifeStage.objects.get(key="accelerate")),
    ]
    return {
        key: Task.objects.create(key=key, name=f"Task {key}", tier=tier, stage=stage, order=n)
        for n, (key, tier, stage) in enumerate(rows)
    }  # fmt: skip


def test_the_checklist_is_what_tier_and_stage_require(acme, cam, tasks):
    page = cam.get(url("learning", acme.partner_a.pk))
    assert [line.task.key for line, _form in page.context["lines"]] == ["any", "gold", "here"]
    assert "0 of 3 done" in page.content.decode()


def test_a_task_is_done_by_whom_and_when_and_undone(acme, cam, tasks):
    partner, task = acme.partner_a, tasks["gold"]
    form = {f"task{task.pk}-on": "2026-03-01", f"task{task.pk}-who": "Ana Berg", f"task{task.pk}-note": "Sent the logo"}
    for _click in range(2):
        assert cam.post(url("task_do", partner.pk, task.pk), form)["Location"] == url("learning", partner.pk)
    done = TaskDone.everything.get()
    assert (done.on, done.who, done.by) == (dt.date(2026, 3, 1), "Ana Berg", acme.users[Role.CAM])
    page = cam.get(url("learning", partner.pk)).content.decode()
    assert "1 of 3 done" in page
    assert "Sent the logo" in page
    actions.do_task(by=acme.users[Role.CAM], partner=partner, task=tasks["silver"])
    checklist = queries.checklist(partner, acme.users[Role.CAM])
    assert [(line.task.key, line.required) for line in checklist.lines][-1] == ("silver", False)
    assert (checklist.progress.done, checklist.progress.required) == (1, 3)
    assert cam.post(url("task_undo", partner.pk, task.pk)).status_code == 302
    assert cam.post(url("task_undo", partner.pk, task.pk)).status_code == 302
    assert [row.task for row in TaskDone.everything.all()] == [tasks["silver"]]
    assert AuditEntry.objects.filter(verb="task.undone").count() == 1


def test_a_task_is_not_done_tomorrow(acme, cam, tasks):
    task = tasks["any"]
    for day, message in (("2999-01-01", "still to come"), ("2026-02-31", "Enter a valid date"), ("", "required")):
        form = {f"task{task.pk}-on": day, f"task{task.pk}-who": "Ana Kept"}
        response = cam.post(url("task_do", acme.partner_a.pk, task.pk), form)
        assert response.status_code == 422
        assert message in response.content.decode()
        assert "Ana Kept" in response.content.decode()
    assert not TaskDone.everything.exists()


def test_nobody_reaches_another_partners(acme, cam, tasks, add):
    row, task = add(acme.partner_b), tasks["any"]
    assert cam.get(url("learning", acme.partner_b.pk)).status_code == 404
    assert cam.get(url("certification_edit", row.pk)).status_code == 404
    assert cam.post(url("certification_remove", row.pk)).status_code == 404
    assert cam.post(url("task_do", acme.partner_b.pk, task.pk), {f"task{task.pk}-on": "2026-01-01"}).status_code == 404
    assert cam.post(url("task_do", acme.partner_a.pk, 99999999)).status_code == 404


def test_the_partner_reads_its_own_and_marks_nothing(acme, client_for, tasks, add, ana):
    add(contact=ana, level="Expert")
    add(acme.partner_b, level="ACME-B level")
    actions.do_task(by=acme.users[Role.CAM], partner=acme.partner_a, task=tasks["any"], who="Ana Berg")
    client = client_for(acme.users_a[Role.PARTNER_SELLER])
    page = client.get(url("portal_learning")).content.decode()
    assert "Expert" in page
    assert "Ana Berg" in page
    assert "1 of 3 done" in page
    assert "ACME-B" not in page
    assert '<form method="post" action="/partners' not in page
    assert client.post(url("task_do", acme.partner_a.pk, tasks["gold"].pk)).status_code == 403
    assert client.get(url("learning", acme.partner_a.pk)).status_code == 403


def test_the_vendors_list_of_tasks(acme, client_for, cam):
    admin = client_for(acme.users[Role.ADMIN])
    assert cam.get(url("tasks")).status_code == 403
    gold = Tier.objects.get(key="gold")
    assert (
        admin.post(url("task_add"), {"name": "Sign the contract", "detail": "Both pages", "tier": gold.pk}).status_code
        == 302
    )
    task = Task.objects.get()
    assert (task.key, task.tier, task.stage) == ("sign-the-contract", gold, None)
    assert admin.post(url("task_add"), {"name": "sign the contract", "tier": "999999"}).status_code == 422
    assert admin.post(url("task_add"), {"name": "Sign the contract"}).status_code == 422
    edited = {"name": "Sign", "detail": "", "tier": "", "stage": "", "order": "1"}
    assert admin.post(url("task_edit", task.pk), edited).status_code == 302
    assert "Sign" in admin.get(url("tasks")).content.decode()
    actions.do_task(by=acme.users[Role.CAM], partner=acme.partner_a, task=task)
    assert admin.post(url("task_remove", task.pk))["Location"] == url("task_edit", task.pk)
    actions.undo_task(by=acme.users[Role.CAM], partner=acme.partner_a, task=task)
    assert admin.post(url("task_remove", task.pk))["Location"] == url("tasks")
    assert not Task.objects.exists()


def test_sales_people_are_kept(acme, client_for):
    admin = client_for(acme.users[Role.ADMIN])
    form = admin.get(url("edit", acme.partner_a.pk)).context["form"]
    data = {}
    for bound in form:
        value = bound.value()
        data[bound.html_name] = data[bound.html_initial_name] = "" if value is None else value
    assert admin.post(url("edit", acme.partner_a.pk), {**data, "sales_reps": "12"}).status_code == 302
    acme.partner_a.refresh_from_db()
    assert acme.partner_a.sales_reps == 12
    assert admin.post(url("edit", acme.partner_a.pk), {**data, "sales_reps": "-1"}).status_code == 422
