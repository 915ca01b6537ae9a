"""Half a year of leads at a vendor with ten partners: what comes in, what partners do with it, and what nobody does. The seed is
fixed, the clock is the simulation's own; nothing here looks at how leads are given out."""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import User
from accounts.permissions import Role
from leads import actions, grading, policies
from leads.models import Lead, LeadCapacity, LeadOffer, LeadSource
from leads.policies import LeadPolicy, Near, Rule, To, When
from leads.refusals import NoRoom, NotNow, TooLate
from leads.tasks import run_due
from partners.models import Partner, Tier
from pipeline.deals import actions as deals
from pipeline.models import DealStage
from prm.common.models import Holiday, Policy
from tests.together import at_once
from tests.world import World, make_partner, make_user

SEED, NUMBER = 20261122, 2000
FIRST = dt.datetime(2026, 1, 5, tzinfo=dt.UTC)
DAYS = 130
HOUR = dt.timedelta(hours=1)
COUNTRIES = ("NO", "SE", "DE", "US", "JP")
ZONES = ("Europe/Oslo", "Europe/Stockholm", "Europe/Berlin", "America/New_York", "Asia/Tokyo")
TIERS = ("silver", "gold", "platinum", None)
HOLIDAYS = (dt.date(2026, 1, 19), dt.date(2026, 4, 3), dt.date(2026, 4, 6), dt.date(2026, 5, 1))
VERTICALS = ("Banking", "Public sector", "Retail", "Energy")
FAIR_EVERY = (
    16  # leads: how often one comes from the fair near the end, all on one day, more than partners have room for
)
TOGETHER_EVERY = 60  # acceptances: how often two people press at the same moment


def rules(person: User) -> LeadPolicy:
    return LeadPolicy(
        rules=(
            Rule("Ours", When(grades=frozenset("A"), verticals=frozenset({"public SECTOR"})), To(direct=person.pk)),
            Rule("At home", When(grades=frozenset("AB")), To(near=Near.SAME_COUNTRY)),
            Rule("Anywhere"),
        ),
        capacity=14,
    )  # fmt: skip


@dataclass
class Simulation:
    world: World
    rng: random.Random = field(default_factory=lambda: random.Random(SEED))
    partners: list[Partner] = field(default_factory=list)
    sellers: dict[int, list[User]] = field(default_factory=dict)
    zones: dict[int, str] = field(default_factory=dict)
    capacities: dict[int, int] = field(default_factory=dict)
    agenda: list[tuple[dt.datetime, int, Callable[[dt.datetime], None]]] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)
    won_at: dict[int, dt.datetime] = field(default_factory=dict)
    count: Counter[str] = field(default_factory=Counter)
    turn: Any = field(default_factory=itertools.count)

    @property
    def admin(self) -> User:
        return self.world.users[Role.ADMIN]

    def run(self) -> None:
        self.prepare()
        for day in range(DAYS):
            if day % 20 == 0:
                with connection.cursor() as cursor:
                    cursor.execute("ANALYZE")  # as the database does by itself where it runs on
            for hour in (8.0, 15.5):
                self.until(FIRST + dt.timedelta(days=day, hours=hour))

    # ── What there is ──

    def prepare(self) -> None:
        Holiday.objects.bulk_create(Holiday(on=day, name="Off") for day in HOLIDAYS)
        Policy.objects.create(kind="leads", starts_on="2025-01-01", data=policies.document(rules(self.admin)))
        tiers = {tier.key: tier for tier in Tier.objects.all()}
        for number in range(10):
            partner = (self.world.partner_a, self.world.partner_b)[number] if number < 2 else make_partner(
                self.world, f"P{number}", name=f"Partner {number}"
            )  # fmt: skip
            country = number % len(COUNTRIES)
            key = TIERS[number % len(TIERS)]
            partner.country, partner.tier = COUNTRIES[country], tiers[key] if key else None
            partner.save()
            self._people(partner, number, ZONES[country] if number < 8 else "")
            self.capacities[partner.pk] = 14
            if number % 3 == 0:
                self.capacities[partner.pk] = 9 + number
                LeadCapacity.everything.create(partner=partner, capacity=9 + number)
            self.partners.append(partner)
        self._leads()

    def _people(self, partner: Partner, number: int, zone: str) -> None:
        for user in (*self.world.users_a.values(), *self.world.users_b.values()):
            if number < 2 and user.membership.partner_id == partner.pk:
                user.is_active = False
                user.save()
        names = [f"sim{number}a", f"sim{number}b"]
        self.sellers[partner.pk] = [make_user(self.world, name, Role.PARTNER_SELLER, partner=partner) for name in names]
        self.zones[partner.pk] = zone or "UTC"
        User.objects.filter(pk=self.sellers[partner.pk][0].pk).update(time_zone=zone)

    def _leads(self) -> None:
        sources = list(LeadSource.objects.all())
        thresholds = rules(self.admin).grades
        rows = []
        for number in range(NUMBER):
            came = FIRST + dt.timedelta(seconds=self.rng.randrange((DAYS - 10) * 86400))
            if number % FAIR_EVERY == 0:
                came = FIRST + dt.timedelta(days=117, seconds=number)
            score = Decimal(self.rng.randrange(0, 10001)) / 100
            rows.append(
                Lead(
                    company=f"Company {number}", company_key=f"company {number}", country=self.rng.choice(COUNTRIES),
                    vertical=self.rng.choice(VERTICALS), source=self.rng.choice(sources), score=score,
                    grade=grading.grade(score, thresholds), created_at=came, distribute_at=came,
                )
            )  # fmt: skip
        Lead.everything.bulk_create(rows)

    # ── What happens ──

    def until(self, now: dt.datetime) -> None:
        """What people do until then, each at its own moment, and then the round of the clock."""
        while self.agenda and self.agenda[0][0] <= now:
            at, _turn, do = heapq.heappop(self.agenda)
            do(at)
        run_due(now)
        for offer in LeadOffer.everything.filter(state="open").select_related("lead").order_by("pk"):
            if offer.pk not in self.seen:
                self.seen.add(offer.pk)
                self._answer_some_time(offer, now)
        for lead in Lead.everything.filter(holder="direct", state="accepted").order_by("pk"):
            if -lead.pk not in self.seen:
                self.seen.add(-lead.pk)
                self._work_some_time(lead.pk, self.admin, now)

    def plan(self, at: dt.datetime, do: Callable[[dt.datetime], None]) -> None:
        heapq.heappush(self.agenda, (at, next(self.turn), do))

    def _answer_some_time(self, offer: LeadOffer, now: dt.datetime) -> None:
        likes = 0.55 + 0.04 * (offer.partner_id % 10)
        chance = self.rng.random()
        at = now + HOUR * self.rng.uniform(0.1, 60)  # now and then too late
        if chance < likes:
            self.plan(at, lambda at: self._accept(offer, at))
        elif chance < likes + 0.12:
            self.plan(at, lambda at: self._decline(offer, at))

    def _accept(self, offer: LeadOffer, at: dt.datetime) -> None:
        by = self.rng.choice(self.sellers[offer.partner_id])
        self.count["pressed"] += 1
        if self.count["pressed"] % TOGETHER_EVERY == 0:
            held = self._together(offer, at)
        else:
            try:
                held = actions.accept(by=by, offer=offer, at=at).partner_id == offer.partner_id
            except TooLate:
                self.count["late"] += 1
                return
        if held:
            self._work_some_time(offer.lead_id, by, at)

    def _together(self, offer: LeadOffer, at: dt.datetime) -> bool:
        """Both sellers at once; or one, as operations gives the lead to another partner that accepts at once."""
        first, second = self.sellers[offer.partner_id]
        other = self.rng.choice([partner for partner in self.partners if partner.pk != offer.partner_id])

        def elsewhere() -> Lead:
            made = actions.offer(by=self.admin, lead=offer.lead, partner=other, at=at)
            return actions.accept(by=self.sellers[other.pk][0], offer=made, at=at)

        rival = elsewhere if self.rng.random() < 0.5 else (lambda: actions.accept(by=second, offer=offer, at=at))
        found = at_once(self.world, lambda: actions.accept(by=first, offer=offer, at=at), rival)
        for each in found:
            if not isinstance(each, Lead | TooLate | NotNow | NoRoom):
                raise each
        self.count["together"] += 1
        for made in LeadOffer.everything.filter(lead=offer.lead_id):
            self.seen.add(made.pk)
        return any(isinstance(each, Lead) and each.partner_id == offer.partner_id for each in found)

    def _decline(self, offer: LeadOffer, at: dt.datetime) -> None:
        try:
            actions.decline(by=self.sellers[offer.partner_id][0], offer=offer, reason="Too far", at=at)
        except TooLate:
            self.count["late"] += 1

    def _work_some_time(self, lead: int, by: User, now: dt.datetime) -> None:
        if self.rng.random() < 0.08:
            return  # silence: reminded, pulled back
        at = now + HOUR * self.rng.uniform(0.5, 50)
        self.plan(at, lambda at: self._work(lead, by, at))

    def _work(self, pk: int, by: User, at: dt.datetime) -> None:
        lead = Lead.everything.get(pk=pk)
        mine = lead.person_direct_id == by.pk or by in self.sellers.get(lead.partner_id or 0, [])
        if not mine or lead.state != "accepted":
            return  # pulled back meanwhile, or another's by now
        if self.rng.random() < 0.4:
            self._disqualify(pk, by, at)
            return
        actions.contacted(by=by, lead=lead, at=at)
        end = at + HOUR * self.rng.uniform(2, 100)
        fate = self.rng.random()
        if fate < 0.18:
            self.plan(end, lambda at: self._convert(pk, by, at))
        elif fate < 0.97:
            self.plan(end, lambda at: self._disqualify(pk, by, at))

    def _disqualify(self, pk: int, by: User, at: dt.datetime) -> None:
        actions.disqualified(by=by, lead=Lead.everything.get(pk=pk), reason="No budget", at=at)

    def _convert(self, pk: int, by: User, at: dt.datetime) -> None:
        lead = Lead.everything.get(pk=pk)
        won = self.rng.random() < 0.5
        if lead.partner is None:
            actions.close_direct(by=by, lead=lead, won=won, reason="Price", at=at)
            return
        stage = DealStage.objects.get(key="won" if won else "proof")
        deal = deals.add_deal(
            by=self.admin, partner=lead.partner, name=lead.company, amount=Decimal(1000), currency="USD", stage=stage
        )
        actions.convert(by=None, lead=lead, deal=deal, at=at)
        if won:
            self.won_at[pk] = at
