from django import template

from prm.common.countries import COUNTRIES

register = template.Library()


@register.filter
def country(code: str) -> str:
    """A country's name by its two-letter code."""
    return COUNTRIES.get(code, code)
