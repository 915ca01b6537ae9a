"""Funds, their budgets, and how these are allocated. All need EDIT_FUNDS, else NotAllowed; ValidationError by field."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from accounts.models import User
from mdf.models import Account, Entry, Fund
from partners.models import Partner, Region


def create_fund(*, by: User, name: str, period: str, currency: str, budget: Decimal = Decimal(0), **fields: Any) -> Fund:
    """A fund with its account and, where `budget` isn't 0, its first entry. `period` is the key of a fiscal year, half or quarter.

    `fields`: kind, tactics, share, minimum_roi, claim_days, accrual_rate, accrual_months, needs_signed_plan, expires_on (the
    period's last day where left out).
    """
    raise NotImplementedError


def change_fund(*, by: User, fund: Fund, **fields: Any) -> Fund:
    """Changes its name and rules. Not its currency and period, nor its budget (`change_budget`)."""
    raise NotImplementedError


def change_budget(*, by: User, fund: Fund, amount: Decimal, reason: str) -> Entry:
    """Adds to the budget, or cuts it by what is negative: at most what isn't allocated and still available, else NotEnough."""
    raise NotImplementedError


def allocate(
    *,
    by: User,
    fund: Fund,
    amount: Decimal,
    region: Region | None = None,
    distributor: Partner | None = None,
    partner: Partner | None = None,
    expires_on: dt.date | None = None,
    reason: str = "",
) -> Account:
    """Moves `amount` of what isn't allocated to a region, a distributor or a partner, whose account is made where it isn't yet.
    NotEnough."""
    raise NotImplementedError


def transfer(*, by: User, source: Account, target: Account, amount: Decimal, reason: str) -> Entry:
    """Moves `amount` of what is available between two accounts of one fund. NotEnough."""
    raise NotImplementedError
