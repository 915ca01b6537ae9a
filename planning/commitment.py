"""What a plan commits to by calendar month, in the vendor's results basis. Pure rules. Source: "On commit" of the business plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pipeline.policies import Basis
from planning.forecast.result import Forecast
from planning.forecast.rows import rounded
from prm.common.fiscal import Month

DEAL_PLACES = 2


@dataclass(frozen=True)
class Committed:
    """A month's targets: product revenue in the plan's currency, new deals to two decimals."""

    month: Month
    revenue: Decimal
    deals: Decimal


def months(forecast: Forecast, first: Month, basis: Basis) -> Iterator[Committed]:
    """The months of a plan that begins in `first`.

    Vendor net is what the partner pays: product revenue less its gross profit; the customer's price is product revenue itself.
    Services never count.
    """
    rows = zip(forecast.product_revenue, forecast.product_profit, forecast.deals, strict=True)
    for i, (revenue, profit, deals) in enumerate(rows):
        amount = revenue - profit if basis is Basis.VENDOR_NET else revenue
        yield Committed(first.shift(i), amount, rounded(deals, DEAL_PLACES))
