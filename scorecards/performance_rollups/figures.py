"""Figures of performance, computed anew from sums: of a partner, a family, a group or of everybody. Pure rules.

    attainment = actual ÷ plan of the same days, in percent
    growth     = actual ÷ actual of the same days a year before − 1, in percent
    coverage   = pipeline ÷ max(0, targets ahead − what of them is sold)

What has no rate is named and makes each figure it touches "–". Source: "Figures" in the product's description.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from django.utils.translation import gettext as _

from prm.common.explain import Figure

ZERO, HUNDRED = Decimal(0), Decimal(100)


class Slot(StrEnum):
    """What a sum is of."""

    ACTUAL = "actual"
    PLAN = "plan"  # of the days so far
    FULL = "full"  # of the whole period
    BEFORE = "before"  # the actuals of the same days a year before
    PLAN_BEFORE = "plan_before"
    PIPELINE = "pipeline"
    AHEAD = "ahead"  # the targets coverage looks at
    DONE = "done"  # what of them is sold already


COVERAGE = (Slot.PIPELINE, Slot.AHEAD, Slot.DONE)


@dataclass(frozen=True)
class Sums:
    """`amounts` in the reporting currency; `lacks`: "CHF 2026-03", the first of what could not be converted."""

    amounts: Mapping[Slot, Decimal] = field(default_factory=dict)
    lacks: Mapping[Slot, str] = field(default_factory=dict)

    def amount(self, slot: Slot) -> Figure:
        if why := self._lack(slot):
            return Figure(reason=why)
        return Figure(self.amounts.get(slot, ZERO))

    def target(self, slot: Slot) -> Figure:
        """As `amount`; no target, or one of 0, is none."""
        found = self.amount(slot)
        return found if found.value != ZERO else Figure(reason=_("No target for these months."))

    @property
    def attainment(self) -> Figure:
        return self._attained(Slot.ACTUAL, Slot.PLAN)

    @property
    def attainment_before(self) -> Figure:
        return self._attained(Slot.BEFORE, Slot.PLAN_BEFORE)

    def _attained(self, actual: Slot, plan: Slot) -> Figure:
        top, below = self.amount(actual), self.target(plan)
        if top.value is None or below.value is None:
            return Figure(reason=top.reason or below.reason)
        return Figure(top.value * HUNDRED / below.value)

    @property
    def change(self) -> Figure:
        """Of the actuals, against the same days a year before."""
        now, before = self.amount(Slot.ACTUAL), self.amount(Slot.BEFORE)
        if now.value is None or before.value is None:
            return Figure(reason=now.reason or before.reason)
        return Figure(now.value - before.value)

    @property
    def attainment_change(self) -> Figure:
        """In points, against the same days a year before."""
        now, before = self.attainment, self.attainment_before
        if now.value is None or before.value is None:
            return Figure(reason=now.reason or before.reason)
        return Figure(now.value - before.value)

    @property
    def growth(self) -> Figure:
        now, before = self.amount(Slot.ACTUAL), self.amount(Slot.BEFORE)
        if now.value is None or before.value is None:
            return Figure(reason=now.reason or before.reason)
        if before.value < 0:
            return Figure(reason=_("The same days a year before come to less than 0."))
        if not before.value:
            return Figure(reason=_("Nothing was sold in the same days a year before."))
        return Figure((now.value / before.value - 1) * HUNDRED)

    @property
    def remaining(self) -> Figure:
        """What of the targets ahead is still to be sold."""
        if why := self._lack(Slot.AHEAD, Slot.DONE):
            return Figure(reason=why)
        ahead = self.amounts.get(Slot.AHEAD, ZERO)
        if not ahead:
            return Figure(reason=_("No target for these months."))
        return Figure(max(ZERO, ahead - self.amounts.get(Slot.DONE, ZERO)))

    @property
    def coverage(self) -> Figure:
        left = self.remaining
        if left.value is None:
            return Figure(reason=left.reason)
        if not left.value:
            return Figure(reason=_("Target met: nothing remains to be covered."))
        pipeline = self.amount(Slot.PIPELINE)
        return pipeline if pipeline.value is None else Figure(pipeline.value / left.value)

    def _lack(self, *slots: Slot) -> str:
        found = min((self.lacks[slot] for slot in slots if slot in self.lacks), default="")
        if not found:
            return ""
        currency, _space, month = found.partition(" ")
        return _("No rate for %(currency)s in %(month)s.") % {"currency": currency, "month": month}


def added(parts: list[Sums]) -> Sums:
    """Together."""
    amounts: dict[Slot, Decimal] = {}
    lacks: dict[Slot, str] = {}
    for part in parts:
        for slot, amount in part.amounts.items():
            amounts[slot] = amounts.get(slot, ZERO) + amount
        for slot, lack in part.lacks.items():
            lacks[slot] = min(lack, lacks.get(slot, lack))
    return Sums(amounts, lacks)
