"""The vendor's tiers in force and next year's, where partners stood since, and the conversations about their performance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import yaml

from accounts.permissions import Role
from cadence import policies as cadence
from cadence.actions import making
from demo.world import Member, World
from partners.models import Tier
from prm.common.models import Policy
from prm.common.vendor import today as vendor_today
from scorecards.models import PerformanceReview
from scorecards.tiers import history, overrides, programs, writing

FILE = Path(__file__).with_name("program.yaml")
NEXT_YEAR = Decimal("1.2")  # what next year's program asks in revenue, of this year's
NOTES = (
    "Went through the page: on plan, two deals to push.",
    "Pipeline is thin for the rest of the year; a campaign is in the making.",
    "They will send two engineers to the next course.",
    "Short of plan because of one customer who waits for the new budget.",
)


def prepare(world: World) -> None:
    """The program that has been in force since the demo begins, and a stricter one that starts with the next fiscal year."""
    document: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    _start(document, world.quarters[0].start)
    for tier in document["tiers"]:
        for requirement in tier["requirements"]:
            if requirement["key"] == "revenue":
                requirement["minimum"] = int(requirement["minimum"] * NEXT_YEAR)
    _start(document, world.quarters[-1].fiscal_year.next.start)
    start = world.quarters[-4].start
    Policy.objects.update_or_create(
        kind=cadence.KIND, starts_on__lte=world.today, defaults={"starts_on": start, "data": cadence.DEFAULT}
    )


def _start(document: dict[str, Any], on: dt.date) -> None:
    Policy.objects.create(kind=programs.KIND, starts_on=on, data=writing.write(programs.check(document)))


def reviews(world: World, members: Sequence[Member]) -> None:
    """Most months the CAM goes through the page with the partner, a diligent one nearly always."""
    random = Random(f"{world.profile.seed} reviews")
    diligence = {cam.user: cam.diligence for cam in world.cams}
    months = [month for quarter in world.quarters[-4:] for month in quarter.months if month.start < world.today]
    for member in members:
        for month in months:
            placement = member.placement(month.end)
            on = world.day_between(month.start, month.end)
            if placement is None or placement.cam is None or placement.stage.key in ("recruit", "lapsed"):
                continue
            if on <= world.yesterday and random.random() < 0.9 * diligence[placement.cam]:
                world.batch.add(
                    PerformanceReview(
                        partner=member.partner,
                        on=on,
                        note=random.choice(NOTES),
                        shared=random.random() < 0.4,
                        by=placement.cam,
                        at=world.moment(on),
                    )
                )


def settle(world: World, members: Sequence[Member]) -> None:
    """What the nights since would have made of it: due items, and for which tier each partner qualified; one override."""
    making.make_due(on=world.today)
    for quarter in world.quarters[-3:-1]:
        history.record(day=quarter.end)
    history.record(day=world.yesterday)
    if world.today == vendor_today():
        _override(world, members)


def _override(world: World, members: Sequence[Member]) -> None:
    """The first showcase is held a tier higher for now, as it opens a new branch."""
    overrides.set_override(
        by=world.staff[Role.OPERATIONS],
        partner=members[0].partner,
        tier=Tier.objects.get(key="gold"),
        reason="Opens a branch in Cardiff and certifies its people there by spring.",
        ends_on=world.today + dt.timedelta(days=120),
    )
