"""How many MGOs does a revenue target need? The program worksheet, forward and backward. Pure and exact.

Backward, each step up to a whole number (⌈ ⌉ acts on exact fractions: 21 ÷ 0.7 is 30):

    wins = ⌈revenue ÷ deal size⌉        MGOs that count = ⌈wins ÷ win⌉        MGOs = ⌈MGOs that count ÷ f⌉
    SAL  = ⌈MGOs ÷ sql⌉      MQL = ⌈SAL ÷ sal⌉      inquiries = ⌈MQL ÷ mql⌉      reach = ⌈inquiries ÷ response⌉

Forward nothing is rounded: a stage × the rate into the next; of the MGOs × f count, and × win of these are won.

f is the product of the optional factors (the share of partners that take part, say); without any, all MGOs count. Where a number
that is divided by or multiplied with is empty or 0, that step and all after it are unknown, and say which number it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from fractions import Fraction
from math import ceil, lcm, prod

ONE = Fraction(1)
BLEAK, STRETCH = Fraction(8, 10), Fraction(12, 10)  # what the other columns are prefilled with, × base


class Stage(StrEnum):
    """The stages of the worksheet, from the first; COUNTED are the MGOs × f."""

    REACH = "reach"
    INQUIRY = "inquiry"
    MQL = "mql"
    SAL = "sal"
    MGO = "mgo"
    COUNTED = "counted"
    WIN = "win"


STAGES = tuple(Stage)
RATES = ("response", "mql", "sal", "sql", "win")
FACTOR, DEAL, REVENUE = "factor", "deal", "revenue"
INTO = {
    Stage.INQUIRY: "response",
    Stage.MQL: "mql",
    Stage.SAL: "sal",
    Stage.MGO: "sql",
    Stage.COUNTED: FACTOR,
    Stage.WIN: "win",
}  # the number that leads into a stage


@dataclass(frozen=True)
class Column:
    """One set of assumptions: rates from 0 to 1, each the step into its stage; the average deal size; f from 0 to 1, None where there is
    no factor. ValueError names the first number that can't be."""

    response: Fraction | None = None
    mql: Fraction | None = None
    sal: Fraction | None = None
    sql: Fraction | None = None
    win: Fraction | None = None
    deal: Fraction | None = None
    factor: Fraction | None = None

    def __post_init__(self) -> None:
        for name in (*RATES, FACTOR):
            value = getattr(self, name)
            if value is not None and not 0 <= value <= 1:
                raise ValueError(name)
        if self.deal is not None and self.deal < 0:
            raise ValueError(DEAL)

    def scaled(self, by: Fraction) -> Column:
        """All numbers × `by`, rates and f at most 100 %; what is empty stays empty."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        found = {name: None if value is None else value * by for name, value in values.items()}
        for name in (*RATES, FACTOR):
            if (value := found[name]) is not None:
                found[name] = min(ONE, value)
        return replace(self, **found)


def together(factors: Iterable[Fraction]) -> Fraction | None:
    """f: the factors multiplied; None where there is none."""
    shares = list(factors)
    return prod(shares, start=ONE) if shares else None


@dataclass(frozen=True)
class Counts:
    """Stages in numbers, as far as they are known; `missing` names what keeps a stage, or the revenue, unknown: a rate, "factor",
    "deal" or "revenue"."""

    stages: Mapping[Stage, Fraction] = field(default_factory=dict)
    revenue: Fraction | None = None
    missing: Mapping[str, str] = field(default_factory=dict)

    def get(self, stage: Stage) -> Fraction | None:
        return self.stages.get(stage)


def backward(revenue: Fraction | None, column: Column) -> Counts:
    """What `revenue` needs, in whole numbers. ValueError for a revenue below 0."""
    if revenue is not None and revenue < 0:
        raise ValueError(REVENUE)
    stages: dict[Stage, Fraction] = {}
    missing: dict[str, str] = {}
    lack = "" if revenue is not None else REVENUE
    amount, by, name = revenue or Fraction(), column.deal, DEAL
    for stage in reversed(STAGES):
        if not lack and not by and not (stage is Stage.MGO and by is None):
            lack = name
        if lack:
            missing[stage] = lack
        else:
            amount = Fraction(ceil(amount / by)) if by else amount
            stages[stage] = amount
        name = INTO.get(stage, "")
        by = getattr(column, name) if name else None
    return Counts(stages, revenue, missing)


def forward(column: Column, amount: Fraction | None, start: Stage = Stage.REACH) -> Counts:
    """What comes of `amount` at the stage `start`: the later stages and the revenue, unrounded. ValueError for an amount below 0."""
    if amount is not None and amount < 0:
        raise ValueError(start)
    stages: dict[Stage, Fraction] = {}
    missing: dict[str, str] = {}
    lack = "" if amount is not None else str(start)
    reached = amount or Fraction()
    later = STAGES[STAGES.index(start) :]
    for stage in later:
        if stage is not start:
            rate = getattr(column, INTO[stage])
            if stage is Stage.COUNTED and rate is None:
                rate = ONE
            lack = lack or ("" if rate else INTO[stage])
            reached *= rate or 0
        if lack:
            missing[stage] = lack
        else:
            stages[stage] = reached
    lack = lack or ("" if column.deal else DEAL)
    if lack:
        missing[REVENUE] = lack
        return Counts(stages, None, missing)
    return Counts(stages, reached * (column.deal or 0), missing)


def split(total: int, weights: Sequence[Fraction | int]) -> list[int] | None:
    """`total` in whole parts in proportion to `weights`, by largest remainder; of equal remainders the first in order gets its one more.

    None where all weights are 0, or there is none. ValueError for a total or weight below 0.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("split")
    exact = [Fraction(weight) for weight in weights]
    scale = lcm(*(weight.denominator for weight in exact))
    whole = [weight.numerator * (scale // weight.denominator) for weight in exact]
    of = sum(whole)
    if not of:
        return None
    shares = [divmod(total * weight, of) for weight in whole]
    parts = [share for share, _left in shares]
    most = sorted(range(len(parts)), key=lambda i: -shares[i][1])  # keeps the order of equal ones
    for i in most[: total - sum(parts)]:
        parts[i] += 1
    return parts
