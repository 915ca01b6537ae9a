"""How far an objective is, and what it is to be the year after. Pure.

Percent reached = (value − from) ÷ (to − from) × 100, so it works for what is to fall as well; without a goal the value is the percent
itself. The entry of the latest quarter counts. Met: at 100 percent or above.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal

from prm.common.numbers import whole

HUNDRED = Decimal(100)
WIDE = Context(prec=60)


@dataclass(frozen=True)
class Aim:
    """From where to where, in the objective's own unit; both None where its progress is given in percent."""

    baseline: Decimal | None = None
    goal: Decimal | None = None

    @property
    def is_measured(self) -> bool:
        return self.goal is not None


@dataclass(frozen=True)
class Standing:
    """How an objective stands by its latest entry: `percent` unrounded, of a quarter 1–4. All None where nothing was entered."""

    quarter: int | None = None
    value: Decimal | None = None
    percent: Decimal | None = None

    @property
    def met(self) -> bool | None:
        return None if self.percent is None else self.percent >= HUNDRED

    @property
    def display(self) -> int | None:
        """The percent as shown: whole, but never 100 before it is met."""
        return None if self.percent is None else shown(self.percent)

    @property
    def bar(self) -> int:
        """How much of a bar is full, 0 to 100."""
        return min(max(self.display or 0, 0), 100)


def shown(percent: Decimal) -> int:
    """Whole, halves away from zero, but 99 for what only rounds up to 100: shown as reached is what was reached."""
    rounded = whole(percent)
    return 99 if percent < HUNDRED <= rounded else rounded


def plain(value: Decimal) -> Decimal:
    """Without zeros behind that say nothing, as a person types it: 13 for 13.00."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def to_places(percent: Decimal, places: int) -> Decimal:
    """`percent` with so many decimals, however many digits it has before them: an objective of little, far surpassed."""
    return percent.quantize(Decimal(1).scaleb(-places), context=WIDE)


def reached(aim: Aim, value: Decimal) -> Decimal:
    """Percent of the way that `value` is, unrounded; below 0 where it moved away from the goal."""
    if aim.goal is None or aim.baseline is None:
        return value
    return (value - aim.baseline) * HUNDRED / (aim.goal - aim.baseline)


def standing(aim: Aim, entries: Iterable[tuple[int, Decimal]]) -> Standing:
    """Of (quarter, value) each."""
    quarter, value = max(entries, key=lambda entry: entry[0], default=(None, None))
    if quarter is None or value is None:
        return Standing()
    return Standing(quarter, value, reached(aim, value))


@dataclass(frozen=True)
class Tally:
    """How the objectives of one side in one year stand."""

    objectives: int = 0
    entered: int = 0
    met: int = 0

    @property
    def all_met(self) -> bool | None:
        """Whether it met its objectives: all of them. None where it has none."""
        return None if not self.objectives else self.met == self.objectives


def tally(standings: Iterable[Standing]) -> Tally:
    found = list(standings)
    return Tally(
        objectives=len(found),
        entered=sum(one.percent is not None for one in found),
        met=sum(one.met is True for one in found),
    )


def next_aim(aim: Aim, now: Standing) -> Aim:
    """What an objective could aim at in the next year: it starts from where it stands. The goal stays while it isn't met; once
    met, the same way again."""
    if aim.baseline is None or aim.goal is None or now.value is None:
        return aim
    if not now.met:
        return Aim(now.value, aim.goal)
    return Aim(now.value, now.value + (aim.goal - aim.baseline))
