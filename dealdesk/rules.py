"""The rules of registrations. Pure: days are dates of the vendor, moments are aware, percents 0 to 100."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from dealdesk.matching import Degree, Match
from dealdesk.policy import REMINDERS, RegistrationPolicy, Rfp
from prm.common.workcal import WorkCalendar

# ── The check ────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Claim:
    """A registration as the check looks at it: whose, for which product lines, a tender or not, and its place."""

    id: int
    partner: int
    lines: frozenset[int]
    is_rfp: bool
    place: dt.datetime

    def comes_before(self, other: Claim) -> bool:
        """Exactly one of two does, also where both came at the same moment."""
        return (self.place, self.id) < (other.place, other.id)


def holds(*, state: str, expires_on: dt.date | None, day: dt.date) -> bool:
    """Whether a registration keeps its customer from others: submitted, returned, or approved and not yet expired."""
    if state == "approved":
        return expires_on is not None and day <= expires_on
    return state in ("submitted", "returned")


def degree(found: Match, a: Claim, b: Claim, rfp: Rfp) -> Degree | None:
    """How far two registrations whose customers match are in each other's way; None: not at all."""
    if not a.lines & b.lines:
        return None
    if rfp is Rfp.SHARED and a.is_rfp and b.is_rfp:
        return Degree.POSSIBLE
    return found.degree


def worst(degrees: Iterable[str]) -> str:
    """The flag of a registration with these conflicts before it."""
    there = set(degrees)
    return next((flag for flag in (Degree.FLAGGED, Degree.POSSIBLE) if flag in there), "clear")


# ── Clocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def decide_by(submitted_at: dt.datetime, policy: RegistrationPolicy, calendar: WorkCalendar) -> dt.datetime:
    """Until when the vendor has to decide, on the vendor's calendar."""
    return calendar.add_working_days(submitted_at, policy.sla_days)


def escalate_at(decide_by: dt.datetime, policy: RegistrationPolicy, calendar: WorkCalendar) -> dt.datetime:
    """From when on an undecided one is brought before who answers for the channel."""
    return calendar.add_working_days(decide_by, policy.escalation_days)


def place_until(returned_at: dt.datetime, policy: RegistrationPolicy, calendar: WorkCalendar) -> dt.datetime:
    """Until when a returned one keeps its place, on the calendar of whoever registered it."""
    return calendar.add_working_days(returned_at, policy.place_days)


def keeps_place(*, resubmitted_at: dt.datetime, place_until: dt.datetime | None) -> bool:
    return place_until is not None and resubmitted_at <= place_until


def protected_until(first_day: dt.date, days: int) -> dt.date:
    """The last day of a protection of `days` that begins on `first_day`, or goes on after it: 90 days from 1 January end on
    1 April (31 March in a leap year)."""
    return first_day + dt.timedelta(days=days)


def days_left(expires_on: dt.date, day: dt.date) -> int:
    """0 on the last day, negative once it is over."""
    return (expires_on - day).days


def reminder_due(expires_on: dt.date, day: dt.date, last: int | None) -> int | None:
    """Which of the reminders (14 or 3 days before the end) is to be sent on `day` where `last` was sent; of two that were
    missed only the later one."""
    left = days_left(expires_on, day)
    due = [days for days in REMINDERS if 0 <= left <= days and (last is None or days < last)]
    return min(due) if due else None


# ── Renewal ──────────────────────────────────────────────────────────────────────────────────────────────────────────


class NoRenewal(StrEnum):
    """Why a registration can't be renewed."""

    STATE = "state"  # not protected
    USED = "used"  # as often as the policy allows
    PROGRESS = "progress"  # nothing has moved lately


def no_renewal(
    *,
    state: str,
    expires_on: dt.date | None,
    renewals: int,
    progress: Collection[dt.date],
    day: dt.date,
    policy: RegistrationPolicy,
) -> NoRenewal | None:
    """Why not on `day`; None where it can be. `progress`: the days on which its deal changed stage or a proof was accepted."""
    if state != "approved" or not holds(state=state, expires_on=expires_on, day=day):
        return NoRenewal.STATE
    if renewals >= policy.renewals:
        return NoRenewal.USED
    since = day - dt.timedelta(days=policy.progress_days)
    return None if any(since <= moved <= day for moved in progress) else NoRenewal.PROGRESS


# ── What a submission has to be ──────────────────────────────────────────────────────────────────────────────────────

NEEDED = ("customer_name", "country", "product_lines", "amount", "currency", "expected_close", "need")


class Refused(StrEnum):
    """What is wrong with a field of a submission."""

    MISSING = "missing"
    PAST = "past"  # the expected close lies before today
    SMALL = "small"  # below the policy's minimum
    RATE = "rate"  # no rate by which to hold it against the minimum
    TENDER = "tender"  # the policy takes no tenders
    SLOTS = "slots"  # the partner has as many as the policy allows


def refused(
    *,
    empty: Collection[str],
    expected_close: dt.date | None,
    worth: Decimal | None,
    is_rfp: bool,
    open_now: int,
    day: dt.date,
    policy: RegistrationPolicy,
) -> dict[str, Refused]:
    """By field; empty where it can be submitted. `empty`: the fields without a value; `worth`: the amount in the reporting
    currency, None where there is no rate for it, which matters where there is a minimum; `open_now`: how many others the partner has."""
    wrong = {name: Refused.MISSING for name in NEEDED if name in empty}
    if expected_close is not None and expected_close < day:
        wrong["expected_close"] = Refused.PAST
    if worth is not None and worth < policy.minimum:
        wrong["amount"] = Refused.SMALL
    if worth is None and policy.minimum and not {"amount", "currency"} & set(empty):
        wrong["currency"] = Refused.RATE
    if is_rfp and policy.rfp is Rfp.REFUSED:
        wrong["is_rfp"] = Refused.TENDER
    if policy.slots is not None and open_now >= policy.slots:
        wrong["__all__"] = Refused.SLOTS
    return wrong


def shares(*, leader: int, second: int | None, percent: Decimal) -> dict[int, Decimal]:
    """Of the deal: all the leader's, or what is left of a second partner's share."""
    if second is None:
        return {leader: Decimal(100)}
    return {leader: Decimal(100) - percent, second: percent}
