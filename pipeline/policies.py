"""Two of the vendor's dated policies: what results are counted in and where actuals come from, and the seasons of a year."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from prm.common.fiscal import FiscalYear
from prm.common.vendor import policy

ACTUALS, SEASONALITY = "actuals", "seasonality"  # the kinds of policy
MOST = Decimal(1_000_000)  # a weight is a proportion: more says nothing more


class Basis(StrEnum):
    """What results, deals, targets and the money in tiers' rules are counted in."""

    VENDOR_NET = "vendor_net"
    CUSTOMER_PRICE = "customer_price"


class Origin(StrEnum):
    """Where actuals come from."""

    RESULTS = "results"
    WON_DEALS = "won_deals"


@dataclass(frozen=True)
class Actuals:
    basis: Basis = Basis.VENDOR_NET
    origin: Origin = Origin.RESULTS


EVEN = (Decimal(1),) * 12


def parse_actuals(data: Mapping[str, Any]) -> Actuals:
    """The policy from its stored form {"basis": …, "from": …}; what is left out is the default. ValueError for other values."""
    return Actuals(
        Basis(data.get("basis", Basis.VENDOR_NET)),
        Origin(data.get("from", Origin.RESULTS)),
    )


def actuals_data(actuals: Actuals) -> dict[str, str]:
    """The stored form of the policy."""
    return {"basis": actuals.basis.value, "from": actuals.origin.value}


def parse_weights(data: Mapping[str, Any]) -> tuple[Decimal, ...]:
    """The weights of the twelve fiscal months, the first one first, from {"weights": [12 numbers]}; all 1 by default.

    Raises ValueError for another count than twelve, and for a weight that is no number from 0 to 1,000,000.
    """
    given: Sequence[Any] = data.get("weights", EVEN)
    try:
        weights = tuple(Decimal(str(weight)) for weight in given)
    except InvalidOperation as error:
        raise ValueError("A weight is not a number") from error
    if len(weights) != 12:
        raise ValueError(f"A year has twelve weights, not {len(weights)}")
    if not all(weight.is_finite() and 0 <= weight <= MOST for weight in weights):
        raise ValueError("A weight is a number from 0 to 1,000,000")
    return weights


def weights_data(weights: Sequence[Decimal]) -> dict[str, list[str]]:
    """The stored form of the policy: numbers as text, so that none loses a digit."""
    return {"weights": [f"{weight:f}" for weight in weights]}


def actuals_on(day: dt.date) -> Actuals:
    """The policy in force on a day."""
    return parse_actuals(policy(ACTUALS, on=day, default={}))


def weights_for(year: FiscalYear, today: dt.date) -> tuple[Decimal, ...]:
    """By what weights a target of this fiscal year is spread when it is set today.

    Those in force on the year's first day where that is still to come, so that next year's targets follow next year's seasons.
    """
    return parse_weights(policy(SEASONALITY, on=max(year.start, today), default={}))
