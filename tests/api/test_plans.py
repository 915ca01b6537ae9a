"""Business plans over the API: from a start to both signatures, what they come to, what they start from."""

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.permissions import Role
from partners.models import Contact, PartnerType
from planning import document, reading
from planning.forecast.result import forecast
from planning.forecast.sensitivity import sensitivity
from planning.models import BusinessPlan, PlanBenchmark
from prm.common.models import CurrencyRate
from tests.api.conftest import problem
from tests.api.test_conventions import variants
from tests.planning.conftest import LINE, SELLER, begin, row, sign_both
from tests.planning.plans import FULL

EMPTIED = {"people": [], "training": [], "marketing": [], "other": []}


@pytest.fixture
def cam(acme, api_for):
    return api_for(acme.users[Role.CAM])


@pytest.fixture
def executive(acme, api_for):
    return api_for(acme.users_a[Role.PARTNER_EXECUTIVE])


@pytest.fixture
def admin(acme, api_for):
    return api_for(acme.users[Role.ADMIN])


@pytest.fixture
def plan(acme, cam):
    """A draft with the one line and seller."""
    made = cam.post(f"/partners/{acme.partner_a.pk}/plans").json()
    body = {"revision": made["revision"], "document": {**EMPTIED, "lines": [LINE], "sellers": [SELLER]}}
    response = cam.patch(f"/plans/{made['id']}", body)
    assert response.status_code == 200, response.content
    return response.json()


# ── A plan's life ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_plan_from_start_to_both_signatures(acme, cam, executive, plan):
    address = f"/plans/{plan['id']}"
    assert cam.post(f"/partners/{acme.partner_a.pk}/plans").status_code == 200
    assert (plan["version"], plan["status"], plan["shared"]) == (1, "draft", False)
    problem(executive.get(address), 404)
    people = {
        "vendor_signer": acme.users[Role.CAM].pk,
        "partner_signer": acme.users_a[Role.PARTNER_EXECUTIVE].pk,
    }
    asked = cam.post(f"{address}/ask", people).json()
    assert [(each["side"], each["user"], each["signed_at"]) for each in asked["signers"]] == [
        ("partner", people["partner_signer"], None),
        ("vendor", people["vendor_signer"], None),
    ]
    seen = executive.get(address).json()
    assert "shared_with_distributor" not in seen
    assert seen["may_edit"]
    signed = executive.post(f"{address}/sign", {"name": "Eve Northwind", "content_hash": seen["content_hash"]}).json()
    assert (signed["status"], signed["signers"][0]["name"]) == ("draft", "Eve Northwind")
    late = problem(cam.post(f"{address}/sign", {"name": "Cam", "content_hash": "0" * 64}), 409)
    assert late["type"].endswith("changed-meanwhile")
    done = cam.post(f"{address}/sign", {"name": "Cam Acme", "content_hash": seen["content_hash"]}).json()
    assert (done["status"], done["content_hash"]) == ("committed", seen["content_hash"])
    assert not done["may_edit"]
    closed = problem(executive.post(f"{address}/sign", {"name": "Eve", "content_hash": seen["content_hash"]}), 409)
    assert closed["type"].endswith("closed")
    assert problem(cam.patch(address, {"revision": done["revision"], "document": {"terms": 2}}), 409)
    target = cam.get(f"/partners/{acme.partner_a.pk}/targets", metric="revenue").json()["items"][0]
    assert (target["value"], target["source"], target["currency"]) == ("1700", "commitment", "USD")
    second = cam.post(f"/partners/{acme.partner_a.pk}/plans").json()
    assert (second["version"], second["follows"], second["document"]) == (2, plan["id"], done["document"])
    listed = cam.get(f"/partners/{acme.partner_a.pk}/plans").json()["items"]
    assert [each["version"] for each in listed] == [2, 1]
    assert [each["version"] for each in executive.get("/plans").json()["items"]] == [1]


def test_a_contact_is_asked_by_its_id(acme, cam, plan):
    contact = Contact.everything.create(partner=acme.partner_a, name="Ana", email="ana@northwind.example")
    other = Contact.everything.create(partner=acme.partner_b, name="Bo", email="bo@fabrikam.example")
    address, signer = f"/plans/{plan['id']}/ask", acme.users[Role.CAM].pk
    wrong = problem(cam.post(address, {"vendor_signer": signer, "partner_contact": other.pk}), 422)
    assert wrong["errors"][0]["field"] == "partner_contact"
    assert problem(cam.post(address, {"vendor_signer": signer}), 422)
    assert cam.post(address, {"vendor_signer": signer, "partner_contact": contact.pk}).status_code == 200


def test_who_changes_an_old_revision_is_told(acme, cam, plan):
    address = f"/plans/{plan['id']}"
    assert cam.patch(address, {"revision": plan["revision"], "document": {"terms": 2}}).json()["document"]["terms"] == 2
    late = problem(cam.patch(address, {"revision": plan["revision"], "document": {"terms": 3}}), 409)
    assert late["type"].endswith("changed-meanwhile")
    assert [each["field"] for each in late["errors"]] == ["document.terms"]
    problem(cam.patch(address, {"document": {"terms": 3}}), 422)


def test_what_is_wrong_is_named_where_it_stands(acme, cam, plan):
    body = {
        "revision": plan["revision"], "currency": "EUR", "first_month": "1999-01",
        "document": {"lines": [row(margin="300", deals={"kind": "ramp", "first": "-2"})], "prices": []},
    }  # fmt: skip
    wrong = problem(cam.patch(f"/plans/{plan['id']}", body), 422)
    assert {each["pointer"] for each in wrong["errors"]} == {
        "/document/lines/0/margin", "/document/lines/0/deals/first", "/document/prices", "/first_month",
    }  # fmt: skip
    assert cam.get(f"/plans/{plan['id']}").json()["currency"] == "USD"


def test_a_plan_that_cannot_be_committed_says_why(acme, cam, plan):
    people = {
        "vendor_signer": acme.users[Role.CAM].pk,
        "partner_signer": acme.users_a[Role.PARTNER_EXECUTIVE].pk,
    }
    cam.patch(f"/plans/{plan['id']}", {"revision": plan["revision"], "currency": "CHF"})
    refused = problem(cam.post(f"/plans/{plan['id']}/ask", people), 409)
    assert refused["type"].endswith("not-ready")
    assert "CHF" in refused["detail"]
    CurrencyRate.objects.create(on="2020-01-01", currency="CHF", rate="1.1")
    assert cam.post(f"/plans/{plan['id']}/ask", people).status_code == 200


def test_shared_discarded_and_listed(acme, cam, executive, plan, api_for):
    assert executive.get("/plans").json()["items"] == []
    shared = cam.post(f"/plans/{plan['id']}/share", {"with_partner": True, "with_distributor": True}).json()
    assert (shared["shared"], shared["shared_with_distributor"]) == (True, True)
    assert [each["id"] for each in executive.get("/plans").json()["items"]] == [plan["id"]]
    for query, found in (
        ({"status": "draft"}, 1), ({"status": "committed"}, 0), ({"partner": acme.partner_b.pk}, 0), ({"region": "west"}, 1),
        ({"region": "east"}, 0), ({"q": "northwind"}, 1),
    ):  # fmt: skip
        assert len(cam.get("/plans", **query).json()["items"]) == found, query
    assert api_for(acme.cam_b).get("/plans").json()["items"] == []
    problem(api_for(acme.users[Role.MARKETING]).get("/plans"), 403)
    problem(executive.delete(f"/plans/{plan['id']}"), 403)
    assert cam.delete(f"/plans/{plan['id']}").status_code == 204
    problem(cam.get(f"/plans/{plan['id']}"), 404)


def test_more_plans_cost_no_more_queries(acme, admin):
    def cost():
        admin.get("/plans")
        with CaptureQueriesContext(connection) as queries:
            assert admin.get("/plans").status_code == 200
        return len(queries)

    counts = []
    for partner in (acme.partner_a, acme.partner_b):
        sign_both(acme, begin(partner, partner.cam))
        counts.append(cost())
    assert len(admin.get("/plans").json()["items"]) == 2
    assert counts[0] == counts[1]


# ── What it comes to ─────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_forecast_worked_out_by_hand(acme, cam):
    """One deal a month at 1,000 with 20 % margin and 5 % rebate, a seller at 1,200 a year from month 2, a training in month 1."""
    body = {
        "document": {
            "lines": [row(deals={"kind": "ramp", "first": "1"})],
            "sellers": [{"key": "s", "name": "Ann", "count": "1", "start": 2, "rate": "3", "cost": "1200"}],
            "training": [{"key": "t", "name": "Course", "cost": "500", "month": 1}],
        },
        "currency": "USD",
        "first_month": "2027-11",
    }
    found = cam.post("/forecast", body).json()
    base = found["scenarios"]["base"]
    first, second = base["months"][:2]
    # Month 1: 1,000 revenue, 200 profit and 50 rebate, less 500. Month 2: 250 less 100 for the seller.
    assert (first["start"], second["start"]) == ("2027-11", "2027-12")
    assert [first[name] for name in ("revenue", "gross_profit", "costs", "operating_profit", "cumulative")] == [
        "1000.00", "250.00", "500.00", "-250.00", "-250.00",
    ]  # fmt: skip
    assert [second[name] for name in ("people", "operating_profit", "cumulative", "deals", "capacity")] == [
        "100.00", "150.00", "-100.00", "1", "3",
    ]  # fmt: skip
    # What the vendor keeps: 1,000 − 200 − 50. Cash comes a month later: month 1 −500, month 2 250 − 100.
    assert (first["vendor_view"], first["cash"], second["cash"]) == ("750.00", "-500.00", "150.00")
    assert (base["break_even_month"], base["peak_investment"]) == (3, "250.00")
    # −250 + 35 × 150 = 5,000; all costs 500 + 35 × 100 = 4,000.
    assert (base["cumulative"], Decimal(base["roi"])) == ("5000.00", Decimal("1.25"))
    assert base["total"]["costs"] == "4000.00"
    assert (base["cash"]["break_even_month"], base["cash"]["peak_investment"]) == (5, "500.00")
    assert [len(base[span]) for span in ("months", "quarters", "years")] == [36, 12, 3]
    assert base["lines"][0]["rebates"][35] == "50.00"
    assert [(row["name"], row["cost"][0]) for row in base["costs"]] == [("Ann", "0.00"), ("Course", "500.00")]
    assert not BusinessPlan.everything.exists()


def test_a_forecast_says_what_the_rules_say_for_every_scenario_line_and_month(acme, cam):
    """The rules themselves are held by tests/planning/forecast: this holds that each cell stands under its own name."""
    plan = document.read(FULL, 2)
    found = cam.post("/forecast", {"document": FULL, "scenario": "stretch", "sensitivity": True}).json()
    for name, scenario in plan.scenarios.items():
        rules, told = forecast(plan.assumptions, scenario), found["scenarios"][name]
        for key in (
            "product_revenue", "services_revenue", "managed_revenue", "revenue", "product_profit", "services_profit",
            "managed_profit", "rebates", "gross_profit", "mdf", "costs", "operating_profit", "cumulative", "cash",
            "cash_cumulative", "vendor_view",
        ):  # fmt: skip
            assert [Decimal(month[key]) for month in told["months"]] == list(getattr(rules, key)), (name, key)
        for key in ("people", "training", "marketing", "other"):
            assert [Decimal(month[key]) for month in told["months"]] == list(rules.cost(key))
        for key in ("deals", "capacity"):
            exact = zip(told["months"], getattr(rules, key), strict=True)
            assert all(abs(Fraction(month[key]) - value) < Fraction(1, 10**10) for month, value in exact)
        for line in told["lines"]:
            of = rules.lines[line["key"]]
            assert [Decimal(cell) for cell in line["product_revenue"]] == list(of.product)
            assert [Decimal(cell) for cell in line["managed_profit"]] == list(of.managed_profit)
            assert [Decimal(cell) for cell in line["rebates"]] == list(of.rebate)
        years = rules.years()
        assert [year["revenue"] for year in told["years"]] == [f"{year.revenue:f}" for year in years]
        assert told["break_even_month"] == rules.break_even.month
        assert Decimal(told["cash"]["peak_investment"]) == rules.cash_peak
    effects = sensitivity(plan.assumptions, plan.scenarios["stretch"])
    assert [(each["path"], Decimal(each["effect_more"])) for each in found["sensitivity"]] == [
        (".".join(map(str, each.number.path)), each.effect_more) for each in effects
    ]


def test_a_stored_plan_comes_to_the_same_as_its_document_sent_along(acme, cam, plan):
    sent = {"document": plan["document"], "first_month": plan["first_month"], "currency": plan["currency"]}
    stored = cam.get(f"/plans/{plan['id']}/forecast").json()
    assert stored == cam.post("/forecast", sent).json()
    assert "sensitivity" not in stored
    assert cam.get(f"/plans/{plan['id']}/forecast", sensitivity="true").json()["sensitivity"]
    problem(cam.get(f"/plans/{plan['id']}/forecast", scenario="rosy"), 422)


def test_amounts_have_the_decimals_of_their_currency(acme, cam):
    for currency, first in (("JPY", "1001"), ("USD", "1000.50"), ("KWD", "1000.500")):
        body = {
            "document": {"lines": [row(deals={"kind": "ramp", "first": "1"}, sale={"kind": "one_time", "deal_size": "1000.5"})]},
            "currency": currency,
        }  # fmt: skip
        assert cam.post("/forecast", body).json()["scenarios"]["base"]["months"][0]["revenue"] == first


def test_what_the_vendor_keeps_is_for_the_vendor(acme, cam, executive, plan):
    cam.post(f"/plans/{plan['id']}/share", {"with_partner": True})
    body = {"document": {"lines": [LINE]}}
    for answer in (executive.get(f"/plans/{plan['id']}/forecast"), executive.post("/forecast", body)):
        assert answer.status_code == 200
        assert b"vendor_view" not in answer.content
    assert b"vendor_view" in cam.get(f"/plans/{plan['id']}/forecast").content


def test_nothing_planned_is_told_as_such(acme, cam):
    base = cam.post("/forecast", {"document": {}}).json()["scenarios"]["base"]
    assert (base["planned"], base["break_even_month"], base["roi"], base["peak_investment"]) == (False, None, None, "0")


@pytest.mark.parametrize(
    "body",
    [
        {"document": {"lines": [{"key": "a", "name": "N", "deals": {"kind": "ramp", "first": "1"}, "margin": "5"}], "terms": 1}},
        {"document": {"scenarios": {"base": {"deals": "1", "delay": 0}}, "texts": {"verticals": "x"}}},
        {"document": {}, "currency": "USD", "first_month": "2027-01", "scenario": "base", "sensitivity": True},
    ],
)  # fmt: skip
def test_no_input_breaks_a_forecast(acme, cam, body):
    for changed in variants(body):
        response = cam.post("/forecast", json.dumps(changed))
        assert response.status_code < 500, (changed, response.content[:500])
        if response.status_code >= 400:
            problem(response, response.status_code)


def test_no_input_breaks_a_change(acme, cam, plan):
    body = {"revision": plan["revision"], "first_month": "2027-01", "scenario": "base", "document": {"terms": 1, "lines": [LINE]}}  # fmt: skip
    for changed in variants(body):
        response = cam.patch(f"/plans/{plan['id']}", json.dumps(changed))
        assert response.status_code < 500, (changed, response.content[:500])
        if response.status_code >= 400:
            problem(response, response.status_code)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/plans/{plan}/ask", {"vendor_signer": 1, "partner_signer": 1, "partner_contact": 1}),
        ("post", "/plans/{plan}/sign", {"name": "N", "content_hash": "0" * 64}),
        ("post", "/plans/{plan}/share", {"with_partner": True, "with_distributor": True}),
        ("put", "/plan-benchmarks", {"type": "msp", "size": "small", "currency": "EUR", "document": {"terms": 1, "lines": [LINE]}}),
    ],
)  # fmt: skip
def test_no_input_breaks_the_rest(acme, admin, plan, method, path, body):
    for changed in variants(body):
        response = admin.call(method, path.format(plan=plan["id"]), json.dumps(changed))
        assert response.status_code < 500, (changed, response.content[:500])
        if response.status_code >= 400:
            problem(response, response.status_code)


@pytest.mark.parametrize("query", ["type=", "type=msp&size=huge", "type=msp&typ=msp", ""])
def test_no_query_breaks_the_beginning(acme, admin, query):
    problem(
        admin.client.get(
            f"/api/v1/plan-benchmarks/beginning?{query}",
            headers={"host": acme.host, "authorization": f"Bearer {admin.token}"},
        ),
        422,
    )


# ── What plans start from ────────────────────────────────────────────────────────────────────────────────────────────


def test_benchmarks_are_set_read_and_removed(acme, admin, cam):
    PlanBenchmark.objects.all().delete()
    body = {"type": "reseller", "size": "small", "currency": "USD", "document": {"lines": [LINE]}}
    made = admin.put("/plan-benchmarks", body).json()
    assert (made["type"], made["size"], made["document"]["lines"][0]["margin"]) == ("reseller", "small", "20")
    again = admin.put("/plan-benchmarks", {**body, "document": {"lines": [row(margin="25")]}}).json()
    assert again["id"] == made["id"]
    assert [each["document"]["lines"][0]["margin"] for each in cam.get("/plan-benchmarks").json()["items"]] == ["25"]
    problem(cam.put("/plan-benchmarks", body), 403)
    wrong = problem(admin.put("/plan-benchmarks", {**body, "document": {"lines": [row(margin="x")]}}), 422)
    assert wrong["errors"][0]["field"] == "document.lines.0.margin"
    assert problem(admin.put("/plan-benchmarks", {**body, "type": "none"}), 422)["errors"][0]["field"] == "type"
    beginning = cam.get("/plan-benchmarks/beginning", type="reseller", size="small").json()
    assert (beginning["source"], beginning["document"]["lines"][0]["margin"]) == ("benchmark", "25")
    assert cam.get("/plan-benchmarks/beginning", type="msp").json()["source"] == "nothing"
    problem(cam.get("/plan-benchmarks/beginning", type="none"), 422)
    for_all = admin.put("/plan-benchmarks", {"currency": "USD", "document": {}}).json()
    problem(admin.delete(f"/plan-benchmarks/{for_all['id']}"), 422)
    assert admin.delete(f"/plan-benchmarks/{made['id']}").status_code == 204
    assert PlanBenchmark.objects.get().pk == for_all["id"]


def test_a_first_plan_starts_as_the_beginning_says(acme, cam):
    size = {"size": "small"}
    acme.partner_a.employees = 12
    acme.partner_a.save()
    told = cam.get("/plan-benchmarks/beginning", type="reseller", **size).json()
    made = cam.post(f"/partners/{acme.partner_a.pk}/plans").json()
    assert made["document"] == told["document"]
    assert PartnerType.objects.get(key="reseller") == acme.partner_a.partner_type
    assert reading.read(BusinessPlan.everything.get()).assumptions.lines
