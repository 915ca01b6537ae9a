"""The pages of both sides: a target from nothing, an edit that keeps what was typed, what each role is offered."""

import csv
import io

import pytest

from accountplans import actions
from accountplans.models import Account, AccountTarget, Ideal, OwnedProduct, PlanReview, Sharing
from accounts.permissions import Role
from pipeline.models import Customer
from tests.accountplans.conftest import customers, open_deal


@pytest.fixture
def client(client_for, seller):
    return client_for(seller)


def test_a_partner_plans_an_account_from_nothing(acme, client, lines, erp, finance):
    servers, backup, _cloud = lines
    made = client.post(
        "/portal/accounts/new/",
        {
            "name": "Alpine Dairy", "domain": "alpine.example", "country": "CH", "vertical": finance.pk, "size": "medium",
            "relationship": "known", f"line-{servers.pk}": "on", f"line-{servers.pk}-renews": "2027-06-30",
            f"complementary-{erp.pk}": "on",
        },
    )  # fmt: skip
    customer = Customer.everything.get()
    assert made.url == f"/portal/accounts/customers/{customer.pk}/"
    assert not customer.known_to_vendor
    assert OwnedProduct.everything.filter(customer=customer).count() == 2
    page = client.get(made.url).content.decode()
    assert "Renews on 06/30/2027" in page.replace("\xa0", " ") or "2027" in page
    cell = f"/portal/accounts/customers/{customer.pk}/lines/{backup.pk}/"
    saved = client.post(cell, {"state": "target", "next_step": "Call the CIO", "amount": "5000", "currency": "EUR"})
    assert saved.url == cell
    target = AccountTarget.everything.get()
    assert (target.next_step, target.amount, target.currency) == ("Call the CIO", 5000, "EUR")
    assert "Call the CIO" in client.get("/portal/accounts/targets/").content.decode()
    assert client.post("/portal/accounts/review/", {"note": "Alone"}).status_code == 302
    assert PlanReview.everything.get().targets == 1


def test_what_is_wrong_is_said_and_what_was_typed_stays(acme, client, secret, lines):
    refused = client.post("/portal/accounts/new/", {"name": "Alpine", "domain": "no domain", "relationship": "none"})
    assert refused.status_code == 422
    assert "This is no web domain" in refused.content.decode()
    assert 'value="Alpine"' in refused.content.decode()
    assert not Customer.everything.filter(name="Alpine").exists()
    day = client.post(
        f"/portal/accounts/customers/{secret.pk}/edit/",
        {"name": "Secret Bank", "relationship": "none", f"line-{lines[0].pk}-renews": "2027-01-01"},
    )
    assert day.status_code == 422
    assert "It renews only where it is owned" in day.content.decode()
    cell = client.post(f"/portal/accounts/customers/{secret.pk}/lines/{lines[0].pk}/", {"state": "ruled_out"})
    assert cell.status_code == 422
    assert "Say why it is ruled out." in cell.content.decode()
    assert client.post("/portal/accounts/review/", {}).status_code == 422
    assert client.post("/portal/accounts/share/", {"level": "everything"}).status_code == 422


def test_an_edit_of_somebody_else_meanwhile_is_shown(acme, client, secret, seller):
    data = {"name": "Secret Bank", "domain": "secret-bank.example", "relationship": "none", "note": "Mine"}
    seen = {f"initial-{name}": value for name, value in data.items()} | {"initial-note": ""}
    champion = acme.users_a[Role.PARTNER_CHAMPION]
    actions.update_account(by=champion, customer=secret, changes={"note": "Theirs"})
    refused = client.post(f"/portal/accounts/customers/{secret.pk}/edit/", data | seen)
    assert refused.status_code == 422
    assert f"{champion.name} changed this to “Theirs”" in refused.content.decode()
    again = client.post(f"/portal/accounts/customers/{secret.pk}/edit/", data | seen | {"initial-note": "Theirs"})
    assert again.status_code == 302
    assert Account.everything.get(customer=secret).note == "Mine"


def test_two_in_one_cell_the_second_is_told(acme, client, secret, lines, seller):
    actions.set_target(by=seller, customer=secret, product_line=lines[0], next_step="First")
    refused = client.post(f"/portal/accounts/customers/{secret.pk}/lines/{lines[0].pk}/", {"state": "target", "next_step": "Second"})  # fmt: skip
    assert refused.status_code == 422
    assert "Somebody else changed this meanwhile" in refused.content.decode()
    assert AccountTarget.everything.get().next_step == "First"


def test_the_partner_shares_and_takes_back(acme, client, secret, cam, client_for):
    page = f"/partners/{acme.partner_a.pk}/accounts/"
    assert "Secret Bank" not in client_for(cam).get(page).content.decode()
    client.post("/portal/accounts/share/", {"level": "all"})
    assert "Secret Bank" in client_for(cam).get(page).content.decode()
    client.post("/portal/accounts/share/", {"level": "hidden"})
    assert "Secret Bank" not in client_for(cam).get(page).content.decode()
    assert Sharing.everything.get().changed_by.email == acme.users_a[Role.PARTNER_SELLER].email


def test_who_reads_only_is_offered_nothing_to_write(acme, client_for, secret, lines):
    client = client_for(acme.users_a[Role.PARTNER_EXECUTIVE])
    page = client.get("/portal/accounts/").content.decode()
    assert "Secret Bank" in page
    assert "/portal/accounts/new/" not in page
    assert 'action="/portal/accounts/share/"' not in page
    cell = f"/portal/accounts/customers/{secret.pk}/lines/{lines[0].pk}/"
    assert "<button" not in client.get(cell).content.decode().split("<main", 1)[1].split("</main>")[0]
    assert client.post(cell, {"state": "target"}).status_code == 403
    assert client.get(f"/portal/accounts/customers/{secret.pk}/edit/").status_code == 403


def test_the_cam_works_on_targets_where_they_are_shared(acme, client_for, cam, secret, lines, seller):
    actions.set_target(by=seller, customer=secret, product_line=lines[0])
    cell = f"/accounts/customers/{secret.pk}/lines/{lines[0].pk}/"
    client = client_for(cam)
    assert client.get(cell).status_code == 404
    actions.share(by=seller, partner=acme.partner_a, level="targets")
    seen = AccountTarget.everything.get().updated_at.isoformat()
    client.post(cell, {"state": "target", "next_step": "Visit", "owner": cam.pk, "seen": seen})
    target = AccountTarget.everything.get()
    assert target.owner == cam
    register = f"/partners/{acme.partner_a.pk}/registrations/new/?target={target.pk}"
    assert f'href="{register}"' in client.get(cell).content.decode()
    assert 'value="Secret Bank"' in client.get(register).content.decode()
    assert "/registrations/new/" not in client_for(acme.users[Role.CHIEF]).get(cell).content.decode()  # reads only
    assert "Secret Bank" in client.get("/accounts/targets/").content.decode()
    assert client.post(f"{cell}confirm/").status_code == 302
    assert client.post(f"{cell}clear/").status_code == 302
    assert client.get(cell).status_code == 404  # it is no target any more, and so not the vendor's to see


def test_the_cell_explains_itself(acme, client, lines, secret, seller):
    deal = open_deal(acme.partner_a, secret, lines[1])
    page = client.get(f"/portal/accounts/customers/{secret.pk}/lines/{lines[1].pk}/").content.decode()
    assert f'href="/portal/deals/{deal.pk}/"' in page
    page = client.get(f"/portal/accounts/customers/{secret.pk}/lines/{lines[0].pk}/").content.decode()
    assert "No customer is known to own any product line yet." in page


def test_the_filter_narrows_the_matrix_and_the_chances(acme, client, seller, lines, finance):
    actions.add_account(by=seller, partner=acme.partner_a, name="Alpine Dairy", vertical=finance, relationship="strong")
    actions.add_account(by=seller, partner=acme.partner_a, name="Coastal Ferries", size="large")
    for query, names in (
        ("q=alpine", {"Alpine Dairy"}), ("vertical=finance", {"Alpine Dairy"}), ("size=large", {"Coastal Ferries"}),
        ("relationship=none", {"Coastal Ferries"}), ("q=nobody", set()), ("", {"Alpine Dairy", "Coastal Ferries"}),
    ):  # fmt: skip
        page = client.get(f"/portal/accounts/?{query}").content.decode()
        assert {name for name in ("Alpine Dairy", "Coastal Ferries") if name in page} == names, query
    assert "Take away a part of the filter" in client.get("/portal/accounts/?size=tiny").content.decode()


def test_files_hold_what_the_page_shows(acme, client, client_for, cam, seller, secret, lines):
    actions.set_target(by=seller, customer=secret, product_line=lines[0], next_step="Call", amount=10, currency="EUR")
    rows = list(
        csv.DictReader(io.StringIO(client.get("/portal/accounts/targets/export/csv/").content.decode("utf-8-sig")))
    )
    assert [(row["Customer"], row["Next step"], row["Currency"]) for row in rows] == [("Secret Bank", "Call", "EUR")]
    assert client.get("/portal/accounts/targets/export/xlsx/").status_code == 200
    actions.add_account(by=seller, partner=acme.partner_a, name="Other")
    assert client.get("/portal/accounts/opportunities/export/csv/").status_code == 200
    mine = client_for(cam).get(f"/accounts/opportunities/export/csv/?partner={acme.partner_b.pk}").content.decode()
    assert len(mine.splitlines()) == 1


def test_the_vendor_says_whom_a_product_line_is_made_for(acme, client_for, lines, finance):
    client = client_for(acme.users[Role.OPERATIONS])
    page = f"/settings/ideal-customers/{lines[0].pk}/"
    assert client.get(page).status_code == 200
    client.post(page, {"verticals": [finance.pk], "sizes": ["small", "huge"]})
    row = Ideal.objects.get(product_line=lines[0])
    assert ([*row.verticals.all()], row.sizes) == ([finance], ["small", "huge"])
    assert finance.name in client.get("/settings/ideal-customers/").content.decode()
    assert client.post(page, {"sizes": ["tiny"]}).status_code == 422


def test_pages_of_fifty(acme, client, lines):
    customers(acme.partner_a, 51)
    first, second = (client.get(f"/portal/accounts/?page={number}").content.decode() for number in (1, 2))
    assert first.count('<th scope="row">') == 50
    assert second.count('<th scope="row">') == 1
