"""Real files through the pages: the 701 resellers of AdventureWorks, twice; and 100 partners of another sample, whose
names repeat and whose ids come as 84.0."""

import os
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.permissions import Role
from partners.models import Partner
from prm.imports.models import ImportRun
from tests.imports.support import run_job, tables
from tests.imports.test_pages import checked, text, uploaded, url

pytestmark = [pytest.mark.django_db, pytest.mark.real_data]


def resellers() -> bytes:
    return (Path(os.environ["REAL_DATA_DIR"]) / "adventureworks" / "DimReseller.csv").read_bytes()


@pytest.fixture
def client(acme, client_for):
    return client_for(acme.users[Role.OPERATIONS])


def answers(client, run: ImportRun) -> dict[str, str]:
    """Value Added Reseller is known; the two others become types of their own."""
    form = client.get(url("columns", run)).context["form"]
    (group,) = form.groups()
    assert sorted(text for text, _rows in group["texts"]) == ["Specialty Bike Shop", "Warehouse"]
    return {**{answer.html_name: "+" for answer in group["fields"]}, "all_stage": "mature"}


def test_the_701_resellers_come_in_once_and_are_unchanged_the_second_time(acme, client):
    before = tables()
    run = uploaded(client, content=resellers(), name="DimReseller.csv")
    mapped = dict(zip(run.columns, run.mapping, strict=True))
    assert {name: field for name, field in mapped.items() if field} == {
        "ResellerAlternateKey": "external_id",
        "ResellerName": "name",
        "BusinessType": "partner_type",
        "Phone": "phone",
        "NumberEmployees": "employees",
        "AddressLine1": "address",
        "AddressLine2": "address2",
        "AnnualRevenue": "annual_revenue",
        "YearOpened": "year_opened",
    }
    run = checked(client, run, **answers(client, run))
    assert (run.counts["new"], run.to_write, run.left_open) == (701, 701, 0)
    client.post(url("commit", run))
    run = run_job(run)
    assert "Imported." in text(client.get(url("run", run), follow=True))

    there = Partner.objects.unscoped("the test's")
    names = ["Friendly Bike Shop", "Sports Products Store"]
    twice = {name: there.filter(name=name).count() for name in names}
    assert sorted(twice.values()) == [2, 2], "two names occur twice and stay two partners each"
    assert there.filter(external_id__startswith="AW").count() == 701
    one = there.get(external_id="AW00000004")
    assert (one.name, one.address) == ("Modular Cycle Systems", "800 Interchange Blvd., Suite 2501")
    assert (one.annual_revenue, one.annual_revenue_currency, one.year_opened) == (30_000, "USD", 1980)
    assert there.get(external_id="AW00000003").partner_type.name == "Warehouse"

    again = uploaded(client, content=resellers(), name="DimReseller.csv")
    assert client.get(url("columns", again)).context["form"].groups() == [], "the types are known by now"
    again = checked(client, again, all_stage="mature")
    assert again.counts == {"new": 0, "changed": 0, "unchanged": 701, "repeated": 0, "proposed": 0, "failing": 0}
    assert "There is nothing to import" in text(client.get(url("run", again), follow=True))

    client.post(url("undo", run))
    run = run_job(run)
    assert run.state == "undone"
    assert tables() == before


def test_the_partner_list_has_them_all(acme, client):
    run = uploaded(client, content=resellers(), name="DimReseller.csv")
    run = checked(client, run, **answers(client, run))
    client.post(url("commit", run))
    run_job(run)
    assert "703" in text(client.get(reverse("partners:list")))
    assert "Value Added" not in text(client.get(reverse("partners:list")))


def test_a_file_of_another_program_comes_in_by_its_names(client):
    folder = Path(os.environ["REAL_DATA_DIR"]) / "opportunity_tracking"
    files = [file for file in folder.glob("*.csv") if "artner" in file.name]
    assert files
    file = SimpleUploadedFile("partners.csv", files[0].read_bytes())
    response = client.post(reverse("imports:list"), {"kind": "partner", "file": file})
    assert response.status_code == 302
    run = ImportRun.objects.get()
    assert "name" in run.mapping
