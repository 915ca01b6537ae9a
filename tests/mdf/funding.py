"""Funds for tests."""

from decimal import Decimal
from typing import Any

from accounts.permissions import Role
from mdf import actions
from mdf.models import Account, Fund
from prm.common.vendor import fiscal_calendar, today
from tests.world import World


def make_fund(
    world: World, *, budget: str = "10000", name: str = "Growth fund", currency: str = "EUR", **fields: Any
) -> Fund:
    """This fiscal year's unless `period` says another, made by the marketing manager."""
    fields = {"period": fiscal_calendar().year_of(today()).key, **fields}
    return actions.create_fund(
        by=world.users[Role.MARKETING], name=name, currency=currency, budget=Decimal(budget), **fields
    )


def unallocated(fund: Fund) -> Account:
    return Account.everything.get(fund=fund, region=None, distributor=None, partner=None)


def give(world: World, fund: Fund, amount: str, **to: Any) -> Account:
    return actions.allocate(by=world.users[Role.MARKETING], fund=fund, amount=Decimal(amount), **to)


def figures(account: Account) -> tuple[str, ...]:
    """available, reserved, spent, expired, as they are now."""
    account.refresh_from_db()
    return tuple(f"{getattr(account, name).normalize():f}" for name in ("available", "reserved", "spent", "expired"))
