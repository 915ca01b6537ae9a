"""The pages of partners, through the client: who gets what, and what they say."""

import pytest
from django.urls import reverse

from accounts.permissions import Role

pytestmark = pytest.mark.django_db


def test_the_list_shows_a_cam_their_own_partners_only(acme, client_for):
    page = client_for(acme.users[Role.CAM]).get(reverse("partners:list")).content.decode()
    assert "Northwind ACME-A" in page
    assert "ACME-B" not in page
    assert "GLOBEX" not in page


@pytest.mark.parametrize("name", ["hub", "edit", "stage", "history", "people", "contact_add", "actions", "action_add"])
def test_each_page_of_a_partner_opens_and_anothers_is_not_there(acme, client_for, name):
    client = client_for(acme.users[Role.CAM])
    response = client.get(reverse(f"partners:{name}", args=[acme.partner_a.pk]))
    assert response.status_code == 200
    assert "Northwind ACME-A" in response.content.decode()
    assert client.get(reverse(f"partners:{name}", args=[acme.partner_b.pk])).status_code == 404


@pytest.mark.parametrize("name", ["list", "create", "action_list", "search"])
def test_pages_over_all_partners_open(acme, client_for, name):
    assert client_for(acme.users[Role.CAM]).get(reverse(f"partners:{name}")).status_code == 200
