"""The API: an account from nothing to a target, and the same walls as on the pages."""

import pytest

from accountplans import actions
from accountplans.models import AccountTarget
from accounts import tokens
from accounts.permissions import Role
from accounts.tokens import Scope
from tests.api.conftest import Api


@pytest.fixture
def api_of(acme):
    def make(user):
        return Api(tokens.create(user, "t", [Scope.PLANS_READ, Scope.PLANS_WRITE], 1)[1], acme.host)

    return make


def test_an_account_from_nothing_to_a_target(acme, api_of, seller, lines, erp, finance):
    api = api_of(seller)
    partner = acme.partner_a.pk
    made = api.post(f"/partners/{partner}/accounts", {"name": "Alpine", "vertical": "finance", "size": "medium"})
    assert made.status_code == 201
    account = made.json()
    assert (account["vertical"], account["relationship"], account["owned"]) == ("finance", "none", [])
    owned = {"owned": [{"kind": "complementary", "key": "erp", "renews_on": "2027-01-31"}]}
    assert api.put(f"/accounts/{account['id']}/products", owned).json()["owned"] == owned["owned"]
    assert api.patch(f"/accounts/{account['id']}", {"relationship": "strong"}).json()["relationship"] == "strong"
    body = {"next_step": "Call", "play": "expand", "amount": {"amount": "10.00", "currency": "EUR"}, "owner": seller.pk}
    target = api.put(f"/accounts/{account['id']}/targets/servers", body).json()
    assert target["amount"]["currency"] == "EUR"
    assert (target["play"], target["owner"], target["state"]) == ("expand", seller.pk, "target")
    cells = api.get(f"/accounts/{account['id']}/whitespace").json()["items"]
    assert [cell["state"] for cell in cells] == ["target", "empty", "empty"]
    assert api.post(f"/partners/{partner}/account-plan/reviews", {"note": "Alone"}).status_code == 201
    plan = api.get(f"/partners/{partner}/account-plan").json()
    assert (plan["customers"], plan["targets"], plan["shared"]) == (1, 1, "hidden")
    assert api.delete(f"/account-targets/{target['id']}").status_code == 204


def test_what_is_refused_names_its_field(acme, api_of, seller, secret, lines):
    api = api_of(seller)
    for path, body, field in (
        (f"/accounts/{secret.pk}/targets/servers", {"state": "ruled_out"}, "reason"),
        (f"/accounts/{secret.pk}/targets/servers", {"play": "none"}, "play"),
        (f"/accounts/{secret.pk}/products", {"owned": [{"kind": "line", "key": "none"}]}, "owned.0.key"),
    ):
        refused = api.put(path, body)
        assert refused.status_code == 422
        assert refused.json()["errors"][0]["field"] == field
    assert api.put(f"/accounts/{secret.pk}/targets/none", {}).status_code == 404


def test_the_vendor_gets_what_is_shared_and_no_more(acme, api_of, seller, cam, secret, lines):
    actions.set_target(by=seller, customer=secret, product_line=lines[0])
    target = AccountTarget.everything.get().pk
    api = api_of(cam)
    paths = (f"/accounts/{secret.pk}", f"/accounts/{secret.pk}/whitespace", f"/account-targets/{target}")
    assert [api.get(path).status_code for path in paths] == [404, 404, 404]
    assert api.get(f"/partners/{acme.partner_a.pk}/accounts").json()["items"] == []
    actions.share(by=seller, partner=acme.partner_a, level="targets")
    assert [api.get(path).status_code for path in paths] == [200, 200, 200]
    assert api.get(f"/accounts/{secret.pk}").json()["owned"] == []
    assert api.patch(f"/accounts/{secret.pk}", {"note": "Mine"}).status_code == 403
    assert api.put(f"/partners/{acme.partner_a.pk}/account-plan/sharing", {"level": "all"}).status_code == 403
    assert api_of(acme.users_b[Role.PARTNER_SELLER]).get(f"/accounts/{secret.pk}").status_code == 404


@pytest.mark.parametrize(
    ("level", "counts", "words"), [("hidden", False, False), ("counts", True, False), ("targets", True, True), ("all", True, True)]
)  # fmt: skip
def test_of_a_review_the_vendor_reads_the_day_and_what_is_shared(
    acme, api_of, seller, cam, secret, lines, level, counts, words
):
    actions.set_target(by=seller, customer=secret, product_line=lines[1])
    actions.review(by=seller, partner=acme.partner_a, note="Secret Bank wants a trial")
    actions.share(by=seller, partner=acme.partner_a, level=level)
    path = f"/partners/{acme.partner_a.pk}/account-plan/reviews"
    (ours,) = api_of(cam).get(path).json()["items"]
    assert ours["on"]
    assert (ours["targets"], ours["note"]) == (1 if counts else None, "Secret Bank wants a trial" if words else "")
    (own,) = api_of(seller).get(path).json()["items"]
    assert (own["targets"], own["note"]) == (1, "Secret Bank wants a trial")
