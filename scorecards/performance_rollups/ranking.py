"""The list of partners by their figures, each with its place: what every figure of a performance roll-up leads to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from partners.models import Partner
from prm.documents.table import Column, Table
from scorecards.performance_rollups.figures import COVERAGE, Slot, Sums
from scorecards.performance_rollups.page import PerformancePage, amount
from scorecards.performance_rollups.ranks import Ranked, ranked
from scorecards.rollups.grid import Figure, Line, decimal, integer, percent

PAGE = 50
SORTS = {
    "name": gettext_lazy("Partner"),
    "plan": gettext_lazy("Plan"),
    "actual": gettext_lazy("Actual"),
    "attainment": gettext_lazy("Attainment"),
    "before": gettext_lazy("A year before"),
    "growth": gettext_lazy("Growth"),
    "full": gettext_lazy("Plan to its end"),
    "pipeline": gettext_lazy("Pipeline"),
    "coverage": gettext_lazy("Coverage"),
}
DEFAULT = "-actual"
ALL = 10**9


@dataclass(frozen=True)
class Row:
    """A partner or family, its place in the order asked for (from 1), and its sums."""

    place: int
    partner: Partner
    branches: int
    sums: Sums


class RankingPage(PerformancePage):
    tab = "ranking"
    template = "scorecards/performance_ranking.html"
    own = ("groups", "family", "moved", "top")
    default = DEFAULT

    def __init__(self, user: User, query: Any) -> None:
        super().__init__(user, query)
        asked = query.get("sort", "")
        self.sort = asked if asked.removeprefix("-") in dict(self.columns) else DEFAULT
        self.filter.keeps = ("sort",)

    @property
    def slots(self) -> tuple[Slot, ...]:
        values = self.filter.cleaned_data if self.filter.is_valid() else {}
        return (
            Slot.ACTUAL,
            Slot.PLAN,
            Slot.BEFORE,
            *((Slot.FULL,) if self.period.running else ()),
            *(COVERAGE if self.covers else ()),
            *((Slot.PLAN_BEFORE,) if values.get("moved", "").startswith("attainment") else ()),
        )

    @cached_property
    def _number(self) -> int:
        text = self.query.get("page") or ""
        return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 7 else 1

    @cached_property
    def found(self) -> Ranked:
        return self.read(self._number, PAGE)

    def read(self, number: int, size: int) -> Ranked:
        """A page of the ranking; the last one where there is none of this number."""
        values = self.filter.cleaned_data if self.filter.is_valid() else {}
        return ranked(
            self.scope, self.period, self.slots, sort=self.sort, moved=values.get("moved", ""),
            top=int(values.get("top") or 0), number=number, size=size,
        )  # fmt: skip

    @cached_property
    def rows(self) -> list[Row]:
        return self.rows_of(self.found)

    def rows_of(self, found: Ranked) -> list[Row]:
        partners = {
            row.pk: row
            for row in Partner.objects.visible_to(self.user).filter(pk__in=[each.root for each in found.rows])
        }
        return [Row(each.place, partners[each.root], each.branches, each.sums) for each in found.rows]

    @property
    def page(self) -> Page[Any]:
        return Paginator(range(self.found.count), PAGE).get_page(self._number)

    @property
    def total_rows(self) -> int:
        return self.found.count

    # ── As a table ───────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def shown_columns(self) -> list[tuple[str, Column]]:
        """Those of the page, where the plan to the period's end stands under the plan so far."""
        return [each for each in self.columns if each[0] != "full"]

    @property
    def columns(self) -> list[tuple[str, Column]]:
        """By their keys, which they are sorted by."""
        kinds = {"attainment": percent, "growth": percent, "coverage": decimal}
        left_out = {*(() if self.period.running else ("full",)), *(() if self.covers else ("pipeline", "coverage"))}
        return [
            (key, Column(str(label)) if key == "name" else kinds.get(key, amount)(str(label)))
            for key, label in SORTS.items()
            if key not in left_out
        ]

    def cells(self, sums: Sums, keys: Iterable[str], *, plan: Callable[[Sums], Figure]) -> list[Figure]:
        every: dict[str, Callable[[], Figure]] = {
            "plan": lambda: plan(sums),
            "actual": lambda: self.money(sums.amount(Slot.ACTUAL)),
            "attainment": lambda: self.attained(sums.attainment),
            "before": lambda: self.money(sums.amount(Slot.BEFORE)),
            "growth": lambda: self.growth(sums.growth),
            "full": lambda: self.money(sums.target(Slot.FULL)),
            "pipeline": lambda: self.money(sums.amount(Slot.PIPELINE)),
            "coverage": lambda: self.times(sums.coverage),
        }
        return [every[key]() for key in keys if key != "name"]

    def _line(self, name: str, sums: Sums, url: str = "") -> SafeString:
        keys = [key for key, _column in self.shown_columns]
        columns = [column for _key, column in self.shown_columns]
        return Line(name, tuple(self.cells(sums, keys, plan=self.plan)), url).html(columns)

    @property
    def html_rows(self) -> list[SafeString]:
        place = _("Place")
        return [
            format_html(
                '<td class="num" data-label="{}">{}</td>{}', place, row.place,
                self._line(self.row_name(row.partner, row.branches), row.sums, self.partner_url(row.partner.pk)),
            )
            for row in self.rows
        ]  # fmt: skip

    @property
    def foot(self) -> SafeString:
        return format_html("<td></td>{}", self._line(_("Together"), self.found.total))

    @property
    def how(self) -> list[str]:
        return [
            _("Listed is who has a month in the period, or in the same days a year before, that the filter finds; the last row adds them up."),
            _("Attainment is actual ÷ plan of the same days, growth actual ÷ actual of the same days a year before − 1, coverage the pipeline ÷ what remains of the targets ahead. Those without a figure stand last."),
            _("A parent and its branches are one: their amounts are added, their percents computed anew.") if self.filter.family_as_one else _("Each partner stands by itself, with its own amounts."),
            self.placed_how,
        ]  # fmt: skip

    def sheets(self) -> list[Table]:
        columns = [integer(_("Place")), *(column for _key, column in self.columns)]
        keys = [key for key, _column in self.columns]

        def values(sums: Sums) -> list[Any]:
            return [cell.value for cell in self.cells(sums, keys, plan=lambda sums: self.money(sums.target(Slot.PLAN)))]

        found = self.read(1, ALL)
        rows: list[list[Any]] = [
            [row.place, self.row_name(row.partner, row.branches), *values(row.sums)] for row in self.rows_of(found)
        ]
        return [Table(self.title, columns, [*rows, [None, _("Together"), *values(found.total)]])]
