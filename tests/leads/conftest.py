"""Leads small enough to follow by hand. They come in on Monday 5 January 2026 at 10:00; the vendor is in UTC."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from accounts.permissions import Role
from leads import actions
from leads.models import Lead, LeadOffer, LeadSource
from partners.models import Partner
from tests.world import World

MONDAY = dt.datetime(2026, 1, 5, 10, 0, tzinfo=dt.UTC)


def at(day: int, hour: int = 10, minute: int = 0) -> dt.datetime:
    """A moment of January 2026, in UTC; the 5th is a Monday."""
    return dt.datetime(2026, 1, day, hour, minute, tzinfo=dt.UTC)


@pytest.fixture
def admin(acme: World) -> User:
    return acme.users[Role.ADMIN]


@pytest.fixture
def seller(acme: World) -> User:
    """Who sells at partner A."""
    return acme.users_a[Role.PARTNER_SELLER]


@pytest.fixture
def seller_b(acme: World) -> User:
    return acme.users_b[Role.PARTNER_SELLER]


def new_lead(by: User | None, company: str = "Contoso", **fields: Any) -> Lead:
    """A lead with a person, grade A, that came in on Monday at 10."""
    person = {
        "person": "Pat Secret", "email": "pat@contoso.example", "phone": "+1 555 0100", "consent_from": "Web form",
        "consent_on": dt.date(2026, 1, 2), "need": "Two servers", "city": "Oslo", "country": "NO", "activity": "Asked for a price",
    }  # fmt: skip
    told = {**person, "source": LeadSource.objects.get(key="web"), "score": 80, "at": MONDAY, **fields}
    return actions.add_lead(by=by, company=company, **told)


@pytest.fixture
def lead_for(admin: User) -> Callable[..., Lead]:
    """lead_for("Contoso", score=80, …) → a lead in the queue."""
    return lambda company="Contoso", **fields: new_lead(admin, company, **fields)


def offered(lead: Lead, partner: Partner, by: User, when: dt.datetime = MONDAY) -> LeadOffer:
    return actions.offer(by=by, lead=lead, partner=partner, at=when)


@pytest.fixture
def held(admin: User, seller: User, acme: World) -> Callable[..., Lead]:
    """held("Contoso", …) → a lead that partner A accepted on Monday at 11."""

    def make(company: str = "Contoso", **fields: Any) -> Lead:
        made = offered(new_lead(admin, company, **fields), acme.partner_a, admin)
        return actions.accept(by=seller, offer=made, at=at(5, 11))

    return make
