"""A partner's customers out of its own file: all or nothing, filled in by name, kept nowhere."""

import io

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accountplans import actions
from accountplans.models import Account, OwnedProduct
from accounts.permissions import Role
from pipeline.models import Customer
from prm.imports.models import ImportRun

PAGE = "/portal/accounts/import/"


@pytest.fixture
def upload(client_for, seller):
    client = client_for(seller)

    def send(*lines, name="customers.csv", **more):
        body = lines[0] if isinstance(lines[0], bytes) else "\n".join(lines).encode()
        return client.post(PAGE, {"file": SimpleUploadedFile(name, body), **more})

    return send


def test_customers_come_with_what_is_known_and_owned(acme, upload, lines, erp, finance):
    done = upload(
        "Account Name,Website,Country,Industry,Employees,Relationship,Products owned",
        "Alpine Dairy AG,https://www.alpine.example/,Switzerland,Financial services,300,Known,Servers; ERP",
        "Coastal Ferries,,NO,,,,",
    )
    assert done.status_code == 302
    dairy = Customer.everything.get(name="Alpine Dairy AG")
    assert (dairy.domain, dairy.country, dairy.known_to_vendor) == ("alpine.example", "CH", False)
    account = Account.everything.get(customer=dairy)
    assert (account.vertical, account.size, account.relationship) == (finance, "large", "known")
    assert OwnedProduct.everything.filter(customer=dairy).count() == 2
    assert Customer.everything.filter(partner=acme.partner_a).count() == 2
    assert not ImportRun.objects.exists()


def test_one_that_is_there_is_filled_in_and_keeps_what_the_file_does_not_say(acme, upload, seller, lines):
    there = actions.add_account(by=seller, partner=acme.partner_a, name="Alpine Dairy AG", note="Mine", size="small")
    again = ("Customer,Size,Products", "ALPINE DAIRY,1–49 people,backup", "Alpine dairy ag,250–999 people,cloud")
    upload(*again)
    upload(*again)
    assert Customer.everything.get().pk == there.pk
    account = Account.everything.get()
    assert (account.note, account.size) == ("Mine", "large")
    assert OwnedProduct.everything.count() == 1


def test_what_is_wrong_is_told_row_by_row_and_nothing_is_written(acme, upload, lines):
    lines = ("Customer,Country,Products", "Alpine,Atlantis,", "Coastal,NO,Hovercraft", ",NO,", "Fine,NO,Servers")
    refused = upload(*lines)
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "There is no product “Hovercraft”." in page
    assert "There is no customer’s name." in page
    assert not Customer.everything.exists()
    assert upload(*lines, partial="on").status_code == 302
    assert Customer.everything.get().name == "Fine"


def test_files_that_cannot_be_read(upload):
    for body, words in (
        ((b"",), "The file is empty."),
        (("A,B", "1,2"), "No column is headed"),
        (("Customer",), "The file holds no"),
        (("\n".join(["Customer", *(f"Firm {n}" for n in range(2001))]),), "At most 2000 rows"),
    ):
        refused = upload(*body)
        assert refused.status_code == 422
        assert words in refused.content.decode()


def test_a_workbook(acme, upload, lines):
    book = openpyxl.Workbook()
    for row in (("Company", "Headcount"), ("Alpine", 1200)):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    assert upload(out.getvalue(), name="customers.xlsx").status_code == 302
    assert Account.everything.get().size == "huge"


def test_only_who_plans_accounts_may(acme, client_for, cam):
    assert client_for(acme.users_a[Role.PARTNER_EXECUTIVE]).get(PAGE).status_code == 403
    page = f"/partners/{acme.partner_a.pk}/accounts/"
    assert client_for(cam).get(f"{page}import/").url == page  # not shared: the plan's page says so
