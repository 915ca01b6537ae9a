"""Funds of the fiscal years with marketing plans: budgets by region, and what partners' results bring them."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from random import Random

from accounts.permissions import Role
from demo.books import Books
from demo.marketing import PAST
from demo.world import Member, World
from marketing.models import Activity
from mdf import ledger
from mdf.actions.accruing import months_between, results_of
from mdf.models import Account, Fund
from partners.models import Partner
from prm.common.fiscal import FiscalYear, Month
from prm.common.money import minor_units

SPARE = Decimal("1.35")  # budget for what was asked and somewhat more
STEP = 5_000  # budgets are round
ACCRUES = Decimal("0.01")
LASTS = 6  # months
OWN = 12  # partners with an allocation of their own


@dataclass
class Funds:
    """The funds and the books they are kept in. `post` writes the books once everything is noted in them."""

    world: World
    books: Books
    by_year: dict[int, Fund]
    accounts: dict[tuple[int, str, int], Account]  # (fund, "fund", "region" or "partner", its pk or 0)

    def fund(self, day: dt.date) -> Fund | None:
        """The fund of a plan that begins on a day."""
        return self.by_year.get(self.world.calendar.year_of(day).year)

    def account(self, fund: Fund, partner: Partner) -> Account:
        """What a request of the partner is paid from: its own account, its region's, or what isn't allocated."""
        for kind, pk in (("partner", partner.pk), ("region", partner.region_id or 0)):
            if found := self.accounts.get((fund.pk, kind, pk)):
                return found
        return self.accounts[fund.pk, "fund", 0]

    def post(self) -> None:
        self.books.post()


def prepare(world: World, members: Sequence[Member]) -> Funds:
    """The funds with their budgets and allocations, and what accrued. Marketing plans are in the database already."""
    funds = Funds(world, Books(world), {}, {})
    asked = _asked(world)
    for year in sorted({world.calendar.year_of(quarter.start) for quarter in _quarters(world)}):
        _year(funds, year, asked, members)
    _accruals(funds, members)
    return funds


def _quarters(world: World) -> list:
    current = world.quarters[-1]
    return [current.shift(n) for n in range(-PAST, 2)]


def _asked(world: World) -> dict[tuple[int, int], Decimal]:
    """What partners ask in their plans, by fiscal year and region (0 for none)."""
    rows = Activity.objects.unscoped("the demo").filter(mdf_asked__gt=0)
    found: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    for starts_on, region, amount in rows.order_by("pk").values_list(
        "plan__starts_on", "plan__partner__region", "mdf_asked"
    ):
        found[world.calendar.year_of(starts_on).year, region or 0] += amount
    return found


def _year(funds: Funds, year: FiscalYear, asked: dict[tuple[int, int], Decimal], members: Sequence[Member]) -> None:
    world, books = funds.world, funds.books
    random = Random(f"{world.profile.seed} mdf {year.key}")
    fund = Fund.objects.create(
        name=f"Growth fund {year.label}", period=year.key, starts_on=year.start, ends_on=year.end, expires_on=year.end,
        currency=world.profile.currency, share=Decimal("0.5"), minimum_roi=Decimal(2), claim_days=60,
    )  # fmt: skip
    funds.by_year[year.year] = fund
    by = world.staff[Role.MARKETING]
    first = min(year.start, world.yesterday - dt.timedelta(days=30))
    at = world.moment(first)
    pool = funds.accounts[fund.pk, "fund", 0] = books.account(fund)
    shares = {region: amount for (of, region), amount in asked.items() if of == year.year}
    budgets = {region: _round(amount * SPARE) for region, amount in shares.items()}
    owners = [member.partner for member in random.sample(members, min(OWN, len(members)))] if members else []
    books.budget(at, pool, sum(budgets.values(), Decimal(20 * STEP)), by=by)
    fund.budget = sum(budgets.values(), Decimal(20 * STEP))
    fund.save(update_fields=["budget"])
    for number, region in enumerate(world.regions.values(), 1):
        if amount := budgets.get(region.pk):
            account = funds.accounts[fund.pk, "region", region.pk] = books.account(fund, region=region)
            books.allocate(
                at + dt.timedelta(hours=number), pool, account, amount, by=by, reason=f"Plan of {year.label}"
            )
    for number, partner in enumerate(owners, 1):
        account = books.account(fund, partner=partner)
        amount = Decimal(random.randrange(2, 7) * 500)
        books.allocate(
            at + dt.timedelta(days=1, minutes=number), pool, account, amount, by=by, reason="For a launch of their own"
        )


def _round(amount: Decimal) -> Decimal:
    """Up to the next round sum."""
    return Decimal(math.ceil(amount / STEP) * STEP)


def _accruals(funds: Funds, members: Sequence[Member]) -> None:
    """A fund that partners fill by what they sell, of the current fiscal year up to the month before this one."""
    world, books = funds.world, funds.books
    year = world.calendar.year_of(world.today)
    fund = Fund.objects.create(
        name=f"Partner development {year.label}", kind=Fund.Kind.ACCRUAL, period=year.key, starts_on=year.start,
        ends_on=year.end, expires_on=year.next.start + dt.timedelta(days=89), currency=world.profile.currency,
        share=Decimal(1), claim_days=60, accrual_rate=ACCRUES, accrual_months=LASTS,
    )  # fmt: skip
    books.account(fund)
    months = months_between(year.start, world.today, year.end)
    if not months:
        return
    found = results_of(fund, months).by_month
    for member in sorted(members, key=lambda member: member.partner.pk):
        account = None
        for month in months:
            results = found.get((member.partner.pk, month.key), Fraction(0))
            if not results:
                continue
            if account is None:
                account = books.account(fund, partner=member.partner)
            _accrue(books, account, month, results)


def _accrue(books: Books, account: Account, month: Month, results: Fraction) -> None:
    at = books.world.moment(month.next.start).replace(hour=0, minute=30)
    places = minor_units(account.fund.currency)
    books.accrue(
        at, account, month.key, ledger.earned(results, Decimal(1), 4), ledger.earned(results, ACCRUES, places),
        month.shift(LASTS).end,
    )  # fmt: skip
