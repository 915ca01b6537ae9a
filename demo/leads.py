"""Leads of half a year: given out by rules, most taken and worked on, some left lying, the last ones waiting for an answer."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from accounts.permissions import Role
from demo.names import Names
from demo.world import Member, World
from leads import distribution, grading, policies, reading
from leads.distribution import Kept, PartnerFacts
from leads.models import Distribution, Lead, LeadCapacity, LeadOffer, LeadSource, LeadStep
from leads.policies import LeadPolicy, Near, Rule, To, When
from leads.reading import Ground
from partners.models import Partner
from pipeline.models import Deal, ProductLine
from prm.common.models import Policy

Kind, State, Offer = LeadStep.Kind, Lead.State, LeadOffer.State
DAYS = 180
BY_HAND = 18  # days between two leads that are given out by hand
PER_PARTNER = 0.4
HOUR = dt.timedelta(hours=1)
OURS, BEST, HOME, REGION = "Public sector: ours", "At home, gold and platinum", "At home", "In the region"
VERTICALS = ("Manufacturing", "Healthcare", "Public sector", "Retail", "Logistics", "Education")
NEEDS = (
    "Wants the Wi-Fi of two halls renewed before the summer.",
    "Has outgrown its firewall and asks for something that is looked after.",
    "Opens an office for 60 people; network and support from one hand.",
    "Compares three offers for switching in the main building.",
    "Is unhappy with support after two outages.",
)
ACTIVITIES = (
    "Asked for a price on the web site.",
    "Visited the stand at the fair and left a card.",
    "Took part in the webinar on secure branches, stayed to the end.",
    "Downloaded the buyer’s guide, opened four mails.",
)
CONSENTS = ("Form on the web site", "Card at the fair", "Registration for the webinar")
DECLINED = ("Too far away for us.", "We know the customer; they buy elsewhere.", "Nobody free before next month.")
DISQUALIFIED = ("No budget this year.", "A student’s project.", "Has bought elsewhere meanwhile.", "Can’t be reached.")
RULES = LeadPolicy(
    rules=(
        Rule(OURS, When(grades=frozenset("AB"), verticals=frozenset({"Public sector"}))),
        Rule(BEST, When(grades=frozenset("AB")), To(near=Near.SAME_COUNTRY, tiers=frozenset({"gold", "platinum"}))),
        Rule(HOME, to=To(near=Near.SAME_COUNTRY)),
        Rule(REGION, to=To(near=Near.SAME_REGION)),
    ),
    capacity=6,
)


@dataclass
class Round:
    """What the makers of leads share; a chance of their own, so that the rest of the demo doesn't depend on them."""

    world: World
    random: Random
    names: Names
    now: Ground
    end: dt.datetime  # nothing happens after it
    partners: dict[int, Partner]
    facts: dict[int, PartnerFacts]
    sellers: dict[int, User]
    regions: dict[str, Any]  # by country
    lines: Sequence[ProductLine]
    sources: Sequence[LeadSource]
    deals: dict[int, list[Deal]]
    taken: dict[int, list[tuple[dt.datetime, dt.datetime | None]]] = field(default_factory=lambda: defaultdict(list))
    offers: dict[int, list[LeadOffer]] = field(default_factory=lambda: defaultdict(list))
    won: set[int] = field(default_factory=set)


def make(world: World, members: Sequence[Member]) -> None:
    """Leads of all; partners, their people and deals are in the database already."""
    policy = _rules(world)
    end = dt.datetime.combine(world.yesterday, dt.time(16), ZoneInfo(world.profile.time_zone))
    now = reading.ground(end, policy)
    random = Random(f"{world.profile.seed} leads")
    rows = Partner.objects.unscoped("the demo").filter(stage__is_lapsed=False)
    text, params = rows.order_by().values("id", "tier_id").query.sql_with_params()
    partners = {partner.pk: partner for partner in rows.select_related("tier", "region")}
    deals = defaultdict(list)
    for deal in Deal.objects.unscoped("the demo").select_related("customer", "stage").order_by("created_on", "pk"):
        deals[deal.partner_id].append(deal)
    made = Round(
        world, random, Names(random), now, end, partners,
        {facts.id: facts for facts in reading.figures(text, params, now, policy.topic) if facts.answers},
        {pk: sellers[0] for pk in partners if (sellers := reading.sellers(pk))},
        {country: world.regions[region.key] for region in world.profile.regions for country in region.countries},
        list(ProductLine.objects.all()), list(LeadSource.objects.all()), deals,
    )  # fmt: skip
    _places(made)
    first = world.today - dt.timedelta(days=DAYS)
    number = max(24, round(PER_PARTNER * len(members)))
    days: list[tuple[dt.date, Partner | None]] = [
        (max(world.today - dt.timedelta(days=random.randint(1, DAYS)), first), None) for _lead in range(number)
    ]
    # The partner whose people sign in has some of each quarter, whomever the rules would choose.
    named = next((each for each in partners.values() if each.name == world.profile.showcases[0].name), None)
    if named is not None and named.pk in made.sellers:
        days += [(world.today - dt.timedelta(days=ago), named) for ago in range(BY_HAND // 2, DAYS, BY_HAND)]
    for day, partner in sorted(days, key=lambda pair: pair[0]):
        _lead(made, day, partner)
    world.batch.flush()


def _rules(world: World) -> LeadPolicy:
    person = world.staff[Role.MARKETING]
    if person.pk is None:
        world.batch.flush()
    ours, *rest = RULES.rules
    policy = replace(RULES, rules=(replace(ours, to=To(direct=person.pk)), *rest))
    Policy.objects.update_or_create(
        kind=policies.KIND,
        starts_on=world.quarters[0].start,
        defaults={"data": policies.document(policy), "created_by": world.operations},
    )
    return policy


def _places(made: Round) -> None:
    """Some have places of their own."""
    for pk, facts in made.facts.items():
        if facts.rank >= 3:
            made.facts[pk] = replace(facts, capacity=10)
            made.world.batch.add(LeadCapacity(partner=made.partners[pk], capacity=10, turns=2, updated_at=made.now.at))


def _lead(made: Round, day: dt.date, partner: Partner | None) -> None:
    """One that comes in on a day, given out by the rules, or by hand to a `partner`."""
    random, world = made.random, made.world
    countries = [country for region in world.profile.regions for country in region.countries]
    country = partner.country if partner else random.choice(countries)
    company = made.names.company([country])
    person = made.names.person(country, company.domain)
    minutes = random.randrange(7 * 60, 20 * 60)
    at = dt.datetime.combine(day, dt.time(minutes // 60, minutes % 60), ZoneInfo(world.profile.time_zone))
    at = min(at, made.end - HOUR)
    score = Decimal(random.choice((12, 22, 31, 38, 44, 52, 57, 63, 71, 76, 84, 93)))
    lead = Lead(
        company=company.name, domain=company.domain, country=country, city=company.town, region=made.regions[country],
        vertical=random.choice(VERTICALS), employees=random.choice((20, 45, 80, 140, 300, 900)), need=random.choice(NEEDS),
        activity=random.choice(ACTIVITIES), source=random.choice(made.sources), score=score,
        grade=grading.grade(score, made.now.policy.grades), person=person.name, email=person.email, phone=person.phone,
        consent_from=random.choice(CONSENTS), consent_on=day - dt.timedelta(days=random.randint(0, 20)),
        created_at=at, updated_at=at, created_by=world.staff[Role.MARKETING],
    )  # fmt: skip
    lead.company_key = lead.key_of(lead.company)
    line = random.choice(made.lines)
    world.batch.add(lead, Lead.product_lines.through(lead=lead, productline=line))
    _step(made, lead, Kind.ADDED, at, by=world.staff[Role.MARKETING])
    if partner is not None and _has_room(made, partner.pk, at):
        _answered(made, lead, _offer(made, lead, None, partner.pk, 1, at), chance=0)
    else:
        _give_out(made, lead, line, at)


def _has_room(made: Round, pk: int, at: dt.datetime) -> bool:
    taken = sum(start <= at and (end is None or end > at) for start, end in made.taken[pk])
    return pk in made.facts and taken < made.facts[pk].capacity


# ── Given out ────────────────────────────────────────────────────────────────────────────────────────────────────────


class Pool:
    """The partners for one lead of the demo."""

    def __init__(self, made: Round, lead: Lead, at: dt.datetime, had: set[int]) -> None:
        self.made, self.lead, self.at, self.had = made, lead, at, had

    def partners(self, to: To, topic: str) -> Sequence[PartnerFacts]:
        return [
            self._then(facts)
            for pk, facts in sorted(self.made.facts.items())
            if self._named(to, self.made.partners[pk])
        ]

    def after(self, rule: Rule) -> str:
        return ""

    def _named(self, to: To, partner: Partner) -> bool:
        near = {Near.ANYWHERE: True, Near.SAME_COUNTRY: partner.country == self.lead.country}
        near[Near.SAME_REGION] = partner.region == self.lead.region
        return near[to.near] and (to.tiers is None or (partner.tier is not None and partner.tier.key in to.tiers))

    def _then(self, facts: PartnerFacts) -> PartnerFacts:
        """As the partner stood at that moment."""
        before = [offer for offer in self.made.offers[facts.id] if offer.offered_at < self.at]
        accepted = [
            offer for offer in before if offer.state == Offer.ACCEPTED and offer.ended_at and offer.ended_at <= self.at
        ]
        return replace(
            facts,
            offered=len(before),
            accepted=len(accepted),
            won=sum(id(offer.lead) in self.made.won and offer.pulled_back_at is None for offer in accepted),
            open=sum(start <= self.at and (end is None or end > self.at) for start, end in self.made.taken[facts.id]),
            last_offer=max((offer.offered_at for offer in before), default=None),
            had_it=facts.id in self.had,
        )


def _give_out(made: Round, lead: Lead, line: ProductLine, at: dt.datetime) -> None:
    """One offer after the other, until somebody takes it, nobody is left or time is up."""
    had: set[int] = set()
    for number in range(1, made.now.policy.most_offers + 1):
        facts = distribution.LeadFacts(
            lead.country, lead.region.key if lead.region else "", lead.vertical, frozenset({line.key}), lead.grade,
            lead.source.key,
        )  # fmt: skip
        kept = distribution.choose(
            facts, made.now.policy, Pool(made, lead, at, had), at=at, tiers=len(made.now.ranks),
            policy_from=made.world.quarters[0].start,
        )  # fmt: skip
        run = _run(made, lead, kept)
        if kept.direct is not None:
            return _direct(made, lead, at, kept.rule)
        if kept.choice is None:
            _step(made, lead, Kind.NO_CANDIDATE, at)
            lead.distribute_at = None if number > 1 else made.end
            return None
        had.add(kept.choice)
        offer = _offer(made, lead, run, kept.choice, number, at)
        if _answered(made, lead, offer):
            return None
        assert offer.ended_at is not None
        at = offer.ended_at
    _step(made, lead, Kind.QUEUED, at, note=f"Offered {made.now.policy.most_offers} times without success.")
    return None


def _run(made: Round, lead: Lead, kept: Kept) -> Distribution:
    run = Distribution(
        lead=lead, at=kept.at, rule=kept.rule, method=kept.method.value, partner=made.partners.get(kept.choice or 0),
        kept=distribution.to_json(kept),
    )  # fmt: skip
    made.world.batch.add(run)
    return run


def _offer(made: Round, lead: Lead, run: Distribution | None, pk: int, number: int, at: dt.datetime) -> LeadOffer:
    """By hand without a `run`."""
    by = None if run else made.world.staff[Role.MARKETING]
    answer_by = made.now.of_partner(pk).add_working_days(at, made.now.policy.accept_days)
    offer = LeadOffer(
        lead=lead, partner=made.partners[pk], distribution=run, round=1, number=number, offered_at=at, answer_by=answer_by,
        offered_by=by,
    )  # fmt: skip
    made.offers[pk].append(offer)
    made.world.batch.add(offer)
    _step(made, lead, Kind.OFFERED, at, partner=offer.partner, by=by)
    return offer


def _answered(made: Round, lead: Lead, offer: LeadOffer, chance: float | None = None) -> bool:
    """What the partner does; True where the lead goes on to nobody else. `chance`: from 0, it accepts, to 1, it doesn't answer."""
    chance = made.random.random() if chance is None else chance
    answered = offer.offered_at + HOUR * made.random.uniform(0.5, 20)
    seller = made.sellers[offer.partner_id]
    ends, kind, by = offer.answer_by + dt.timedelta(minutes=1), Kind.TIMED_OUT, None
    if chance < 0.88 and answered <= offer.answer_by:
        ends, kind, by = answered, Kind.ACCEPTED if chance < 0.76 else Kind.DECLINED, seller
    if ends > made.end:
        lead.state = State.OFFERED
        made.taken[offer.partner_id].append((offer.offered_at, None))
        return True
    offer.state, offer.ended_at, offer.ended_by = Offer(kind.value), ends, by
    if kind == Kind.DECLINED:
        offer.reason = made.random.choice(DECLINED)
    _step(made, lead, kind, ends, partner=offer.partner, by=by, note=offer.reason)
    if kind != Kind.ACCEPTED:
        made.taken[offer.partner_id].append((offer.offered_at, ends))
        return False
    lead.holder, lead.partner = Lead.Holder.PARTNER, offer.partner
    _held(made, lead, ends, made.now.of_partner(offer.partner_id).zone)
    closed = _work(made, lead, ends, seller)
    made.taken[offer.partner_id].append((offer.offered_at, closed))
    return True


def _direct(made: Round, lead: Lead, at: dt.datetime, rule: str) -> None:
    person = made.world.staff[Role.MARKETING]
    lead.holder, lead.person_direct = Lead.Holder.DIRECT, person
    _step(made, lead, Kind.KEPT_DIRECT, at, note=rule)
    _held(made, lead, at, made.world.profile.time_zone)
    _work(made, lead, at, person)


def _held(made: Round, lead: Lead, at: dt.datetime, zone: str) -> None:
    days = made.now.policy.contact_days[lead.grade]
    lead.state, lead.accepted_at = State.ACCEPTED, at
    lead.contact_by = made.now.of_zone(zone).add_working_days(at, days)


# ── Worked on ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _work(made: Round, lead: Lead, at: dt.datetime, by: User) -> dt.datetime | None:
    """What the holder does with it, as far as there was time; when it was closed."""
    random = made.random
    done = at + HOUR * random.choice((2, 5, 20, 26, 40, 70))
    if done > made.end:
        _remind(made, lead)
        return None
    lead.state, lead.contacted_at = State.CONTACTED, done
    _step(made, lead, Kind.CONTACTED, done, partner=lead.partner, by=by)
    done += HOUR * random.uniform(20, 200)
    if done > made.end or random.random() < 0.05:
        return None
    if random.random() < 0.45:
        lead.state, lead.closed_at, lead.close_reason = State.DISQUALIFIED, done, random.choice(DISQUALIFIED)
        _step(made, lead, Kind.DISQUALIFIED, done, partner=lead.partner, by=by, note=lead.close_reason)
        return done
    lead.state, lead.qualified_at = State.QUALIFIED, done
    _step(made, lead, Kind.QUALIFIED, done, partner=lead.partner, by=by)
    return _convert(made, lead, done, by)


def _remind(made: Round, lead: Lead) -> None:
    if lead.contact_by is not None and lead.contact_by < made.end:
        lead.nudged_at = lead.contact_by + dt.timedelta(minutes=1)
        if lead.partner is not None:
            calendar = made.now.of_partner(lead.partner.pk)
            lead.pull_back_at = calendar.add_working_days(lead.nudged_at, made.now.policy.pull_back_days)
        _step(made, lead, Kind.NUDGED, lead.nudged_at, partner=lead.partner)


def _convert(made: Round, lead: Lead, at: dt.datetime, by: User) -> dt.datetime | None:
    """Into a deal of the partner that began about then; its customer is the one who had asked."""
    if lead.partner is None:
        if (closed := at + dt.timedelta(days=made.random.randint(5, 30))) <= made.end:
            won = made.random.random() < 0.4
            lead.state, lead.closed_at, lead.outcome_on = State.CONVERTED, closed, closed.date()
            lead.outcome = Lead.Outcome.WON if won else Lead.Outcome.LOST
            _step(made, lead, Kind.CONVERTED, closed, by=by)
            _step(made, lead, Kind.WON if won else Kind.LOST, closed, by=by, note="" if won else "Price")
        return lead.closed_at
    began = [
        deal for deal in made.deals[lead.partner.pk] if deal.customer and 0 <= (deal.created_on - at.date()).days <= 60
    ]
    if not began:
        return None
    deal = began[0]
    made.deals[lead.partner.pk].remove(deal)
    closed = dt.datetime.combine(deal.created_on, dt.time(17), ZoneInfo(made.world.profile.time_zone))
    customer = deal.customer
    assert customer is not None
    lead.company, lead.domain, lead.country = customer.name, customer.domain, customer.country or lead.country
    lead.company_key, lead.email = lead.key_of(lead.company), ""
    lead.state, lead.closed_at, lead.customer, lead.deal = State.CONVERTED, closed, customer, deal
    _step(made, lead, Kind.CONVERTED, closed, partner=lead.partner, by=by)
    if deal.closed_on is not None and deal.stage.outcome in Lead.Outcome.values:
        lead.outcome, lead.outcome_on = deal.stage.outcome, deal.closed_on
        ended = dt.datetime.combine(deal.closed_on, dt.time(17), ZoneInfo(made.world.profile.time_zone))
        _step(made, lead, Kind(deal.stage.outcome), max(ended, closed), partner=lead.partner)
        if lead.outcome == Lead.Outcome.WON:
            made.won.add(id(lead))
    return closed


def _step(
    made: Round,
    lead: Lead,
    kind: str,
    at: dt.datetime,
    *,
    partner: Partner | None = None,
    by: User | None = None,
    note: str = "",
) -> None:
    made.world.batch.add(LeadStep(lead=lead, kind=kind, at=at, partner=partner, by=by, note=note))
    lead.updated_at = at
