"""The columns of the lists of requests and claims: one description for the page, CSV and XLSX."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce, Lower
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from mdf import showing
from mdf.filters import ClaimListFilter, PortalClaimFilter, PortalRequestFilter, RequestListFilter
from mdf.models import ApprovalStep, Claim, Line, Request
from mdf.queries.waiting import to_show, waits_for
from prm.common.lists import Column, Listing, exportable
from prm.common.money import Money
from prm.common.saved_views import savable
from prm.common.templatetags.numbers import format_money
from prm.documents.table import Kind

savable("mdf:requests", _("MDF requests"))
savable("mdf:claims", _("MDF claims"))

WHY = "of rows that are scoped"


def _waiting(kind: str, field: str) -> Subquery:
    rows = ApprovalStep.objects.unscoped(WHY).filter(state=ApprovalStep.State.WAITING, **{kind: OuterRef("pk")})
    return Subquery(rows.order_by().values(field)[:1])


def _claimed() -> Subquery:
    rows = Line.objects.unscoped(WHY).filter(request=OuterRef("pk")).order_by().values("request")
    return Subquery(rows.annotate(sum=Sum("claimed")).values("sum"))


def _money(name: str, currency: Any) -> Any:
    def value(row: Any) -> Money | None:
        amount = getattr(row, name)
        return None if amount is None else Money(amount, currency(row))

    return value


def bare(value: Any) -> Any:
    """The cell of an amount whose currency stands elsewhere in its row."""

    def cell(row: Any) -> str:
        found = value(row)
        return format_money(found, found.currency if found else "")

    return cell


def _linked(address: str, note: Any) -> Any:
    def cell(row: Any) -> SafeString:
        return format_html(
            '<a class="row-link" href="{}">{}</a><span class="cell-note">{}</span>',
            reverse(address, args=[row.pk]),
            row.reference,
            note(row),
        )

    return cell


def with_fund(row: Request) -> SafeString:
    """The partner, and under it the fund with its currency."""
    note = ", ".join(str(part) for part in (row.fund, row.currency) if part)
    return format_html('{}<span class="cell-note">{}</span>', row.partner.name, note)


def _state(row: Any) -> str:
    return render_to_string("mdf/state.html", {"state": row.state, "word": showing.state_of(row)})


def _level(row: Any) -> str | None:
    return str(ApprovalStep.Level(row.waits_for).label) if row.waits_for else None


def _clock(row: Any) -> str:
    late = row.decide_by is not None and row.decide_by < timezone.now()
    return render_to_string("mdf/clock_cell.html", {"decide_by": row.decide_by, "late": late, "who": _level(row)})


def _of_steps(kind: str) -> list[Column]:
    """Who is to decide, and until when."""
    waits, until = {"waits_for": _waiting(kind, "level")}, {"decide_by": _waiting(kind, "decide_by")}
    return [
        Column("waits", _("Waits for"), _level, annotate=waits, shown=False),
        Column("clock", _("Decide by"), lambda row: row.decide_by, Kind.DATETIME, cell=_clock, sort=("decide_by",), nullable=True, annotate={**until, **waits}),
    ]  # fmt: skip


def _request_columns(address: str, *, of_vendor: bool) -> list[Column]:
    def currency(row: Request) -> str:
        return str(row.currency)

    def amount(name: str) -> dict[str, Any]:
        value = _money(name, currency)
        return {"value": value, "cell": bare(value) if of_vendor else None, "kind": Kind.MONEY}

    return [
        Column("reference", _("Request"), lambda r: r.reference, cell=_linked(address, lambda r: r.plan.title), sort=("reference",), heads_row=True),
        Column("plan", _("Plan"), lambda r: r.plan.title, shown=False),
        Column("partner", _("Partner"), lambda r: r.partner.name, cell=with_fund, sort=(Lower("partner__name"),)),
        Column("fund", _("Fund"), lambda r: r.fund.name if r.fund else None, sort=(Lower("fund__name"),), nullable=True, shown=not of_vendor),
        Column("asked", _("Asked"), **amount("asked"), sort=("asked",)),
        Column("approved", _("Approved"), **amount("approved"), sort=("approved",), nullable=True),
        Column("claimed", _("Claimed"), _money("claimed_sum", currency), Kind.MONEY, shown=False, annotate={"claimed_sum": _claimed()}),
        Column("released", _("Released"), _money("released", currency), Kind.MONEY, shown=False),
        Column("currency", _("Currency"), lambda r: r.currency, shown=False),
        Column("state", _("State"), showing.state_of, cell=_state, sort=("state",)),
        *_of_steps("request"),
        Column("submitted", _("Submitted"), lambda r: r.submitted_at, Kind.DATETIME, sort=("submitted_at",)),
        Column("decided", _("Decided"), lambda r: r.decided_at, Kind.DATETIME, shown=False),
        Column("share", _("Share paid back, %"), lambda r: None if r.share is None else r.share * 100, Kind.DECIMAL, shown=False),
        Column("reason", _("Reason"), lambda r: r.reason, shown=False),
    ]  # fmt: skip


def _claim_columns(address: str) -> list[Column]:
    def currency(row: Claim) -> str:
        return str(row.request.currency)

    return [
        Column("reference", _("Claim"), lambda c: c.reference, cell=_linked(address, lambda c: c.line.activity.title), sort=("reference",), heads_row=True),
        Column("activity", _("Activity"), lambda c: c.line.activity.title, shown=False),
        Column("tactic", _("Tactic"), lambda c: c.line.activity.tactic.name, shown=False),
        Column("partner", _("Partner"), lambda c: c.partner.name, sort=(Lower("partner__name"),)),
        Column("request", _("Request"), lambda c: c.request.reference, shown=False),
        Column("fund", _("Fund"), lambda c: c.request.fund.name if c.request.fund else None, shown=False),
        Column("claimed", _("Claimed"), _money("claimed", currency), Kind.MONEY, sort=("claimed",), nullable=True),
        Column("approved", _("Approved"), _money("approved", currency), Kind.MONEY, sort=("approved",), nullable=True),
        Column("currency", _("Currency"), lambda c: c.request.currency, shown=False),
        Column("state", _("State"), showing.state_of, cell=_state, sort=("state",)),
        *_of_steps("claim"),
        Column("submitted", _("Submitted"), lambda c: c.submitted_at, Kind.DATETIME, sort=("submitted_at",), nullable=True),
        Column("decided", _("Decided"), lambda c: c.decided_at, Kind.DATETIME, shown=False),
        Column("paid", _("Paid"), lambda c: c.paid_on, Kind.DATE, sort=("paid_on",), nullable=True),
        Column("payment", _("Payment reference"), lambda c: c.paid_reference, shown=False),
        Column("days", _("Days from claim to payment"), days_to_payment, Kind.INTEGER, shown=False),
        Column("reason", _("Reason"), lambda c: c.reason, shown=False),
    ]  # fmt: skip


def days_to_payment(claim: Claim) -> int | None:
    if claim.paid_on is None or claim.submitted_on is None:
        return None
    days: dt.timedelta = claim.paid_on - claim.submitted_on
    return days.days


def _without(columns: Iterable[Column], *keys: str) -> list[Column]:
    return [column for column in columns if column.key not in keys]


def _requests(user: User) -> QuerySet[Request]:
    rows: QuerySet[Request] = Request.objects.visible_to(user)
    return rows.select_related("partner", "plan", "fund")


def _claims(user: User) -> QuerySet[Claim]:
    rows: QuerySet[Claim] = Claim.objects.visible_to(user)
    return rows.select_related("partner", "request__fund", "line__activity__tactic")


@exportable("mdf_requests")
def request_listing(user: User, query: QueryDict) -> Listing:
    """The requests this user sees, filtered and sorted as the address says."""
    chosen = RequestListFilter(query, user=user)
    rows, columns = chosen.apply(_requests(user)), _request_columns("mdf:request", of_vendor=True)
    return Listing(rows, columns, query, name=_("MDF requests"), default="-submitted", filter=chosen)


@exportable("mdf_claims")
def claim_listing(user: User, query: QueryDict) -> Listing:
    chosen = ClaimListFilter(query, user=user)
    rows, columns = chosen.apply(_claims(user)), _claim_columns("mdf:claim")
    return Listing(rows, columns, query, name=_("MDF claims"), default="-submitted", filter=chosen)


@exportable("portal_mdf_requests")
def portal_request_listing(user: User, query: QueryDict) -> Listing:
    """The partner's own, as it sees them."""
    chosen = PortalRequestFilter(query)
    columns = _without(_request_columns("mdf:portal_request", of_vendor=False), "partner", "waits", "clock")
    rows = chosen.apply(_requests(user))
    return Listing(rows, columns, query, name=_("MDF requests"), default="-submitted", filter=chosen)


@exportable("portal_mdf_claims")
def portal_claim_listing(user: User, query: QueryDict) -> Listing:
    chosen = PortalClaimFilter(query)
    columns = _without(_claim_columns("mdf:portal_claim"), "partner", "waits", "clock")
    rows = chosen.apply(_claims(user))
    return Listing(rows, columns, query, name=_("MDF claims"), default="-submitted", filter=chosen)


# ── What waits for the reader ────────────────────────────────────────────────────────────────────────────────────────


def _what(step: ApprovalStep) -> str:
    of = step.of
    return str(of.line.activity.title if isinstance(of, Claim) else of.plan.title)


def _to_decide(step: ApprovalStep) -> SafeString:
    kind, page = (_("Claim"), "mdf:decide_claim") if step.claim_id else (_("Request"), "mdf:decide")
    return format_html(
        '<a class="row-link" href="{}">{}</a><span class="cell-note">{} {}</span>',
        reverse(page, args=[step.of.pk]),
        _what(step),
        kind,
        step.of.reference,
    )


def _asked(step: ApprovalStep) -> Money | None:
    of = step.of
    amount, currency = (of.claimed, of.request.currency) if isinstance(of, Claim) else (of.asked, of.currency)
    return Money(amount, currency) if amount else None


def _due(step: ApprovalStep) -> str:
    late = step.decide_by is not None and step.decide_by < timezone.now()
    return render_to_string("mdf/clock_cell.html", {"decide_by": step.decide_by, "late": late, "who": ""})


def approval_listing(user: User, query: QueryDict) -> Listing:
    """The steps that wait for this person, what is due first on top."""
    mine = {found.step: found.decider for found in waits_for(user)}

    def place(step: ApprovalStep) -> SafeString:
        notes = [_("in somebody’s place")] if mine[step.pk].in_place_of is not None else []
        notes += [_("escalated")] if step.escalated_at else []
        told = format_html_join("", '<span class="cell-note">{}</span>', ((note,) for note in notes))
        return format_html("{}{}", step.get_level_display(), told)

    partner = Coalesce(Lower("request__partner__name"), Lower("claim__partner__name"))
    columns = [
        Column("what", _("What"), _what, cell=_to_decide, heads_row=True),
        Column("partner", _("Partner"), lambda step: step.of.partner.name, sort=(partner,)),
        Column("amount", _("Amount"), _asked, Kind.MONEY),
        Column("step", _("Step"), lambda step: step.get_level_display(), cell=place),
        Column("due", _("Decide by"), lambda step: step.decide_by, Kind.DATETIME, cell=_due, sort=("decide_by",)),
    ]
    return Listing(to_show(mine), columns, query, name=_("What waits for you"), default="due")
