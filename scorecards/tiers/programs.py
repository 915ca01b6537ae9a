"""The versions of the vendor's program: dated policies of the kind "tiers". One that has started is never changed."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from partners.models import Certificate, Tier
from pipeline.models import Metric
from prm.common.models import Policy
from scorecards.tiers import document
from scorecards.tiers.computed import FIXED
from scorecards.tiers.document import Known
from scorecards.tiers.program import Program

KIND = "tiers"


@dataclass(frozen=True)
class Version:
    """A stored version and what it says."""

    policy: Policy
    program: Program

    @property
    def starts_on(self) -> dt.date:
        return self.policy.starts_on


def versions() -> QuerySet[Policy]:
    """All versions, the last to start first."""
    return Policy.objects.filter(kind=KIND).select_related("created_by").order_by("-starts_on")


def in_force(day: dt.date) -> Version | None:
    """The version that holds on a day; None before the first."""
    policy = versions().filter(starts_on__lte=day).first()
    return None if policy is None else Version(policy, read(policy))


def next_after(day: dt.date) -> Policy | None:
    """The next version to start after a day."""
    return versions().filter(starts_on__gt=day).order_by("starts_on").first()


def read(policy: Policy) -> Program:
    """What a stored version says, without tiers that were removed from the vendor's list since."""
    program = document.parse(policy.data)
    there = set(Tier.objects.values_list("key", flat=True))
    return Program(name=program.name, tiers=tuple(tier for tier in program.tiers if tier.tier in there))


def known() -> Known:
    """What the vendor has that a program may name."""
    return Known(
        tiers=list(Tier.objects.values_list("key", flat=True)),
        certificates=set(Certificate.objects.values_list("key", flat=True)),
        computed=FIXED,
        metrics=dict(Metric.objects.values_list("key", "summary")),
    )


def check(data: Any) -> Program:
    """The program in a document of this vendor; raises InvalidProgram with every problem and its place."""
    return document.parse(data, known())


def required_certificates_of(tier_key: str | None, day: dt.date) -> dict[str, int]:
    """Certificate key → how many the tier asks for by the program of the day; {} where there is none."""
    from scorecards.tiers.program import required_certificates

    version = in_force(day)
    return required_certificates(version.program if version else None, tier_key)
