"""The steps of a round of review: begun, passed, ended; reminders and escalation when a clock runs out."""

from __future__ import annotations

import logging
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from mdf import steps as rules_of_steps
from mdf.actions.common import Kind, put_down
from mdf.approval_rules import rules_on
from mdf.models import ApprovalStep, Claim, Request
from mdf.queries import waiting
from mdf.queries.asked import asked_in_quarter
from mdf.refusals import Closed, NotAllowed
from mdf.steps import Decider, Level, Rules
from mdf.telling import tell
from prm.common.vendor import vendor_settings, work_calendar

log = logging.getLogger(__name__)
State = ApprovalStep.State


def rules_for(of: Request | Claim) -> Rules:
    """Those in force on the day it was submitted last."""
    if isinstance(of, Request):
        return rules_on(of.fund, of.submitted_on)
    assert of.submitted_at is not None  # a claim's `submitted_on` is the first time
    zone = ZoneInfo(vendor_settings().time_zone)
    return rules_on(of.request.fund, of.submitted_at.astimezone(zone).date())


def open_round(of: Request | Claim) -> None:
    """Lays out the steps of a submission and begins the first."""
    end_round(of)
    needed = rules_for(of).needed(asked_in_quarter(of))
    ApprovalStep.objects.bulk_create(
        ApprovalStep(**_of(of), round=of.round, position=position, level=level) for position, level in enumerate(needed)
    )
    _begin(of, steps_of(of)[0])


def end_round(of: Request | Claim) -> None:
    """What still waits or is to come isn't needed any more."""
    rows = ApprovalStep.objects.unscoped("of one in hand").filter(**_of(of))
    rows.filter(state__in=[State.WAITING, State.AHEAD]).update(state=State.ENDED)


def steps_of(of: Request | Claim) -> list[ApprovalStep]:
    """Those of the round there is, in order."""
    rows = ApprovalStep.objects.unscoped("of one in hand").filter(**_of(of), round=of.round)
    return list(rows.order_by("position"))


def to_decide(of: Request | Claim, by: User, step_id: int | None = None) -> tuple[ApprovalStep, Decider]:
    """The step that waits and how this person may decide it. NotAllowed, with the reason where it is their own; Closed where another
    step (`step_id`: the one the person looked at) waits by now."""
    step = waiting.current(of)
    if step is None or (step_id is not None and step.pk != step_id):
        raise Closed(_("Somebody else has decided this step meanwhile."))
    own = waiting.own(of)
    if by.can(Permission.DECIDE_MDF):
        for one in waiting.Standing().deciders(step, own):
            if one.person == by.pk:
                return step, one
    if by.pk in own:
        raise NotAllowed(_("You don’t decide what you created, submitted or changed an amount of yourself."))
    raise NotAllowed(
        _("This step isn’t yours to decide: it waits for %(who)s.") % {"who": step.get_level_display().lower()}
    )


def passed(
    of: Request | Claim, step: ApprovalStep, decider: Decider, *, by: User, amount: Decimal | None, reason: str
) -> bool:
    """Puts the approval of a step down and begins the next, if one is needed by what was asked until now, or by `amount` where that is
    more (at today's rates); gives whether it was the last. A decision further up covers the steps below it."""
    _decided(step, State.APPROVED, decider, by=by, amount=amount, reason=reason)
    rows = steps_of(of)
    there = {row.level for row in rows}
    own = (of.claimed if isinstance(of, Claim) else of.asked) or Decimal(0)
    for level in rules_for(of).needed(asked_in_quarter(of) + max((amount or Decimal(0)) - own, Decimal(0))):
        if level.value not in there and not decider.level.covers(level):
            added = ApprovalStep(**_of(of), round=of.round, position=rows[-1].position + 1, level=level)
            added.save()
            rows.append(added)
    for row in rows:
        if row.state == State.AHEAD:
            if not decider.level.covers(Level(row.level)):
                _begin(of, row)
                return False
            row.state = State.COVERED
            row.save(update_fields=["state"])
    return True


def stopped(of: Request | Claim, step: ApprovalStep, state: str, decider: Decider, *, by: User, reason: str) -> None:
    """Puts down that a step returned or rejected it; no other is needed."""
    _decided(step, state, decider, by=by, amount=None, reason=reason)
    end_round(of)


def _decided(
    step: ApprovalStep, state: str, decider: Decider, *, by: User, amount: Decimal | None, reason: str
) -> None:
    step.state, step.decided_by, step.in_place_of_id = state, by, decider.in_place_of
    step.decided_level, step.decided_at = decider.level.value, timezone.now()
    step.amount, step.reason = amount, reason
    step.save()


def _begin(of: Request | Claim, step: ApprovalStep) -> None:
    now = timezone.now()
    clock = rules_of_steps.clock(now, rules_for(of), work_calendar())
    step.state, step.started_at = State.WAITING, now
    step.remind_at, step.decide_by, step.escalate_at = clock.remind_at, clock.decide_by, clock.escalate_at
    step.save()
    tell("step.waiting", of, step=step)


def _of(of: Request | Claim) -> dict[str, Request | Claim]:
    return {"claim": of} if isinstance(of, Claim) else {"request": of}


# ── Clocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def remind() -> int:
    """Reminds of steps that are due within a working day; gives how many. Once for each."""
    now = timezone.now()
    due = _waiting().filter(remind_at__lte=now, reminded_at__isnull=True, escalated_at__isnull=True)
    due = due.filter(started_at__lt=F("remind_at"))  # with one day to decide, the first mail is the reminder
    return _each(due, "reminded_at", Kind.REMINDED, "step.reminded")


def escalate() -> int:
    """What wasn't decided in time goes to the next level up, too; gives how many. Once for each."""
    due = _waiting().filter(escalate_at__lte=timezone.now(), escalated_at__isnull=True)
    return _each(due, "escalated_at", Kind.ESCALATED, "step.escalated")


def _waiting() -> QuerySet[ApprovalStep]:
    rows: QuerySet[ApprovalStep] = ApprovalStep.objects.unscoped("every minute").filter(state=State.WAITING)
    return rows


def _each(due: QuerySet[ApprovalStep], mark: str, kind: Kind, moment: str) -> int:
    done = 0
    for pk in list(due.order_by("decide_by", "pk").values_list("pk", flat=True)[:500]):
        try:
            done += _mark(pk, mark, kind, moment)
        except Exception:
            log.exception("step %s could not be %s", pk, kind.value)  # the others aren't kept waiting by it
    return done


@transaction.atomic
def _mark(pk: int, mark: str, kind: Kind, moment: str) -> int:
    rows = _waiting().filter(pk=pk, **{mark: None}).select_for_update(of=("self",), skip_locked=True)
    step = rows.select_related("request__partner", "request__fund", "claim__partner", "claim__request__fund").first()
    if step is None:
        return 0
    setattr(step, mark, timezone.now())
    step.save(update_fields=[mark])
    happening = put_down(step.of, kind, by=None, details={"level": step.level})
    tell(moment, step.of, step=step, happening=happening)
    return 1
