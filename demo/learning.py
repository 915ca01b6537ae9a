"""Who at the partners is certified in what, and which of the required tasks they did."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from random import Random

from demo.world import Member, World
from partners.models import Certificate, Certification, Task, TaskDone

CERTIFICATES = {
    "sales-professional": "Sales professional",
    "technical-associate": "Technical associate",
    "technical-professional": "Technical professional",
    "support-specialist": "Support specialist",
}
FITS = {
    "sales": ("sales-professional",),
    "executive": ("sales-professional",),
    "technical": ("technical-associate", "technical-professional", "support-specialist"),
}
TASKS = {
    "portal": ("Every seller has signed in to the portal", ""),
    "marketing-contact": ("A marketing contact is named", "silver"),
    "website": ("The website shows the current logo and offer", "silver"),
    "reference": ("A customer reference is published", "gold"),
    "joint-plan": ("The joint plan of the year is agreed", "gold"),
    "executive-sponsor": ("An executive sponsor is named on both sides", "platinum"),
}
EAGER = {"": 0.25, "silver": 0.5, "gold": 0.75, "platinum": 0.92}


@dataclass
class School:
    world: World
    random: Random
    certificates: dict[str, Certificate]
    tasks: list[Task]


def open_school(world: World) -> School:
    certificates = {
        key: Certificate.objects.get_or_create(key=key, defaults={"name": name, "order": order, "months_valid": 24})[0]
        for order, (key, name) in enumerate(CERTIFICATES.items(), 1)
    }
    tasks = [
        Task.objects.get_or_create(key=key, defaults={"name": name, "order": order, "tier": world.tiers.get(tier)})[0]
        for order, (key, (name, tier)) in enumerate(TASKS.items(), 1)
    ]
    return School(world, Random(f"{world.profile.seed} learning"), certificates, tasks)


def make(school: School, member: Member) -> None:
    world, random = school.world, school.random
    tier = member.partner.tier.key if member.partner.tier else ""
    if member.partner.stage.key == "recruit":
        return
    for contact in member.contacts:
        for key in FITS.get(contact.function, ()):
            if random.random() > EAGER[tier]:
                continue
            earned = world.yesterday - dt.timedelta(days=random.randint(10, 760))  # some have run out by now
            world.batch.add(
                Certification(
                    partner=member.partner,
                    contact=contact,
                    certificate=school.certificates[key],
                    level="",
                    earned_on=earned,
                    expires_on=earned + dt.timedelta(days=730),
                    source="academy",
                    external_id=f"{contact.email}-{key}",
                    created_by=world.operations,
                    created_at=world.moment(earned),
                )
            )
    for task in school.tasks:
        if task.tier in (None, member.partner.tier) and random.random() < EAGER[tier]:
            on = world.yesterday - dt.timedelta(days=random.randint(1, 300))
            world.batch.add(
                TaskDone(
                    partner=member.partner,
                    task=task,
                    on=on,
                    by=member.partner.cam,
                    who=random.choice(member.contacts).name,
                    at=world.moment(on),
                )
            )
