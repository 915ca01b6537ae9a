"""The families of roll-ups, one per tool: over the pages of each stand buttons to the others."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Family:
    """`label` is on the button to it, `heading` over its pages; `pages` says to those who can't see what its tabs are."""

    label: Any
    heading: Any
    pages: Any
    url_name: str
    order: int


_families: dict[str, Family] = {}


def register(family: Family) -> Family:
    _families[family.url_name] = family
    return family


def others(family: Family) -> list[Family]:
    """All but this one, in their order."""
    return sorted((one for one in _families.values() if one is not family), key=lambda one: one.order)


CAPABILITIES = register(Family(_("Capabilities"), _("Capabilities roll-up"), _("Roll-ups"), "scorecards:rollup", 10))
PERFORMANCE = register(
    Family(_("Performance"), _("Performance roll-up"), _("Performance roll-ups"), "scorecards:performance_rollup", 20)
)
OBJECTIVES = register(
    Family(_("Objectives"), _("Objectives roll-up"), _("Objectives roll-ups"), "scorecards:rollup_objectives", 30)
)
