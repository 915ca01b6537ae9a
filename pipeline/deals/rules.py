"""The rules of deals. Days are dates of the vendor, percents are 0 to 100."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

WHOLE = Decimal(100)
STALE_AFTER = 30  # days without a change of stage


def rest_for_leader(others: Iterable[Decimal]) -> Decimal:
    """What is left of a deal for the partner that leads it, in percent; 0 or less where the others took it all."""
    return WHOLE - sum(others, Decimal(0))


def add_up(percents: Iterable[Decimal]) -> bool:
    """Whether these shares make one deal: each above 0, together exactly 100."""
    shares = list(percents)
    return bool(shares) and all(share > 0 for share in shares) and sum(shares, Decimal(0)) == WHOLE


def weighted(amount: Decimal, chance: Decimal) -> Decimal:
    """The amount times its probability in percent, unrounded."""
    return amount * chance / WHOLE


def tidy(amount: Decimal, places: int) -> Decimal:
    """The same amount with `places` decimals, or as many more as say something."""
    exponent = amount.normalize().as_tuple().exponent
    return amount.quantize(Decimal(1).scaleb(-max(places, -int(exponent))))


def is_stale(*, is_open: bool, stage_since: dt.date, day: dt.date) -> bool:
    """Whether an open deal stood still for the 30 days up to and with `day`."""
    return is_open and stage_since <= stale_from(day)


def stale_from(day: dt.date) -> dt.date:
    """The latest day of a last change of stage that makes a deal stale on `day`."""
    return day - dt.timedelta(days=STALE_AFTER)


def is_overdue(*, is_open: bool, expected_close: dt.date | None, day: dt.date) -> bool:
    """Whether an open deal was expected to close before `day`."""
    return is_open and expected_close is not None and expected_close < day


@dataclass(frozen=True)
class Step:
    """A change of stage. `is_open`: the stage it leads to is neither won nor lost."""

    to: str
    on: dt.date
    is_open: bool = True


@dataclass(frozen=True)
class Stay:
    """How long a deal was in a stage. `until` is None for the stage it is in; `days` too where that one is won or lost."""

    step: Step
    until: dt.date | None
    days: int | None


def stays(steps: Sequence[Step], day: dt.date) -> list[Stay]:
    """The stages of a deal's way in order, with the days spent in each up to `day`. `steps` are in the order they were taken."""
    found = []
    for number, step in enumerate(steps):
        after = steps[number + 1] if number + 1 < len(steps) else None
        end = after.on if after else day if step.is_open else None
        found.append(Stay(step, after.on if after else None, None if end is None else max(0, (end - step.on).days)))
    return found


def dates_refused(
    *,
    day: dt.date,
    created_on: dt.date,
    registered_on: dt.date | None,
    closed_on: dt.date | None,
) -> dict[str, str]:
    """What is wrong with a deal's dates, by field: "future" or "after_close"; empty where nothing is."""
    wrong: dict[str, str] = {}
    for name, value in (("created_on", created_on), ("registered_on", registered_on), ("closed_on", closed_on)):
        if value is not None and value > day:
            wrong[name] = "future"
        elif value is not None and closed_on is not None and value > closed_on:
            wrong[name] = "after_close"
    return wrong


def shares_of(leader: int, others: Mapping[int, Decimal], own: Decimal | None) -> dict[int, Decimal]:
    """Partner → percent, the leader first. Without its `own` figure the leader gets what the others leave."""
    return {leader: rest_for_leader(others.values()) if own is None else own, **others}
