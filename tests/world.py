"""A vendor's site as tests see it: people of every role and two partners, each with data that could leak."""

from dataclasses import dataclass, field

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from accounts.models import User
from accounts.permissions import Role
from partners.models import LifeStage, Membership, Partner, PartnerType, Region, Tier
from prm.tenancy.models import Vendor

VENDOR_ROLES = [role for role in Role if not role.is_partner_side and role is not Role.DISTRIBUTOR]
PARTNER_ROLES = [role for role in Role if role.is_partner_side]
PASSWORD = "correct horse battery"


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
    def mark(self) -> str:
        return self.vendor.schema_name.upper()

    @property
    def host(self) -> str:
        return f"{self.vendor.schema_name}.localhost"


def make_world(schema: str) -> World:
    """Fills a vendor; its names carry the marks `<SCHEMA>-A` and `<SCHEMA>-B`. The connection is left in its schema."""
    world = World(Vendor.objects.get(schema_name=schema))
    connection.set_tenant(world.vendor)
    for role in VENDOR_ROLES:
        world.users[role] = make_user(world, f"{role}", role)
    world.cam_b = make_user(world, "cam_b", Role.CAM, name=f"Camilla {world.mark}-B")
    west, east = (
        Region.objects.create(key=key, name=name, order=n)
        for n, (key, name) in enumerate([("west", "West"), ("east", "East")], 1)
    )
    world.partner_a = make_partner(world, "A", name="Northwind", region=west, cam=world.users[Role.CAM])
    world.partner_b = make_partner(world, "B", name="Fabrikam", region=east, cam=world.cam_b)
    world.users_a = make_team(world, world.partner_a, "A")
    world.users_b = make_team(world, world.partner_b, "B")
    return world


def make_user(world: World, login: str, *roles: Role, name: str = "", partner: Partner | None = None) -> User:
    user = User.objects.create_user(
        f"{login}@{world.vendor.schema_name}.example",
        PASSWORD,
        name=name or f"{login.title()} {world.mark}",
        roles=roles,
    )
    if partner is not None:
        Membership.objects.create(user=user, partner=partner)
    return user


def make_partner(world: World, letter: str, *, name: str, **fields: object) -> Partner:
    return Partner.objects.create(
        name=f"{name} {world.mark}-{letter}",
        external_id=f"{world.mark}-{letter}-1",
        domain=f"{name.lower()}-{world.vendor.schema_name}.example",
        internal_note=f"note {world.mark}-{letter}",
        partner_type=PartnerType.objects.get(key="reseller"),
        tier=Tier.objects.get(key="gold"),
        stage=LifeStage.objects.get(key="accelerate"),
        **fields,
    )


def make_team(world: World, partner: Partner, letter: str) -> dict[Role, User]:
    """One user per role of the partner's side."""
    return {
        role: make_user(
            world, f"{role}_{letter.lower()}", role, name=f"{role.title()} {world.mark}-{letter}", partner=partner
        )
        for role in PARTNER_ROLES
    }


def session_of(user: User) -> str:
    """The key of a new session, signed in as the user. The connection must be in the user's schema."""
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return str(session.session_key)
