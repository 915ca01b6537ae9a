"""Shares and times of the fairness report."""

import datetime as dt
from fractions import Fraction

from django import template

from leads.fairness_page import percent, span_words
from prm.common.templatetags.numbers import format_percent

register = template.Library()


@register.filter
def share(value: Fraction | None) -> str:
    """A share from 0 to 1 as percent; "–" for none."""
    return format_percent(percent(value))


@register.filter
def span(value: dt.timedelta | None) -> str:
    """A time in words; "–" for none."""
    return span_words(value)
