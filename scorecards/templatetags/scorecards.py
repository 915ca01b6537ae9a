"""{% load scorecards %}: addresses of explanations, and exact figures as people read them."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from accounts.permissions import Permission as P
from accounts.permissions import Role
from prm.common.rag import Thresholds
from prm.common.templatetags.numbers import delta_html, format_number, format_percent
from prm.common.templatetags.signs import rag as rag_sign
from prm.common.templatetags.signs import score as score_sign
from scorecards import queries, scoring
from scorecards.goal_lines import GoalLine
from scorecards.standing import Figures, Peers

register = template.Library()

PLACES = (
    ("scorecards:list", gettext_lazy("Partners"), P.SEE_SCORECARDS),
    ("scorecards:candidates", gettext_lazy("Candidates"), P.SEE_SCORECARDS),
    ("scorecards:satisfaction", gettext_lazy("Satisfaction"), P.SEE_SATISFACTION),
    ("scorecards:program", gettext_lazy("Our program"), P.RUN_PROGRAM),
    ("scorecards:cams", gettext_lazy("CAMs"), P.REVIEW_CAMS),
    ("scorecards:skills", gettext_lazy("My skills"), P.SCORE_OURSELVES),
)


@register.simple_tag
def scorecard_explain(urls: Mapping[str, str], level: str, key: str) -> str:
    """The page that explains a figure of the assessment whose addresses `urls` are."""
    return f"{urls['summary']}explain/{level}/{key}/"


@register.filter("fraction")
def format_fraction(value: Fraction, places: int = 0) -> str:
    """An exact figure with so many decimals, halves away from zero."""
    return format_number(scoring.decimal(value), places)


@register.filter
def whole(value: Fraction) -> int:
    """An exact difference as the integer to show, halves away from zero."""
    return int(scoring.decimal(value, 0))


@register.simple_tag
def stored_score(value: Decimal | None, limits: Thresholds, reason: str = "") -> str:
    """A stored overall as the sign that lists show."""
    shown = None if value is None else scoring.display(value)
    return score_sign(shown, limits.rag(shown) if shown is not None else "", reason=reason)


@register.simple_tag(takes_context=True)
def scorecard_places(context: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The pages of scorecards that the reader may open, for the tabs over them."""
    request = context["request"]
    return [
        {"label": label, "url": reverse(name), "current": request.resolver_match.view_name == name}
        for name, label, permission in PLACES
        if request.user.can(permission) and (name != "scorecards:skills" or Role.CAM in request.user.roles)
    ]


@register.filter
def of_topic(peers: Peers, key: str) -> Figures | None:
    """Where an assessment stands among its peers in one topic."""
    return peers.of(key)


@register.filter
def period(key: str) -> str:
    """ "2026Q4" as "FY26 Q4"."""
    return queries.period_label(key)


@register.filter
def gap_points(value: Fraction) -> SafeString | str:
    """A difference of two scores with its sign, to one decimal."""
    return delta_html(scoring.decimal(value), 1)


@register.simple_tag
def attained(line: GoalLine) -> SafeString:
    """How much of a goal is reached: whole percent with its status."""
    if line.percent is None:
        return rag_sign("", reason=line.reason)
    return format_html("{} {}", format_percent(line.percent), rag_sign(line.rag, compact=True))


@register.simple_tag
def topic_goal(goals: Any, topic: str) -> SafeString:
    """The goal of a topic in the topic table: where to, as a link to the goals below; a dash where there is none."""
    line = goals.of(topic)
    if line is None:
        return format_html('<span class="muted">{}</span>', "–")
    return format_html('<a class="figure" href="#goals">{}</a>', format_number(line.goal.score_to))
