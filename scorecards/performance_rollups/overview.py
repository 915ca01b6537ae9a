"""Plan, actual, attainment, growth and coverage by region, CAM, tier, type or life stage."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from prm.charts import Bar, Bars, Missing
from prm.common.numbers import whole
from prm.common.templatetags.numbers import format_percent
from prm.documents.table import Column, Table
from scorecards.performance_rollups.figures import COVERAGE, Slot, Sums, added
from scorecards.performance_rollups.page import PLAN, PerformancePage, amount
from scorecards.performance_rollups.reading import by_group
from scorecards.rollups.grid import Figure, Grid, Line, Lines, decimal, integer, percent
from scorecards.rollups.page import in_sentence

CHARTED = 25


@dataclass(frozen=True)
class Group:
    """A row: the id of what it stands for, how many partners (families as one) it has, and their sums."""

    id: int | None
    partners: int
    sums: Sums


class OverviewPage(PerformancePage):
    tab = "overview"
    template = "scorecards/performance_rollup.html"
    own = ("by", "groups", "family")

    def __init__(self, user: User, query: Any) -> None:
        super().__init__(user, query)
        found, everybody = by_group(self.scope, self.period, self.filter.dimension, self.slots)
        groups = [Group(group, partners, sums) for group, (partners, sums) in found.items()]
        self.groups: list[Group] = self.in_order(groups, lambda group: group.id)
        self.total = Group(None, everybody, added([group.sums for group in groups]))

    @property
    def slots(self) -> tuple[Slot, ...]:
        return (
            Slot.ACTUAL,
            Slot.PLAN,
            Slot.BEFORE,
            *((Slot.FULL,) if self.period.running else ()),
            *(COVERAGE if self.covers else ()),
        )

    @property
    def heading(self) -> str:
        return _("Performance by %(rows)s, %(period)s, in %(currency)s") % {
            "rows": in_sentence(self.dimension), "period": self.period.label, "currency": self.currency,
        }  # fmt: skip

    @property
    def chart(self) -> Bars:
        return Bars(
            id="attainment",
            title=_("Performance to plan by %(rows)s, %(period)s") % {
                "rows": in_sentence(self.dimension), "period": self.period.label,
            },
            bars=tuple(self._bar(group) for group in self.groups[:CHARTED]),
            best_name=_("Plan"),
            formatter=format_percent,
            value_name=_("Attainment"),
            note=_("The first %(n)s groups; the table has all.") % {"n": CHARTED} if len(self.groups) > CHARTED else "",
        )  # fmt: skip

    def _bar(self, group: Group) -> Bar:
        found = group.sums.attainment
        if found.value is None:
            return Bar(self.name(group.id), Missing(str(found.reason)))
        return Bar(
            self.name(group.id), whole(found.value), self.colour(found.value), best=PLAN, href=self.group_url(group.id)
        )

    @cached_property
    def grid(self) -> Grid:
        return self._grid(self._cells)

    def _grid(self, cells: Callable[[Group, str], Sequence[Figure]], *more: Column) -> Grid:
        columns = [
            Column(self.dimension), integer(_("Partners")), amount(_("Plan")), amount(_("Actual")), percent(_("Attainment")),
            amount(_("A year before")), percent(_("Growth")),
        ]  # fmt: skip
        if self.covers:
            columns += [amount(_("Pipeline")), decimal(_("Coverage"))]
        lines = Lines(
            self.groups, lambda group: Line(self.name(group.id), tuple(cells(group, self.group_url(group.id))))
        )
        total = Line(_("Together"), tuple(cells(self.total, self.list_url()))) if lines else None
        return Grid(self.heading, [*columns, *more], lines, total, self.query.get("page"))

    def _cells(self, group: Group, url: str) -> list[Figure]:
        sums = group.sums
        found = [
            Figure(group.partners, url=url if group.partners else ""),
            self.plan(sums, url),
            self.money(sums.amount(Slot.ACTUAL), url),
            self.attained(sums.attainment),
            self.money(sums.amount(Slot.BEFORE), url),
            self.growth(sums.growth),
        ]
        if self.covers:
            found += [self.money(sums.amount(Slot.PIPELINE), url), self.times(sums.coverage)]
        return found

    def _file_cells(self, group: Group, url: str) -> list[Figure]:
        """In the file the plan of all days has a column of its own."""
        found = self._cells(group, url)
        found[1] = self.money(group.sums.target(Slot.PLAN))
        return [*found, self.money(group.sums.target(Slot.FULL))] if self.period.running else found

    @property
    def how(self) -> list[str]:
        text = [
            _("Attainment is actual ÷ plan of the same days: whole months, and of a month that isn’t over its target × days so far ÷ days in the month. Its colour is taken from the percent shown: from %(green)s green, from %(amber)s amber. Months without target add nothing to the plan; their actuals count.") % {"green": self.limits.green, "amber": self.limits.amber},
            _("Growth is actual ÷ actual of the same days a year before − 1. All percents are computed anew from the sums; nothing is averaged."),
            _("A partner’s own figures stand where the partner itself stands, so nothing is counted twice; a parent and its branches count as one in the number of partners. Counted is who has a month there in the period or in the same days a year before."),
            self.placed_how,
        ]  # fmt: skip
        if self.covers:
            text.append(_("Coverage is the pipeline ÷ what remains of the targets ahead, for the partners that stand there today; both as of today, whatever the period."))  # fmt: skip
        return text

    def sheets(self) -> list[Table]:
        full = [amount(_("Plan to its end"))] if self.period.running else []
        return [self._grid(self._file_cells, *full).sheet()]
