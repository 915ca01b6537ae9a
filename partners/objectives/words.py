"""Objectives as people read them."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from partners.models import Objective
from prm.common.templatetags.numbers import MISSING, format_quantity


def shown_unit(objective: Objective) -> str:
    """The unit of its values: percent where it has no goal in numbers."""
    return objective.unit if objective.goal is not None else "%"


def figure(objective: Objective, value: Decimal | None) -> str:
    """A value by its yardstick, without the unit unless that is percent: it stands with the objective."""
    if value is None:
        return MISSING
    number = format_quantity(value)
    return pgettext("percent", "%(number)s%%") % {"number": number} if shown_unit(objective) == "%" else number


def measured_by(objective: Objective) -> str:
    """Its yardstick, with the unit where that isn't said in it."""
    said = objective.unit.casefold() in objective.yardstick.casefold()
    return objective.yardstick if said else f"{objective.yardstick}, {objective.unit}"


def way(objective: Objective) -> str:
    """From where to where, with the unit; "" where there is no goal in numbers."""
    if objective.goal is None:
        return ""
    said = {"from": format_quantity(objective.baseline), "to": figure(objective, objective.goal)}
    found = _("%(from)s → %(to)s") % said
    return found if objective.unit in ("", "%") else f"{found} {objective.unit}"
