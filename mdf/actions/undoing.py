"""What was booked for requests and claims by mistake is taken back in the ledger: here they follow, in the same transaction."""

from __future__ import annotations

from django.db import transaction
from django.db.utils import OperationalError
from django.utils.translation import gettext as _

from accounts.models import User
from mdf.actions.common import Kind, lines_of, must_be, put_down
from mdf.actions.ending import end, give_back_what_is_held
from mdf.actions.posting import held
from mdf.actions.reversing import on_reversal, reverse
from mdf.actions.stepping import end_round
from mdf.models import Claim, Entry, Line, Request
from mdf.refusals import Closed
from mdf.telling import tell

State = Request.State
ENDED = Request.ENDED


@on_reversal
def follow(entry: Entry, reversal: Entry, by: User) -> None:
    """Spent by mistake: the claim goes back to be corrected, or is rejected where its request has ended. Reserved by mistake: the
    request is closed. Released by mistake, and so closed: the request is open again, with all that it held."""
    match entry.subject_kind, entry.kind:
        case "claim", Entry.Kind.SPEND:
            _revoke(entry, reversal, by)
        case "request", Entry.Kind.RESERVE:
            _close(entry, reversal, by)
        case "request", Entry.Kind.RELEASE:
            _open_again(entry, reversal, by)


def _revoke(entry: Entry, reversal: Entry, by: User) -> None:
    rows = Claim.objects.unscoped("whose money it is").filter(pk=entry.subject_id)
    claim = rows.select_related("partner", "request__fund", "line__activity").first()
    if claim is None:
        return
    request = _held_request(claim.request_id)
    claim.refresh_from_db()
    must_be(claim, *Claim.GRANTED)
    must_be(request, State.APPROVED, *ENDED)
    line = Line.objects.unscoped("whose money it is").get(pk=claim.line_id)
    line.claimed -= entry.amount
    line.save(update_fields=["claimed"])
    paid = {"paid": claim.paid_reference} if claim.paid_reference else {}
    over = request.state in ENDED
    claim.state = Claim.State.REJECTED if over else Claim.State.RETURNED
    claim.approved = claim.approved_on = claim.is_full = None
    claim.paid_reference, claim.paid_on, claim.paid_by = "", None, None
    claim.reason = reversal.reason
    claim.save()
    end_round(claim)
    if over:
        give_back_what_is_held(request, by=by, reason=reversal.reason)
        request.save()
    happening = put_down(claim, Kind.REVOKED, by=by, reason=reversal.reason, details=paid)
    tell("claim.revoked", claim, happening=happening)


def _close(entry: Entry, reversal: Entry, by: User) -> None:
    if not Request.objects.unscoped("whose money it is").filter(pk=entry.subject_id).exists():
        return
    request = _held_request(entry.subject_id)
    must_be(request, State.APPROVED)
    claims = Claim.objects.unscoped("of the request in hand").filter(request=request)
    if claims.filter(state__in=[*Claim.REVIEWED, *Claim.GRANTED]).exists():
        raise Closed(_("Something is claimed of this request already. Close it: that gives back what isn’t used."))
    request.released += entry.amount
    end(request, State.CLOSED, by=by, reason=reversal.reason)


def _open_again(entry: Entry, reversal: Entry, by: User) -> None:
    if not Request.objects.unscoped("whose money it is").filter(pk=entry.subject_id).exists():
        return
    request = _held_request(entry.subject_id)
    if request.state not in ENDED:
        return  # it is open again since the first of its releases was taken back
    request.state, request.closed_by, request.closed_at, request.released = State.APPROVED, None, None, 0
    request.save()
    released = Entry.objects.unscoped("of the request in hand").filter(
        subject_kind="request", subject_id=request.pk, kind=Entry.Kind.RELEASE, reversal__isnull=True
    )
    for other in released.exclude(pk=entry.pk).order_by("pk"):
        reverse(by=by, entry=other, reason=reversal.reason)
    if any(held(line.pk) != line.left for line in lines_of(request)):
        raise Closed(_("What was reserved for this request was taken back, too. Submit the plan’s activities anew."))
    put_down(request, Kind.REOPENED, by=by, reason=reversal.reason)


def _held_request(pk: int | None) -> Request:
    """The request, locked with its claims. The accounts are locked already, which everybody else locks last: so this doesn't wait."""
    try:
        with transaction.atomic():
            rows = Request.objects.unscoped("whose money it is").select_related("partner", "plan", "fund", "account")
            found: Request = rows.select_for_update(of=("self",), nowait=True).get(pk=pk)
            claims = Claim.objects.unscoped("whose money it is").filter(request=found).order_by("pk")
            list(claims.select_for_update(of=("self",), nowait=True).values_list("pk"))
    except OperationalError as error:
        raise Closed(_("Somebody works on this request right now. Try again in a moment.")) from error
    return found
