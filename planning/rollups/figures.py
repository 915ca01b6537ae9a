"""Figures of commitment, from sums: of a partner, a group or everybody. Pure.

    share of target = planned ÷ target, in percent
    attainment      = actual ÷ planned, of the months that are over, in percent
    forecast        = actual of the months that are over + planned of the others

Planned are the months of the plans in force, actual what their partners sold in those same months.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from prm.common.explain import Figure
from prm.common.numbers import percent_of

ZERO = Decimal(0)


@dataclass(frozen=True)
class Sums:
    """Partners by how far their plan is, and money in the reporting currency. `planned_over` and `actual` are of the months that
    are over. The lacks name a currency without a rate: the figures they touch are "–"."""

    partners: int = 0
    signed: int = 0
    waiting: int = 0
    draft: int = 0
    target: Decimal = ZERO
    planned: Decimal = ZERO
    planned_over: Decimal = ZERO
    actual: Decimal = ZERO
    target_lack: str = ""
    actual_lack: str = ""

    @property
    def signed_share(self) -> Figure:
        found = percent_of(Decimal(self.signed), Decimal(self.partners))
        return Figure(found) if found is not None else Figure(reason=_("There is no partner."))

    @property
    def target_figure(self) -> Figure:
        if self.target_lack:
            return _no_rate(self.target_lack)
        return Figure(self.target) if self.target else Figure(reason=_("No target for these months."))

    @property
    def planned_figure(self) -> Figure:
        return Figure(self.planned) if self.planned else _no_plan()

    @property
    def of_target(self) -> Figure:
        """How much of the target is planned."""
        target, planned = self.target_figure, self.planned_figure
        if target.value is None or planned.value is None:
            return Figure(reason=planned.reason or target.reason)
        return Figure(planned.value * 100 / target.value)

    @property
    def planned_over_figure(self) -> Figure:
        if self.planned_over:
            return Figure(self.planned_over)
        return Figure(reason=_("No month with a plan is over.")) if self.planned else _no_plan()

    @property
    def actual_figure(self) -> Figure:
        """Of the partners with a plan, in its months that are over."""
        below = self.planned_over_figure
        if below.value is None:
            return below
        return _no_rate(self.actual_lack) if self.actual_lack else Figure(self.actual)

    @property
    def attainment(self) -> Figure:
        actual, planned = self.actual_figure, self.planned_over_figure
        if actual.value is None or planned.value is None:
            return Figure(reason=actual.reason or planned.reason)
        return Figure(actual.value * 100 / planned.value)

    @property
    def forecast(self) -> Figure:
        if not self.planned:
            return _no_plan()
        if self.actual_lack:
            return _no_rate(self.actual_lack)
        return Figure(self.actual + self.planned - self.planned_over)


def added(parts: Iterable[Sums]) -> Sums:
    """Together."""
    total = Sums()
    for part in parts:
        total = Sums(**{each.name: _both(getattr(total, each.name), getattr(part, each.name)) for each in fields(Sums)})
    return total


def _both(first: Any, second: Any) -> Any:
    """Numbers are added; of lacks one is named."""
    if isinstance(first, str):
        return min(first, second) if first and second else first or second
    return first + second


def _no_plan() -> Figure:
    return Figure(reason=_("No plan in force for these months."))


def _no_rate(currency: str) -> Figure:
    return Figure(reason=_("There is no rate for %(currency)s.") % {"currency": currency})
