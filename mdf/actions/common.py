"""What all writes of requests and claims share."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from mdf.events import MdfChanged
from mdf.models import Claim, Happening, Line, Request
from mdf.refusals import Closed, NotAllowed
from partners import history
from prm.common import audit, events
from prm.common.money import Money
from prm.webhooks import news

LONGEST_REASON = 500
Kind = Happening.Kind

_WORDS = {
    "mdf_request.submitted": gettext_lazy("MDF asked for"),
    "mdf_request.resubmitted": gettext_lazy("MDF asked for again"),
    "mdf_request.recalled": gettext_lazy("Request for MDF taken back"),
    "mdf_request.step": gettext_lazy("Request for MDF approved at one step"),
    "mdf_request.approved": gettext_lazy("Request for MDF approved"),
    "mdf_request.returned": gettext_lazy("Request for MDF returned"),
    "mdf_request.rejected": gettext_lazy("Request for MDF rejected"),
    "mdf_request.closed": gettext_lazy("Request for MDF closed"),
    "mdf_request.expired": gettext_lazy("Request for MDF expired"),
    "mdf_request.reopened": gettext_lazy("Request for MDF opened again"),
    "mdf_request.reminded": gettext_lazy("Reminded of a request for MDF"),
    "mdf_request.escalated": gettext_lazy("Request for MDF not decided in time"),
    "mdf_claim.submitted": gettext_lazy("MDF claimed"),
    "mdf_claim.resubmitted": gettext_lazy("MDF claimed again"),
    "mdf_claim.recalled": gettext_lazy("Claim taken back"),
    "mdf_claim.step": gettext_lazy("Claim approved at one step"),
    "mdf_claim.approved": gettext_lazy("Claim approved"),
    "mdf_claim.returned": gettext_lazy("Claim returned"),
    "mdf_claim.rejected": gettext_lazy("Claim rejected"),
    "mdf_claim.paid": gettext_lazy("Claim paid"),
    "mdf_claim.revoked": gettext_lazy("Approval of a claim revoked"),
    "mdf_claim.reminded": gettext_lazy("Reminded of a claim"),
    "mdf_claim.escalated": gettext_lazy("Claim not decided in time"),
}
audit.VERBS.update(_WORDS)
history.VERBS.update({verb: format_lazy("{words}: %(name)s", words=words) for verb, words in _WORDS.items()})
audit.VERBS.update(
    {
        "mdf_claim.started": gettext_lazy("Claim begun"),
        "mdf_claim.changed": gettext_lazy("Claim changed"),
        "mdf_claim.counted": gettext_lazy("What of a claim’s receipts counts"),
        "mdf_claim.discarded": gettext_lazy("Draft of a claim thrown away"),
        "mdf_proof.added": gettext_lazy("File added to a claim"),
        "mdf_proof.removed": gettext_lazy("File removed from a claim"),
        "mdf_delegation.added": gettext_lazy("Delegation of MDF decisions added"),
        "mdf_delegation.ended": gettext_lazy("Delegation of MDF decisions ended"),
        "mdf_approval.set": gettext_lazy("Approval rules of MDF set"),
    }
)

_REQUEST = {
    "id": 5,
    "reference": "M-7KX2MQP",
    "partner": 7,
    "plan": 4,
    "fund": 2,
    "state": "approved",
    "asked": {"amount": "4500.00", "currency": "EUR"},
    "approved": {"amount": "4000.00", "currency": "EUR"},
}
_CLAIM = {
    "id": 9,
    "reference": "C-7KX2MQP",
    "partner": 7,
    "request": 5,
    "activity": 12,
    "state": "paid",
    "claimed": {"amount": "2000.00", "currency": "EUR"},
    "approved": {"amount": "2000.00", "currency": "EUR"},
    "paid_on": "2027-05-12",
}
TOLD = {
    "mdf_request": {
        Kind.SUBMITTED: news.kind("mdf_request.submitted", gettext_lazy("MDF asked for"), example=_REQUEST | {"state": "submitted", "approved": None}),
        Kind.APPROVED: news.kind("mdf_request.approved", gettext_lazy("Request for MDF approved, in full or a part"), example=_REQUEST),
        Kind.RETURNED: news.kind("mdf_request.returned", gettext_lazy("Request for MDF returned to the partner"), example=_REQUEST | {"state": "returned", "approved": None}),
        Kind.REJECTED: news.kind("mdf_request.rejected", gettext_lazy("Request for MDF rejected"), example=_REQUEST | {"state": "rejected", "approved": None}),
        Kind.CLOSED: news.kind("mdf_request.closed", gettext_lazy("Request for MDF closed"), example=_REQUEST | {"state": "closed"}),
        Kind.EXPIRED: news.kind("mdf_request.expired", gettext_lazy("Request for MDF expired"), example=_REQUEST | {"state": "expired"}),
    },
    "mdf_claim": {
        Kind.SUBMITTED: news.kind("mdf_claim.submitted", gettext_lazy("MDF claimed"), example=_CLAIM | {"state": "submitted", "approved": None, "paid_on": None}),
        Kind.APPROVED: news.kind("mdf_claim.approved", gettext_lazy("Claim approved, in full or a part"), example=_CLAIM | {"state": "approved", "paid_on": None}),
        Kind.RETURNED: news.kind("mdf_claim.returned", gettext_lazy("Claim returned to the partner"), example=_CLAIM | {"state": "returned", "approved": None, "paid_on": None}),
        Kind.REJECTED: news.kind("mdf_claim.rejected", gettext_lazy("Claim rejected"), example=_CLAIM | {"state": "rejected", "approved": None, "paid_on": None}),
        Kind.PAID: news.kind("mdf_claim.paid", gettext_lazy("Claim paid"), example=_CLAIM),
    },
}  # fmt: skip
_SAME_NEWS = {Kind.RESUBMITTED: Kind.SUBMITTED}


def name_of(of: Request | Claim) -> str:
    """How the audit log and other systems call it."""
    return "mdf_claim" if isinstance(of, Claim) else "mdf_request"


def locked_request(request: Request, by: User | None) -> Request:
    """The request as it is now, locked for this transaction. NotAllowed out of reach."""
    seen = _seen(Request, request, by)
    rows = Request.objects.unscoped("narrowed above").filter(pk__in=seen)
    rows = rows.select_related("partner", "plan", "fund", "account", "submitted_by")
    found: Request | None = rows.select_for_update(of=("self",)).first()
    if found is None:
        raise NotAllowed(_("You may not work on this request."))
    return found


def locked_claim(claim: Claim, by: User | None) -> Claim:
    """The claim as it is now, its request and itself locked, in this order everywhere. NotAllowed out of reach."""
    seen = list(_seen(Claim, claim, by).values_list("pk", flat=True))
    if not seen:
        raise NotAllowed(_("You may not work on this claim."))
    Request.objects.unscoped("of a claim in reach").select_for_update(of=("self",)).get(pk=claim.request_id)
    rows = Claim.objects.unscoped("narrowed above").filter(pk__in=seen)
    rows = rows.select_related("partner", "request__plan", "request__fund", "line__activity__tactic", "submitted_by")
    found: Claim | None = rows.select_for_update(of=("self",)).first()
    if found is None:
        raise NotAllowed(_("This claim was removed."))
    return found


def _seen(model: type[Request | Claim], row: models.Model, by: User | None) -> Any:
    rows = model.objects.unscoped("by the system") if by is None else model.objects.visible_to(by)
    return rows.filter(pk=row.pk).order_by().values("pk")


def lines_of(request: Request) -> list[Line]:
    """Its lines in order, with their activities, locked with the request."""
    rows = Line.objects.unscoped("of a request in reach").filter(request=request)
    return list(rows.select_related("activity__plan", "activity__tactic").order_by("position", "pk"))


def must_be(of: Request | Claim, *states: str) -> None:
    """Closed in another state."""
    if of.state in states:
        return
    words = {"what": of.reference, "state": of.get_state_display()}
    raise Closed(_("%(what)s is in another state by now: %(state)s.") % words)


def reason_given(reason: str, *, needed: bool = True, field: str = "reason") -> str:
    """The reason, tidied. ValidationError without one where it is needed."""
    said = " ".join(reason.split())
    if needed and not said:
        raise ValidationError({field: _("Give a reason: the partner reads it.")})
    if len(said) > LONGEST_REASON:
        raise ValidationError({field: _("This is too long: at most %(n)s characters.") % {"n": LONGEST_REASON}})
    return said


def put_down(
    of: Request | Claim, kind: Kind, *, by: User | None, reason: str = "", details: Mapping[str, Any] | None = None
) -> Happening:
    """Writes what happened into the history of the request or claim, the audit log, and the news. The row must be saved."""
    happening = Happening(
        request=of if isinstance(of, Request) else None,
        claim=of if isinstance(of, Claim) else None,
        kind=kind, reason=reason, details=dict(details or {}), by=by, at=timezone.now(),
    )  # fmt: skip
    happening.save()
    name = name_of(of)
    internal = kind in Happening.INTERNAL
    audit.record(by=by, verb=f"{name}.{kind.value}", target=of, note=reason, in_history=not internal)
    if told := TOLD[name].get(_SAME_NEWS.get(kind, kind)):
        news.send(told.key, as_news(of))
    events.send(MdfChanged((of.partner_id,), *(((), (of.pk,)) if isinstance(of, Claim) else ((of.pk,), ()))))
    return happening


def as_news(of: Request | Claim) -> dict[str, Any]:
    """What other systems are told of it."""
    if isinstance(of, Request):
        return {
            "id": of.pk,
            "reference": of.reference,
            "partner": of.partner_id,
            "plan": of.plan_id,
            "fund": of.fund_id,
            "state": str(of.state),
            "asked": as_money(of.asked, of.currency),
            "approved": as_money(of.approved, of.currency),
        }
    currency = of.request.currency
    return {
        "id": of.pk,
        "reference": of.reference,
        "partner": of.partner_id,
        "request": of.request_id,
        "activity": of.line.activity_id,
        "state": str(of.state),
        "claimed": as_money(of.claimed, currency),
        "approved": as_money(of.approved, currency),
        "paid_on": of.paid_on.isoformat() if of.paid_on else None,
    }


def as_money(amount: Decimal | None, currency: str) -> dict[str, str] | None:
    """An amount to its minor unit, as text."""
    if amount is None:
        return None
    return {"amount": f"{Money(amount, currency).rounded().amount:f}", "currency": currency}
