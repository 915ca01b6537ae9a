"""Reads of leads. All start at what the reader may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from fractions import Fraction

from django.db import connection
from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.expressions import BaseExpression
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from leads import distribution, reading
from leads.distribution import Kept, PartnerFacts, Parts
from leads.ending import why_ended
from leads.models import Distribution, Lead, LeadCapacity, LeadOffer, LeadStep
from partners.models import Membership, Partner


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
    """A line of a lead's history. `partner` None with `other`: a partner that the reader doesn't see, nor who did what there, and why.
    `by` None: the system, or somebody of another company."""

    kind: str
    label: str
    at: dt.datetime
    partner: Partner | None
    other: bool
    by: User | None
    note: str


@dataclass(frozen=True)
class Candidate:
    """A partner that the rules looked at, as it was kept. `partner` None: one that the reader doesn't see.

    `place` from 1; ranked ones have `parts` and `total` (Σ weight × part), those of a round-robin neither. `left_out`: why it couldn't get
    the lead (distribution.FULL, HAD_IT, NOBODY); then it has no place, and of its figures only `open` and `capacity`.
    """

    place: int | None
    partner: Partner | None
    chosen: bool
    left_out: str
    parts: Parts | None
    total: Fraction | None
    facts: PartnerFacts


# ── Leads ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _open_offer(field: str) -> BaseExpression:
    offers = LeadOffer.objects.unscoped("of the lead of the row").filter(lead=OuterRef("pk"), state="open")
    return Subquery(offers.values(field)[:1])


def leads(user: User) -> QuerySet[Lead]:
    """Leads this user sees, with source, region, partner and person. For the vendor's side with the open offer's partner and time as
    `offered_to_id`, `offered_to` (its name) and `answer_by`."""
    rows: QuerySet[Lead] = Lead.objects.visible_to(user).select_related("source", "region", "partner", "person_direct")
    if user.is_partner_side:
        return rows
    return rows.annotate(
        offered_to_id=_open_offer("partner_id"),
        offered_to=_open_offer("partner__name"),
        answer_by=_open_offer("answer_by"),
    )


def lead_with_all(user: User) -> QuerySet[Lead]:
    """The same with product lines, customer and deal: for one lead's page and the API."""
    return leads(user).select_related("customer", "deal").prefetch_related("product_lines")


def offers(user: User) -> QuerySet[LeadOffer]:
    """Offers to the partners this user sees. For a partner's pages take `teaser`: an offer leads to the whole lead."""
    rows: QuerySet[LeadOffer] = LeadOffer.objects.visible_to(user).select_related("partner", "ended_by", "offered_by")
    return rows


def unanswered(user: User, at: dt.datetime | None = None) -> QuerySet[Lead]:
    """Leads this user sees whose clock for the first contact has run out: what a CAM chases. The longest waiting first."""
    return (
        leads(user).filter(state=Lead.State.ACCEPTED, contact_by__lt=at or timezone.now()).order_by("contact_by", "id")
    )


def with_clock(rows: QuerySet[Lead], at: dt.datetime) -> QuerySet[Lead]:
    """Adds `is_late`: accepted, but not contacted in time."""
    late = Q(state=Lead.State.ACCEPTED, contact_by__lt=at)
    return rows.annotate(is_late=Case(When(late, then=True), default=False))


# ── What a partner may know of an offer ──────────────────────────────────────────────────────────────────────────────

_TEASED = (
    "pk", "partner_id", "state", "offered_at", "answer_by", "pulled_back_at", "lead__company", "lead__need", "lead__grade",
    "lead__city", "lead__country", "lead_id", "lead__partner_id",
)  # fmt: skip


def teasers(user: User, *, open_only: bool = True, at: dt.datetime | None = None) -> list[Teaser]:
    """The offers to a partner user's own partner, the one to be answered first at the top; where not `open_only` those of 12 months,
    the newest first."""
    now = reading.ground(at or timezone.now())
    rows = LeadOffer.objects.visible_to(user)
    if open_only:
        rows = rows.filter(state=LeadOffer.State.OPEN, answer_by__gte=now.at).order_by("answer_by", "pk")
    else:
        since = now.at - (now.day - reading.year_before(now.day))
        rows = rows.filter(offered_at__gt=since).order_by("-offered_at", "-pk")
    return _teased(rows, now)


def teaser(user: User, offer_id: int, at: dt.datetime | None = None) -> Teaser | None:
    """One of them, also one that has ended (`why_not` says how); None where it is not the partner's."""
    rows = LeadOffer.objects.visible_to(user).filter(pk=offer_id)
    found = _teased(rows, reading.ground(at or timezone.now()))
    return found[0] if found else None


def _teased(rows: QuerySet[LeadOffer], now: reading.Ground) -> list[Teaser]:
    found = []
    for (
        pk,
        partner,
        state,
        offered,
        until,
        pulled,
        company,
        need,
        grade,
        city,
        country,
        lead,
        holder,
    ) in rows.values_list(*_TEASED):
        offer = LeadOffer(pk=pk, partner_id=partner, state=state, answer_by=until, pulled_back_at=pulled)
        why = why_ended(offer, now)
        held = lead if holder == partner else None
        found.append(
            Teaser(pk, partner, company, need, grade, city, country, offered, until, state, held, not why, why)
        )
    return found


# ── What became of one, and why ──────────────────────────────────────────────────────────────────────────────────────


def _seen(user: User, ids: Iterable[int]) -> dict[int, Partner]:
    rows = Partner.objects.visible_to(user).filter(pk__in=set(ids))
    return {partner.pk: partner for partner in rows}


def timeline(user: User, lead: Lead) -> list[Step]:
    """The lead's history as far as the reader may know it, the oldest first. The other side's people are named only to the vendor."""
    rows = list(LeadStep.objects.visible_to(user).filter(lead=lead).select_related("by").order_by("at", "id"))
    seen = _seen(user, [row.partner_id for row in rows if row.partner_id])
    own: set[int] = set()
    if user.is_partner_side:
        members = Membership.objects.visible_to(user).values_list("user_id", flat=True)
        own = set(members)
    found = []
    for row in rows:
        told = row.partner_id is None or row.partner_id in seen
        named = row.by_id in own if user.is_partner_side else told
        found.append(
            Step(
                kind=row.kind,
                label=row.get_kind_display(),
                at=row.at,
                partner=seen.get(row.partner_id or 0),
                other=not told,
                by=row.by if named else None,
                note=row.note if told else "",
            )
        )
    return found


def distributions(user: User, lead: Lead) -> list[Distribution]:
    """What the rules made of it each time, the newest first. For the vendor's side."""
    return list(Distribution.objects.visible_to(user).filter(lead=lead).order_by("-at", "-id"))


def kept(found: Distribution) -> Kept:
    """What was looked at, as values."""
    return distribution.from_json(found.kept)


def candidates(user: User, found: Distribution) -> list[Candidate]:
    """Who was looked at, in the order of the choice, then those left out. Partners that the reader doesn't see have no name."""
    what = kept(found)
    seen = _seen(user, [each.partner.id for each in what.candidates] + [each.partner_id for each in what.left_out])
    ranked = [
        Candidate(place, seen.get(each.partner.id), place == 1, "", each.parts, each.total, each.partner)
        for place, each in enumerate(what.candidates, 1)
    ]
    out = [
        Candidate(
            None, seen.get(each.partner_id), False, each.why, None, None,
            PartnerFacts(each.partner_id, open=each.open, capacity=each.capacity),
        )
        for each in what.left_out
    ]  # fmt: skip
    return ranked + out


# ── Places ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def capacities(user: User) -> QuerySet[Partner]:
    """Partners this user sees with `open_leads` (held and being worked on, or offered), `capacity`, `turns` and `has_own` (set for it
    alone), as they hold today."""
    policy = reading.now().policy
    held = Lead.objects.unscoped("of the partner of the row").filter(partner=OuterRef("pk"), state__in=Lead.WORKED)
    asked = LeadOffer.objects.unscoped("of the partner of the row").filter(partner=OuterRef("pk"), state="open")
    rows: QuerySet[Partner] = Partner.objects.visible_to(user).select_related("tier", "region")
    return rows.annotate(
        open_leads=_count(held) + _count(asked),
        capacity=Coalesce(F("lead_capacity__capacity"), Value(policy.capacity), output_field=IntegerField()),
        turns=Coalesce(F("lead_capacity__turns"), Value(1), output_field=IntegerField()),
        has_own=Case(When(lead_capacity__capacity__isnull=False, then=True), default=False),
    )


def _count(rows: QuerySet[Lead] | QuerySet[LeadOffer]) -> Coalesce:
    counted = rows.order_by().values("partner").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted), Value(0), output_field=IntegerField())


def free_partners(user: User) -> QuerySet[Partner]:
    """Partners this user sees that a lead can be offered to by hand: somebody there can accept, and a place is free."""
    sellers = Membership.objects.unscoped("who can accept").filter(
        user__is_active=True, user__groups__name__in=reading.SELLERS
    )
    free = Q(open_leads__lt=F("capacity"))
    rows = capacities(user).filter(free, stage__is_lapsed=False)
    return rows.filter(pk__in=sellers.order_by().values("partner"))


def capacity_of(partner: Partner) -> LeadCapacity | None:
    """What is set for this partner alone."""
    rows = LeadCapacity.objects.unscoped("the caller may see the partner")
    found: LeadCapacity | None = rows.filter(partner=partner).first()
    return found


# ── For other tools ──────────────────────────────────────────────────────────────────────────────────────────────────


def in_pipeline(partner_ids: Collection[int]) -> set[tuple[int, int, int]]:
    """(partner, end customer, product line) of the leads that these partners hold and work on; a customer of the same name counts,
    though nobody has linked it yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT DISTINCT l.partner_id, c.id, p.productline_id
            FROM leads_lead l
            JOIN leads_lead_product_lines p ON p.lead_id = l.id
            JOIN pipeline_customer c
              ON c.partner_id = l.partner_id AND (c.id = l.customer_id OR l.customer_id IS NULL AND c.name_key = l.company_key)
            WHERE l.partner_id = ANY(%s) AND l.state IN ('accepted', 'contacted', 'qualified')""",
            [list(partner_ids)],
        )
        return {(partner, customer, line) for partner, customer, line in cursor.fetchall()}
