"""How figures of the waterfall are shown, wherever they are: counts to one decimal, money to the minor unit, half away from zero."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from marketing.waterfall import COSTS_PER, RATIOS, STAGES, Figure, Lack, Outcome
from planning.forecast.rows import rounded
from prm.common.money import minor_units

COUNT_PLACES = 1
RATIO_PLACES = 4

REASONS: Mapping[Lack, Any] = {
    Lack.REACH: _("The audience reached isn’t known."),
    Lack.RESPONSE: _("The response rate isn’t known."),
    Lack.MQL: _("The MQL rate isn’t known."),
    Lack.SAL: _("The SAL rate isn’t known."),
    Lack.SQL: _("The SQL rate isn’t known."),
    Lack.WIN: _("The win rate isn’t known."),
    Lack.DEAL_SIZE: _("The average deal isn’t known."),
    Lack.MARGIN: _("The partner’s margin isn’t known."),
    Lack.NO_COST: _("There are no costs."),
    Lack.NO_MDF: _("No MDF is in it."),
    Lack.NO_INQUIRIES: _("There are no inquiries."),
    Lack.NO_MQLS: _("There are no MQLs."),
    Lack.NO_MGOS: _("There are no MGOs."),
    Lack.NO_WINS: _("There are no wins."),
}
STAGE_WORDS: Mapping[str, Any] = {
    "reach": _("Reach"),
    "inquiries": _("Inquiries"),
    "mqls": _("MQL"),
    "sals": _("SAL"),
    "mgos": _("MGO"),
    "wins": _("Wins"),
}
FIGURE_WORDS: Mapping[str, Any] = {
    "revenue": _("Revenue"),
    "gross_margin": _("Gross margin"),
    "cost": _("Cost"),
    "mdf": _("MDF"),
    "revenue_roi": _("Revenue ROI"),
    "margin_roi": _("Margin ROI"),
    "mdf_roi": _("Vendor’s ROI on MDF"),
    "cost_per_inquiry": _("Cost per inquiry"),
    "cost_per_mql": _("Cost per MQL"),
    "cost_per_mgo": _("Cost per MGO"),
    "cost_per_win": _("Cost per win"),
}
SOURCE_WORDS: Mapping[str, Any] = {
    "tactic": _("The tactic’s default"),
    "history": _("Verified activities of this tactic"),
    "typed": _("Typed"),
    "partner": _("The median of the partner’s won deals"),
    "type": _("The median of won deals of partners of its type"),
    "default": _("The program’s default"),
    "business_plan": _("The partner’s business plan"),
    "benchmark": _("The benchmark of business plans"),
}


@dataclass(frozen=True)
class Shown:
    """A figure rounded to be shown, or why there is none: exactly one of `value` and `reason` is set."""

    value: Decimal | None = None
    reason: Any = None


def count(figure: Figure) -> Shown:
    """A stage, to one decimal."""
    return _shown(figure, COUNT_PLACES)


def money(figure: Figure, currency: str) -> Shown:
    """An amount, to the currency's minor unit."""
    return _shown(figure, minor_units(currency))


def ratio(figure: Figure) -> Shown:
    """A return as a number (23 is 23 times the cost), to four decimals, without zeros at the end."""
    found = _shown(figure, RATIO_PLACES)
    return found if found.value is None else Shown(_plain(found.value))


def figures(outcome: Outcome, currency: str) -> dict[str, Shown]:
    """Every figure of an outcome by name, in the order they are shown: stages, amounts, returns, costs per stage."""
    found = {stage: count(outcome.stages[stage]) for stage in STAGES}
    for name in ("revenue", "gross_margin"):
        found[name] = money(getattr(outcome, name), currency)
    for name in ("cost", "mdf"):
        found[name] = money(Figure(getattr(outcome, name)), currency)
    found |= {name: ratio(getattr(outcome, name)) for name in RATIOS}
    return found | {name: money(getattr(outcome, name), currency) for name in COSTS_PER}


def amount(value: Fraction, currency: str) -> Decimal:
    return rounded(value, minor_units(currency))


def number(value: Fraction) -> Decimal:
    return rounded(value, COUNT_PLACES)


def _shown(figure: Figure, places: int) -> Shown:
    if figure.value is None:
        assert figure.lack is not None
        return Shown(reason=REASONS[figure.lack])
    return Shown(rounded(figure.value, places))


def _plain(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
