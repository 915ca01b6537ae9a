"""A changed policy tried on last year's registrations: what of them would have gone another way. Nothing is changed by it.

The registrations come as plain values; judging one is pure.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db.models import Min
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dealdesk import rules
from dealdesk.models import Registration, Step
from dealdesk.policy import RegistrationPolicy, Rfp
from prm.common.money import Money, NoRate, Rates
from prm.common.vendor import rates, vendor_settings
from prm.common.workcal import WorkCalendar

DAYS = 365
MOST_SHOWN = 100
ENDS = (Step.Kind.REJECTED, Step.Kind.WITHDRAWN, Step.Kind.RELEASED, Step.Kind.EXPIRED)


@dataclass(frozen=True)
class Past:
    """A registration as the rules look at it. `worth`: in the reporting currency, None without a rate; `ahead`: how many others
    the partner had open or protected when this one came; `closed_on`: when its deal was won or lost."""

    id: int
    reference: str
    customer: str
    partner: str
    partner_id: int
    tier: str | None
    worth: Decimal | None
    is_rfp: bool
    came: dt.datetime
    decided: dt.datetime | None
    protected_from: dt.date | None
    renewals: int
    closed_on: dt.date | None
    won: bool
    ahead: int = 0


@dataclass(frozen=True)
class Verdict:
    """What a policy makes of one: `refused` by which rule, if any; decided after its time; protected until; won while protected."""

    refused: str
    late: bool
    until: dt.date | None
    won_protected: bool
    discount: Decimal | None


def judge(past: Past, policy: RegistrationPolicy, calendar: WorkCalendar) -> Verdict:
    """Where the policy refuses it, nothing else is said of it."""
    refused = ""
    if past.worth is not None and past.worth < policy.minimum:
        refused = "small"
    elif past.worth is None and policy.minimum:
        refused = "rate"
    elif past.is_rfp and policy.rfp is Rfp.REFUSED:
        refused = "tender"
    elif policy.slots is not None and past.ahead >= policy.slots:
        refused = "slots"
    if refused:
        return Verdict(refused, late=False, until=None, won_protected=False, discount=None)
    late = past.decided is not None and past.decided > rules.decide_by(past.came, policy, calendar)
    until = None
    if past.protected_from is not None:
        times = 1 + min(past.renewals, policy.renewals)
        until = rules.protected_until(past.protected_from, policy.protection_days * times)
    won = past.won and until is not None and past.closed_on is not None and past.closed_on <= until
    return Verdict("", late, until, won, policy.discount(past.tier) if until else None)


@dataclass(frozen=True)
class Line:
    """One that would have gone another way, and how."""

    past: Past
    changes: Sequence[str]


class Trial:
    """`new` held against `old` on the registrations that came in the year up to `day`."""

    def __init__(
        self, rows: Sequence[Past], old: RegistrationPolicy, new: RegistrationPolicy, calendar: WorkCalendar
    ) -> None:
        self.rows = rows
        self.before = [judge(row, old, calendar) for row in rows]
        self.after = [judge(row, new, calendar) for row in rows]

    @property
    def total(self) -> int:
        return len(self.rows)

    @cached_property
    def figures(self) -> list[tuple[str, int, int]]:
        """(what, by the policy in force, by the one tried)."""

        def count(found: Iterable[bool]) -> int:
            return sum(found)

        named = {
            "small": _("Refused as too small"),
            "rate": _("Refused, no rate for the currency"),
            "tender": _("Refused as a public tender"),
            "slots": _("Refused, no place free"),
        }
        found = [
            (words, count(v.refused == why for v in self.before), count(v.refused == why for v in self.after))
            for why, words in named.items()
        ]
        return [
            *found,
            (_("Decided too late"), count(v.late for v in self.before), count(v.late for v in self.after)),
            (_("Won while protected"), count(v.won_protected for v in self.before), count(v.won_protected for v in self.after)),
        ]  # fmt: skip

    @cached_property
    def lines(self) -> list[Line]:
        """Those that would have gone another way, the latest first."""
        pairs = zip(self.rows, self.before, self.after, strict=True)
        return [Line(row, _said(old, new)) for row, old, new in pairs if _said(old, new)]

    @property
    def shown(self) -> list[Line]:
        return self.lines[:MOST_SHOWN]

    @property
    def more(self) -> int:
        return max(0, len(self.lines) - MOST_SHOWN)


def _said(old: Verdict, new: Verdict) -> list[str]:
    words = {
        "small": _("refused: too small"),
        "rate": _("refused: no rate for its currency"),
        "tender": _("refused: a public tender"),
        "slots": _("refused: no place free"),
    }
    if old.refused != new.refused:
        return [words[new.refused] if new.refused else _("no longer refused")]
    found = []
    if old.late != new.late:
        found.append(_("decided too late") if new.late else _("decided in time"))
    if old.until != new.until and old.until and new.until:
        days = (new.until - old.until).days
        longer = ngettext("protected %(n)s day longer", "protected %(n)s days longer", abs(days))
        shorter = ngettext("protected %(n)s day less", "protected %(n)s days less", abs(days))
        found.append((longer if days > 0 else shorter) % {"n": abs(days)})
    if old.won_protected != new.won_protected:
        found.append(_("won while protected") if new.won_protected else _("won when no longer protected"))
    if old.discount != new.discount:
        percent = f"{new.discount.normalize():f}" if new.discount is not None else "0"
        found.append(_("discount %(n)s%%") % {"n": percent})
    return found


# ── Last year's ──────────────────────────────────────────────────────────────────────────────────────────────────────


def last_year(now: dt.datetime) -> list[Past]:
    """The registrations that came in the year before `now`, the latest first."""
    every = Registration.objects.unscoped("a policy is for all partners").filter(submitted_at__isnull=False)
    ended = _ended()
    came = now - dt.timedelta(days=DAYS)
    held: Mapping[int, list[tuple[dt.datetime, dt.datetime | None]]] = defaultdict(list)
    for pk, partner, at in every.order_by("pk").values_list("pk", "partner_id", "submitted_at"):
        held[partner].append((at, ended.get(pk)))
    table, zone = rates(), ZoneInfo(vendor_settings().time_zone)
    rows = every.filter(submitted_at__gte=came).select_related("partner__tier", "deal__stage")
    return [_past(row, table, zone, held[row.partner_id]) for row in rows.order_by("-submitted_at", "-pk")]


def _ended() -> dict[int, dt.datetime]:
    steps = Step.objects.unscoped("the same").filter(kind__in=ENDS).order_by()
    return dict(steps.values("registration").annotate(at=Min("at")).values_list("registration", "at"))


def _past(
    row: Registration, table: Rates, zone: ZoneInfo, held: Sequence[tuple[dt.datetime, dt.datetime | None]]
) -> Past:
    came = row.submitted_at
    assert came is not None
    assert row.amount is not None
    try:
        worth: Decimal | None = table.convert(Money(row.amount, row.currency), came.astimezone(zone).date()).amount
    except NoRate:
        worth = None
    deal = row.deal
    closed = deal.closed_on if deal is not None else None
    return Past(
        id=row.pk, reference=row.reference, customer=row.customer_name, partner=row.partner.name, partner_id=row.partner_id,
        tier=row.partner.tier.key if row.partner.tier else None, worth=worth, is_rfp=row.is_rfp, came=came,
        decided=row.decided_at, protected_from=row.protected_from, renewals=row.renewals, closed_on=closed,
        won=deal is not None and deal.stage.outcome == "won",
        ahead=sum(at < came and (end is None or end > came) for at, end in held),
    )  # fmt: skip
