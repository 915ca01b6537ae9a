"""The months of one row of a plan: what a product line sells and earns, what a cost row costs. Source: "Formulas" of the business plan.

All arithmetic is exact (fractions); a cell is rounded once, half away from zero, to the currency's minor unit. The functions are
cached, as a panel that follows each change and a sensitivity of a hundred variants compute most rows again unchanged.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from planning.forecast.assumptions import (
    MONTHS,
    CapacityShare,
    Line,
    Marketing,
    OneTime,
    OtherCost,
    Person,
    Ramp,
    Scenario,
    Seller,
    Training,
)

Amounts = tuple[Decimal, ...]  # one per month, rounded
Reals = tuple[Fraction, ...]  # one per month, exact
KEPT = 512


@dataclass(frozen=True)
class LineMonths:
    """A product line by month: deals and customers are real numbers, never rounded; money is rounded cells."""

    deals: Reals
    active: Reals  # customers of a recurring line at the month's end; of a one-time line 0
    managed_base: Reals
    product: Amounts
    services: Amounts
    managed: Amounts
    product_profit: Amounts
    services_profit: Amounts
    managed_profit: Amounts
    rebate: Amounts


@dataclass(frozen=True)
class CostMonths:
    """A cost row by month; `mdf` is what comes back of a marketing row, else 0."""

    cost: Amounts
    mdf: Amounts


def rounded(value: Fraction, places: int) -> Decimal:
    """`value` at `places` decimals, halves away from zero, as a spreadsheet's ROUND does."""
    return _rounded(value.numerator, value.denominator, places)


def _rounded(top: int, bottom: int, places: int) -> Decimal:
    """top ÷ bottom at `places` decimals. Whole numbers, as a fraction would first look for common divisors of no use here."""
    units = (2 * abs(top) * 10**places + bottom) // (2 * bottom)
    return Decimal(f"{'-' if top < 0 < units else ''}{units}E-{places}")


def share(percent: Decimal) -> Fraction:
    """35 → 0.35, exactly."""
    return Fraction(percent) / 100


def capacity(sellers: Iterable[Seller]) -> Reals:
    """Deals a month that these sellers can close, ramping up: in their k-th month min(1, k ÷ ramp) of the full rate."""
    total = [Fraction(0)] * MONTHS
    for seller in sellers:
        full = Fraction(seller.count) * Fraction(seller.rate)
        for m in range(max(seller.start, 1), MONTHS + 1):
            k = m - seller.start + 1
            total[m - 1] += full * (min(Fraction(1), Fraction(k, seller.ramp)) if seller.ramp else 1)
    return tuple(total)


def new_deals(line: Line, whole_capacity: Reals, scenario: Scenario) -> Reals:
    """New deals by month: none before the start, then ramped or a share of the capacity; the multiplier comes last."""
    start = line.start + scenario.delay
    found = [Fraction(0)] * MONTHS
    if isinstance(line.deals, CapacityShare):
        part = share(line.deals.share)
        for m in range(start, MONTHS + 1):
            found[m - 1] = part * whole_capacity[m - 1]
    else:
        found[start - 1 :] = _ramped(line.deals, MONTHS + 1 - start)
    return tuple(deals * Fraction(scenario.deals) for deals in found)


def _ramped(ramp: Ramp, months: int) -> list[Fraction]:
    found, now, growth = [], Fraction(ramp.first), 1 + share(ramp.growth)
    cap = None if ramp.cap is None else Fraction(ramp.cap)
    for _month in range(months):
        found.append(now if cap is None else min(cap, now))
        now *= growth
    return found


def _base(opening: Fraction, churn: Fraction, joining: Iterable[Fraction]) -> Reals:
    """Customers at the end of each month: those of the month before, less churn, and the new ones."""
    found, now = [], opening
    for new in joining:
        now = now * (1 - churn) + new
        found.append(now)
    return tuple(found)


@lru_cache(KEPT)
def line_months(line: Line, whole_capacity: Reals, scenario: Scenario, places: int) -> LineMonths:
    """A product line's months. `whole_capacity` is that of all sellers (an empty tuple does for a line that ramps)."""
    deals = new_deals(line, whole_capacity, scenario)
    sale, services = line.sale, line.services
    one = Fraction(1)
    if isinstance(sale, OneTime):
        active, churn = (Fraction(0),) * MONTHS, Fraction(0)
        size, keeps = Fraction(sale.deal_size) * Fraction(scenario.deal_size), 1 - share(sale.erosion)
        running = _running(Fraction(sale.run_rate), keeps)
        sold, price = [new * size + old for new, old in zip(deals, running, strict=True)], one
    else:
        churn = share(sale.churn)
        active = _base(Fraction(sale.opening_base), churn, deals)
        sold, price = list(active), Fraction(sale.price) * Fraction(scenario.deal_size)

    part = share(services.attach)
    lag = min(services.lag, MONTHS)
    attached = [Fraction(0)] * lag + [new * part for new in deals[: MONTHS - lag]]
    managed_churn = churn if services.managed_churn is None else share(services.managed_churn)
    managed_base = _base(Fraction(0), managed_churn, attached)
    once_price, managed_price = Fraction(services.price), Fraction(services.managed_price)

    def cells(exact: Iterable[Fraction], factor: Fraction) -> Amounts:
        top, bottom = factor.numerator, factor.denominator
        return tuple(_rounded(value.numerator * top, value.denominator * bottom, places) for value in exact)

    def margin(percent: Decimal) -> Fraction:
        return min(share(percent) * Fraction(scenario.margin), one)

    return LineMonths(
        deals=deals,
        active=active,
        managed_base=managed_base,
        product=cells(sold, price),
        services=cells(attached, once_price),
        managed=cells(managed_base, managed_price),
        product_profit=cells(sold, price * margin(line.margin)),
        services_profit=cells(attached, once_price * margin(services.margin)),
        managed_profit=cells(managed_base, managed_price * margin(services.managed_margin)),
        rebate=cells(sold, price * share(line.rebate)),
    )


def _running(rate: Fraction, keeps: Fraction) -> list[Fraction]:
    """The run rate of before the plan, eroded once by the end of month 1."""
    found = []
    for _month in range(MONTHS):
        rate *= keeps
        found.append(rate)
    return found


@lru_cache(KEPT)
def cost_months(
    row: Seller | Person | Training | Marketing | OtherCost, multiplier: Decimal, places: int
) -> CostMonths:
    """A cost row's months, times the scenario's multiplier: people from their start month, training and one-off costs in theirs."""
    factor = Fraction(multiplier)
    if isinstance(row, Seller | Person):
        amount, falls = Fraction(row.count) * Fraction(row.cost) / 12, range(row.start, MONTHS + 1)
    elif isinstance(row, Marketing):
        amount, falls = Fraction(row.monthly), range(1, MONTHS + 1)
    else:
        falls = range(1, MONTHS + 1) if row.month is None else range(row.month, row.month + 1)
        amount = Fraction(row.cost)
    back = share(row.mdf_share) if isinstance(row, Marketing) else Fraction(0)
    cost, mdf, zero = (
        rounded(amount * factor, places),
        rounded(amount * factor * back, places),
        rounded(Fraction(0), places),
    )
    return CostMonths(
        cost=tuple(cost if m in falls else zero for m in range(1, MONTHS + 1)),
        mdf=tuple(mdf if m in falls else zero for m in range(1, MONTHS + 1)),
    )
