"""Getting, using and ending tokens."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.models import ApiToken
from accounts.permissions import Role
from tests.api.conftest import Api, problem

PASSWORD = "correct horse battery"


@pytest.fixture
def nobody(acme, api_for):
    return api_for(None)


def test_a_machine_gets_a_token_by_password_and_ends_it(acme, nobody):
    user = acme.users[Role.CAM]
    body = {
        "email": user.email.upper(),
        "password": PASSWORD,
        "name": "CRM sync",
        "scopes": ["partners:read"],
        "days": 7,
    }
    made = nobody.post("/tokens", body)
    assert made.status_code == 201
    assert made["Cache-Control"] == "no-store"
    caller = Api(made.json()["token"], acme.host)
    who = caller.get("/me").json()
    assert (who["email"], who["side"], who["roles"], who["partner"]) == (user.email, "vendor", ["cam"], None)
    assert (who["token"]["name"], who["token"]["scopes"]) == ("CRM sync", ["partners:read"])
    assert caller.get("/partners").status_code == 200
    problem(caller.get("/assessments"), 403)
    assert made.json()["token"] not in caller.get("/tokens").content.decode()
    assert caller.delete(f"/tokens/{made.json()['id']}").status_code == 204
    problem(caller.get("/me"), 401)


def test_without_scopes_a_token_may_do_all_its_user_may(acme, nobody):
    user = acme.users_a[Role.PARTNER_SELLER]
    caller = Api(nobody.post("/tokens", {"email": user.email, "password": PASSWORD}).json()["token"], acme.host)
    who = caller.get("/me").json()
    assert (who["side"], who["partner"]) == ("partner", acme.partner_a.pk)
    assert caller.get("/assessments").status_code == 200
    problem(caller.post("/partners", {"name": "N", "type": "reseller"}), 403)


@pytest.mark.parametrize(
    "body",
    [
        {"email": "cam@acme.example", "password": "wrong"},
        {"email": "nobody@acme.example", "password": PASSWORD},
        {"email": "admin@globex.example", "password": PASSWORD},
        {"email": "cam@acme.example", "password": f" {PASSWORD}"},
    ],
)
def test_a_wrong_password_says_no_more_than_that(acme, nobody, body):
    refused = problem(nobody.post("/tokens", body), 401)
    assert refused["detail"] == "E-mail and password don't fit."
    assert not ApiToken.objects.exists()


def test_those_deactivated_get_none_and_lose_theirs(acme, nobody, api_for):
    user = acme.users[Role.CAM]
    before = api_for(user)
    user.is_active = False
    user.save()
    problem(nobody.post("/tokens", {"email": user.email, "password": PASSWORD}), 401)
    problem(before.get("/me"), 401)


def test_guessing_is_stopped_as_at_sign_in(acme, nobody, client_for):
    user = acme.users[Role.CAM]
    for _try in range(5):
        problem(nobody.post("/tokens", {"email": user.email, "password": "wrong"}), 401)
    assert problem(nobody.post("/tokens", {"email": user.email, "password": PASSWORD}), 429)
    signing_in = client_for().post("/login/", {"login": user.email, "password": PASSWORD})
    assert signing_in.status_code == 422


def test_an_expired_token_is_none(acme, api_for):
    caller = api_for(acme.users[Role.CAM])
    ApiToken.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    refused = caller.get("/me")
    assert problem(refused, 401)
    assert 'error="invalid_token"' in refused["WWW-Authenticate"]


def test_one_ends_ones_own_tokens_only(acme, api_for):
    mine, theirs = api_for(acme.users[Role.CAM]), api_for(acme.users[Role.ADMIN])
    other = theirs.get("/tokens").json()["items"][0]["id"]
    problem(mine.delete(f"/tokens/{other}"), 404)
    assert theirs.get("/me").status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer a b", "bearer \x7f", "Token x"])
def test_what_is_no_token_is_refused(acme, nobody, header):
    response = nobody.client.get("/api/v1/me", headers={"host": acme.host, "authorization": header})
    problem(response, 401)
    assert response["WWW-Authenticate"].startswith('Bearer realm="Cadence"')


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": "x"}, "email"),
        ({"email": "a@b.example", "password": "x", "scopes": ["everything"]}, "scopes.0"),
        ({"email": "a@b.example", "password": "x", "scopes": []}, "scopes"),
        ({"email": "a@b.example", "password": "x", "days": 366}, "days"),
    ],
)
def test_what_is_wrong_with_the_request_is_said(acme, nobody, body, field):
    assert problem(nobody.post("/tokens", body), 422)["errors"][0]["field"] == field
