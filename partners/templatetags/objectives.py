"""Objectives in words, for templates."""

from collections.abc import Sequence

from django import template

from partners.objectives import words
from partners.objectives.queries import Entry

register = template.Library()
register.filter("figure", words.figure)
register.filter("shown_unit", words.shown_unit)
register.filter("way", words.way)


@register.filter
def before(slots: Sequence[Entry | None], quarter: int) -> Entry | None:
    """The latest entry of a quarter before this one."""
    return next((slot for slot in reversed(slots[: quarter - 1]) if slot), None)
