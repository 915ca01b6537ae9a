"""The lead waterfall of an activity: stages, revenue, returns, timing. Pure.

Numbers are exact fractions and never rounded here; rates and margins are fractions of 1 (0.02 is 2 %). What can't be computed is
None, and `lack` says why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from prm.common.fiscal import Month

STAGES = ("reach", "inquiries", "mqls", "sals", "mgos", "wins")
RATES = ("response", "mql", "sal", "sql", "win")  # the step into the stage at the same place, after the first
DAYS_OF_MONTH = 30
DEFAULT_CYCLE = 90
HORIZON = 12  # months from the first one on, after which revenue lands "later"
MOST_MONTHS = 60

Number = Fraction | Decimal | int


class Lack(StrEnum):
    """Why a figure can't be computed."""

    REACH = "reach"
    RESPONSE = "response"
    MQL = "mql"
    SAL = "sal"
    SQL = "sql"
    WIN = "win"
    DEAL_SIZE = "deal_size"
    MARGIN = "margin"
    NO_COST = "no_cost"
    NO_MDF = "no_mdf"
    NO_INQUIRIES = "no_inquiries"
    NO_MQLS = "no_mqls"
    NO_MGOS = "no_mgos"
    NO_WINS = "no_wins"
    NO_RATE = "no_rate"


class Wrong(ValueError):
    """What was put in can't be: by the name of the field, what of it ("rate", "negative", "days", "months")."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {what}" for name, what in errors.items()))
        self.errors = dict(errors)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What an activity is planned with. None: not known.

    `cost` is that of all budget lines, whoever pays; `mdf` what the vendor's funds pay of it. Raises Wrong for a rate or margin below
    0 or above 1, anything else below 0, and days in the wrong order.
    """

    reach: Number | None = None
    response: Number | None = None
    mql: Number | None = None
    sal: Number | None = None
    sql: Number | None = None
    win: Number | None = None
    deal_size: Number | None = None
    margin: Number | None = None
    cost: Number = Fraction(0)
    mdf: Number = Fraction(0)
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    cycle_days: int = DEFAULT_CYCLE

    def __post_init__(self) -> None:
        errors = {}
        for each in fields(self):
            value = getattr(self, each.name)
            if value is None or isinstance(value, dt.date):
                continue
            if each.name in (*RATES, "margin") and not 0 <= value <= 1:
                errors[each.name] = "rate"
            elif value < 0:
                errors[each.name] = "negative"
            if each.name != "cycle_days":
                object.__setattr__(self, each.name, Fraction(value))
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            errors["ends_on"] = "days"
        elif self.starts_on and self.ends_on and len(months_between(self.starts_on, self.ends_on)) > MOST_MONTHS:
            errors["ends_on"] = "months"
        if errors:
            raise Wrong(errors)


@dataclass(frozen=True)
class Figure:
    """A figure, or why there is none: exactly one of the two."""

    value: Fraction | None = None
    lack: Lack | None = None

    def __post_init__(self) -> None:
        if (self.value is None) != (self.lack is not None):
            raise ValueError("A figure has either a value or a lack")


@dataclass(frozen=True)
class Landing:
    """What a calendar month brings: MGOs of activities that run in it, and revenue of those of earlier months; None where no activity's
    revenue is known."""

    month: Month
    mgos: Fraction
    revenue: Fraction | None


@dataclass(frozen=True)
class Timing:
    """Month by month from the first one on; what comes after the last is `later`, so that the sums stay whole. `landed_on`: months
    from an MGO to its revenue; None where several activities differ."""

    months: tuple[Landing, ...] = ()
    later_mgos: Fraction = Fraction(0)
    later_revenue: Fraction | None = Fraction(0)
    lag: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What an activity, or several together, are expected to come to.

    `stages` by name (STAGES); `left_out`: of several, how many have no revenue to add. Their cost stays in the sum: it is spent.
    """

    stages: Mapping[str, Figure]
    revenue: Figure
    gross_margin: Figure
    vendor_revenue: Figure  # revenue × (1 − partner margin)
    cost: Fraction
    mdf: Fraction
    left_out: int = 0
    timing: Timing = field(default_factory=Timing)

    @property
    def revenue_roi(self) -> Figure:
        """(revenue − cost) ÷ cost."""
        return _return(self.revenue, self.cost, Lack.NO_COST)

    @property
    def margin_roi(self) -> Figure:
        """(gross margin − cost) ÷ cost."""
        return _return(self.gross_margin, self.cost, Lack.NO_COST)

    @property
    def mdf_roi(self) -> Figure:
        """The vendor's: (revenue × (1 − partner margin) − MDF) ÷ MDF."""
        return _return(self.vendor_revenue, self.mdf, Lack.NO_MDF)

    @property
    def cost_per_inquiry(self) -> Figure:
        return self._cost_per("inquiries", Lack.NO_INQUIRIES)

    @property
    def cost_per_mql(self) -> Figure:
        return self._cost_per("mqls", Lack.NO_MQLS)

    @property
    def cost_per_mgo(self) -> Figure:
        return self._cost_per("mgos", Lack.NO_MGOS)

    @property
    def cost_per_win(self) -> Figure:
        return self._cost_per("wins", Lack.NO_WINS)

    def _cost_per(self, stage: str, none: Lack) -> Figure:
        found = self.stages[stage]
        if found.value is None:
            return found
        if not self.cost:
            return Figure(lack=Lack.NO_COST)
        return Figure(self.cost / found.value) if found.value else Figure(lack=none)


RATIOS = ("revenue_roi", "margin_roi", "mdf_roi")
COSTS_PER = ("cost_per_inquiry", "cost_per_mql", "cost_per_mgo", "cost_per_win")


def of(plan: Plan, *, first: Month | None = None, horizon: int = HORIZON) -> Outcome:
    """What one activity comes to; `first` is the first month of its timing, that of its first day where None."""
    stages = _stages(plan)
    revenue = _times(stages["wins"], plan.deal_size, Lack.DEAL_SIZE)
    margin = plan.margin
    return Outcome(
        stages=stages,
        revenue=revenue,
        gross_margin=_times(revenue, margin, Lack.MARGIN),
        vendor_revenue=_times(revenue, None if margin is None else 1 - margin, Lack.MARGIN),
        cost=Fraction(plan.cost),
        mdf=Fraction(plan.mdf),
        timing=timing([plan], first=first, horizon=horizon),
    )


def together(plans: Sequence[Plan], *, first: Month | None = None, horizon: int = HORIZON) -> Outcome:
    """What several activities come to: unrounded stages and amounts are added, and ratios taken of the sums.

    One that lacks a figure adds nothing to that sum; one without a revenue is counted in `left_out`, while its cost counts. A sum of
    which all parts lack has none.
    """
    parts = [of(plan) for plan in plans]
    stages = {stage: _sum(part.stages[stage] for part in parts) for stage in STAGES}
    return Outcome(
        stages=stages,
        revenue=_sum(part.revenue for part in parts),
        gross_margin=_sum(part.gross_margin for part in parts),
        vendor_revenue=_sum(part.vendor_revenue for part in parts),
        cost=sum((part.cost for part in parts), Fraction(0)),
        mdf=sum((part.mdf for part in parts), Fraction(0)),
        left_out=sum(part.revenue.value is None for part in parts),
        timing=timing(plans, first=first, horizon=horizon),
    )


def timing(plans: Iterable[Plan], *, first: Month | None = None, horizon: int = HORIZON) -> Timing:
    """When MGOs and revenue come: an activity's MGOs are spread equally over the calendar months its days touch, and the revenue of a
    month's MGOs lands `lag(cycle_days)` months later. `horizon` months are shown from `first`, else from the first that is touched.

    Activities without days, or whose MGOs can't be computed, are left out.
    """
    spread: dict[Month, Fraction] = {}
    landed: dict[Month, Fraction] = {}
    lags = set()
    known = False
    for plan in plans:
        stages = _stages(plan)
        mgos, wins = stages["mgos"].value, stages["wins"].value
        if mgos is None or plan.starts_on is None or plan.ends_on is None:
            continue
        touched = months_between(plan.starts_on, plan.ends_on)
        after = lag(plan.cycle_days)
        lags.add(after)
        for month in touched:
            spread[month] = spread.get(month, Fraction(0)) + mgos / len(touched)
            if wins is not None and plan.deal_size is not None:
                known = True
                on = month.shift(after)
                landed[on] = landed.get(on, Fraction(0)) + wins * Fraction(plan.deal_size) / len(touched)
    if not spread:
        return Timing()
    begin = min(first, *spread) if first else min(spread)
    shown = [begin.shift(n) for n in range(horizon)]
    none = Fraction(0) if known else None
    months = tuple(Landing(month, spread.pop(month, Fraction(0)), landed.pop(month, none)) for month in shown)
    return Timing(
        months,
        sum(spread.values(), Fraction(0)),
        sum(landed.values(), Fraction(0)) if known else None,
        lags.pop() if len(lags) == 1 else None,
    )


def lag(cycle_days: int) -> int:
    """Months from an MGO to its revenue: ⌈sales cycle ÷ 30⌉."""
    return -(-cycle_days // DAYS_OF_MONTH)


def months_between(starts_on: dt.date, ends_on: dt.date) -> list[Month]:
    """The calendar months that the days touch, both ends included."""
    count = (ends_on.year - starts_on.year) * 12 + ends_on.month - starts_on.month + 1
    start = Month(starts_on.year, starts_on.month)
    return [start.shift(n) for n in range(count)]


def _stages(plan: Plan) -> dict[str, Figure]:
    found = {"reach": Figure(lack=Lack.REACH) if plan.reach is None else Figure(Fraction(plan.reach))}
    for before, stage, rate in zip(STAGES, STAGES[1:], RATES, strict=False):
        found[stage] = _times(found[before], getattr(plan, rate), Lack(rate))
    return found


def _times(figure: Figure, factor: Number | None, lack: Lack) -> Figure:
    if figure.value is None:
        return figure
    return Figure(lack=lack) if factor is None else Figure(figure.value * Fraction(factor))


def _return(gain: Figure, spent: Fraction, none: Lack) -> Figure:
    if gain.value is None:
        return gain
    return Figure((gain.value - spent) / spent) if spent else Figure(lack=none)


def _sum(parts: Iterable[Figure]) -> Figure:
    every = list(parts)
    values = [part.value for part in every if part.value is not None]
    if values or not every:
        return Figure(sum(values, Fraction(0)))
    return Figure(lack=every[0].lack)


# ── What verified activities say ─────────────────────────────────────────────────────────────────────────────────────

FEWEST = 5  # verified activities of a tactic, from which on its own rates are offered


@dataclass(frozen=True)
class Offered:
    """A rate as the vendor's own verified activities of a tactic had it: Σ out ÷ Σ in, of how many, from the lowest to the highest."""

    rate: Fraction
    into: Fraction  # Σ in
    out: Fraction
    count: int
    low: Fraction
    high: Fraction


def offered(results: Sequence[Sequence[int]], *, fewest: int = FEWEST) -> dict[str, Offered]:
    """The rates to offer, by name, from results of verified activities: each the six STAGES in order.

    None where they are fewer than `fewest`; a rate none of them says anything about (nothing came in) isn't offered.
    """
    if len(results) < fewest:
        return {}
    found = {}
    for place, rate in enumerate(RATES):
        pairs = [(Fraction(row[place]), Fraction(row[place + 1])) for row in results if row[place]]
        if pairs:
            into = sum((pair[0] for pair in pairs), Fraction(0))
            out = sum((pair[1] for pair in pairs), Fraction(0))
            each = [pair[1] / pair[0] for pair in pairs]
            found[rate] = Offered(out / into, into, out, len(pairs), min(each), max(each))
    return found
