import datetime as dt

import pytest
from django.utils import timezone

from accounts import tokens
from accounts.models import ApiToken, User
from accounts.permissions import Role

PROFILE = {"name": "Camille", "phone": "+49 1", "language": "de", "time_zone": "Asia/Tokyo", "theme": "dark"}


@pytest.fixture
def cam(acme):
    return acme.users[Role.CAM]


def test_a_profile_is_saved_and_used_at_once(acme, client_for, cam):
    client = client_for(cam)
    response = client.post("/profile/", PROFILE)
    assert response.status_code == 302
    assert response.cookies["theme"].value == "dark"
    cam = User.objects.get(pk=cam.pk)
    assert (cam.name, cam.phone, cam.language, cam.time_zone) == ("Camille", "+49 1", "de", "Asia/Tokyo")
    page = client.get("/profile/")
    assert page["Content-Language"] == "de"
    assert 'data-theme="dark"' in page.content.decode()


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("language", "xx"), ("time_zone", "Mars/Olympus")])
def test_nonsense_is_refused_and_what_was_typed_kept(acme, client_for, cam, field, value):
    response = client_for(cam).post("/profile/", {**PROFILE, field: value})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}
    assert 'value="+49 1"' in response.content.decode()
    assert cam.display_name in response.content.decode(), "the frame shows who one still is"


def test_an_empty_time_zone_is_the_vendors(acme, client_for, cam):
    assert client_for(cam).post("/profile/", {**PROFILE, "time_zone": ""}).status_code == 302
    assert "UTC" in client_for(User.objects.get(pk=cam.pk)).get("/profile/").content.decode()


def test_a_token_is_shown_once_and_works(acme, client_for, cam):
    client = client_for(cam)
    made = client.post("/profile/tokens/", {"name": "CRM sync", "scopes": ["partners:read"], "days": "30"})
    plain = made.context["plain"]
    assert made.content.decode().count(plain) == 1
    assert plain not in client.get("/profile/tokens/").content.decode()
    token = tokens.authenticate(plain)
    assert (token.user, token.scopes) == (cam, ["partners:read"])
    assert not ApiToken.objects.filter(digest__contains=plain[:12]).exists(), "only a hash is kept"
    assert tokens.authenticate(plain + "x") is None


def test_a_token_ends_when_revoked_expired_or_its_user_goes(acme, client_for, cam):
    def fresh():
        return tokens.create(cam, "x", ["partners:read"], 30)

    token, plain = fresh()
    assert client_for(cam).post(f"/profile/tokens/{token.pk}/revoke/").status_code == 302
    assert tokens.authenticate(plain) is None
    token, plain = fresh()
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert tokens.authenticate(plain) is None
    token, plain = fresh()
    User.objects.filter(pk=cam.pk).update(is_active=False)
    assert tokens.authenticate(plain) is None


def test_nobody_revokes_anothers_token(acme, client_for, cam):
    token, plain = tokens.create(cam, "x", ["partners:read"], 30)
    assert client_for(acme.users[Role.ADMIN]).post(f"/profile/tokens/{token.pk}/revoke/").status_code == 404
    assert tokens.authenticate(plain) == token


def test_a_token_is_of_one_vendor(acme, globex, cam):
    _token, plain = tokens.create(cam, "x", ["partners:read"], 30)
    with globex:
        assert tokens.authenticate(plain) is None


def test_an_unknown_scope_is_refused(acme, client_for, cam):
    response = client_for(cam).post("/profile/tokens/", {"name": "x", "scopes": ["everything"], "days": "30"})
    assert response.status_code == 422
    with pytest.raises(ValueError):
        tokens.create(cam, "x", ["everything"], 30)
