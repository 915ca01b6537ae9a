"""The matrix: what a cell is, what its score stands on, and that it stays quick."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction as F

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from accountplans import actions, basis, queries, reasons
from accountplans.models import OwnedProduct, Sharing
from accountplans.opportunity import Thing
from accountplans.whitespace import State, Whitespace, ranked
from leads.models import Lead, LeadSource
from pipeline.models import Customer, ProductLine, SalesResult
from prm.common.vendor import today
from tests.accountplans.conftest import customers, open_deal, won


def matrix(user, partner):
    rows = queries.customers(user, partner).order_by("name")
    found = Whitespace(user, partner, rows)
    return {(row.customer.name, cell.line.key): cell for row in found.rows for cell in row.cells}


def own(rows, line=None, complementary=None):
    OwnedProduct.everything.bulk_create(
        OwnedProduct(customer=row, product_line=line, complementary=complementary) for row in rows
    )


def test_what_a_cell_is(acme, lines, seller):
    servers, backup, cloud = lines
    partner = acme.partner_a
    add = lambda name: actions.add_account(by=seller, partner=partner, name=name)  # noqa: E731
    a, b, c = add("Alpha"), add("Beta"), add("Gamma")
    actions.set_owned(by=seller, customer=a, owned={Thing.line(servers.pk): None}, gone=frozenset())
    won(partner, b, servers)
    open_deal(partner, b, backup)
    actions.set_target(by=seller, customer=b, product_line=cloud)
    actions.set_target(by=seller, customer=c, product_line=servers, state="ruled_out", reason="Just bought another")
    SalesResult.everything.create(partner=partner, customer=c, product_line=backup, on="2026-01-05", amount=10, currency="USD")  # fmt: skip
    SalesResult.everything.create(partner=partner, customer=c, product_line=cloud, on="2026-01-05", amount=10, currency="USD")  # fmt: skip
    SalesResult.everything.create(partner=partner, customer=c, product_line=cloud, on="2026-02-05", amount=-10, currency="USD")  # fmt: skip
    found = matrix(seller, partner)
    assert {key: cell.state.value for key, cell in found.items()} == {
        ("Alpha", "servers"): "owned", ("Alpha", "backup"): "empty", ("Alpha", "cloud"): "empty",
        ("Beta", "servers"): "owned", ("Beta", "backup"): "pipeline", ("Beta", "cloud"): "target",
        ("Gamma", "servers"): "ruled_out", ("Gamma", "backup"): "owned", ("Gamma", "cloud"): "empty",
    }  # fmt: skip
    assert [one.name for one in found["Beta", "backup"].opens] == [f"Deal {backup}"]
    assert not found["Alpha", "servers"].sold
    assert found["Beta", "servers"].sold


def test_a_deal_for_the_same_customer_and_product_shows_up_by_itself(acme, lines, seller, secret):
    assert matrix(seller, acme.partner_a)["Secret Bank", "cloud"].state == State.EMPTY
    deal = open_deal(acme.partner_a, secret, lines[2])
    assert matrix(seller, acme.partner_a)["Secret Bank", "cloud"].state == State.PIPELINE
    deal.delete()
    assert matrix(seller, acme.partner_a)["Secret Bank", "cloud"].state == State.EMPTY


@pytest.fixture
def market(acme, lines, erp, finance, seller, other_seller):
    """50 customers of the other partner, who shares how many own what: 30 own the ERP, 24 of them backup too; 10 own servers. The
    vendor has won deals of servers (60,000 on average) and backup (15,000)."""
    servers, backup, _cloud = lines
    actions.share(by=other_seller, partner=acme.partner_b, level="counts")
    rows = customers(acme.partner_b, 49)
    own(rows[:30], complementary=erp)
    own(rows[:24], line=backup)
    own(rows[30:39], line=servers)
    sold = Customer.everything.create(partner=acme.partner_b, name="Sold to", name_key="sold to")
    for amount in (50_000, 70_000):
        won(acme.partner_b, sold, servers, amount)
    won(acme.partner_b, None, backup, 15_000)
    actions.set_ideal(by=seller, product_line=backup, verticals=[finance], sizes=["medium"])
    return lines


def test_the_basis_counts_customers_of_shared_plans_and_of_the_vendors_own_sales(acme, market, erp, seller, secret):
    servers, backup, _cloud = market
    found = basis.measured()
    assert found.customers == 50  # the 49, and the one sold to; not the one that is hidden
    assert found.owners == {Thing.line(servers.pk): 10, Thing.line(backup.pk): 24, Thing.complementary(erp.pk): 30}
    assert found.both == {(Thing.complementary(erp.pk), backup.pk): 24}
    assert found.average == {servers.pk: Decimal(60_000), backup.pk: Decimal(15_000)}
    assert basis.loaded(basis.dumped(found)) == found


def test_three_cells_equal_the_formula_by_hand(acme, market, erp, finance, seller, secret):
    actions.update_account(
        by=seller, customer=secret, changes={"vertical": finance, "size": "large", "relationship": "known"}
    )
    actions.set_owned(by=seller, customer=secret, owned={Thing.complementary(erp.pk): None}, gone=frozenset())
    found = matrix(seller, acme.partner_a)
    # p(backup) = 24/50, p(servers) = 10/50. Through the ERP: backup (24 + 20 × 0.48) ÷ 50, servers (0 + 20 × 0.2) ÷ 50.
    largest = F("33.6") / 50
    # Backup: the vertical fits, the size doesn't; value 15 ÷ 60; known.
    assert found["Secret Bank", "backup"].score.exact == 100 * F("0.6") * 1 * F(1, 4) * F(3, 4) == F("11.25")
    # Servers are for everybody; the largest deals.
    assert found["Secret Bank", "servers"].score.exact == 100 * 1 * (F(4, 50) / largest) * 1 * F(3, 4)
    assert found["Secret Bank", "servers"].points == 9  # 8.93
    # Cloud was never sold: no average, no score.
    assert found["Secret Bank", "cloud"].points is None
    # Another customer, of whom nothing is known: p ÷ the largest, neither vertical nor size, nobody known there.
    actions.add_account(by=seller, partner=acme.partner_a, name="Unknown")
    plain = matrix(seller, acme.partner_a)["Unknown", "backup"].score
    assert plain.exact == 100 * F("0.3") * (F("0.48") / largest) * F(1, 4) * F(1, 2)


def test_the_reasons_name_products_and_shares_and_no_customer(acme, market, erp, seller, secret):
    actions.set_owned(by=seller, customer=secret, owned={Thing.complementary(erp.pk): None}, gone=frozenset())
    found = Whitespace(seller, acme.partner_a, [secret])
    names = reasons.Names()
    told = []
    for cell in found.row(secret).cells:
        told.append(reasons.brief(cell, names))
        told += [f"{part.words} {part.formula}" for part in reasons.parts(cell, None, found.scorer.basis, names, numbers=False)]  # fmt: skip
    text = " ".join(told)
    assert "67% of those that own ERP own Backup, too." in text
    for name in Customer.everything.values_list("name", flat=True):
        assert name not in text
    assert acme.partner_b.name not in text
    assert "24" not in text  # how many customers stand behind it is not the partner's business
    for_vendor = reasons.parts(found.row(secret).cells[1], None, found.scorer.basis, names, numbers=True)
    assert for_vendor[1].formula == "(24 + 20 × 48%) ÷ (30 + 20) = 67%. ÷ 67%, the largest of any product."


def test_a_value_explains_itself_and_names_what_has_no_rate(acme, market, seller, secret, client_for, cam):
    backup = market[1]
    for number in range(5):
        won(acme.partner_b, None, backup, 1_000_000, "JPY", today() - dt.timedelta(days=number))
    assert basis.measured().average[backup.pk] == 15_000  # as before
    basis.keep()
    found = Whitespace(seller, acme.partner_a, [secret])
    cell, numbers = found.row(secret).cells[1], found.scorer.basis
    assert basis.loaded(basis.dumped(numbers)) == numbers
    told = reasons.parts(cell, None, numbers, reasons.Names(), numbers=True)[2].formula
    told = told.replace("\xa0", " ")
    assert told.startswith("USD 15,000.00 ÷ USD 60,000.00, the averages of the deals won in three years.")
    assert (
        f"1 deal is left out: there is no rate for JPY on {date_format(today() - dt.timedelta(days=4), 'SHORT_DATE_FORMAT')}."
        in told
    )
    assert told.endswith("2 more likewise.")
    # A partner reads shares alone.
    assert reasons.parts(cell, None, numbers, reasons.Names(), numbers=False)[2].formula == ""
    own = client_for(seller).get(f"/portal/accounts/customers/{secret.pk}/lines/{backup.pk}/").content.decode()
    assert "no rate for JPY" not in own
    assert "what deals come to, as of" in own


def test_what_is_no_longer_shared_leaves_the_basis_at_once(acme, market, other_seller):
    basis.keep()
    assert basis.numbers().owners
    actions.share(by=other_seller, partner=acme.partner_b, level="hidden")
    found = basis.numbers()
    assert found.customers == 1  # the one sold to
    assert set(found.owners) == {Thing.line(market[0].pk)}


def test_the_best_chances_come_first(acme, market, finance, seller):
    for name, relationship in (("Zeta", "strong"), ("Alpha", "none"), ("Beta", "none")):
        actions.add_account(by=seller, partner=acme.partner_a, name=name, relationship=relationship, vertical=finance)
    rows = Whitespace(seller, acme.partner_a, queries.customers(seller, acme.partner_a)).rows
    found = [(cell.customer.name, cell.line.key) for cell in ranked(rows, [market[1].pk])]
    assert found == [("Zeta", "backup"), ("Alpha", "backup"), ("Beta", "backup")]
    actions.set_target(by=seller, customer=rows[0].customer, product_line=market[1])
    rows = Whitespace(seller, acme.partner_a, queries.customers(seller, acme.partner_a)).rows
    assert len(ranked(rows, [market[1].pk], targets=False)) == 2


def test_two_hundred_customers_and_twelve_lines_cost_no_more_queries_than_two(acme, seller):
    few = ProductLine.objects.bulk_create(ProductLine(key=f"l{n}", name=f"Line {n}", order=n) for n in range(12))
    rows = customers(acme.partner_a, 200)

    def read(some):
        with CaptureQueriesContext(connection, ) as asked:  # fmt: skip
            cells = [cell for row in Whitespace(seller, acme.partner_a, some).rows for cell in row.cells]
        return len(cells), len(asked)

    own(rows[:50], line=few[0])
    Sharing.everything.create(partner=acme.partner_a, level="all")
    basis.keep()
    (_cells, for_two), (cells, for_all) = read(rows[:2]), read(rows)
    assert cells == 2400
    assert for_all <= for_two <= 13


def test_a_lead_the_partner_works_on_shows_up_for_its_company(acme, lines, seller, secret):
    source = LeadSource.objects.first() or LeadSource.objects.create(key="web", name="Web")
    lead = Lead.everything.create(
        company="Secret Bank Inc.", source=source, score=50, grade="B", holder="partner", partner=acme.partner_a,
        state="accepted", accepted_at=timezone.now(), created_at=timezone.now(),
    )  # fmt: skip
    lead.product_lines.add(lines[1])
    cell = matrix(seller, acme.partner_a)["Secret Bank", "backup"]
    assert (cell.state, [one.kind for one in cell.opens]) == (State.PIPELINE, ["lead"])
    assert matrix(seller, acme.partner_a)["Secret Bank", "cloud"].state == State.EMPTY
