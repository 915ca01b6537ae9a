"""What is known of one partner, or of a family added up: all that figures are computed from.

Money is in the reporting currency, converted already: targets at the rate of their fiscal year's first day, actuals at their
date, open deals at the day asked for. What could not be converted is no 0 but a `Lack`, which makes the figures it touches "–".
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Context, Decimal
from enum import StrEnum
from functools import cached_property

from prm.common.fiscal import FiscalCalendar, Month

EXACT = Context(prec=80)
"""Adds amounts of 18 digits with 20 decimals without rounding."""

REVENUE, DEALS = "revenue", "deals"
"""Codes of the targets that are always there: of what is sold, and of how many deals are won."""

CURRENCY = 3  # letters of a unit that is a currency

Link = Callable[..., str | None]
"""(what, first day or None, last day or None) → the page with the records behind it; None where there is none."""


def nowhere(what: str, first: date | None = None, last: date | None = None) -> str | None:
    return None


@dataclass(frozen=True, order=True)
class Lack:
    """No rate for `currency` on or before `on`."""

    currency: str
    on: date


class Daily:
    """Amounts by day; sums of any days in a row at once."""

    def __init__(self, amounts: Mapping[date, Decimal] | None = None) -> None:
        self.amounts = dict(sorted((amounts or {}).items()))
        self._days = list(self.amounts)
        self._sums = [Decimal(0)]
        for amount in self.amounts.values():
            self._sums.append(EXACT.add(self._sums[-1], amount))

    def between(self, first: date, last: date) -> Decimal:
        """The sum from `first` up to and with `last`; 0 where there is nothing."""
        low, high = bisect_left(self._days, first), bisect_right(self._days, last)
        return EXACT.subtract(self._sums[high], self._sums[low]) if high > low else Decimal(0)

    def any_between(self, first: date, last: date) -> bool:
        return bisect_left(self._days, first) < bisect_right(self._days, last)

    def __add__(self, other: Daily) -> Daily:
        both = dict(self.amounts)
        for day, amount in other.amounts.items():
            both[day] = EXACT.add(both.get(day, Decimal(0)), amount)
        return Daily(both)


@dataclass(frozen=True, kw_only=True)
class Deal:
    """The partner's part of a deal: `amount` is its share, converted; None with a `lack` where it could not be.

    `state` is open, won, lost or gone (expired, withdrawn, …: counts neither way); `closed_on` is set unless it is open.
    `probability` in percent. `counts`: approved, or without registration; else it is no pipeline yet.
    `moved_on` is when it came into its stage.
    """

    pk: int
    name: str = ""
    amount: Decimal | None
    lack: Lack | None = None
    state: str
    expected_close: date | None
    created_on: date
    registered_on: date | None = None
    closed_on: date | None = None
    probability: Decimal = Decimal(0)
    partner_led: bool = False
    renewal: bool = False
    counts: bool = True
    stage: str = ""
    moved_on: date | None = None

    def is_open(self, day: date) -> bool:
        """Whether it is there at the end of `day` and open: also one that closed later."""
        return self.created_on <= day and (
            self.state == "open" or (self.closed_on is not None and self.closed_on > day)
        )

    def ended(self, state: str, first: date, last: date) -> bool:
        """Whether it ended so from `first` up to and with `last`."""
        return self.state == state and self.closed_on is not None and first <= self.closed_on <= last

    @property
    def cycle(self) -> int:
        """Days from creation, or registration where earlier, to the close."""
        began = min(self.created_on, self.registered_on or self.created_on)
        return ((self.closed_on or began) - began).days


@dataclass(frozen=True)
class Holding:
    """A certificate (by its code) of a person, or of the partner itself: earned, and until when it is valid (None: for good)."""

    certificate: str
    holder: str
    earned_on: date
    expires_on: date | None = None

    def valid(self, day: date) -> bool:
        """Earned on or before the day, and no expiry or expires after it."""
        return self.earned_on <= day and (self.expires_on is None or self.expires_on > day)


@dataclass(frozen=True)
class Required:
    """What the assigned tier asks for: so many holders of any of these certificates (codes)."""

    name: str
    certificates: frozenset[str]
    count: int

    def valid(self, holdings: Iterable[Holding], day: date) -> int:
        """How many hold one on `day`; who holds two of them counts once."""
        return len(
            {holding.holder for holding in holdings if holding.certificate in self.certificates and holding.valid(day)}
        )


@dataclass(frozen=True)
class Task:
    """A task that the tier or the life stage requires; None while it is not done."""

    name: str
    done_on: date | None = None

    def done(self, day: date) -> bool:
        return self.done_on is not None and self.done_on <= day


class Summary(StrEnum):
    """What a metric's values in some days come to. Sums and counts are held against the target of the same days, the others
    against the month's."""

    LATEST = "latest"
    SUM = "sum"
    AVERAGE = "average"
    MAX = "max"
    COUNT = "count"

    @property
    def adds(self) -> bool:
        return self in (Summary.SUM, Summary.COUNT)


@dataclass(frozen=True, kw_only=True)
class Metric:
    """Numbers kept elsewhere: (day, value) in the order of days; money converted. `unit` is "%", a currency code or ""."""

    code: str
    name: str
    unit: str = ""
    summary: Summary = Summary.LATEST
    lower_is_better: bool = False
    internal: bool = False
    values: tuple[tuple[date, Decimal], ...] = ()
    lacks: tuple[Lack, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Everything known of a partner or family. `targets` by metric code; `plan` is the code of those that actuals are held
    against: REVENUE, or DEALS where the partner doesn't sell itself and deals are counted instead of money, in actuals, targets
    and pipeline. `generated`: months of them that nobody set.

    `target_lacks` are months whose target can't be converted. `last_touch`, `last_activity` and
    `last_won` (of deals too long ago to be among `deals`) are on or before the day asked for; `contacts_active` within the 90 days to it. `reps` None: unknown.
    """

    currency: str
    calendar: FiscalCalendar
    plan: str = REVENUE
    actuals: Daily = field(default_factory=Daily)
    actual_lacks: tuple[Lack, ...] = ()
    targets: Mapping[str, Mapping[Month, Decimal]] = field(default_factory=dict)
    target_lacks: Mapping[str, Mapping[Month, Lack]] = field(default_factory=dict)
    generated: frozenset[Month] = frozenset()
    deals: tuple[Deal, ...] = ()
    last_won: date | None = None
    last_touch: date | None = None
    last_activity: date | None = None
    contacts_known: int = 0
    contacts_active: int = 0
    required: tuple[Required, ...] = ()
    holdings: tuple[Holding, ...] = ()
    tasks: tuple[Task, ...] = ()
    metrics: tuple[Metric, ...] = ()
    reps: int | None = None
    link: Link = nowhere

    @property
    def counts_deals(self) -> bool:
        return self.plan == DEALS

    @property
    def unit(self) -> str:
        """Of actuals, targets and pipeline: the currency, or "" where deals are counted."""
        return "" if self.counts_deals else self.currency

    @cached_property
    def won(self) -> tuple[Deal, ...]:
        return tuple(deal for deal in self.deals if deal.state == "won")

    def lacking(self, first: date, last: date) -> list[Lack]:
        """Actuals of these days that can't be converted."""
        return sorted({lack for lack in self.actual_lacks if first <= lack.on <= last})

    def metric(self, code: str) -> Metric | None:
        return next((metric for metric in self.metrics if metric.code == code), None)


def added(parts: Iterable[Inputs]) -> Inputs:
    """A family, from its members (the parent first): amounts, deals and people add up; attainments are computed anew.

    A deal that members share is one deal. What the tier asks for is the parent's; its holders are everybody's. A
    metric's values are put together; of latest ones money is added up, and of anything else the parent's own stands. Raises ValueError where there is no member.
    """
    members = list(parts)
    if not members:
        raise ValueError("A family has a member")
    head = members[0]
    return replace(
        head,
        actuals=_sum_daily(member.actuals for member in members),
        actual_lacks=tuple(sorted({lack for member in members for lack in member.actual_lacks})),
        targets=_sum_targets(members),
        target_lacks=_join_lacks(members),
        generated=frozenset().union(*(member.generated for member in members)),
        deals=_join_deals(members),
        last_won=_latest(member.last_won for member in members),
        last_touch=_latest(member.last_touch for member in members),
        last_activity=_latest(member.last_activity for member in members),
        contacts_known=sum(member.contacts_known for member in members),
        contacts_active=sum(member.contacts_active for member in members),
        holdings=tuple(holding for member in members for holding in member.holdings),
        tasks=tuple(task for member in members for task in member.tasks),
        metrics=_join_metrics(members),
        reps=_sum_reps(members),
    )


def _sum_daily(parts: Iterable[Daily]) -> Daily:
    total: dict[date, Decimal] = {}
    for part in parts:
        for day, amount in part.amounts.items():
            total[day] = EXACT.add(total.get(day, Decimal(0)), amount)
    return Daily(total)


def _sum_targets(members: list[Inputs]) -> dict[str, dict[Month, Decimal]]:
    total: dict[str, dict[Month, Decimal]] = defaultdict(dict)
    for member in members:
        for code, months in member.targets.items():
            for month, value in months.items():
                total[code][month] = EXACT.add(total[code].get(month, Decimal(0)), value)
    return dict(total)


def _join_lacks(members: list[Inputs]) -> dict[str, dict[Month, Lack]]:
    total: dict[str, dict[Month, Lack]] = defaultdict(dict)
    for member in members:
        for code, months in member.target_lacks.items():
            total[code].update(months)
    return dict(total)


def _join_deals(members: list[Inputs]) -> tuple[Deal, ...]:
    found: dict[int, Deal] = {}
    for member in members:
        for deal in member.deals:
            known = found.get(deal.pk)
            if known is None:
                found[deal.pk] = deal
            elif known.amount is not None and deal.amount is not None:
                found[deal.pk] = replace(known, amount=EXACT.add(known.amount, deal.amount))
    return tuple(found.values())


def _join_metrics(members: list[Inputs]) -> tuple[Metric, ...]:
    codes = list(dict.fromkeys(metric.code for member in members for metric in member.metrics))
    return tuple(_joined([member.metric(code) for member in members]) for code in codes)


def _joined(of_members: list[Metric | None]) -> Metric:
    known = [metric for metric in of_members if metric]
    first = known[0]
    if first.summary is not Summary.LATEST:
        values = tuple(sorted((pair for metric in known for pair in metric.values), key=lambda pair: pair[0]))
    elif len(first.unit) == CURRENCY:
        values = _steps([metric.values for metric in known])
    else:
        return of_members[0] or replace(first, values=(), lacks=())
    return replace(first, values=values, lacks=tuple(sorted({lack for metric in known for lack in metric.lacks})))


def _steps(series: list[tuple[tuple[date, Decimal], ...]]) -> tuple[tuple[date, Decimal], ...]:
    """What the latest values come to, at each day one of them changes."""
    changes = sorted((day, at, value) for at, values in enumerate(series) for day, value in values)
    latest: dict[int, Decimal] = {}
    found: dict[date, Decimal] = {}
    for day, at, value in changes:
        latest[at] = value
        total = Decimal(0)
        for each in latest.values():
            total = EXACT.add(total, each)
        found[day] = total
    return tuple(found.items())


def _sum_reps(members: list[Inputs]) -> int | None:
    known = [member.reps for member in members if member.reps is not None]
    return sum(known) if known else None


def _latest(days: Iterable[date | None]) -> date | None:
    return max((day for day in days if day is not None), default=None)
