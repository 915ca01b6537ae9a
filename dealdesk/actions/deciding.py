"""The vendor decides: approved, returned to be completed, or rejected. Each with a reason, which the partner reads."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from dealdesk import rules
from dealdesk.actions.checking import freed, look
from dealdesk.actions.common import (
    follow_with_lead,
    give_lead_back,
    hold_places,
    locked,
    must_be,
    must_decide,
    put_down,
    reason_given,
)
from dealdesk.clocks import calendar_of
from dealdesk.models import Conflict, Registration, Step
from dealdesk.policy import HUNDRED, RegistrationPolicy, policy_on
from dealdesk.refusals import InConflict
from dealdesk.telling import tell
from partners.models import Partner
from pipeline.deals import actions as deals
from pipeline.models import Customer, Deal, DealStage
from prm.common.vendor import today

State, Flag = Registration.State, Registration.Flag


def approve(
    *,
    by: User,
    registration: Registration,
    reason: str,
    override: bool = False,
    deal: Deal | None = None,
    second_partner: Partner | None = None,
    second_share: Decimal | None = None,
) -> Registration:
    """Protects it for the policy's days, and makes its deal, or links `deal`, an open one of the partner.

    A second partner gets a share of the new deal, the policy's where `second_share` (percent) is None. InConflict where by now
    something comes before it and `override` isn't set; with it the decision is kept as an override, also with the one passed over.
    NotAllowed, Closed, ValidationError by field (reason, deal, second_partner, second_share).
    """
    with transaction.atomic():
        hold_places()
        fresh = locked(registration, by)
        must_decide(by, fresh)
        must_be(fresh, State.SUBMITTED)
        said = reason_given(reason)
        look(fresh)  # what came or went since it was checked counts
        must_decide(by, fresh)  # also for who may decide
        if override or fresh.flag != Flag.FLAGGED:
            return _approved(by, fresh, said, deal, second_partner, second_share)
    # What was found is kept, so that it is there to be looked at.
    raise InConflict(
        _("Something for the same customer comes before it. Look at it, then approve it all the same as an override.")
    )


def _approved(
    by: User, fresh: Registration, said: str, deal: Deal | None, second: Partner | None, share: Decimal | None
) -> Registration:
    policy, day = policy_on(today()), today()
    is_override = fresh.flag == Flag.FLAGGED
    fresh.deal = _deal_of(by, fresh, deal, second, _share(second, share, policy))
    fresh.state, fresh.reason = State.APPROVED, said
    fresh.decided_by, fresh.decided_at = by, timezone.now()
    fresh.protected_from, fresh.expires_on = day, rules.protected_until(day, policy.protection_days)
    fresh.reminded_days, fresh.may_exist = None, False
    fresh.discount = policy.discount(fresh.partner.tier.key if fresh.partner.tier else None)
    fresh.save()
    details: dict[str, Any] = {"protected_until": fresh.expires_on.isoformat(), "deal": fresh.deal.pk}
    if fresh.discount is not None:
        details["discount"] = f"{fresh.discount:f}"
    step = put_down(fresh, Step.Kind.APPROVED, by=by, reason=said, is_override=is_override, details=details)
    tell("approved", fresh, step)
    if is_override:
        _tell_overruled(fresh)
    follow_with_lead(fresh, fresh.deal)
    return fresh


@transaction.atomic
def give_back(*, by: User, registration: Registration, reason: str) -> Registration:
    """Returns it to the partner to be completed; submitted again within five working days it keeps its place.
    NotAllowed, Closed, ValidationError without a reason."""
    hold_places()
    fresh = locked(registration, by)
    must_decide(by, fresh)
    must_be(fresh, State.SUBMITTED)
    said, now = reason_given(reason), timezone.now()
    fresh.state, fresh.reason, fresh.decided_by, fresh.decided_at = State.RETURNED, said, by, now
    fresh.place_until = rules.place_until(now, policy_on(today()), calendar_of(fresh.created_by))
    fresh.save()
    step = put_down(fresh, Step.Kind.RETURNED, by=by, reason=said, details={"until": fresh.place_until.isoformat()})
    tell("returned", fresh, step)
    return fresh


@transaction.atomic
def reject(*, by: User, registration: Registration, reason: str) -> Registration:
    """NotAllowed, Closed, ValidationError without a reason."""
    hold_places()
    fresh = locked(registration, by)
    must_decide(by, fresh)
    must_be(fresh, State.SUBMITTED)
    said = reason_given(reason)
    fresh.state, fresh.reason, fresh.decided_by, fresh.decided_at = State.REJECTED, said, by, timezone.now()
    fresh.save()
    freed(fresh)
    give_lead_back(fresh)
    tell("rejected", fresh, put_down(fresh, Step.Kind.REJECTED, by=by, reason=said))
    return fresh


def _share(second: Partner | None, share: Decimal | None, policy: RegistrationPolicy) -> Decimal:
    if second is None:
        return Decimal(0)
    percent = policy.second_share if share is None else share
    if not 0 < percent < HUNDRED or percent != round(percent, 2):
        raise ValidationError({"second_share": _("A share is above 0 and below 100 %, with two decimals at most.")})
    return percent


def _deal_of(by: User, registration: Registration, deal: Deal | None, second: Partner | None, share: Decimal) -> Deal:
    """The one deal: the one there is, or a new one in the first stage."""
    if second is not None and second.pk == registration.partner_id:
        raise ValidationError({"second_partner": _("This is the partner itself.")})
    if deal is not None:
        if second is not None:
            raise ValidationError({"second_partner": _("Shares of a deal that exists are changed there.")})
        return _linked(by, registration, deal)
    lines = list(registration.product_lines.order_by("order", "pk"))
    made = deals.add_deal(
        by=by,
        needs=Permission.DECIDE_REGISTRATIONS,
        partner=registration.partner,
        name=f"{registration.customer_name}: {', '.join(str(line) for line in lines)}"[:250],
        amount=registration.amount or Decimal(0),
        currency=registration.currency,
        customer_name=registration.customer_name,
        product_line=lines[0] if lines else None,
        expected_close=registration.expected_close,
        registered_on=today(),
        shares=rules.shares(leader=registration.partner_id, second=second.pk if second else None, percent=share),
    )
    _complete(made.customer, registration)
    return made


def _complete(customer: Customer | None, registration: Registration) -> None:
    """What the customer is found by when somebody registers it again, where nothing was known of it."""
    if customer is None:
        return
    known = {"domain": registration.domain, "country": registration.country}
    if new := {name: value for name, value in known.items() if value and not getattr(customer, name)}:
        for name, value in new.items():
            setattr(customer, name, value)
        customer.save(update_fields=list(new))


def _linked(by: User, registration: Registration, deal: Deal) -> Deal:
    taken = Registration.objects.unscoped("deals that are taken").filter(deal=deal, state=State.APPROVED)
    found = Deal.objects.unscoped("the partner's own").filter(
        pk=deal.pk, partner=registration.partner_id, stage__outcome=DealStage.Outcome.OPEN
    )
    if not found.exists() or taken.exclude(pk=registration.pk).exists():
        raise ValidationError({"deal": _("Choose an open deal of this partner that has no registration yet.")})
    return deals.mark_registered(by=by, deal=deal, on=today())


def _tell_overruled(registration: Registration) -> None:
    """Whoever came first learns that another one was approved all the same, and nothing of it."""
    rows = Conflict.objects.unscoped("those it was approved over").filter(
        registration=registration, degree=Flag.FLAGGED, other__isnull=False
    )
    for conflict in rows.select_related("other__partner", "other__created_by").order_by("other"):
        step = put_down(conflict.other, Step.Kind.OVERRULED, by=None, is_override=True)
        tell("overruled", conflict.other, step)
