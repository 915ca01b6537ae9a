"""Targets by month: a year's or a quarter's number spread over its months, which version is in force, and next year's numbers
from what was sold in the year before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from math import floor

from prm.common.fiscal import FiscalQuarter, FiscalYear, Month, Period
from prm.common.numbers import round_half_away

COMMITMENT, OPERATIONS, IMPORT = "commitment", "operations", "import"
SOURCES = (COMMITMENT, OPERATIONS, IMPORT)  # from the strongest down
REVENUE, DEALS = "revenue", "deals"  # the metrics there always are; another is a metric's key
PLACES = 2  # of a metric that is not money; of money: its currency's minor unit


@dataclass(frozen=True)
class Amount:
    """A month's target. `currency` is "" for what is not money."""

    value: Decimal
    currency: str = ""


@dataclass(frozen=True)
class Version:
    """One version of a partner's targets for one metric. `number` counts up within its source; `id` is the caller's own."""

    source: str
    number: int
    first_month: Month
    months: Mapping[Month, Amount] = field(hash=False)
    generated: bool = False
    id: int | None = None


@dataclass(frozen=True)
class InForce:
    """A month's target, and the version that says so."""

    value: Decimal
    currency: str
    version: Version


def spread(total: Decimal, weights: Sequence[Decimal | int], places: int) -> list[Decimal]:
    """`total` over as many months as there are weights, in proportion to them; evenly where all of them are 0.

    Each month is rounded down to `places` decimals, and the last one takes the rest, so that they add up to `total` exactly.
    Raises ValueError for a negative total or weight, and for no month at all. Source: "Target" in the product's description.
    """
    if not weights:
        raise ValueError("There is no month to spread over")
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("Targets and weights are never negative")
    parts = [Fraction(weight) for weight in weights]
    whole = sum(parts)
    if not whole:
        parts, whole = [Fraction(1)] * len(weights), Fraction(len(weights))
    unit = 10**places
    months = [Decimal(floor(Fraction(total) * part / whole * unit)).scaleb(-places) for part in parts[:-1]]
    return [*months, total - sum(months, Decimal(0))]


def weights_of(months: Sequence[Month], weights: Sequence[Decimal], start_month: int) -> list[Decimal]:
    """The seasonality weights of these calendar months; `weights` are those of the twelve fiscal months, the first one first."""
    return [weights[(month.month - start_month) % 12] for month in months]


def spread_period(
    total: Decimal,
    period: Period,
    weights: Sequence[Decimal],
    places: int,
    start_month: int,
) -> dict[Month, Decimal]:
    """A year's, a quarter's or a month's target by month, by the twelve seasonality weights (see `spread`)."""
    months = period.months
    return dict(zip(months, spread(total, weights_of(months, weights, start_month), places), strict=True))


def in_force(versions: Iterable[Version]) -> dict[Month, InForce]:
    """The target of each month that has one, among the versions of one partner and one metric, in whatever order they come.

    A commitment goes before operations, operations before an import, month by month. Of commitments the newest that begins
    on or before a month decides it, and leaves it without a commitment where it doesn't name it; of the others the newest
    that names the month.
    """
    newest_first = sorted(versions, key=lambda version: (SOURCES.index(version.source), -version.number))
    commitments = [version for version in newest_first if version.source == COMMITMENT]
    found: dict[Month, InForce] = {}
    for version in newest_first:
        for month, amount in version.months.items():
            if month in found or (version.source == COMMITMENT and _deciding(commitments, month) is not version):
                continue
            found[month] = InForce(amount.value, amount.currency, version)
    return dict(sorted(found.items()))


def _deciding(commitments: Sequence[Version], month: Month) -> Version | None:
    return next((version for version in commitments if version.first_month <= month), None)


def generated_from_prior_year(
    sold: Mapping[Month, Decimal],
    year: FiscalYear,
    *,
    factor: Decimal,
    weights: Sequence[Decimal],
    places: int,
) -> dict[Month, Decimal]:
    """Targets of `year`: each quarter what the same quarter of the year before came to × `factor`, spread over its months.

    `sold`: actuals by month, in the currency of the targets. A quarter's target is rounded half away from zero to `places`.
    A quarter in which nothing was sold, or less came in than was credited, gives no target: there is nothing to start from.
    Raises ValueError for a negative factor.
    """
    if factor < 0:
        raise ValueError("Targets are never negative")
    targets: dict[Month, Decimal] = {}
    for quarter in year.quarters:
        before = sum((sold.get(month, Decimal(0)) for month in quarter.shift(-4).months), Decimal(0))
        if before > 0:
            total = round_half_away(before * factor, places)
            targets |= spread_period(total, quarter, weights, places, year.start_month)
    return targets


def by_period(targets: Mapping[Month, Decimal], periods: Iterable[FiscalQuarter | FiscalYear]) -> list[Decimal | None]:
    """What each period's months add up to; None where none of them has a target."""
    sums: list[Decimal | None] = []
    for period in periods:
        values = [targets[month] for month in period.months if month in targets]
        sums.append(sum(values, Decimal(0)) if values else None)
    return sums


def months_of(versions: Iterable[Version]) -> list[Month]:
    """Every month that any version names, in order."""
    return sorted(set(chain.from_iterable(version.months for version in versions)))
