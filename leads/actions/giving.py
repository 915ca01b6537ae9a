"""Leads are given out: by the rules, by hand, or kept by the vendor."""

from __future__ import annotations

import datetime as dt
import logging

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import Permission
from leads import distribution, reading, telling
from leads.actions.common import (
    Holder,
    Kind,
    State,
    end,
    ground_at,
    hold,
    locked,
    need,
    need_reason,
    one_at_a_time,
    open_offer,
    release,
    step,
)
from leads.distribution import Kept
from leads.events import LeadOffered, LeadOfferEnded
from leads.models import Distribution, Lead, LeadOffer
from leads.reading import Ground
from leads.refusals import NoRoom, NotNow
from partners.models import Partner
from prm.common import events

log = logging.getLogger(__name__)

TRY_AGAIN = dt.timedelta(hours=1)  # where nobody was free


@transaction.atomic
def distribute(
    *, by: User | None, lead: Lead, at: dt.datetime | None = None, now: Ground | None = None
) -> Distribution:
    """Runs the rules in force on a lead that waits, and offers it to the one they choose, or keeps it direct where the rule says so.

    Nobody free: it stays in the queue and is tried again in an hour, until somebody is. Raises NotNow for a lead that doesn't wait.
    `by` a person who starts it anew: the count of its offers begins from the start. `now`: what holds at the moment, where read already.
    """
    need(by, Permission.EDIT_LEADS)
    one_at_a_time()
    row = locked(lead)
    if row.state != State.NEW:
        raise NotNow(_("This lead doesn’t wait to be given out: %(state)s.") % {"state": row.get_state_display()})
    now = ground_at(at, now)
    if by is not None and row.offers.filter(round=row.round).exists():
        row.round += 1
    kept = distribution.choose(
        reading.facts_of(row),
        now.policy,
        reading.Pool(row, now),
        at=now.at,
        tiers=len(now.ranks),
        policy_from=now.policy_from,
    )
    found, is_new = _kept(row, kept, now)
    if kept.direct is not None:
        _keep_by_rule(row, kept.direct, found, now)
    elif kept.choice is not None:
        _offer(row, kept.choice, found, by=None, now=now)
    else:
        row.distribute_at = now.at + TRY_AGAIN
        row.save(update_fields=["distribute_at", "round", "updated_at"])
        if is_new:
            step(row, Kind.NO_CANDIDATE, now, by=by)
    return found


def _kept(lead: Lead, kept: Kept, now: Ground) -> tuple[Distribution, bool]:
    """What was looked at, and whether that is new: a try that found nobody takes the place of the one before that didn't either."""
    nobody = kept.choice is None and kept.direct is None
    before = lead.distributions.first() if nobody else None
    again = before if before and before.partner_id is None and before.kept["direct"] is None else None
    row = again or Distribution(lead=lead)
    row.at, row.rule, row.method, row.partner_id = now.at, kept.rule, kept.method.value, kept.choice
    row.slot = kept.candidates[0].slot if kept.candidates else ""
    row.kept = distribution.to_json(kept)
    row.save()
    return row, again is None


def _keep_by_rule(lead: Lead, person_id: int, found: Distribution, now: Ground) -> None:
    person = User.objects.filter(pk=person_id).first()
    if person is not None and reading.can_hold(person):
        _keep(lead, person, by=None, text=found.rule, now=now)
        return
    lead.distribute_at = None
    lead.save(update_fields=["distribute_at", "round", "updated_at"])
    step(
        lead,
        Kind.QUEUED,
        now,
        by=None,
        text=_("The person of the rule “%(rule)s” can’t hold leads.") % {"rule": found.rule},
    )


@transaction.atomic
def offer(*, by: User, lead: Lead, partner: Partner, at: dt.datetime | None = None) -> LeadOffer:
    """Offers a lead in the queue to a partner by hand; an open offer to another is withdrawn. Raises NoRoom, NotNow, and
    ValidationError for a partner in which nobody can accept leads."""
    need(by, Permission.EDIT_LEADS)
    one_at_a_time()
    row = locked(lead)
    _in_queue(row)
    now = ground_at(at)
    if not reading.can_answer(partner.pk):
        raise ValidationError({"partner": _("Nobody at this partner can accept leads yet: it needs a user who sells.")})
    there = open_offer(row)
    if there is not None and there.partner_id == partner.pk:
        return there
    if not reading.has_room(partner.pk, now):
        raise NoRoom(_("%(partner)s has no place free for another lead.") % {"partner": partner})
    if there is not None:
        _withdraw(row, there, _("Offered to somebody else."), by=by, now=now)
    return _offer(row, partner.pk, None, by=by, now=now)


def _offer(lead: Lead, partner_id: int, found: Distribution | None, *, by: User | None, now: Ground) -> LeadOffer:
    number = lead.offers.filter(round=lead.round).count() + 1
    row = LeadOffer(
        lead=lead,
        partner_id=partner_id,
        distribution=found,
        round=lead.round,
        number=number,
        offered_at=now.at,
        answer_by=now.of_partner(partner_id).add_working_days(now.at, now.policy.accept_days),
        offered_by=by,
    )
    row.save()
    lead.state, lead.distribute_at = State.OFFERED, None
    lead.save(update_fields=["state", "distribute_at", "round", "updated_at"])
    step(lead, Kind.OFFERED, now, by=by, partner_id=partner_id)
    telling.offered(row)
    events.send(LeadOffered(row.pk, partner_id))
    return row


@transaction.atomic
def withdraw(*, by: User, lead: Lead, reason: str, at: dt.datetime | None = None) -> Lead:
    """Takes an open offer back; the lead waits in the queue for a person. ValidationError without a reason; NotNow."""
    need(by, Permission.EDIT_LEADS)
    reason = need_reason(reason)
    row = locked(lead)
    there = open_offer(row)
    if there is None:
        raise NotNow(_("This lead isn’t offered to anybody."))
    _withdraw(row, there, reason, by=by, now=ground_at(at))
    row.state, row.distribute_at = State.NEW, None
    row.save(update_fields=["state", "distribute_at", "updated_at"])
    return row


def _withdraw(lead: Lead, there: LeadOffer, reason: str, *, by: User, now: Ground) -> None:
    end(there, LeadOffer.State.WITHDRAWN, now, by=by, reason=reason)
    step(lead, Kind.WITHDRAWN, now, by=by, partner_id=there.partner_id, text=reason)
    telling.withdrawn(there)
    events.send(LeadOfferEnded(there.pk, there.partner_id, there.state))


@transaction.atomic
def keep_direct(*, by: User, lead: Lead, person: User, reason: str = "", at: dt.datetime | None = None) -> Lead:
    """A person of the vendor takes a lead that is in the queue (an open offer is withdrawn, which needs a reason) or that another
    person of the vendor holds. Its clock for the first contact runs. ValidationError for a person who doesn't see leads; NotNow."""
    need(by, Permission.EDIT_LEADS)
    row = locked(lead)
    now = ground_at(at)
    if not reading.can_hold(person):
        raise ValidationError({"person": _("This person can’t hold leads.")})
    if row.holder == Holder.DIRECT and row.state in Lead.WORKED:
        return _hand_over(row, person, reason, by=by, now=now)
    _in_queue(row)
    if there := open_offer(row):
        _withdraw(row, there, need_reason(reason), by=by, now=now)
    return _keep(row, person, by=by, text=reason, now=now)


def _hand_over(lead: Lead, person: User, reason: str, *, by: User, now: Ground) -> Lead:
    """From one person of the vendor to another: clocks run on."""
    if lead.person_direct_id != person.pk:
        changes = {"person_direct": [lead.person_direct, person]}
        lead.person_direct = person
        lead.save(update_fields=["person_direct", "updated_at"])
        step(lead, Kind.KEPT_DIRECT, now, by=by, text=reason, changes=changes)
        telling.given_direct(lead)
    return lead


def _keep(lead: Lead, person: User, *, by: User | None, text: str, now: Ground) -> Lead:
    lead.holder, lead.person_direct = Holder.DIRECT, person
    hold(lead, now)
    lead.save()
    step(lead, Kind.KEPT_DIRECT, now, by=by, text=text)
    telling.given_direct(lead)
    return lead


@transaction.atomic
def put_back(*, by: User, lead: Lead, reason: str, at: dt.datetime | None = None) -> Lead:
    """Takes a lead from whoever holds and works on it into the queue, where it waits for a person. ValidationError without a
    reason; NotNow."""
    need(by, Permission.EDIT_LEADS)
    reason = need_reason(reason)
    row = locked(lead)
    if row.state not in Lead.WORKED:
        raise NotNow(_("Nobody works on this lead: %(state)s.") % {"state": row.get_state_display()})
    take_back(row, Kind.QUEUED, reason, by=by, now=ground_at(at), distribute_at=None)
    return row


def take_back(
    lead: Lead, kind: str, reason: str, *, by: User | None, now: Ground, distribute_at: dt.datetime | None
) -> None:
    """A held lead goes into the queue, and its offers count from the start."""
    partner_id = lead.partner_id
    if partner_id is not None:
        last = lead.offers.filter(partner=partner_id, state=LeadOffer.State.ACCEPTED, pulled_back_at=None)
        last.update(pulled_back_at=now.at)
    release(lead, distribute_at=distribute_at)
    lead.round += 1
    lead.save()
    step(lead, kind, now, by=by, partner_id=partner_id, text=reason)
    if partner_id is not None:
        telling.pulled_back(lead, partner_id)


def _in_queue(lead: Lead) -> None:
    if lead.state not in Lead.UNHELD:
        raise NotNow(_("This lead isn’t in the queue any more: %(state)s.") % {"state": lead.get_state_display()})
