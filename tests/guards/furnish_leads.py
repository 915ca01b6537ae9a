"""Leads of a partner in every state, with who was looked at; and what belongs to no partner: rules to come, a trial, the queue."""

import datetime as dt

from accounts.models import User
from accounts.permissions import Role
from leads import actions, distribution, policies, reading
from leads.distribution import PartnerFacts
from leads.models import Distribution, Lead, LeadCapacity, LeadOffer, LeadSource, LeadTrial
from leads.policies import LeadPolicy
from partners.models import Partner
from pipeline.models import ProductLine
from prm.common.models import Policy
from prm.common.vendor import today
from tests.world import World


def lead_the_way(world: World) -> None:
    """The vendor's own: rules to come, rules tried, one lead in the queue and one kept direct."""
    admin = world.users[Role.ADMIN]
    document = policies.document(LeadPolicy())
    to_come = today() + dt.timedelta(days=60)
    Policy.objects.get_or_create(kind="leads", starts_on=to_come, defaults={"data": document, "created_by": admin})
    LeadTrial.objects.create(policy=document, since=today(), until=today(), result={"rows": []}, created_by=admin)
    _added(world, "Waits")
    actions.keep_direct(by=admin, lead=_added(world, "Kept"), person=admin)


def give_leads(world: World, partner: Partner, seller: User) -> None:
    """One that it works on, one it converted, one it gave up, one it was offered, one it declined; another of each with each call."""
    n = partner.lead_offers.count()
    LeadCapacity.everything.get_or_create(
        partner=partner, defaults={"capacity": 50, "updated_by": world.users[Role.ADMIN]}
    )
    accepted, converted, given_up = (
        _accepted(world, partner, seller, f"{name} {n}") for name in ("Held", "Won", "Lost")
    )
    actions.contacted(by=seller, lead=converted, note="On the phone")
    actions.convert(by=seller, lead=converted, deal=partner.deals.order_by("pk").first())
    actions.disqualified(by=seller, lead=given_up, reason="No budget")
    actions.decline(by=seller, offer=_offered(world, partner, f"Declined {n}"), reason="Too small")
    _looked_at(world, partner, accepted)
    _offered(world, partner, f"Offered {n}")


def _added(world: World, company: str) -> Lead:
    source = LeadSource.objects.order_by("order").first()
    assert source is not None
    line = ProductLine.objects.order_by("order").first()
    return actions.add_lead(
        by=world.users[Role.OPERATIONS], company=company, source=source, product_lines=[line] if line else [], score=None,
        distribute=False, need="Servers", city="Ulm", country="DE", vertical="Retail", activity="Asked for a price",
        person="Wilma Contact", job_title="Head of IT", email="wilma@example.com", phone="+49 40 7654321",
        consent_from="Web form", consent_on=today(), campaign="Spring",
    )  # fmt: skip


def _offered(world: World, partner: Partner, company: str) -> LeadOffer:
    return actions.offer(by=world.users[Role.OPERATIONS], lead=_added(world, company), partner=partner)


def _accepted(world: World, partner: Partner, seller: User, company: str) -> Lead:
    return actions.accept(by=seller, offer=_offered(world, partner, company))


class _Both:
    """The world's two partners for each rule."""

    def __init__(self, *ids: int) -> None:
        self.facts = [PartnerFacts(pk) for pk in dict.fromkeys(ids)]

    def partners(self, to: object, topic: str) -> list[PartnerFacts]:
        return self.facts

    def after(self, rule: object) -> str:
        return ""


def _looked_at(world: World, partner: Partner, lead: Lead) -> None:
    """As if the rules had offered it: both partners were candidates."""
    pool = _Both(partner.pk, world.partner_a.pk, world.partner_b.pk)
    at = lead.offers.get().offered_at
    kept = distribution.choose(reading.facts_of(lead), LeadPolicy(), pool, at=at, tiers=4)
    row = Distribution.everything.create(
        lead=lead, at=at, rule=kept.rule, method=kept.method.value, partner=partner, kept=distribution.to_json(kept)
    )
    LeadOffer.everything.filter(lead=lead).update(distribution=row)
