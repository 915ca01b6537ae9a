"""What the rows of a roll-up stand for: their names, their order, and the filter's values of them."""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from partners.filters import NOBODY
from scorecards.rollups.families import Family, others


class Groups:
    """Needs a `filter` with the `rows` of each dimension and the `dimension` asked for."""

    filter: Any
    family: ClassVar[Family]

    @property
    def other_families(self) -> list[Family]:
        return others(self.family)

    def things(self, dimension: str) -> dict[str, Any]:
        """What a dimension's groups stand for, by the filter's value of each, in its order."""
        return self.filter.rows[dimension]

    @cached_property
    def _values(self) -> dict[str, dict[int | None, str]]:
        """By dimension: the filter's value of each group, by its id, in the filter's order."""
        return {name: {row.pk: value for value, row in things.items()} for name, things in self.filter.rows.items()}

    def value(self, group: int | None, dimension: str = "") -> str:
        return self._values[dimension or self.filter.dimension].get(group, NOBODY)

    def name(self, group: int | None, dimension: str = "") -> str:
        dimension = dimension or self.filter.dimension
        value = self.value(group, dimension)
        if value in self.things(dimension):
            return str(self.things(dimension)[value])
        return _("Nobody") if dimension == "cam" else _("Not set")

    def in_order(self, groups: Iterable[Any], id_of: Callable[[Any], int | None], dimension: str = "") -> list[Any]:
        """Groups in the filter's order, partners without one last."""
        places = {pk: place for place, pk in enumerate(self._values[dimension or self.filter.dimension])}
        return sorted(groups, key=lambda group: places.get(id_of(group), len(places)))
