"""Signing in and out, passwords, and what keeps guessers out; also with Redis away."""

import re

import pytest
from django.core.cache import cache
from django.urls import reverse

from accounts.permissions import Role
from prm.common.models import OutgoingMail
from prm.tenancy import provisioning
from prm.tenancy.middleware import _known

PASSWORD = "correct horse battery"


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post("/login/", {"login": email, "password": password, **extra})


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


@pytest.fixture
def redis_away(settings):
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": "redis://127.0.0.1:1/0"}}
    yield
    cache.local.clear()


def test_each_side_comes_to_its_own_home(acme, client_for):
    client = client_for()
    assert sign_in(client, "CAM@acme.example")["Location"] == "/"
    client = client_for()
    assert sign_in(client, "partner_seller_a@acme.example")["Location"] == "/portal/"


def test_the_page_one_wanted_is_where_one_comes_to_but_never_another_site(acme, client_for):
    assert sign_in(client_for(), "admin@acme.example", next="/settings/audit/")["Location"] == "/settings/audit/"
    assert sign_in(client_for(), "admin@acme.example", next="https://evil.example/")["Location"] == "/"


def test_a_wrong_password_is_refused_in_words(acme, client_for):
    client = client_for()
    response = sign_in(client, "cam@acme.example", "wrong")
    assert response.status_code == 422
    assert not signed_in(client)
    assert 'value="cam@acme.example"' in response.content.decode()


def test_the_same_words_for_an_address_nobody_has(acme, client_for):
    def errors(response):
        return [str(e) for e in response.context["form"].non_field_errors()]

    known = sign_in(client_for(), "cam@acme.example", "wrong")
    unknown = sign_in(client_for(), "nobody@acme.example", "wrong")
    assert errors(known) == errors(unknown) != []


def test_a_deactivated_user_is_told_so_and_stays_out(acme, client_for):
    user = acme.users[Role.CAM]
    user.is_active = False
    user.save()
    client = client_for()
    response = sign_in(client, user.email)
    assert response["Location"] == reverse("account_inactive")
    assert not signed_in(client)
    assert client.get(response["Location"]).status_code == 200


def test_who_is_deactivated_while_signed_in_is_out_at_once(acme, client_for):
    user = acme.users[Role.CAM]
    client = client_for(user)
    assert client.get("/profile/").status_code == 200
    user.is_active = False
    user.save()
    assert client.get("/profile/").status_code == 302


def test_after_five_wrong_passwords_the_right_one_has_to_wait(acme, client_for):
    client = client_for()
    for _attempt in range(5):
        sign_in(client, "cam@acme.example", "wrong")
    assert sign_in(client, "cam@acme.example").status_code == 422
    assert not signed_in(client)
    assert sign_in(client, "admin@acme.example").status_code == 302, "others are not held up"


def test_the_limit_holds_with_redis_away(acme, client_for, redis_away):
    client = client_for()
    assert sign_in(client, "admin@acme.example").status_code == 302, "signing in works without Redis"
    client = client_for()
    for _attempt in range(5):
        sign_in(client, "cam@acme.example", "wrong")
    assert sign_in(client, "cam@acme.example").status_code == 422
    assert not signed_in(client)


def test_signing_out_ends_the_session(acme, client_for):
    client = client_for(acme.users[Role.CAM])
    client.post("/logout/")
    assert not signed_in(client)
    assert client.get("/profile/").status_code == 302


def reset_link(client, email) -> str:
    assert client.post("/password/reset/", {"email": email}).status_code == 302
    return re.search(r"http://\S+", OutgoingMail.objects.get().text).group()


def test_a_forgotten_password_is_replaced_by_mail(acme, client_for):
    client = client_for()
    link = reset_link(client, "cam@acme.example")
    assert link.startswith("http://acme.localhost/password/reset/key/")
    assert OutgoingMail.objects.get().to == "cam@acme.example"
    form = client.get(client.get(link)["Location"])
    done = client.post(
        form.wsgi_request.path, {"password1": "purple monkey dishwasher", "password2": "purple monkey dishwasher"}
    )
    assert done.status_code == 302
    assert sign_in(client_for(), "cam@acme.example").status_code == 422
    assert sign_in(client_for(), "cam@acme.example", "purple monkey dishwasher").status_code == 302
    told = OutgoingMail.objects.first()
    assert "changed" in told.subject
    assert told.to == "cam@acme.example"
    assert client_for().get(link).status_code == 200, "the link is used up: no redirect to the form"


def test_a_used_or_foreign_reset_link_opens_nothing(acme, globex, client_for):
    client = client_for()
    link = reset_link(client, "cam@acme.example")
    path = link.partition("acme.localhost")[2]
    elsewhere = client_for(None, host="globex.localhost").get(path)
    assert elsewhere.status_code == 200, "no redirect to the form"
    assert "password1" not in elsewhere.content.decode()


def test_nobody_gets_mail_because_a_stranger_typed_their_address(acme, client_for):
    response = client_for().post("/password/reset/", {"email": "stranger@elsewhere.example"})
    assert response.status_code == 302, "the answer is that for a known address"
    assert not OutgoingMail.objects.exists()


def test_a_deactivated_user_gets_no_reset_link(acme, client_for):
    user = acme.users[Role.CAM]
    user.is_active = False
    user.save()
    client_for().post("/password/reset/", {"email": user.email})
    assert not OutgoingMail.objects.exists()


def test_a_new_password_needs_the_old_one_and_is_announced(acme, client_for):
    user = acme.users[Role.CAM]
    client = client_for(user)
    new = {"password1": "purple monkey dishwasher", "password2": "purple monkey dishwasher"}
    assert client.post("/password/change/", {"oldpassword": "wrong", **new}).status_code == 422
    assert client.post("/password/change/", {"oldpassword": PASSWORD, **new})["Location"] == "/profile/"
    assert client.get("/profile/").status_code == 200, "one stays signed in"
    assert [mail.to for mail in OutgoingMail.objects.all()] == [user.email]


def test_a_session_is_of_one_vendor(acme, globex, client_for):
    client = client_for(acme.users[Role.ADMIN])
    assert client.get("/profile/").status_code == 200
    assert client.get("/profile/", headers={"host": "globex.localhost"}).status_code == 302


def test_a_suspended_vendors_people_see_that_it_is_and_come_back_after(
    acme, client_for, django_capture_on_commit_callbacks
):
    client = client_for(acme.users[Role.ADMIN])
    with django_capture_on_commit_callbacks(execute=True):
        provisioning.suspend(acme.vendor, why="unpaid")
    response = client.get("/profile/")
    assert response.status_code == 503
    assert "unpaid" not in response.content.decode(), "the reason is for the operators"
    assert "content-security-policy" in response.headers
    with django_capture_on_commit_callbacks(execute=True):
        provisioning.resume(acme.vendor)
    assert client.get("/profile/").status_code == 200
    _known.clear()


def test_a_fragment_asked_for_after_the_session_sends_the_page_to_sign_in(acme, client_for):
    headers = {"hx-request": "true", "hx-current-url": "http://acme.localhost/jobs/?page=2"}
    response = client_for().get("/jobs/", headers=headers)
    assert response.status_code == 204
    assert response["HX-Redirect"] == "/login/?next=%2Fjobs%2F%3Fpage%3D2"
