"""Reads of leads. All start at what the reader may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.models import User
from leads.models import Distribution, Lead, LeadCapacity, LeadOffer
from partners.models import Partner


@dataclass(frozen=True)
class Teaser:
    """What a partner may know of a lead it is or was offered: nothing of the person. `lead_id` once the partner holds it.

    `is_open`: may be answered now; `why_not`: else a sentence that says why not.
    """

    offer_id: int
    partner_id: int
    company: str
    need: str
    grade: str
    city: str
    country: str
    offered_at: dt.datetime
    answer_by: dt.datetime
    state: str
    lead_id: int | None
    is_open: bool
    why_not: str

    @property
    def place(self) -> str:
        return ", ".join(filter(None, [self.city, self.country]))


@dataclass(frozen=True)
class Step:
    """A line of a lead's history. `partner` None with `other`: a partner that the reader doesn't see."""

    kind: str
    label: str
    at: dt.datetime
    partner: Partner | None
    other: bool
    by: User | None
    note: str


@dataclass(frozen=True)
class Candidate:
    """A partner that the rules looked at, with its parts, as they were kept. `partner` None: one that the reader doesn't see.

    Parts and total are as in `distribution.Candidate`; of the round-robin all None. `left_out`: why it couldn't get the lead ("full",
    "had_it", "nobody"); then it has no parts.
    """

    place: int | None
    partner: Partner | None
    chosen: bool
    left_out: str
    parts: Any
    total: Any


def leads(user: User) -> QuerySet[Lead]:
    """Leads this user sees, with source, region, partner and person; the open offer's partner and time as `offered_to` (its name),
    `offered_to_id` and `answer_by`."""
    raise NotImplementedError


def lead_with_all(user: User) -> QuerySet[Lead]:
    """The same with product lines, customer and deal: for one lead's page and the API."""
    raise NotImplementedError


def offers(user: User) -> QuerySet[LeadOffer]:
    """Offers to the partners this user sees. For a partner's pages take `teaser`: an offer leads to the whole lead."""
    raise NotImplementedError


def teasers(user: User, *, open_only: bool = True, at: dt.datetime | None = None) -> list[Teaser]:
    """The offers to a partner user's own partner, the one to be answered first at the top; all of 12 months where not `open_only`."""
    raise NotImplementedError


def teaser(user: User, offer_id: int, at: dt.datetime | None = None) -> Teaser | None:
    """One of them, also one that has ended (`why_not` says how); None where it is not the partner's."""
    raise NotImplementedError


def timeline(user: User, lead: Lead) -> list[Step]:
    """The lead's history as far as the reader may know it, the oldest first."""
    raise NotImplementedError


def distributions(user: User, lead: Lead) -> list[Distribution]:
    """What the rules made of it each time, the newest first. For the vendor's side."""
    raise NotImplementedError


def candidates(user: User, distribution: Distribution) -> list[Candidate]:
    """Who was looked at, in the order of the ranking, then those left out. Partners that the reader doesn't see have no name."""
    raise NotImplementedError


def free_partners(user: User, lead: Lead) -> QuerySet[Partner]:
    """Partners this user sees that a lead can be offered to by hand: somebody there can accept, and a place is free. With `open_leads`
    and `capacity`."""
    raise NotImplementedError


def capacities(user: User) -> QuerySet[Partner]:
    """Partners this user sees with `open_leads` (held and being worked on, or offered), `capacity` and `turns`, as they hold today."""
    raise NotImplementedError


def capacity_of(partner: Partner) -> LeadCapacity | None:
    """What is set for this partner alone."""
    raise NotImplementedError


def unanswered(user: User, at: dt.datetime | None = None) -> QuerySet[Lead]:
    """Leads this user sees whose clock for the first contact has run out: what a CAM chases."""
    raise NotImplementedError


def in_pipeline(partner_ids: Collection[int]) -> set[tuple[int, int, int]]:
    """(partner, end customer, product line) of the leads that these partners hold and work on."""
    raise NotImplementedError
