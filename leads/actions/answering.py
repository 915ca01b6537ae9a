"""A partner answers an offer, or the time is up."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from leads.models import Lead, LeadOffer


def accept(*, by: User, offer: LeadOffer, at: dt.datetime | None = None) -> Lead:
    """The partner takes the lead; from now on it holds it and sees the person. Accepted by it before: nothing happens.

    Raises TooLate, with the reason: the time was up, withdrawn, declined before. Whoever of two is first holds it.
    """
    raise NotImplementedError


def decline(*, by: User, offer: LeadOffer, reason: str, at: dt.datetime | None = None) -> LeadOffer:
    """The partner doesn't take it: the rules go on to the next; after the most offers of the policy it waits for a person.
    ValidationError without a reason. Raises TooLate."""
    raise NotImplementedError


def time_out(*, offer: LeadOffer, at: dt.datetime | None = None) -> bool:
    """Ends an open offer whose time is up, as `decline` does. False where it was answered meanwhile or has time left."""
    raise NotImplementedError
