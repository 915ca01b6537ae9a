"""The page of the roll-up: the heat map with its names, colours and ways to the partners behind each cell."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.core.paginator import Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from partners.filters import NOBODY
from partners.models import Partner
from prm.charts import HeatCell, HeatMap, HeatRow, Missing
from prm.common.fiscal import FiscalQuarter
from prm.common.vendor import today
from prm.documents.table import Column, Kind, Table, Value
from scorecards import queries, rollup
from scorecards.filters import RollupFilter, scored_text
from scorecards.models import Questionnaire
from scorecards.rollup import OVERALL, WHOLE, Cell, Group

ROWS = 50  # on a page; the workbook has all


class Map:
    """The heat map that an address asks for, as this user may see it."""

    def __init__(self, user: User, query: QueryDict) -> None:
        self.user = user
        self.filter = RollupFilter(query, user=user)
        version = next(iter(queries.published()), None)
        self.questionnaire: Questionnaire | None = version.questionnaire if version else None
        categories = version.content.categories if version else ()
        self.category = next((c for c in categories if c.key == query.get("category")), None)
        # Columns: (level, key, name).
        self.columns = [("overall", OVERALL, _("Overall"))]
        if self.category:
            self.columns = [("category", self.category.key, self.category.name)]
            self.columns += [("topic", topic.key, topic.name) for topic in self.category.topics]
        else:
            self.columns += [("category", category.key, category.name) for category in categories]
        self.limits = queries.thresholds()
        self.groups = self._groups()
        self.page = Paginator(self.groups, ROWS).get_page(query.get("page"))

    @property
    def quarter(self) -> FiscalQuarter:
        return self.filter.quarter

    @property
    def window(self) -> rollup.Window:
        return rollup.window(self.quarter, today())

    @property
    def title(self) -> str:
        return self.category.name if self.category else _("Capabilities")

    def _groups(self) -> list[Group]:
        if self.questionnaire is None:
            return []
        partners = self.filter.apply(Partner.objects.visible_to(self.user))
        found = rollup.heat_map(
            self.user, partners, self.questionnaire, self.window, rows=self.filter.dimension,
            category=self.category.key if self.category else "",
        )  # fmt: skip
        places = list(self._values)
        order = {pk: place for place, pk in enumerate(places)}
        return sorted(found, key=lambda group: order.get(group.id, len(places)))

    @property
    def _things(self) -> dict[str, Any]:
        """What rows can stand for, by the filter's value of each, in its order."""
        return self.filter.rows[self.filter.dimension]

    @cached_property
    def _values(self) -> dict[int | None, str]:
        """The filter's value of each row, by its id, in the filter's order."""
        return {row.pk: value for value, row in self._things.items()}

    def _value(self, group: Group) -> str:
        return self._values.get(group.id, NOBODY)

    def _name(self, group: Group) -> str:
        value = self._value(group)
        if value in self._things:
            return str(self._things[value])
        return _("Nobody") if self.filter.dimension == "cam" else _("Not set")

    @cached_property
    def _list(self) -> str:
        """The list of scorecards of the filter's partners, ready for a row's own parameter. Made once: a map has many cells."""
        dropped = {"period": None, "by": None, "category": None, "sort": None, self.filter.dimension: None}
        query = self.filter.query_string(**dropped)
        return f"{reverse('scorecards:list')}{query}{'&' if query else '?'}{self.filter.dimension}="

    def row_url(self, group: Group) -> str:
        """The list of exactly the partners of a row."""
        return self._list + quote(self._value(group))

    def cell_url(self, group: Group, level: str, key: str) -> str:
        """The list of exactly the partners counted in a cell."""
        assert self.questionnaire is not None
        return f"{self.row_url(group)}&scored={quote(scored_text(self.questionnaire, self.quarter, level, key))}"

    @property
    def dimension(self) -> str:
        """What the rows stand for, in words."""
        return self.filter.describe("by", self.filter.dimension)

    @property
    def chart(self) -> HeatMap:
        return HeatMap(
            id="heat",
            title=_("%(what)s by %(rows)s, %(quarter)s")
            % {
                "what": self.title,
                "rows": self.dimension.lower(),
                "quarter": self.quarter.label,
            },
            corner=self.dimension,
            columns=tuple(name for _level, _key, name in self.columns),
            rows=tuple(
                HeatRow(
                    self._name(group),
                    tuple(self._cell(group, level, key) for level, key, _name in self.columns),
                    self.row_url(group),
                )
                for group in self.page
            ),
        )

    def _cell(self, group: Group, level: str, key: str) -> HeatCell:
        cell = self.cell(group, level, key)
        if cell is None:
            return HeatCell(Missing(_("nobody of the group is assessed")), count=0, of=group.partners)
        return HeatCell(
            cell.display,
            self.limits.rag(cell.display),
            cell.counted,
            group.partners,
            self.cell_url(group, level, key),
        )

    def cell(self, group: Group, level: str, key: str) -> Cell | None:
        """The cell of a row in one of `columns`; None where nobody of the group has a score."""
        return group.cells.get(WHOLE if self.category and level == "category" else key)

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The ways down into a category's topics, and back."""
        keys = queries.names(self.questionnaire) if self.questionnaire else {}
        links = [
            {
                "label": _("All categories"),
                "url": self.filter.query_string(category=None) or "?",
                "current": not self.category,
            }
        ]
        for (level, key), name in keys.items():
            if level == "category":
                current = bool(self.category) and key == self.category.key  # type: ignore[union-attr]
                links.append({"label": name, "url": self.filter.query_string(category=key), "current": current})
        return links

    def sheet(self) -> Table:
        """The heat map as a table: means unrounded, and how many are counted."""
        columns = [Column(self.dimension), Column(_("Partners"), Kind.INTEGER)]
        for _level, _key, name in self.columns:
            columns += [Column(name, Kind.DECIMAL), Column(_("%(name)s, counted") % {"name": name}, Kind.INTEGER)]
        return Table(f"{self.title} {self.quarter.label}", columns, self._sheet_rows())

    def _sheet_rows(self) -> Iterator[list[Value]]:
        for group in self.groups:
            row: list[Value] = [self._name(group), group.partners]
            for level, key, _name in self.columns:
                cell = self.cell(group, level, key)
                row += [round(cell.mean, 9) if cell else None, cell.counted if cell else 0]
            yield row
