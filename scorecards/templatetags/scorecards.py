"""{% load scorecards %}: addresses of explanations, and exact figures as people read them."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from django import template

from prm.common.rag import Thresholds
from prm.common.templatetags.numbers import format_number
from prm.common.templatetags.signs import score as score_sign
from scorecards import queries, scoring
from scorecards.standing import Figures, Peers

register = template.Library()


@register.simple_tag
def scorecard_explain(urls: Mapping[str, str], level: str, key: str) -> str:
    """The page that explains a figure of the assessment whose addresses `urls` are."""
    return f"{urls['summary']}explain/{level}/{key}/"


@register.filter("fraction")
def format_fraction(value: Fraction, places: int = 0) -> str:
    """An exact figure with so many decimals, halves away from zero."""
    return format_number(scoring.decimal(value), places)


@register.simple_tag
def stored_score(value: Decimal | None, limits: Thresholds, reason: str = "") -> str:
    """A stored overall as the sign that lists show."""
    shown = None if value is None else scoring.display(value)
    return score_sign(shown, limits.rag(shown) if shown is not None else "", reason=reason)


@register.filter
def of_topic(peers: Peers, key: str) -> Figures | None:
    """Where an assessment stands among its peers in one topic."""
    return peers.of(key)


@register.filter
def period(key: str) -> str:
    """ "2026Q4" as "FY26 Q4"."""
    return queries.period_label(key)
