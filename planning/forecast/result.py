"""The forecast of a business plan: the partner's profit and loss by month, quarter and year, in one scenario, and what is read
from it. Every sum here is of rounded cells, so that page, PDF, API and workbook agree. Source: "Formulas" of the business plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import accumulate

from planning.forecast.assumptions import MONTHS, Assumptions, Marketing, OtherCost, Person, Scenario, Seller, Training
from planning.forecast.rows import Amounts, CostMonths, LineMonths, Reals, capacity, cost_months, line_months

PEOPLE, TRAINING, MARKETING, OTHER = "people", "training", "marketing", "other"


@dataclass(frozen=True)
class BreakEven:
    """`month`: the first from which the running sum stays at 0 or above until month 36; None where there is none, or where
    nothing is planned at all (`planned` False)."""

    month: int | None
    planned: bool = True


@dataclass(frozen=True)
class Totals:
    """Every line of the profit and loss for one span of months; `cumulative` and `cash_cumulative` stand at its end."""

    product_revenue: Decimal
    services_revenue: Decimal
    managed_revenue: Decimal
    revenue: Decimal
    product_profit: Decimal
    services_profit: Decimal
    managed_profit: Decimal
    rebates: Decimal
    gross_profit: Decimal
    people: Decimal
    training: Decimal
    marketing: Decimal
    other: Decimal
    mdf: Decimal
    costs: Decimal  # with the MDF taken off
    operating_profit: Decimal
    cumulative: Decimal
    vendor_view: Decimal
    cash: Decimal
    cash_cumulative: Decimal
    deals: Fraction
    capacity: Fraction


def _sum(rows: Iterable[Amounts]) -> Amounts:
    return tuple(sum(cells, Decimal(0)) for cells in zip(*rows, strict=True)) or (Decimal(0),) * MONTHS


def break_even(running: Amounts, *, planned: bool) -> BreakEven:
    """See BreakEven. `running`: the running sum by month."""
    below = [m for m, value in enumerate(running, 1) if value < 0]
    if not planned:
        return BreakEven(None, planned=False)
    if not below:
        return BreakEven(1)
    return BreakEven(below[-1] + 1 if below[-1] < len(running) else None)


def peak(running: Amounts) -> Decimal:
    """The most that is ever put in: max(0, −min of the running sum)."""
    return max(Decimal(0), -min(running))


@dataclass(frozen=True)
class Forecast:
    """One scenario of a plan over its 36 months. `lines` and `costs` are by the rows' keys, in plan order, `kinds` says which
    group of costs a row belongs to. Tuples are by month, the first one at 0."""

    scenario: Scenario
    places: int
    terms: int
    lines: Mapping[str, LineMonths]
    costs_of: Mapping[str, CostMonths]
    kinds: Mapping[str, str]
    capacity: Reals

    @cached_property
    def product_revenue(self) -> Amounts:
        return _sum(line.product for line in self.lines.values())

    @cached_property
    def services_revenue(self) -> Amounts:
        return _sum(line.services for line in self.lines.values())

    @cached_property
    def managed_revenue(self) -> Amounts:
        return _sum(line.managed for line in self.lines.values())

    @cached_property
    def revenue(self) -> Amounts:
        return _sum([self.product_revenue, self.services_revenue, self.managed_revenue])

    @cached_property
    def product_profit(self) -> Amounts:
        return _sum(line.product_profit for line in self.lines.values())

    @cached_property
    def services_profit(self) -> Amounts:
        return _sum(line.services_profit for line in self.lines.values())

    @cached_property
    def managed_profit(self) -> Amounts:
        return _sum(line.managed_profit for line in self.lines.values())

    @cached_property
    def rebates(self) -> Amounts:
        return _sum(line.rebate for line in self.lines.values())

    @cached_property
    def gross_profit(self) -> Amounts:
        """Of products, services and managed services, and the rebates."""
        return _sum([self.product_profit, self.services_profit, self.managed_profit, self.rebates])

    def cost(self, kind: str) -> Amounts:
        """What people, training, marketing (before MDF) or other things cost."""
        return _sum(row.cost for key, row in self.costs_of.items() if self.kinds[key] == kind)

    @cached_property
    def mdf(self) -> Amounts:
        return _sum(row.mdf for row in self.costs_of.values())

    @cached_property
    def costs(self) -> Amounts:
        """All costs, with the MDF taken off."""
        spent = _sum(row.cost for row in self.costs_of.values())
        return tuple(cost - back for cost, back in zip(spent, self.mdf, strict=True))

    @cached_property
    def operating_profit(self) -> Amounts:
        return tuple(profit - cost for profit, cost in zip(self.gross_profit, self.costs, strict=True))

    @cached_property
    def cumulative(self) -> Amounts:
        return tuple(accumulate(self.operating_profit))

    @cached_property
    def cash(self) -> Amounts:
        """Paid `terms` months after it is earned, costs at once."""
        paid = (Decimal(0),) * self.terms + self.gross_profit
        return tuple(profit - cost for profit, cost in zip(paid, self.costs, strict=False))

    @cached_property
    def cash_cumulative(self) -> Amounts:
        return tuple(accumulate(self.cash))

    @cached_property
    def vendor_view(self) -> Amounts:
        """What the vendor keeps: what the partner pays for products, less rebates and MDF."""
        rows = zip(self.product_revenue, self.product_profit, self.rebates, self.mdf, strict=True)
        return tuple(revenue - profit - rebate - mdf for revenue, profit, rebate, mdf in rows)

    @cached_property
    def deals(self) -> Reals:
        """New deals of all lines: the demand on the sellers."""
        return tuple(
            sum(month, Fraction(0)) for month in zip(*(line.deals for line in self.lines.values()), strict=True)
        ) or ((Fraction(0),) * MONTHS)

    @property
    def planned(self) -> bool:
        """Whether any cell is other than 0."""
        lines, costs = self.lines.values(), self.costs_of.values()
        money = (
            (
                row.product,
                row.services,
                row.managed,
                row.product_profit,
                row.services_profit,
                row.managed_profit,
                row.rebate,
            )
            for row in lines
        )
        return any(any(cells) for row in money for cells in row) or any(any(row.cost) or any(row.mdf) for row in costs)

    @property
    def break_even(self) -> BreakEven:
        return break_even(self.cumulative, planned=self.planned)

    @property
    def cash_break_even(self) -> BreakEven:
        return break_even(self.cash_cumulative, planned=self.planned)

    @property
    def peak_investment(self) -> Decimal:
        return peak(self.cumulative)

    @property
    def cash_peak(self) -> Decimal:
        return peak(self.cash_cumulative)

    @property
    def roi(self) -> Decimal | None:
        """Cumulative profit at month 36 ÷ all costs, as a ratio, unrounded; None where the costs are 0."""
        spent = sum(self.costs, Decimal(0))
        return self.cumulative[-1] / spent if spent else None

    def totals(self, first: int, last: int) -> Totals:
        """All lines of the profit and loss from month `first` to month `last`, both counted."""
        span = slice(first - 1, last)

        def total(cells: Amounts) -> Decimal:
            return sum(cells[span], Decimal(0))

        return Totals(
            product_revenue=total(self.product_revenue),
            services_revenue=total(self.services_revenue),
            managed_revenue=total(self.managed_revenue),
            revenue=total(self.revenue),
            product_profit=total(self.product_profit),
            services_profit=total(self.services_profit),
            managed_profit=total(self.managed_profit),
            rebates=total(self.rebates),
            gross_profit=total(self.gross_profit),
            people=total(self.cost(PEOPLE)),
            training=total(self.cost(TRAINING)),
            marketing=total(self.cost(MARKETING)),
            other=total(self.cost(OTHER)),
            mdf=total(self.mdf),
            costs=total(self.costs),
            operating_profit=total(self.operating_profit),
            cumulative=self.cumulative[last - 1],
            vendor_view=total(self.vendor_view),
            cash=total(self.cash),
            cash_cumulative=self.cash_cumulative[last - 1],
            deals=sum(self.deals[span], Fraction(0)),
            capacity=sum(self.capacity[span], Fraction(0)),
        )

    def months(self) -> list[Totals]:
        return [self.totals(m, m) for m in range(1, MONTHS + 1)]

    def quarters(self) -> list[Totals]:
        """Plan quarters: months 1–3, 4–6 …; not the fiscal ones."""
        return [self.totals(m, m + 2) for m in range(1, MONTHS + 1, 3)]

    def years(self) -> list[Totals]:
        """Plan years: months 1–12, 13–24, 25–36; not the fiscal ones."""
        return [self.totals(m, m + 11) for m in range(1, MONTHS + 1, 12)]


def forecast(assumptions: Assumptions, scenario: Scenario | None = None) -> Forecast:
    """The forecast of a plan in a scenario (None: base, which changes nothing)."""
    scenario = scenario or Scenario()
    whole = capacity(assumptions.sellers)
    groups: list[tuple[str, Iterable[Seller | Person | Training | Marketing | OtherCost]]] = [
        (PEOPLE, [*assumptions.sellers, *assumptions.people]),
        (TRAINING, assumptions.training),
        (MARKETING, assumptions.marketing),
        (OTHER, assumptions.other),
    ]
    rows = [(kind, row) for kind, group in groups for row in group]
    return Forecast(
        scenario=scenario,
        places=assumptions.places,
        terms=assumptions.terms,
        lines={line.key: line_months(line, whole, scenario, assumptions.places) for line in assumptions.lines},
        costs_of={row.key: cost_months(row, scenario.cost, assumptions.places) for _kind, row in rows},
        kinds={row.key: kind for kind, row in rows},
        capacity=whole,
    )
