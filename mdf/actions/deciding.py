"""A request is decided, line by line; one approval covers the plan and its money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from marketing import actions as marketing
from mdf import claiming, steps
from mdf.actions.common import Kind, lines_of, locked_request, must_be, put_down, reason_given
from mdf.actions.posting import reserve
from mdf.actions.stepping import passed, stopped, to_decide
from mdf.actions.submitting import in_fund
from mdf.actions.writing import lock_accounts, lots_of, not_enough
from mdf.models import Happening, Line, Request
from mdf.steps import Decider, Decision, Outcome
from mdf.telling import tell
from prm.common.money import NoRate, minor_units
from prm.common.numbers import round_half_away
from prm.common.vendor import rates, today

State = Request.State


@dataclass(frozen=True)
class Verdict:
    """What one step says of a line. `amount`: what is granted of it in the plan's currency, where it is changed. `note`: why, the partner
    reads it."""

    decision: Decision
    amount: Decimal | None = None
    note: str = ""


@transaction.atomic
def decide(
    *,
    by: User,
    request: Request,
    verdicts: Mapping[int, Verdict] | None = None,
    reason: str = "",
    step_id: int | None = None,
) -> Request:
    """Decides the step that waits. `verdicts` by the id of the line; a line without one stays as the step before left it, at first as
    asked. The last step that approves reserves the money; whoever comes too late is told what was left.

    One line returned sends all of it back; all denied rejects it; both need a reason, the line's own or the whole's. `step_id`: the
    step that the person looked at. NotAllowed (whose step it is, or that it is their own), Closed, NotEnough, ValidationError by field
    ("reason", "lines.<id>.amount", "lines.<id>.decision").
    """
    fresh = locked_request(request, by)
    must_be(fresh, *Request.REVIEWED)
    step, decider = to_decide(fresh, by, step_id)
    said = reason_given(reason, needed=False)
    lines = lines_of(fresh)
    _write(lines, verdicts or {}, said)
    for line in lines:
        line.save()
    found = steps.outcome(
        _decisions(line for line in lines if line.asks_money), _decisions(line for line in lines if not line.asks_money)
    )
    if found is not Outcome.APPROVED:
        state = State.RETURNED if found is Outcome.RETURNED else State.REJECTED
        stopped(fresh, step, found.value, decider, by=by, reason=said)
        return _ended(fresh, lines, state, by=by, reason=said)
    granted = _granted(fresh, lines)
    _must_be_there(fresh, sum(granted.values(), Decimal(0)))
    if passed(fresh, step, decider, by=by, amount=sum(granted.values(), Decimal(0)), reason=said):
        return _approve(fresh, lines, granted, by=by, reason=said, decider=decider)
    fresh.state = State.IN_REVIEW
    fresh.save()
    marketing.begin_review(plan=fresh.plan, by=None)
    put_down(fresh, Kind.STEP_APPROVED, by=by, reason=said, details={"level": decider.level.value})
    return fresh


def approve(*, by: User, request: Request, reason: str = "", step_id: int | None = None) -> Request:
    """The step that waits, as the one before left it, at first as asked: what a mail's button does."""
    return decide(by=by, request=request, reason=reason, step_id=step_id)


def give_back(*, by: User, request: Request, reason: str, step_id: int | None = None) -> Request:
    """All of it back to the partner, with a reason."""
    return _all(Decision.RETURNED, by=by, request=request, reason=reason, step_id=step_id)


def reject(*, by: User, request: Request, reason: str, step_id: int | None = None) -> Request:
    """All of it denied, with a reason."""
    return _all(Decision.DENIED, by=by, request=request, reason=reason, step_id=step_id)


def _all(decision: Decision, *, by: User, request: Request, reason: str, step_id: int | None) -> Request:
    said = reason_given(reason)
    rows = Line.objects.unscoped("of a request in reach").filter(request=request).order_by()
    verdicts = {pk: Verdict(decision) for pk in rows.values_list("pk", flat=True)}
    return decide(by=by, request=request, verdicts=verdicts, reason=said, step_id=step_id)


def _decisions(lines: Iterable[Line]) -> list[Decision]:
    return [Decision(line.decision) for line in lines]


def _write(lines: list[Line], verdicts: Mapping[int, Verdict], reason: str) -> None:
    """Puts the verdicts into the lines. ValidationError."""
    wrong: dict[str, str] = {}
    if set(verdicts) - {line.pk for line in lines}:
        raise ValidationError({"lines": _("A line isn’t of this request.")})
    for line in lines:
        verdict = verdicts.get(line.pk)
        if verdict is None:
            if line.decision in (Line.Decision.UNDECIDED, Line.Decision.RETURNED):
                line.decision, line.decided_in_plan = Line.Decision.AS_ASKED, line.asked_in_plan
            continue
        field, message = _verdict(line, verdict, reason)
        if message:
            wrong[f"lines.{line.pk}.{field}"] = message
    if wrong:
        raise ValidationError(wrong)


def _verdict(line: Line, verdict: Verdict, reason: str) -> tuple[str, str]:
    """Writes one; gives what is wrong with it, by field."""
    decision, amount = verdict.decision, line.asked_in_plan
    line.note = reason_given(verdict.note, needed=False, field=f"lines.{line.pk}.note")
    match decision:
        case Decision.UNDECIDED:
            return "decision", _("Choose a decision.")
        case Decision.DENIED | Decision.RETURNED:
            amount = Decimal(0)
            line.note = line.note or reason  # kept with the line: a later step gives another reason, or none
            if not line.note:
                return "note", _("Give a reason: the partner reads it.")
        case Decision.CHANGED:
            if not line.asks_money:
                return "decision", _("It asks for no money that could be changed.")
            if verdict.amount is None or not verdict.amount.is_finite() or not 0 < verdict.amount <= line.asked_in_plan:
                return "amount", _("Grant an amount above 0, at most what was asked.")
            currency = line.activity.plan.currency
            if verdict.amount != round_half_away(verdict.amount, minor_units(currency)):
                words = {"currency": currency, "n": minor_units(currency)}
                return "amount", _("%(currency)s has %(n)s decimals.") % words
            amount = verdict.amount
            if amount == line.asked_in_plan:
                decision = Decision.AS_ASKED
    line.decision = Line.Decision(decision.value)
    line.decided_in_plan = None if decision is Decision.RETURNED else amount
    return "", ""


def _granted(request: Request, lines: list[Line]) -> dict[int, Decimal]:
    """By line what is granted, in the fund's currency at today's rates."""
    if request.fund is None:
        return {}
    table, day = rates(), today()
    try:
        return {
            line.pk: in_fund(line.decided_in_plan or Decimal(0), request.plan.currency, request.fund, table, day)
            for line in lines
            if line.asks_money and line.decision in Line.GIVEN
        }
    except NoRate as error:
        raise ValidationError({"lines": str(error)}) from error


def _must_be_there(request: Request, amount: Decimal) -> None:
    """NotEnough where the account hasn't that much left now; it stays locked until the decision is written."""
    if request.account_id is None:
        return
    (account,) = lock_accounts(request.account_id)
    day = today()
    left = sum((lot.available for lot in lots_of(account) if lot.last_day >= day), Decimal(0))
    if amount > left:
        raise not_enough(_("Only %(left)s is left of %(account)s."), left, account)


def _approve(
    request: Request, lines: list[Line], granted: Mapping[int, Decimal], *, by: User, reason: str, decider: Decider
) -> Request:
    fund, now = request.fund, timezone.now()
    for line in lines:
        amount = granted.get(line.pk, Decimal(0))
        line.approved = amount
        if amount and fund is not None and request.account is not None:
            reserve(
                account=request.account, amount=amount, hold=line.pk, subject=request, partner=request.partner, by=by,
                reason=str(line.activity.title),
            )  # fmt: skip
            line.claim_until = claiming.deadline(line.activity.ends_on, fund.claim_days)
            line.reminded_days = None
        line.save()
    request.state, request.decided_by, request.decided_at, request.reason = State.APPROVED, by, now, reason
    request.approved, request.approved_on = sum(granted.values(), Decimal(0)), today()
    request.is_full = steps.is_full(_decisions(lines))
    request.share = fund.share if fund else None
    request.claim_days = fund.claim_days if fund else None
    request.save()
    _tell_marketing(request, lines, by=by)
    details = {"approved": f"{request.approved:f}", "currency": request.currency, "full": request.is_full}
    happening = put_down(
        request, Kind.APPROVED, by=by, reason=reason, details={**details, "level": decider.level.value}
    )
    tell("request.approved", request, happening=happening)
    return request


def _ended(request: Request, lines: list[Line], state: str, *, by: User, reason: str) -> Request:
    request.state, request.decided_by, request.decided_at, request.reason = state, by, timezone.now(), reason
    request.save()
    _tell_marketing(request, lines, by=by)
    kind = Happening.Kind(state)
    happening = put_down(
        request, kind, by=by, reason=reason or "; ".join(filter(None, (line.note for line in lines)))[:500]
    )
    tell(f"request.{state}", request, happening=happening)
    return request


def _tell_marketing(request: Request, lines: list[Line], *, by: User) -> None:
    """What was decided of the lines is the activities', and the review of the plan is over."""
    for line in lines:
        changed = line.decision == Line.Decision.CHANGED
        marketing.decide(
            activity=line.activity, decision=line.decision, by=by, mdf=line.decided_in_plan if changed else None,
            reason=line.note or request.reason,
        )  # fmt: skip
    marketing.finish_review(plan=request.plan, by=by)
