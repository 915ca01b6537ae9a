"""Tables of partners can't be read without saying for whom."""

import pytest
from django.db.models import Count

from accounts.models import User
from accounts.permissions import Role
from partners.models import Contact, Partner, Region, RegionLimit
from prm.common.scoping import Unscoped


def visible(user) -> set[str]:
    return {partner.name.rpartition("-")[2] for partner in Partner.objects.visible_to(user)}


READS = {
    "list": list,
    "count": lambda rows: rows.count(),
    "exists": lambda rows: rows.exists(),
    "first": lambda rows: rows.first(),
    "get": lambda rows: rows.get(pk=1),
    "iterator": lambda rows: list(rows.iterator()),
    "aggregate": lambda rows: rows.aggregate(n=Count("pk")),
    "values": lambda rows: list(rows.values_list("name")),
    "update": lambda rows: rows.update(city="x"),
    "delete": lambda rows: rows.delete(),
    "in_bulk": lambda rows: rows.in_bulk([1]),
    "slice": lambda rows: list(rows.filter(name="x").order_by("name")[:3]),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS.keys())
def test_no_read_without_a_scope(acme, read):
    with pytest.raises(Unscoped, match="visible_to"):
        read(Partner.objects.all())


def test_a_scope_goes_on_through_whatever_is_added(acme):
    scoped = Partner.objects.visible_to(acme.users[Role.CAM])
    assert scoped.filter(city="").exclude(name="x").order_by("-name").values_list("pk", flat=True).count() == 1
    assert Partner.objects.unscoped("a roll-up").count() == 2


def test_what_belongs_to_an_object_in_hand_needs_none(acme):
    Contact.objects.create(partner=acme.partner_a, name="Ana")
    assert [contact.name for contact in acme.partner_a.contacts.all()] == ["Ana"]
    assert [partner.name for partner in Partner.objects.visible_to(acme.users[Role.CAM]).prefetch_related("contacts")]


def test_each_role_sees_what_it_should(acme):
    assert visible(acme.users[Role.CAM]) == {"A"}
    assert visible(acme.cam_b) == {"B"}
    for role in (Role.ADMIN, Role.OPERATIONS, Role.CHIEF, Role.MARKETING):
        assert visible(acme.users[role]) == {"A", "B"}
    for user in acme.users_a.values():
        assert visible(user) == {"A"}


def test_a_cover_sees_while_covering(acme):
    acme.partner_b.cover = acme.users[Role.CAM]
    acme.partner_b.save()
    assert visible(acme.users[Role.CAM]) == {"A", "B"}


def test_a_chief_of_regions_sees_them_and_as_cam_also_the_own(acme):
    chief = acme.users[Role.CHIEF]
    RegionLimit.objects.create(user=chief, region=Region.objects.get(key="east"))
    assert visible(chief) == {"B"}
    chief.set_roles([Role.CHIEF, Role.CAM])
    acme.partner_a.cam = chief
    acme.partner_a.save()
    assert visible(chief) == {"A", "B"}


def test_who_has_no_role_or_is_shut_out_sees_nothing(acme):
    assert visible(User.objects.create_user("x@acme.example", "x", name="X")) == set()
    admin = acme.users[Role.ADMIN]
    admin.is_active = False
    assert visible(admin) == set()
