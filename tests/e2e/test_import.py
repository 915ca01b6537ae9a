"""An import in Chromium, by keyboard: each page on the way looked at, and nothing said that isn't so."""

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from accounts.permissions import Role
from partners.models import Partner
from prm.imports.models import ImportRun
from tests.e2e.eyes import ALL, looked_at
from tests.imports.support import run_job

FILE = "\n".join(
    (
        "id,Partner name,website,Business type,Sales region,owner,parent,country,employees,signed on,Weather",
        "M-1,Harbor Cloud Services,harborcloud.example,MSP,Nordics,,,Sweden,45,03/04/2026,sunny",
        "M-2,Quiet Valley Managed Services of Northern Scandinavia,,Bike workshop,Nordics,,M-1,Norway,12,05/06/2026,",
        "M-3,Stone Bridge Integrators,not a domain,SI,,,Nowhere Inc,Atlantis,-4,07/08/2026,rain",
        ",Northwind ACME A Systems,,Reseller,West,,,Latvia,3,01/02/2026,",
        "ACME-B-1,Fabrikam ACME-B,,,East,,,Germany,900,,",
    )
)


@pytest.fixture
def page(site, page_as) -> Page:
    connection.set_tenant(site.acme.vendor)
    return page_as(site.acme.users[Role.OPERATIONS], "/partners/import/")


def press(page: Page, name: str) -> None:
    """A button by keyboard, and the page it leads to."""
    button = page.get_by_role("button", name=name, exact=True)
    button.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def choose(page: Page, column: str, field: str) -> None:
    """What a column is; the questions that follow come in by themselves."""
    expect(page.locator(".htmx-settling, .htmx-added")).to_have_count(0)  # what just came in doesn't answer yet
    page.get_by_label(column).focus()
    with page.expect_response("**/columns/"):
        page.get_by_label(column).select_option(field)


def test_from_the_file_to_the_undo(site, page, tmp_path, trouble):
    looked_at(page, "import", ALL)
    file = tmp_path / "crm.csv"
    file.write_text(FILE)
    page.get_by_label("File").set_input_files(file)
    press(page, "Upload")
    looked_at(page, "import-columns", ALL)

    page.reload()  # taking pictures leaves traces in the fields
    choose(page, "Sales region", "– left out –")
    expect(page.get_by_text("Region: what do these mean?")).to_have_count(0)
    expect(page.get_by_label("Sales region")).to_be_focused()
    choose(page, "Sales region", "Region")
    expect(page.get_by_text("Region: what do these mean?")).to_be_visible()

    trouble.allow("422")
    press(page, "Check the file")
    expect(page.get_by_role("alert")).to_be_focused()
    looked_at(page, "import-columns-mistake", ALL)
    page.get_by_label("Day first").check()
    page.get_by_label("“Nordics” (2 rows)").select_option("Add “Nordics”")
    page.get_by_label("“Bike workshop” (1 row)").select_option("Add “Bike workshop”")
    page.get_by_label("Life stage").select_option("Recruit")
    page.get_by_label("Type", exact=False).last.select_option("Reseller")
    press(page, "Check the file")
    for outcome in ("failing", "proposed", "new", "changed"):
        page.goto(f"{page.url.split('?')[0]}?show={outcome}")
        looked_at(page, f"import-check-{outcome}", ALL)
    page.goto(f"{page.url.split('?')[0]}?show=proposed")
    page.get_by_label("None of them").check()
    press(page, "Save what is chosen")

    page.get_by_label("Import the good rows without the 1").check()
    press(page, "Import")
    expect(page.get_by_role("status").filter(has_text="Waiting for its turn")).to_be_visible()
    looked_at(page, "import-working")
    connection.set_tenant(site.acme.vendor)
    run = run_job(ImportRun.objects.latest("pk"))
    page.wait_for_url("**/result/")
    looked_at(page, "import-result", ALL)
    assert Partner.objects.unscoped("the test's").filter(external_id__startswith="M-").count() == 2

    page.get_by_role("link", name="Undo this import").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/undo/")
    looked_at(page, "import-undo")
    press(page, "Undo this import")
    connection.set_tenant(site.acme.vendor)
    run_job(run)
    page.wait_for_url("**/result/")
    expect(page.get_by_text("This import was undone")).to_be_visible()
