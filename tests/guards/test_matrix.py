"""Every address × every role × another partner's object × another vendor. Made from the URLconf: nothing can be forgotten."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.permissions import Role
from tests.guards.addresses import OPEN, Address, addresses
from tests.guards.objects import EVERYWHERE, arguments

ALL = addresses()
BY_NAME = {address.name: address for address in ALL}
GUARDED = [address for address in ALL if address.access[0] in ("vendor", "portal")]
WITH_OBJECT = [address for address in GUARDED if address.parameters and address.name not in EVERYWHERE]


def everyone(world) -> dict[str, object]:
    people = {f"{role}": user for role, user in world.users.items()}
    people["cam_b"] = world.cam_b
    people |= {f"{role}_a": user for role, user in world.users_a.items()}
    people |= {f"{role}_b": user for role, user in world.users_b.items()}
    return people


def test_every_view_says_who_may_open_it():
    assert [a.name for a in ALL if a.access[0] is None] == []


def test_open_pages_are_the_listed_ones():
    assert {a.name for a in ALL if a.access[0] == "open"} == OPEN


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_nobody_gets_in_without_signing_in(acme, client_for, name):
    address = BY_NAME[name]
    if address.access[0] == "open":
        return
    url = address.url(**arguments(address, acme, acme.partner_a))
    for method in ("get", "post"):
        response = getattr(client_for(), method)(url)
        if address.link:
            assert response.status_code in (302, 404), f"{method} {url}"
        else:
            assert response.status_code == 302, f"{method} {url}"
            assert response["Location"].startswith("/login/")


@pytest.mark.parametrize("name", [a.name for a in GUARDED])
def test_roles_without_the_permission_get_403(acme, client_for, name):
    address = BY_NAME[name]
    side, permission = address.access
    url = address.url(**arguments(address, acme, acme.partner_a))
    denied = 0
    for who, user in everyone(acme).items():
        if user.is_partner_side == (side == "portal") and user.can(permission):
            continue
        denied += 1
        client = client_for(user)
        assert client.get(url).status_code == 403, f"{who} GET {url}"
        assert client.post(url).status_code == 403, f"{who} POST {url}"
    assert denied


@pytest.mark.parametrize("name", [a.name for a in GUARDED])
def test_roles_with_the_permission_get_in(acme, client_for, name):
    address = BY_NAME[name]
    side, permission = address.access
    url = address.url(**arguments(address, acme, acme.partner_a))
    allowed = [
        (who, user)
        for who, user in everyone(acme).items()
        if user.is_partner_side == (side == "portal") and user.can(permission) and sees(user, acme.partner_a)
    ]
    assert allowed
    for who, user in allowed:
        assert client_for(user).get(url).status_code in (200, 302, 405, 409, 422), f"{who} GET {url}"


@pytest.mark.parametrize("name", [a.name for a in WITH_OBJECT])
def test_another_partners_object_is_not_found(acme, client_for, name):
    address = BY_NAME[name]
    side, permission = address.access
    url = address.url(**arguments(address, acme, acme.partner_b))
    tried = 0
    for who, user in everyone(acme).items():
        if user.is_partner_side != (side == "portal") or not user.can(permission) or sees(user, acme.partner_b):
            continue
        tried += 1
        client = client_for(user)
        got, posted = client.get(url).status_code, client.post(url).status_code
        assert got in (404, 405), f"{who} GET {url}: {got}"
        assert posted in (404, 405), f"{who} POST {url}: {posted}"
        assert 404 in (got, posted), f"{who} {url}"
    assert tried or permission.value in ONLY_THOSE_WHO_SEE_ALL, address


# Permissions whose holders all see every partner, so that there is nobody to refuse.
ONLY_THOSE_WHO_SEE_ALL = {
    "assign_partners",
    "import_data",
    "edit_questionnaires",
    "manage_users",
    "edit_settings",
    "see_audit",
}


@pytest.mark.parametrize("name", [a.name for a in ALL if a.access[0] != "open"])
def test_a_session_of_one_vendor_is_nothing_at_another(acme, client_for, name):
    address = BY_NAME[name]
    user = (acme.users_a if address.access[0] == "portal" else acme.users)[
        Role.PARTNER_CHAMPION if address.access[0] == "portal" else Role.ADMIN
    ]
    client = client_for(user)
    response = client.get(address.url(**arguments(address, acme, acme.partner_a)), headers={"host": "globex.localhost"})
    assert response.status_code in (302, 404)
    assert isinstance(response.wsgi_request.user, AnonymousUser)


def sees(user, partner) -> bool:
    from partners.models import Partner

    return Partner.objects.visible_to(user).filter(pk=partner.pk).exists()


def test_addresses_are_reversible():
    assert all(isinstance(address, Address) for address in ALL)
    assert len({address.name for address in ALL}) == len(ALL)
