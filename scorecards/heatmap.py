"""The page of the heat map with its names, colours and ways to the partners behind each cell."""

from collections.abc import Iterator
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from prm.charts import HeatCell, HeatMap, HeatRow, Missing
from prm.documents.table import Column, Kind, Table, Value
from scorecards import rollup
from scorecards.filters import scored_text
from scorecards.rollup import OVERALL, WHOLE, Cell, Group
from scorecards.rollups.cross import CrossGroup, cross_map
from scorecards.rollups.page import Rollup, in_sentence
from scorecards.rollups.sql import Measure

ROWS = 50  # on a page; the workbook has all
COLUMNS = 12  # of partners, on a page: CAMs are hundreds


class Map(Rollup):
    """Groups of partners by categories, by the topics of one, or by a second dimension of partners (`cross`)."""

    tab = "rollup"
    template = "scorecards/rollup_heatmap.html"
    own = ("by", "across", "of", "category")

    def __init__(self, user: User, query: QueryDict) -> None:
        super().__init__(user, query)
        asked = "" if self.across else query.get("category") or self.measure.category
        self.category = next((c for c in (self.content.categories if self.content else ()) if c.key == asked), None)
        self.groups: list[Group] = []
        self.crossed: list[CrossGroup] = []
        if self.questionnaire is None:
            pass
        elif self.across:
            found = cross_map(
                user, self.partners, self.questionnaire, self.window, rows=self.filter.dimension, columns=self.across,
                measure=self.measure,
            )  # fmt: skip
            self.crossed = self.in_order(found, lambda group: group.id)
        else:
            groups = rollup.heat_map(
                user, self.partners, self.questionnaire, self.window, rows=self.filter.dimension,
                category=self.category.key if self.category else "",
            )  # fmt: skip
            self.groups = self.in_order(groups, lambda group: group.id)
        self.page: Page[Any] = Paginator(self.crossed or self.groups, ROWS).get_page(query.get("page"))

    @property
    def across(self) -> str:
        """The dimension of partners that the columns stand for; "" where they are categories or topics."""
        return self.filter.second

    @cached_property
    def columns(self) -> list[tuple[str, str, str]]:
        """Categories or topics: (level, key, name)."""
        if self.category:
            own = [("category", self.category.key, self.category.name)]
            return own + [("topic", topic.key, topic.name) for topic in self.category.topics]
        categories = self.content.categories if self.content else ()
        return [("overall", OVERALL, _("Overall")), *(("category", c.key, c.name) for c in categories)]

    @cached_property
    def across_ids(self) -> list[int | None]:
        """The groups of the second dimension that partners found are in, in order."""
        found = {column for group in self.crossed for column in group.cells}
        return self.in_order(found, lambda column: column, self.across)

    @cached_property
    def across_page(self) -> Page[Any]:
        return Paginator(self.across_ids, COLUMNS).get_page(self.query.get("columns"))

    @property
    def title(self) -> str:
        if self.across:
            return self.measure.name
        return self.category.name if self.category else _("Capabilities")

    @property
    def lead(self) -> str:
        return (
            _(
                "Mean of each partner’s latest score, %(first)s to %(last)s; beside it how many of the group are counted."
            )
            % self.days
        )

    @property
    def heading(self) -> str:
        if self.across:
            return _("%(what)s by %(rows)s and %(columns)s, %(quarter)s") % {
                "what": self.title, "rows": in_sentence(self.dimension), "columns": in_sentence(self.across_name), "quarter": self.quarter.label,
            }  # fmt: skip
        return _("%(what)s by %(rows)s, %(quarter)s") % {
            "what": self.title, "rows": in_sentence(self.dimension), "quarter": self.quarter.label,
        }  # fmt: skip

    @property
    def across_name(self) -> str:
        return self.filter.describe("across", self.across)

    # ── Cells ────────────────────────────────────────────────────────────────────────────────────────────────────────

    def row_url(self, group: Group | CrossGroup) -> str:
        """The list of exactly the partners of a row."""
        return self.group_url(group.id)

    def cell_url(self, group: Group, level: str, key: str) -> str:
        """The list of exactly the partners counted in a cell."""
        return f"{self._row_start(group)}&scored={self._scored(level, key)}"

    def _row_start(self, group: Group | CrossGroup) -> str:
        names = frozenset((self.filter.dimension,))
        return f"{self._without(names)}{self.filter.dimension}={quote(self.value(group.id))}"

    def _scored(self, level: str, key: str) -> str:
        if (level, key) not in self._texts:
            assert self.questionnaire is not None
            self._texts[level, key] = quote(scored_text(self.questionnaire, self.quarter, level, key))
        return self._texts[level, key]

    @cached_property
    def _texts(self) -> dict[tuple[str, str], str]:
        return {}

    def cross_url(self, group: CrossGroup, column: int | None) -> str:
        """The list of exactly the partners counted in a cell of two dimensions of partners."""
        by, across = self.filter.dimension, self.across
        start = self._without(frozenset((by, across)))
        measure: Measure = self.measure_once
        both = f"{by}={quote(self.value(group.id))}&{across}={quote(self.value(column, across))}"
        return f"{start}{both}&scored={self._scored(measure.level, measure.key)}"

    @cached_property
    def measure_once(self) -> Measure:
        return self.measure

    @property
    def chart(self) -> HeatMap:
        if self.across:
            shown = list(self.across_page)
            columns = (self.measure_once.name, *(self.name(column, self.across) for column in shown))
            rows = tuple(
                HeatRow(
                    self.name(group.id),
                    (
                        self._heat(group.whole, group.partners, self._whole_url(group)),
                        *(self._crossing(group, column) for column in shown),
                    ),
                    self.row_url(group),
                )
                for group in self.page
            )
        else:
            columns = tuple(name for _level, _key, name in self.columns)
            rows = tuple(
                HeatRow(
                    self.name(group.id),
                    tuple(self._cell(group, level, key) for level, key, _name in self.columns),
                    self.row_url(group),
                )
                for group in self.page
            )
        return HeatMap(id="heat", title=self.heading, corner=self.dimension, columns=columns, rows=rows)

    def _whole_url(self, group: CrossGroup) -> str:
        return f"{self._row_start(group)}&scored={self._scored(self.measure_once.level, self.measure_once.key)}"

    def _crossing(self, group: CrossGroup, column: int | None) -> HeatCell:
        if column not in group.cells:
            return HeatCell(Missing(_("no partner is in both")), count=0, of=0)
        partners, cell = group.cells[column]
        return self._heat(cell, partners, self.cross_url(group, column))

    def _cell(self, group: Group, level: str, key: str) -> HeatCell:
        cell = self.cell(group, level, key)
        return self._heat(cell, group.partners, self.cell_url(group, level, key) if cell else "")

    def _heat(self, cell: Cell | None, partners: int, url: str) -> HeatCell:
        if cell is None:
            return HeatCell(Missing(_("nobody of the group is assessed")), count=0, of=partners)
        return HeatCell(cell.display, self.limits.rag(cell.display), cell.counted, partners, url)

    def cell(self, group: Group, level: str, key: str) -> Cell | None:
        """The cell of a row in one of `columns`; None where nobody of the group has a score."""
        return group.cells.get(WHOLE if self.category and level == "category" else key)

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The ways down into a category's topics, and back."""
        if self.across:
            return []
        current = self.category.key if self.category else ""
        categories = self.content.categories if self.content else ()
        return [
            {
                "label": label,
                "url": self.filter.query_string(category=key or None, of=None) or "?",
                "current": key == current,
            }
            for key, label in (("", _("All categories")), *((c.key, c.name) for c in categories))
        ]

    @property
    def how(self) -> list[str]:
        return [
            _("A cell is the mean of its partners’ unrounded scores, shown rounded half up; its colour is that of the figure shown."),
            _("A partner counts with its latest agreed, else submitted, assessment finished from %(first)s to %(last)s. “14 of 20”: 14 of the group’s 20 partners have such a score there.") % self.days,
        ]  # fmt: skip

    # ── The file ─────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def file_name(self) -> str:
        return f"{self.title} {self.quarter.label}"

    def sheets(self) -> list[Table]:
        """The heat map as a table: means unrounded, and how many are counted."""
        columns = [Column(self.dimension), Column(_("Partners"), Kind.INTEGER)]
        names = [name for _level, _key, name in self.columns]
        if self.across:
            names = [self.measure.name, *(self.name(column, self.across) for column in self.across_ids)]
        for name in names:
            columns += [Column(name, Kind.DECIMAL), Column(_("%(name)s, counted") % {"name": name}, Kind.INTEGER)]
            if self.across:
                columns.append(Column(_("%(name)s, partners") % {"name": name}, Kind.INTEGER))
        return [Table(self.file_name, columns, self._cross_rows() if self.across else self._sheet_rows())]

    def _sheet_rows(self) -> Iterator[list[Value]]:
        for group in self.groups:
            row: list[Value] = [self.name(group.id), group.partners]
            for level, key, _name in self.columns:
                row += _values(self.cell(group, level, key))
            yield row

    def _cross_rows(self) -> Iterator[list[Value]]:
        for group in self.crossed:
            row: list[Value] = [self.name(group.id), group.partners, *_values(group.whole), group.partners]
            for column in self.across_ids:
                partners, cell = group.cells.get(column, (0, None))
                row += [*_values(cell), partners]
            yield row


def _values(cell: Cell | None) -> list[Value]:
    return [round(cell.mean, 9), cell.counted] if cell else [None, 0]
