"""Objectives in words: amounts by their own yardstick, from where to where."""

from collections.abc import Sequence
from decimal import Decimal

from django import template
from django.utils.translation import gettext as _

from partners.models import Objective
from partners.objectives.queries import Entry
from prm.common.templatetags.numbers import format_quantity

register = template.Library()


@register.filter
def shown_unit(objective: Objective) -> str:
    """The unit of its values: percent where it has no goal in numbers."""
    return objective.unit if objective.goal is not None else "%"


@register.filter
def amount(objective: Objective, value: Decimal | None) -> str:
    """A value by the objective's yardstick."""
    return format_quantity(value, shown_unit(objective))


@register.filter
def way(objective: Objective) -> str:
    """From where to where; "" where there is no goal in numbers."""
    if objective.goal is None:
        return ""
    said = {"from": format_quantity(objective.baseline), "to": amount(objective, objective.goal)}
    return _("%(from)s → %(to)s") % said


@register.filter
def before(slots: Sequence[Entry | None], quarter: int) -> Entry | None:
    """The latest entry of a quarter before this one."""
    return next((slot for slot in reversed(slots[: quarter - 1]) if slot), None)
