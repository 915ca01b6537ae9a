"""Every address × every role × another partner's object × another vendor. Made from the URLconf: nothing can be forgotten."""

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts import links
from accounts.models import SignedLink
from accounts.permissions import Role
from accounts.views.links import PAGES
from tests.guards.addresses import OPEN, addresses
from tests.guards.house import undone
from tests.guards.objects import EVERYWHERE, OBJECTS, all_arguments, arguments

ALL = addresses()
BY_NAME = {address.name: address for address in ALL}
CLOSED = [address.name for address in ALL if address.access[0] != "open"]
GUARDED = [address.name for address in ALL if address.access[0] in ("vendor", "portal")]
OF_A_PARTNER = [name for name in GUARDED if BY_NAME[name].parameters and name not in EVERYWHERE]
BY_LINK = [address.name for address in ALL if address.link]

# Permissions whose holders all see every partner, so that there is nobody to refuse another partner's object.
HELD_BY_THOSE_WHO_SEE_ALL = {
    "assign_partners",
    "import_data",
    "edit_benchmarks",
    "edit_leads",
    "edit_lead_rules",
    "edit_marketing_rules",
    "edit_funds",
    "edit_questionnaires",
    "edit_sales_data",
    "manage_users",
    "override_tiers",
    "edit_settings",
}
FINE = (200, 202, 204, 302, 405, 409, 422)


def alike(people):
    """One of each who may do the same; where an object decides, all of `people` see it."""
    return dict(
        {(user.is_partner_side, *sorted(user.permissions)): (who, user) for who, user in people.items()}.values()
    )


def test_every_view_says_who_may_open_it():
    assert [address.name for address in ALL if address.access[0] is None] == []


def test_open_pages_are_the_listed_ones():
    assert {address.name for address in ALL if address.access[0] == "open"} == OPEN


def test_no_address_is_listed_that_isnt_there():
    with_parameters = {address.name for address in ALL if address.parameters}
    assert set(OBJECTS) == with_parameters
    assert with_parameters >= EVERYWHERE


@pytest.mark.parametrize("name", CLOSED)
def test_nobody_gets_in_without_signing_in(house, name):
    address = BY_NAME[name]
    url = address.url(**arguments(address, house.acme, house.acme.partner_a))
    for who in (None, house.people["inactive_admin"], house.people["inactive_a"]):
        for method in ("get", "post"):
            response = getattr(house.client(who), method)(url)
            assert response.status_code == 302, f"{who} {method} {url}"
            assert response["Location"].startswith("/login/"), f"{who} {method} {url}"
    fragment = house.client().get(url, headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.body) in ((204, b""), (302, b"")), url


@pytest.mark.parametrize("name", GUARDED)
def test_who_lacks_the_permission_gets_403(house, name):
    address = BY_NAME[name]
    allowed = house.allowed(address)
    denied = alike({who: user for who, user in house.people.items() if user.is_active and who not in allowed})
    assert "without_roles" in denied
    url = address.url(**arguments(address, house.acme, house.acme.partner_a))
    for who, user in denied.items():
        client = house.client(user)
        for method in ("get", "post"):
            assert getattr(client, method)(url).status_code == 403, f"{who} {method} {url}"


@pytest.mark.parametrize("name", CLOSED)
def test_who_has_the_permission_gets_in(house, name):
    address = BY_NAME[name]
    of_partner = house.acme.partner_a if name in OF_A_PARTNER else None
    allowed = house.allowed(address, of_partner)
    assert allowed
    url = address.url(**arguments(address, house.acme, house.acme.partner_a))
    if name in EVERYWHERE and address.access[0] == "signed in":
        allowed = {"partner_champion_a": house.people["partner_champion_a"]}
    for who, user in alike(allowed).items():
        client = house.client(user)
        got = client.get(url).status_code
        assert got in FINE, f"{who} GET {url}: {got}"
        if got == 405:
            with undone():
                with_nothing = client.post(url).status_code
            assert with_nothing in (*FINE, 400, 403), f"{who} POST {url}: {with_nothing}"


@pytest.mark.parametrize("name", OF_A_PARTNER)
def test_another_partners_object_is_not_found(house, name):
    address, partner = BY_NAME[name], house.acme.partner_b
    refused = {who: user for who, user in house.allowed(address).items() if not house.sees(user, partner)}
    assert refused or address.access[1].value in HELD_BY_THOSE_WHO_SEE_ALL, address
    for kwargs in all_arguments(address, house.acme, partner):
        url = address.url(**kwargs)
        for who, user in refused.items():
            client = house.client(user)
            statuses = set()
            for method in ("get", "post"):
                response = getattr(client, method)(url)
                statuses.add(response.status_code)
                assert response.status_code in (404, 405), f"{who} {method} {url}: {response.status_code}"
                assert b"ACME-B" not in response.body, f"{who} {method} {url}"
            assert 404 in statuses, f"{who} {url}"


PERSONAL = ("common:job", "common:job_cancel", "common:job_again", "common:job_file", "accounts:token_revoke")


@pytest.mark.parametrize("name", PERSONAL)
def test_what_is_a_persons_is_no_other_persons(house, name):
    address = BY_NAME[name]
    url = address.url(**arguments(address, house.acme, house.acme.partner_a))
    for who, user in house.allowed(address).items():
        if who == "partner_champion_a":
            continue
        client = house.client(user)
        assert {client.get(url).status_code, client.post(url).status_code} <= {404, 405}, f"{who} {url}"


@pytest.mark.parametrize("name", CLOSED)
def test_a_session_of_one_vendor_is_nothing_at_another(house, name):
    address = BY_NAME[name]
    user = house.people["partner_champion_a" if address.access[0] == "portal" else "admin"]
    url = address.url(**arguments(address, house.acme, house.acme.partner_a))
    for method in ("get", "post"):
        response = getattr(house.client(user, host="globex.localhost"), method)(url)
        assert response.status_code == 302
        assert response["Location"].startswith("/login/")
        assert isinstance(response.wsgi_request.user, AnonymousUser)


@pytest.mark.parametrize("name", CLOSED)
def test_nothing_is_done_without_the_token_of_a_page(house, name):
    address = BY_NAME[name]
    who = next(iter(house.allowed(address)))
    client = house.client(house.people[who])
    client.handler.enforce_csrf_checks = True
    session = client.cookies["sessionid"].value
    url = address.url(**arguments(address, house.acme, house.acme.partner_a))
    response = client.post(url)
    assert response.status_code == 403
    # Still signed in: it is the token that was missing.
    assert SessionStore(session).get("_auth_user_id") == str(house.people[who].pk)


@pytest.mark.parametrize("name", BY_LINK)
def test_a_link_opens_its_one_page_and_no_other(house, name):
    address, world = BY_NAME[name], house.acme
    kwargs = arguments(address, world, world.partner_a)
    ours = [world.users[role] for role in (Role.CAM, Role.OPERATIONS)]
    champion = world.users_a[Role.PARTNER_CHAMPION]
    user = next(one for one in ours if one.can(address.access[1])) if address.access[0] == "vendor" else champion
    others = arguments(address, world, world.partner_b)

    def link(**changed):
        given = {"user": user, "purpose": address.link, "target_id": kwargs["pk"], "days": 1} | changed
        return links.make(**given)

    def entered(made, host="acme.localhost"):
        client = house.client(host=host)
        return client, client.get(f"/l/{links.token(made)}/").status_code

    client, status = entered(link())
    assert status == 302
    url = address.url(**kwargs)
    assert client.get(url).status_code in FINE
    assert client.get(address.url(**others)).status_code in (404, 405)
    assert client.post(address.url(**others)).status_code == 404
    for other in ("partners:portal_actions", "accounts:profile", "partners:list", "people:team"):
        assert client.get(BY_NAME[other].url())["Location"].startswith("/login/"), other

    wrong_target, _status = entered(link(target_id=others["pk"]))
    assert wrong_target.get(url).status_code == wrong_target.post(url).status_code == 404

    another = {purpose: page for purpose, page in PAGES.items() if purpose != address.link} | {
        "guards": PAGES[address.link]
    }
    PAGES["guards"] = another["guards"]
    try:
        wrong_purpose, status = entered(link(purpose="guards"))
    finally:
        del PAGES["guards"]
    assert status == 302
    assert wrong_purpose.get(url)["Location"].startswith("/login/")

    assert entered(link(), host="globex.localhost")[1] == 404
    for spoiled in ({"expires_at": timezone.now() - dt.timedelta(seconds=1)}, {"closed_at": timezone.now()}):
        made = link()
        client, _status = entered(made)
        SignedLink.objects.filter(pk=made.pk).update(**spoiled)
        assert client.get(url)["Location"].startswith("/login/"), spoiled
        assert entered(made)[1] == 404, spoiled
    client, _status = entered(link())
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert client.get(url)["Location"].startswith("/login/")
