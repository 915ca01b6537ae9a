"""Funds over the API: the same rules, to the cent, for the same people."""

import pytest

from accounts.permissions import Role
from mdf.models import Account
from tests.api.conftest import api_for, problem  # noqa: F401  a fixture
from tests.mdf.funding import give, make_fund, unallocated


@pytest.fixture
def api(acme, api_for):  # noqa: F811
    return api_for(acme.users[Role.MARKETING])


def created(api, **fields):
    body = {"name": "Growth", "period": "2026", "currency": "EUR", "budget": "10000.50"} | fields
    answer = api.post("/mdf/funds", body)
    assert answer.status_code == 201, answer.content
    return answer.json()


def test_a_fund_from_its_budget_to_a_reversal(acme, api):
    fund = created(api, share="0.75", minimum_roi="3", claim_days=45)
    assert fund["figures"] == {
        "budget": "10000.50", "accrued": "0.00", "available": "10000.50", "reserved": "0.00", "spent": "0.00",
        "expired": "0.00", "unallocated": "10000.50",
    }  # fmt: skip
    assert (fund["share"], fund["minimum_roi"], fund["claim_days"], fund["tactics"]) == ("0.75", "3", 45, [])
    path = f"/mdf/funds/{fund['id']}"
    one = api.post(
        f"{path}/allocations", {"partner": acme.partner_a.pk, "amount": "4000", "expires_on": fund["ends_on"]}
    )
    assert (one.json()["available"], one.json()["expires_on"]) == ("4000.00", fund["ends_on"])
    two = api.post(f"{path}/allocations", {"region": "west", "amount": "1000"}).json()
    moved = api.post(
        f"{path}/transfers",
        {"source": two["id"], "target": unallocated_of(api, path), "amount": "400.25", "reason": "x"},
    ).json()
    assert {line["available"] for line in moved["lines"]} == {"400.25", "-400.25"}
    back = api.post(f"/mdf/entries/{moved['id']}/reverse", {"reason": "Wrong region"}).json()
    assert (back["kind"], back["amount"]) == ("reverse", "-400.25")
    assert api.get(f"/mdf/accounts/{two['id']}").json()["available"] == "1000.00"
    lines = api.get(f"{path}/ledger", account=two["id"], kind="transfer").json()["items"]
    assert [(line["available_after"], line["reversed_by"]) for line in lines] == [("599.75", back["id"])]


def unallocated_of(api, path):
    return next(row["id"] for row in api.get(f"{path}/accounts").json()["items"] if row["kind"] == "fund")


def test_who_takes_too_much_is_told_what_is_left(acme, api):
    fund = created(api, budget="100")
    path = f"/mdf/funds/{fund['id']}"
    answer = problem(api.post(f"{path}/allocations", {"partner": acme.partner_a.pk, "amount": "100.01"}), 409)
    assert answer["type"].endswith("not-enough")
    assert answer["errors"][0]["left"] == "100.00"
    answer = problem(api.post(f"{path}/budget", {"amount": "-101", "reason": "cut"}), 409)
    assert answer["errors"][0]["left"] == "100.00"
    assert api.post(f"{path}/budget", {"amount": "-40", "reason": "cut"}).status_code == 201
    assert api.get(path).json()["figures"]["budget"] == "60.00"


@pytest.mark.parametrize(
    ("field", "value"),
    [("share", "1.5"), ("share", "-0.1"), ("currency", "XXQ"), ("period", "2026-07"), ("budget", "-1"), ("tactics", ["none"]), ("accrual_rate", "2")],
)  # fmt: skip
def test_what_cannot_be_is_said_at_its_field(acme, api, field, value):
    body = {"name": "Growth", "period": "2026", "currency": "EUR"} | {field: value}
    assert problem(api.post("/mdf/funds", body), 422)["errors"][0]["field"].startswith(field)


def test_a_partner_sees_its_own_account_without_who_and_why(acme, api, api_for):  # noqa: F811
    fund = make_fund(acme)
    own = give(acme, fund, "100", partner=acme.partner_a, reason="INTERNAL")
    give(acme, fund, "100", partner=acme.partner_b)
    theirs = api_for(acme.users_a[Role.PARTNER_MARKETER])
    assert theirs.get(f"/mdf/funds/{fund.pk}").json()["figures"] is None
    assert [row["id"] for row in theirs.get(f"/mdf/funds/{fund.pk}/accounts").json()["items"]] == [own.pk]
    (line,) = theirs.get(f"/mdf/funds/{fund.pk}/ledger").json()["items"]
    assert (line["account"], line["reason"], line["by"]) == (own.pk, None, None)
    entry = theirs.get(f"/mdf/entries/{line['entry']}")
    assert "INTERNAL" not in entry.content.decode()
    assert [row["account"] for row in entry.json()["lines"]] == [own.pk]
    assert problem(theirs.get(f"/mdf/accounts/{unallocated(fund).pk}"), 404)
    other = Account.everything.get(fund=fund, partner=acme.partner_b)
    assert problem(theirs.get(f"/mdf/accounts/{other.pk}"), 404)
    assert problem(theirs.post(f"/mdf/funds/{fund.pk}/budget", {"amount": "1", "reason": "x"}), 403)


def test_an_entry_sent_twice_under_one_key_is_written_once(acme, api):
    fund = created(api)
    body = {"amount": "5", "reason": "more"}
    answers = [api.post(f"/mdf/funds/{fund['id']}/budget", body, key="once") for _time in range(2)]
    assert answers[0].json() == answers[1].json()
    assert api.get(f"/mdf/funds/{fund['id']}").json()["figures"]["budget"] == "10005.50"
