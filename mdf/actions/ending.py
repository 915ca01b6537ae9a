"""A request ends: closed by the vendor, used up, or expired; what it still holds goes back to its account."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from functools import partial

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from marketing import actions as marketing
from mdf import claiming
from mdf.actions.common import Kind, lines_of, locked_request, must_be, put_down, reason_given
from mdf.actions.posting import release
from mdf.actions.stepping import end_round
from mdf.models import Claim, Line, Request
from mdf.queries.claims import given_back
from mdf.queries.requests import may_close
from mdf.refusals import Closed, NotAllowed
from mdf.telling import tell

log = logging.getLogger(__name__)
State = Request.State
NOT_APPROVED = (*Request.REVIEWED, State.RETURNED)


@transaction.atomic
def close(*, by: User, request: Request, reason: str) -> Request:
    """Ends a request that is approved, or that was returned or rejected and isn't pursued; what it still holds is released, and expires at
    once where its day has passed. NotAllowed, Closed while a claim of it is under review, ValidationError without a reason."""
    fresh = locked_request(request, by)
    if not may_close(by):
        raise NotAllowed(_("You may not close requests."))
    must_be(fresh, *Request.CLOSABLE)
    said = reason_given(reason)
    if _claims(fresh).filter(state__in=Claim.REVIEWED).exists():
        raise Closed(_("A claim of this request waits for a decision. Decide it first."))
    return end(fresh, State.CLOSED, by=by, reason=said)


def end_due(*, on: dt.date) -> int:
    """Approved requests whose last day to claim has passed by `on` expire, unless a claim waits; those that are used up and paid are
    closed. So do those not approved whose fund has expired: their plans can ask another. Gives how many ended."""
    done = _expire_asked(on)
    for pk in list(_due(on).values_list("pk", flat=True)):
        done += _each(_end_one, pk)
    return done


def _each(act: Callable[[int], int], pk: int) -> int:
    """One row of a round: what fails with it doesn't keep the others waiting."""
    try:
        with transaction.atomic():
            return act(pk)
    except Exception:
        log.exception("%s failed with %s", act, pk)
        return 0


def _end_one(pk: int) -> int:
    rows = Request.objects.unscoped("every night").select_for_update(of=("self",), skip_locked=True)
    fresh = rows.select_related("partner", "plan", "fund", "account").filter(pk=pk, state=State.APPROVED).first()
    if fresh is None or _open_claims(pk).exists():  # one may have come while the lock was waited for
        return 0
    used_up = not any(line.left for line in lines_of(fresh))
    end(fresh, State.CLOSED if used_up else State.EXPIRED, by=None, reason="")
    return 1


def _expire_asked(on: dt.date) -> int:
    rows = Request.objects.unscoped("every night").filter(state__in=NOT_APPROVED, fund__expires_on__lt=on)
    return sum(_each(_expire_one, pk) for pk in list(rows.order_by("pk").values_list("pk", flat=True)))


def _expire_one(pk: int) -> int:
    rows = Request.objects.unscoped("every night").filter(pk=pk, state__in=NOT_APPROVED)
    locked = rows.select_for_update(of=("self",), skip_locked=True)
    fresh = locked.select_related("partner", "plan", "fund", "account").first()
    if fresh is None:
        return 0
    words = _("%(fund)s has expired.") % {"fund": fresh.fund}
    if fresh.state in Request.REVIEWED:
        _give_plan_back(fresh, words)
    end(fresh, State.EXPIRED, by=None, reason=words)
    return 1


def _give_plan_back(request: Request, words: str) -> None:
    """Ends the review of a request: its plan can be changed, and ask another fund."""
    end_round(request)
    for line in lines_of(request):
        line.decision, line.decided_in_plan, line.note = Line.Decision.RETURNED, None, words
        line.save()
        marketing.decide(activity=line.activity, decision=line.decision, by=None, reason=words)
    marketing.finish_review(plan=request.plan, by=None)


def _due(on: dt.date) -> QuerySet[Request]:
    rows = Request.objects.unscoped("every night").filter(state=State.APPROVED, fund__isnull=False)
    rows = rows.exclude(Exists(_open_claims(OuterRef("pk")))).annotate(
        last_day=Max("lines__claim_until"), granted=Sum("lines__approved"), used=Sum("lines__claimed")
    )
    due: QuerySet[Request] = rows.filter(last_day__lt=on) | rows.filter(granted=F("used"))
    return due.order_by("pk")


def _open_claims(request: OuterRef | int) -> QuerySet[Claim]:
    """What keeps a request open: what waits for a decision or its payment, and what the vendor gave back to be completed."""
    rows = Claim.objects.unscoped("of the request of the row").filter(request=request)
    returned = Q(Exists(given_back("pk")), state=Claim.State.RETURNED)
    found: QuerySet[Claim] = rows.filter(Q(state__in=[*Claim.REVIEWED, Claim.State.APPROVED]) | returned)
    return found


def end(request: Request, state: str, *, by: User | None, reason: str) -> Request:
    """Ends a locked request: what it still holds is released."""
    give_back_what_is_held(request, by=by, reason=reason)
    request.state, request.closed_by, request.closed_at = state, by, timezone.now()
    if reason:
        request.reason = reason
    request.save()
    _end_claims(request, by=by)
    kind = Kind.CLOSED if state == State.CLOSED else Kind.EXPIRED
    details = {"released": f"{request.released:f}", "currency": request.currency}
    happening = put_down(request, kind, by=by, reason=reason, details=details)
    tell(f"request.{state}", request, happening=happening)
    return request


def give_back_what_is_held(request: Request, *, by: User | None, reason: str) -> None:
    """Releases what the lines of a locked request hold, and adds it to what was released, which isn't saved yet."""
    for line in lines_of(request):
        for entry in release(hold=line.pk, subject=request, by=by, reason=reason):
            if entry.kind == entry.Kind.RELEASE:
                request.released += entry.amount


def _end_claims(request: Request, *, by: User | None) -> None:
    """What the partner has back to complete is over, too; a draft can be thrown away."""
    rows = _claims(request).filter(state=Claim.State.RETURNED).select_related("partner", "request", "line__activity")
    for claim in rows.order_by("pk"):
        claim.state, claim.decided_by, claim.decided_at = Claim.State.REJECTED, by, timezone.now()
        claim.reason = _("The request has ended: nothing can be claimed of it any more.")
        claim.save()
        put_down(claim, Kind.REJECTED, by=by, reason=claim.reason)


def _claims(request: Request) -> QuerySet[Claim]:
    rows: QuerySet[Claim] = Claim.objects.unscoped("of a request in reach").filter(request=request)
    return rows


def remind_to_claim(*, on: dt.date) -> int:
    """Reminds of lines that can still be claimed: after the activity's end, and before the deadline; gives how many."""
    rows = Line.objects.unscoped("every night").filter(
        request__state=State.APPROVED, claim_until__gte=on, approved__gt=F("claimed"), activity__ends_on__lt=on
    )
    under_way = Claim.objects.unscoped("of the line of the row").filter(line=OuterRef("pk"), state__in=Claim.REVIEWED)
    due = rows.exclude(Exists(under_way)).order_by("pk").values_list("pk", flat=True)
    return sum(_each(partial(_remind_of, on=on), pk) for pk in list(due))


def _remind_of(pk: int, *, on: dt.date) -> int:
    locked = Line.objects.unscoped("every night").select_for_update(of=("self",), skip_locked=True)
    line = locked.select_related("activity", "request__partner", "request__plan").filter(pk=pk).first()
    if line is None or line.claim_until is None:
        return 0
    due = claiming.reminder_due(
        ends_on=line.activity.ends_on, last_day=line.claim_until, day=on, last=line.reminded_days
    )
    if due is None:
        return 0
    line.reminded_days = due
    line.save(update_fields=["reminded_days"])
    tell("line.reminder", line.request, line=line)
    return 1
