"""Sales results, end customers and metric values through the pages: what goes in, what is refused, what two people do at once."""

import csv
import datetime as dt
import io
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.permissions import Role
from pipeline.models import Customer, Metric, MetricValue, ProductLine, SalesResult
from prm.common.models import AuditEntry
from prm.common.vendor import today
from tests.partners.test_pages import said, shown_values, text


def url(name, *args):
    return reverse(f"pipeline:{name}", args=args)


@pytest.fixture
def ops(acme, client_for):
    return client_for(acme.users[Role.OPERATIONS])


@pytest.fixture
def cam(acme, client_for):
    return client_for(acme.users[Role.CAM])


@pytest.fixture
def servers(acme):
    return ProductLine.objects.create(key="servers", name="Servers")


def sold(partner, amount="100", on="2026-01-05", **more):
    return SalesResult.everything.create(partner=partner, on=on, amount=amount, currency="USD", **more)


def typed(**more):
    return {"on": "2026-01-05", "amount": "1,234.50", "currency": "USD", "kind": "new", **more}


# ── Adding ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_result_is_added_with_a_new_customer_and_traced(acme, ops, servers):
    answer = ops.post(
        url("result_add", acme.partner_a.pk),
        typed(product_line=servers.pk, customer="Zoë & Søn ÅS", distributor=acme.partner_b.name),
    )
    assert answer.status_code == 302
    row = SalesResult.everything.get()
    assert (row.partner, row.amount, row.currency, row.product_line, row.source) == (
        acme.partner_a, D("1234.5"), "USD", servers, "manual",
    )  # fmt: skip
    assert (row.customer.name, row.customer.partner, row.distributor) == (
        "Zoë & Søn ÅS",
        acme.partner_a,
        acme.partner_b,
    )
    entry = AuditEntry.objects.get(verb="result.added")
    assert (entry.actor, entry.partner_id) == (acme.users[Role.OPERATIONS], acme.partner_a.pk)
    assert "2026-01-05 1234.5 USD" in entry.target_name


def test_customer_spelled_nearly_the_same_is_the_same(acme, ops):
    for name in ("Acme Bikes, Inc.", "ACME BIKES", "acme bikes gmbh"):
        ops.post(url("result_add", acme.partner_a.pk), typed(customer=name))
    ops.post(url("result_add", acme.partner_b.pk), typed(customer="Acme Bikes"))
    assert list(Customer.everything.order_by("pk").values_list("name", "partner")) == [
        ("Acme Bikes, Inc.", acme.partner_a.pk),
        ("Acme Bikes", acme.partner_b.pk),
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"on": ""}, "on"),
        ({"on": "2026-02-30"}, "on"),
        ({"on": "0001-01-01"}, "on"),
        ({"on": "9999-12-31"}, "on"),
        ({"amount": ""}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "much"}, "amount"),
        ({"amount": "1.23456"}, "amount"),
        ({"amount": "9" * 15}, "amount"),
        ({"currency": ""}, "currency"),
        ({"currency": "XXQ"}, "currency"),
        ({"kind": "gift"}, "kind"),
        ({"product_line": "999999"}, "product_line"),
        ({"product_line": "x"}, "product_line"),
        ({"customer": "a\x00b"}, "customer"),
        ({"customer": "x" * 201}, "customer"),
        ({"distributor": "Nobody & Co"}, "distributor"),
        ({"distributor": "Northwind ACME-A"}, "distributor"),  # itself
    ],
)
def test_bad_input_gets_the_fields_own_message_and_keeps_the_rest(acme, ops, change, field):
    answer = ops.post(url("result_add", acme.partner_a.pk), typed(customer="Kept & sons") | change)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]
    if "customer" not in change:
        assert 'value="Kept &amp; sons"' in text(answer)
    assert not SalesResult.everything.exists()


@pytest.mark.parametrize("amount", ["-99.99", "0", "12345678901234.5678"])
def test_credit_notes_nothing_and_huge_amounts_are_kept_to_the_digit(acme, ops, amount):
    assert ops.post(url("result_add", acme.partner_a.pk), typed(amount=amount)).status_code == 302
    assert SalesResult.everything.get().amount == D(amount)
    assert (">Credit note</span>" in text(ops.get(url("results")))) == amount.startswith("-")


def test_a_currency_without_a_rate_is_kept_as_it_is(acme, ops):
    assert ops.post(url("result_add", acme.partner_a.pk), typed(currency="JPY", amount="5000")).status_code == 302
    assert "JPY 5,000" in text(ops.get(url("partner_results", acme.partner_a.pk)))


def test_tomorrow_is_refused(acme, ops):
    tomorrow = today() + dt.timedelta(days=1)
    assert ops.post(url("result_add", acme.partner_a.pk), typed(on=tomorrow.isoformat())).status_code == 422


# ── Changing and removing ────────────────────────────────────────────────────────────────────────────────────────────


def test_only_what_was_changed_is_written(acme, ops):
    row = sold(acme.partner_a, customer=Customer.everything.create(partner=acme.partner_a, name="Bikes"))
    form = ops.get(url("result", row.pk)).context["form"]
    SalesResult.everything.filter(pk=row.pk).update(kind="renewal")  # somebody else, meanwhile
    answer = ops.post(url("result", row.pk), shown_values(form) | {"amount": "250"})
    row.refresh_from_db()
    assert (answer.status_code, row.amount, row.kind, row.customer.name) == (302, 250, "renewal", "Bikes")
    assert "Both are kept" in said(answer)[0]
    assert AuditEntry.objects.get(verb="result.changed").changes == {"amount": ["100.0000", "250"]}


def test_two_who_change_the_same_field_are_told(acme, ops, client_for):
    row = sold(acme.partner_a)
    form = ops.get(url("result", row.pk)).context["form"]
    other = client_for(acme.users[Role.ADMIN])
    other.post(url("result", row.pk), shown_values(form) | {"amount": "300", "customer": "Theirs"})
    answer = ops.post(url("result", row.pk), shown_values(form) | {"amount": "400", "customer": "Mine"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"amount", "customer"}
    assert "Admin ACME changed this to “300.0000”" in text(answer)
    row.refresh_from_db()
    assert (row.amount, row.customer.name) == (300, "Theirs")
    assert ops.post(url("result", row.pk), answer.context["form"].data.dict()).status_code == 302
    row.refresh_from_db()
    assert (row.amount, row.customer.name) == (400, "Mine")


def test_imported_results_are_shown_and_can_be_removed_but_not_changed(acme, ops, cam):
    row = sold(acme.partner_a, source="erp", external_id="L-1")
    page = text(ops.get(url("result", row.pk)))
    assert "erp" in page
    assert 'name="amount"' not in page
    assert ops.post(url("result", row.pk), typed()).status_code == 403
    assert cam.post(url("result_remove", row.pk)).status_code == 403
    assert ops.post(url("result_remove", row.pk)).status_code == 302
    assert not SalesResult.everything.exists()
    assert AuditEntry.objects.get(verb="result.removed").changes["external_id"] == ["L-1", None]


def test_those_who_only_look_get_no_form(acme, cam):
    row = sold(acme.partner_a)
    assert 'name="amount"' not in text(cam.get(url("result", row.pk)))
    assert cam.post(url("result", row.pk), typed()).status_code == 403
    assert cam.get(url("result_add", acme.partner_a.pk)).status_code == 403
    assert "Add result" not in text(cam.get(url("partner_results", acme.partner_a.pk)))


def test_another_cams_partner_and_another_vendor_are_not_found(acme, globex, cam, ops):
    theirs = sold(acme.partner_b)
    with globex:
        other = sold(globex.partner_a, id=theirs.pk + 1000)
    acme.__enter__()
    assert cam.get(url("result", theirs.pk)).status_code == 404
    assert cam.get(url("partner_results", acme.partner_b.pk)).status_code == 404
    assert ops.get(url("result", other.pk)).status_code == 404
    assert ops.post(url("result_remove", other.pk)).status_code == 404


def test_who_has_no_business_with_performance_gets_no_page(acme, client_for):
    for role in (Role.MARKETING,):
        assert client_for(acme.users[role]).get(url("results")).status_code == 403
    partners = client_for(acme.users_a[Role.PARTNER_CHAMPION])
    assert partners.get(url("partner_results", acme.partner_a.pk)).status_code == 403


# ── The list ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def amounts(client, query=""):
    return [int(row["Amount"].split(".")[0]) for row in lines(client, "results_export", query)]


def lines(client, name, query=""):
    answer = client.get(f"{url(name, 'csv')}{query}")
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


@pytest.fixture
def some(acme, servers):
    bikes = Customer.everything.create(partner=acme.partner_a, name="Bike Shop")
    sold(acme.partner_a, "1", "2026-01-01", product_line=servers, customer=bikes)
    sold(acme.partner_a, "-2", "2026-02-01", kind="renewal")
    sold(acme.partner_b, "3", "2026-03-01", source="erp", external_id="L-3", distributor=acme.partner_a)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [3, -2, 1]),
        ("?sort=on", [1, -2, 3]),
        ("?sort=amount", [-2, 1, 3]),
        ("?q=northwind", [-2, 1]),
        ("?q=bike", [1]),
        ("?q=L-3", [3]),
        ("?q=%00", []),
        ("?region=east", [3]),
        ("?product=servers", [1]),
        ("?product=none", [3, -2]),
        ("?product=none&product=servers", [3, -2, 1]),
        ("?kind=renewal", [-2]),
        ("?origin=import", [3]),
        ("?origin=manual", [-2, 1]),
        ("?origin=credit", [-2]),
        ("?since=2026-02-01", [3, -2]),
        ("?until=2026-02-01", [-2, 1]),
        ("?since=yesterday", []),
        ("?product=nonsense", []),
        ("?partner=0", []),
        ("?partner=x", []),
    ],
)
def test_filter_and_order_of_the_address(acme, ops, some, query, expected):
    assert amounts(ops, query) == expected
    assert ops.get(f"{url('results')}{query}").status_code == 200


def test_list_of_one_partner_exports_that_partner(acme, ops, some):
    page = text(ops.get(url("partner_results", acme.partner_a.pk)))
    assert f"?partner={acme.partner_a.pk}" in page
    assert acme.partner_b.name not in page.split("<main")[1]
    assert amounts(ops, f"?partner={acme.partner_a.pk}") == [-2, 1]


def test_a_cam_exports_their_own_partners_only(acme, cam, some):
    assert amounts(cam) == [-2, 1]
    assert amounts(cam, f"?partner={acme.partner_b.pk}") == []


def test_formulas_in_names_do_nothing_in_a_spreadsheet(acme, ops):
    evil = '=HYPERLINK("http://evil.example")'
    sold(acme.partner_a, customer=Customer.everything.create(partner=acme.partner_a, name=evil), source="@erp")
    (row,) = lines(ops, "results_export")
    assert row["End customer"] == f"'{evil}"
    assert row["Came from"] == "'@erp"
    assert lines(ops, "customers_export")[0]["End customer"] == f"'{evil}"
    assert ops.get(url("results_export", "xlsx")).status_code == 200


def test_page_of_fifty_costs_as_many_queries_as_one_of_one(acme, ops, servers):
    sold(acme.partner_a, product_line=servers)
    ops.get(url("results"))
    with CaptureQueriesContext(connection) as one:
        ops.get(url("results"))
    for number in range(60):
        customer = Customer.everything.create(partner=acme.partner_b, name=f"Customer {number}")
        sold(acme.partner_b, product_line=servers, customer=customer, distributor=acme.partner_a)
    with CaptureQueriesContext(connection) as many:
        ops.get(url("results"))
    assert len(many) <= len(one)


# ── End customers ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_customer_goes_once_nothing_is_with_it(acme, ops, cam):
    row = Customer.everything.create(partner=acme.partner_a, name="Bike Shop")
    result = sold(acme.partner_a, customer=row)
    answer = ops.post(url("customer_remove", row.pk))
    assert "stays" in said(answer)[0]
    assert not AuditEntry.objects.filter(verb="customer.removed").exists()
    assert "It stays while" in text(ops.get(url("customer", row.pk)))
    result.delete()
    assert cam.post(url("customer_remove", row.pk)).status_code == 403
    assert ops.post(url("customer_remove", row.pk)).status_code == 302
    assert not Customer.everything.exists()


def test_customers_count_what_is_with_them(acme, ops):
    row = Customer.everything.create(partner=acme.partner_a, name="Bike Shop", domain="bikes.example")
    sold(acme.partner_a, customer=row)
    sold(acme.partner_a, customer=row)
    Customer.everything.create(partner=acme.partner_b, name="Boats")
    found = lines(ops, "customers_export", "?q=bikes.example")
    assert [(line["End customer"], line["Results"]) for line in found] == [("Bike Shop", "2")]
    assert len(lines(ops, "customers_export")) == 2


# ── Metric values ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def usage(acme):
    return Metric.objects.create(key="usage", name="App usage")


@pytest.fixture
def revenue(acme):
    return Metric.objects.create(key="arr", name="Recurring revenue", unit="money")


def test_value_is_added_changed_and_removed(acme, ops, usage):
    assert ops.post(
        url("value_add", acme.partner_a.pk), {"metric": usage.pk, "on": "2026-01-05", "value": "12.5", "currency": ""}
    ).status_code == 302  # fmt: skip
    row = MetricValue.everything.get()
    form = ops.get(url("value", row.pk)).context["form"]
    assert ops.post(url("value", row.pk), shown_values(form) | {"value": "-3"}).status_code == 302
    row.refresh_from_db()
    assert row.value == -3
    assert ops.post(url("value_remove", row.pk)).status_code == 302
    assert not MetricValue.everything.exists()
    assert [entry.verb for entry in AuditEntry.objects.filter(target_type="pipeline.MetricValue").order_by("pk")] == [
        "metric_value.added", "metric_value.changed", "metric_value.removed",
    ]  # fmt: skip


def test_money_needs_its_currency_and_a_number_has_none(acme, ops, usage, revenue):
    sent = {"on": "2026-01-05", "value": "1"}
    address = url("value_add", acme.partner_a.pk)
    assert list(ops.post(address, {**sent, "metric": revenue.pk}).context["form"].errors) == ["currency"]
    answer = ops.post(address, {**sent, "metric": usage.pk, "currency": "USD"})
    assert list(answer.context["form"].errors) == ["currency"]
    assert ops.post(address, {**sent, "metric": revenue.pk, "currency": "EUR"}).status_code == 302
    assert "EUR 1.00" in text(ops.get(url("partner_values", acme.partner_a.pk)))


@pytest.mark.parametrize(
    "change", [{"value": ""}, {"value": "9" * 15}, {"on": "2999-01-01"}, {"metric": ""}, {"metric": "999999"}]
)
def test_bad_values_are_refused(acme, ops, usage, change):
    sent = {"metric": usage.pk, "on": "2026-01-05", "value": "1"} | change
    answer = ops.post(url("value_add", acme.partner_a.pk), sent)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == list(change)


def test_second_value_of_a_day_is_refused_and_an_imported_one_stays(acme, ops, usage):
    sent = {"metric": usage.pk, "on": "2026-01-05", "value": "1"}
    address = url("value_add", acme.partner_a.pk)
    ops.post(address, sent)
    answer = ops.post(address, sent)
    assert answer.status_code == 422
    assert "already" in text(answer)
    row = MetricValue.everything.create(partner=acme.partner_a, metric=usage, on="2026-02-01", value=1, source="app")
    assert ops.post(url("value", row.pk), sent).status_code == 403


def test_values_are_found_by_metric_and_day(acme, ops, usage, revenue):
    for day in (1, 2):
        MetricValue.everything.create(partner=acme.partner_a, metric=usage, on=dt.date(2026, 1, day), value=day)
    MetricValue.everything.create(partner=acme.partner_b, metric=revenue, on="2026-01-03", value=3, currency="USD")

    def found(query):
        return [line["Value"] for line in lines(ops, "values_export", query)]

    assert found("") == ["3", "2", "1"]
    assert found("?metric=usage") == ["2", "1"]
    assert found("?until=2026-01-01") == ["1"]
    assert found("?region=east") == ["3"]
