"""Sales data through the API: the same rules as the pages, amounts as text to the digit."""

import datetime as dt
import json

import pytest

from accounts.permissions import Role
from pipeline.models import Customer, Metric, ProductLine, SalesResult, TargetVersion
from prm.common.vendor import fiscal_calendar, today
from tests.api.conftest import problem
from tests.api.test_conventions import variants


@pytest.fixture
def ops(acme, api_for):
    return api_for(acme.users[Role.OPERATIONS])


def result(**more):
    return {"on": "2026-01-05", "amount": {"amount": "1234.5678", "currency": "USD"}, **more}


def test_result_comes_back_as_it_was_sent(acme, ops):
    ProductLine.objects.create(key="servers", name="Servers")
    body = result(
        product_line="servers", customer="Bike Shop", kind="expansion", distributor=acme.partner_b.pk, source="erp",
        external_id="L-1",
    )  # fmt: skip
    made = ops.post(f"/partners/{acme.partner_a.pk}/results", body)
    assert made.status_code == 201, made.content
    found = ops.get(made["Location"]).json()
    assert {name: found[name] for name in body} == body
    assert found["customer_id"] == Customer.everything.get().pk
    again = problem(ops.post(f"/partners/{acme.partner_a.pk}/results", body), 422)
    assert "already" in again["errors"][0]["message"]
    assert problem(ops.patch(f"/results/{found['id']}", {"kind": "new"}), 422)
    assert ops.delete(f"/results/{found['id']}").status_code == 204
    problem(ops.get(f"/results/{found['id']}"), 404)


def test_fields_sent_are_changed_the_others_stay(acme, ops):
    made = ops.post(f"/partners/{acme.partner_a.pk}/results", result(customer="Bike Shop")).json()
    changed = ops.patch(f"/results/{made['id']}", {"amount": {"amount": "-10", "currency": "EUR"}, "customer": None})
    assert changed.json()["amount"] == {"amount": "-10", "currency": "EUR"}
    assert (changed.json()["customer"], changed.json()["on"]) == (None, "2026-01-05")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (result(amount={"amount": "1.23456", "currency": "USD"}), "amount.amount"),
        (result(amount={"amount": "1", "currency": "XXQ"}), "amount.currency"),
        (result(amount={"amount": "NaN", "currency": "USD"}), "amount.amount"),
        (result(on="2999-01-01"), "on"),
        (result(on=None), "on"),
        (result(product_line="none"), "product_line"),
        (result(distributor=999999), "distributor"),
        (result(customer="a\u200bb\u0007"), "customer"),
        (result(colour="red"), "colour"),
    ],
)
def test_what_is_wrong_is_named(acme, ops, body, field):
    told = problem(ops.post(f"/partners/{acme.partner_a.pk}/results", body), 422)
    assert [error["field"] for error in told["errors"]] == [field]
    assert not SalesResult.everything.exists()


def test_list_is_narrowed_paged_and_a_cams_own(acme, ops, api_for):
    for partner, number in ((acme.partner_a, 1), (acme.partner_a, 2), (acme.partner_b, 3)):
        SalesResult.everything.create(partner=partner, on=f"2026-01-0{number}", amount=number, currency="USD")

    def amounts(caller=ops, **query):
        return [int(item["amount"]["amount"]) for item in caller.get("/results", **query).json()["items"]]

    assert amounts() == [3, 2, 1]
    assert amounts(sort="on") == [1, 2, 3]
    assert amounts(partner=acme.partner_a.pk) == amounts(region="west") == [2, 1]
    assert amounts(since="2026-01-02", until="2026-01-02") == [2]
    first = ops.get("/results", limit=2).json()
    assert [item["amount"]["amount"] for item in ops.get(first["next"]).json()["items"]] == ["1"]
    assert amounts(api_for(acme.users[Role.CAM])) == [2, 1]
    problem(ops.get("/results", since="soon"), 422)
    problem(ops.get("/results", colour="red"), 422)
    problem(ops.get("/results", region="nowhere"), 422)


def test_partners_side_reads_none_of_it_here(acme, api_for):
    champion = api_for(acme.users_a[Role.PARTNER_CHAMPION])
    for path in ("/results", "/targets", "/customers", "/metric-values", f"/partners/{acme.partner_a.pk}/targets"):
        problem(champion.get(path), 403)
    Metric.objects.create(key="margin", name="Margin", internal=True)
    Metric.objects.create(key="usage", name="Usage")
    assert [item["key"] for item in champion.get("/metrics").json()["items"]] == ["usage"]


def test_customers_go_once_nothing_is_with_them(acme, ops):
    made = ops.post(f"/partners/{acme.partner_a.pk}/results", result(customer="Bike Shop")).json()
    (found,) = ops.get("/customers", q="bike").json()["items"]
    assert (found["results"], found["deals"], found["partner"]) == (1, 0, acme.partner_a.pk)
    problem(ops.delete(f"/customers/{found['id']}"), 422)
    ops.delete(f"/results/{made['id']}")
    assert ops.delete(f"/customers/{found['id']}").status_code == 204


def test_metrics_and_their_values(acme, ops):
    made = ops.post("/metrics", {"name": "App usage", "key": "app_usage", "unit": "money", "summary": "max"})
    assert made.status_code == 201, made.content
    assert made.json() == {
        "key": "app_usage", "name": "App usage", "order": 1, "unit": "money", "summary": "max", "lower_is_better": False,
        "internal": False,
    }  # fmt: skip
    value = {"metric": "app_usage", "on": "2026-01-05", "value": "12.345678", "currency": "EUR"}
    row = ops.post(f"/partners/{acme.partner_a.pk}/metric-values", value).json()
    assert {name: row[name] for name in value} == value
    told = problem(ops.post(f"/partners/{acme.partner_a.pk}/metric-values", {**value, "currency": None}), 422)
    assert told["errors"][0]["field"] == "currency"
    assert ops.patch(f"/metric-values/{row['id']}", {"value": "-1"}).json()["value"] == "-1"
    assert [item["id"] for item in ops.get("/metric-values", metric="app_usage").json()["items"]] == [row["id"]]
    problem(ops.patch("/metrics/app_usage", {"unit": "number"}), 422)
    problem(ops.delete("/metrics/app_usage"), 422)
    assert ops.delete(f"/metric-values/{row['id']}").status_code == 204
    assert ops.patch("/metrics/app_usage", {"name": "Usage"}).json()["name"] == "Usage"
    assert ops.delete("/metrics/app_usage").status_code == 204
    problem(ops.delete("/metrics/app_usage"), 404)


def test_lists_keep_their_order_and_their_keys_apart(acme, ops):
    assert ops.post("/deal-stages", {"name": "Pilot", "probability": "33.5"}).json()["probability"] == "33.5"
    stages = ops.get("/deal-stages").json()["items"]
    assert [stage["order"] for stage in stages] == list(range(1, 8))
    assert stages[-1]["key"] == "pilot"
    for wrong in ({"name": "Other", "key": "pilot"}, {"name": "PILOT"}, {"name": "X", "key": "No Key"}):
        problem(ops.post("/deal-stages", wrong), 422)
    problem(ops.post("/metrics", {"name": "Mine", "key": "revenue"}), 422)
    problem(ops.patch("/deal-stages/lost", {"outcome": "open"}), 422)
    problem(ops.patch("/deal-stages/none", {"name": "None"}), 404)
    assert ops.post("/product-lines", {"name": "Servers"}).json() == {"key": "servers", "name": "Servers", "order": 1}
    assert ops.patch("/product-lines/servers", {"name": "Compute"}).json()["name"] == "Compute"
    assert ops.delete("/product-lines/servers").status_code == 204


def test_targets_are_spread_and_read_back_by_month(acme, ops):
    path = f"/partners/{acme.partner_a.pk}/targets"
    made = ops.post(path, {"periods": {"2026": "1000"}, "currency": "USD", "note": "Agreed"})
    assert made.status_code == 201, made.content
    version = made.json()
    assert (version["source"], version["number"], version["months"], version["total"]) == ("operations", 1, 12, "1000")
    ops.post(path, {"periods": {"2026Q2": "90", "2026-12": "5"}, "currency": "USD"})
    months = {item["month"]: (item["value"], item["number"]) for item in ops.get(path, year="2026").json()["items"]}
    assert months["2026-01"] == ("83.33", 1)
    assert months["2026-05"] == ("30", 2)
    assert months["2026-12"] == ("5", 2)
    assert ops.get(path, year="2025").json()["items"] == []
    assert [row["number"] for row in ops.get("/targets", partner=acme.partner_a.pk).json()["items"]] == [2, 1]
    assert ops.post(path, {"metric": "deals", "periods": {"2026": "7"}}).status_code == 201
    deals = ops.get(path, metric="deals").json()["items"]
    assert [item["value"] for item in deals] == [*["0.58"] * 11, "0.62"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"periods": {}, "currency": "USD"}, "periods"),
        ({"periods": {"next year": "1"}, "currency": "USD"}, "periods.next year"),
        ({"periods": {"2026": "-1"}, "currency": "USD"}, "periods.2026"),
        ({"periods": {"2026": "1", "2026-01": "1"}, "currency": "USD"}, "periods"),
        ({"periods": {"2026": "1"}}, "currency"),
        ({"metric": "deals", "periods": {"2026": "1"}, "currency": "USD"}, "currency"),
        ({"metric": "none", "periods": {"2026": "1"}}, "metric"),
    ],
)
def test_targets_that_cannot_be(acme, ops, body, field):
    told = problem(ops.post(f"/partners/{acme.partner_a.pk}/targets", body), 422)
    assert [error["field"] for error in told["errors"]] == [field]
    assert not TargetVersion.everything.exists()


def test_targets_from_the_year_before(acme, ops):
    year = fiscal_calendar().year_of(today())
    for partner in (acme.partner_a, acme.partner_b):
        SalesResult.everything.create(partner=partner, on=year.previous.start, amount=100, currency="USD")
    body = {"year": year.key, "factor": "1.1"}
    seen = ops.post("/targets/generate", {**body, "preview": True}).json()
    assert (seen["partners"], seen["before"], seen["total"], seen["currency"]) == (2, "200", "220", "USD")
    assert not TargetVersion.everything.exists()
    assert ops.post("/targets/generate?region=west", body).json()["partners"] == 1
    done = ops.post("/targets/generate", body).json()
    assert (done["partners"], done["left_out"]["has_targets"], done["job"]) == (1, 1, None)
    assert [row["generated"] for row in ops.get("/targets").json()["items"]] == [True, True]
    problem(ops.post("/targets/generate", {**body, "year": "soon"}), 422)
    problem(ops.post("/targets/generate?colour=red", body), 422)


def test_policies_by_their_days(acme, ops, api_for):
    day = (today() + dt.timedelta(days=3)).isoformat()
    sent = {"starts_on": day, "basis": "customer_price", "source": "won_deals"}
    assert ops.post("/policies/actuals", sent).json() == sent
    assert ops.get("/policies/actuals").json()["items"] == [sent]
    weights = {"starts_on": day, "weights": ["1.5", *["1"] * 11]}
    assert ops.post("/policies/seasonality", weights).json() == weights
    problem(ops.post("/policies/seasonality", {**weights, "weights": ["1"] * 11}), 422)
    problem(ops.post("/policies/actuals", {**sent, "starts_on": "2020-01-01"}), 422)
    problem(api_for(acme.users[Role.CHIEF]).post("/policies/actuals", sent), 403)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/partners/{a}/results", result(product_line="x", customer="C", kind="new", distributor=1, external_id="e")),
        ("/partners/{a}/metric-values", {"metric": "usage", "on": "2026-01-01", "value": "1", "currency": "USD"}),
        ("/partners/{a}/targets", {"metric": "revenue", "periods": {"2026": "1"}, "currency": "USD", "note": "n"}),
        ("/targets/generate", {"year": "2026", "factor": "1", "replace": True, "preview": True}),
        ("/metrics", {"name": "n", "key": "k", "unit": "money", "summary": "sum", "internal": True}),
        ("/deal-stages", {"name": "n", "key": "k", "probability": 1, "outcome": "won"}),
        ("/policies/seasonality", {"starts_on": "2099-01-01", "weights": [1] * 12}),
    ],
)
def test_no_input_breaks_it(acme, ops, path, body):
    Metric.objects.create(key="usage", name="Usage")
    for changed in variants(body):
        response = ops.post(path.format(a=acme.partner_a.pk), json.dumps(changed))
        assert response.status_code < 500, (changed, response.content[:500])
        if response.status_code >= 400:
            problem(response, response.status_code)
