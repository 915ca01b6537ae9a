"""{% load planning %}: what the pages of a business plan show of its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from planning.forecast.assumptions import MONTHS
from planning.labels import SCENARIOS, TEXTS
from planning.models import BusinessPlan
from planning.outcome import KeyFigure, Outcome, Span, Statement
from planning.views.sides import Side
from prm.charts import Chart
from prm.common.money import minor_units
from prm.common.templatetags.numbers import format_number

register = template.Library()

SPANS = ((Span.YEAR, _l("Years")), (Span.QUARTER, _l("Quarters")), (Span.MONTH, _l("Months")))
MAIN = "cumulative"
BESIDE = ("break_even", "peak_investment", "roi", "revenue")


@dataclass(frozen=True)
class Brief:
    """A key figure in short: money without its currency; `text` None where there is none, `note` then says why."""

    label: Any
    text: str | None
    note: str
    url: str
    is_negative: bool


NAMES: dict[str, Any] = {
    "cumulative": _l("Profit"),
    "break_even": _l("Break-even"),
    "peak_investment": _l("Peak investment"),
    "roi": _l("ROI"),
    "revenue": _l("Revenue"),
    "gross_profit": _l("Gross profit"),
    "costs": _l("Costs"),
    "cash": _l("Cash after 36 months"),
    "cash_break_even": _l("Break-even, cash"),
    "cash_peak": _l("Peak investment, cash"),
}


def brief(figure: KeyFigure, currency: str, url: str = "") -> Brief:
    """See Brief."""
    told = figure.explanation
    text: str | None = figure.text
    if told.result is None:
        text = None
    elif told.unit == currency:
        text = format_number(told.result, minor_units(currency))
    elif figure.key.endswith("break_even"):
        text = _("month %(number)s") % {"number": figure.text}
    return Brief(NAMES[figure.key], text, str(told.why_missing or figure.detail), url, figure.is_negative)


@dataclass(frozen=True)
class ScenarioFigures:
    label: Any
    chosen: bool
    profit: Brief
    break_even: Brief


@dataclass(frozen=True)
class Panel:
    """What the result panel shows; figures with the address of their explanation."""

    said: str
    main: Brief
    figures: list[Brief]
    chart: Chart
    scenarios: list[ScenarioFigures]
    vendor_keeps: str


@register.simple_tag
def plan_panel(outcome: Outcome, plan: BusinessPlan, side: Side) -> Panel:
    figures = {each.key: each for each in outcome.figures}
    profit, even = figures[MAIN], figures["break_even"]
    said = _("%(profit)s: %(value)s. %(break_even)s: %(month)s.") % {
        "profit": profit.label, "value": profit.text, "break_even": even.label, "month": even.text,
    }  # fmt: skip
    keeps = outcome.forecast.totals(1, MONTHS).vendor_view if outcome.for_vendor else None
    return Panel(
        said,
        brief(profit, outcome.currency, side.url("figure", plan.pk, MAIN)),
        [brief(figures[key], outcome.currency, side.url("figure", plan.pk, key)) for key in BESIDE],
        outcome.cumulative_chart(),
        [_of(outcome, key) for key in SCENARIOS],
        "" if keeps is None else format_number(keeps, minor_units(outcome.currency)),
    )


def _of(outcome: Outcome, key: str) -> ScenarioFigures:
    figures = {each.key: each for each in outcome.of(key)}
    profit, even = (brief(figures[name], outcome.currency) for name in (MAIN, "break_even"))
    return ScenarioFigures(SCENARIOS[key], key == outcome.chosen, profit, even)


@register.simple_tag
def plan_scenario(key: str) -> str:
    return str(SCENARIOS[key])


@register.simple_tag
def plan_statement(outcome: Outcome, span: Span) -> Statement:
    return outcome.statement(span)


@register.simple_tag
def plan_spans() -> tuple[tuple[Span, Any], ...]:
    return SPANS


TILES = tuple(NAMES)
FEW = TILES[:5]


@register.simple_tag
def plan_tiles(outcome: Outcome, plan: BusinessPlan, side: Side, few: bool = False) -> list[Brief]:
    """The key figures, each leading to its explanation."""
    figures = {each.key: each for each in outcome.figures}
    names = FEW if few else TILES
    return [brief(figures[key], outcome.currency, side.url("figure", plan.pk, key)) for key in names]


@register.simple_tag
def plan_plain_tiles(outcome: Outcome, scenario: str = "", few: bool = True) -> list[Brief]:
    """The same for who came by a link that leads to no other page; of the chosen scenario, or of another."""
    figures = {each.key: each for each in outcome.of(scenario or outcome.chosen)}
    return [brief(figures[key], outcome.currency) for key in (FEW if few else TILES)]


@register.simple_tag
def plan_url(side: Side, plan: BusinessPlan, name: str = "plan") -> str:
    return side.url(name, plan.pk)


@register.simple_tag
def plan_texts(texts: dict[str, str]) -> list[tuple[Any, str]]:
    """The texts that say something, with their names."""
    return [(TEXTS[key].text, text) for key, text in texts.items() if text.strip()]
