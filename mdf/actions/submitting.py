"""A marketing plan is submitted, and with it asks for its money; or is taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from marketing import actions as marketing
from marketing import reading
from marketing.models import Activity, MarketingPlan
from mdf import claiming
from mdf.actions.common import Kind, locked_request, must_be, put_down
from mdf.actions.ending import end
from mdf.actions.stepping import end_round, open_round
from mdf.models import Account, Fund, Line, Request
from mdf.queries.funds import account_for, may_draw
from mdf.refusals import Closed, NotAllowed
from mdf.telling import tell
from prm.common.money import NoRate, Rates
from prm.common.vendor import rates, today

State = Request.State
LONGEST_NOTE = 2000


@transaction.atomic
def submit_plan(
    *, by: User, plan: MarketingPlan, fund: Fund | None = None, account: Account | None = None, note: str = ""
) -> Request:
    """Submits a plan, and asks `fund` for what its activities ask: one request, with a line for each of them. Submitted again after it
    was returned or taken back it is the same request. The first step begins.

    `fund` is needed where any activity asks for money; `account` says from which of its accounts (else `account_for`). ValidationError
    by field (fund, account, lines), marketing's refusals (NotReady, NotAllowed, Closed).
    """
    before = Request.objects.unscoped("of a plan in reach").filter(plan=plan).first()
    if before is not None:
        before = locked_request(before, by)
        if not before.can_be_submitted:
            must_be(before, *Request.EDITABLE)
    submitted = marketing.submit(plan=plan, by=by)
    activities = _activities(submitted)
    asking = [row for row in activities if row.mdf_asked > 0]
    request = before or Request(plan=submitted, partner=submitted.partner, round=0)
    request.fund = _fund(fund, asking)
    request.account = _account(request.fund, account, request)
    request.currency = request.fund.currency if request.fund else submitted.currency
    asked = _asked(activities, request.fund, submitted.currency)
    if request.fund is not None and (wrong := refused(request.fund, asking)):
        raise ValidationError({"lines": wrong})
    request.state, request.round = State.SUBMITTED, request.round + 1
    request.asked = sum(asked.values(), Decimal(0))
    if request.fund is not None and not request.asked:
        words = {"currency": request.currency}
        raise ValidationError(
            {"lines": _("What is asked comes to nothing in %(currency)s, the fund’s currency.") % words}
        )
    request.note = note.strip()[:LONGEST_NOTE]
    request.submitted_by, request.submitted_at, request.submitted_on = by, timezone.now(), today()
    request.decided_by = request.decided_at = request.closed_by = request.closed_at = None
    request.approved = request.approved_on = request.is_full = None
    request.reason = ""
    request.save()
    _lay_lines(request, activities, asked)
    kind = Kind.RESUBMITTED if before else Kind.SUBMITTED
    happening = put_down(request, kind, by=by, details={"asked": f"{request.asked:f}", "currency": request.currency})
    tell("request.submitted", request, happening=happening)
    open_round(request)
    return request


@transaction.atomic
def recall(*, by: User, request: Request) -> Request:
    """Takes it back while nobody has decided a step: the plan is a draft again. The one way to take a plan back. NotAllowed, Closed."""
    fresh = locked_request(request, by)
    must_be(fresh, State.SUBMITTED)
    try:
        marketing.recall(plan=fresh.plan, by=by)
    except marketing.NotAllowed as error:
        raise NotAllowed(str(error)) from error
    except marketing.Closed as error:
        raise Closed(str(error)) from error
    fresh.state = State.DRAFT
    fresh.save()
    Line.objects.unscoped("of a request in reach").filter(request=fresh).update(
        decision=Line.Decision.UNDECIDED, decided_in_plan=None, note=""
    )
    end_round(fresh)
    happening = put_down(fresh, Kind.RECALLED, by=by)
    tell("request.recalled", fresh, happening=happening)
    return fresh


@transaction.atomic
def withdraw(*, by: User, request: Request, reason: str) -> Request:
    """Gives it up, and its plan, which is rejected, while it can be changed: the request is closed. The one way to give up a plan that was
    submitted. NotAllowed, Closed, ValidationError without a reason."""
    fresh = locked_request(request, by)
    must_be(fresh, *Request.EDITABLE)
    try:
        marketing.withdraw(plan=fresh.plan, by=by, reason=reason)
    except marketing.NotAllowed as error:
        raise NotAllowed(str(error)) from error
    except marketing.Closed as error:
        raise Closed(str(error)) from error
    return end(fresh, State.CLOSED, by=by, reason=" ".join(reason.split()))


def refused(fund: Fund, asking: Iterable[Activity]) -> list[str]:
    """Why activities can't ask a fund for money, in words: a tactic it isn't for, or a forecast below the ROI it wants. Empty where they
    can."""
    tactics = {tactic.pk for tactic in fund.tactics.all()}
    words = []
    for row in asking:
        if tactics and row.tactic_id not in tactics:
            words.append(
                _("%(fund)s isn’t for “%(title)s”: it doesn’t pay for %(tactic)s.")
                % {"fund": fund.name, "title": row.title, "tactic": row.tactic.name}
            )
        elif fund.minimum_roi is not None:
            roi = reading.outcome(row).revenue_roi
            if roi.value is None or roi.value < Fraction(fund.minimum_roi):
                shown = "–" if roi.value is None else f"{float(roi.value):.1f}"
                words.append(
                    _("“%(title)s” is expected to return %(roi)s; %(fund)s asks for at least %(least)s.")
                    % {
                        "title": row.title,
                        "roi": shown,
                        "fund": fund.name,
                        "least": f"{fund.minimum_roi.normalize():f}",
                    }
                )
    return words


def _activities(plan: MarketingPlan) -> list[Activity]:
    rows = Activity.objects.unscoped("of a plan in reach").filter(plan=plan).select_related("plan", "tactic")
    return list(rows.prefetch_related("budget").order_by("position", "pk"))


def _fund(fund: Fund | None, asking: list[Activity]) -> Fund | None:
    if not asking:
        return None
    if fund is None:
        raise ValidationError({"fund": _("Choose the fund that is asked.")})
    if fund.expires_on < today():
        raise ValidationError({"fund": _("%(fund)s has expired.") % {"fund": fund.name}})
    return fund


def _account(fund: Fund | None, account: Account | None, request: Request) -> Account | None:
    if fund is None:
        return None
    if account is not None:
        if account.fund_id != fund.pk or not may_draw(request.partner, account):
            raise ValidationError({"account": _("Nothing can be paid to this partner from there.")})
        return account
    found = account_for(fund, request.partner)
    if found is None:
        raise ValidationError({"fund": _("%(fund)s holds nothing for this partner.") % {"fund": fund.name}})
    return found


def _asked(activities: list[Activity], fund: Fund | None, currency: str) -> dict[int, Decimal]:
    """What each activity asks, in the fund's currency at today's rates."""
    if fund is None:
        return {}
    table, day = rates(), today()
    try:
        return {row.pk: in_fund(row.mdf_asked, currency, fund, table, day) for row in activities}
    except NoRate as error:
        raise ValidationError({"fund": str(error)}) from error


def in_fund(amount: Decimal, currency: str, fund: Fund, table: Rates, day: dt.date) -> Decimal:
    """An amount in the fund's currency at the rates of a day, to its minor unit. NoRate."""
    exact = claiming.convert(amount, currency, fund.currency, table, day)
    return claiming.rounded(exact, fund.currency)


def _lay_lines(request: Request, activities: list[Activity], asked: dict[int, Decimal]) -> None:
    Line.objects.unscoped("of a request in reach").filter(request=request).exclude(
        activity__in=[row.pk for row in activities]
    ).delete()
    for position, row in enumerate(activities):
        Line.objects.unscoped("of a request in reach").update_or_create(
            activity=row,
            defaults={
                "request": request,
                "position": position,
                "asked_in_plan": row.mdf_asked,
                "asked": asked.get(row.pk, Decimal(0)),
                "decision": Line.Decision.UNDECIDED,
                "decided_in_plan": None,
                "approved": None,
                "note": "",
            },
        )
