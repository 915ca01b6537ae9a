"""The pages of an import, through the client: from the file to the undo, with everything that can be wrong on the way."""

import csv as csvfile
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.permissions import Role
from partners import actions
from partners.models import Partner, PartnerType
from prm.celery import app
from prm.common import jobs
from prm.common.models import Job
from prm.imports import engine
from prm.imports.models import ImportRun
from prm.imports.reader import open_table
from tests.imports.support import run_job
from tests.imports.test_engine import TEN_BAD_ROWS

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(acme, client_for):
    return client_for(acme.users[Role.OPERATIONS])


def upload(client, *lines: str, kind="partner", content: bytes | None = None, name="crm.csv"):
    file = SimpleUploadedFile(name, content if content is not None else "\n".join(lines).encode())
    return client.post(reverse("imports:list"), {"kind": kind, "file": file})


def uploaded(client, *lines: str, **more) -> ImportRun:
    response = upload(client, *lines, **more)
    assert response.status_code == 302, response.content.decode()
    return ImportRun.objects.latest("pk")


def url(name: str, run: ImportRun, *more: object) -> str:
    return reverse(f"imports:{name}", args=[run.pk, *more])


def fields(client, run: ImportRun, **said: str) -> dict[str, str]:
    """The columns page's form as it is shown, with what the user says."""
    form = client.get(url("columns", run)).context["form"]
    return {**{name: str(form[name].value() or "") for name in form.fields}, **said}


def checked(client, run: ImportRun, **said: str) -> ImportRun:
    response = client.post(url("columns", run), fields(client, run, **said))
    assert response.status_code == 302, response.context["form"].errors
    run.refresh_from_db()
    return run


def text(response) -> str:
    return response.content.decode().replace("&#x27;", "'").replace("&quot;", '"')


STANDING = {"all_partner_type": "reseller", "all_stage": "recruit"}


def test_the_way_from_the_file_to_the_undo(acme, client):
    run = uploaded(client, "id,name,city", "X-1,New Co,Ulm", f"{acme.partner_a.external_id},,Bonn")
    assert client.get(url("run", run))["Location"] == url("columns", run)
    page = text(client.get(url("columns", run)))
    assert "2 rows: which column is what?" in page
    assert "New Co" in page
    run = checked(client, run, **STANDING)
    page = text(client.get(url("run", run), follow=True))
    assert "2 rows can be imported" in page
    assert client.post(url("commit", run))["Location"] == url("run", run)
    assert "Waiting for its turn" in text(client.get(url("run", run)))
    run = run_job(run)
    assert client.get(url("progress", run), headers={"hx-request": "true"})["HX-Redirect"] == url("run", run)
    page = text(client.get(url("run", run), follow=True))
    assert "Imported." in page
    new = Partner.objects.unscoped("the test's").get(name="New Co")
    assert new.get_absolute_url() in page
    assert "City" in text(client.get(f"{url('result', run)}?show=changed"))
    assert "1 record it added will be deleted." in text(client.get(url("undo", run)))
    client.post(url("undo", run))
    run = run_job(run)
    assert "This import was undone" in text(client.get(url("run", run), follow=True))
    assert not Partner.objects.unscoped("the test's").filter(name="New Co").exists()
    assert "Undone" in text(client.get(reverse("imports:list")))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.7 hello", "This is a PDF, not a spreadsheet."),
        (b"PK\x03\x04 broken", "This Excel file is damaged."),
        (b'name\n"never closed\nmore', "A quotation mark that opens in row 2 is never closed."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_words(client, content, says):
    response = upload(client, content=content)
    assert response.status_code == 422
    assert says in text(response)
    assert not ImportRun.objects.exists()


def test_a_file_too_large_is_refused_before_it_is_read(client, monkeypatch):
    from partners import import_forms

    monkeypatch.setattr(import_forms, "MAX_BYTES", 10)
    response = upload(client, "name", "New Company")
    assert response.status_code == 422
    assert "50 MB is the most" in text(response)


def test_what_only_the_user_knows_is_asked_and_kept_when_something_is_missing(client):
    run = uploaded(client, "name,type,signed on", "One,Bike shop,03/04/2026", "Two,Depot,05/06/2026")
    page = text(client.get(url("columns", run)))
    assert "Type: what do these mean?" in page
    assert "“Bike shop” (1 row)" in page
    assert "How are dates written?" in page
    assert "<q>03/04/2026</q>" in page
    response = client.post(url("columns", run), fields(client, run, all_stage="mature"))
    assert response.status_code == 422
    page = text(response)
    assert "3 things need your attention" in page
    assert "Say what it means." in page
    assert "Say which it is." in page
    assert response.context["form"]["all_stage"].value() == "mature"
    form = response.context["form"]
    shop, depot = [answer.html_name for answer in form.groups()[0]["fields"]]
    run = checked(client, run, all_stage="mature", dates="mdy", **{shop: "+", depot: "distributor"})
    client.post(url("commit", run))
    run_job(run)
    one = Partner.objects.unscoped("the test's").get(name="One")
    assert (one.partner_type.name, str(one.signed_on), one.stage.key) == ("Bike shop", "2026-03-04", "mature")
    assert PartnerType.objects.get(name="Bike shop").key == "bike-shop"


def test_one_answer_will_do_for_many_unknown_values(client):
    run = uploaded(client, "name,region", *(f"P{n},Area {n}" for n in range(60)))
    form = client.get(url("columns", run)).context["form"]
    group = form.groups()[0]
    assert (len(group["fields"]), group["rest"], group["all"].html_name) == (40, True, "others_region")
    run = checked(client, run, **STANDING, others_region="-", **{group["fields"][0].html_name: "+"})
    assert (run.counts["new"], len(run.meanings["region"])) == (60, 60)
    assert list(run.meanings["region"].values()).count("") == 59


def test_choosing_a_column_asks_what_follows_without_judging(client):
    run = uploaded(client, "name,weather", "One,Sunny")
    said = fields(client, run, column_1="partner_type", asking="1")
    response = client.post(url("columns", run), said, headers={"hx-request": "true"})
    assert response.status_code == 200
    page = text(response)
    assert "<html" not in page
    assert "Type: what do these mean?" in page
    assert "attention" not in page
    run.refresh_from_db()
    assert (run.mapping, run.state) == (["name", None], "uploaded")


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"column_1": "name"}, "“name” is this already."),
        ({"column_0": "city"}, "Say which column tells what a row is: External id, Web domain, Name."),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(client, said, says):
    run = uploaded(client, "name,weather", "One,Sunny")
    response = client.post(url("columns", run), fields(client, run, **STANDING, **said))
    assert response.status_code == 422
    assert says in text(response)


def test_ten_kinds_of_bad_rows_are_listed_by_row_and_column_and_can_be_downloaded(client):
    run = uploaded(client, *TEN_BAD_ROWS)
    means = {
        answer.html_name: "-" if group["item"].name != "partner_type" else "reseller"
        for group in client.get(url("columns", run)).context["form"].groups()
        for answer in group["fields"]
    }
    run = checked(client, run, all_stage="recruit", **means)
    assert run.counts["failing"] == 11, "the user has said what the unknown type and owner mean"
    response = client.get(url("check", run))
    page = text(response)
    assert "-5 is negative; 0 is the least." in page
    assert [(row["number"], row["problems"][0][0]) for row in response.context["page"]] == [
        (2, "name"), (3, "website"), (6, "parent"), (7, "country"), (8, "employees"), (9, "annual revenue"),
        (10, "signed on"), (11, "id"), (12, ""), (13, "name"), (15, "parent"),
    ]  # fmt: skip
    refused = client.post(url("commit", run))
    assert refused.status_code == 422
    assert "11 rows can’t go in as they are" in text(refused)
    lines = list(csvfile.reader(io.StringIO(client.get(url("rows", run, "csv")).content.decode("utf-8-sig"))))
    assert lines[0][:4] == ["Row", "What is wrong", "id", "name"]
    assert lines[2][:5] == ["3", "website: “not a domain” is not a web address or domain.", "B-2", "No address", "not a domain"]  # fmt: skip
    assert len(lines) == 12
    table = open_table(io.BytesIO(client.get(url("rows", run, "xlsx")).content))
    assert len(list(table.rows())) == 11
    assert client.post(url("commit", run), {"partial": "on"}).status_code == 302
    run = run_job(run)
    page = text(client.get(url("run", run), follow=True))
    assert "Left out" in page
    assert "-5 is negative" in page


def test_formulas_in_a_file_come_back_as_text(client):
    run = uploaded(client, "name,employees", "=cmd|' /C calc'!A0,many")
    run = checked(client, run, **STANDING)
    lines = list(csvfile.reader(io.StringIO(client.get(url("rows", run, "csv")).content.decode("utf-8-sig"))))
    assert lines[1][2] == "'=cmd|' /C calc'!A0"


def test_what_looks_alike_is_decided_row_by_row_or_for_all(acme, client):
    lines = ["name", "Northwind ACME A Systems", "Fabrikam ACME B Sys"]
    run = checked(client, uploaded(client, *lines), **STANDING)
    page = text(client.get(url("check", run)))
    assert "No row can be imported yet" in page
    assert "None of them: it is new" in page
    client.post(url("decide", run), {"row_2": str(acme.partner_a.pk), "row_3": str(acme.partner_a.pk)})
    run.refresh_from_db()
    assert run.decisions == {"2": acme.partner_a.pk}, "what was not proposed can't be chosen"
    client.post(url("decide", run), {"all": "new"})
    run.refresh_from_db()
    assert (run.counts["changed"], run.counts["new"], run.counts["proposed"]) == (1, 1, 0)


def test_an_undo_that_can_no_longer_be_names_the_records(acme, client):
    run = checked(client, uploaded(client, "name", "New Co"), **STANDING)
    client.post(url("commit", run))
    run = run_job(run)
    new = Partner.objects.unscoped("the test's").get(name="New Co")
    actions.add_action(by=acme.users[Role.ADMIN], partner=new, title="Call them")
    page = text(client.get(url("undo", run)))
    assert "can’t be undone any more" in page
    assert "Action: Call them" in page
    assert new.get_absolute_url() in page
    client.post(url("undo", run))
    run = run_job(run)
    page = text(client.get(url("run", run)))
    assert "New Co (Action: Call them)" in page
    assert Partner.objects.unscoped("the test's").filter(name="New Co").exists()


def test_a_discarded_file_is_gone_an_imported_one_stays(client):
    run = uploaded(client, "name", "New Co")
    client.post(url("discard", run))
    assert not ImportRun.objects.exists()
    run = checked(client, uploaded(client, "name", "New Co"), **STANDING)
    client.post(url("commit", run))
    run = run_job(run)
    assert "imported already" in text(client.post(url("discard", run), follow=True))
    assert ImportRun.objects.get() == run


def test_a_long_file_shows_how_far_it_is_and_can_be_cancelled(client, monkeypatch):
    monkeypatch.setattr(engine, "DIRECT_ROWS", 2)
    run = uploaded(client, "name", "One", "Two", "Three")
    page = text(client.get(url("run", run)))
    assert "Waiting for its turn" in page
    assert 'hx-trigger="every 1s"' in page
    assert client.get(url("columns", run)).status_code == 302
    part = text(client.get(url("progress", run), headers={"hx-request": "true"}))
    assert "<html" not in part
    client.post(url("cancel", run))
    page = text(client.get(url("run", run)))
    assert "Cancelled. Nothing was changed." in page
    client.post(url("again", run))
    run = run_job(run)
    assert client.get(url("run", run))["Location"] == url("columns", run)
    run = checked(client, run, **STANDING)
    run = run_job(run)
    assert client.get(url("run", run))["Location"] == url("check", run)


def test_with_redis_away_the_page_says_so_and_it_can_be_run_again(
    client, monkeypatch, django_capture_on_commit_callbacks
):
    run = checked(client, uploaded(client, "name", "New Co"), **STANDING)
    nowhere = app.connection_for_write("redis://127.0.0.1:1/0")
    send = jobs.run_job.apply_async
    with monkeypatch.context() as away, django_capture_on_commit_callbacks(execute=True):
        away.setattr(jobs.run_job, "apply_async", lambda args: send(args, connection=nowhere))
        client.post(url("commit", run))
    page = text(client.get(url("run", run)))
    assert "The background service can't be reached, so nothing was started." in page
    assert "Checked, not imported, stopped" in text(client.get(reverse("imports:list")))
    client.post(url("again", run))
    run = run_job(run)
    assert (run.state, run.job.state) == ("committed", Job.State.DONE)


def test_a_person_may_import_only_with_the_permission(acme, client_for):
    for role in (Role.CAM, Role.CHIEF, Role.MARKETING):
        client = client_for(acme.users[role])
        assert upload(client, "name", "New Co").status_code == 403
        assert reverse("imports:list") not in client.get(reverse("partners:list")).content.decode()
    assert not ImportRun.objects.exists()
