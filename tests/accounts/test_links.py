"""Signed links: no password, one person, one purpose, one object, one vendor, and an end."""

import datetime as dt

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts import actions, links
from accounts.access import portal
from accounts.models import SignedLink
from accounts.permissions import Permission, Role
from accounts.views.links import PAGES
from prm.common.models import OutgoingMail

PURPOSE = "tests.page"


@portal(Permission.ANSWER_SCORECARDS, link=PURPOSE)
def page(request, pk):
    return HttpResponse(f"{request.user.email} {pk}")


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    monkeypatch.setitem(PAGES, PURPOSE, "accounts:accept_invitation")  # any address with one argument


@pytest.fixture
def seller(acme):
    return acme.users_a[Role.PARTNER_SELLER]


def make(user, target=7, days=7, purpose=PURPOSE) -> SignedLink:
    return links.make(user=user, purpose=purpose, target_id=target, days=days)


def open_link(client, token):
    return client.get(reverse("accounts:open_link", args=[token]))


def visit(client, pk):
    """Calls `page` with the client's session."""
    from django.contrib.auth.models import AnonymousUser

    request = RequestFactory().get("/")
    request.session, request.user = client.session, AnonymousUser()
    return page(request, pk=pk)


def is_dead(response) -> bool:
    return response.status_code == 404 and "link" in response.content.decode()


def test_it_opens_its_page_without_a_password(acme, client_for, seller):
    client = client_for()
    response = open_link(client, links.token(make(seller)))
    assert response.status_code == 302
    assert response["Location"].endswith("/7/")
    assert visit(client, 7).content.decode() == f"{seller.email} 7"
    assert client.get("/profile/").status_code == 302, "it signs in to nothing else"


def test_it_opens_one_object_and_one_purpose(acme, client_for, seller):
    from django.http import Http404

    client = client_for()
    open_link(client, links.token(make(seller)))
    with pytest.raises(Http404):
        visit(client, 8)
    other = client_for()
    open_link(other, links.token(make(seller, purpose=actions.INVITATION)))
    assert visit(other, 7).status_code == 302, "to sign in: the purpose is another"


def test_one_comes_back_to_the_sign_in_page_without_a_link(acme, client_for):
    response = visit(client_for(), 7)
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


@pytest.mark.parametrize("spoil", ["expired", "closed", "deactivated", "forged", "cut", "nonsense"])
def test_a_link_that_has_ended_shows_one_page_and_reveals_nothing(acme, client_for, seller, spoil):
    link = make(seller)
    token = links.token(link)
    if spoil == "expired":
        SignedLink.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    elif spoil == "closed":
        links.close(purpose=PURPOSE, target_id=7)
    elif spoil == "deactivated":
        seller.is_active = False
        seller.save()
    else:
        token = {"forged": f"{link.pk.hex}:{'x' * 43}", "cut": token[:-3], "nonsense": "x"}[spoil]
    response = open_link(client_for(), token)
    body = response.content.decode()
    assert is_dead(response)
    assert seller.email not in body
    assert "ACME-A" not in body


def test_a_link_that_ends_while_it_is_used_is_dead_from_then_on(acme, client_for, seller):
    client = client_for()
    open_link(client, links.token(make(seller)))
    links.close(purpose=PURPOSE, target_id=7)
    assert visit(client, 7).status_code == 302


def test_acmes_token_is_nothing_at_globex_even_for_the_same_row(acme, globex, client_for, seller):
    link = make(seller)
    token = links.token(link)
    with globex:
        SignedLink.objects.create(
            pk=link.pk,
            user=globex.users_a[Role.PARTNER_SELLER],
            purpose=PURPOSE,
            target_id="7",
            expires_at=link.expires_at,
        )
        assert links.by_token(token) is None
    assert is_dead(open_link(client_for(None, host="globex.localhost"), token))
    with acme:
        assert links.by_token(token) == link


def renew(client, token):
    return client.post(reverse("accounts:renew_link", args=[token]))


def test_an_expired_link_is_replaced_by_mail_to_its_person(acme, client_for, seller):
    link = make(seller, days=3)
    token = links.token(link)
    now = timezone.now()
    SignedLink.objects.update(created_at=now - dt.timedelta(days=4), expires_at=now - dt.timedelta(days=1))
    assert renew(client_for(), token).status_code == 202
    assert renew(client_for(), token).status_code == 202
    mail = OutgoingMail.objects.get()
    assert mail.to == seller.email
    fresh = SignedLink.objects.exclude(pk=link.pk).get()
    assert links.url(fresh) in mail.text
    assert (fresh.purpose, fresh.target_id) == (PURPOSE, "7")
    assert fresh.expires_at > now + dt.timedelta(days=2)


@pytest.mark.parametrize("spoil", ["open", "closed", "deactivated", "forged"])
def test_no_other_link_is_replaced_and_the_answer_is_the_same(acme, client_for, seller, spoil):
    link = make(seller)
    token = links.token(link)
    past = timezone.now() - dt.timedelta(days=1)
    if spoil != "open":
        SignedLink.objects.update(created_at=past - dt.timedelta(days=7), expires_at=past)
    if spoil == "closed":
        links.close(purpose=PURPOSE, target_id=7)
    elif spoil == "deactivated":
        seller.is_active = False
        seller.save()
    elif spoil == "forged":
        token = f"{link.pk.hex}:{'x' * 43}"
    assert renew(client_for(), token).status_code == 202
    assert not OutgoingMail.objects.exists()


def test_opening_gives_the_session_a_new_key(acme, client_for, seller):
    client = client_for()
    session = client.session
    session["x"] = 1
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    open_link(client, links.token(make(seller)))
    assert client.session.session_key != before
