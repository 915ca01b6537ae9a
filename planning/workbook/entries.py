"""The sheet of assumptions: every number of the plan in a labelled cell with a name, by which the formulas call it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from planning.document import GROUPS
from planning.forecast.assumptions import CapacityShare, Kind, Line, Scenario
from planning.labels import DEALS, LABELS, SALE, SCENARIO, SCENARIOS
from planning.labels import MONEY as IN_MONEY
from planning.labels import MONTH as IN_MONTH
from planning.labels import MONTHS as IN_MONTHS
from planning.labels import PERCENT as IN_PERCENT
from planning.outcome import Outcome
from prm.documents.model import Cell, Formula, Grid, Look, at

ROW_NAMES = {
    "lines": "Line",
    "sellers": "Seller",
    "people": "Person",
    "training": "Training",
    "marketing": "Marketing",
    "other": "Other",
}
# A name in formulas → field of Scenario.
MULTIPLIERS = {
    "Deals_multiplier": "deals",
    "Deal_size_multiplier": "deal_size",
    "Margin_multiplier": "margin",
    "Cost_multiplier": "cost",
    "Delay": "delay",
}
SCENARIO_CELL, FIRST_MONTH, TERMS, DECIMALS = "Scenario", "First_month", "Payment_terms", "Decimals"
QUARTER, YEAR = "Months_a_quarter", "Months_a_year"
LOOKS = {Kind.PERCENT: Look.PERCENT, Kind.GROWTH: Look.PERCENT, Kind.START: Look.WHOLE, Kind.MONTHS: Look.WHOLE}


def name_of(group: str, number: int, field: str) -> str:
    """The name of a row's field in formulas: Line_1_sale_price."""
    return f"{ROW_NAMES[group]}_{number}_{field.replace('.', '_')}"


def entries(found: Outcome, sheet: str) -> tuple[Grid, str]:
    """The sheet, and the address on it of the scenarios' names, from which one is chosen."""
    grid = Grid(sheet, widths=(44, 18, 18, 30, 18))
    plan, chosen = found.plan, found.plan.scenarios[found.chosen]
    grid.add(Cell(_("Assumptions"), Look.TITLE))
    grid.add(
        Cell(
            _("Change the marked cells; all other sheets follow. Amounts in %(currency)s.")
            % {"currency": found.currency},
            Look.NOTE,
        )
    )
    grid.add()
    listed = _scenarios(grid, found, chosen)
    grid.add()
    grid.add(_head(_("The plan")), _head(_("Value"), Look.OVER), _head(_("Unit")), _head(_("Name in formulas")))
    terms = LABELS["terms"]
    _entry(grid, str(terms.text), plan.assumptions.terms, Look.WHOLE, _("months"), TERMS)
    _fixed(grid, _("Decimals of the currency"), plan.assumptions.places, DECIMALS)
    _fixed(grid, _("Months in a quarter"), 3, QUARTER)
    _fixed(grid, _("Months in a year"), 12, YEAR)
    for group in GROUPS:
        for number, row in enumerate(getattr(plan.assumptions, group), start=1):
            grid.add()
            title = f"{_one(group)} {number}: {row.name}"
            grid.add(_head(title), _head(_("Value"), Look.OVER), _head(_("Unit")), _head(_("Name in formulas")))
            if isinstance(row, Line):
                grid.add(_("New deals"), str(DEALS["capacity" if isinstance(row.deals, CapacityShare) else "ramp"]))
                recurring = "price" in {each.name for each in fields(row.sale)}
                grid.add(_("Sold"), str(SALE["recurring" if recurring else "one_time"]))
            for field, kind, value in _fields(row):
                label = LABELS[f"{group}.{field}"]
                text = f"{label.text} ({_('empty')}: {label.empty})" if label.empty else str(label.text)
                unit = _unit(label.unit, found.currency)
                _entry(
                    grid, text, _value(value, kind), LOOKS.get(kind, Look.NUMBER), unit, name_of(group, number, field)
                )
    return grid, listed


def _scenarios(grid: Grid, found: Outcome, chosen: Scenario) -> str:
    """The scenarios' multipliers beside one another, and those in use, which have the names."""
    head = grid.add(
        _head(_("Scenarios")),
        *(_head(str(SCENARIOS[name]), Look.OVER) for name in found.plan.scenarios),
        _head(_("In use"), Look.OVER),
    )
    last = len(found.plan.scenarios)
    listed = f"{at(head, 1, fixed_row=True, fixed_column=True)}:{at(head, last, fixed_row=True, fixed_column=True)}"
    for name, field in MULTIPLIERS.items():
        row = len(grid.rows)
        look = Look.WHOLE if field == "delay" else Look.NUMBER
        values = [Cell(getattr(each, field), look, entered=True) for each in found.plan.scenarios.values()]
        formula = f"=INDEX({at(row, 1)}:{at(row, last)},MATCH({SCENARIO_CELL},{listed},0))"
        grid.add(str(SCENARIO[field].text), *values, Cell(Formula(formula, getattr(chosen, field)), look, name=name))
    return listed


def _entry(grid: Grid, label: str, value: Any, look: Look, unit: str, name: str) -> None:
    grid.add(label, Cell(value, look, entered=True, name=name), Cell(unit, Look.NOTE), Cell(name, Look.NOTE))


def _fixed(grid: Grid, label: str, value: int, name: str) -> None:
    grid.add(label, Cell(value, Look.WHOLE, name=name), None, Cell(name, Look.NOTE))


def _one(group: str) -> str:
    """What one row of a group is."""
    words = {
        "lines": _("Product line"),
        "sellers": _("Seller"),
        "people": _("Other person"),
        "training": _("Training"),
        "marketing": _("Marketing"),
        "other": _("Other cost"),
    }
    return words[group]


def _head(text: str, look: Look = Look.HEADING) -> Cell:
    return Cell(text, look)


def _fields(node: Any, prefix: str = "") -> Iterator[tuple[str, Kind, Decimal | int | None]]:
    """Each number of a row, also those left empty, as `numbers` of the sensitivity walks them."""
    for each in fields(node):
        value = getattr(node, each.name)
        if is_dataclass(value):
            yield from _fields(value, f"{each.name}.")
        elif "kind" in each.metadata:
            yield f"{prefix}{each.name}", each.metadata["kind"], value


def _value(value: Decimal | int | None, kind: Kind) -> Decimal | int | None:
    """As a cell holds it: 35 % is 0.35."""
    return Decimal(value).scaleb(-2) if value is not None and kind in (Kind.PERCENT, Kind.GROWTH) else value


def _unit(unit: str, currency: str) -> str:
    words = {IN_MONEY: currency, IN_PERCENT: "%", IN_MONTH: _("month of the plan"), IN_MONTHS: _("months")}
    return words.get(unit, "")
