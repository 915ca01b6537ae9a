"""The search: what each person finds, and that they find nothing else."""

import pytest
from django.urls import reverse

from accounts.permissions import Role
from partners.models import Contact, Partner

pytestmark = pytest.mark.django_db


def look(client, text):
    response = client.get(reverse("partners:search"), {"q": text})
    assert response.status_code == 200
    return {str(group.label): [hit.title for hit in group.hits] for group in response.context["groups"]}, response


def test_partners_contacts_users_and_pages(acme, client_for):
    Contact.everything.create(partner=acme.partner_a, name="Ana Northwind")
    client = client_for(acme.users[Role.ADMIN])
    found, _ = look(client, "northwind")
    assert found == {"Partners": ["Northwind ACME-A"], "Contacts": ["Ana Northwind"]}
    assert look(client, "camilla")[0] == {"Users": ["Camilla ACME-B"]}
    assert look(client, "partn")[0]["Pages"] == ["Partners"]


def test_a_cam_finds_their_own_partners_and_no_users(acme, client_for):
    Contact.everything.create(partner=acme.partner_b, name="Fay Secret")
    client = client_for(acme.users[Role.CAM])
    for text in ("fabrikam", "secret", "camilla", "operations@"):
        found, response = look(client, text)
        assert found == {}, text
        assert "Nothing found" in response.content.decode()
    assert look(client, "ACME-B")[0] == {"Partners": ["Northwind ACME-A"]}  # alike, and all there is to see


def test_a_name_misspelled_is_offered(acme, client_for):
    found, response = look(client_for(acme.users[Role.OPERATIONS]), "nortwhind")
    assert found == {"Partners": ["Northwind ACME-A"]}
    assert "Did you mean" in response.content.decode()


@pytest.mark.parametrize("text", ["", "x", "  ", "%%", "__", "\x00\x00ab", "'\"<script>", "ß" * 300, "日本語", "\\"])
def test_odd_input(acme, client_for, text):
    _found, response = look(client_for(acme.users[Role.CAM]), text)
    assert "<script>alert" not in response.content.decode()


def test_more_than_fit_lead_to_the_list(acme, client_for):
    for number in range(12):
        partner = Partner(
            name=f"Tailspin {number}", stage=acme.partner_a.stage, partner_type=acme.partner_a.partner_type
        )
        partner.save()
    _found, response = look(client_for(acme.users[Role.OPERATIONS]), "tailspin")
    (group,) = response.context["groups"]
    assert len(group.hits) == 8
    assert group.more == "/partners/?q=tailspin"


def test_partner_users_have_no_search(acme, client_for):
    client = client_for(acme.users_a[Role.PARTNER_CHAMPION])
    assert client.get(reverse("partners:search"), {"q": "fabrikam"}).status_code == 403
