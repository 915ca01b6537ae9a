"""Inviting people, their roles, shutting them out; by the vendor and by a partner's champion."""

import re

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts import actions, links, tokens
from accounts.models import User
from accounts.permissions import Role
from accounts.start import invite_first_admin
from partners import users
from partners.models import Membership, Partner, Region
from prm.common.models import AuditEntry, OutgoingMail


@pytest.fixture
def admin(acme):
    return acme.users[Role.ADMIN]


@pytest.fixture
def champion(acme):
    return acme.users_a[Role.PARTNER_CHAMPION]


def follow_invitation(client):
    """The page the mailed link leads to."""
    link = re.search(r"http://acme\.localhost(/l/\S+)", OutgoingMail.objects.first().text).group(1)
    return client.get(client.get(link)["Location"])


ACCEPT = {"name": "Nina Novak", "password": "purple monkey dishwasher", "language": "de", "time_zone": "Europe/Prague"}


def test_an_invited_colleague_chooses_a_password_and_is_in(acme, client_for, admin):
    page = client_for(admin).get("/settings/users/invite/")
    assert page.status_code == 200
    form = {"name": "Nina", "email": "Nina@Acme.example", "roles": ["cam", "chief"], "language": "de"}
    assert client_for(admin).post("/settings/users/invite/", form).status_code == 302
    mail = OutgoingMail.objects.get()
    assert mail.to == "nina@acme.example"
    assert admin.display_name in mail.subject
    visitor = client_for()
    page = follow_invitation(visitor)
    assert "nina@acme.example" in page.content.decode()
    done = visitor.post(page.wsgi_request.path, ACCEPT)
    assert done["Location"] == "/"
    nina = User.objects.get(email="nina@acme.example")
    assert nina.roles == {Role.CAM, Role.CHIEF}
    assert (nina.name, nina.language, nina.time_zone) == ("Nina Novak", "de", "Europe/Prague")
    assert visitor.get("/profile/").status_code == 200
    assert authenticate(None, email="nina@acme.example", password=ACCEPT["password"]) == nina
    assert [e.verb for e in AuditEntry.objects.filter(target_id=str(nina.pk))] == ["user.joined", "user.invited"]


def test_an_invitation_works_once(acme, client_for, admin):
    users.invite_to_vendor(by=admin, email="nina@acme.example", name="Nina", roles=[Role.CAM])
    visitor = client_for()
    path = follow_invitation(visitor).wsgi_request.path
    visitor.post(path, ACCEPT)
    again = re.search(r"(/l/\S+)", OutgoingMail.objects.first().text).group(1)
    assert client_for().get(again).status_code == 404


def test_a_poor_password_is_refused_and_what_was_typed_is_kept(acme, client_for, admin):
    users.invite_to_vendor(by=admin, email="nina@acme.example", name="Nina", roles=[Role.CAM])
    visitor = client_for()
    path = follow_invitation(visitor).wsgi_request.path
    response = visitor.post(path, {**ACCEPT, "password": "short"})
    assert response.status_code == 422
    assert "Nina Novak" in response.content.decode()
    assert User.objects.get(email="nina@acme.example").is_invited


def test_the_page_of_an_invitation_is_nothing_without_its_link(acme, client_for, admin):
    nina = users.invite_to_vendor(by=admin, email="nina@acme.example", name="Nina", roles=[Role.CAM])
    other = users.invite_to_vendor(by=admin, email="otto@acme.example", name="Otto", roles=[Role.ADMIN])
    assert client_for().get(f"/welcome/{nina.pk}/").status_code == 404
    visitor = client_for()
    visitor.get(reverse("accounts:open_link", args=[links.token(links.make(user=nina, purpose=actions.INVITATION, target_id=nina.pk, days=7))]))  # fmt: skip
    assert visitor.get(f"/welcome/{nina.pk}/").status_code == 200
    assert visitor.post(f"/welcome/{other.pk}/", ACCEPT).status_code == 404


def test_an_invitation_is_sent_again_and_the_first_link_is_dead(acme, client_for, admin):
    nina = users.invite_to_vendor(by=admin, email="nina@acme.example", name="Nina", roles=[Role.CAM])
    first = re.search(r"(/l/\S+)", OutgoingMail.objects.first().text).group(1)
    assert client_for(admin).post(f"/settings/users/{nina.pk}/resend/").status_code == 302
    assert client_for().get(first).status_code == 404
    assert follow_invitation(client_for()).status_code == 200
    with pytest.raises(ValidationError, match="no open invitation"):
        users.resend(by=admin, user=acme.users[Role.CAM])


def test_an_address_is_invited_once(acme, client_for, admin):
    form = {"name": "Second", "email": "CAM@acme.example", "roles": ["cam"], "language": "en"}
    response = client_for(admin).post("/settings/users/invite/", form)
    assert response.status_code == 422
    assert "here already" in response.content.decode()
    assert 'value="Second"' in response.content.decode()


def test_the_last_admin_can_neither_be_shut_out_nor_lose_the_role(acme, client_for, admin):
    operations = acme.users[Role.OPERATIONS]
    with pytest.raises(ValidationError, match="last vendor admin"):
        actions.deactivate(by=operations, user=admin)
    with pytest.raises(ValidationError, match="last vendor admin"):
        users.change(by=operations, user=admin, roles=[Role.CAM])
    invited = users.invite_to_vendor(by=admin, email="second@acme.example", name="Second", roles=[Role.ADMIN])
    with pytest.raises(ValidationError, match="last vendor admin"):
        actions.deactivate(by=operations, user=admin)  # one who has never accepted can't take over
    actions.accept_invitation(
        user=invited, name="Second", password="purple monkey dishwasher", language="en", time_zone=""
    )
    actions.deactivate(by=operations, user=admin)
    assert not User.objects.get(pk=admin.pk).is_active


def test_nobody_shuts_themselves_out(acme, admin):
    with pytest.raises(ValidationError, match="yourself"):
        actions.deactivate(by=admin, user=admin)


def test_deactivating_ends_links_and_tokens_for_good(acme, client_for, admin):
    cam = acme.users[Role.CAM]
    _token, plain = tokens.create(cam, "sync", ["partners:read"], 30)
    link = links.make(user=cam, purpose="x", target_id=1, days=1)
    client_for(admin).post(f"/settings/users/{cam.pk}/deactivate/")
    assert tokens.authenticate(plain) is None
    client_for(admin).post(f"/settings/users/{cam.pk}/reactivate/")
    assert User.objects.get(pk=cam.pk).is_active
    assert tokens.authenticate(plain) is None
    assert links.by_token(links.token(link)) is None


def test_roles_of_both_sides_dont_go_together(acme, admin):
    with pytest.raises(ValidationError, match="together"):
        actions.invite(by=admin, email="x@acme.example", name="X", roles=[Role.CAM, Role.PARTNER_SELLER])
    with pytest.raises(ValidationError, match="at least one"):
        actions.invite(by=admin, email="x@acme.example", name="X", roles=[])
    with pytest.raises(ValidationError):
        users.change(by=admin, user=acme.users_a[Role.PARTNER_SELLER], roles=[Role.ADMIN])
    assert not User.objects.filter(email="x@acme.example").exists()


def test_new_roles_hold_at_once_and_are_on_record(acme, client_for, admin):
    cam = acme.users[Role.CAM]
    assert client_for(cam).get("/settings/users/").status_code == 403
    response = client_for(admin).post(f"/settings/users/{cam.pk}/", {"roles": ["cam", "operations"]})
    assert response.status_code == 302
    assert client_for(cam).get("/settings/users/").status_code == 200
    entry = AuditEntry.objects.get(verb="user.roles_changed")
    assert (entry.actor, entry.changes) == (admin, {"roles": ["cam", "cam, operations"]})


def test_a_chief_is_limited_to_regions(acme, client_for, admin):
    chief, west = acme.users[Role.CHIEF], Region.objects.get(key="west")
    client_for(admin).post(f"/settings/users/{chief.pk}/", {"roles": ["chief"], "regions": [west.pk]})
    assert list(Partner.objects.visible_to(chief)) == [acme.partner_a]
    client_for(admin).post(f"/settings/users/{chief.pk}/", {"roles": ["chief"]})
    assert Partner.objects.visible_to(chief).count() == 2


def test_a_partners_user_is_invited_for_the_partner(acme, client_for, admin):
    form = {"partner": acme.partner_b.pk, "name": "Pia", "email": "pia@b.example", "roles": ["partner_seller"], "language": "en"}  # fmt: skip
    assert client_for(admin).post("/settings/users/invite-partner/", form).status_code == 302
    pia = User.objects.get(email="pia@b.example")
    assert list(Partner.objects.visible_to(pia)) == [acme.partner_b]
    assert acme.partner_b.name in OutgoingMail.objects.get().text
    visitor = client_for()
    done = visitor.post(follow_invitation(visitor).wsgi_request.path, ACCEPT)
    assert done["Location"] == "/portal/"


def test_the_list_finds_by_side_role_state_and_words(acme, client_for, admin):
    users.invite_to_vendor(by=admin, email="nina@acme.example", name="Nina", roles=[Role.CAM])
    client = client_for(admin)

    def names(query):
        body = client.get(f"/settings/users/?{query}").content.decode()
        return {user.name for user in User.objects.all() if f">{user.name}</a>" in body}

    assert names("state=invited") == {"Nina"}
    assert names("q=fabrikam") == {user.name for user in acme.users_b.values()}
    assert names("role=cam&state=active") == {acme.users[Role.CAM].name, acme.cam_b.name}
    assert names("side=vendor") == {user.name for user in acme.users.values()} | {acme.cam_b.name, "Nina"}


def test_the_list_costs_the_same_for_more_people(acme, client_for, admin, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = client_for(admin)
    client.get("/settings/users/")
    with CaptureQueriesContext(connection) as before:
        client.get("/settings/users/")
    for number in range(3):
        users.invite_to_partner(by=admin, partner=acme.partner_a, email=f"p{number}@a.example", name="P", roles=[Role.PARTNER_SELLER])  # fmt: skip
    with CaptureQueriesContext(connection) as after:
        client.get("/settings/users/")
    assert len(after) == len(before)


# ── A partner's own team ─────────────────────────────────────────────────────────────────────────────────────────────


def test_a_champion_invites_into_the_own_partner_only_partner_roles(acme, client_for, champion):
    form = {"name": "Paul", "email": "paul@a.example", "roles": ["partner_seller"], "language": "en"}
    assert client_for(champion).post("/portal/team/invite/", form).status_code == 302
    paul = User.objects.get(email="paul@a.example")
    assert Membership.objects.visible_to(champion).get(user=paul).partner == acme.partner_a
    for role in ("admin", "cam", "distributor"):
        refused = client_for(champion).post("/portal/team/invite/", {**form, "email": "eve@a.example", "roles": [role]})
        assert refused.status_code == 422
    with pytest.raises(ValidationError):
        users.invite_colleague(by=champion, email="eve@a.example", name="Eve", roles=[Role.ADMIN])
    assert not User.objects.filter(email="eve@a.example").exists()


def test_a_champion_doesnt_learn_whose_an_address_is(acme, client_for, champion):
    answers = set()
    for email in (acme.users_b[Role.PARTNER_SELLER].email, acme.users[Role.CAM].email):
        form = {"name": "X", "email": email, "roles": ["partner_seller"], "language": "en"}
        response = client_for(champion).post("/portal/team/invite/", form)
        assert response.status_code == 422
        answers.add(str(response.context["form"].errors["email"]))
        assert "here already" not in response.content.decode()
    assert len(answers) == 1


def test_a_champion_sees_and_changes_nobody_elses_people(acme, client_for, champion):
    client, other = client_for(champion), acme.users_b[Role.PARTNER_SELLER]
    assert "ACME-B" not in client.get("/portal/team/").content.decode()
    for person in (other, acme.users[Role.CAM]):
        assert client.get(f"/portal/team/{person.pk}/").status_code == 404
        for what in ("deactivate", "reactivate", "resend"):
            assert client.post(f"/portal/team/{person.pk}/{what}/").status_code == 404
    assert client_for(acme.users_a[Role.PARTNER_SELLER]).get("/portal/team/").status_code == 403


def test_a_champion_shuts_out_and_lets_in_a_colleague(acme, client_for, champion):
    client, seller = client_for(champion), acme.users_a[Role.PARTNER_SELLER]
    client.post(f"/portal/team/{seller.pk}/deactivate/")
    assert not User.objects.get(pk=seller.pk).is_active
    client.post(f"/portal/team/{seller.pk}/reactivate/")
    assert User.objects.get(pk=seller.pk).is_active
    client.post(f"/portal/team/{seller.pk}/", {"roles": ["partner_marketer"]})
    assert User.objects.get(pk=seller.pk).roles == {Role.PARTNER_MARKETER}


def test_the_first_admin_of_a_vendor_is_invited_once(acme):
    for _again in range(2):
        invite_first_admin(sender=None, vendor=acme.vendor, admin_email="First@new.example", signal=None)
    first = User.objects.get(email="first@new.example")
    assert first.roles == {Role.ADMIN}
    assert first.is_invited
    assert [mail.to for mail in OutgoingMail.objects.all()] == ["first@new.example"]
