"""What requests and claims do to the ledger: reserve, release, spend. The caller says who may; here it is only whether there is enough.

All run in the caller's transaction, which they need, and lock the account they move until it ends.
"""

from __future__ import annotations

from decimal import Decimal

from django.db import models

from accounts.models import User
from mdf.models import Account, Entry
from partners.models import Partner


def reserve(
    *, account: Account, amount: Decimal, hold: int, subject: models.Model, partner: Partner, by: User | None, reason: str = ""
) -> Entry:
    """Sets `amount` (above 0, whole in the currency's minor unit) of what is available aside for request line `hold`.

    `subject`: what it is done for (the request), kept by model name, pk and str(). A line may reserve again, from the same account.
    NotEnough with what is left: what has expired today doesn't count. ValidationError for an amount that can't be.
    """
    raise NotImplementedError


def release(
    *, hold: int, amount: Decimal | None = None, subject: models.Model, by: User | None, reason: str = ""
) -> list[Entry]:
    """Gives `amount` of what request line `hold` still holds back to its account; None: all of it, which may be nothing.

    What has expired meanwhile is expired at once. Gives the entries written: [], [release] or [release, expire]. NotEnough with
    what the line still holds.
    """
    raise NotImplementedError


def spend(*, hold: int, amount: Decimal, subject: models.Model, by: User | None, reason: str = "") -> Entry:
    """Spends `amount` of what request line `hold` holds, for a claim (`subject`). Also after the fund expired. NotEnough with what the
    line still holds."""
    raise NotImplementedError


def held(hold: int) -> Decimal:
    """What request line `hold` still holds: reserved less released and spent; 0 where it never reserved. As committed, or as this
    transaction left it; lock the account first (`lock`) where a decision stands on it."""
    raise NotImplementedError


def lock(*accounts: Account) -> list[Account]:
    """The accounts as they are now, locked till the transaction ends; in one order everywhere, so that nobody waits for each other."""
    raise NotImplementedError
