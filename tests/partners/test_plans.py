"""What PostgreSQL does for the list with many partners: it must not read them all where an index leads to the page."""

import pytest
from django.db import connection
from django.http import QueryDict

from accounts.permissions import Role
from partners.models import Partner
from partners.tables import partner_listing
from prm.common.names import normalised

pytestmark = pytest.mark.django_db
MANY = 3_000


@pytest.fixture
def many(acme):
    one = acme.partner_a
    names = [f"Partner {number * 7919 % MANY:05} of many" for number in range(MANY)]
    Partner.everything.bulk_create(
        Partner(
            name=name, name_key=normalised(name), partner_type=one.partner_type, stage=one.stage, region=one.region, cam=one.cam
        )
        for name in names
    )  # fmt: skip
    with connection.cursor() as cursor:
        # Rolled-back tests leave the tables bloated; reading at random costs as on an SSD all the same.
        cursor.execute("SET LOCAL random_page_cost = 1.1")
        cursor.execute("ANALYZE partners_partner")
    return acme.users[Role.OPERATIONS]


@pytest.mark.parametrize("sort", ["", "sort=-name"])
def test_a_page_by_name_follows_the_index(many, sort):
    listing = partner_listing(many, QueryDict(sort))
    found = listing._rows(listing.shown)[:50].explain()
    assert "partner_by_name" in found
    assert "Seq Scan on partners_partner" not in found


def test_the_list_of_a_cam_with_a_few_partners_does_not_read_all(many, acme):
    Partner.everything.filter(pk=acme.partner_b.pk).update(cam=acme.cam_b)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE partners_partner")
    rows = Partner.objects.visible_to(acme.cam_b)
    assert "Seq Scan" not in rows.order_by().explain()
