"""What came of an activity: results entered, the activity closed, verified by somebody else, opened again with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from marketing import queries
from marketing.actions import values
from marketing.actions.common import (
    LONGEST_REASON,
    changed,
    locked_activity,
    must_be,
    must_build,
    reason_given,
    tell,
)
from marketing.events import ActivityClosed, ActivityVerified
from marketing.models import Activity, ActivityResult, MarketingPlan
from marketing.refusals import Closed, NotAllowed, NotReady
from marketing.waterfall import STAGES
from prm.common import audit, events

FIELDS = (*STAGES, "revenue", "cost", "remark")
State = Activity.State
ResultState = ActivityResult.State
_BEFORE = {name: before for before, name in pairwise(STAGES)}


@transaction.atomic
def save_results(*, activity: Activity, by: User, fields: Mapping[str, Any]) -> ActivityResult:
    """Enters results (FIELDS: counts by stage, `revenue` and `cost` in the plan's currency, `remark`) of an approved activity that isn't
    closed; what isn't given stays. ValidationError by field, also where a stage is more than the one before; NotAllowed, Closed."""
    fresh = locked_activity(activity, by)
    must_build(by, fresh.plan.partner)
    return _save(fresh, by, fields)


def _save(activity: Activity, by: User, fields: Mapping[str, Any]) -> ActivityResult:
    _must_be_open(activity)
    result = queries.current_result(activity) or ActivityResult(activity=activity, number=_next_number(activity))
    result.activity = activity
    before = {name: getattr(result, name) for name in FIELDS} if result.pk else {}
    errors = values.Errors()
    for name in fields.keys() - set(FIELDS):
        errors.add(name, _("There is no such field."))
    for name in STAGES:
        if name in fields:
            setattr(result, name, errors.of(values.count, fields, name) or 0)
    for name in ("revenue", "cost"):
        if name in fields:
            setattr(result, name, errors.of(values.money, fields, name, activity.plan.currency) or 0)
    if "remark" in fields:
        result.remark = errors.of(values.text, fields, "remark", 2000, multiline=True) or ""
    for name, first in _BEFORE.items():
        if name not in errors.found and first not in errors.found and getattr(result, name) > getattr(result, first):
            errors.add(name, _("This is more than came into the stage before: a rate can’t be over 100 %."))
    errors.stop()
    after = {name: getattr(result, name) for name in FIELDS}
    changes = audit.changes_between(before, after)
    if changes or result.pk is None:
        result.entered_by = by
        result.save()
        audit.record(by=by, verb="marketing_activity.results", target=activity, changes=changes, in_history=False)
        changed([activity.plan])
    return result


@transaction.atomic
def close_activity(*, activity: Activity, by: User, fields: Mapping[str, Any] | None = None) -> ActivityResult:
    """Says that these are the results (`fields` as in `save_results`, or those saved before): they are fixed, and wait to be verified.
    With the last approved activity the plan is closed. NotReady without results; ValidationError, NotAllowed, Closed."""
    fresh = locked_activity(activity, by)
    must_build(by, fresh.plan.partner)
    _must_be_open(fresh)
    result = _save(fresh, by, fields) if fields is not None else queries.current_result(fresh)
    if result is None:
        raise NotReady([_("Enter the results first.")])
    result.state, result.closed_by, result.closed_at = ResultState.CLOSED, by, timezone.now()
    result.save(update_fields=["state", "closed_by", "closed_at"])
    fresh.state = State.CLOSED
    fresh.save(update_fields=["state", "updated_at"])
    audit.record(by=by, verb="marketing_activity.closed", target=fresh)
    tell("marketing_activity.closed", fresh)
    events.send(ActivityClosed(fresh.plan.partner_id, fresh.pk))
    _follow(fresh.plan, by)
    return result


@transaction.atomic
def verify(*, activity: Activity, by: User, note: str = "") -> ActivityResult:
    """Says that a closed activity's results and costs are right: they count in the reports and in the tactic's rates from now on.

    NotAllowed for who entered or closed them, and for who doesn't verify; Closed unless the activity is closed.
    """
    fresh = locked_activity(activity, by)
    if not by.can(Permission.VERIFY_MARKETING):
        raise NotAllowed(_("You may not verify results."))
    result = queries.current_result(fresh)
    if fresh.state != State.CLOSED or result is None:
        raise Closed(_("There are no results that wait to be verified."))
    if by.pk in (result.entered_by_id, result.closed_by_id):
        raise NotAllowed(_("Somebody else than who entered the results verifies them."))
    said = " ".join(note.split())
    if len(said) > LONGEST_REASON:
        raise ValidationError({"note": _("This is too long: at most %(n)s characters.") % {"n": LONGEST_REASON}})
    result.state, result.verified_by, result.verified_at = ResultState.VERIFIED, by, timezone.now()
    result.verified_note = said
    result.save(update_fields=["state", "verified_by", "verified_at", "verified_note"])
    fresh.state = State.VERIFIED
    fresh.save(update_fields=["state", "updated_at"])
    audit.record(by=by, verb="marketing_activity.verified", target=fresh, note=said)
    tell("marketing_activity.verified", fresh)
    events.send(ActivityVerified(fresh.plan.partner_id, fresh.pk))
    _follow(fresh.plan, by)
    return result


@transaction.atomic
def reopen(*, activity: Activity, by: User, reason: str) -> ActivityResult:
    """Opens closed or verified results again: they stay with the reason, which the partner reads, and a copy of them is the draft from
    now on; the plan runs again. For those who verify. ValidationError without a reason; NotAllowed, Closed."""
    fresh = locked_activity(activity, by)
    if not by.can(Permission.VERIFY_MARKETING):
        raise NotAllowed(_("You may not open results again."))
    said = reason_given(reason)
    old = queries.current_result(fresh)
    if fresh.state == State.PLANNED or old is None:
        raise Closed(_("These results aren’t closed."))
    old.state, old.reopened_by, old.reopened_at, old.reopened_reason = ResultState.REOPENED, by, timezone.now(), said
    old.save(update_fields=["state", "reopened_by", "reopened_at", "reopened_reason"])
    copy = ActivityResult(activity=fresh, number=_next_number(fresh), entered_by=old.entered_by)
    for name in FIELDS:
        setattr(copy, name, getattr(old, name))
    copy.save()
    fresh.state, fresh.reminded_on = State.PLANNED, None
    fresh.save(update_fields=["state", "reminded_on", "updated_at"])
    audit.record(by=by, verb="marketing_activity.reopened", target=fresh, note=said)
    _follow(fresh.plan, by)
    return copy


def _must_be_open(activity: Activity) -> None:
    must_be(activity.plan, MarketingPlan.State.APPROVED, MarketingPlan.State.RUNNING)
    if not activity.is_approved:
        raise Closed(_("This activity wasn’t approved."))
    if activity.state != State.PLANNED:
        raise Closed(_("This activity is closed."))


def _next_number(activity: Activity) -> int:
    rows = ActivityResult.objects.unscoped("of one activity in reach").filter(activity=activity)
    return (rows.aggregate(n=Max("number"))["n"] or 0) + 1


def _follow(plan: MarketingPlan, by: User) -> None:
    """The plan is closed with the last of its approved activities, verified with the last of them, and runs while one is open."""
    rows = Activity.objects.unscoped("of one plan in reach").filter(plan=plan, decision__in=Activity.APPROVED)
    states = set(rows.order_by().values_list("state", flat=True))
    if State.PLANNED in states:
        wanted = plan.state if plan.state == MarketingPlan.State.APPROVED else MarketingPlan.State.RUNNING
    else:
        wanted = MarketingPlan.State.CLOSED if State.CLOSED in states else MarketingPlan.State.VERIFIED
    if wanted != plan.state:
        was_over = plan.state in (MarketingPlan.State.CLOSED, MarketingPlan.State.VERIFIED)
        plan.state = wanted
        now = timezone.now()
        plan.closed_at = None if wanted == MarketingPlan.State.RUNNING else plan.closed_at or now
        plan.verified_at = now if wanted == MarketingPlan.State.VERIFIED else None
        plan.save(update_fields=["state", "closed_at", "verified_at", "updated_at"])
        if not (was_over and wanted == MarketingPlan.State.RUNNING):
            audit.record(by=by, verb=f"marketing_plan.{wanted}", target=plan)
            tell(f"marketing_plan.{wanted}", plan)
    changed([plan])
