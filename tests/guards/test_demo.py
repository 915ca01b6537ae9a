"""The demo builds, and its pages are as sound as those of the tests' own data; nobody in it reads another's."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.core.cache import cache
from django.db import connection

from accounts.models import User
from accounts.permissions import Role
from demo import qbrs
from demo.build import fill
from demo.profiles import ACME
from partners.models import Partner
from prm.tenancy.models import Vendor
from tests import database
from tests.guards.crawl import visit
from tests.guards.house import House
from tests.guards.test_pages import dead, hrefs, wrong_with
from tests.world import World

PARTNER_SIDE = ["partner_champion_a", "partner_seller_a"]
LATER = ("chief", "marketing", "distributor", "partner_seller_a")
PEOPLE = ["admin", "partner_champion_a", *(pytest.param(who, marks=pytest.mark.full) for who in ("cam", *LATER))]


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker, tmp_path_factory) -> Iterator[House]:
    """A small demo vendor; `partner_a` is the one whose people sign in."""

    def built() -> House:
        world = World(Vendor.objects.get(schema_name="acme"))
        connection.set_tenant(world.vendor)
        profile = replace(ACME, partners=40, cams=4)
        fill(profile)
        qbrs.make(profile)
        return _house(world)

    with django_db_blocker.unblock():
        found = database.once("demo_today", tmp_path_factory.getbasetemp(), built)
        found.lay_files()
        with database.own("demo", found.name):
            connection.set_tenant(found.given.acme.vendor)
            yield found.given
            connection.set_schema_to_public()
        cache.clear()


def _house(world: World) -> House:
    first, second = ACME.showcases
    world.users = {role: User.objects.get(email=f"{role}@{ACME.domain}") for role in ACME.people}
    for showcase, team in ((first, world.users_a), (second, world.users_b)):
        for role in Role:
            person = User.objects.filter(email=f"{role.removeprefix('partner_')}@{showcase.domain}").first()
            if person is not None and role.is_partner_side:
                team[role] = person
    world.partner_a, world.partner_b = (
        team[Role.PARTNER_CHAMPION].membership.partner for team in (world.users_a, world.users_b)
    )
    strangers = Partner.objects.unscoped("guard").exclude(cam=world.partner_a.cam)
    world.cam_b = strangers.filter(cam__isnull=False).first().cam
    house = House(world, None)
    house.people = {f"{role}": user for role, user in world.users.items()}
    house.people |= {f"{role}_a": user for role, user in world.users_a.items()}
    house.let_in()
    return house


@pytest.mark.parametrize("who", PEOPLE)
def test_pages_of_the_demo_are_sound_and_show_nothing_of_others(demo, who):
    user, partner = demo.people[who], demo.acme.partner_a
    seen = Partner.objects.visible_to(user)
    if who not in PARTNER_SIDE:
        partner = seen.filter(pk=partner.pk).first() or seen.first()
    hidden = set(Partner.objects.unscoped("guard").exclude(pk__in=seen.values("pk")).values_list("name", flat=True))
    found: list[str] = []
    links: dict[str, str] = {}
    for one in visit(demo, who, user, partner):
        text = one.text()
        found += [f"{one.url} names {name}" for name in hidden if name in text]
        if one.kind.startswith("text/html"):
            found += [f"{one.url}: {problem}" for problem in wrong_with(one)]
            links |= dict.fromkeys(hrefs(one), one.url)
    assert links
    assert not found, "\n".join(found[:40])
    assert not (nowhere := dead(demo, who, links)), "\n".join(nowhere)
