"""The figures of a roll-up may be a minute old: for the same reader and the same filter, never for others."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import schema_context

from accounts.permissions import Role
from partners.models import Partner
from scorecards.rollups.sql import MOST_KEPT, Sql, read

COUNT = "SELECT count(*) FROM partners_partner WHERE cam_id = %s"


@pytest.fixture(autouse=True)
def kept(settings):
    settings.FIGURES_KEPT = 60


def of(user) -> Sql:
    return Sql(COUNT, (user.pk,))


def test_the_same_figures_are_read_once(acme):
    assert read(of(acme.users[Role.CAM])) == [(1,)]
    Partner.everything.filter(pk=acme.partner_a.pk).update(cam=acme.cam_b)
    with CaptureQueriesContext(connection) as asked:
        assert read(of(acme.users[Role.CAM])) == [(1,)]
    assert not asked.captured_queries
    assert read(of(acme.cam_b)) == [(2,)]  # another reader's are not those


def test_another_vendors_figures_are_its_own(acme, globex):
    everyone = Sql("SELECT count(*), min(name) FROM partners_partner")
    with schema_context("acme"):
        ours = read(everyone)
    with schema_context("globex"):
        assert read(everyone) != ours


def test_a_long_list_is_not_kept(acme):
    many = Sql("SELECT random() FROM generate_series(1, %s)", (MOST_KEPT + 1,))
    assert read(many) != read(many)


def test_nothing_is_kept_where_it_is_switched_off(acme, settings):
    settings.FIGURES_KEPT = 0
    one = Sql("SELECT random()")
    assert read(one) != read(one)
