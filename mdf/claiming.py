"""What of a claim is payable, and until when it can be made. Pure: exact fractions until a figure is booked or shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from prm.common.money import Rates, minor_units

REMINDERS = (14, 3)  # days before the deadline
Amount = Decimal | Fraction | int


def rounded(amount: Amount, currency: str) -> Decimal:
    """To the minor unit of the currency, half away from zero."""
    places = minor_units(currency)
    scaled = Fraction(amount) * 10**places
    whole = (2 * abs(scaled.numerator) + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if scaled >= 0 else -whole).scaleb(-places)


def convert(amount: Amount, source: str, target: str, rates: Rates, on: dt.date) -> Fraction:
    """An amount in another currency at the rates of a day, by way of the reporting currency; exact. Raises NoRate."""
    if source == target:
        return Fraction(amount)
    return Fraction(amount) * Fraction(rates.rate(source, on)) / Fraction(rates.rate(target, on))


@dataclass(frozen=True)
class Payable:
    """What a claim comes to, in the fund's currency and exact: `by_receipts` the share of what is eligible of them, `left` what was
    approved and isn't claimed yet, `amount` the smaller of both."""

    eligible: Fraction
    share: Fraction
    by_receipts: Fraction
    left: Fraction
    amount: Fraction


def payable(*, share: Amount, eligible: Iterable[Amount], approved: Amount, claimed: Iterable[Amount]) -> Payable:
    """min(share × eligible receipts, approved − what claims were approved for already), never below 0. `share` is a fraction
    (0.5 is 50 %), all amounts are in the fund's currency: ValueError for a share beyond 0 to 1 and for negative amounts."""
    part, receipts, before = (
        Fraction(share),
        [Fraction(each) for each in eligible],
        [Fraction(each) for each in claimed],
    )
    if not 0 <= part <= 1:
        raise ValueError("A share is 0 to 1")
    if any(each < 0 for each in (*receipts, *before, Fraction(approved))):
        raise ValueError("Amounts of a claim aren't negative")
    total = sum(receipts, Fraction(0))
    left = max(Fraction(approved) - sum(before, Fraction(0)), Fraction(0))
    return Payable(total, part, part * total, left, min(part * total, left))


def deadline(ends_on: dt.date, days: int) -> dt.date:
    """The last day to claim for an activity: so many days after its end. 31 March and 60 days is 30 May."""
    return ends_on + dt.timedelta(days=days)


def days_left(last_day: dt.date, day: dt.date) -> int:
    """0 on the last day, negative once it is over."""
    return (last_day - day).days


def reminder_due(*, ends_on: dt.date, last_day: dt.date, day: dt.date, last: int | None) -> int | None:
    """Which reminder to claim is to be sent on `day` where `last` was sent (days before the deadline): the first on the day after
    the activity's end, then 14 and 3 days before the deadline; of several that were missed only the latest."""
    left, first = days_left(last_day, day), days_left(last_day, ends_on) - 1
    points = {first, *(point for point in REMINDERS if point < first)}
    due = [point for point in points if 0 <= left <= point and (last is None or point < last)]
    return min(due) if due else None
