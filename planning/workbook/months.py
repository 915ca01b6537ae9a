"""The sheets by month under the profit and loss: what the sellers can close, what each product line sells, what each row costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from planning.forecast.assumptions import MONTHS, Assumptions, CapacityShare, Line, OneTime, Recurring
from planning.forecast.result import Forecast
from planning.forecast.rows import LineMonths, capacity, share
from planning.outcome import Outcome
from planning.outcome.statement import Span, columns, names
from planning.workbook.entries import DECIMALS, FIRST_MONTH, QUARTER, YEAR, name_of
from prm.documents.model import Cell, Formula, Grid, Look, at, on

START = 3  # the column of month 1; the one before is for what there is at the start
END = START + MONTHS - 1
NUMBERS = 2  # the row of the months' numbers
TOP = 5  # the first row of figures
STEPS = {Span.QUARTER: QUARTER, Span.YEAR: YEAR}

Figures = Sequence[Decimal | Fraction | int | float]


def sheet(found: Outcome, name: str, title: str, note: str, span: Span = Span.MONTH) -> Grid:
    """A sheet whose columns from START on are months, quarters or years of the plan."""
    grid = Grid(name, widths=(36, 34, 14), width=14, frozen=(TOP - 1, START))
    words = {
        Span.MONTH: _("Month of the plan"),
        Span.QUARTER: _("Quarter of the plan"),
        Span.YEAR: _("Year of the plan"),
    }
    heads = columns(span, found.first_month)
    grid.add(Cell(title, Look.TITLE))
    grid.add(Cell(note, Look.NOTE))
    numbers = (Cell(n, Look.WHOLE, strong=True) for n in range(1, len(heads) + 1))
    grid.add(Cell(words[span], Look.HEADING), None, None, *numbers)
    times = f"*{STEPS[span]}" if span in STEPS else ""
    starts = (
        Formula(f"=EDATE({FIRST_MONTH},({month(START + n)}-1){times})", head.start) for n, head in enumerate(heads)
    )
    grid.add(Cell(_("Begins"), Look.NOTE), None, None, *(Cell(start, Look.MONTH) for start in starts))
    grid.add()
    return grid


def month(column: int) -> str:
    """The number of a column's month, in a formula."""
    return at(NUMBERS, column, fixed_row=True)


def add_row(
    grid: Grid,
    group: str,
    label: str,
    formula: Callable[[int], str],
    values: Figures,
    look: Look = Look.MONEY,
    *,
    opening: Cell | None = None,
    strong: bool = False,
) -> int:
    """A row of a formula in each month; `formula` is asked for each column."""
    cells = [
        Cell(Formula(f"={formula(START + n)}", _plain(value)), look, strong=strong) for n, value in enumerate(values)
    ]
    return grid.add(Cell(group, strong=strong), Cell(label, strong=strong), opening, *cells)


def _plain(value: Decimal | Fraction | float) -> Decimal | float:
    return float(value) if isinstance(value, Fraction) else value


def sellers(found: Outcome, name: str) -> tuple[Grid, str]:
    """What each seller can close by month; and where their sum stands, for a column: "Sellers!{column}$9"."""
    grid = sheet(found, name, _("What the sellers can close"), _("New deals a month, ramping up from the start month."))
    assumptions: Assumptions = found.plan.assumptions
    for number, seller in enumerate(assumptions.sellers, start=1):
        count, start, rate, ramp = (name_of("sellers", number, field) for field in ("count", "start", "rate", "ramp"))

        def formula(column: int, count: str = count, start: str = start, rate: str = rate, ramp: str = ramp) -> str:
            m = month(column)
            return f"IF({m}<{start},0,{count}*{rate}*IF({ramp}=0,1,MIN(1,({m}-{start}+1)/{ramp})))"

        add_row(grid, seller.name, _("Deals a month"), formula, capacity([seller]), Look.NUMBER)
    last = len(grid.rows) - 1

    def total(column: int) -> str:
        return f"SUM({at(TOP, column)}:{at(last, column)})" if last >= TOP else "0"

    row = add_row(
        grid, _("All sellers"), names()["capacity"][0], total, found.forecast.capacity, Look.NUMBER, strong=True
    )
    return grid, on(name, "{}$" + str(row + 1))


def lines(found: Outcome, name: str, sellers_total: str) -> Grid:
    """Each product line by month: deals, customers, revenue, services, gross profits and rebate."""
    note = _("Revenue and profit are rounded once, in the rows named as in the profit and loss.")
    grid = sheet(found, name, _("Product lines"), note)
    for number, line in enumerate(found.plan.assumptions.lines, start=1):
        _Block(grid, found.forecast, line, number, sellers_total).add()
        grid.add()
    return grid


class _Block:
    """The rows of one product line."""

    def __init__(self, grid: Grid, forecast: Forecast, line: Line, number: int, sellers_total: str) -> None:
        self.grid, self.forecast, self.line, self.number = grid, forecast, line, number
        self.sellers_total = sellers_total
        self.found: LineMonths = forecast.lines[line.key]

    def name(self, field: str) -> str:
        return name_of("lines", self.number, field)

    def row(
        self, label: str, formula: Callable[[int], str], values: Iterable[object], look: Look = Look.MONEY, **more: Cell
    ) -> int:
        return add_row(self.grid, self.line.name, label, formula, tuple(values), look, **more)  # type: ignore[arg-type]

    def add(self) -> None:
        words = {key: label for key, (label, _level) in names().items()}
        deals = self._deals(words["deals"])
        sold = self._sold(deals)
        self._rounded(words["product_revenue"], sold, "", self.found.product)
        self._rounded(words["product_profit"], sold, self._margin("margin"), self.found.product_profit)
        self._rounded(words["rebates"], sold, self.name("rebate"), self.found.rebate)
        attached = self._attached(deals)
        once = self._times(_("Services, unrounded"), attached, "services.price", self._attached_values())
        self._rounded(words["services_revenue"], once, "", self.found.services)
        self._rounded(words["services_profit"], once, self._margin("services.margin"), self.found.services_profit)
        base = self._managed_base(attached)
        managed = self._times(_("Managed services, unrounded"), base, "services.managed_price", self.found.managed_base)
        self._rounded(words["managed_revenue"], managed, "", self.found.managed)
        self._rounded(
            words["managed_profit"], managed, self._margin("services.managed_margin"), self.found.managed_profit
        )

    def _deals(self, label: str) -> int:
        start = f"{self.name('start')}+Delay"
        if isinstance(self.line.deals, CapacityShare):

            def formula(column: int) -> str:
                total = self.sellers_total.format(_letters(column))
                return f"IF({month(column)}<{start},0,{self.name('deals.share')}*{total})*Deals_multiplier"

            return self.row(label, formula, self.found.deals, Look.NUMBER)
        first, growth, cap = self.name("deals.first"), self.name("deals.growth"), self.name("deals.cap")
        here = len(self.grid.rows)

        def grown(column: int) -> str:
            m = month(column)
            return f"IF({m}<{start},0,IF({m}={start},{first},{at(here, column - 1)}*(1+{growth})))"

        self.row(_("Deals before cap and scenario"), grown, self._grown(), Look.NUMBER)

        def capped(column: int) -> str:
            value = at(here, column)
            return f"IF(ISNUMBER({cap}),MIN({cap},{value}),{value})*Deals_multiplier"

        return self.row(label, capped, self.found.deals, Look.NUMBER)

    def _grown(self) -> list[float]:
        ramp, start = self.line.deals, self.line.start + self.forecast.scenario.delay
        first, growth = float(getattr(ramp, "first", 0)), 1 + float(share(getattr(ramp, "growth", Decimal(0))))
        return [0.0 if m < start else first * growth ** (m - start) for m in range(1, MONTHS + 1)]

    def _sold(self, deals: int) -> int:
        """Product revenue before rounding."""
        sale, size = self.line.sale, float(self.forecast.scenario.deal_size)
        label = _("Product revenue, unrounded")
        if isinstance(sale, OneTime):
            rate, erosion, price = self.name("sale.run_rate"), self.name("sale.erosion"), self.name("sale.deal_size")
            keeps = float(1 - share(sale.erosion))
            rates = [float(sale.run_rate) * keeps**m for m in range(1, MONTHS + 1)]
            running = self.row(_("Opening run rate"), lambda c: f"{rate}*(1-{erosion})^{month(c)}", rates)
            values = [
                float(new) * float(sale.deal_size) * size + old
                for new, old in zip(self.found.deals, rates, strict=True)
            ]
            return self.row(
                label, lambda c: f"{at(deals, c)}*{price}*Deal_size_multiplier+{at(running, c)}", values, Look.NUMBER
            )
        here = len(self.grid.rows)
        churn, price = self.name("sale.churn"), self.name("sale.price")
        opening = Cell(Formula(f"={self.name('sale.opening_base')}", sale.opening_base), Look.NUMBER)
        active = self.row(
            _("Active customers"),
            lambda c: f"{at(here, c - 1)}*(1-{churn})+{at(deals, c)}",
            self.found.active,
            Look.NUMBER,
            opening=opening,
        )
        values = [float(customers) * float(sale.price) * size for customers in self.found.active]
        return self.row(label, lambda c: f"{at(active, c)}*{price}*Deal_size_multiplier", values, Look.NUMBER)

    def _attached(self, deals: int) -> int:
        whole = f"{at(deals, START, fixed_column=True)}:{at(deals, END, fixed_column=True)}"
        lag, attach = self.name("services.lag"), self.name("services.attach")
        return self.row(
            _("Deals with services, delivered"),
            lambda c: f"IF({month(c)}>{lag},INDEX({whole},{month(c)}-{lag}),0)*{attach}",
            self._attached_values(),
            Look.NUMBER,
        )

    def _attached_values(self) -> list[float]:
        services = self.line.services
        part, lag = float(share(services.attach)), services.lag
        return [float(self.found.deals[m - lag]) * part if m >= lag else 0.0 for m in range(MONTHS)]

    def _managed_base(self, attached: int) -> int:
        here = len(self.grid.rows)
        churn = self.name("services.managed_churn")
        otherwise = self.name("sale.churn") if isinstance(self.line.sale, Recurring) else "0"
        return self.row(
            _("Managed customers"),
            lambda c: f"{at(here, c - 1)}*(1-IF(ISNUMBER({churn}),{churn},{otherwise}))+{at(attached, c)}",
            self.found.managed_base,
            Look.NUMBER,
            opening=Cell(0, Look.NUMBER),
        )

    def _times(self, label: str, of: int, field: str, values: Iterable[Fraction | float]) -> int:
        price = float(getattr(self.line.services, field.split(".")[1]))
        return self.row(
            label, lambda c: f"{at(of, c)}*{self.name(field)}", [float(value) * price for value in values], Look.NUMBER
        )

    def _margin(self, field: str) -> str:
        return f"MIN(1,{self.name(field)}*Margin_multiplier)"

    def _rounded(self, label: str, of: int, factor: str, values: Sequence[Decimal]) -> None:
        times = f"*{factor}" if factor else ""
        self.row(label, lambda c: f"ROUND({at(of, c)}{times},{DECIMALS})", values)


def costs(found: Outcome, name: str) -> Grid:
    """Each row of costs by month; MDF as a negative one."""
    grid = sheet(found, name, _("Costs"), _("Each cost is rounded once; MDF is taken off."))
    words, plan = {key: label for key, (label, _level) in names().items()}, found.plan.assumptions

    def add(group: str, kind: str, formula: Callable[[str, Callable[[str], str]], str], *, mdf: bool = False) -> None:
        for number, row in enumerate(getattr(plan, group), start=1):
            months = found.forecast.costs_of[row.key]
            values = [-value for value in months.mdf] if mdf else list(months.cost)

            def of_row(column: int, number: int = number) -> str:
                return formula(month(column), lambda field: name_of(group, number, field))

            add_row(grid, words[kind], row.name, of_row, values)

    def salary(m: str, named: Callable[[str], str]) -> str:
        amount = f"ROUND({named('count')}*{named('cost')}/{YEAR}*Cost_multiplier,{DECIMALS})"
        return f"IF({m}<{named('start')},0,{amount})"

    def once(m: str, named: Callable[[str], str]) -> str:
        return f"IF({m}={named('month')},ROUND({named('cost')}*Cost_multiplier,{DECIMALS}),0)"

    def other(m: str, named: Callable[[str], str]) -> str:
        falls = f"IF(ISNUMBER({named('month')}),{m}={named('month')},TRUE)"
        return f"IF({falls},ROUND({named('cost')}*Cost_multiplier,{DECIMALS}),0)"

    def spend(m: str, named: Callable[[str], str]) -> str:
        return f"ROUND({named('monthly')}*Cost_multiplier,{DECIMALS})"

    def back(m: str, named: Callable[[str], str]) -> str:
        return f"-ROUND({named('monthly')}*Cost_multiplier*{named('mdf_share')},{DECIMALS})"

    add("sellers", "people", salary)
    add("people", "people", salary)
    add("training", "training", once)
    add("marketing", "marketing", spend)
    add("marketing", "mdf", back, mdf=True)
    add("other", "other", other)
    return grid


def _letters(column: int) -> str:
    return at(0, column).rstrip("1")
