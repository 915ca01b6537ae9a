"""Funds with money in every state: allocated, accrued, reserved, spent, released, moved, taken back."""

import datetime as dt
from decimal import Decimal

from django.db import connection

from accounts.models import User
from accounts.permissions import Role
from mdf import actions
from mdf.models import Account, Entry, Fund
from partners.models import Partner
from pipeline.models import SalesResult
from prm.common.vendor import fiscal_calendar, today, vendor_settings
from tests.world import World


def open_the_ledger() -> None:
    """Lets the guards write their marks into what is written once. In their own database only."""
    with connection.cursor() as cursor:
        for table in ("mdf_entry", "mdf_posting"):
            cursor.execute(f"ALTER TABLE {table} DISABLE RULE {table}_kept_from_update")


def fund_marketing(world: World, partner: Partner, cam: User) -> None:
    """A new fund each time, and for the partner an account in it with something of each kind."""
    by, count = world.users[Role.MARKETING], Fund.objects.count()
    before = today().replace(day=1) - dt.timedelta(days=1)
    currency = vendor_settings().reporting_currency
    fund = actions.create_fund(
        by=by, name=f"Fund {count}", period=fiscal_calendar().year_of(before).key, currency=currency, budget=Decimal(90_000),
        kind=Fund.Kind.BOTH, accrual_rate=Decimal("0.02"), expires_on=today() + dt.timedelta(days=60),
    )  # fmt: skip
    account = actions.allocate(by=by, fund=fund, amount=Decimal(9_000), partner=partner, reason="For the launch")
    if partner.region:
        actions.allocate(by=by, fund=fund, amount=Decimal(2_000), region=partner.region)
    SalesResult.everything.create(partner=partner, on=before, amount=Decimal(5_000), currency=currency)
    actions.accrue(fund=fund, by=by)
    line = 1_000_000 + count  # no line of a request that is there
    one = {"hold": line, "subject": fund, "by": cam}
    actions.reserve(account=account, amount=Decimal(3_000), partner=partner, reason="It fits", **one)
    actions.spend(amount=Decimal(1_200), **one)
    actions.release(amount=Decimal(300), **one)
    unallocated = Account.everything.get(fund=fund, region=None, distributor=None, partner=None)
    moved = actions.transfer(by=by, source=account, target=unallocated, amount=Decimal(100), reason="Not needed")
    actions.reverse(by=by, entry=moved, reason="It is needed")
    assert Entry.everything.filter(fund=fund, kind="accrue", partner=partner).exists()
