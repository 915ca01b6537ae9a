"""What moved between two versions of a plan, as both sides' pages show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pipeline.models import ProductLine
from planning import labels, reading
from planning.comparison import Comparison, Moved, Result, Row, What, compare
from planning.forecast.result import BreakEven
from planning.models import BusinessPlan
from planning.tracking_pages.places import heading, tabs
from prm.common.money import Money
from prm.common.templatetags.numbers import format_money, format_number

KINDS = {"deals": labels.DEALS, "sale": labels.SALE}
PRODUCT = "lines.product"
FIELD_NAMES = {
    "lines.deals": gettext_lazy("New deals"),
    "lines.sale": gettext_lazy("Sold"),
    PRODUCT: gettext_lazy("The vendor’s product line"),
}
WHAT = {
    What.ADDED: gettext_lazy("new"),
    What.REMOVED: gettext_lazy("gone"),
    What.CHANGED: gettext_lazy("changed"),
}


@dataclass(frozen=True)
class Change:
    """A line of the page: `where` it is, `what` happened to its row, and the two values in words."""

    where: str
    what: str
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Effect:
    """What a figure was and is; `change` "" where the two can't be told apart by a number."""

    label: str
    before: str
    after: str
    change: str


class ComparisonPage:
    """`plan` against `other`, an earlier version of the same partner's; both the caller may see."""

    template = "planning/comparison.html"
    tab = "moved"

    def __init__(
        self, plan: BusinessPlan, other: BusinessPlan, versions: list[BusinessPlan], *, portal: bool = False
    ) -> None:
        self.plan, self.other, self.versions, self.portal = plan, other, versions, portal

    @property
    def tabs(self) -> list[dict[str, Any]]:
        return tabs(self.plan, self.tab, portal=self.portal)

    @property
    def heading(self) -> str:
        return heading(self.plan)

    @property
    def title(self) -> str:
        return _("Version %(after)s against version %(before)s") % {
            "after": self.plan.number,
            "before": self.other.number,
        }

    @cached_property
    def found(self) -> Comparison:
        return compare(
            reading.read(self.other), reading.read(self.plan), scenarios=(self.other.scenario, self.plan.scenario)
        )

    # ── Effects ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @property
    def effects(self) -> list[Effect]:
        """What the two come to over their 36 months, each in the scenario it chose."""
        before, after = self.found.before, self.found.after
        money = [
            (_("Revenue"), before.revenue, after.revenue),
            (_("Gross profit"), before.gross_profit, after.gross_profit),
            (_("Costs"), before.costs, after.costs),
            (_("Operating profit"), before.profit, after.profit),
            (_("Peak investment"), before.peak, after.peak),
        ]
        return [*(self._effect(*each) for each in money), self._break_even(before, after)]

    def _effect(self, label: str, before: Decimal, after: Decimal) -> Effect:
        change = ""
        if self.plan.currency == self.other.currency:
            difference = after - before
            change = f"{'+' if difference > 0 else ''}{format_money(Money(difference, self.plan.currency), self.plan.currency)}"
        return Effect(label, self._money(before, self.other), self._money(after, self.plan), change)

    def _break_even(self, before: Result, after: Result) -> Effect:
        months = before.break_even.month, after.break_even.month
        change = ""
        if months[0] is not None and months[1] is not None:
            months_later = months[1] - months[0]
            change = f"{'+' if months_later > 0 else ''}{format_number(months_later)}"
        return Effect(
            _("Break-even month"),
            self._month(before.break_even, self.other),
            self._month(after.break_even, self.plan),
            change,
        )

    @staticmethod
    def _month(found: BreakEven, plan: BusinessPlan) -> str:
        if found.month is None:
            return _("none in 36 months") if found.planned else "–"
        return f"{found.month} ({labels.month_name(plan.first_month, found.month)})"

    def _money(self, value: Decimal, plan: BusinessPlan) -> str:
        same = self.plan.currency == self.other.currency
        return format_money(Money(value, plan.currency), plan.currency if same else "")

    # ── Changes ──────────────────────────────────────────────────────────────────────────────────────────────────────

    @cached_property
    def changes(self) -> list[Change]:
        return [*self._frame(), *self._rows(), *self._scenarios(), *self._terms()]

    @property
    def texts(self) -> list[tuple[str, str, str]]:
        return [(str(labels.TEXTS[each.path].text), each.before, each.after) for each in self.found.texts]

    def _frame(self) -> Iterator[Change]:
        before, after = self.other, self.plan
        changed = str(WHAT[What.CHANGED])
        for name, show in (
            (_("First month"), lambda plan: date_format(plan.first_month, "YEAR_MONTH_FORMAT")),
            (_("Currency"), lambda plan: plan.currency),
            (_("Scenario"), lambda plan: str(plan.get_scenario_display())),
        ):
            if show(before) != show(after):
                yield Change(_("The plan"), changed, name, show(before), show(after))

    def _rows(self) -> Iterator[Change]:
        for row in self.found.rows:
            where = f"{labels.GROUPS[row.group]}: {row.name}"
            if not row.moved:
                yield Change(where, str(WHAT[row.what]), "", "", "")
            for moved in row.moved:
                yield Change(where, str(WHAT[row.what]), self._field(moved), *self._values(row, moved))

    def _scenarios(self) -> Iterator[Change]:
        for name, changes in self.found.scenarios:
            where = f"{labels.GROUPS['scenarios']}: {labels.SCENARIOS[name]}"
            for moved in changes:
                values = (format_number(value, _places(value)) for value in (moved.before, moved.after))
                yield Change(where, str(WHAT[What.CHANGED]), str(labels.SCENARIO[moved.path].text), *values)

    def _terms(self) -> Iterator[Change]:
        if moved := self.found.terms:
            label = labels.LABELS["terms"]
            yield Change(
                str(labels.GROUPS["terms"]),
                str(WHAT[What.CHANGED]),
                str(label.text),
                str(moved.before),
                str(moved.after),
            )

    @cached_property
    def _products(self) -> dict[int, str]:
        return dict(ProductLine.objects.values_list("pk", "name"))

    @staticmethod
    def _field(moved: Moved) -> str:
        found = labels.LABELS.get(moved.path)
        return str(found.text if found else FIELD_NAMES.get(moved.path, moved.path))

    def _values(self, row: Row, moved: Moved) -> tuple[str, str]:
        return self._shown(row, moved.path, moved.before, self.other), self._shown(
            row, moved.path, moved.after, self.plan
        )

    def _shown(self, row: Row, path: str, value: Any, plan: BusinessPlan) -> str:
        label = labels.LABELS.get(path)
        if value is None:
            gone = row.what is not What.CHANGED
            return "–" if gone or label is None or not label.empty else str(label.empty)
        if path == PRODUCT:
            return self._products.get(value) or _("one that is gone")
        if isinstance(value, str):
            return str(KINDS.get(path.rpartition(".")[2], {}).get(value, value))
        if label and label.unit == labels.MONEY:
            return self._money(value, plan)
        if label and label.unit == labels.MONTH:
            return f"{value} ({labels.month_name(plan.first_month, value)})"
        text = format_number(value, _places(value))
        return f"{text} %" if label and label.unit == labels.PERCENT else text


def _places(value: Decimal | int) -> int:
    return max(0, -int(Decimal(value).normalize().as_tuple().exponent))
