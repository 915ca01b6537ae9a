"""What every test stands on: a copy of the template database, two vendors with two partners each, one user per role."""

import os
from dataclasses import dataclass, field

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from accounts.models import User
from accounts.permissions import Role
from partners.models import LifeStage, Membership, Partner, PartnerType, Region, Tier
from prm.tenancy.models import Vendor
from tests import database

pytest_plugins = ["tests.skips"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker):
    """Replaces pytest-django's own: no test database is made from scratch, none is kept by name."""
    from django.conf import settings

    name = f"test_{os.getpid()}"
    with django_db_blocker.unblock():
        database.copy(name)
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
        yield
        connection.close()
        database.drop(name)


@dataclass
class World:
    """One vendor with people and two partners, each with data that could leak."""

    vendor: Vendor
    users: dict[Role, User] = field(default_factory=dict)
    partner_a: Partner = None  # type: ignore[assignment]
    partner_b: Partner = None  # type: ignore[assignment]
    users_a: dict[Role, User] = field(default_factory=dict)
    users_b: dict[Role, User] = field(default_factory=dict)
    cam_b: User = None  # type: ignore[assignment]

    def __enter__(self) -> "World":
        connection.set_tenant(self.vendor)
        return self

    def __exit__(self, *error: object) -> None:
        connection.set_schema_to_public()

    @property
    def host(self) -> str:
        return f"{self.vendor.schema_name}.localhost"


VENDOR_ROLES = [
    role for role in Role if not role.is_partner_side and role is not Role.DISTRIBUTOR
]
PARTNER_ROLES = [role for role in Role if role.is_partner_side]


def make_world(schema: str) -> World:
    """Fills a vendor; its names carry the marks `<SCHEMA>-A` and `<SCHEMA>-B`, so that a leak can be seen."""
    world = World(Vendor.objects.get(schema_name=schema))
    connection.set_tenant(world.vendor)
    mark = schema.upper()
    for role in VENDOR_ROLES:
        world.users[role] = User.objects.create_user(
            f"{role}@{schema}.example",
            "correct horse battery",
            name=f"{role.title()} {mark}",
            roles=(role,),
        )
    world.cam_b = User.objects.create_user(
        f"cam_b@{schema}.example",
        "correct horse battery",
        name=f"Camilla {mark}-B",
        roles=(Role.CAM,),
    )
    west, east = (
        Region.objects.create(key=key, name=name, order=n)
        for n, (key, name) in enumerate([("west", "West"), ("east", "East")], 1)
    )
    reseller, gold = (
        PartnerType.objects.get(key="reseller"),
        Tier.objects.get(key="gold"),
    )
    stage = LifeStage.objects.get(key="accelerate")
    common = {"partner_type": reseller, "tier": gold, "stage": stage}
    world.partner_a = Partner.objects.create(
        name=f"Northwind {mark}-A", external_id=f"{mark}-A-1", domain=f"northwind-{schema}.example",
        region=west, cam=world.users[Role.CAM], internal_note=f"note {mark}-A", **common,
    )  # fmt: skip
    world.partner_b = Partner.objects.create(
        name=f"Fabrikam {mark}-B", external_id=f"{mark}-B-1", domain=f"fabrikam-{schema}.example",
        region=east, cam=world.cam_b, internal_note=f"note {mark}-B", **common,
    )  # fmt: skip
    for partner, users, letter in (
        (world.partner_a, world.users_a, "a"),
        (world.partner_b, world.users_b, "b"),
    ):
        for role in PARTNER_ROLES:
            user = User.objects.create_user(
                f"{role}_{letter}@{schema}.example", "correct horse battery",
                name=f"{role.title()} {mark}-{letter.upper()}", roles=(role,),
            )  # fmt: skip
            Membership.objects.create(user=user, partner=partner)
            users[role] = user
    return world


@pytest.fixture
def globex(db) -> World:
    """The other vendor, filled as acme is; the connection is left in public."""
    world = make_world("globex")
    connection.set_schema_to_public()
    return world


@pytest.fixture
def acme(db, globex) -> World:
    """The vendor under test; the connection is in its schema. globex stands beside it, filled too."""
    world = make_world("acme")
    yield world
    connection.set_schema_to_public()


@pytest.fixture
def client_for(acme):
    """client_for(user, host="acme.localhost") → a client signed in as the user; None for nobody."""

    def make(user: User | None = None, host: str = "acme.localhost") -> Client:
        client = Client(headers={"host": host})
        if user is not None:
            client.force_login(user)
        return client

    return make


@pytest.fixture(autouse=True)
def _clean_cache():
    yield
    cache.clear()
