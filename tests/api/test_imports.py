"""Files in through the API."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.permissions import Role
from partners.models import Partner
from pipeline.models import SalesResult
from prm.imports.models import ImportRun
from tests.api.conftest import problem
from tests.imports.support import run_job

LINES = [
    "Account Name,Account ID,Partner Type,Signed on,Town",
    "Fjord Data AS,F-1,Reseller,2024-05-03,Bergen",
    "Lindenhof GmbH,F-2,Franchise,2024-05-04,Bonn",
    "Somark,F-3,Reseller,2024-13-77,Aarhus",
    "Northwind,ACME-A-1,Reseller,,Oslo",
]


@pytest.fixture
def admin(acme, api_for):
    return api_for(acme.users[Role.ADMIN])


def upload(admin, *lines, kind="partner", name="partners.csv"):
    return admin.client.post(
        "/api/v1/imports", {"file": SimpleUploadedFile(name, "\n".join(lines).encode()), "kind": kind},
        headers={"host": admin.host, "authorization": f"Bearer {admin.token}"},
    )  # fmt: skip


def done(made):
    return run_job(ImportRun.objects.get(pk=made["id"]))


def test_a_file_is_checked_corrected_imported_and_undone(acme, admin):
    response = upload(admin, *LINES)
    assert response.status_code == 201, response.content
    made = response.json()
    assert (made["state"], made["rows"], made["file_name"]) == ("checked", 4, "partners.csv")
    assert [column["field"] for column in made["columns"]][:3] == ["name", "external_id", "partner_type"]
    assert made["asks"]["needed"] == ["stage"]
    assert made["asks"]["unknown"] == {"partner_type": {"Franchise": 1}}
    made = admin.patch(f"/imports/{made['id']}", {"defaults": {"stage": "onboard"}}).json()
    failing = admin.get(f"/imports/{made['id']}/rows", outcome="failing").json()["items"]
    assert {(row["number"], row["reasons"][0]["column"]) for row in failing} == {(3, "Partner Type"), (4, "Signed on")}
    problem(admin.post(f"/imports/{made['id']}/commit", {}), 409)

    again = admin.patch(f"/imports/{made['id']}", {"meanings": {"partner_type": {"Franchise": "agency"}}}).json()
    assert again["counts"]["failing"] == 1
    started = admin.post(f"/imports/{made['id']}/commit", {"partial": True})
    assert (started.status_code, started.json()["job_state"]) == (202, "queued")
    problem(admin.patch(f"/imports/{made['id']}", {}), 409)
    done(made)
    finished = admin.get(f"/imports/{made['id']}").json()
    assert (finished["state"], finished["job_state"]) == ("committed", "done")
    new = Partner.objects.unscoped("test").get(external_id="F-2")
    assert (new.partner_type.key, new.city) == ("agency", "Bonn")

    admin.patch(f"/partners/{new.pk}", {"city": "Köln"})
    refused = problem(admin.post(f"/imports/{made['id']}/undo"), 409)
    assert "Lindenhof" in refused["detail"]
    admin.patch(f"/partners/{new.pk}", {"city": "Bonn"})
    assert admin.post(f"/imports/{made['id']}/undo").status_code == 202
    done(made)
    assert admin.get(f"/imports/{made['id']}").json()["state"] == "undone"
    assert Partner.objects.unscoped("test").count() == 2
    problem(admin.delete(f"/imports/{made['id']}"), 409)


def test_columns_can_be_said_and_a_file_forgotten(acme, admin):
    made = upload(admin, "What,Who,Kind", "N-1,New One,Reseller").json()
    said = {"mapping": {"What": "external_id", "Who": "name", "Kind": "partner_type"}, "defaults": {"stage": "onboard"}}
    changed = admin.patch(f"/imports/{made['id']}", said)
    assert changed.json()["counts"]["new"] == 1
    for body, field in (
        ({"mapping": {"Nothing": "name"}}, "mapping.Nothing"),
        ({"mapping": {"What": "nothing"}}, "mapping.What"),
        ({"mapping": {"What": "name"}}, "mapping"),
        ({"defaults": {"nothing": "x"}}, "defaults.nothing"),
        ({"defaults": {"stage": "nowhere"}}, "defaults.stage"),
        ({"defaults": {"annual_revenue_currency": "QQQ"}}, "defaults.annual_revenue_currency"),
        ({"sheet": "Second"}, "sheet"),
    ):
        assert problem(admin.patch(f"/imports/{made['id']}", body), 422)["errors"][0]["field"] == field
    assert admin.delete(f"/imports/{made['id']}").status_code == 204
    assert admin.get("/imports").json()["items"] == []


def test_what_is_no_file_of_rows_is_refused(acme, admin):
    assert problem(upload(admin, ""), 422)["errors"][0]["field"] == "file"
    assert problem(upload(admin, *LINES, kind="dream"), 422)["errors"][0]["field"] == "kind"
    problem(upload(admin, "PK\x03\x04nonsense", name="a.xlsx"), 422)
    assert not ImportRun.objects.exists()


def test_results_come_in_by_the_api_and_a_text_that_looks_like_a_partner_is_settled_once(acme, admin, api_for):
    lines = [
        "id,partner,date,amount,currency",
        *(f"S-{n},Northwind ACME A Systems,2026-01-0{n},{n}.5,EUR" for n in (1, 2, 3)),
    ]
    made = upload(admin, *lines, kind="result", name="results.csv").json()
    assert (made["state"], made["counts"]["proposed"]) == ("checked", 3)
    (row,) = admin.get(f"/imports/{made['id']}/rows", outcome="proposed").json()["items"]
    (candidate,) = row["candidates"]
    assert (candidate["id"], candidate["field"], candidate["text"]) == (
        acme.partner_a.pk,
        "partner",
        "Northwind ACME A Systems",
    )
    made = admin.post(f"/imports/{made['id']}/decisions", {"decisions": {str(row["number"]): candidate["id"]}}).json()
    assert (made["counts"]["proposed"], made["counts"]["new"]) == (0, 3)
    assert admin.post(f"/imports/{made['id']}/commit", {}).status_code == 202
    done(made)
    rows = SalesResult.objects.unscoped("test").order_by("external_id")
    assert [(row.external_id, row.partner, str(row.amount)) for row in rows] == [
        (f"S-{n}", acme.partner_a, f"{n}.5000") for n in (1, 2, 3)
    ]
    partners_only = api_for(acme.users[Role.ADMIN], scopes=["partners:read", "partners:write"])
    assert problem(upload(partners_only, *lines, kind="result"), 403)["type"].endswith("insufficient-scope")
    problem(partners_only.get(f"/imports/{made['id']}"), 403)
