"""A claim is decided, step by step; the last approval spends the money, and the payment is put down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from mdf import claiming
from mdf.actions.common import Kind, locked_claim, must_be, put_down, reason_given
from mdf.actions.posting import spend
from mdf.actions.stepping import passed, stopped, to_decide
from mdf.models import Claim, Happening, Line, Receipt, Request
from mdf.queries import claims as queries
from mdf.refusals import NotAllowed
from mdf.steps import Decider, Outcome
from mdf.telling import tell
from prm.common import audit
from prm.common.money import Money, NoRate, minor_units
from prm.common.numbers import round_half_away
from prm.common.templatetags.numbers import format_money
from prm.common.vendor import today

State = Claim.State


@transaction.atomic
def decide_claim(
    *,
    by: User,
    claim: Claim,
    outcome: Outcome = Outcome.APPROVED,
    amount: Decimal | None = None,
    eligible: Mapping[int, Decimal] | None = None,
    reason: str = "",
    step_id: int | None = None,
) -> Claim:
    """Decides the step of a claim that waits. Approved: `amount` in the fund's currency, None: what is payable of what was asked,
    at most what the step before approved; `eligible` says by receipt what of it counts. The last step spends it.

    Returned and rejected need a reason. NotAllowed (whose step it is, or that it is their own), Closed, NotEnough, ValidationError by
    field (amount: with what is payable; "eligible.<id>", reason).
    """
    fresh = locked_claim(claim, by)
    must_be(fresh, *Claim.REVIEWED)
    step, decider = to_decide(fresh, by, step_id)
    said = reason_given(reason, needed=outcome is not Outcome.APPROVED)
    if outcome is not Outcome.APPROVED:
        stopped(fresh, step, outcome.value, decider, by=by, reason=said)
        return _ended(fresh, outcome, by=by, reason=said)
    must_be(fresh.request, Request.State.APPROVED)
    if eligible:
        _put_eligible(fresh, eligible, by=by)
    granted = _granted(fresh, amount)
    if passed(fresh, step, decider, by=by, amount=granted, reason=said):
        return _approve(fresh, granted, by=by, reason=said, decider=decider)
    fresh.state = State.IN_REVIEW
    fresh.save()
    put_down(fresh, Kind.STEP_APPROVED, by=by, reason=said, details={"level": decider.level.value})
    return fresh


@transaction.atomic
def pay_claim(*, by: User, claim: Claim, reference: str, on: dt.date | None = None) -> Claim:
    """Puts down that an approved claim was paid. The money moved when it was approved. NotAllowed, Closed, ValidationError by field
    (reference, on)."""
    fresh = locked_claim(claim, by)
    if not queries.may_pay(by):
        raise NotAllowed(_("You may not put payments down."))
    must_be(fresh, State.APPROVED)
    said, day = " ".join(reference.split()), on or today()
    if not said:
        raise ValidationError({"reference": _("Enter the reference of the payment.")})
    if len(said) > 120:
        raise ValidationError({"reference": _("This is too long: at most %(n)s characters.") % {"n": 120}})
    if day > today():
        raise ValidationError({"on": _("This day is still to come.")})
    if fresh.approved_on is not None and day < fresh.approved_on:
        raise ValidationError({"on": _("It was approved after that day.")})
    fresh.state, fresh.paid_reference, fresh.paid_on, fresh.paid_by = State.PAID, said, day, by
    fresh.save()
    happening = put_down(fresh, Kind.PAID, by=by, details={"reference": said, "on": day.isoformat()})
    tell("claim.paid", fresh, happening=happening)
    return fresh


def _granted(claim: Claim, amount: Decimal | None) -> Decimal:
    """What is approved, to the minor unit of the fund's currency. ValidationError with what is payable where it is more."""
    currency = claim.request.currency
    try:
        most = claiming.rounded(queries.payable(claim).amount, currency)
        proposed = queries.proposed(claim)
    except NoRate as error:
        raise ValidationError({"amount": str(error)}) from error
    left = format_money(Money(most, currency))
    if most <= 0:
        raise ValidationError({"amount": _("Nothing is payable of this claim: %(left)s is left.") % {"left": left}})
    if amount is None:
        return min(proposed, most)
    if not amount.is_finite() or amount <= 0:
        raise ValidationError({"amount": _("Enter an amount above 0, or reject the claim.")})
    if amount != round_half_away(amount, minor_units(currency)):
        words = {"currency": currency, "n": minor_units(currency)}
        raise ValidationError({"amount": _("%(currency)s has %(n)s decimals.") % words})
    if amount > most:
        raise ValidationError({"amount": _("At most %(left)s is payable.") % {"left": left}})
    return amount


def _put_eligible(claim: Claim, eligible: Mapping[int, Decimal], *, by: User) -> None:
    changes = {}
    rows = {row.pk: row for row in queries.receipts_of(claim)}
    for pk, amount in eligible.items():
        row = rows.get(pk)
        if row is None:
            raise ValidationError({f"eligible.{pk}": _("This receipt isn’t one of the claim’s.")})
        if not amount.is_finite() or not 0 <= amount <= row.amount:
            raise ValidationError({f"eligible.{pk}": _("Enter an amount from 0 to that of the receipt.")})
        if amount != round_half_away(amount, minor_units(row.currency)):
            words = {"currency": row.currency, "n": minor_units(row.currency)}
            raise ValidationError({f"eligible.{pk}": _("%(currency)s has %(n)s decimals.") % words})
        Receipt.objects.unscoped("of a claim in reach").filter(pk=pk).update(eligible=amount)
        if amount != row.counts:
            changes[str(row)] = [f"{row.counts.normalize():f}", f"{amount.normalize():f}"]
    if changes:
        audit.record(by=by, verb="mdf_claim.counted", target=claim, changes=changes, in_history=False)


def _approve(claim: Claim, amount: Decimal, *, by: User, reason: str, decider: Decider) -> Claim:
    spend(hold=claim.line_id, amount=amount, subject=claim, by=by, reason=str(claim.line.activity.title))
    line = Line.objects.unscoped("of a claim in reach").get(pk=claim.line_id)
    line.claimed += amount
    line.save(update_fields=["claimed"])
    claim.state, claim.approved, claim.approved_on = State.APPROVED, amount, today()
    claim.is_full = claim.claimed is not None and amount >= claim.claimed
    claim.decided_by, claim.decided_at, claim.reason = by, timezone.now(), reason
    claim.save()
    details = {"approved": f"{amount:f}", "currency": claim.request.currency, "full": claim.is_full}
    happening = put_down(claim, Kind.APPROVED, by=by, reason=reason, details={**details, "level": decider.level.value})
    tell("claim.approved", claim, happening=happening)
    return claim


def _ended(claim: Claim, outcome: Outcome, *, by: User, reason: str) -> Claim:
    claim.state = State.RETURNED if outcome is Outcome.RETURNED else State.REJECTED
    claim.decided_by, claim.decided_at, claim.reason = by, timezone.now(), reason
    claim.save()
    happening = put_down(claim, Happening.Kind(outcome.value), by=by, reason=reason)
    tell(f"claim.{claim.state}", claim, happening=happening)
    return claim
