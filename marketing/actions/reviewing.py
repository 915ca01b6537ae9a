"""A plan's way through the review: submitted, taken back, each activity decided, ended; and the day it begins to run.

Who may decide, in which order and with what money is the funds' matter: the app above decides, and writes the outcome here.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from marketing import queries, reading
from marketing.actions.common import changed, locked, locked_activity, must_be, must_build, reason_given, tell
from marketing.events import MarketingPlanRecalled, MarketingPlanSubmitted
from marketing.models import Activity, MarketingPlan, Snapshot
from marketing.refusals import Closed, NotReady
from prm.common import audit, events
from prm.common.vendor import today, vendor_settings

State = MarketingPlan.State
Decision = Activity.Decision


@transaction.atomic
def submit(*, plan: MarketingPlan, by: User) -> MarketingPlan:
    """Hands the plan in: it is fixed from now on, kept as a Snapshot, seen by the partner, and all its activities are undecided.

    NotReady with what is missing, NotAllowed, Closed unless it is a draft or changes were asked of it.
    """
    fresh = locked(plan, by)
    must_build(by, fresh.partner)
    must_be(fresh, *MarketingPlan.EDITABLE)
    if reasons := not_ready(fresh):
        raise NotReady(reasons)
    _undecide(fresh)
    fresh.state, fresh.shared, fresh.updated_by = State.SUBMITTED, True, by
    fresh.submitted_by, fresh.submitted_at, fresh.decided_at = by, timezone.now(), None
    first = fresh.submitted_on is None
    fresh.submitted_on = fresh.submitted_on or today()
    fresh.revision += 1
    fresh.save()
    content = reading.document(_as_it_is(fresh))
    last = Snapshot.objects.unscoped("of one plan in reach").filter(plan=fresh).aggregate(n=Max("number"))["n"]
    Snapshot.objects.create(
        plan=fresh, number=(last or 0) + 1, content=content, content_hash=reading.hash_of(content), by=by
    )
    _say(fresh, "marketing_plan.submitted", by)
    if first:
        events.send(MarketingPlanSubmitted(fresh.partner_id, fresh.pk))
    return fresh


def not_ready(plan: MarketingPlan) -> list[str]:
    """What keeps a plan from being submitted, in words; nothing where it is ready."""
    rows = list(_as_it_is(plan).activities.all())
    if not rows:
        return [_("Add an activity first.")]
    reasons = []
    for row in rows:
        if row.mdf_asked > reading.cost(row):
            reasons.append(_("“%(title)s” asks for more MDF than it costs.") % {"title": row.title})
    return reasons


@transaction.atomic
def recall(*, plan: MarketingPlan, by: User) -> MarketingPlan:
    """Takes a plan back while nobody has begun to review it: a draft again, nothing of it decided. NotAllowed, Closed.

    What it asks of the vendor's funds is taken back with it by the caller, in the same transaction."""
    fresh = locked(plan, by)
    must_build(by, fresh.partner)
    must_be(fresh, State.SUBMITTED)
    _undecide(fresh)
    fresh.state, fresh.submitted_on, fresh.revision = State.DRAFT, None, fresh.revision + 1
    fresh.updated_by = by
    fresh.save()
    _say(fresh, "marketing_plan.recalled", by)
    events.send(MarketingPlanRecalled(fresh.partner_id, fresh.pk))
    return fresh


@transaction.atomic
def withdraw(*, plan: MarketingPlan, by: User, reason: str) -> MarketingPlan:
    """Gives up a plan that was submitted and is to be changed, or was taken back: it is rejected, and stays. NotAllowed, ValidationError
    without a reason, Closed in other states and for a draft that was never submitted: that is thrown away.

    What it asked of the vendor's funds is ended with it by the caller, in the same transaction."""
    fresh = locked(plan, by)
    must_build(by, fresh.partner)
    must_be(fresh, *MarketingPlan.EDITABLE)
    if fresh.submitted_at is None:
        raise Closed(_("This draft was never submitted: throw it away instead."))
    said = reason_given(reason)
    zone = ZoneInfo(vendor_settings().time_zone)
    fresh.submitted_on = fresh.submitted_on or fresh.submitted_at.astimezone(zone).date()
    fresh.state, fresh.decided_at, fresh.updated_by = State.REJECTED, timezone.now(), by
    fresh.revision += 1
    fresh.save()
    audit.record(by=by, verb="marketing_plan.withdrawn", target=fresh, note=said)
    tell("marketing_plan.rejected", fresh)
    changed([fresh])
    return fresh


@transaction.atomic
def begin_review(*, plan: MarketingPlan, by: User | None) -> MarketingPlan:
    """Somebody looks at a submitted plan: it is in review. One that is already stays so. Closed in other states."""
    fresh = locked(plan, by)
    must_be(fresh, *MarketingPlan.REVIEWED)
    if fresh.state == State.SUBMITTED:
        fresh.state = State.IN_REVIEW
        fresh.save(update_fields=["state", "updated_at"])
        changed([fresh])
    return fresh


@transaction.atomic
def decide(
    *, activity: Activity, decision: str, by: User | None, mdf: Decimal | None = None, reason: str = ""
) -> Activity:
    """Writes what the review says of one activity (Activity.Decision); until the review ends it may be decided anew.

    `mdf`: what is approved of the MDF asked, in the plan's currency: all of it "as_asked"; needed and at most what was asked where
    "changed" of an activity that asks MDF. Denied and returned need a reason, which the partner reads. That `by` may decide is the
    caller's to know (None: the system). ValidationError by field, Closed when the plan isn't in review.
    """
    fresh = locked_activity(activity, None)
    must_be(fresh.plan, *MarketingPlan.REVIEWED)
    if decision not in Decision.values:
        raise ValidationError({"decision": _("Choose a decision.")})
    said = reason_given(reason) if decision in (Decision.DENIED, Decision.RETURNED) else " ".join(reason.split())[:500]
    before = {"decision": fresh.decision, "mdf_approved": fresh.mdf_approved}
    fresh.decision, fresh.decision_reason = decision, said
    fresh.mdf_approved = _approved(fresh, decision, mdf)
    undecided = decision == Decision.UNDECIDED
    fresh.decided_by, fresh.decided_at = (None, None) if undecided else (by, timezone.now())
    fresh.save(update_fields=["decision", "decision_reason", "mdf_approved", "decided_by", "decided_at", "updated_at"])
    begin_review(plan=fresh.plan, by=None)
    after = {"decision": fresh.decision, "mdf_approved": fresh.mdf_approved}
    changes = audit.changes_between(before, after)
    audit.record(by=by, verb="marketing_activity.decided", target=fresh, changes=changes, note=said, in_history=False)
    changed([fresh.plan])
    return fresh


def _approved(activity: Activity, decision: str, mdf: Decimal | None) -> Decimal | None:
    if decision in (Decision.UNDECIDED, Decision.RETURNED):
        return None
    if decision == Decision.DENIED:
        return Decimal(0)
    if decision == Decision.AS_ASKED:
        return Decimal(activity.mdf_asked)
    if mdf is None:
        if activity.mdf_asked:
            raise ValidationError({"mdf": _("Say how much MDF is approved.")})
        return Decimal(0)
    if not 0 <= mdf <= activity.mdf_asked:
        raise ValidationError({"mdf": _("Approve an amount from 0 up to what was asked.")})
    return mdf


@transaction.atomic
def finish_review(*, plan: MarketingPlan, by: User | None) -> MarketingPlan:
    """Ends the review by what was decided of the activities: with one returned, changes are requested of the plan, which then can be
    changed and submitted again; else it is approved, all or some of it (`scope_of`), or rejected where all are denied.

    NotReady while one is undecided, Closed when the plan isn't in review.
    """
    fresh = locked(plan, None)
    must_be(fresh, *MarketingPlan.REVIEWED)
    rows = list(Activity.objects.unscoped("of one plan in reach").filter(plan=fresh))
    decisions = {row.decision for row in rows}
    if Decision.UNDECIDED in decisions:
        raise NotReady([_("Decide about each activity first.")])
    if Decision.RETURNED in decisions:
        fresh.state = State.CHANGES_REQUESTED
    elif decisions & set(Activity.APPROVED):
        fresh.state = State.APPROVED
    else:
        fresh.state = State.REJECTED
    fresh.decided_at = timezone.now()
    fresh.save(update_fields=["state", "decided_at", "updated_at"])
    _say(fresh, f"marketing_plan.{fresh.state}", by)
    return fresh


def scope_of(plan: MarketingPlan) -> str | None:
    """Of an approved plan, whatever became of it since: "all" or "some" of its activities; else None."""
    if plan.state not in MarketingPlan.GOOD:
        return None
    return "some" if any(not row.is_approved for row in plan.activities.all()) else "all"


def begin_running(*, on: dt.date) -> int:
    """Approved plans whose first day has come by `on` begin to run; gives how many."""
    due = MarketingPlan.objects.unscoped("every night").filter(state=State.APPROVED, starts_on__lte=on)
    return sum(_begin(plan, on) for plan in due.order_by("pk"))


@transaction.atomic
def _begin(plan: MarketingPlan, on: dt.date) -> int:
    fresh = locked(plan, None)
    if fresh.state != State.APPROVED or fresh.starts_on > on:
        return 0
    fresh.state = State.RUNNING
    fresh.save(update_fields=["state", "updated_at"])
    _say(fresh, "marketing_plan.running", None)
    return 1


def _undecide(plan: MarketingPlan) -> None:
    Activity.objects.unscoped("of one plan in reach").filter(plan=plan).update(
        decision=Decision.UNDECIDED, decision_reason="", mdf_approved=None, decided_by=None, decided_at=None
    )


def _as_it_is(plan: MarketingPlan) -> Any:
    """The plan with its activities read afresh, as `reading` wants it."""
    rows = MarketingPlan.objects.unscoped("of one plan in reach").filter(pk=plan.pk)
    parts = Activity.objects.unscoped("of one plan in reach").select_related("tactic").order_by("position", "id")
    return rows.prefetch_related(
        queries.Prefetch("activities", parts.prefetch_related("product_lines", "budget")), "product_lines"
    ).get()


def _say(plan: MarketingPlan, verb: str, by: User | None) -> None:
    audit.record(by=by, verb=verb, target=plan)
    tell(verb, plan)
    changed([plan])


__all__ = [
    "begin_review", "begin_running", "decide", "finish_review", "not_ready", "recall", "scope_of", "submit", "withdraw",
]  # fmt: skip
