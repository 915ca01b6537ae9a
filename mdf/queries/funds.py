"""Reads of funds and of their ledger."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from accounts.models import User
from mdf.models import Account, Fund
from partners.models import Partner


def funds(user: User) -> QuerySet[Fund]:
    """The funds this user may know of: all for those who see MDF; for a partner's side those that it could ask (`open_to`) or did."""
    raise NotImplementedError


def open_to(partner: Partner, on: dt.date) -> list[Account]:
    """The accounts a partner may draw on, of all funds that haven't expired on a day: of each fund its own, then its distributor's, its
    region's, and what isn't allocated; of a fund by accrual only its own."""
    raise NotImplementedError


def account_for(fund: Fund, partner: Partner) -> Account | None:
    """The account of a fund that a request of this partner is paid from where nobody says another: the first of those it may draw on,
    as in `open_to`, with money available; where none has, the first of them. None where it may draw on none."""
    raise NotImplementedError
