"""Figures of several activities from their sums. Pure.

Forecast and actual are of the verified activities alone, so that both are of the same ones. A ratio is taken of the sums:

    revenue ROI   = (revenue − cost) ÷ cost
    ROI on MDF    = (revenue × (1 − partner margin) − MDF) ÷ MDF
    of forecast   = actual ÷ forecast, in percent
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from prm.common.explain import Figure

ZERO = Decimal(0)


@dataclass(frozen=True)
class Side:
    """What was expected, or what came: stages, and amounts in the reporting currency. `kept`: revenue × (1 − partner margin)."""

    reach: Decimal = ZERO
    inquiries: Decimal = ZERO
    mqls: Decimal = ZERO
    sals: Decimal = ZERO
    mgos: Decimal = ZERO
    wins: Decimal = ZERO
    revenue: Decimal = ZERO
    kept: Decimal = ZERO
    cost: Decimal = ZERO


@dataclass(frozen=True)
class Sums:
    """`approved` activities, of which `verified`, and `open`: they ended and nobody has verified what came of them. `mdf`: what funds paid
    for the verified ones. `lack` names a currency without a rate: amounts are "–" then; `mdf_lack` one of the funds, for what was paid alone.
    `no_margin`: verified ones without a partner margin."""

    approved: int = 0
    verified: int = 0
    open: int = 0
    no_margin: int = 0
    forecast: Side = field(default_factory=Side)
    actual: Side = field(default_factory=Side)
    mdf: Decimal = ZERO
    lack: str = ""
    mdf_lack: str = ""

    def count(self, side: Side, name: str) -> Figure:
        """A stage, of the forecast or the actual side."""
        return Figure(getattr(side, name)) if self.verified else _none_verified()

    def amount(self, side: Side, name: str) -> Figure:
        return self._amount(getattr(side, name))

    @property
    def mdf_figure(self) -> Figure:
        if self.mdf_lack and not self.lack:
            return _no_rate(self.mdf_lack)
        return self._amount(self.mdf)

    def of_forecast(self, name: str) -> Figure:
        """Actual ÷ forecast of a stage or amount, in percent."""
        expected, came = getattr(self.forecast, name), getattr(self.actual, name)
        whole = self._amount(expected) if name in ("revenue", "cost") else self.count(self.forecast, name)
        if whole.value is None:
            return whole
        if not expected:
            return Figure(reason=_("Nothing was forecast."))
        return Figure(came * 100 / expected)

    def roi(self, side: Side) -> Figure:
        """(revenue − cost) ÷ cost."""
        cost = self._amount(side.cost)
        if cost.value is None:
            return cost
        return Figure((side.revenue - side.cost) / side.cost) if side.cost else Figure(reason=_("It cost nothing."))

    @property
    def mdf_roi(self) -> Figure:
        """The vendor's return on each unit of MDF."""
        paid = self.mdf_figure
        if paid.value is None:
            return paid
        if not self.mdf:
            return Figure(reason=_("No MDF was paid."))
        if self.no_margin:
            return Figure(reason=_("The partner’s margin is missing."))
        return Figure((self.actual.kept - self.mdf) / self.mdf)

    @property
    def per_mdf(self) -> Figure:
        """Revenue for each unit of MDF."""
        paid = self.mdf_figure
        if paid.value is None:
            return paid
        return Figure(self.actual.revenue / self.mdf) if self.mdf else Figure(reason=_("No MDF was paid."))

    def _amount(self, value: Decimal) -> Figure:
        if self.lack:
            return _no_rate(self.lack)
        return Figure(value) if self.verified else _none_verified()


def added(parts: Iterable[Sums]) -> Sums:
    """Together."""
    total = Sums()
    for part in parts:
        total = _both(total, part)
    return total


def _both(first: Any, second: Any) -> Any:
    """Numbers are added; of lacks one is named."""
    if isinstance(first, str):
        return min(first, second) if first and second else first or second
    if isinstance(first, Sums | Side):
        return type(first)(
            **{each.name: _both(getattr(first, each.name), getattr(second, each.name)) for each in fields(first)}
        )
    return first + second


def _no_rate(currency: str) -> Figure:
    return Figure(reason=_("There is no rate for %(currency)s.") % {"currency": currency})


def _none_verified() -> Figure:
    return Figure(reason=_("None of them is verified yet."))
