"""Figures of marketing from sums: of a partner, a group or everybody. Pure.

planned of needed = planned ÷ needed, delivered of needed = delivered ÷ needed, in percent
revenue ROI       = (revenue − cost) ÷ cost, of the activities that ended in the period and are verified
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from prm.common.explain import Figure

ZERO = Decimal(0)


@dataclass(frozen=True)
class Sums:
    """MGOs, and amounts in the reporting currency. `needed` None: there is no worksheet of the period. `planning` partners have an approved
    activity in it; `left` activities ended in it and nobody verified them. `lack` names a currency without a rate."""

    partners: int = 0
    planning: int = 0
    needed: int | None = None
    planned: Decimal = ZERO
    delivered: Decimal = ZERO
    budget: Decimal = ZERO
    cost: Decimal = ZERO
    revenue: Decimal = ZERO
    left: int = 0
    lack: str = ""

    @property
    def needed_figure(self) -> Figure:
        if self.needed is None:
            return Figure(reason=_("No program worksheet is kept for the period."))
        return Figure(Decimal(self.needed))

    def of_needed(self, mgos: Decimal) -> Figure:
        needed = self.needed_figure
        if needed.value is None:
            return needed
        return Figure(mgos * 100 / needed.value) if needed.value else Figure(reason=_("None are needed."))

    def amount(self, value: Decimal) -> Figure:
        if self.lack:
            return Figure(reason=_("There is no rate for %(currency)s.") % {"currency": self.lack})
        return Figure(value)

    @property
    def roi(self) -> Figure:
        if self.lack:
            return self.amount(ZERO)
        if not self.cost:
            return Figure(reason=_("No activity that ended in the period is verified."))
        return Figure((self.revenue - self.cost) / self.cost)


def added(parts: Iterable[Sums]) -> Sums:
    """Together."""
    total = Sums()
    for part in parts:
        total = Sums(**{each.name: _both(getattr(total, each.name), getattr(part, each.name)) for each in fields(Sums)})
    return total


def _both(first: Any, second: Any) -> Any:
    """Numbers are added; of lacks one is named; None is nothing known."""
    if first is None or second is None:
        return second if first is None else first
    if isinstance(first, str):
        return min(first, second) if first and second else first or second
    return first + second
