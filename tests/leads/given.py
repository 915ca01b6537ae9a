"""Leads as tests of the pages need them, made by the actions themselves."""

import datetime as dt
from decimal import Decimal

from accounts.permissions import Role
from leads import actions
from leads.models import Lead, LeadOffer, LeadSource
from prm.common.vendor import today

PERSON = {
    "person": "Wilma Contact", "job_title": "Head of IT", "email": "wilma@umbrella.example", "phone": "+49 40 7654321",
    "consent_from": "Web form", "consent_on": dt.date(2026, 1, 2),
}  # fmt: skip
SECRETS = ("Wilma", "wilma@", "7654321")


def waiting(world, company="Umbrella", **more) -> Lead:
    """In the queue, for a person to give out."""
    values = {
        "score": Decimal(80), "need": "Forty new servers", "country": "DE", "city": "Ulm", **PERSON,
        "consent_on": today(), **more,
    }  # fmt: skip
    source = values.pop("source", None) or LeadSource.objects.get(key="web")
    ops = world.users[Role.OPERATIONS]
    return actions.add_lead(by=ops, company=company, source=source, distribute=False, **values)


def offered(world, company="Umbrella", *, partner=None, at=None, **more) -> LeadOffer:
    """Offered to partner A by hand."""
    lead = waiting(world, company, at=at, **more)
    return actions.offer(by=world.users[Role.OPERATIONS], lead=lead, partner=partner or world.partner_a, at=at)


def held(world, company="Umbrella", *, partner=None, at=None, **more) -> Lead:
    """Accepted by the partner's seller."""
    offer = offered(world, company, partner=partner, at=at, **more)
    team = world.users_b if partner == world.partner_b else world.users_a
    return actions.accept(by=team[Role.PARTNER_SELLER], offer=offer, at=at)


def direct(world, company="Umbrella", *, person=None, **more) -> Lead:
    """Kept by the vendor: by operations where nobody else is named."""
    ops = world.users[Role.OPERATIONS]
    return actions.keep_direct(by=ops, lead=waiting(world, company, **more), person=person or ops)


def fresh(lead) -> Lead:
    return Lead.everything.get(pk=lead.pk)
