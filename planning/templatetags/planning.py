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
from prm.common.templatetags.numbers import format_quantity

register = template.Library()

SPANS = ((Span.YEAR, _l("Years")), (Span.QUARTER, _l("Quarters")), (Span.MONTH, _l("Months")))
MAIN = "cumulative"
BESIDE = ("break_even", "peak_investment", "roi", "revenue", "gross_profit", "costs", "cash_break_even")


@dataclass(frozen=True)
class ScenarioFigures:
    label: Any
    chosen: bool
    profit: KeyFigure
    break_even: KeyFigure


@dataclass(frozen=True)
class Panel:
    """What the result panel shows; figures with the address of their explanation."""

    said: str
    main: KeyFigure
    main_url: str
    figures: list[tuple[KeyFigure, str]]
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
        profit,
        side.url("figure", plan.pk, MAIN),
        [(figures[key], side.url("figure", plan.pk, key)) for key in BESIDE],
        outcome.cumulative_chart(),
        [_of(outcome, key) for key in SCENARIOS],
        "" if keeps is None else format_quantity(keeps, outcome.currency),
    )


def _of(outcome: Outcome, key: str) -> ScenarioFigures:
    figures = {each.key: each for each in outcome.of(key)}
    return ScenarioFigures(SCENARIOS[key], key == outcome.chosen, figures[MAIN], figures["break_even"])


@register.simple_tag
def plan_scenario(key: str) -> str:
    return str(SCENARIOS[key])


@register.simple_tag
def plan_statement(outcome: Outcome, span: Span) -> Statement:
    return outcome.statement(span)


@register.simple_tag
def plan_spans() -> tuple[tuple[Span, Any], ...]:
    return SPANS


@dataclass(frozen=True)
class Tile:
    label: str
    text: str | None
    note: str
    url: str


TILES = ("cumulative", "break_even", "peak_investment", "roi", "revenue")


@register.simple_tag
def plan_tiles(outcome: Outcome, plan: BusinessPlan, side: Side) -> list[Tile]:
    """The key figures, each leading to its explanation."""
    figures = {each.key: each for each in outcome.figures}
    return [_tile(figures[key], side.url("figure", plan.pk, key)) for key in TILES]


@register.simple_tag
def plan_plain_tiles(outcome: Outcome) -> list[Tile]:
    """The key figures for who came by a link that leads to no other page."""
    figures = {each.key: each for each in outcome.figures}
    return [_tile(figures[key], "") for key in TILES]


def _tile(figure: KeyFigure, url: str) -> Tile:
    missing = figure.explanation.why_missing
    return Tile(figure.label, None if missing else figure.text, str(missing or figure.detail), url)


@register.simple_tag
def plan_url(side: Side, plan: BusinessPlan, name: str = "plan") -> str:
    return side.url(name, plan.pk)


@register.simple_tag
def plan_texts(texts: dict[str, str]) -> list[tuple[Any, str]]:
    """The texts that say something, with their names."""
    return [(TEXTS[key].text, text) for key, text in texts.items() if text.strip()]
