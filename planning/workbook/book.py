"""The workbook of a plan: summary and choice of scenario, assumptions, the months underneath, profit and loss by month, quarter, year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from planning.forecast.assumptions import MONTHS
from planning.labels import SCENARIOS
from planning.outcome import Level, Outcome, Span, Statement
from planning.outcome.statement import COUNTS
from planning.workbook.entries import DECIMALS, FIRST_MONTH, QUARTER, SCENARIO_CELL, TERMS, YEAR, entries
from planning.workbook.months import END, NUMBERS, START, TOP, add_row, costs, lines, month, sellers, sheet
from prm.documents.model import Cell, Formula, Grid, Look, at, model, on
from prm.documents.xlsx import sheet_name

PARTS = {
    "revenue": ("product_revenue", "managed_revenue"),
    "gross_profit": ("product_profit", "rebates"),
    "costs": ("people", "other"),
}
FROM_COSTS = ("people", "training", "marketing", "mdf", "other")


def workbook(found: Outcome, *, title: str, partner: str, vendor: str) -> bytes:
    """XLSX of a plan, computed by its own formulas; it opens in the chosen scenario. Without what the vendor keeps where the
    outcome leaves it out."""
    return _Book(found, title, partner, vendor).bytes()


class _Book:
    def __init__(self, found: Outcome, title: str, partner: str, vendor: str) -> None:
        self.found, self.title, self.partner, self.vendor = found, title, partner, vendor
        taken: set[str] = set()
        self.summary, self.entries, self.sellers, self.lines, self.costs, self.month, self.quarter, self.year = (
            sheet_name(name, taken)
            for name in (
                _("Summary"),
                _("Assumptions"),
                _("Sellers"),
                _("Product lines"),
                _("Costs"),
                _("By month"),
                _("By quarter"),
                _("By year"),
            )
        )

    def bytes(self) -> bytes:
        found = self.found
        assumptions, listed = entries(found, self.entries)
        people, total = sellers(found, self.sellers)
        sold, spent = lines(found, self.lines, total), costs(found, self.costs)
        months, rows = self._by_month(total, len(sold.rows), len(spent.rows))
        grids = [
            self._summary(rows, listed),
            months,
            self._longer(Span.QUARTER, self.quarter, rows),
            self._longer(Span.YEAR, self.year, rows),
            assumptions,
            sold,
            people,
            spent,
        ]
        return model(grids, title=self.title, creator=self.vendor, places=found.forecast.places)

    def _by_month(self, sellers_total: str, lines_end: int, costs_end: int) -> tuple[Grid, dict[str, int]]:
        """The profit and loss by month, and which row is what; all three stand in the same rows."""
        found = self.found.statement(Span.MONTH)
        grid = sheet(self.found, self.month, _("Profit and loss by month"), self._note())
        grid.rows[NUMBERS][1] = Cell(_("36 months"), Look.OVER)
        spans = {"quarter": (_("Quarter of the plan"), QUARTER, 3), "year": (_("Year of the plan"), YEAR, 12)}
        rows: dict[str, int] = {}
        for key, (label, step, count) in spans.items():
            numbers = [(m - 1) // count + 1 for m in range(1, MONTHS + 1)]
            rows[key] = add_row(grid, label, "", _counted(step), numbers, Look.WHOLE)
        rows |= self._rows_of(found, len(grid.rows))
        for row in found.rows:
            formula = self._formula(row.key, rows, sellers_total, lines_end, costs_end)
            self._add(grid, rows, row.key, found, formula)
        amounts = ("revenue", "people", "training", "marketing", "other")
        planned = [
            sum((found.row(each).values[m] for each in amounts), start=-found.row("mdf").values[m])
            for m in range(MONTHS)
        ]

        def sum_of(column: int) -> str:
            return "+".join(at(rows[each], column) for each in amounts) + f"-{at(rows['mdf'], column)}"

        rows["planned"] = add_row(grid, _("All that is planned, earned or spent"), "", sum_of, planned)
        for key, running, label in (
            ("stays", "cumulative", _("Profit stays at 0 or above from here on")),
            ("cash_stays", "cash_cumulative", _("Cash stays at 0 or above from here on")),
        ):
            values = found.row(running).values
            flags = [int(min(values[m:]) >= 0) for m in range(MONTHS)]
            rows[key] = add_row(grid, label, "", _stays(rows[running]), flags, Look.WHOLE)
        return grid, rows

    def _rows_of(self, found: Statement, start: int) -> dict[str, int]:
        return {row.key: start + n for n, row in enumerate(found.rows)}

    def _add(self, grid: Grid, rows: dict[str, int], key: str, found: Statement, formula: Callable[[int], str]) -> None:
        """A row of the profit and loss, with its total over all columns beside its name."""
        row, last = found.row(key), START + len(found.columns) - 1
        look = Look.NUMBER if key in COUNTS else Look.MONEY
        strong = row.level in (Level.SUM, Level.RESULT)
        add_row(grid, row.label, "", formula, row.values, look, strong=strong)
        running = key in ("cumulative", "cash_cumulative")
        r = rows[key]
        total = at(r, last) if running else f"SUM({at(r, START)}:{at(r, last)})"
        value = row.values[-1] if running else sum(row.values, start=type(row.values[0])(0))
        shown = value if isinstance(value, Decimal) else float(value)
        grid.rows[r][1] = Cell(Formula(f"={total}", shown), look, strong=strong)

    def _formula(
        self, key: str, rows: dict[str, int], sellers_total: str, lines_end: int, costs_end: int
    ) -> Callable[[int], str]:
        def of(column: int, other: str) -> str:
            return at(rows[other], column)

        if key in PARTS:
            first, last = PARTS[key]
            return lambda c: f"SUM({of(c, first)}:{of(c, last)})"
        if key == "capacity":
            return lambda c: sellers_total.format(at(0, c).rstrip("1"))
        if key == "vendor_view":
            return lambda c: f"{of(c, 'product_revenue')}-{of(c, 'product_profit')}-{of(c, 'rebates')}+{of(c, 'mdf')}"
        if key == "cash":
            earned = f"{at(rows['gross_profit'], START, fixed_column=True)}:{at(rows['gross_profit'], END, fixed_column=True)}"
            return lambda c: f"IF({month(c)}>{TERMS},INDEX({earned},{month(c)}-{TERMS}),0)-{of(c, 'costs')}"
        if key in ("operating_profit", "cumulative", "cash_cumulative"):
            return self._derived(key, rows)
        name, end, labels = (self.costs, costs_end, 0) if key in FROM_COSTS else (self.lines, lines_end, 1)
        end = max(end, TOP + 1)
        named = on(name, f"{_fixed(TOP, labels)}:{_fixed(end - 1, labels)}")

        def summed(column: int) -> str:
            cells = on(name, f"{at(TOP, column, fixed_row=True)}:{at(end - 1, column, fixed_row=True)}")
            return f"SUMIF({named},{at(rows[key], 0, fixed_column=True)},{cells})"

        return summed

    def _derived(self, key: str, rows: dict[str, int]) -> Callable[[int], str]:
        """The same by month, quarter and year. A running sum is rounded again, as sums of binary fractions drift."""
        if key == "operating_profit":
            return lambda c: f"{at(rows['gross_profit'], c)}-{at(rows['costs'], c)}"
        of = {"cumulative": "operating_profit", "cash_cumulative": "cash"}[key]
        return lambda c: f"ROUND({at(rows[key], c - 1)}+{at(rows[of], c)},{DECIMALS})"

    def _longer(self, span: Span, name: str, rows: dict[str, int]) -> Grid:
        """The profit and loss by quarter or year: sums of the months."""
        found = self.found.statement(span)
        titles = {Span.QUARTER: _("Profit and loss by quarter"), Span.YEAR: _("Profit and loss by year")}
        grid = sheet(self.found, name, titles[span], self._note(), span)
        grid.rows[NUMBERS][1] = Cell(_("36 months"), Look.OVER)
        while len(grid.rows) < min(rows[row.key] for row in found.rows):
            grid.add()
        spans = rows[span.value]
        which = on(self.month, f"{_fixed(spans, START)}:{_fixed(spans, END)}")
        for row in found.rows:
            if row.key in ("cumulative", "cash_cumulative"):
                formula = self._derived(row.key, rows)
            else:
                r = rows[row.key]
                cells = on(self.month, f"{at(r, START, fixed_column=True)}:{at(r, END, fixed_column=True)}")
                formula = _summed(which, cells)
            self._add(grid, rows, row.key, found, formula)
        return grid

    def _note(self) -> str:
        return _("Amounts in %(currency)s. Quarters and years are the plan's own.") % {"currency": self.found.currency}

    def _summary(self, rows: dict[str, int], listed: str) -> Grid:
        found, grid = self.found, Grid(self.summary, widths=(44, 22, 16))
        grid.add(Cell(self.title, Look.TITLE))
        grid.add(Cell(f"{self.partner} · {self.vendor}", Look.NOTE))
        grid.add()
        chosen = Cell(str(SCENARIOS[found.chosen]), entered=True, name=SCENARIO_CELL, choices=on(self.entries, listed))
        grid.add(_("Scenario (choose one)"), chosen)
        grid.add(_("First month"), Cell(found.first_month, Look.MONTH, entered=True, name=FIRST_MONTH))
        grid.add(_("Currency"), found.currency)
        grid.add()
        grid.add(Cell(_("Over 36 months"), Look.HEADING), Cell(found.currency, Look.OVER), Cell("", Look.HEADING))
        self._figures(grid, rows)
        return grid

    def _figures(self, grid: Grid, rows: dict[str, int]) -> None:
        """The key figures, as the page has them."""
        told = {figure.key: figure for figure in self.found.figures}

        def total(key: str) -> str:
            return on(self.month, _fixed(rows[key], 1))

        def running(key: str) -> str:
            return on(self.month, f"{_fixed(rows[key], START)}:{_fixed(rows[key], END)}")

        def add(key: str, formula: str, look: Look = Look.MONEY, scale: int = 0) -> int:
            result = told[key].explanation.result
            value: Decimal | str = told[key].text if result is None else result.scaleb(-scale)
            if (
                result is None
                and told[key].explanation.why_missing
                and "break_even" in key
                and self.found.forecast.planned
            ):
                value = _("none")
            return grid.add(told[key].label, Cell(Formula(f"={formula}", value), look))

        def turns(key: str, flags: str) -> None:
            stays = running(flags)
            planned = f"SUM({running('planned')})"
            month_of = f'IF(SUM({stays})=0,"{_("none")}",COUNT({stays})-SUM({stays})+1)'
            row = add(key, f'IF({planned}=0,"–",{month_of})', Look.WHOLE)
            begins = f'IF(ISNUMBER({at(row, 1)}),EDATE({FIRST_MONTH},{at(row, 1)}-1),"")'
            detail = told[key].explanation.result
            starts = self.found.statement(Span.MONTH).columns
            shown: date | str = "" if detail is None else starts[int(detail) - 1].start
            grid.rows[row].append(Cell(Formula(f"={begins}", shown), Look.MONTH))

        def rounded(key: str) -> str:
            return f"ROUND({total(key)},{DECIMALS})"

        profit = add("cumulative", rounded("cumulative"))
        turns("break_even", "stays")
        add("peak_investment", f"MAX(0,-MIN({running('cumulative')}))")
        roi = len(grid.rows)
        costs_row = roi + 3
        add("roi", f'IF({at(costs_row, 1)}=0,"–",{at(profit, 1)}/{at(costs_row, 1)})', Look.PERCENT, 2)
        add("revenue", rounded("revenue"))
        add("gross_profit", rounded("gross_profit"))
        add("costs", rounded("costs"))
        add("cash", rounded("cash_cumulative"))
        turns("cash_break_even", "cash_stays")
        add("cash_peak", f"MAX(0,-MIN({running('cash_cumulative')}))")


def _fixed(row: int, column: int) -> str:
    return at(row, column, fixed_row=True, fixed_column=True)


def _counted(step: str) -> Callable[[int], str]:
    """Which quarter or year a month belongs to."""
    return lambda column: f"ROUNDUP({month(column)}/{step},0)"


def _stays(row: int) -> Callable[[int], str]:
    """1 where a row is not below 0 any more, from the month to the last."""
    end = at(row, END, fixed_column=True)
    return lambda column: f"IF(MIN({at(row, column)}:{end})<0,0,1)"


def _summed(which: str, cells: str) -> Callable[[int], str]:
    """The months of a column's quarter or year together."""
    return lambda column: f"SUMIF({which},{month(column)},{cells})"
