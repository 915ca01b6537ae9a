"""Two furnished and marked vendors, everybody who could come in, and a browser that checks the headers of every answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.test import Client

from accounts import tokens
from accounts.models import User
from accounts.permissions import Role
from partners.models import Partner, RegionLimit
from tests.guards import headers
from tests.guards.addresses import Address
from tests.guards.furnish import furnish, furnish_vendor, mark
from tests.world import World, make_partner, make_user, make_world, session_of

OTHER_CAM = "Camilla Otherwise"


@dataclass
class House:
    """`people` maps a name to everybody of acme: roles, partner users with _a and _b, and those with less than a role gives.
    `folder`: what guards of a run keep for each other."""

    acme: World
    globex: World | None
    people: dict[str, User] = field(default_factory=dict)
    distributor: Partner = None  # type: ignore[assignment]
    folder: Path | None = None
    _sessions: dict[int, str] = field(default_factory=dict)
    _tokens: dict[int, str] = field(default_factory=dict)

    def let_in(self) -> None:
        """Signs everybody in and gives them a token. The connection must be in acme's schema."""
        for user in self.people.values():
            self._sessions[user.pk] = session_of(user)
            self._tokens[user.pk] = tokens.create(user, "Guard", list(tokens.Scope), 30)[1]

    def client(self, user: User | None = None, host: str = "acme.localhost") -> "Visitor":
        """A browser in which the user is signed in, and which sends the user's token to the API; None for nobody."""
        visitor = Visitor(self.acme, headers={"host": host})
        if user is not None:
            visitor.cookies["sessionid"] = self._sessions[user.pk]
            visitor.token = self._tokens[user.pk]
        return visitor

    def allowed(self, address: Address, partner: Partner | None = None) -> dict[str, User]:
        """Who may open the address, and (where a partner is given) see what belongs to that partner."""
        side, permission = address.access
        if side == "signed in":
            return {who: user for who, user in self.people.items() if user.is_active}
        return {
            who: user
            for who, user in self.people.items()
            if user.is_active
            and user.is_partner_side == (side == "portal")
            and user.can(permission)
            and (partner is None or self.sees(user, partner))
        }

    def sees(self, user: User, partner: Partner) -> bool:
        return (user.pk, partner.pk) in self._seen

    @cached_property
    def _seen(self) -> set[tuple[int, int]]:
        with self.acme:
            return {
                (user.pk, pk)
                for user in self.people.values()
                for pk in Partner.objects.visible_to(user).values_list("pk", flat=True)
            }


class Visitor(Client):
    """Looks at the headers of every answer, reads it to its end (`body`), and puts the connection back into the vendor's schema."""

    def __init__(self, world: World, **more: Any) -> None:
        super().__init__(**more)
        self.world = world

    token = ""

    def request(self, **request: Any) -> Any:
        if self.token and request["PATH_INFO"].startswith("/api/"):
            request["HTTP_AUTHORIZATION"] = f"Bearer {self.token}"
        response = super().request(**request)
        response.body = b"".join(response.streaming_content) if response.streaming else response.content
        headers.check(response)
        connection.set_tenant(self.world.vendor)
        return response


def build() -> House:
    """Makes the house. The connection is left in acme's schema."""
    globex, acme = _vendor("globex"), _vendor("acme")
    house = House(acme, globex)
    west = acme.partner_a.region
    house.distributor = make_partner(acme, "D", name="Tailspin", region=west)
    Partner.objects.unscoped("guard").filter(pk=acme.partner_a.pk).update(distributor=house.distributor)
    # Colleagues know each other's names: the other CAM's says nothing of the partner.
    User.objects.filter(pk=acme.cam_b.pk).update(name=OTHER_CAM)
    acme.cam_b.name = OTHER_CAM
    special = {
        "cam_b": acme.cam_b,
        "chief_west": make_user(acme, "chief_west", Role.CHIEF),
        "distributor": make_user(acme, "distributor", Role.DISTRIBUTOR, partner=house.distributor),
        "without_roles": make_user(acme, "without_roles"),
        "inactive_admin": make_user(acme, "inactive_admin", Role.ADMIN),
        "inactive_a": make_user(acme, "inactive_a", Role.PARTNER_CHAMPION, partner=acme.partner_a),
    }
    RegionLimit.objects.create(user=special["chief_west"], region=west)
    house.people = {f"{role}": user for role, user in acme.users.items()} | special
    for letter, team in (("a", acme.users_a), ("b", acme.users_b)):
        house.people |= {f"{role}_{letter}": user for role, user in team.items()}
    house.let_in()
    for who in ("inactive_admin", "inactive_a"):
        User.objects.filter(pk=house.people[who].pk).update(is_active=False)
        house.people[who].is_active = False
    assert house._seen
    connection.set_tenant(acme.vendor)
    return house


def _vendor(schema: str) -> World:
    world = make_world(schema)
    furnish_vendor(world)
    teams = (("A", world.partner_a, world.users_a), ("B", world.partner_b, world.users_b))
    for _letter, partner, team in teams:
        furnish(world, partner, team)
    mark(world, *teams)
    for partner in (world.partner_a, world.partner_b):
        partner.refresh_from_db()
    return world


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is rolled back."""
    with _durable_inside():
        try:
            yield
        finally:
            transaction.set_rollback(True)


@contextmanager
def kept() -> Iterator[None]:
    """What happens inside is committed at the end, without what waits for that: no job is sent."""
    with _durable_inside():
        yield
        connection.run_on_commit.clear()


def _durable_inside() -> transaction.Atomic:
    atomic = transaction.atomic()
    atomic._from_testcase = True  # type: ignore[attr-defined]  # as TestCase does: durable blocks are allowed inside
    return atomic
