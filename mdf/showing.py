"""Requests and claims in words, for pages and mails of both sides."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketing.models import ActivityResult
from mdf import claiming
from mdf.models import ApprovalStep, Claim, Happening, Line, Request
from prm.common.money import Money
from prm.common.templatetags.numbers import format_money, format_number, format_percent
from prm.common.vendor import vendor_settings

State = Request.State


def money(amount: Decimal | None, currency: str) -> str:
    """An amount with its currency; "–" for none."""
    return "–" if amount is None else format_money(Money(amount, currency))


def plain(amount: Decimal, currency: str) -> str:
    """An amount with its currency, or without where that isn't known."""
    return (
        money(amount, currency) if currency else format_number(amount, 0 if amount == amount.to_integral_value() else 2)
    )


def fraction(amount: Fraction, currency: str) -> str:
    """An exact amount, to the minor unit."""
    return money(claiming.rounded(amount, currency), currency)


def percent(share: Decimal | None) -> str:
    """A fraction as percent: "50%", "33.3%"; "–" for none."""
    if share is None:
        return "–"
    hundredfold = share * 100
    return format_percent(hundredfold, 0 if hundredfold == hundredfold.to_integral_value() else 1)


def moment(value: dt.datetime) -> str:
    """A day with its hour, in the reader's time."""
    return date_format(timezone.localtime(value), "D j M, H:i")


def day(value: dt.date | None) -> str:
    return date_format(value, "DATE_FORMAT") if value else "–"


def state_of(thing: Request | Claim) -> str:
    """Its state in words; an approval that isn't of all says so."""
    if thing.state == State.APPROVED and thing.is_full is False:
        return _("Approved in part")
    return str(thing.get_state_display())


# ── Steps ────────────────────────────────────────────────────────────────────────────────────────────────────────────

SIGNS = {
    ApprovalStep.State.AHEAD: "ahead",
    ApprovalStep.State.WAITING: "current",
    ApprovalStep.State.APPROVED: "done",
    ApprovalStep.State.COVERED: "done",
    ApprovalStep.State.RETURNED: "done",
    ApprovalStep.State.REJECTED: "done",
    ApprovalStep.State.ENDED: "done",
}


def steps(rows: Iterable[ApprovalStep], *, told: bool = True) -> list[dict[str, Any]]:
    """The steps of one round for the stepper: who decides, and who did or until when, which the vendor's side is `told`."""
    return [
        {
            "label": row.get_level_display(),
            "state": SIGNS[ApprovalStep.State(row.state)],
            "note": _note(row) if told else "",
        }
        for row in rows
    ]


def _note(row: ApprovalStep) -> str:
    if row.state == ApprovalStep.State.WAITING and row.decide_by:
        if row.decide_by < timezone.now():
            return _("late since %(when)s") % {"when": moment(row.decide_by)}
        return _("until %(when)s") % {"when": moment(row.decide_by)}
    if row.decided_by is None:
        return "" if row.state == ApprovalStep.State.AHEAD else str(row.get_state_display())
    who = row.decided_by.display_name
    if row.in_place_of is not None:
        who = _("%(who)s for %(whom)s") % {"who": who, "whom": row.in_place_of.display_name}
    return f"{row.get_state_display()}: {who}"


# ── What happened ────────────────────────────────────────────────────────────────────────────────────────────────────

ICONS = {
    Happening.Kind.APPROVED: "success",
    Happening.Kind.STEP_APPROVED: "check",
    Happening.Kind.REJECTED: "error",
    Happening.Kind.RETURNED: "undo",
    Happening.Kind.REVOKED: "undo",
    Happening.Kind.RECALLED: "undo",
    Happening.Kind.REOPENED: "undo",
    Happening.Kind.REMINDED: "bell",
    Happening.Kind.ESCALATED: "warning",
}


def timeline(rows: Iterable[Happening], *, told: bool = True) -> list[dict[str, Any]]:
    """Entries for the timeline, the newest first. Which of the vendor's people did something the vendor's side is `told`."""
    found = []
    for row in rows:
        who = row.by.display_name if row.by else _("System")
        if not told and row.by is not None and not row.by.is_partner_side:
            who = vendor_settings().name
        icon = ICONS.get(Happening.Kind(row.kind), "clock")
        found.append({"text": row.get_kind_display(), "when": row.at, "who": who, "detail": row.reason, "icon": icon})
    return found[::-1]


# ── Lines ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ShownLine:
    """A line of a request: amounts in words, in the fund's currency, and in the plan's where that is another."""

    line: Line
    asked: str
    asked_in_plan: str
    approved: str
    claimed: str
    left: str
    decision: str
    note: str


def lines(request: Request, rows: Iterable[Line], *, told: bool) -> list[ShownLine]:
    """`told`: to the vendor's side. The partner learns what is decided when all of it is: a later step may say otherwise."""
    decided = told or request.state not in Request.REVIEWED
    currency, plans = request.currency, request.plan.currency
    found = []
    for row in rows:
        other = money(row.asked_in_plan, plans) if plans != currency and row.asks_money else ""
        has = row.approved is not None
        found.append(
            ShownLine(
                row,
                asked=money(row.asked, currency) if row.asks_money else _("nothing"),
                asked_in_plan=other,
                approved=money(row.approved, currency) if has and row.asks_money else "–",
                claimed=money(row.claimed, currency) if has and row.asks_money else "–",
                left=money(row.left, currency) if has and row.asks_money else "–",
                decision=str(row.get_decision_display() if decided else Line.Decision.UNDECIDED.label),
                note=row.note if decided else "",
            )
        )
    return found


def request_facts(request: Request) -> list[tuple[str, Any]]:
    """(term, value) of what is asked and of where it stands."""
    found: list[tuple[str, Any]] = [
        (_("Reference"), request.reference),
        (_("Plan"), request.plan.title),
        (_("Fund"), request.fund.name if request.fund else _("nothing is asked")),
    ]
    if request.fund is not None:
        found += [
            (_("Asked"), money(request.asked, request.currency)),
            (_("Share paid back"), percent(request.fund.share if request.share is None else request.share)),
        ]
    if request.approved is not None and request.fund is not None:
        found.append((_("Approved"), money(request.approved, request.currency)))
    if request.released:
        found.append((_("Released"), money(request.released, request.currency)))
    found.append((_("Submitted"), date_format(timezone.localtime(request.submitted_at), "SHORT_DATETIME_FORMAT")))
    if request.submitted_by:
        found.append((_("Submitted by"), request.submitted_by.display_name))
    return found


def claim_facts(claim: Claim) -> list[tuple[str, Any]]:
    """(term, value) of a claim."""
    fund = claim.request.currency
    found: list[tuple[str, Any]] = [
        (_("Reference"), claim.reference),
        (_("Activity"), claim.line.activity.title),
        (_("Request"), claim.request.reference),
        (_("Approved for it"), money(claim.line.approved, fund)),
    ]
    if claim.asked is not None:
        found.append((_("Asked"), money(claim.asked, claim.currency)))
    if claim.claimed is not None:
        found.append((_("Claimed"), money(claim.claimed, fund)))
    if claim.approved is not None:
        found.append((_("Approved"), money(claim.approved, fund)))
    if claim.submitted_at:
        found.append((_("Submitted"), date_format(timezone.localtime(claim.submitted_at), "SHORT_DATETIME_FORMAT")))
    if claim.paid_on:
        found += [(_("Paid on"), day(claim.paid_on)), (_("Payment reference"), claim.paid_reference)]
    return found


def result_word(state: str | None) -> str:
    """How far what came of an activity is known."""
    return str(ActivityResult.State(state).label) if state else "–"


def days(number: Decimal) -> str:
    """A number of days, to one decimal where it isn't whole."""
    return format_number(number, 0 if number == number.to_integral_value() else 1)


def days_left(until: dt.date, today: dt.date) -> str:
    """How long there is still time: "12 days left", "last day", "4 days ago"."""
    left = (until - today).days
    if left < 0:
        return ngettext("%(n)s day ago", "%(n)s days ago", -left) % {"n": -left}
    if left == 0:
        return _("last day")
    return ngettext("%(n)s day left", "%(n)s days left", left) % {"n": left}
