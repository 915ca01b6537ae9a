"""Whoever holds a lead works on it: contacted, qualified, then a deal or disqualified; and what happens where nobody does."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from leads.models import Lead
from pipeline.models import Customer, Deal


def contacted(*, by: User, lead: Lead, note: str = "", at: dt.datetime | None = None) -> Lead:
    """The holder has spoken with the person. Done before: nothing happens. Raises NotNow."""
    raise NotImplementedError


def qualified(*, by: User, lead: Lead, note: str = "", at: dt.datetime | None = None) -> Lead:
    """There is something to sell; counts as contacted, too. Done before: nothing happens. Raises NotNow."""
    raise NotImplementedError


def disqualified(*, by: User, lead: Lead, reason: str, at: dt.datetime | None = None) -> Lead:
    """Nothing will come of it. In the queue only the vendor says so. ValidationError without a reason. Raises NotNow."""
    raise NotImplementedError


def reopen(*, by: User, lead: Lead, at: dt.datetime | None = None) -> Lead:
    """A disqualified lead goes back to its holder as it was before, or into the queue. Raises NotNow, NoRoom."""
    raise NotImplementedError


def customer_of(*, by: User, lead: Lead) -> Customer:
    """The holding partner's end customer for the lead's company, found or added, with domain and country where it has none: what
    a registration starts from. Raises NotNow for a lead that no partner holds."""
    raise NotImplementedError


def convert(*, by: User | None, lead: Lead, deal: Deal | None = None, at: dt.datetime | None = None) -> Lead:
    """It became a registration or a deal; counts as contacted and qualified. `deal` may be given later, by a second call, once the
    registration is approved; what becomes of the deal becomes of the lead. A direct lead converts without a deal. Raises NotNow,
    ValidationError for another partner's deal."""
    raise NotImplementedError


def close_direct(
    *, by: User, lead: Lead, won: bool, on: dt.date | None = None, reason: str = "", at: dt.datetime | None = None
) -> Lead:
    """The vendor's own sale out of a direct lead was won or lost (with a reason). Raises NotNow, ValidationError."""
    raise NotImplementedError


def nudge(*, lead: Lead, at: dt.datetime | None = None) -> bool:
    """Reminds the holder once the clock for the first contact has run out, once; a partner has the policy's days from then until it
    is pulled back. False where there is nothing to remind of."""
    raise NotImplementedError


def pull_back(*, lead: Lead, by: User | None = None, reason: str = "", at: dt.datetime | None = None) -> bool:
    """Takes a lead back from a partner that was reminded and still silent, and gives it out anew by the rules. With `by` and a
    reason also before that. False where it isn't due (by the system)."""
    raise NotImplementedError
