"""Fills a vendor that has just been provisioned. The same profile and day give the same vendor, to the last answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from random import Random

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import connection, transaction

from accounts.permissions import Role
from demo import (
    accounts,
    calls,
    directory,
    kinds,
    leads,
    learning,
    marketing,
    mdf,
    mdf_requests,
    objectives,
    plans,
    program,
    registrations,
    sales,
    sources,
    work,
)
from demo.assessments import Book
from demo.copying import Batch
from demo.names import Names
from demo.profiles import PASSWORD, Profile
from demo.world import Cam, Member, World
from partners import facts
from partners.models import LifeStage, Membership, PartnerType, Region, Tier
from prm.common.models import CurrencyRate, Holiday, VendorSettings
from prm.common.vendor import today as vendor_today
from scorecards import contenders, peer_snapshot, queries

KINDS = ("capability", "recruit", "satisfaction", "program", "cam")
CHUNK = 200  # partners whose work is written at once


@transaction.atomic
def fill(profile: Profile, *, today: dt.date | None = None, say: Callable[[str], None] = lambda text: None) -> None:
    """Fills the vendor of the current schema; `say` hears how far it is. `today` where it is another day than it is there."""
    _settings(profile)
    world = _world(profile, today or vendor_today())
    _calendar(world)
    _staff(world)
    world.batch.flush()
    members = directory.make(world)
    _distributor(world, members)
    world.batch.flush()
    done = 0
    for chunk in _chunks(members):
        for member in chunk:
            _work(world, member)
        world.batch.flush()
        done += len(chunk)
        say(f"{profile.name}: {done} of {len(members)} partners")
    kinds.make(world, members)
    world.batch.flush()
    _business(world, members, say)
    facts.refresh()
    contenders.mark_all()
    peer_snapshot.take(today=world.today)
    program.settle(world, members)
    leads.make(world, members)
    sources.make(world)
    calls.under_way(world, members)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _business(world: World, members: Sequence[Member], say: Callable[[str], None]) -> None:
    """What they sold and learned. Each has chances of its own, so that it can change without the rest."""
    shop, school, wall = sales.open_shop(world), learning.open_school(world), objectives.open_wall(world)
    program.prepare(world)
    for chunk in _chunks(members):
        for member in chunk:
            sales.make(shop, member)
            learning.make(school, member)
            objectives.make(wall, member)
        world.batch.flush()
    program.reviews(world, members)
    world.batch.flush()
    plans.make(world, members)
    accounts.make(world, members)
    registrations.make(world, members)
    marketing.make(world, members)
    funds = mdf.prepare(world, members)
    mdf_requests.make(world, funds)
    funds.post()
    say(f"{world.profile.name}: what they sold")


def _settings(profile: Profile) -> None:
    VendorSettings.objects.update_or_create(
        pk=1,
        defaults={
            "name": profile.name,
            "reporting_currency": profile.currency,
            "fiscal_start_month": profile.fiscal_start_month,
            "time_zone": profile.time_zone,
        },
    )
    for order, region in enumerate(profile.regions, 1):
        Region.objects.get_or_create(key=region.key, defaults={"name": region.name, "order": order})


def _world(profile: Profile, today: dt.date) -> World:
    random = Random(profile.seed)
    return World(
        profile=profile,
        today=today,
        random=random,
        names=Names(random),
        batch=Batch(),
        stages={row.key: row for row in LifeStage.objects.all()},
        types={row.key: row for row in PartnerType.objects.all()},
        tiers={row.key: row for row in Tier.objects.all()},
        regions={row.key: row for row in Region.objects.all()},
        versions={kind: queries.published(kind)[0] for kind in KINDS},
        groups={group.name: group for group in Group.objects.all()},
        password=make_password(PASSWORD),
    )


def _calendar(world: World) -> None:
    profile = world.profile
    years = range(world.quarters[0].start.year, world.today.year + 2)
    for year in years:
        for (month, day), name in profile.holidays.items():
            Holiday.objects.get_or_create(on=dt.date(year, month, day), defaults={"name": name})
    for quarter in world.quarters:
        for currency, rate in profile.rates.items():
            drifted = Decimal(rate) * Decimal(str(round(world.random.uniform(0.97, 1.03), 4)))
            CurrencyRate.objects.get_or_create(on=quarter.start, currency=currency, defaults={"rate": drifted})


def _staff(world: World) -> None:
    """Those who sign in, one for each role of the vendor's side, and the other CAMs."""
    profile = world.profile
    at = world.moment(world.quarters[0].start - dt.timedelta(days=120))
    for role, name in profile.people.items():
        world.staff[role] = world.user(name, f"{role.value}@{profile.domain}", role, at)
    share = [number / max(1, profile.cams - 1) for number in range(profile.cams)]
    diligence = world.random.sample([0.5 + 0.48 * each for each in share], profile.cams)
    countries = [country for region in profile.regions for country in region.countries]
    for number, each in enumerate(diligence):
        if number == 0:
            world.cams.append(Cam(world.staff[Role.CAM], 0.95))
            continue
        person = world.names.person(world.random.choice(countries), profile.domain)
        world.cams.append(Cam(world.user(person.name, person.email, Role.CAM, at), each))


def _distributor(world: World, members: Sequence[Member]) -> None:
    """The distributor's user is the largest distributor's."""
    found = [member.partner for member in members if member.partner.partner_type.key == "distributor"]
    if found:
        covered = [sum(member.partner.distributor is one for member in members) for one in found]
        largest = found[covered.index(max(covered))]
        world.batch.add(Membership(user=world.staff[Role.DISTRIBUTOR], partner=largest))


def _work(world: World, member: Member) -> None:
    book = Book(world, member)
    for number, quarter in enumerate(world.quarters):
        work.touches(world, member, quarter)
        work.by_hand(world, member, quarter)
        for finished in book.quarter(number, quarter):
            work.plan(world, member, finished)


def _chunks(members: Sequence[Member]) -> Iterator[list[Member]]:
    rest = iter(members)
    while chunk := list(islice(rest, CHUNK)):
        yield chunk
