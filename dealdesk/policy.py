"""The vendor's policy of registrations, dated data. Pure but for `policy_on`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from prm.common.vendor import policy

KIND = "registration"
REMINDERS = (14, 3)  # days before the end of the protection
HUNDRED = Decimal(100)


class Rfp(StrEnum):
    """What holds for a public tender, where several partners bid for the same customer."""

    FIRST = "first"  # as for everything else: the first one is protected
    SHARED = "shared"  # registrations for tenders don't conflict with each other; the approver sees them as possible
    REFUSED = "refused"  # a tender can't be registered


@dataclass(frozen=True)
class RegistrationPolicy:
    """What a registration has to be, and what it brings. Percents are 0 to 100.

    `minimum` is in the reporting currency. `sla_days`, `escalation_days` (after the SLA) and `place_days` (in which a returned one
    keeps its place) are working days, the rest calendar days. `slots`: the most a partner may have open and protected at once; None:
    as many as it likes. `second_share`: what a second partner gets of the deal where the decider says nothing else. `reopens`: once
    the protection has ended others may register the customer while the deal is open. `discounts`: percent by key of the tier.
    """

    minimum: Decimal = Decimal(0)
    protection_days: int = 90
    renewals: int = 1
    progress_days: int = 30
    sla_days: int = 2
    escalation_days: int = 0
    place_days: int = 5
    rfp: Rfp = Rfp.FIRST
    slots: int | None = None
    second_share: Decimal = Decimal(20)
    reopens: bool = True
    discounts: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))

    def discount(self, tier: str | None) -> Decimal | None:
        """Of a partner of this tier; None where none is set."""
        return self.discounts.get(tier) if tier else None


# Lowest and highest of each whole number.
WHOLE = {
    "protection_days": (1, 730),
    "renewals": (0, 10),
    "progress_days": (1, 365),
    "sla_days": (1, 60),
    "escalation_days": (0, 60),
    "place_days": (0, 60),
    "slots": (1, 100_000),
}
MOST_MONEY = Decimal(10) ** 12


def read(data: Mapping[str, Any]) -> RegistrationPolicy:
    """The policy from its stored form; what is left out is the default. ValueError (field, what is wrong) for other values."""
    if unknown := set(data) - set(RegistrationPolicy.__dataclass_fields__):
        raise ValueError(sorted(unknown)[0], "unknown")
    values: dict[str, Any] = {}
    for name, value in data.items():
        if name == "slots" and value is None:
            values[name] = None
        elif name in WHOLE:
            low, high = WHOLE[name]
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise ValueError(name, "range")
            values[name] = value
        elif name == "minimum":
            values[name] = _number(name, value, MOST_MONEY)
        elif name == "second_share":
            values[name] = _number(name, value, Decimal("99.99"))
        elif name == "rfp":
            if value not in list(Rfp):
                raise ValueError(name, "unknown")
            values[name] = Rfp(value)
        elif name == "reopens":
            if not isinstance(value, bool):
                raise ValueError(name, "unknown")
            values[name] = value
        else:
            if not isinstance(value, Mapping):
                raise ValueError(name, "unknown")
            values[name] = MappingProxyType({tier: _number(name, share, HUNDRED) for tier, share in value.items()})
    return RegistrationPolicy(**values)


def data(wanted: RegistrationPolicy) -> dict[str, Any]:
    """The stored form: amounts and percents as text, so that none loses a digit."""
    return {
        "minimum": f"{wanted.minimum:f}",
        **{name: getattr(wanted, name) for name in WHOLE},
        "rfp": wanted.rfp.value,
        "second_share": f"{wanted.second_share:f}",
        "reopens": wanted.reopens,
        "discounts": {tier: f"{percent:f}" for tier, percent in sorted(wanted.discounts.items())},
    }


def policy_on(day: dt.date) -> RegistrationPolicy:
    """The policy in force on a day."""
    return read(policy(KIND, on=day, default={}))


def _number(name: str, value: Any, most: Decimal) -> Decimal:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(name, "range") from None
    if not number.is_finite() or not 0 <= number <= most or number != round(number, 2):
        raise ValueError(name, "range")
    return number
