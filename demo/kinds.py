"""The kinds of scorecards beside capability: what partners say of the vendor, the vendor's own program, the CAMs' skills.

Screenings of candidates are in the partners' books already. Chance is a Random of its own, so that the rest stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

from accounts.models import User
from accounts.permissions import Role
from demo.assessments import SELF_CARE, Book
from demo.course import Course, Trend
from demo.world import Member, World
from scorecards.models import Assessment

ASKED = 3  # quarters in which partners were asked, the current one the last
SURE = 8  # partners of the demo CAM who certainly answered in the quarter before this one
REVIEWED = 4  # CAMs with both views of the last quarter


def make(world: World, members: Sequence[Member]) -> None:
    """Adds to the batch; the caller flushes it."""
    own = replace(world, random=Random(f"{world.profile.seed} kinds"))
    _satisfaction(own, members)
    _program(own)
    _cams(own)


def _satisfaction(world: World, members: Sequence[Member]) -> None:
    show = world.staff[Role.CAM]
    sure = [member for member in members if member.users and member.partner.cam == show][:SURE]
    first = len(world.quarters) - ASKED
    for member in members:
        book = Book(world, member)
        for number, quarter in enumerate(world.quarters[first:], first):
            day = world.day_between(quarter.start, quarter.end)
            certain = member in sure and quarter == world.quarters[-2]
            if not certain and world.random.random() > 0.4:
                continue
            placement = member.placement(day)
            if placement is None or not book.may_answer(day):
                continue
            book.about = placement.cam
            book.submit("satisfaction", Assessment.Mode.SELF, member.users[0], day, number, SELF_CARE)


def _course(random: Random, level: float) -> Course:
    """Of the vendor or one of its people: it climbs slowly, and is better at some things than at others."""
    return Course(trend=Trend.CLIMBS, level=level, topics={}, optimism=random.uniform(2, 12), keen=1)


def _of_ours(world: World, course: Course, about: User | None = None) -> Book:
    nobody: Any = None  # the vendor stands in a partner's place
    book = Book(world, Member(partner=nobody, course=course, placements=[]))
    book.about = about
    return book


def _program(world: World) -> None:
    """Scored at the end of every second quarter by operations."""
    book = _of_ours(world, _course(world.random, 42))
    for number, quarter in enumerate(world.quarters[:-1]):
        if number % 2:
            day = world.day_between(quarter.start, quarter.end)
            book.submit("program", Assessment.Mode.CAM, world.operations, day, number, 1)


def _cams(world: World) -> None:
    """The last two quarters of some CAMs by both sides, and of the others by themselves only."""
    chief = world.staff[Role.CHIEF]
    for place, cam in enumerate(world.cams):
        book = _of_ours(world, _course(world.random, 35 + 40 * cam.diligence), cam.user)
        for number in range(len(world.quarters) - 3, len(world.quarters) - 1):
            quarter = world.quarters[number]
            day = world.day_between(quarter.start, quarter.end)
            book.submit("cam", Assessment.Mode.SELF, cam.user, day, number, 1)
            if place < REVIEWED:
                day = world.day_between(quarter.start, quarter.end)
                book.submit("cam", Assessment.Mode.CAM, chief, day, number, 1)
