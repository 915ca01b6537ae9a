"""A marketing plan as a workbook that computes: change a rate, an audience or an amount in it, and it comes to what the page would
say. Nothing in it is rounded; cells are shown rounded."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from marketing import reading, waterfall
from marketing.figures import FIGURES, RATE_NAMES, STAGE_NAMES, figure_of
from marketing.models import RATES, Activity, MarketingPlan, Payer
from marketing.waterfall import STAGES, Outcome
from prm.common.money import minor_units
from prm.documents.model import Cell, Formula, Grid, Look, at, model, on
from prm.documents.xlsx import sheet_name

FIRST = 2  # column of the first activity on the sheet of activities; before it, labels and the total
TOTAL = 1
STEPS = tuple(zip(STAGES, STAGES[1:], RATES, strict=False))
MISSING = "–"


def workbook(plan: MarketingPlan, *, vendor: str) -> bytes:
    """XLSX of a plan whose activities are prefetched; of those that count: the denied ones aren't in it."""
    return _Book(plan, reading.counted(plan.activities.all()), vendor).bytes()


class _Book:
    def __init__(self, plan: MarketingPlan, rows: Sequence[Activity], vendor: str) -> None:
        self.plan, self.rows, self.vendor = plan, rows, vendor
        taken: set[str] = set()
        self.summary, self.activities, self.budget, self.months = (
            sheet_name(name, taken) for name in (_("Summary"), _("Activities"), _("Budget"), _("By month"))
        )
        self.plans = [reading.planned(row) for row in rows]
        self.outcomes = [waterfall.of(each) for each in self.plans]
        self.total = waterfall.together(self.plans, first=reading.first_month(plan))
        self.at: dict[str, int] = {}  # row of each figure on the sheet of activities

    def bytes(self) -> bytes:
        budget = self._budget()
        activities = self._activities()
        grids = [self._summary(), activities, budget, self._months()]
        return model(grids, title=self.plan.title, creator=self.vendor, places=minor_units(self.plan.currency))

    # ── Budget: one line a row; activities add up their own ──────────────────────────────────────────────────────────

    def _budget(self) -> Grid:
        grid = Grid(self.budget, widths=(40, 40, 16, 16), frozen=(3, 0))
        grid.add(Cell(_("Budget"), Look.TITLE))
        grid.add(Cell(_("Amounts in %(currency)s") % {"currency": self.plan.currency}, Look.NOTE))
        grid.add(
            Cell(_("Activity"), Look.HEADING), Cell(_("What"), Look.HEADING), Cell(_("Amount"), Look.OVER),
            Cell(_("Paid by"), Look.HEADING),
        )  # fmt: skip
        for number, row in enumerate(self.rows):
            for line in row.budget.all():
                grid.add(
                    Cell(self._name(number)), Cell(line.what), Cell(line.amount, Look.MONEY, entered=True),
                    Cell(str(Payer(line.payer).label)),
                )  # fmt: skip
        self.budget_end = max(len(grid.rows), 4)
        return grid

    def _name(self, number: int) -> str:
        """Of an activity, told apart from another of the same title."""
        return f"{number + 1}. {self.rows[number].title}"

    def _budget_column(self, column: int) -> str:
        first = at(3, column, fixed_row=True, fixed_column=True)
        return on(self.budget, f"{first}:{at(self.budget_end - 1, column, fixed_row=True, fixed_column=True)}")

    # ── Activities: a column each ────────────────────────────────────────────────────────────────────────────────────

    def _activities(self) -> Grid:
        grid = Grid(self.activities, widths=(34, 18), width=20, frozen=(3, 2))
        grid.add(Cell(_("Activities"), Look.TITLE))
        grid.add(Cell(_("Change the marked cells; all others follow."), Look.NOTE))
        names = [Cell(self._name(number), Look.OVER) for number in range(len(self.rows))]
        self.names = grid.add(Cell("", Look.HEADING), Cell(_("The plan"), Look.OVER), *names)
        grid.add(_("Tactic"), None, *(Cell(row.tactic.name) for row in self.rows))
        grid.add(_("From"), None, *(Cell(row.starts_on.isoformat()) for row in self.rows))
        grid.add(_("To"), None, *(Cell(row.ends_on.isoformat()) for row in self.rows))
        entered: list[tuple[str, Any, Look]] = [(name, RATE_NAMES[name], Look.PERCENT) for name in RATES]
        entered += [
            ("deal_size", _("Average deal"), Look.MONEY), ("margin", _("Partner’s margin"), Look.PERCENT),
            ("mdf", FIGURES["mdf"], Look.MONEY),
        ]  # fmt: skip
        for name, label, look in entered:
            cells = [self._entered(getattr(each, name), look) for each in self.plans]
            row = self.at[name] = len(grid.rows)
            total = self._sum_at(row, self.total, "mdf", look) if name == "mdf" else None
            grid.add(str(label), total, *cells)
        grid.add()
        self._stages(grid)
        grid.add()
        self._returns(grid)
        return grid

    def _entered(self, value: Any, look: Look) -> Cell:
        shown = None if value is None else _number(Fraction(value))
        return Cell(shown, look, entered=True)

    def _columns(self) -> range:
        return range(FIRST, FIRST + len(self.rows))

    def _stages(self, grid: Grid) -> None:
        for stage in STAGES:
            self.at[stage] = row = len(grid.rows)
            cells: list[Cell] = []
            for column, (each, found) in zip(self._columns(), zip(self.plans, self.outcomes, strict=True), strict=True):
                if stage == "reach":
                    cells.append(self._entered(each.reach, Look.WHOLE))
                else:
                    before, rate = next((first, rate) for first, then, rate in STEPS if then == stage)
                    factors = (at(self.at[before], column), at(self.at[rate], column))
                    cells.append(self._product(factors, found, stage, Look.NUMBER))
            grid.add(str(STAGE_NAMES[stage]), self._sum_at(row, self.total, stage, Look.NUMBER), *cells)

    def _product(self, factors: Sequence[str], found: Outcome, key: str, look: Look, formula: str = "") -> Cell:
        """Their product, or "–" where one of them is missing."""
        text = f'=IF(COUNT({",".join(factors)})<{len(factors)},"{MISSING}",{formula or "*".join(factors)})'
        return Cell(Formula(text, self._value(found, key)), look)

    def _value(self, found: Outcome, key: str) -> Decimal | str:
        value = figure_of(found, key).value
        return MISSING if value is None else _number(value)

    def _sum_at(self, row: int, found: Outcome, key: str, look: Look) -> Cell:
        cells = f"{at(row, FIRST)}:{at(row, max(FIRST, FIRST + len(self.rows) - 1))}"
        formula = f'=IF(COUNT({cells})=0,"{MISSING}",SUM({cells}))' if self.rows else "=0"
        return Cell(Formula(formula, self._value(found, key)), look, strong=True)

    def _returns(self, grid: Grid) -> None:
        money = Look.MONEY

        def each(key: str, look: Look, formula: Any, factors: Sequence[str]) -> None:
            row = self.at[key] = len(grid.rows)
            cells = []
            for column, found in zip(self._columns(), self.outcomes, strict=True):
                parts = [at(self.at[name], column) for name in factors]
                cells.append(self._product(parts, found, key, look, formula(*parts)))
            grid.add(str(FIGURES[key]), self._sum_at(row, self.total, key, look), *cells)

        each("revenue", money, lambda wins, deal: f"{wins}*{deal}", ("wins", "deal_size"))
        each("gross_margin", money, lambda revenue, margin: f"{revenue}*{margin}", ("revenue", "margin"))
        each("vendor_revenue", money, lambda revenue, margin: f"{revenue}*(1-{margin})", ("revenue", "margin"))
        row = self.at["cost"] = len(grid.rows)
        amounts, names = self._budget_column(2), self._budget_column(0)
        costs = [
            Cell(
                # Not SUMIF, to which "~", "*" and "?" in a title are no letters.
                Formula(
                    f"=SUMPRODUCT(--({names}={at(self.names, column, fixed_row=True)}),{amounts})", _number(found.cost)
                ),
                money,
            )
            for column, found in zip(self._columns(), self.outcomes, strict=True)
        ]
        grid.add(str(FIGURES["cost"]), self._sum_at(row, self.total, "cost", money), *costs)
        grid.add()
        for key, over, of in (
            ("revenue_roi", "revenue", "cost"), ("margin_roi", "gross_margin", "cost"), ("mdf_roi", "vendor_revenue", "mdf"),
        ):  # fmt: skip
            self._ratio(grid, key, over, of, Look.NUMBER, "({0}-{1})/{1}")
        for key, of in (
            ("cost_per_inquiry", "inquiries"), ("cost_per_mql", "mqls"), ("cost_per_mgo", "mgos"), ("cost_per_win", "wins"),
        ):  # fmt: skip
            self._ratio(grid, key, "cost", of, money, "{0}/{1}")

    def _ratio(self, grid: Grid, key: str, over: str, of: str, look: Look, formula: str) -> None:
        """Of the plan too a ratio of its sums, never a sum of ratios."""
        self.at[key] = len(grid.rows)
        cells = []
        for column, found in zip((TOTAL, *self._columns()), (self.total, *self.outcomes), strict=True):
            parts = (at(self.at[over], column), at(self.at[of], column))
            none = " + ".join(f"ISTEXT({part})*1" for part in parts).replace(" ", "")
            zero = f"N({parts[0]})=0" if key.startswith("cost_per") else "FALSE"
            text = f'=IF(OR({none}>0,N({parts[1]})=0,{zero}),"{MISSING}",{formula.format(*parts)})'
            cells.append(Cell(Formula(text, self._value(found, key)), look, strong=column == TOTAL))
        grid.add(str(FIGURES[key]), *cells)

    # ── By month, and the front page ─────────────────────────────────────────────────────────────────────────────────

    def _months(self) -> Grid:
        """MGOs spread over the months an activity touches, their revenue so many months later."""
        timing = self.total.timing
        grid = Grid(self.months, widths=(18, 16, 18), frozen=(3, 1))
        grid.add(Cell(_("By month"), Look.TITLE))
        grid.add(Cell(_("MGOs come in the months an activity touches; their revenue a sales cycle later."), Look.NOTE))
        grid.add(
            Cell(_("Month"), Look.HEADING), Cell(STAGE_NAMES["mgos"], Look.OVER), Cell(FIGURES["revenue"], Look.OVER)
        )
        starts = [each.month for each in timing.months]
        for number, landing in enumerate(timing.months):
            mgos, revenue = self._of_month(number, len(starts))
            grid.add(
                Cell(landing.month.start, Look.MONTH),
                Cell(Formula(f"={mgos}", _number(landing.mgos)), Look.NUMBER),
                self._landed(f"={revenue}", landing.revenue),
            )
        if starts:
            later = self._of_month(None, len(starts))
            grid.add(
                _("Later"), Cell(Formula(f"={later[0]}", _number(timing.later_mgos)), Look.NUMBER),
                self._landed(f"={later[1]}", timing.later_revenue),
            )  # fmt: skip
            end = len(grid.rows)
            total = sum((each.mgos for each in timing.months), timing.later_mgos)
            landed = [timing.later_revenue, *(each.revenue for each in timing.months)]
            money = None if None in landed else sum((each for each in landed if each is not None), Fraction(0))
            grid.add(
                Cell(_("Together"), strong=True),
                Cell(Formula(f"=SUM({at(3, 1)}:{at(end - 1, 1)})", _number(total)), Look.NUMBER, strong=True),
                self._landed(f"=SUM({at(3, 2)}:{at(end - 1, 2)})", money, strong=True),
            )
        return grid

    def _landed(self, formula: str, value: Fraction | None, *, strong: bool = False) -> Cell:
        """Revenue of a month: "–" as long as that of the plan is."""
        if value is None:
            total = on(self.activities, at(self.at["revenue"], TOTAL, fixed_row=True, fixed_column=True))
            formula = f'=IF(ISTEXT({total}),"{MISSING}",{formula[1:]})'
        return Cell(Formula(formula, MISSING if value is None else _number(value)), Look.MONEY, strong=strong)

    def _of_month(self, number: int | None, shown: int) -> tuple[str, str]:
        """The formulas of a month's MGOs and revenue; None: of what comes after the last one shown."""
        first = self.total.timing.months[0].month
        mgos: list[str] = []
        revenue: list[str] = []
        for column, each in zip(self._columns(), self.plans, strict=True):
            if waterfall.of(each).stages["mgos"].value is None or each.starts_on is None or each.ends_on is None:
                continue
            touched = waterfall.months_between(each.starts_on, each.ends_on)
            places = [(month.year - first.year) * 12 + month.month - first.month for month in touched]
            landed = [place + waterfall.lag(each.cycle_days) for place in places]
            for found, at_, key in ((mgos, places, "mgos"), (revenue, landed, "revenue")):
                here = sum(place >= shown if number is None else place == number for place in at_)
                if here:
                    share = f"*{here}" if here > 1 else ""
                    found.append(f"N({on(self.activities, at(self.at[key], column))}){share}/{len(touched)}")
        return "+".join(mgos) or "0", "+".join(revenue) or "0"

    def _summary(self) -> Grid:
        plan = self.plan
        grid = Grid(self.summary, widths=(40, 22, 16))
        grid.add(Cell(plan.title, Look.TITLE))
        grid.add(Cell(f"{plan.partner.name} · {self.vendor}", Look.NOTE))
        grid.add()
        grid.add(_("State"), Cell(plan.get_state_display()))
        grid.add(_("Currency"), Cell(plan.currency))
        grid.add(_("From"), Cell(plan.starts_on.isoformat()))
        grid.add(_("To"), Cell(plan.ends_on.isoformat()))
        for label, wanted in ((_("Pipeline wanted"), plan.pipeline_goal), (_("Revenue wanted"), plan.revenue_goal)):
            grid.add(label, Cell(wanted, Look.MONEY))
        grid.add()
        grid.add(Cell(_("What it comes to"), Look.HEADING), Cell(plan.currency, Look.OVER))
        for key, row in self.at.items():
            if key in FIGURES:
                look = Look.NUMBER if key in STAGES or key.endswith("_roi") else Look.MONEY
                cell = on(self.activities, at(row, TOTAL, fixed_row=True, fixed_column=True))
                grid.add(str(FIGURES[key]), Cell(Formula(f"={cell}", self._value(self.total, key)), look))
        grid.add()
        grid.add(Cell(_("Who pays"), Look.HEADING), Cell(plan.currency, Look.OVER))
        payers, amounts = self._budget_column(3), self._budget_column(2)
        for key, name in ((payer.value, str(payer.label)) for payer in Payer):
            lines = [line.amount for row in self.rows for line in row.budget.all() if line.payer == key]
            total = Formula(f'=SUMIF({payers},"{name}",{amounts})', sum(lines, Decimal(0)))
            grid.add(name, Cell(total, Look.MONEY))
        return grid


def _number(value: Fraction) -> Decimal:
    """As near as a cell of a workbook holds it."""
    return Decimal(value.numerator) / Decimal(value.denominator)
