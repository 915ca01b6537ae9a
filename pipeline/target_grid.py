"""A partner's targets of a fiscal year: months by metrics, each with the version in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from partners.models import Partner
from pipeline import queries, targets
from pipeline.queries import Measure
from pipeline.targets import InForce
from prm.common.fiscal import FiscalQuarter, FiscalYear, Month, Period


@dataclass(frozen=True)
class Cell:
    """`value` None: no target, or (`mixed`) in several currencies. `version` of a month only."""

    value: Decimal | None
    currency: str = ""
    version: targets.Version | None = None
    mixed: bool = False


@dataclass(frozen=True)
class Line:
    """A month, a quarter or the year, and its cell for each metric."""

    period: Period
    level: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Grid:
    measures: Sequence[Measure]
    lines: Sequence[Line]
    any: bool


def in_force(partner: Partner, metric: str | None = None) -> dict[str, dict[Month, InForce]]:
    """By metric: the partner's targets in force, by month."""
    versions = queries.versions_of([partner.pk], metric)
    return {key: targets.in_force(found) for (_pk, key), found in versions.items()}


def grid(partner: Partner, year: FiscalYear) -> Grid:
    """The year month by month, with each quarter's sum after its months and the year's at the end.

    Metrics that have a target in the year; revenue always.
    """
    found = in_force(partner)
    known = queries.measures()
    shown = [
        measure
        for key, measure in known.items()
        if key == targets.REVENUE or any(month in found.get(key, {}) for month in year.months)
    ]
    columns = [found.get(measure.key, {}) for measure in shown]
    lines: list[Line] = []
    for quarter in year.quarters:
        lines += [Line(month, "month", [_month(column, month) for column in columns]) for month in quarter.months]
        lines.append(Line(quarter, "quarter", [_sum(column, quarter) for column in columns]))
    lines.append(Line(year, "year", [_sum(column, year) for column in columns]))
    return Grid(shown, lines, any(month in column for column in columns for month in year.months))


def _month(column: Mapping[Month, InForce], month: Month) -> Cell:
    found = column.get(month)
    return Cell(found.value, found.currency, found.version) if found else Cell(None)


def _sum(column: Mapping[Month, InForce], period: FiscalQuarter | FiscalYear) -> Cell:
    found = [column[month] for month in period.months if month in column]
    currencies = {each.currency for each in found}
    if len(currencies) > 1:
        return Cell(None, mixed=True)
    return Cell(sum((each.value for each in found), Decimal(0)), currencies.pop()) if found else Cell(None)


def prefilled(
    column: Mapping[Month, InForce], periods: Sequence[Period], currency: str
) -> dict[Period, Decimal | None]:
    """What each period has, all its months together; None where a month has none, or one in another currency."""
    shown: dict[Period, Decimal | None] = {}
    for period in periods:
        found = [column.get(month) for month in period.months]
        whole = all(each is not None and each.currency == currency for each in found)
        shown[period] = sum((each.value for each in found if each), Decimal(0)) if whole else None
    return shown
