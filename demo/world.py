"""What the makers of the demo share: the vendor's catalogue, its people, its clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group

from accounts.models import User
from accounts.permissions import Role
from demo.copying import Batch
from demo.course import Course
from demo.names import Names
from demo.profiles import Profile
from partners.models import Action, Contact, LifeStage, Partner, PartnerType, Placement, Region, Tier
from prm.common.fiscal import FiscalCalendar, FiscalQuarter
from scorecards.models import QuestionnaireVersion


@dataclass
class Cam:
    """`diligence`: how much of what is due gets done, 0–1."""

    user: User
    diligence: float


@dataclass
class Member:
    """A partner and what the demo knows of it beyond its row. `placements` from the first on; `users` are its own people."""

    partner: Partner
    course: Course
    placements: list[Placement]
    contacts: list[Contact] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)

    def stage(self, day: dt.date) -> str:
        """The key of its life stage on a day; "" before it was there."""
        placement = self.placement(day)
        return placement.stage.key if placement else ""

    def placement(self, day: dt.date) -> Placement | None:
        """Where it stood on a day; None before it was there."""
        return next((row for row in reversed(self.placements) if row.starts_on <= day), None)


@dataclass
class World:
    profile: Profile
    today: dt.date
    random: Random
    names: Names
    batch: Batch
    stages: Mapping[str, LifeStage]
    types: Mapping[str, PartnerType]
    tiers: Mapping[str, Tier]
    regions: Mapping[str, Region]
    versions: Mapping[str, QuestionnaireVersion]
    groups: Mapping[str, Group]
    password: str  # everybody's, hashed
    staff: dict[Role, User] = field(default_factory=dict)  # who signs in, by role
    cams: list[Cam] = field(default_factory=list)

    @cached_property
    def calendar(self) -> FiscalCalendar:
        return FiscalCalendar(self.profile.fiscal_start_month)

    @cached_property
    def topics(self) -> dict[int, dict[str, tuple[str, bool]]]:
        """Of each version: question key → (topic key, whether internal)."""
        return {
            version.pk: {
                question.key: (topic.key, category.internal)
                for category in version.content.categories
                for topic in category.topics
                for question in topic.questions
            }
            for version in self.versions.values()
        }

    @property
    def operations(self) -> User:
        return self.staff[Role.OPERATIONS]

    @property
    def yesterday(self) -> dt.date:
        """The last day that things are dated: at no hour of today can they lie ahead."""
        return self.today - dt.timedelta(days=1)

    @cached_property
    def quarters(self) -> list[FiscalQuarter]:
        """The fiscal quarters with work in them, the current one last."""
        current = self.calendar.quarter_of(self.today)
        return [current.shift(count) for count in range(1 - self.profile.quarters, 1)]

    def user(self, name: str, email: str, role: Role, at: dt.datetime) -> User:
        """A new user with this role and everybody's password."""
        user = User(name=name, email=email, password=self.password, created_at=at)
        through: Any = User.groups.through
        self.batch.add(user, through(user=user, group=self.groups[role]))
        return user

    def moment(self, day: dt.date) -> dt.datetime:
        """Some time of the working day."""
        minutes = self.random.randrange(8 * 60 + 30, 17 * 60)
        clock = dt.time(minutes // 60, minutes % 60, self.random.randrange(60))
        return dt.datetime.combine(day, clock, ZoneInfo(self.profile.time_zone))

    def day_between(self, first: dt.date, last: dt.date) -> dt.date:
        """A day from first to last, a working day where there is one."""
        day = first + dt.timedelta(days=self.random.randint(0, max(0, (last - first).days)))
        earlier = day - dt.timedelta(days=max(0, day.weekday() - 4))
        return earlier if earlier >= first else day
