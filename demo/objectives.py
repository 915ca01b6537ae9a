"""What partners want to reach in a year and what the vendor wants of them, and how far they were at the end of each quarter."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from accounts.models import User
from demo.course import Trend
from demo.world import Member, World
from partners.models import Objective, ObjectiveProgress
from prm.common.fiscal import FiscalQuarter, FiscalYear

OWN, VENDORS = Objective.Side.PARTNER, Objective.Side.VENDOR
# Of a diligent CAM's partners; the rest set nothing in a year.
LIKELY = {OWN: 0.72, VENDORS: 0.85}
PACE = {Trend.CLIMBS: (0.85, 1.35), Trend.HOLDS: (0.6, 1.12), Trend.FADES: (0.2, 0.9)}  # of the way in a year


@dataclass(frozen=True)
class Wish:
    """`spread`: a start is between these; `step`: so much is added or, where negative, taken away in a year, in parts of it.
    Without one progress is in percent."""

    title: str
    yardstick: str
    unit: str = ""
    spread: tuple[int, int] = (0, 0)
    step: float = 0


WISHES = {
    OWN: (
        Wish("Earn more from managed services", "Monthly managed services revenue", "thousand", (8, 60), 0.5),
        Wish("Answer customers faster", "Median hours to the first answer", "hours", (9, 30), -0.45),
        Wish("Grow the team", "People who sell or install your products", "people", (3, 14), 0.5),
        Wish("Win customers in health care", "New hospital and clinic customers", "customers", (1, 6), 1.2),
        Wish("Open the second office", "Milestones of the project plan"),
        Wish("Lose fewer customers", "Customers lost in twelve months", "customers", (8, 24), -0.35),
    ),
    VENDORS: (
        Wish("Certify more engineers", "Valid technical certificates", "certificates", (2, 9), 0.8),
        Wish("Register more deals", "Deals registered in the year", "deals", (5, 25), 0.7),
        Wish("Build the new product line", "Share of revenue from the new line", "%", (2, 12), 1.5),
        Wish("Publish a joint reference", "Milestones from interview to print"),
    ),
}
NOTES = (
    "Two months behind: the hire came in late.",
    "On the way. The campaign in spring helped.",
    "One large customer made the difference.",
    "Slower than planned; agreed to look at it in the next review.",
)


@dataclass
class Wall:
    world: World
    random: Random


def open_wall(world: World) -> Wall:
    return Wall(world, Random(f"{world.profile.seed} objectives"))


def make(wall: Wall, member: Member) -> None:
    """Those of this fiscal year and of the one before, with progress of the quarters that are over, and at times of this one."""
    now = wall.world.quarters[-1].fiscal_year
    if member.partner.stage.key in ("recruit", "onboard"):
        return
    for year in (now.previous, now):
        placement = member.placement(max(year.start, wall.world.quarters[0].start))
        if placement is None or placement.stage.is_lapsed or (placement.cam is None and not member.users):
            continue
        for side in (OWN, VENDORS):
            if wall.random.random() < LIKELY[side] or member.users:
                _set(wall, member, year, side, placement.cam)


def _set(wall: Wall, member: Member, year: FiscalYear, side: str, cam: User | None) -> None:
    world, random = wall.world, wall.random
    wishes = random.sample(WISHES[Objective.Side(side)], random.choice((1, 2, 2, 3)))
    by = random.choice(member.users) if side == OWN and member.users and random.random() < 0.6 else cam
    day = min(year.start + dt.timedelta(days=random.randint(5, 40)), world.yesterday)
    least, most = PACE[member.course.trend]
    for position, wish in enumerate(wishes, 1):
        start = Decimal(random.randint(*wish.spread)) if wish.step else None
        goal = None if start is None else start + (round(start * Decimal(wish.step)) or (1 if wish.step > 0 else -1))
        row = Objective(
            partner=member.partner, side=side, fiscal_year=year.year, title=wish.title, yardstick=wish.yardstick,
            unit=wish.unit, baseline=start, goal=goal, position=position, created_by=by, created_at=_moment(wall, day),
        )  # fmt: skip
        world.batch.add(row)
        _walk(wall, row, year, random.uniform(least, most), by)


def _walk(wall: Wall, row: Objective, year: FiscalYear, pace: float, by: User | None) -> None:
    """A value at the end of each quarter, on the way that `pace` of a year goes; not every quarter was entered."""
    world, random = wall.world, wall.random
    for quarter in year.quarters:
        day = _entered_on(wall, quarter)
        if day is None or random.random() < 0.14:
            continue
        way = Decimal(str(round(pace * quarter.number / 4 * random.uniform(0.85, 1.1), 3)))
        value = (
            100 * way if row.goal is None or row.baseline is None else row.baseline + (row.goal - row.baseline) * way
        )
        entry = ObjectiveProgress(
            objective=row, quarter=quarter.number, value=Decimal(max(0, round(value))), by=by, on=day, at=_moment(wall, day),
            note=random.choice(NOTES) if random.random() < 0.2 else "",
        )  # fmt: skip
        world.batch.add(entry)


def _entered_on(wall: Wall, quarter: FiscalQuarter) -> dt.date | None:
    """Around the quarter's end; of the one that runs only some are entered already. None: not yet."""
    world, random = wall.world, wall.random
    if quarter.start > world.yesterday:
        return None
    if quarter.end >= world.yesterday:
        return world.yesterday if random.random() < 0.35 else None
    return min(quarter.end + dt.timedelta(days=random.randint(-12, 10)), world.yesterday)


def _moment(wall: Wall, day: dt.date) -> dt.datetime:
    clock = dt.time(wall.random.randrange(9, 17), wall.random.randrange(60))
    return dt.datetime.combine(day, clock, ZoneInfo(wall.world.profile.time_zone))
