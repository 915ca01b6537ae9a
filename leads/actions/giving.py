"""Leads are given out: by the rules, by hand, or kept by the vendor."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from leads.models import Distribution, Lead, LeadOffer
from partners.models import Partner


def distribute(*, by: User | None, lead: Lead, at: dt.datetime | None = None) -> Distribution:
    """Runs the rules in force on a lead that waits, and offers it to the one they choose, or keeps it direct where the rule says so.

    Nobody free: it stays in the queue and is tried again in an hour, until somebody is. Raises NotNow for a lead that doesn't wait.
    `by` a person who starts it anew: the count of its offers begins from the start.
    """
    raise NotImplementedError


def offer(*, by: User, lead: Lead, partner: Partner, at: dt.datetime | None = None) -> LeadOffer:
    """Offers a lead in the queue to a partner by hand; an open offer to another is withdrawn. Raises NoRoom, NotNow, and
    ValidationError for a partner in which nobody can accept leads."""
    raise NotImplementedError


def withdraw(*, by: User, lead: Lead, reason: str, at: dt.datetime | None = None) -> Lead:
    """Takes an open offer back; the lead waits in the queue for a person. ValidationError without a reason; NotNow."""
    raise NotImplementedError


def keep_direct(*, by: User, lead: Lead, person: User, reason: str = "", at: dt.datetime | None = None) -> Lead:
    """A person of the vendor takes a lead that is in the queue (an open offer is withdrawn, which needs a reason) or that another
    person of the vendor holds. Its clock for the first contact runs. ValidationError for a person who doesn't see leads; NotNow."""
    raise NotImplementedError


def put_back(*, by: User, lead: Lead, reason: str, at: dt.datetime | None = None) -> Lead:
    """Takes a lead from whoever holds and works on it into the queue, where it waits for a person. ValidationError without a
    reason; NotNow."""
    raise NotImplementedError
