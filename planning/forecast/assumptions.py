"""What a business plan assumes: the numbers a forecast is computed from. Percentages as they are written: 35 is 35 %.

A month m is 1…36, 1 being the plan's first calendar month. Money is in the plan's currency. Each number's field says of which
kind it is (`number`), so that whoever walks over all of them, as the sensitivity does, needs no list of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

MONTHS = 36
ZERO = Decimal(0)


class Kind(StrEnum):
    """What a number is: money, a count, a percentage (0 to 100), a growth (a percentage without that limit), the month in which
    something begins or falls, a number of whole months."""

    MONEY = "money"
    COUNT = "count"
    PERCENT = "percent"
    GROWTH = "growth"
    START = "start"
    MONTHS = "months"


def number(kind: Kind, default: Decimal | int | None = ZERO, least: int = 0) -> Any:
    """A field for a number of this kind, not below `least`."""
    return field(default=default, metadata={"kind": kind, "least": least})


@dataclass(frozen=True)
class Ramp:
    """New deals that grow: `first` in the first month, `growth` % a month, never above `cap` (None is no cap)."""

    first: Decimal = number(Kind.COUNT)
    growth: Decimal = number(Kind.GROWTH, least=-100)
    cap: Decimal | None = number(Kind.COUNT, None)


@dataclass(frozen=True)
class CapacityShare:
    """New deals as the sellers can make them: `share` % of the whole capacity."""

    share: Decimal = number(Kind.PERCENT)


@dataclass(frozen=True)
class OneTime:
    """Sold once: `deal_size` a deal, the partner's selling price; and a run rate of before the plan, eroding by the month."""

    deal_size: Decimal = number(Kind.MONEY)
    run_rate: Decimal = number(Kind.MONEY)
    erosion: Decimal = number(Kind.PERCENT)


@dataclass(frozen=True)
class Recurring:
    """Paid by the month: `price` a month per active customer, `churn` % a month; `opening_base` customers of before the plan."""

    price: Decimal = number(Kind.MONEY)
    churn: Decimal = number(Kind.PERCENT)
    opening_base: Decimal = number(Kind.COUNT)


@dataclass(frozen=True)
class Services:
    """What `attach` % of the deals take with them, `lag` months later: services once, managed services by the month.

    `managed_churn` None: the line's own churn, 0 for a one-time line.
    """

    attach: Decimal = number(Kind.PERCENT)
    lag: int = number(Kind.MONTHS, 0)
    price: Decimal = number(Kind.MONEY)
    margin: Decimal = number(Kind.PERCENT, least=-100)
    managed_price: Decimal = number(Kind.MONEY)
    managed_margin: Decimal = number(Kind.PERCENT, least=-100)
    managed_churn: Decimal | None = number(Kind.PERCENT, None)


@dataclass(frozen=True)
class Line:
    """A product line of the plan. `key` names the row within the plan, `product` is the id of the vendor's product line, where
    it is one; margin and rebate are of its product revenue."""

    key: str
    name: str
    product: int | None = None
    start: int = number(Kind.START, 1, least=1)
    deals: Ramp | CapacityShare = field(default_factory=Ramp)
    sale: OneTime | Recurring = field(default_factory=OneTime)
    margin: Decimal = number(Kind.PERCENT, least=-100)
    rebate: Decimal = number(Kind.PERCENT)
    services: Services = field(default_factory=Services)


@dataclass(frozen=True)
class Seller:
    """`count` people who close `rate` deals a month each when fully productive, after `ramp` months; `cost` a year each."""

    key: str
    name: str
    count: Decimal = number(Kind.COUNT)
    start: int = number(Kind.START, 1, least=1)
    rate: Decimal = number(Kind.COUNT)
    ramp: int = number(Kind.MONTHS, 0)
    cost: Decimal = number(Kind.MONEY)


@dataclass(frozen=True)
class Person:
    """`count` people who don't sell, at `cost` a year each."""

    key: str
    name: str
    count: Decimal = number(Kind.COUNT)
    start: int = number(Kind.START, 1, least=1)
    cost: Decimal = number(Kind.MONEY)


@dataclass(frozen=True)
class Training:
    """Training or certification, paid in one month."""

    key: str
    name: str
    cost: Decimal = number(Kind.MONEY)
    month: int = number(Kind.START, 1, least=1)


@dataclass(frozen=True)
class Marketing:
    """Spent every month; `mdf_share` % of it comes back as MDF."""

    key: str
    name: str
    monthly: Decimal = number(Kind.MONEY)
    mdf_share: Decimal = number(Kind.PERCENT)


@dataclass(frozen=True)
class OtherCost:
    """Another cost: every month, or once in `month` (None: every month)."""

    key: str
    name: str
    cost: Decimal = number(Kind.MONEY)
    month: int | None = number(Kind.START, None, least=1)


@dataclass(frozen=True)
class Assumptions:
    """All that a forecast needs, each list in the plan's order. `terms`: whole months until what is sold is paid (cash only).

    `places` are the decimals of the currency's minor unit, to which each cell is rounded.
    """

    lines: tuple[Line, ...] = ()
    sellers: tuple[Seller, ...] = ()
    people: tuple[Person, ...] = ()
    training: tuple[Training, ...] = ()
    marketing: tuple[Marketing, ...] = ()
    other: tuple[OtherCost, ...] = ()
    terms: int = number(Kind.MONTHS, 1)
    places: int = 2


@dataclass(frozen=True)
class Scenario:
    """Multipliers on deals, deal size, margin and cost, and months by which product lines begin later."""

    deals: Decimal = Decimal(1)
    deal_size: Decimal = Decimal(1)
    margin: Decimal = Decimal(1)
    cost: Decimal = Decimal(1)
    delay: int = 0


BLEAK, BASE, STRETCH = "bleak", "base", "stretch"
DEFAULT_SCENARIOS = {
    BLEAK: Scenario(Decimal("0.6"), Decimal("0.9"), Decimal("0.95"), Decimal("1.0"), 2),
    BASE: Scenario(),
    STRETCH: Scenario(Decimal("1.3"), Decimal("1.1"), Decimal("1.0"), Decimal("1.05"), 0),
}
